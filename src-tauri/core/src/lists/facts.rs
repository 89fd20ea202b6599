//! What is known of a list beside its entries.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::clock::date;

/// From this age on a list is called old: the makers of Apertus advise a new one every six months.
const OLD: i64 = 182 * DAY;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Where a list comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ListSource {
    /// A file that was imported.
    File,
    /// A publisher's signed repository.
    Feed { url: String },
    /// A file on the web that nobody has signed.
    Url { url: String },
}

/// A list in force, for receipts and reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListFacts {
    pub name: String,
    /// Number of its entries.
    pub entries: u32,
    /// SHA-256 of its file.
    pub sha256: String,
    /// What its publisher calls this state of it.
    #[serde(default)]
    pub version: Option<String>,
    /// Whether a publisher's signature was checked.
    #[serde(default)]
    pub signed: bool,
}

/// How old a list is.
#[derive(Clone)]
pub(crate) struct Age {
    pub name: String,
    pub source: ListSource,
    pub issued_at: i64,
    pub checked_at: Option<i64>,
    pub failure: Option<String>,
}

impl Age {
    /// What the user should know: that a list could not be refreshed, or is old.
    pub fn warning(&self, now: i64) -> Option<String> {
        let Self { name, source, issued_at, checked_at, failure } = self;
        let local = *source == ListSource::File;
        let age = now.saturating_sub(*issued_at);
        let months = age / (OLD / 6);
        if age >= OLD {
            let advice = if local { "import a newer one" } else { "ask its publisher for a newer one" };
            return Some(format!("The list \"{name}\" is {months} months old: {advice}"));
        }
        let failure = failure.as_ref()?;
        let since = checked_at.map_or(String::new(), |at| format!(" since {}", date(at)));
        Some(format!("The list \"{name}\" could not be refreshed{since}, the last good one still filters: {failure}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_warnings() {
        let now = 2_000 * DAY;
        let fresh = Age {
            name: "requests".to_owned(),
            source: ListSource::Feed { url: "https://lists.example/".to_owned() },
            issued_at: now - 10 * DAY,
            checked_at: Some(now - DAY),
            failure: None,
        };
        let rows = [
            (fresh.clone(), None),
            (Age { issued_at: now - 181 * DAY, ..fresh.clone() }, None),
            (Age { issued_at: now - 182 * DAY, ..fresh.clone() }, Some("is 6 months old: ask its publisher")),
            (
                Age { issued_at: now - 400 * DAY, source: ListSource::File, ..fresh.clone() },
                Some("13 months old: import"),
            ),
            (Age { issued_at: i64::MIN, ..fresh.clone() }, Some("months old")),
            (Age { failure: Some("it is forged".to_owned()), ..fresh }, Some("still filters: it is forged")),
        ];
        for (age, expected) in rows {
            let warning = age.warning(now);
            match expected {
                None => assert_eq!(warning, None),
                Some(part) => assert!(warning.as_ref().is_some_and(|text| text.contains(part)), "{warning:?}"),
            }
        }
    }
}
