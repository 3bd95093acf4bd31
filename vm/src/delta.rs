//! A running machine's state, without the memory it shares with its template.
//!
//! QEMU sends all of a machine's memory with its state, for it does not know that a clone's is a
//! private view of a file. What it sends is passed through here, and every page that is in the
//! file as it is now is left out. What remains is a stream like any other: a machine whose memory
//! is a fresh view of that file takes it in, page by page, over what the file has.
//!
//! ```text
//!   header ─▶ configuration ─▶ "ram" starts: its blocks ─▶ pages … ─▶ "ram" ends ─▶ devices, as they are
//! ```
//!
//! The format is that of QEMU 2.4 to 9 (`migration/savevm.c`, `migration/ram.c`), with the
//! capability `x-ignore-shared`. QEMU may be in its guest's hands: every length is bounded.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

pub(crate) const PAGE_BYTES: usize = 4096;

/// The block that the template's file is.
const MEMORY: &[u8] = b"pc.ram";

const MAGIC: [u8; 8] = *b"QEVM\0\0\0\x03";

const SECTION_START: u8 = 1;
const SECTION_PART: u8 = 2;
const SECTION_END: u8 = 3;
const SUBSECTION: u8 = 5;
const CONFIGURATION: u8 = 7;
const FOOTER: u8 = 0x7e;

const FLAGS: u64 = PAGE_BYTES as u64 - 1;
const ZERO: u64 = 0x02;
const SIZES: u64 = 0x04;
const PAGE: u64 = 0x08;
const END: u64 = 0x10;
const SAME_BLOCK: u64 = 0x20;

/// Memory has fewer blocks, and a configuration fewer capabilities.
const ENTRIES_MAX: usize = 1024;

/// Names within the configuration.
const NAME_BYTES_MAX: u64 = 1024;

/// All devices together: a few megabytes.
const DEVICES_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// A pipe holds as much.
const BUFFER_BYTES: usize = 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub(crate) enum DeltaError {
    #[error("the machine's state cannot be read or written")]
    Io(#[from] io::Error),
    #[error("the machine's state is of a form that is not known: {what}")]
    Form { what: String },
}

/// What came through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Pages of memory that differ from the file, those that are zero now among them.
    pub(crate) differing: u64,
    pub(crate) same: u64,
}

/// Passes a state on without the pages that `base`, the template's memory, has too.
pub(crate) fn pass(from: impl Read, to: impl Write, base: &[u8]) -> Result<Passed, DeltaError> {
    let mut sieve = Sieve {
        from: BufReader::with_capacity(BUFFER_BYTES, from),
        to: BufWriter::with_capacity(BUFFER_BYTES, to),
        base,
        block: Vec::new(),
        passed: Passed::default(),
    };
    sieve.run()?;
    sieve.to.flush()?;
    Ok(sieve.passed)
}

struct Sieve<'a, R: Read, W: Write> {
    from: BufReader<R>,
    to: BufWriter<W>,
    base: &'a [u8],
    /// That of the last page read.
    block: Vec<u8>,
    passed: Passed,
}

impl<R: Read, W: Write> Sieve<'_, R, W> {
    fn run(&mut self) -> Result<(), DeltaError> {
        let magic = self.take::<8>()?;
        if magic != MAGIC {
            return Err(form(format!("it starts with {magic:02x?}")));
        }
        loop {
            match self.take::<1>()?[0] {
                CONFIGURATION => self.configuration()?,
                SECTION_START => self.start()?,
                SECTION_PART => self.pages()?,
                SECTION_END => {
                    self.pages()?;
                    return self.devices();
                }
                other => return Err(form(format!("a section of kind {other}"))),
            }
        }
    }

    fn devices(&mut self) -> Result<(), DeltaError> {
        let mut rest = (&mut self.from).take(DEVICES_BYTES_MAX);
        match io::copy(&mut rest, &mut self.to)? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            DEVICES_BYTES_MAX => Err(form("devices without end".into())),
            _ => Ok(()),
        }
    }

    fn configuration(&mut self) -> Result<(), DeltaError> {
        let length = u32::from_be_bytes(self.take()?);
        self.pass_on(length.into())?;
        for _ in 0..ENTRIES_MAX {
            if self.from.fill_buf()?.first() != Some(&SUBSECTION) {
                return Ok(());
            }
            self.take::<1>()?;
            let name = self.name()?;
            if !name.ends_with(b"/capabilities") {
                return Err(form(format!("a part `{}`", String::from_utf8_lossy(&name))));
            }
            let _version = self.take::<4>()?;
            let count = u32::from_be_bytes(self.take()?) as usize;
            for _ in 0..count.min(ENTRIES_MAX) {
                self.name()?;
            }
        }
        Err(form("a configuration without end".into()))
    }

    fn start(&mut self) -> Result<(), DeltaError> {
        let _section = self.take::<4>()?;
        let name = self.name()?;
        if name != b"ram" {
            return Err(form(format!("a section `{}`", String::from_utf8_lossy(&name))));
        }
        let _instance_and_version = self.take::<8>()?;
        let sizes = u64::from_be_bytes(self.take()?);
        if sizes & FLAGS != SIZES {
            return Err(form(format!("sizes that begin with {sizes:#x}")));
        }
        let mut left = sizes & !FLAGS;
        for _ in 0..ENTRIES_MAX {
            if left == 0 {
                break;
            }
            let name = self.name()?;
            let length = u64::from_be_bytes(self.take()?);
            let _address = self.take::<8>()?;
            if name == MEMORY && length != self.base.len() as u64 {
                return Err(form(format!("memory of {length} bytes")));
            }
            left = left.checked_sub(length).ok_or_else(|| form("sizes that differ".into()))?;
        }
        match u64::from_be_bytes(self.take()?) {
            END => self.footer(),
            other => Err(form(format!("{other:#x} after the sizes"))),
        }
    }

    fn pages(&mut self) -> Result<(), DeltaError> {
        let _section = self.take::<4>()?;
        // What the reader of our stream believes the last block to be.
        let mut said: Option<Vec<u8>> = None;
        loop {
            let head = u64::from_be_bytes(self.read()?);
            let (flags, offset) = (head & FLAGS, head & !FLAGS);
            if flags & END != 0 {
                self.to.write_all(&END.to_be_bytes())?;
                return self.footer();
            }
            if flags & SAME_BLOCK == 0 {
                let length = self.read::<1>()?[0];
                self.block.resize(length.into(), 0);
                self.from.read_exact(&mut self.block)?;
            }
            let mut page = [0; PAGE_BYTES];
            let content: &[u8] = match flags & !SAME_BLOCK {
                PAGE => {
                    self.from.read_exact(&mut page)?;
                    &page
                }
                ZERO => {
                    page[0] = self.read::<1>()?[0];
                    &page[..1]
                }
                other => return Err(form(format!("a page with {other:#x}"))),
            };
            if self.is_in_base(offset, content)? {
                continue;
            }
            let is_same = said.as_ref() == Some(&self.block);
            let flags = (flags & !SAME_BLOCK) | if is_same { SAME_BLOCK } else { 0 };
            self.to.write_all(&(offset | flags).to_be_bytes())?;
            if !is_same {
                self.to.write_all(&[self.block.len() as u8])?;
                self.to.write_all(&self.block)?;
                said = Some(self.block.clone());
            }
            self.to.write_all(content)?;
        }
    }

    /// Whether a page, or the one byte that fills it, is what the file has at this place.
    fn is_in_base(&mut self, offset: u64, content: &[u8]) -> Result<bool, DeltaError> {
        if self.block != MEMORY {
            return Ok(false);
        }
        let outside = || form(format!("a page at {offset:#x}"));
        let start = usize::try_from(offset).map_err(|_| outside())?;
        let end = start.checked_add(PAGE_BYTES).ok_or_else(outside)?;
        let base = self.base.get(start..end).ok_or_else(outside)?;
        let is_same = match content {
            [byte] => base == [*byte; PAGE_BYTES],
            page => page == base,
        };
        *(if is_same { &mut self.passed.same } else { &mut self.passed.differing }) += 1;
        Ok(is_same)
    }

    fn footer(&mut self) -> Result<(), DeltaError> {
        if self.from.fill_buf()?.first() == Some(&FOOTER) {
            self.take::<5>()?;
        }
        Ok(())
    }

    fn name(&mut self) -> Result<Vec<u8>, DeltaError> {
        let length = self.take::<1>()?[0];
        let mut name = vec![0; length.into()];
        self.from.read_exact(&mut name)?;
        self.to.write_all(&name)?;
        Ok(name)
    }

    fn pass_on(&mut self, length: u64) -> Result<(), DeltaError> {
        if length > NAME_BYTES_MAX {
            return Err(form(format!("a name of {length} bytes")));
        }
        match io::copy(&mut (&mut self.from).take(length), &mut self.to)? {
            passed if passed == length => Ok(()),
            _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }

    fn read<const N: usize>(&mut self) -> Result<[u8; N], DeltaError> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads and passes on.
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DeltaError> {
        let bytes = self.read()?;
        self.to.write_all(&bytes)?;
        Ok(bytes)
    }
}

fn form(what: String) -> DeltaError {
    DeltaError::Form { what }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGES: usize = 4;

    /// A stream with these records of pages: block, page, content.
    fn stream(pages: &[(&str, u64, Content)]) -> Vec<u8> {
        let named = |name: &str| [&[name.len() as u8], name.as_bytes()].concat();
        let mut all = MAGIC.to_vec();
        all.push(CONFIGURATION);
        all.extend([&2_u32.to_be_bytes()[..], b"pc"].concat());
        all.push(SUBSECTION);
        all.extend(named("configuration/capabilities"));
        all.extend([1_u32, 1].map(u32::to_be_bytes).concat());
        all.extend(named("x-ignore-shared"));
        all.extend([&[SECTION_START], &2_u32.to_be_bytes()[..], &named("ram")].concat());
        all.extend([0_u32, 4].map(u32::to_be_bytes).concat());
        let memory = (PAGES * PAGE_BYTES) as u64;
        all.extend(((memory + PAGE_BYTES as u64) | SIZES).to_be_bytes());
        for (name, length) in [("pc.ram", memory), ("vga.vram", PAGE_BYTES as u64)] {
            all.extend(named(name));
            all.extend([length, 0].map(u64::to_be_bytes).concat());
        }
        let end = [&END.to_be_bytes()[..], &[FOOTER], &2_u32.to_be_bytes()].concat();
        all.extend(&end);
        all.extend([&[SECTION_END], &2_u32.to_be_bytes()[..]].concat());
        let mut last = "";
        for (block, page, content) in pages {
            let same = if *block == last { SAME_BLOCK } else { 0 };
            let kind = if matches!(content, Content::Zero) { ZERO } else { PAGE };
            all.extend(((page * PAGE_BYTES as u64) | kind | same).to_be_bytes());
            if same == 0 {
                all.extend(named(block));
            }
            match content {
                Content::Zero => all.push(0),
                Content::All(byte) => all.extend([*byte; PAGE_BYTES]),
            }
            last = block;
        }
        all.extend(&end);
        all.extend(b"devices");
        all
    }

    #[derive(Clone, Copy, Debug)]
    enum Content {
        Zero,
        All(u8),
    }

    use Content::{All, Zero};

    /// Memory whose pages are filled with their own numbers.
    fn base() -> Vec<u8> {
        (0..PAGES as u8).flat_map(|page| [page; PAGE_BYTES]).collect()
    }

    #[test]
    fn only_what_the_file_has_not_comes_through() {
        let check = |pages: &[_], expected: &[_], differing| {
            let mut out = Vec::new();
            let passed = pass(&stream(pages)[..], &mut out, &base()).expect("it is understood");
            assert!(out == stream(expected), "{pages:?}");
            assert_eq!(passed.differing, differing, "{pages:?}");
        };
        check(&[], &[], 0);
        check(&[("pc.ram", 0, Zero), ("pc.ram", 1, All(1)), ("pc.ram", 2, All(2))], &[], 0);
        check(&[("pc.ram", 1, All(9)), ("pc.ram", 2, All(2))], &[("pc.ram", 1, All(9))], 1);
        check(&[("pc.ram", 3, Zero)], &[("pc.ram", 3, Zero)], 1);
        let screen = [("vga.vram", 0, All(1)), ("pc.ram", 0, Zero), ("pc.ram", 2, All(7))];
        check(&screen, &[screen[0], screen[2]], 1);
        let between = [("pc.ram", 1, All(8)), ("pc.ram", 2, All(2)), ("pc.ram", 3, All(8))];
        check(&between, &[between[0], between[2]], 2);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let whole = stream(&[("pc.ram", 1, All(9))]);
        let check = |stream: &[u8], base: &[u8], expected: &str| {
            let error = pass(stream, io::sink(), base).expect_err(expected);
            assert!(error.to_string().contains(expected), "{error}");
        };
        check(b"QEVM\0\0\0\x04", &base(), "it starts with");
        check(&whole, &base()[PAGE_BYTES..], "memory of 16384 bytes");
        check(&stream(&[("pc.ram", 4, All(9))]), &base(), "a page at 0x4000");
        for length in 0..=whole.len() - b"devices".len() {
            assert!(pass(&whole[..length], io::sink(), &base()).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_taken_or_refused(at in 8_usize..200, junk: Vec<u8>) {
            let mut all = stream(&[("pc.ram", 1, All(9)), ("pc.ram", 3, Zero)]);
            let at = at.min(all.len());
            let end = (at + junk.len()).min(all.len());
            all.splice(at..end, junk);
            let mut out = Vec::new();
            let _ = pass(&all[..], &mut out, &base());
            prop_assert!(out.len() <= all.len() + 16);
        }
    }
}
