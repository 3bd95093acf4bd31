//! `strftime_now`: the date as templates write it, of a moment that the caller names.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_SECONDS: u64 = 86_400;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// A moment in the calendar, UTC.
struct Civil {
    year: u64,
    /// 1..=12
    month: u64,
    day: u64,
    day_of_year: u64,
    weekday: usize,
    seconds: u64,
}

/// A moment in UTC, by the directives of `strftime` that templates use; others stay as they are
/// written. A clock before 1970 reads as 1970.
pub fn strftime(now: SystemTime, format: &str) -> String {
    let at = Civil::of(now);
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(character) = chars.next() {
        if character == '%' {
            at.write(chars.next(), &mut out);
        } else {
            out.push(character);
        }
    }
    out
}

impl Civil {
    fn of(now: SystemTime) -> Self {
        // A clock before 1970 is set wrong.
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let (days, seconds) = (since / DAY_SECONDS, since % DAY_SECONDS);
        // Howard Hinnant's `civil_from_days`, for days after 1970.
        let shifted = days + 719_468;
        let (era, of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let is_leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let before = if month <= 2 { of_year - 306 } else { of_year + 59 + u64::from(is_leap) };
        let weekday = (days % 7) as usize;
        Self { year, month, day, day_of_year: before + 1, weekday, seconds }
    }

    fn write(&self, directive: Option<char>, out: &mut String) {
        let month = MONTHS[self.month as usize - 1];
        let day = DAYS[self.weekday];
        let (hour, minute, second) =
            (self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60);
        let written = match directive {
            Some('d') => write!(out, "{:02}", self.day),
            Some('e') => write!(out, "{:2}", self.day),
            Some('m') => write!(out, "{:02}", self.month),
            Some('b') => write!(out, "{}", &month[..3]),
            Some('B') => write!(out, "{month}"),
            Some('y') => write!(out, "{:02}", self.year % 100),
            Some('Y') => write!(out, "{}", self.year),
            Some('a') => write!(out, "{}", &day[..3]),
            Some('A') => write!(out, "{day}"),
            Some('j') => write!(out, "{:03}", self.day_of_year),
            Some('H') => write!(out, "{hour:02}"),
            Some('M') => write!(out, "{minute:02}"),
            Some('S') => write!(out, "{second:02}"),
            Some('%') => write!(out, "%"),
            Some(other) => write!(out, "%{other}"),
            None => write!(out, "%"),
        };
        written.expect("writing to a string cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Expected: Python's `datetime.fromtimestamp(…, UTC).strftime(…)`.
    #[test]
    fn dates_are_written_as_python_writes_them() {
        for (seconds, expected) in [
            (0, "01 Jan 1970 Thursday 001 00:00:00"),
            (951_782_399, "28 Feb 2000 Monday 059 23:59:59"),
            (951_782_400, "29 Feb 2000 Tuesday 060 00:00:00"),
            (1_772_874_303, "07 Mar 2026 Saturday 066 09:05:03"),
            (1_798_761_599, "31 Dec 2026 Thursday 365 23:59:59"),
            (4_107_542_400, "01 Mar 2100 Monday 060 00:00:00"),
        ] {
            let now = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(strftime(now, "%d %b %Y %A %j %H:%M:%S"), expected);
        }
        assert_eq!(strftime(UNIX_EPOCH, "%e.%m.%y %a %B %% %q %"), " 1.01.70 Thu January % %q %");
    }
}
