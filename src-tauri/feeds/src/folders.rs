//! The publisher's two folders: they are apart, and nothing in them belongs to somebody else.
//!
//! Guarantees: nothing is written before all of it is known. Keys never lie in the folder that is copied to a web server,
//! however the two are named: by way of links, relative, or not there yet. A folder with files that are none of ours is
//! not taken, so no file of the user's is overwritten.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::disk::TEMPORARY;
use crate::error::{Error, Result};

/// How many links may lead to a folder that is not there yet.
const LINKS: usize = 40;

/// Refuses folders that would mix up keys, published files and files of somebody else.
pub(crate) fn check(keys: &Path, repository: &Path) -> Result<()> {
    let (keys_place, place) = (resolve(keys)?, resolve(repository)?);
    if is_within(&keys_place, &place) || is_within(&place, &keys_place) {
        return Err(Error::Together { keys: keys.to_owned(), repository: repository.to_owned() });
    }
    for folder in [repository.to_owned(), repository.join("metadata"), repository.join("targets")] {
        for link in entries(&folder)?.into_iter().filter(|path| path.is_symlink()) {
            let target = resolve(&link)?;
            if is_within(&keys_place, &target) || is_within(&target, &keys_place) {
                return Err(Error::Together { keys: keys.to_owned(), repository: link });
            }
        }
    }
    check_keys(keys)?;
    check_repository(repository)
}

/// A folder of keys holds one of them, or nothing.
fn check_keys(folder: &Path) -> Result<()> {
    let names = names(folder)?;
    let is_key = |name: &OsString| Path::new(name).extension().is_some_and(|end| end == "key");
    match names.iter().any(is_key) || names.iter().all(|name| is_ours(name, &["lock"])) {
        true => Ok(()),
        false => Err(Error::NotOurs { path: folder.to_owned(), what: "keys" }),
    }
}

/// A repository has a root file, or what a kill has left before there was one, or nothing.
fn check_repository(folder: &Path) -> Result<()> {
    let refused = || Error::NotOurs { path: folder.to_owned(), what: "published list" };
    let [metadata, targets] = ["metadata", "targets"].map(|name| folder.join(name));
    let has_root = names(&metadata)?.iter().any(|name| {
        let number = name.to_str().and_then(|name| name.strip_suffix(".root.json"));
        number.is_some_and(|number| number.parse::<u64>().is_ok())
    });
    let is_segment = |name: &OsString| {
        let digest = name.to_str().and_then(|name| name.split_once('.'));
        digest.is_some_and(|(digest, _)| digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let is_new = names(folder)?.iter().all(|name| is_ours(name, &["metadata", "targets"]))
        && names(&metadata)?.iter().all(|name| is_ours(name, &[]))
        && names(&targets)?.iter().all(|name| is_segment(name) || is_ours(name, &[]));
    if has_root || is_new { Ok(()) } else { Err(refused()) }
}

fn is_ours(name: &OsString, known: &[&str]) -> bool {
    name.to_str().is_some_and(|name| known.contains(&name) || name.starts_with(TEMPORARY))
}

/// What lies in a folder; nothing where there is none. A file in its place is an error.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path()).map_err(Error::disk(folder))).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::disk(folder)(error)),
    }
}

fn names(folder: &Path) -> Result<Vec<OsString>> {
    Ok(entries(folder)?.iter().filter_map(|path| path.file_name().map(OsString::from)).collect())
}

/// Where a path leads, through links, also when its end is not there yet.
fn resolve(path: &Path) -> Result<PathBuf> {
    let mut path = std::path::absolute(path).map_err(Error::disk(path))?;
    for _ in 0..LINKS {
        match next(&path)? {
            Some(other) => path = other,
            None => return resolve_existing(&path),
        }
    }
    Err(Error::disk(&path)(std::io::Error::other("too many links")))
}

/// The same path with its first link to nowhere replaced by what it names.
fn next(path: &Path) -> Result<Option<PathBuf>> {
    let mut walked = PathBuf::new();
    let mut components = path.components();
    while let Some(component) = components.next() {
        walked.push(component);
        if walked.is_symlink() && !walked.exists() {
            let target = fs::read_link(&walked).map_err(Error::disk(&walked))?;
            let above = walked.parent().unwrap_or(Path::new("/"));
            return Ok(Some(above.join(target).join(components.as_path())));
        }
    }
    Ok(None)
}

fn resolve_existing(path: &Path) -> Result<PathBuf> {
    let mut place = PathBuf::new();
    for component in path.components() {
        match component {
            // What is there is resolved already, so what is above it is meant.
            Component::ParentDir => {
                place.pop();
            }
            other => place.push(other),
        }
        if place.exists() {
            place = fs::canonicalize(&place).map_err(Error::disk(&place))?;
        }
    }
    Ok(place)
}

/// On systems that don't tell capitals apart, neither does this.
fn is_within(inner: &Path, outer: &Path) -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        let lower = |path: &Path| PathBuf::from(path.to_string_lossy().to_lowercase());
        return lower(inner).starts_with(lower(outer));
    }
    inner.starts_with(outer)
}
