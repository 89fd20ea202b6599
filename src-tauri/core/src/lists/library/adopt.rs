//! The rows of a database that came from a backup are brought in line with the list files of now: the files are what
//! filters, and one that its row does not know would be taken for damaged, or not at all.

use std::path::PathBuf;

use crate::lists::file::NamedList;
use sqlx::SqlitePool;

use crate::base::error::Result;
use crate::base::paths::Paths;

/// Brings rows in line with the files of the data folder. A file that can't be read stays what its row says of it.
///
/// # Errors
/// `Store`.
pub(crate) async fn adopt_files(pool: &SqlitePool, paths: &Paths) -> Result<()> {
    for File { path, id, format } in files(paths) {
        let read = tokio::task::spawn_blocking(move || {
            let bytes = std::fs::read(&path).ok()?;
            let name = lethe_filters::ListFile::open(bytes.clone()).ok().map(|file| file.meta().name.clone());
            NamedList::of_bytes(&name.unwrap_or_default(), bytes).ok()
        });
        let Ok(Some(list)) = read.await else { continue };
        let name = if list.facts.name.is_empty() { id.clone() } else { list.facts.name.clone() };
        // What brought this file later than the backup brings it again: it is as new as it can be, and local until then.
        sqlx::query(
            "INSERT INTO list (id, name, entries, imported_at, sha256, format, hashed, issued_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, sha256 = excluded.sha256,
                 format = excluded.format, hashed = excluded.hashed",
        )
        .bind(&id)
        .bind(name)
        .bind(list.facts.entries)
        .bind(crate::base::clock::now())
        .bind(&list.facts.sha256)
        .bind(format)
        .bind(list.list.is_hashed())
        .bind(list.issued_at)
        .execute(pool)
        .await?;
    }
    Ok(())
}

/// Whether there are files of lists in a data folder, whatever its database says; a folder that can't be looked into
/// counts as one with lists.
pub(crate) fn keeps_lists(paths: &Paths) -> bool {
    let hidden = |error: std::io::Error| error.kind() != std::io::ErrorKind::NotFound;
    files(paths).next().is_some() || std::fs::read_dir(paths.lists()).is_err_and(hidden)
}

/// A file that may be a list's.
struct File {
    path: PathBuf,
    id: String,
    format: String,
}

fn files(paths: &Paths) -> impl Iterator<Item = File> {
    std::fs::read_dir(paths.lists()).into_iter().flatten().flatten().filter_map(|entry| {
        let path = entry.path();
        let text = |part: Option<&std::ffi::OsStr>| part.and_then(|part| part.to_str()).map(str::to_owned);
        let (id, format) = (text(path.file_stem())?, text(path.extension())?);
        let is_list = ["list", "jsonl"].contains(&format.as_str()) && !id.starts_with('.');
        is_list.then_some(File { path, id, format })
    })
}
