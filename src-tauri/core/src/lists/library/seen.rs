//! The newest version of each signed list that was in force here: it outlives a subscription.
//!
//! While a list is subscribed to, TUF sees to it that its versions only rise. What TUF knows goes with the subscription;
//! this is what is left, so that nobody brings an old version by having the list removed and subscribed to again. It
//! never contradicts TUF: where the publisher has replaced the keys that vouch for versions, they begin anew.
//!
//! Deliberately not in it: what a list was called, where it came from, and what it said.

use jiff::Timestamp;
use lethe_feeds::Signers;

use super::Lists;
use crate::base::clock::now;
use crate::base::error::{Code, Error, Result};

/// A version of a signed list, and by whose word it is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Who signed before this refresh, and who does now.
    pub before: Signers,
    pub now: Signers,
    pub version: u64,
}

#[derive(sqlx::FromRow)]
struct SeenRow {
    root: i64,
    version_keys: String,
    version: i64,
    at: i64,
}

impl Lists {
    /// Refuses a version that is older than one that was in force here under the same keys.
    pub(super) async fn check_seen(&self, seen: &Seen) -> Result<()> {
        for signers in seen.signers() {
            let row: Option<SeenRow> =
                sqlx::query_as("SELECT root, version_keys, version, at FROM list_seen WHERE root_keys = ?")
                    .bind(signers.root_keys.to_string())
                    .fetch_optional(self.store.pool())
                    .await?;
            if let Some(row) = row {
                row.check(seen)?;
            }
        }
        Ok(())
    }

    /// Remembers the version that is in force now.
    pub(super) async fn note_seen(&self, seen: &Seen) -> Result<()> {
        for signers in seen.signers() {
            sqlx::query(
                "INSERT INTO list_seen (root_keys, root, version_keys, version, at) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (root_keys) DO UPDATE SET root = excluded.root, version_keys = excluded.version_keys,
                     version = excluded.version, at = excluded.at",
            )
            .bind(signers.root_keys.to_string())
            .bind(stored(seen.now.version))
            .bind(seen.now.version_keys.to_string())
            .bind(stored(seen.version))
            .bind(now())
            .execute(self.store.pool())
            .await?;
        }
        Ok(())
    }
}

impl Seen {
    /// Under the old root keys too: somebody may subscribe again with the old root file.
    fn signers(&self) -> Vec<Signers> {
        let same = self.before.root_keys == self.now.root_keys;
        if same { vec![self.now] } else { vec![self.before, self.now] }
    }
}

impl SeenRow {
    fn check(&self, seen: &Seen) -> Result<()> {
        if stored(seen.now.version) < self.root {
            return Err(self.older(&format!("the keys of version {}, and version {}", seen.now.version, self.root)));
        }
        if seen.now.version_keys.to_string() == self.version_keys && stored(seen.version) < self.version {
            return Err(self.older(&format!("version {}, and version {}", seen.version, self.version)));
        }
        Ok(())
    }

    fn older(&self, which: &str) -> Error {
        let at = Timestamp::from_millisecond(self.at).unwrap_or_default().strftime("%Y-%m-%d");
        Error::new(
            Code::BadInput,
            format!(
                "it is an older list than you had: this is {which} was in force here on {at}. \
                 Try again later or from another network, or ask its publisher"
            ),
        )
    }
}

/// As the database counts. No list lives to see the end of it.
fn stored(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
