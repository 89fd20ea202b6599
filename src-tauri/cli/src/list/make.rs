//! Commands that make list files and repositories; they need no data folder.

use std::path::Path;

use lethe_core::base::user_file::Existing;
use lethe_core::lists::library::{self, Built, Out, build_list};
use lethe_core::lists::publish::{self, KeyRole};
use lethe_core::{Error, Result};

use super::{Key, ListCommand, show};
use crate::output::{is_standard, plural, print_bytes};

/// Runs `build`, `import`, `inspect`, `publish` and `rotate`.
///
/// # Errors
/// `BadInput` with what can't be used, `Store` for what can't be written.
pub fn make(command: &ListCommand, json: bool) -> Result<()> {
    match command {
        ListCommand::Build { entries, out, force, clear } => {
            let made = build_list(entries, &place(out, *force), *clear)?;
            warn_of_full_names(&made.in_full_only);
            built(&made, out, json)
        }
        ListCommand::Import { descriptor, hashes, out, force } => {
            let (made, imported) = library::import_hashes(descriptor, hashes, &place(out, *force))?;
            let notes = [(imported.duplicates, "duplicates left out"), (imported.unknown_kinds, "of an unknown kind")];
            for (count, what) in notes.into_iter().filter(|(count, _)| *count > 0) {
                say!("{count} {what}");
            }
            built(&made, out, json)
        }
        ListCommand::Inspect { file } => {
            let summary = library::inspect_list(file)?;
            show(json, &summary, || {
                let kinds: Vec<String> = summary.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                let how = match summary.algorithm {
                    Some(algorithm) => format!("hashed by others with {algorithm}"),
                    None if summary.hashed => "hashed".to_owned(),
                    None => "in clear".to_owned(),
                };
                format!(
                    "{}: {}, {how}, {}, {}\n{}\n",
                    summary.meta.name,
                    plural(summary.entries as u64, "entry", "entries"),
                    summary.format,
                    summary.canonical_form,
                    kinds.join(", ")
                )
            })
        }
        ListCommand::Publish { keys, repo, entries, expires, pack } => {
            let published = publish::publish(keys, repo, entries, *expires)?;
            if let Some(archive) = pack {
                publish::pack(repo, archive)?;
            }
            show(json, &published, || {
                format!(
                    "version {}: {} entries, {} added, {} changed, {} removed\nsubscribers need {}\n",
                    published.version,
                    published.entries,
                    published.added,
                    published.changed,
                    published.removed,
                    published.root
                )
            })
        }
        ListCommand::Rotate { keys, repo, only, add_root, expires } => {
            let roles: Vec<KeyRole> = only.iter().copied().map(KeyRole::from).collect();
            let rotated = match (*add_root, roles.is_empty()) {
                (true, _) => publish::add_root_key(keys, repo, *expires)?,
                (false, true) => publish::rotate(keys, repo, &KeyRole::ALL, *expires)?,
                (false, false) => publish::rotate(keys, repo, &roles, *expires)?,
            };
            show(json, &rotated, || {
                format!(
                    "version {} of the keys\ncopy the repository to the web server; new subscribers need {}\n",
                    rotated.version, rotated.root
                )
            })
        }
        _ => Err(Error::bad_input("this command needs a data folder")),
    }
}

impl From<Key> for KeyRole {
    fn from(key: Key) -> Self {
        match key {
            Key::Root => Self::Root,
            Key::SecondRoot => Self::SecondRoot,
            Key::Targets => Self::Targets,
            Key::Snapshot => Self::Snapshot,
            Key::Timestamp => Self::Timestamp,
        }
    }
}

/// Standard output for `-`, and else a file.
fn place(out: &Path, force: bool) -> Out<'_> {
    let existing = if force { Existing::Replace } else { Existing::Keep };
    if is_standard(out) { Out::Caller } else { Out::File(out, existing) }
}

/// Says of which people texts may leave out a first name and still mean them.
fn warn_of_full_names(ids: &[String]) {
    const NAMED: usize = 5;
    if ids.is_empty() {
        return;
    }
    let more = if ids.len() > NAMED { ", …" } else { "" };
    say!(
        "{} with several first names found only where all of them stand ({}{more}). To find the short form too, add \
         \"short\": true to those entries",
        plural(ids.len() as u64, "person", "people"),
        ids[..ids.len().min(NAMED)].join(", ")
    );
}

fn built(made: &Built, out: &Path, json: bool) -> Result<()> {
    if is_standard(out) {
        return print_bytes(&made.bytes);
    }
    let entries = || plural(made.summary.entries as u64, "entry", "entries");
    show(json, &made.summary, || format!("{}: {}\n", out.display(), entries()))
}
