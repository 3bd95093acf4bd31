//! Which key code gives which symbol. What the layout lacks is put on keys that mean nothing, and
//! taken away again.

use std::collections::HashMap;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::gone;
use crate::desktop::DesktopError;
use crate::keys::Key;

const NO_SYMBOL: u32 = 0;
/// Keysyms of characters beyond Latin-1 are their code points with this bit.
const UNICODE: u32 = 0x0100_0000;

pub(super) struct Keyboard {
    /// Key code and whether Shift is needed, for each symbol.
    layout: HashMap<u32, (u8, bool)>,
    spare: Vec<u8>,
    /// Symbols that were put on spare keys.
    lent: HashMap<u32, u8>,
    per_code: u8,
}

impl Keyboard {
    pub(super) fn read(connection: &RustConnection) -> Result<Self, DesktopError> {
        let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
        let count = last - first + 1;
        let asked = connection.get_keyboard_mapping(first, count).map_err(gone)?;
        let mapping = asked.reply().map_err(gone)?;
        let per_code = mapping.keysyms_per_keycode.max(1);
        let (mut layout, mut spare) = (HashMap::new(), Vec::new());
        for (code, symbols) in (first..=last).zip(mapping.keysyms.chunks(per_code.into())) {
            if symbols.iter().all(|symbol| *symbol == NO_SYMBOL) {
                spare.push(code);
            }
            for (symbol, shifted) in symbols.iter().take(2).zip([false, true]) {
                if *symbol != NO_SYMBOL {
                    layout.entry(*symbol).or_insert((code, shifted));
                }
            }
        }
        Ok(Self { layout, spare, lent: HashMap::new(), per_code })
    }

    pub(super) fn shift(&self) -> u8 {
        let shift = Key::named("Shift").expect("the table has Shift").keysym;
        self.layout.get(&shift).map_or(50, |(code, _)| *code)
    }

    /// Key code and Shift for each symbol, in order.
    pub(super) fn codes(
        &mut self,
        connection: &RustConnection,
        keysyms: &[u32],
    ) -> Result<Vec<(u8, bool)>, DesktopError> {
        let mut codes = Vec::with_capacity(keysyms.len());
        for keysym in keysyms {
            let known = self.layout.get(keysym).copied();
            let lent = || self.lent.get(keysym).map(|code| (*code, false));
            codes.push(match known.or_else(lent) {
                Some(code) => code,
                None => (self.lend(connection, *keysym)?, false),
            });
        }
        connection.sync().map_err(gone)?;
        Ok(codes)
    }

    fn lend(&mut self, connection: &RustConnection, keysym: u32) -> Result<u8, DesktopError> {
        let character = char::from_u32(keysym & !UNICODE).unwrap_or('\u{fffd}');
        let code = self.spare.pop().ok_or(DesktopError::NoKey { character })?;
        self.lent.insert(keysym, code);
        self.map(connection, code, keysym)?;
        Ok(code)
    }

    fn map(&self, connection: &RustConnection, code: u8, keysym: u32) -> Result<(), DesktopError> {
        let symbols = vec![keysym; self.per_code.into()];
        let sent = connection.change_keyboard_mapping(1, code, self.per_code, &symbols);
        sent.map_err(gone)?.check().map_err(gone)
    }

    /// Makes all spare keys mean nothing again.
    pub(super) fn restore(&mut self, connection: &RustConnection) -> Result<(), DesktopError> {
        for (_, code) in std::mem::take(&mut self.lent) {
            self.map(connection, code, NO_SYMBOL)?;
            self.spare.push(code);
        }
        connection.sync().map_err(gone)
    }
}

/// The symbol of a character; control characters other than line end and tab have none.
pub(super) fn keysym(character: char) -> Result<u32, DesktopError> {
    match character {
        '\n' | '\t' => {
            let stroke = Key::stroke(character).expect("the table has Return and Tab");
            Ok(stroke.key.keysym)
        }
        ' '..='~' | '\u{a0}'..='\u{ff}' => Ok(character.into()),
        _ if character.is_control() => Err(DesktopError::NoKey { character }),
        _ => Ok(UNICODE | u32::from(character)),
    }
}
