//! A list as the database has it, and as it is shown.

use crate::lists::facts::Age;
use crate::lists::facts::ListFacts;
use crate::lists::facts::ListSource;
use std::path::Path;

use lethe_filters::{List, ListFile};
use serde::Serialize;
use ts_rs::TS;

/// What a refresh has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct ListChange {
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// Entries that came.
    pub added: u32,
    /// Entries that went.
    pub removed: u32,
}

/// A list as it is shown. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListView {
    pub id: String,
    pub name: String,
    /// Number of its entries.
    pub entries: u32,
    /// Whether it is in force.
    pub enabled: bool,
    /// When it was imported or subscribed to.
    #[ts(type = "number")]
    pub imported_at: i64,
    /// Why it can't be applied.
    pub problem: Option<String>,
    /// Where it comes from.
    pub source: ListSource,
    /// Whether a publisher's signature was checked.
    pub signed: bool,
    /// Whether its entries are hashed, not in clear.
    pub hashed: bool,
    /// What its publisher calls this state of it.
    pub version: Option<String>,
    /// When it was made.
    #[ts(type = "number | null")]
    pub issued_at: Option<i64>,
    /// When its publisher has to sign it anew.
    #[ts(type = "number | null")]
    pub expires_at: Option<i64>,
    /// The last check that succeeded.
    #[ts(type = "number | null")]
    pub checked_at: Option<i64>,
    /// Why the last check failed; the last good list stays in force.
    pub failure: Option<String>,
    /// What the last check that brought something has changed.
    pub change: Option<ListChange>,
}

#[derive(Clone, sqlx::FromRow)]
pub(super) struct ListRow {
    pub id: String,
    pub name: String,
    pub enabled: bool,
    pub entries: u32,
    pub imported_at: i64,
    pub sha256: String,
    pub source: String,
    pub address: Option<String>,
    pub format: String,
    pub hashed: bool,
    pub version: Option<String>,
    pub content: Option<String>,
    pub issued_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub checked_at: Option<i64>,
    pub tried_at: Option<i64>,
    pub failure: Option<String>,
    pub changed_at: Option<i64>,
    pub added: Option<u32>,
    pub removed: Option<u32>,
}

impl ListRow {
    pub fn source(&self) -> ListSource {
        let url = self.address.clone().unwrap_or_default();
        match self.source.as_str() {
            "feed" => ListSource::Feed { url },
            "url" => ListSource::Url { url },
            _ => ListSource::File,
        }
    }

    /// Whether a publisher's signature was checked.
    pub fn signed(&self) -> bool {
        self.source == "feed"
    }

    /// Whether there is a file of it.
    pub fn is_fetched(&self) -> bool {
        !self.format.is_empty()
    }

    pub fn facts(&self) -> ListFacts {
        ListFacts {
            name: self.name.clone(),
            entries: self.entries,
            sha256: self.sha256.clone(),
            version: self.version.clone(),
            signed: self.signed(),
        }
    }

    pub fn age(&self) -> Age {
        Age {
            name: self.name.clone(),
            source: self.source(),
            issued_at: self.issued_at.unwrap_or(self.imported_at),
            checked_at: self.checked_at,
            failure: self.failure.clone(),
        }
    }

    pub fn view(self, problem: Option<String>) -> ListView {
        let fetched = self.is_fetched();
        let change = match (self.changed_at, self.added, self.removed) {
            (Some(at), Some(added), Some(removed)) => Some(ListChange { at, added, removed }),
            _ => None,
        };
        ListView {
            source: self.source(),
            signed: self.signed() && fetched,
            problem,
            change,
            id: self.id,
            name: self.name,
            entries: self.entries,
            enabled: self.enabled,
            imported_at: self.imported_at,
            // What was not fetched yet is not there in clear.
            hashed: self.hashed || !fetched,
            version: self.version,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            checked_at: self.checked_at,
            failure: self.failure,
        }
    }

    /// The list of its file; else a sentence why not.
    pub fn read(&self, file: &Path) -> Result<List, String> {
        if !self.is_fetched() {
            let why = self.failure.as_deref().unwrap_or("update it now, or remove it");
            return Err(format!("the list \"{}\" was not fetched yet: {why}", self.name));
        }
        let damaged = || match self.source() {
            ListSource::File => format!("the list \"{}\" is damaged: import it again or switch it off", self.name),
            _ => format!("the list \"{}\" is damaged: update it or switch it off", self.name),
        };
        let bytes = super::kept::bytes(file, &self.sha256).ok_or_else(damaged)?;
        let unusable = |error: &dyn std::fmt::Display| format!("the list \"{}\" can't be used: {error}", self.name);
        if ListFile::begins_like_one(&bytes) {
            let file = ListFile::open(bytes).map_err(|error| unusable(&error))?;
            return Ok(List::from_file(&self.name, &file));
        }
        let text = String::from_utf8(bytes).map_err(|_| damaged())?;
        List::from_jsonl(&self.name, &text).map_err(|error| unusable(&error))
    }
}
