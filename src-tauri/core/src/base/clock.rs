//! The time, as the database keeps it.

/// Milliseconds since 1970.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The day of a time in milliseconds since 1970, as `2026-11-23`.
pub(crate) fn date(at: i64) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
    zoned.date().to_string()
}
