//! Reads the numbers and texts of a header, and never past its end.

use super::Value;

const TEXT_MAX: u64 = 1 << 24;
const ARRAY_MAX: u64 = 1 << 24;
/// Lists longer than this are nothing that is asked for, but for those of a tokenizer.
const KEPT_MAX: u64 = 4096;
/// Words or merges of one tokenizer.
const WORDS_MAX: u64 = 1 << 21;
const DEPTH_MAX: usize = 4;
/// What begins the keys of a tokenizer.
const OF_TOKENIZER: &str = "tokenizer.";

pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(len).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| format!("it ends after {} bytes", self.bytes.len()))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        Ok(self.take(N)?.try_into().expect("as many as were taken"))
    }

    pub(super) fn u32(&mut self) -> Result<u32, String> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, String> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn count(&mut self, what: &str, most: u64) -> Result<u64, String> {
        let count = self.u64()?;
        let fits = count <= most;
        if fits { Ok(count) } else { Err(format!("it claims {count} {what}")) }
    }

    pub(super) fn text(&mut self) -> Result<String, String> {
        let len = self.count("bytes of text", TEXT_MAX)?;
        let bytes = self.take(usize::try_from(len).expect("bounded above"))?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn value(&mut self, key: &str) -> Result<Value, String> {
        let kind = self.u32()?;
        let kept = if key.starts_with(OF_TOKENIZER) { WORDS_MAX } else { KEPT_MAX };
        self.value_of(kind, kept, 0)
    }

    fn value_of(&mut self, kind: u32, kept: u64, depth: usize) -> Result<Value, String> {
        Ok(match kind {
            0 => Value::Int(i128::from(self.array::<1>()?[0])),
            1 => Value::Int(i128::from(i8::from_le_bytes(self.array()?))),
            2 => Value::Int(i128::from(u16::from_le_bytes(self.array()?))),
            3 => Value::Int(i128::from(i16::from_le_bytes(self.array()?))),
            4 => Value::Int(i128::from(self.u32()?)),
            5 => Value::Int(i128::from(i32::from_le_bytes(self.array()?))),
            6 => Value::Float(f64::from(f32::from_le_bytes(self.array()?))),
            7 => Value::Bool(self.array::<1>()?[0] != 0),
            8 => Value::Text(self.text()?),
            9 if depth < DEPTH_MAX => self.list(kept, depth)?,
            10 => Value::Int(i128::from(self.u64()?)),
            11 => Value::Int(i128::from(i64::from_le_bytes(self.array()?))),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            other => return Err(format!("a value of an unknown type {other}")),
        })
    }

    fn list(&mut self, kept: u64, depth: usize) -> Result<Value, String> {
        let kind = self.u32()?;
        let len = self.count("values in one list", ARRAY_MAX)?;
        let (mut ints, mut floats, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..len {
            match self.value_of(kind, kept, depth + 1)? {
                Value::Int(value) if len <= kept => ints.push(value),
                Value::Float(value) if len <= kept => floats.push(value),
                Value::Text(value) if len <= kept => texts.push(value),
                _ => {}
            }
        }
        Ok(if !ints.is_empty() {
            Value::Ints(ints)
        } else if !floats.is_empty() {
            Value::Floats(floats)
        } else if !texts.is_empty() {
            Value::Texts(texts)
        } else {
            Value::Other(len)
        })
    }
}
