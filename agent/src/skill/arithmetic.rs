//! Plain arithmetic, to know what a calculator's display must say.

/// Nesting of brackets and signs.
const DEPTH: u32 = 32;
/// The longest expression that is typed.
const CHARS: usize = 100;

/// As it is typed: with the calculator's own signs and no spaces. `None` where it is not plain
/// arithmetic.
pub(crate) fn keys(expression: &str) -> Option<String> {
    let typed: String = expression
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| match character {
            '×' | '·' | 'x' => '*',
            '÷' | ':' => '/',
            '−' | '–' => '-',
            other => other,
        })
        .collect();
    let plain = typed.chars().all(|c| c.is_ascii_digit() || "+-*/().".contains(c));
    (plain && typed.chars().count() <= CHARS && value(&typed).is_some()).then_some(typed)
}

/// What an expression comes to; `None` where it cannot be read or divides by zero.
pub(crate) fn value(expression: &str) -> Option<f64> {
    let mut rest = Rest { text: expression.as_bytes(), depth: 0 };
    let value = rest.sum()?;
    (rest.text.is_empty() && value.is_finite()).then_some(value)
}

/// Whether a display says this value, to the digits that it has room for.
pub(crate) fn displays(shown: &str, value: f64) -> bool {
    let near = |found: f64| (found - value).abs() <= value.abs().max(1e-3) * 1e-9;
    shown.trim().parse::<f64>().is_ok_and(near)
}

struct Rest<'a> {
    text: &'a [u8],
    depth: u32,
}

impl Rest<'_> {
    fn take(&mut self, wanted: &[u8]) -> Option<u8> {
        let first = *self.text.first().filter(|first| wanted.contains(first))?;
        self.text = &self.text[1..];
        Some(first)
    }

    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        while let Some(sign) = self.take(b"+-") {
            let next = self.product()?;
            value = if sign == b'+' { value + next } else { value - next };
        }
        Some(value)
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.factor()?;
        while let Some(sign) = self.take(b"*/") {
            let next = self.factor()?;
            value = if sign == b'*' { value * next } else { value / next };
        }
        Some(value)
    }

    fn factor(&mut self) -> Option<f64> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let value = if self.take(b"-").is_some() {
            self.factor().map(|value| -value)
        } else if self.take(b"(").is_some() {
            let value = self.sum()?;
            self.take(b")").map(|_| value)
        } else {
            self.number()
        };
        self.depth -= 1;
        value
    }

    fn number(&mut self) -> Option<f64> {
        let end = self.text.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.');
        let (digits, rest) = self.text.split_at(end.unwrap_or(self.text.len()));
        let value = std::str::from_utf8(digits).ok()?.parse().ok()?;
        self.text = rest;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_typed_and_known() {
        for (expression, expected) in [
            ("1290/8", Some(("1290/8", 161.25))),
            ("348 × 27", Some(("348*27", 9396.0))),
            ("2+3*4", Some(("2+3*4", 14.0))),
            ("(2+3)*-4", Some(("(2+3)*-4", -20.0))),
            ("-5+2", Some(("-5+2", -3.0))),
            ("10-4-3", Some(("10-4-3", 3.0))),
            ("1/0", None),
            ("2+", None),
            ("rm -rf", None),
            ("1..2", None),
            ("(1", None),
            ("2^10", None),
        ] {
            let found = keys(expression).and_then(|typed| value(&typed).map(|v| (typed, v)));
            let found = found.as_ref().map(|(typed, value)| (typed.as_str(), *value));
            assert_eq!(found, expected, "{expression}");
        }
        assert_eq!(value(&"(".repeat(10_000)), None);
    }

    #[test]
    fn a_display_is_believed_to_its_digits() {
        for (shown, value, expected) in [
            ("161.25", 161.25, true),
            ("0.333333333333", 1.0 / 3.0, true),
            ("8.07803696353e+13", 8.07803696353e13, true),
            ("27", 9396.0, false),
            ("", 0.0, false),
            ("0", 0.0, true),
        ] {
            assert_eq!(displays(shown, value), expected, "{shown}");
        }
    }
}
