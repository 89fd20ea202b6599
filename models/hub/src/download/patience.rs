//! How long to wait before the next try, and when to give up.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::fmt::rfc2822;
use lethe_network::Response;

/// A server that names a later time than this is not waited for any longer.
const LONGEST_ORDER: Duration = Duration::from_secs(24 * 3600);

/// A wait that is under way.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How patient a download is. The way to wait and the randomness are handed in.
#[derive(Clone)]
pub struct Patience {
    /// How many tries in a row may bring no new byte.
    pub tries: u32,
    /// The wait after the first of them; it doubles with each.
    pub first: Duration,
    /// The longest wait, unless a server names a longer one.
    pub longest: Duration,
    /// Waits.
    pub wait: Arc<dyn Fn(Duration) -> Wait + Send + Sync>,
    /// A random number from 0 up to, but without, 1.
    pub random: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl fmt::Debug for Patience {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Patience").field("tries", &self.tries).finish_non_exhaustive()
    }
}

impl Default for Patience {
    /// Twelve tries, from half a second up to a minute between them: some seven minutes without a new byte. Waits by
    /// the runtime's clock, with randomness of the system.
    fn default() -> Self {
        Self {
            tries: 12,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(60),
            wait: Arc::new(|duration| Box::pin(tokio::time::sleep(duration))),
            // Without randomness all wait for the full time, which is only less polite.
            random: Arc::new(|| getrandom::u32().map_or(1.0, |number| f64::from(number) / 2_f64.powi(32))),
        }
    }
}

impl Patience {
    /// How long to wait after the `fruitless`th try in a row without a new byte: between half and all of a time that
    /// doubles, and never less than what the server asked for.
    pub(super) fn pause(&self, fruitless: u32, ordered: Option<Duration>) -> Duration {
        let full = self.first.saturating_mul(1 << fruitless.saturating_sub(1).min(20)).min(self.longest);
        let pause = full.mul_f64(0.5 + 0.5 * (self.random)().clamp(0.0, 1.0));
        ordered.map_or(pause, |ordered| ordered.max(pause))
    }
}

/// How long a server asks to wait: `Retry-After` in seconds, or as a date, which is counted from the server's own
/// `Date`, so that a wrong clock here does no harm. At most a day.
pub fn retry_after(response: &Response) -> Option<Duration> {
    parse(response.header("retry-after")?, response.header("date"))
}

fn parse(text: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST_ORDER));
    }
    let then = rfc2822::parse(text.trim()).ok()?.timestamp();
    let now = rfc2822::parse(date?.trim()).ok()?.timestamp();
    let seconds = u64::try_from(then.as_second().saturating_sub(now.as_second())).unwrap_or(0);
    Some(Duration::from_secs(seconds).min(LONGEST_ORDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_when_to_come_back() {
        let date = Some("Mon, 23 Nov 2026 10:00:00 GMT");
        for (text, date, seconds) in [
            ("0", None, Some(0)),
            ("120", None, Some(120)),
            (" 7 ", date, Some(7)),
            ("999999999", None, Some(86400)),
            ("Mon, 23 Nov 2026 10:02:30 GMT", date, Some(150)),
            ("Mon, 23 Nov 2026 09:00:00 GMT", date, Some(0)),
            ("Mon, 23 Nov 2026 10:02:30 GMT", None, None),
            ("soon", date, None),
            ("-5", date, None),
            ("1.5", date, None),
        ] {
            assert_eq!(parse(text, date), seconds.map(Duration::from_secs), "{text} {date:?}");
        }
    }

    #[test]
    fn waits_double_and_differ_up_to_a_limit() {
        let with = |random: f64| Patience { random: Arc::new(move || random), ..Patience::default() };
        for (fruitless, least, most) in [(1, 250, 500), (2, 500, 1000), (4, 2000, 4000), (9, 30000, 60000)] {
            assert_eq!(with(0.0).pause(fruitless, None), Duration::from_millis(least));
            assert_eq!(with(1.0).pause(fruitless, None), Duration::from_millis(most));
        }
        assert_eq!(with(1.0).pause(u32::MAX, None), Duration::from_secs(60), "no overflow");
        assert_eq!(with(1.0).pause(1, Some(Duration::from_secs(300))), Duration::from_secs(300), "the server's word");
        let random = Patience::default().random;
        assert!((0..50).any(|_| random() != random()), "everybody would come back at once");
    }
}
