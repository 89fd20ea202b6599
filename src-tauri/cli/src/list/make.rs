//! Commands that make list files and repositories; they need no data folder.

use std::path::Path;

use lethe_core::lists::{self, build_list};
use lethe_core::publish;
use lethe_core::{Error, Result};

use super::{ListCommand, show};

/// Runs `build`, `import`, `inspect` and `publish`.
///
/// # Errors
/// `BadInput` with what can't be used, `Store` for what can't be written.
pub fn make(command: &ListCommand, json: bool) -> Result<()> {
    match command {
        ListCommand::Build { entries, out, clear } => built(&build_list(entries, out, *clear)?, out, json),
        ListCommand::Import { descriptor, hashes, out } => {
            let (summary, imported) = lists::import_hashes(descriptor, hashes, out)?;
            let notes = [(imported.duplicates, "duplicates left out"), (imported.unknown_kinds, "of an unknown kind")];
            for (count, what) in notes.into_iter().filter(|(count, _)| *count > 0) {
                eprintln!("{count} {what}");
            }
            built(&summary, out, json)
        }
        ListCommand::Inspect { file } => {
            let summary = lists::inspect_list(file)?;
            show(json, &summary, || {
                let kinds: Vec<String> = summary.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                let how = if summary.hashed { "hashed" } else { "in clear" };
                format!(
                    "{}: {} entries, {how}, {}, {}\n{}\n",
                    summary.meta.name,
                    summary.entries,
                    summary.format,
                    summary.canonical_form,
                    kinds.join(", ")
                )
            })
        }
        ListCommand::Publish { keys, repo, entries, expires, rotate_root, pack } => {
            if *rotate_root {
                publish::rotate_root(keys, repo, *expires)?;
            }
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
        _ => Err(Error::bad_input("this command needs a data folder")),
    }
}

fn built(summary: &lists::ListSummaryOfFile, out: &Path, json: bool) -> Result<()> {
    show(json, summary, || format!("{}: {} entries\n", out.display(), summary.entries))
}
