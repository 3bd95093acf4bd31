//! Which key gives which symbol, and the keys that are lent to what the layout has not.
//!
//! All keys of a piece change in one request: after every change the window manager and the
//! settings' daemon grab all their shortcuts anew, which is what typing costs.

use std::collections::{HashMap, HashSet};

use x11rb::{
    protocol::xkb::{ConnectionExt as _, ID, KeySymMap, MapPart, SetMapAux, SetMapFlags, VMod},
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::{RETURN, TAB, TypeError, UNICODE};

const NO_SYMBOL: u32 = 0;

/// How many groups of symbols a key has stands in these bits of its `group_info`.
const GROUP_COUNT: u8 = 0x0f;

/// Of a key that gives the same whatever is held with it; the server has it by itself.
const ONE_LEVEL: u8 = 0;

#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The code of the first of `rows`.
    first: u8,
    /// What each key means, one after the other.
    rows: Vec<KeySymMap>,
    /// Key code and whether Shift is needed, for each symbol of the layout's own.
    own: HashMap<u32, (u8, bool)>,
    /// Keys that mean nothing.
    free: Vec<u8>,
    /// What was lent a key.
    lent: HashMap<u32, u8>,
}

impl Layout {
    /// As the server has it now: somebody may have changed it.
    pub(super) fn read(&mut self, connection: &RustConnection) -> Result<(), TypeError> {
        let keyboard = u16::from(ID::USE_CORE_KBD);
        let state = connection.xkb_get_state(keyboard)?.reply()?;
        let none = MapPart::default();
        let asked = connection.xkb_get_map(
            keyboard,
            MapPart::KEY_SYMS,
            none,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            VMod::default(),
            0,
            0,
            0,
            0,
            0,
            0,
        )?;
        let map = asked.reply()?;
        self.take_in(map.first_key_sym, map.map.syms_rtrn.unwrap_or_default(), state.group.into());
        Ok(())
    }

    /// `group` is the one of up to four layouts that is in force.
    fn take_in(&mut self, first: u8, rows: Vec<KeySymMap>, group: u8) {
        let lent_before: HashMap<u8, u32> =
            self.lent.drain().map(|(symbol, code)| (code, symbol)).collect();
        (self.own, self.free) = (HashMap::new(), Vec::new());
        for (code, row) in (first..=u8::MAX).zip(&rows) {
            let mut meanings = row.syms.iter().copied().filter(|symbol| *symbol != NO_SYMBOL);
            let Some(symbol) = meanings.next() else {
                self.free.push(code);
                continue;
            };
            let is_only = meanings.all(|other| other == symbol);
            if is_only && (lent_before.get(&code) == Some(&symbol) || is_lent(symbol)) {
                self.lent.insert(symbol, code);
                continue;
            }
            for (symbol, shifted) in in_force(row, group).iter().take(2).zip([false, true]) {
                if *symbol != NO_SYMBOL {
                    self.own.entry(*symbol).or_insert((code, shifted));
                }
            }
        }
        (self.first, self.rows) = (first, rows);
    }

    pub(super) fn code(&self, symbol: u32) -> Option<(u8, bool)> {
        let lent = || self.lent.get(&symbol).map(|code| (*code, false));
        self.own.get(&symbol).copied().or_else(lent)
    }

    /// How many of the symbols can be typed before keys have to change their meaning.
    pub(super) fn piece(&self, symbols: &[u32], at_most: usize) -> Result<usize, TypeError> {
        let room = self.free.len() + self.lent.len();
        let mut needed = HashSet::new();
        for (at, symbol) in symbols.iter().take(at_most).enumerate() {
            if !self.own.contains_key(symbol) {
                needed.insert(*symbol);
            }
            if needed.len() > room {
                let none_free = || TypeError::NoneFree { character: character(*symbol) };
                return if at == 0 { Err(none_free()) } else { Ok(at) };
            }
        }
        Ok(symbols.len().min(at_most))
    }

    /// Lends a key to each symbol of a [piece](Self::piece) that has none; the keys' former
    /// meanings must have been read.
    pub(super) fn lend(
        &mut self,
        connection: &RustConnection,
        piece: &[u32],
    ) -> Result<(), TypeError> {
        let lent = self.assign(piece);
        self.change(connection, &lent)
    }

    pub(super) fn give_back(&mut self, connection: &RustConnection) -> Result<(), TypeError> {
        let codes: Vec<u8> = self.lent.drain().map(|(_, code)| code).collect();
        let nothing: Vec<_> = codes.iter().map(|code| (*code, NO_SYMBOL)).collect();
        self.free.extend(codes);
        self.change(connection, &nothing)
    }

    fn assign(&mut self, piece: &[u32]) -> Vec<(u8, u32)> {
        let needed: HashSet<u32> = piece.iter().copied().collect();
        let mut back: Vec<u32> =
            self.lent.keys().copied().filter(|symbol| !needed.contains(symbol)).collect();
        let mut assigned = Vec::new();
        for symbol in needed {
            if self.code(symbol).is_some() {
                continue;
            }
            let mut taken_back = || back.pop().and_then(|symbol| self.lent.remove(&symbol));
            let code = self.free.pop().or_else(&mut taken_back).expect("a piece fits the keys");
            self.lent.insert(symbol, code);
            assigned.push((code, symbol));
        }
        assigned
    }

    /// In one request for all keys from the first that changes to the last; those between them are
    /// said again as they are.
    fn change(&mut self, connection: &RustConnection, keys: &[(u8, u32)]) -> Result<(), TypeError> {
        for (code, symbol) in keys {
            self.rows[usize::from(code - self.first)] = row(*symbol);
        }
        let codes = || keys.iter().map(|(code, _)| *code);
        let (Some(from), Some(to)) = (codes().min(), codes().max()) else { return Ok(()) };
        let rows = &self.rows[usize::from(from - self.first)..=usize::from(to - self.first)];
        let total = rows.iter().map(|row| row.syms.len()).sum::<usize>();
        let total = u16::try_from(total).expect("255 keys have few symbols");
        connection
            .xkb_set_map(
                ID::USE_CORE_KBD.into(),
                SetMapFlags::default(),
                self.first,
                u8::MAX,
                0,
                0,
                from,
                to - from + 1,
                total,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                VMod::default(),
                &SetMapAux::new().syms(rows.to_vec()),
            )?
            .check()?;
        Ok(connection.sync()?)
    }
}

/// A key that means this and nothing else.
fn row(symbol: u32) -> KeySymMap {
    let kt_index = [ONE_LEVEL; 4];
    match symbol {
        NO_SYMBOL => KeySymMap { kt_index, group_info: 0, width: 0, syms: Vec::new() },
        symbol => KeySymMap { kt_index, group_info: 1, width: 1, syms: vec![symbol] },
    }
}

/// The key's symbols, level by level, with that layout in force; a key that lacks it wraps round.
fn in_force(row: &KeySymMap, group: u8) -> &[u32] {
    let (count, width) = (row.group_info & GROUP_COUNT, usize::from(row.width));
    let group = usize::from(group.checked_rem(count).unwrap_or(0));
    row.syms.get(group * width..(group + 1) * width).unwrap_or_default()
}

/// No layout has a key that is one of these and nothing else; this program may have, in an earlier
/// life.
fn is_lent(symbol: u32) -> bool {
    symbol & UNICODE != 0 || (0xa0..=0xff).contains(&symbol)
}

fn character(symbol: u32) -> char {
    match symbol {
        RETURN => '\n',
        TAB => '\t',
        _ => char::from_u32(symbol & !UNICODE).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u8 = 36;
    const A: u32 = 0x61;
    const BIG_A: u32 = 0x41;
    const CYRILLIC: u32 = 0x6c1;
    const SYMBOLS: [u32; 4] = [0x0100_4e00, 0x0100_4e01, 0x0100_4e02, 0x0100_4e03];

    /// Return, a letter in two groups, and two keys that mean nothing.
    fn rows() -> Vec<KeySymMap> {
        let letter = KeySymMap {
            kt_index: [2, 2, 0, 0],
            group_info: 2,
            width: 2,
            syms: vec![A, BIG_A, CYRILLIC, CYRILLIC + 0x20],
        };
        vec![row(RETURN), letter, row(NO_SYMBOL), row(NO_SYMBOL)]
    }

    fn layout(rows: Vec<KeySymMap>, group: u8) -> Layout {
        let mut layout = Layout::default();
        layout.take_in(FIRST, rows, group);
        layout
    }

    #[test]
    fn own_keys_come_first_and_the_rest_is_lent_in_pieces() {
        let mut layout = layout(rows(), 0);
        assert_eq!(layout.code(BIG_A), Some((37, true)));
        assert_eq!(layout.code(SYMBOLS[0]), None);
        let text = [A, SYMBOLS[0], SYMBOLS[1], SYMBOLS[0], A, SYMBOLS[2], A];
        assert_eq!(layout.piece(&text, 100).unwrap(), 5);
        assert_eq!(layout.piece(&text, 2).unwrap(), 2);
        assert_eq!(layout.assign(&text[..5]).len(), 2);
        // One of the two changes its owner, the other is still needed.
        let lent = layout.assign(&[SYMBOLS[0], SYMBOLS[2]]);
        assert_eq!(lent.iter().map(|(_, symbol)| *symbol).collect::<Vec<_>>(), [SYMBOLS[2]]);
        assert!(layout.code(SYMBOLS[0]).is_some() && layout.code(SYMBOLS[1]).is_none());
    }

    #[test]
    fn without_a_free_key_the_character_is_named() {
        let error = layout(rows()[..2].to_vec(), 0).piece(&[SYMBOLS[0]], 9).unwrap_err();
        assert_eq!(error.to_string(), "the keyboard's layout leaves no key free for `一`");
    }

    #[test]
    fn keys_lent_in_an_earlier_life_are_taken_for_what_they_are() {
        let mut layout = layout(vec![row(SYMBOLS[3]), row(0xe9)], 0);
        assert_eq!(layout.code(SYMBOLS[3]), Some((FIRST, false)));
        assert_eq!(layout.assign(&[SYMBOLS[0], SYMBOLS[1]]).len(), 2);
    }

    #[test]
    fn the_layout_in_force_counts() {
        for (group, a, cyrillic) in [(0, Some(37), None), (1, None, Some(37)), (2, Some(37), None)]
        {
            let layout = layout(rows(), group);
            let code = |symbol| layout.code(symbol).map(|(code, _)| code);
            assert_eq!((code(A), code(CYRILLIC)), (a, cyrillic), "{group}");
            assert_eq!(code(RETURN), Some(36), "a key of one group is the same in all");
        }
    }
}
