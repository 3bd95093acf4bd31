//! UTC, written out.

use std::time::{SystemTime, UNIX_EPOCH};

use deskbound_models::chat::strftime;

/// `2026-01-31T09:45:12.345Z`
pub(super) fn rfc3339(at: SystemTime) -> String {
    let millis = at.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_millis();
    format!("{}.{millis:03}Z", strftime(at, "%Y-%m-%dT%H:%M:%S"))
}

/// `20260131T094512Z`, fit for a file name.
pub(super) fn compact(at: SystemTime) -> String {
    strftime(at, "%Y%m%dT%H%M%SZ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // Seconds as printed by `date -u -d … +%s`.
        for (seconds, written) in [
            (0, "1970-01-01T00:00:00.007Z"),
            (951_782_399, "2000-02-28T23:59:59.007Z"),
            (951_782_400, "2000-02-29T00:00:00.007Z"),
            (1_709_251_199, "2024-02-29T23:59:59.007Z"),
            (1_735_689_599, "2024-12-31T23:59:59.007Z"),
            (4_107_542_400, "2100-03-01T00:00:00.007Z"),
        ] {
            let at = UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 7);
            assert_eq!(rfc3339(at), written);
        }
        assert_eq!(compact(UNIX_EPOCH + Duration::from_secs(951_782_400)), "20000229T000000Z");
    }
}
