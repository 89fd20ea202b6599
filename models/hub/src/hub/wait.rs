//! How long a server asks to be left alone.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use lethe_network::Response;

const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a server asks to be left alone, a day at most: `Retry-After` in seconds or as a date, or else the `t=` of
/// the hub's `RateLimit`. A date is compared with the server's own `Date`, so that no clock has to be right.
pub fn wait_asked_for(response: &Response) -> Option<Duration> {
    wait(|name| response.header(name)).map(|wait| wait.min(LONGEST))
}

fn wait<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Duration> {
    let after = header("retry-after").map(str::trim);
    let seconds = after.and_then(seconds);
    let until = || {
        let (until, now) = (date(after?)?, date(header("date")?)?);
        Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
    };
    let reset = || {
        let parts = header("ratelimit")?.split([';', ',']);
        parts.filter_map(|part| part.trim().strip_prefix("t=")).find_map(self::seconds)
    };
    seconds.or_else(until).or_else(reset)
}

fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than fit are a very long time, and not none.
    is_number.then(|| text.parse().map_or(LONGEST, Duration::from_secs))
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_in_several_ways_how_long_to_wait() {
        let (now, soon) = ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:30:30 GMT");
        for (headers, expected) in [
            (vec![("retry-after", "120")], Some(120)),
            (vec![("retry-after", " 0 ")], Some(0)),
            (vec![("retry-after", soon), ("date", now)], Some(150)),
            (vec![("retry-after", now), ("date", soon)], Some(0)),
            (vec![("retry-after", soon)], None),
            (vec![("retry-after", "-5")], None),
            (vec![("retry-after", "soon"), ("date", now)], None),
            (vec![("retry-after", "99999999999999999999999")], Some(24 * 60 * 60)),
            (vec![("ratelimit", "\"api\";r=0;t=37")], Some(37)),
            (vec![("ratelimit", "\"api\";r=0;t=37"), ("retry-after", "5")], Some(5)),
            (vec![("ratelimit", "\"api\";r=0")], None),
            (vec![], None),
        ] {
            let header = |name: &str| headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
            assert_eq!(wait(header).map(|wait| wait.as_secs()), expected, "{headers:?}");
        }
    }
}
