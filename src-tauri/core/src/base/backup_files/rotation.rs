//! Which backups are kept. A pure function of their names and of the time.

use std::collections::BTreeSet;

use super::{BackupName, BackupReason};

/// Days of which the newest backup is kept, counted by days that have one.
pub const DAYS: usize = 7;
/// Weeks of which the newest backup is kept, counted by weeks that have one.
pub const WEEKS: usize = 4;
/// Backups that somebody asked for.
pub const ASKED: usize = 10;
/// Backups of each other sort.
pub const OTHERS: usize = 3;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The backups to delete.
///
/// Those that seem to come from the future, because a clock was wrong, neither count nor go: when their time has come
/// they are like all others. Of them, too, there are no more than of asked ones.
pub fn outdated(backups: &[BackupName], now: i64) -> Vec<BackupName> {
    let mut newest: Vec<BackupName> = backups.to_vec();
    newest.sort_unstable_by(|one, other| other.cmp(one));
    let (future, past): (Vec<_>, Vec<_>) = newest.into_iter().partition(|backup| backup.at > now + DAY);
    let mut kept = BTreeSet::new();
    let of = |reason| past.iter().copied().filter(move |backup: &BackupName| backup.reason == reason);
    kept.extend(of(BackupReason::Asked).take(ASKED));
    for reason in [BackupReason::Migration, BackupReason::Replaced, BackupReason::Salvaged] {
        kept.extend(of(reason).take(OTHERS));
    }
    kept.extend(newest_of(of(BackupReason::Daily), DAYS, |at| at.div_euclid(DAY)));
    // 1970-01-01 was a Thursday: weeks begin on Mondays.
    kept.extend(newest_of(of(BackupReason::Daily), WEEKS, |at| (at.div_euclid(DAY) + 3).div_euclid(7)));
    kept.extend(future.iter().copied().take(ASKED));
    backups.iter().copied().filter(|backup| !kept.contains(backup)).collect()
}

/// The newest of each of the newest periods.
fn newest_of(newest: impl Iterator<Item = BackupName>, most: usize, period: fn(i64) -> i64) -> Vec<BackupName> {
    let mut kept: Vec<BackupName> = Vec::new();
    for backup in newest {
        if kept.last().is_none_or(|last| period(last.at) != period(backup.at)) && kept.len() < most {
            kept.push(backup);
        }
    }
    kept
}

/// Whether a daily backup is due: none was made in the last 24 hours.
pub fn is_due(backups: &[BackupName], now: i64) -> bool {
    let is_recent =
        |backup: &BackupName| backup.reason == BackupReason::Daily && backup.at > now - DAY && backup.at <= now + DAY;
    !backups.iter().any(is_recent)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = DAY / 24;
    /// A Sunday, 12:00 UTC.
    const NOW: i64 = 1_795_953_600_000;

    fn backups(reason: BackupReason, ages: impl IntoIterator<Item = i64>) -> Vec<BackupName> {
        ages.into_iter().map(|age| BackupName { at: NOW - age, reason }).collect()
    }

    fn kept(all: &[BackupName]) -> Vec<i64> {
        let outdated = outdated(all, NOW);
        let mut ages: Vec<i64> =
            all.iter().filter(|backup| !outdated.contains(backup)).map(|backup| (NOW - backup.at) / DAY).collect();
        ages.sort_unstable();
        ages
    }

    #[test]
    fn table_of_rotations() {
        use BackupReason::{Asked, Daily, Migration, Replaced};
        let days = |most: i64| (0..most).map(|day| day * DAY);
        let rows: Vec<(&str, Vec<BackupName>, Vec<i64>)> = vec![
            ("none", vec![], vec![]),
            ("one", backups(Daily, [0]), vec![0]),
            ("a week", backups(Daily, days(7)), (0..7).collect()),
            // Sundays end weeks: 7, 14 and 21 days ago.
            ("two months", backups(Daily, days(60)), vec![0, 1, 2, 3, 4, 5, 6, 7, 14, 21]),
            ("only the newest of a day", backups(Daily, [0, HOUR, 2 * HOUR, 3 * DAY, 3 * DAY + HOUR]), vec![0, 3]),
            (
                "used once a month",
                backups(Daily, (0..9).map(|month| month * 30 * DAY)),
                (0..7).map(|m| m * 30).collect(),
            ),
            ("a year ago", backups(Daily, [365 * DAY]), vec![365]),
            ("asked", backups(Asked, days(40)), (0..10).collect()),
            ("migrations", backups(Migration, days(9)), vec![0, 1, 2]),
            ("replaced", backups(Replaced, days(9)), vec![0, 1, 2]),
            ("each sort by itself", [backups(Daily, days(2)), backups(Asked, [50 * DAY])].concat(), vec![0, 1, 50]),
            ("a clock that was wrong", backups(Daily, [-900 * DAY, 0, DAY]), vec![-900, 0, 1]),
        ];
        for (name, all, wanted) in rows {
            assert_eq!(kept(&all), wanted, "{name}");
            let mut backwards = all.clone();
            backwards.reverse();
            assert_eq!(kept(&backwards), wanted, "{name}: the order of a folder is no matter");
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut all = Vec::new();
        for reason in [
            BackupReason::Daily,
            BackupReason::Asked,
            BackupReason::Migration,
            BackupReason::Replaced,
            BackupReason::Salvaged,
        ] {
            all.extend(backups(reason, (-500..500).map(|number| number * 7 * HOUR)));
        }
        let most = DAYS + WEEKS + ASKED + 3 * OTHERS + ASKED;
        assert!(kept(&all).len() <= most, "{} are kept", kept(&all).len());
    }

    #[test]
    fn a_daily_backup_is_due_once_a_day() {
        use BackupReason::{Asked, Daily};
        let rows = [
            (vec![], true),
            (backups(Daily, [HOUR]), false),
            (backups(Daily, [23 * HOUR]), false),
            (backups(Daily, [24 * HOUR]), true),
            (backups(Asked, [0]), true),
            (backups(Daily, [-HOUR]), false),
            (backups(Daily, [-900 * DAY]), true),
        ];
        for (all, due) in rows {
            assert_eq!(is_due(&all, NOW), due, "{all:?}");
        }
    }
}
