//! The bytes of an answer's body. Most are short, and there are many: those cost no memory of their
//! own.

use std::ops::Deref;

/// A role, states, a rectangle, most names.
const SHORT_BYTES: usize = 54;

pub(crate) enum Body {
    Short { bytes: [u8; SHORT_BYTES], length: u8 },
    Long(Box<[u8]>),
}

impl From<&[u8]> for Body {
    fn from(body: &[u8]) -> Self {
        let mut bytes = [0; SHORT_BYTES];
        match (bytes.get_mut(..body.len()), u8::try_from(body.len())) {
            (Some(start), Ok(length)) => {
                start.copy_from_slice(body);
                Self::Short { bytes, length }
            }
            _ => Self::Long(body.into()),
        }
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short { bytes, length } => &bytes[..usize::from(*length)],
            Self::Long(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_came() {
        for length in [0, 1, SHORT_BYTES - 1, SHORT_BYTES, SHORT_BYTES + 1, 300, 70_000] {
            let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
            assert_eq!(*Body::from(&bytes[..]), bytes);
        }
    }
}
