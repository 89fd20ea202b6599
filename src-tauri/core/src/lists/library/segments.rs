//! A published list as a set of segments: entries that came, and ids of entries that went.
//!
//! Segments are numbered. What is in a later one counts: an id that was removed by segment 5 and comes again in segment
//! 7 is in the list. All segments with entries are compiled lists under one key, so that they become one list without
//! their text.

use std::collections::{HashMap, HashSet};

use lethe_filters::{FileError, LIST_FORMAT, ListFile, ListMeta};
use serde::{Deserialize, Serialize};

/// The name of the format of removals: a JSON array of ids.
pub(crate) const REMOVALS_FORMAT: &str = "lethe-removals-1";

/// What a publisher signs about a segment, beside its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// [`LIST_FORMAT`] or [`REMOVALS_FORMAT`].
    pub format: String,
    /// Its number; the first is 1.
    pub sequence: u64,
    /// How many entries came or went.
    pub entries: u64,
}

/// A segment that was fetched and verified.
pub(crate) struct Fetched {
    pub about: About,
    pub bytes: Vec<u8>,
}

/// Makes one list of all segments. The sentence of an error goes behind "the list can't be used: ".
pub(crate) fn assemble(name: &str, issued_at: Option<i64>, mut segments: Vec<Fetched>) -> Result<Vec<u8>, String> {
    segments.sort_by_key(|segment| segment.about.sequence);
    let mut removed: HashMap<String, u64> = HashMap::new();
    let mut files = Vec::new();
    for Fetched { about, bytes } in segments {
        match about.format.as_str() {
            LIST_FORMAT => files.push((about.sequence, ListFile::open(bytes).map_err(|error| error.to_string())?)),
            REMOVALS_FORMAT => {
                let ids: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| FileError::Damaged.to_string())?;
                removed.extend(ids.into_iter().map(|id| (id, about.sequence)));
            }
            _ => return Err(FileError::Newer.to_string()),
        }
    }
    for (sequence, file) in &files {
        for id in file.ids() {
            if removed.get(id).is_some_and(|at| at < sequence) {
                removed.remove(id);
            }
        }
    }
    let removed: HashSet<String> = removed.into_keys().collect();
    let files: Vec<ListFile> = files.into_iter().map(|(_, file)| file).collect();
    let meta = ListMeta { issued_at, ..super::meta(name) };
    ListFile::merge(&meta, &files, &removed).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lethe_filters::{Entry, Hashing, Kind};

    fn entries(sequence: u64, names: &[(&str, &str)]) -> Fetched {
        let entries: Vec<Entry> = names.iter().map(|(id, name)| Entry::new(*id, Kind::Person, *name)).collect();
        let meta = ListMeta { name: "requests".to_owned(), issued_at: None, generator: String::new() };
        let bytes = ListFile::build(&meta, &entries, Hashing { key: [3; 16], inner_bits: Some(10) }).expect("entries");
        Fetched { about: About { format: LIST_FORMAT.to_owned(), sequence, entries: 1 }, bytes }
    }

    fn removals(sequence: u64, ids: &[&str]) -> Fetched {
        let bytes = serde_json::to_vec(ids).expect("strings");
        Fetched { about: About { format: REMOVALS_FORMAT.to_owned(), sequence, entries: 1 }, bytes }
    }

    fn ids(segments: Vec<Fetched>) -> Vec<String> {
        let bytes = assemble("requests", None, segments).expect("segments of one list");
        let file = ListFile::open(bytes).expect("a whole list");
        file.ids().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn what_went_may_come_again() {
        let first = || entries(1, &[("a", "Anna Keller"), ("b", "Bo Lind")]);
        assert_eq!(ids(vec![first(), removals(2, &["a", "b"]), entries(3, &[("a", "Anna Keller")])]), ["a"]);
        assert_eq!(ids(vec![removals(2, &["b"]), first()]), ["a"], "their numbers count, not their order here");
    }

    #[test]
    fn a_segment_of_a_later_version_is_not_skipped() {
        let later =
            Fetched { about: About { format: "lethe-list-2".to_owned(), sequence: 2, entries: 1 }, bytes: Vec::new() };
        let error = assemble("requests", None, vec![entries(1, &[("a", "Anna Keller")]), later]);
        assert_eq!(error, Err(FileError::Newer.to_string()));
    }
}
