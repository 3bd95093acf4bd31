//! Whole numbers in English words.

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// The number at the head of `words`, and how many of them it takes.
///
/// `and_joins`: whether `hundred and five` is one number.
pub(crate) fn spelled(words: &[&str], and_joins: bool) -> Option<(u64, usize)> {
    let (mut total, mut group, mut used) = (0u64, None::<u64>, 0);
    while let Some(&word) = words.get(used) {
        let tens = group.unwrap_or(0) % 100;
        let joinable = group.is_none_or(|g| tens == 0 && g + total >= 100);
        if let Some(unit) = UNITS.iter().position(|&u| u == word) {
            let after_tens = tens >= 20 && tens.is_multiple_of(10) && (1..10).contains(&unit);
            if !joinable && !after_tens {
                break;
            }
            group = Some(group.unwrap_or(0) + unit as u64);
        } else if let Some(ten) = TENS.iter().position(|&t| t == word) {
            if !joinable {
                break;
            }
            group = Some(group.unwrap_or(0) + 10 * (ten as u64 + 2));
        } else if word == "hundred" {
            let count = group.unwrap_or(0);
            if !(1..100).contains(&count) {
                break;
            }
            group = Some(count * 100);
        } else if word == "thousand" {
            let Some(count) = group.filter(|&g| g > 0 && total == 0) else { break };
            total = count * 1000;
            group = Some(0);
        } else if word == "a" && group.is_none() && scale(words.get(used + 1)) {
            group = Some(1);
        } else if word == "and" && and_joins && joins(&words[..used], words.get(used + 1)) {
        } else {
            break;
        }
        used += 1;
    }
    Some((total + group?, used))
}

fn scale(word: Option<&&str>) -> bool {
    matches!(word, Some(&"hundred" | &"thousand"))
}

/// An `and` inside a number stands between a scale and a smaller number.
fn joins(before: &[&str], next: Option<&&str>) -> bool {
    let small = |word: &&str| UNITS[1..].contains(word) || TENS.contains(word);
    scale(before.last()) && next.is_some_and(small)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(u64, usize)>) {
        let words: Vec<&str> = text.split(' ').collect();
        assert_eq!(spelled(&words, true), expected, "{text}");
    }

    #[test]
    fn numbers_in_words() {
        check("zero", Some((0, 1)));
        check("forty two", Some((42, 2)));
        check("nine hundred and eighty eight plus", Some((988, 5)));
        check("a thousand", Some((1000, 2)));
        check("two thousand three hundred and one", Some((2301, 6)));
        check("five six", Some((5, 1)));
        check("twenty and five", Some((20, 1)));
        check("a dog", None);
        check("hundred", None);
    }
}
