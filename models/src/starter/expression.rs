//! Sums as people say them, made plain: `1,200 divided by eight` is `1200/8`.

use crate::starter::number;

/// Pieces of a sum; nothing a person says is longer.
const MAX_PIECES: usize = 64;
const MAX_NESTING: usize = 16;

/// The sum in digits, `+ - * /`, points and brackets, or nothing if it is not one.
pub(crate) fn plain(said: &str) -> Option<String> {
    let pieces = pieces(said)?;
    // `one hundred and five` is one number unless the sum only works with two.
    [true, false].into_iter().find_map(|and_joins| {
        let mut parser = Parser { pieces: &pieces, at: 0, and_joins, nesting: 0 };
        let sum = parser.said()?;
        (parser.at == pieces.len()).then_some(sum)
    })
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Number(String),
    Word(String),
    Sign(char),
}

fn pieces(said: &str) -> Option<Vec<Piece>> {
    let lower = said.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let run = |keep: fn(char) -> bool| chars[at..].iter().take_while(|&&c| keep(c)).count();
        let mut length = 1;
        match c {
            ' ' | '-' if joins_words(&chars, at) => {}
            c if c.is_whitespace() => {}
            '0'..='9' | '.' => {
                length = run(|c| c.is_ascii_digit() || c == '.' || c == ',');
                let mut text: String = chars[at..at + length].iter().collect();
                while text.ends_with([',', '.']) {
                    text.pop();
                    length -= 1;
                }
                found.push(Piece::Number(digits(&text)?));
            }
            'a'..='z' => {
                length = run(|c| c.is_ascii_lowercase());
                found.push(Piece::Word(chars[at..at + length].iter().collect()));
            }
            '×' | '*' | '·' => found.push(Piece::Sign('*')),
            '÷' | '/' | ':' => found.push(Piece::Sign('/')),
            '−' | '–' | '-' => found.push(Piece::Sign('-')),
            '+' | '(' | ')' | '%' | ',' => found.push(Piece::Sign(c)),
            '=' | '?' if chars[at..].iter().all(|c| "=? ".contains(*c)) => {}
            _ => return None,
        }
        at += length.max(1);
    }
    (found.len() <= MAX_PIECES).then_some(found)
}

/// The hyphen of `forty-two`.
fn joins_words(chars: &[char], at: usize) -> bool {
    let letter =
        |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(char::is_ascii_lowercase);
    chars[at] == '-' && letter(at.checked_sub(1)) && letter(Some(at + 1))
}

/// A number without its thousands commas, if they stand where they may.
fn digits(text: &str) -> Option<String> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let commas_fit = groups.len() == 1
        || (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|g| g.len() == 3);
    let rest_fits = rest.chars().all(|c| c.is_ascii_digit());
    let number = if rest.is_empty() {
        groups.concat()
    } else {
        let whole = groups.concat();
        format!("{}.{rest}", if whole.is_empty() { "0" } else { &whole })
    };
    (commas_fit && rest_fits && !number.is_empty()).then_some(number)
}

struct Parser<'a> {
    pieces: &'a [Piece],
    at: usize,
    /// Whether `hundred and five` reads on after its `and`.
    and_joins: bool,
    nesting: usize,
}

impl Parser<'_> {
    fn word(&mut self, among: &[&str]) -> Option<usize> {
        let Piece::Word(word) = self.pieces.get(self.at)? else { return None };
        let found = among.iter().position(|w| w == word)?;
        self.at += 1;
        Some(found)
    }

    fn sign(&mut self, among: &[char]) -> Option<char> {
        let Piece::Sign(sign) = *self.pieces.get(self.at)? else { return None };
        among.contains(&sign).then(|| self.at += 1)?;
        Some(sign)
    }

    /// `the sum of …`, `divide … by …`, or a plain chain.
    fn said(&mut self) -> Option<String> {
        self.word(&["the"]);
        let start = self.at;
        for form in [Self::list, Self::pair, Self::multiple] {
            if let Some(sum) = form(self) {
                return self.chain_from(sum);
            }
            self.at = start;
        }
        self.chain()
    }

    /// Sums and products of several.
    fn list(&mut self) -> Option<String> {
        let kind = self.word(&["sum", "add", "total", "product", "multiply", "addition"])?;
        let verb = matches!(kind, 1 | 4);
        if !verb && self.word(&["of"]).is_none() && kind != 0 {
            return None;
        }
        self.word(&["up", "together"]);
        let sign = if matches!(kind, 3 | 4) { '*' } else { '+' };
        let mut parts = vec![self.part(sign)?];
        loop {
            let comma = self.sign(&[',']).is_some();
            let joints: &[&str] =
                if sign == '*' { &["and", "by", "with"] } else { &["and", "to", "with"] };
            if self.word(joints).is_none() && !comma {
                break;
            }
            parts.push(self.part(sign)?);
        }
        (parts.len() > 1).then(|| parts.join(&sign.to_string()))
    }

    /// Differences, quotients and the verbs that name two numbers.
    fn pair(&mut self) -> Option<String> {
        const NAMES: [&str; 7] =
            ["subtract", "take", "deduct", "divide", "split", "difference", "quotient"];
        let kind = self.word(&NAMES)?;
        let joint: &[&str] = match kind {
            0 | 2 => &["from"],
            1 => &["from", "away", "off"],
            3 | 4 => &["by", "into", "through"],
            _ => &["and"],
        };
        if kind >= 5 {
            self.word(&["of", "between"])?;
        }
        let first = self.operand()?;
        self.word(joint)?;
        self.word(&["from"]);
        let second = self.operand()?;
        Some(match kind {
            0..=2 => format!("{second}-{first}"),
            3 | 4 | 6 => format!("{first}/{second}"),
            _ => {
                // A difference is said without regard to which is greater.
                let less = |a: &str, b: &str| Some(a.parse::<f64>().ok()? < b.parse().ok()?);
                let swap = less(&first, &second).unwrap_or(false);
                if swap { format!("{second}-{first}") } else { format!("{first}-{second}") }
            }
        })
    }

    /// Halves, doubles and squares.
    fn multiple(&mut self) -> Option<String> {
        const NAMES: [&str; 9] =
            ["double", "twice", "triple", "thrice", "half", "halve", "square", "third", "quarter"];
        let article = self.word(&["a", "one"]).is_some();
        let kind = self.word(&NAMES)?;
        self.word(&["of"]);
        if article && !matches!(kind, 4 | 7 | 8) {
            return None;
        }
        let number = self.operand()?;
        Some(match kind {
            0 | 1 => format!("2*{number}"),
            2 | 3 => format!("3*{number}"),
            4 | 5 => format!("{number}/2"),
            6 => format!("{number}*{number}"),
            7 => format!("{number}/3"),
            _ => format!("{number}/4"),
        })
    }

    /// A part of a list; bracketed where its own sign would be torn apart.
    fn part(&mut self, sign: char) -> Option<String> {
        let part = self.chain()?;
        let torn = sign == '*' && part.trim_start_matches('-').contains(['+', '-']);
        Some(if torn { format!("({part})") } else { part })
    }

    fn chain(&mut self) -> Option<String> {
        let first = self.operand()?;
        self.chain_from(first)
    }

    fn chain_from(&mut self, mut sum: String) -> Option<String> {
        while let Some(sign) = self.operator() {
            let next = self.operand()?;
            sum = format!("{sum}{sign}{next}");
        }
        Some(sum)
    }

    fn operator(&mut self) -> Option<char> {
        if let Some(sign) = self.sign(&['+', '-', '*', '/']) {
            return Some(sign);
        }
        const NAMES: [(&str, char); 9] = [
            ("plus", '+'),
            ("minus", '-'),
            ("less", '-'),
            ("times", '*'),
            ("x", '*'),
            ("over", '/'),
            ("multiplied", '*'),
            ("divided", '/'),
            ("added", '+'),
        ];
        let found = self.word(&NAMES.map(|(name, _)| name))?;
        match NAMES[found].0 {
            "multiplied" | "divided" => self.word(&["by", "with"]).map(|_| NAMES[found].1),
            "added" => self.word(&["to"]).map(|_| '+'),
            _ => Some(NAMES[found].1),
        }
    }

    /// A number, a bracket, a square, or a share: `15% of 80`.
    fn operand(&mut self) -> Option<String> {
        let minus = self.sign(&['-']).map_or("", |_| "-");
        let number = self.bracket().or_else(|| self.number())?;
        let number = format!("{minus}{number}");
        if self.word(&["squared"]).is_some() {
            return Some(format!("{number}*{number}"));
        }
        if self.word(&["cubed"]).is_some() {
            return Some(format!("{number}*{number}*{number}"));
        }
        let percent = self.sign(&['%']).is_some() || self.word(&["percent"]).is_some();
        if percent {
            self.word(&["of"])?;
            return Some(format!("{number}/100*{}", self.operand()?));
        }
        Some(number)
    }

    fn bracket(&mut self) -> Option<String> {
        self.sign(&['('])?;
        self.nesting += 1;
        let inner = if self.nesting <= MAX_NESTING { self.chain() } else { None };
        self.nesting -= 1;
        self.sign(&[')'])?;
        Some(format!("({})", inner?))
    }

    fn number(&mut self) -> Option<String> {
        if let Some(Piece::Number(digits)) = self.pieces.get(self.at) {
            self.at += 1;
            return Some(digits.clone());
        }
        let words: Vec<&str> = self.pieces[self.at..]
            .iter()
            .map_while(|p| if let Piece::Word(word) = p { Some(word.as_str()) } else { None })
            .collect();
        let (value, used) = number::spelled(&words, self.and_joins)?;
        self.at += used;
        Some(value.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, expected: &str) {
        assert_eq!(plain(said).unwrap_or_else(|| "no sum".to_owned()), expected, "{said}");
    }

    #[test]
    fn signs() {
        check("1,204 * 27", "1204*27");
        check("(3 + 4)x2", "(3+4)*2");
        check("7.5÷.5 =", "7.5/0.5");
        check("12 − 5?", "12-5");
        check("-3 + 2", "-3+2");
        check("1,20 + 3", "no sum");
        check("3 4", "no sum");
        check("3 +", "no sum");
        check("(3", "no sum");
        check("2; rm", "no sum");
        check("", "no sum");
        check(&"(".repeat(40), "no sum");
    }

    #[test]
    fn words() {
        check("1290 divided by 8", "1290/8");
        check("seven hundred and forty-one times twelve", "741*12");
        check("Five Plus six minus two", "5+6-2");
        check("the sum of one hundred and five", "100+5");
        check("the sum of 3, 4 and 5", "3+4+5");
        check("the product of 2 plus 3 and 4", "(2+3)*4");
        check("the difference between 4 and 10", "10-4");
        check("the quotient of 90 and 3", "90/3");
        check("half of 90", "90/2");
        check("a third of 9", "9/3");
        check("15% of 200", "15/100*200");
        check("fifteen percent of two hundred", "15/100*200");
        check("nine squared", "9*9");
        check("the square root of nine", "no sum");
        check("hello", "no sum");
    }

    #[test]
    fn orders() {
        check("add 4 to 5", "4+5");
        check("add up 1, 2 and 3", "1+2+3");
        check("subtract 5 from 12", "12-5");
        check("take 5 away from 12", "12-5");
        check("multiply 6 by 7", "6*7");
        check("divide 90 by 3", "90/3");
        check("double 45", "2*45");
        check("sum 5 and 9", "5+9");
    }
}
