//! Names of backups say when and why they were made, so that a folder of them needs no list.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use ts_rs::TS;

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    /// A day of use.
    Daily,
    /// Somebody asked for it.
    Asked,
    /// The history was about to change its form.
    Migration,
    /// A backup took its place.
    Replaced,
    /// What could be read of a damaged history.
    Salvaged,
}

impl BackupReason {
    const ALL: [Self; 5] = [Self::Daily, Self::Asked, Self::Migration, Self::Replaced, Self::Salvaged];

    /// As names have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Asked => "asked",
            Self::Migration => "migration",
            Self::Replaced => "replaced",
            Self::Salvaged => "salvaged",
        }
    }
}

/// The name of a backup, as `2026-11-29-060703-123-daily.backup`; times are UTC, and names sort by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
pub struct BackupName {
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// Why it was made.
    pub reason: BackupReason,
}

impl fmt::Display for BackupName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_millisecond(self.at).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
        write!(
            formatter,
            "{}-{:03}-{}.backup",
            time.strftime("%Y-%m-%d-%H%M%S"),
            self.at.rem_euclid(1000),
            self.reason.name()
        )
    }
}

impl FromStr for BackupName {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let stem = name.strip_suffix(".backup").ok_or(())?;
        let (rest, reason) = stem.rsplit_once('-').ok_or(())?;
        let (time, milliseconds) = rest.rsplit_once('-').ok_or(())?;
        let reason = BackupReason::ALL.into_iter().find(|one| one.name() == reason).ok_or(())?;
        let time = jiff::civil::DateTime::strptime("%Y-%m-%d-%H%M%S", time).map_err(|_| ())?;
        let zoned = time.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| ())?;
        let milliseconds: i64 = milliseconds.parse().map_err(|_| ())?;
        let parsed = Self { at: zoned.timestamp().as_millisecond() + milliseconds, reason };
        // One name for each backup: what would be written otherwise is none of ours.
        if parsed.to_string() == name { Ok(parsed) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_read_back_and_sort_by_time() {
        let mut last = String::new();
        for at in [0, 999, 1000, 1_795_932_423_123, 4_102_444_800_000] {
            for reason in BackupReason::ALL {
                let name = BackupName { at, reason };
                assert_eq!(name.to_string().parse(), Ok(name));
            }
            let name = BackupName { at, reason: BackupReason::Daily }.to_string();
            assert!(name > last, "{name} comes after {last}");
            last = name;
        }
        for foreign in
            ["", ".backup", "lethe.db", "2026-11-29-060703-123-other.backup", "2026-11-29-060703-9-daily.backup"]
        {
            assert_eq!(foreign.parse::<BackupName>(), Err(()), "{foreign}");
        }
    }
}
