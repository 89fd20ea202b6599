//! The publisher's side of a list: entries in clear become a signed repository of static files.
//!
//! Entries are compared with what is published; only what came or changed is in the new segment, and the ids of what
//! went are in another. When a list has many segments or has lost many entries it is written anew as one. The repository
//! holds no entry's text.

use crate::lists::file::meta;
use crate::lists::file::random_key;
use crate::lists::file::read_list;
use std::path::Path;

use jiff::Timestamp;
pub use lethe_feeds::KeyRole;
use lethe_feeds::{Custom, Lifetime, NewSegment, Publisher, Segment, SegmentName};
use lethe_filters::{Entry, Hashing, LIST_FORMAT, List, ListFile};
use serde::Serialize;

use crate::base::error::{Code, Error, Result};
use crate::lists::library::segments::{About, Fetched, REMOVALS_FORMAT, assemble};

/// A list of more segments than this is written anew.
const MOST_SEGMENTS: usize = 24;
/// The table of inner words is so many times doubled beyond what the list needs when it is written as one segment.
const ROOM_TO_GROW: u32 = 2;

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Version of the list; it rises with each publish.
    pub version: u64,
    /// When readers refuse the list unless it is published again before; milliseconds since 1970.
    pub expires_at: i64,
    /// Entries of the list.
    pub entries: usize,
    /// Entries that came.
    pub added: usize,
    /// Entries whose text or kind changed.
    pub changed: usize,
    /// Entries that went.
    pub removed: usize,
    /// Segments that readers fetch who have none yet.
    pub segments: usize,
    /// Whether the list was written anew as one segment.
    pub rewritten: bool,
    /// The file that subscribers need.
    pub root: String,
}

/// Makes or updates a repository. Keys are made when missing. `days` is how long readers accept what is signed now.
///
/// # Errors
/// `BadInput` for entries that can't be used, `Store` for folders that can't be written or keys that are missing.
pub fn publish(keys: &Path, repository: &Path, entries: &Path, days: u32) -> Result<Published> {
    let now = Timestamp::now();
    let lifetime = Lifetime::days(days)?;
    let read = read_list(entries)?;
    let name = read.facts.name.clone();
    let list = read.list();
    if list.is_hashed() {
        return Err(Error::bad_input(
            "only entries in clear can be published: give the JSON Lines file they came from",
        ));
    }
    list.check_kinds()?;
    let mut publisher = Publisher::open_or_create(keys, repository)?;
    let published = publisher.current()?;
    let plan = plan(&name, &list, repository, &published)?;
    let remove: Vec<SegmentName> = if plan.rewritten {
        published
            .iter()
            .map(|segment| segment.name.clone())
            .filter(|name| plan.add.iter().all(|new| new.name != *name))
            .collect()
    } else {
        Vec::new()
    };
    let rewritten = plan.rewritten && !published.is_empty();
    let done = publisher.publish(plan.add, &remove, lifetime, now)?;
    if rewritten {
        publisher.prune()?;
    }
    Ok(Published {
        version: done.versions.targets,
        expires_at: done.expires.as_millisecond(),
        entries: list.len(),
        added: plan.added,
        changed: plan.changed,
        removed: plan.removed,
        segments: done.segments.len(),
        rewritten,
        root: root_file(repository, done.versions.root),
    })
}

/// What was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// Version of the new root file.
    pub version: u64,
    /// The file that new subscribers need.
    pub root: String,
}

/// Replaces keys: those of these roles, where there are such keys. The new ones are signed by the old root key, so that
/// subscribers follow.
///
/// # Errors
/// `BadInput` when there is no repository or no root key.
pub fn rotate(keys: &Path, repository: &Path, roles: &[KeyRole], days: u32) -> Result<Rotated> {
    let lifetime = Lifetime::days(days)?;
    let mut publisher = open_existing(keys, repository)?;
    rotated(repository, publisher.rotate(roles, lifetime, Timestamp::now())?)
}

/// Adds a second root key, to be kept in another place: either can replace the other.
///
/// # Errors
/// `BadInput` when there is no repository, no root key, or a second one already.
pub fn add_root_key(keys: &Path, repository: &Path, days: u32) -> Result<Rotated> {
    let lifetime = Lifetime::days(days)?;
    let mut publisher = open_existing(keys, repository)?;
    rotated(repository, publisher.add_root_key(lifetime, Timestamp::now())?)
}

/// Only [`publish`] makes what is missing.
fn open_existing(keys: &Path, repository: &Path) -> Result<Publisher> {
    for folder in [keys, repository] {
        if !folder.is_dir() {
            return Err(Error::bad_input(format!("there is no folder {}: check the path", folder.display())));
        }
    }
    Ok(Publisher::open_or_create(keys, repository)?)
}

fn rotated(repository: &Path, version: u64) -> Result<Rotated> {
    Ok(Rotated { version, root: root_file(repository, version) })
}

/// The file that subscribers need.
fn root_file(repository: &Path, version: u64) -> String {
    repository.join("metadata").join(format!("{version}.root.json")).display().to_string()
}

/// Writes a repository as one file, for machines without a network.
///
/// # Errors
/// `BadInput` when there is no repository or the file can't be written.
pub fn pack(repository: &Path, archive: &Path) -> Result<()> {
    Ok(lethe_feeds::pack(repository, archive)?)
}

struct Plan {
    add: Vec<NewSegment>,
    added: usize,
    changed: usize,
    removed: usize,
    rewritten: bool,
}

/// What to add to what is published.
fn plan(name: &str, list: &List, repository: &Path, published: &[Segment]) -> Result<Plan> {
    let meta = meta(name);
    let build = |entries: &[Entry], hashing| {
        ListFile::build(&meta, entries, hashing).map_err(|error| Error::bad_input(error.to_string()))
    };
    let open = |bytes: Vec<u8>| ListFile::open(bytes).map_err(|error| Error::new(Code::Internal, error.to_string()));
    let last = published.iter().filter_map(about).map(|about| about.sequence).max().unwrap_or(0);
    // Segments have one key and one size of table, with room for the list to grow.
    let whole = || -> Result<Plan> {
        let key = random_key()?;
        let trial = open(build(list.entries(), Hashing { key, inner_bits: None })?)?;
        let inner_bits = trial.hashing().and_then(|hashing| hashing.inner_bits).map(|bits| bits + ROOM_TO_GROW);
        let bytes = build(list.entries(), Hashing { key, inner_bits })?;
        let add = vec![segment("entries", LIST_FORMAT, last + 1, list.len(), bytes)?];
        Ok(Plan { add, added: list.len(), changed: 0, removed: 0, rewritten: true })
    };
    if published.is_empty() {
        return whole();
    }
    let mut segments = Vec::new();
    for segment in published {
        let about = about(segment).ok_or_else(|| {
            Error::bad_input("this repository holds something else than a list of Lethe: choose another folder")
        })?;
        let file = repository.join(format!("targets/{}.{}", segment.sha256, segment.name));
        let bytes = std::fs::read(&file).map_err(|error| {
            Error::new(Code::Store, format!("{} can't be read ({}): restore it", file.display(), error.kind()))
        })?;
        segments.push(Fetched { about, bytes });
    }
    let before =
        assemble(name, None, segments).map_err(|why| Error::bad_input(format!("the published list: {why}")))?;
    let before = open(before)?;
    let hashing = before.hashing().ok_or_else(|| Error::bad_input("the published list is not hashed"))?;
    let difference = before
        .difference(&open(build(list.entries(), hashing)?)?)
        .map_err(|error| Error::bad_input(error.to_string()))?;
    let (added, changed, removed) = (difference.added.len(), difference.changed.len(), difference.removed.len());
    if published.len() + 2 > MOST_SEGMENTS || removed + changed > list.len() / 4 + 16 {
        return Ok(Plan { added, changed, removed, ..whole()? });
    }
    let mut add = Vec::new();
    let came: std::collections::HashSet<&String> = difference.added.iter().chain(&difference.changed).collect();
    if !came.is_empty() {
        let entries: Vec<Entry> =
            list.entries().iter().filter(|entry| came.contains(&entry.id().to_owned())).cloned().collect();
        add.push(segment("entries", LIST_FORMAT, last + 1, entries.len(), build(&entries, hashing)?)?);
    }
    if removed > 0 {
        let bytes = serde_json::to_vec(&difference.removed).expect("strings are always JSON");
        add.push(segment("removals", REMOVALS_FORMAT, last + 1, removed, bytes)?);
    }
    Ok(Plan { add, added, changed, removed, rewritten: false })
}

fn about(segment: &Segment) -> Option<About> {
    segment.custom.read()
}

fn segment(what: &str, format: &str, sequence: u64, entries: usize, bytes: Vec<u8>) -> Result<NewSegment> {
    let about = About { format: format.to_owned(), sequence, entries: entries as u64 };
    let name = format!("{what}-{sequence:04}").parse()?;
    Ok(NewSegment { name, bytes, custom: Custom::new(&about)? })
}
