//! A copy of the database as it is at one moment, in one file, encrypted with the same key.
//!
//! It is made by `VACUUM INTO`, so that nobody has to stop writing and no byte of what was deleted comes along; it is
//! opened and checked before it gets its name, and never replaces a file.

use crate::base::files::sync_folder;
use std::path::{Path, PathBuf};

use sqlx::SqlitePool;

use super::connect::single;
use super::{is_damage, private_folder};
use crate::base::error::{Code, Error, Result};
use crate::base::key::Key;

/// Room that is left on the disk for everything else.
const SPARE: u64 = 16 << 20;

/// Copies a database into a new file of a folder, which is made if need be.
///
/// # Errors
/// `DiskFull` before anything is written, `Store` when the folder can't be written or the copy is not whole.
pub(crate) async fn snapshot(pool: &SqlitePool, key: Option<&Key>, folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    let unwritable = |error: std::io::Error| Error::unwritable(&path, &error);
    private_folder(folder).map_err(unwritable)?;
    // An encrypted database may say these numbers as text.
    let bytes = "SELECT coalesce(CAST(page_count AS INTEGER), 0) * coalesce(CAST(page_size AS INTEGER), 4096)
                 FROM pragma_page_count, pragma_page_size";
    let (bytes,): (i64,) = sqlx::query_as(bytes).fetch_one(pool).await?;
    ask_for_room(folder, u64::try_from(bytes).unwrap_or(0))?;
    let part = partial(folder)?;
    let written = sqlx::query("VACUUM INTO ?").bind(part.to_string_lossy().into_owned()).execute(pool).await;
    written.map_err(|error| if is_damage(&error) { error.into() } else { full(&path, error) })?;
    check(&part, key).await?;
    keep(part, &path)?;
    Ok(path)
}

/// A new file under a name that says it is not whole.
///
/// # Errors
/// `Store` when the folder can't be written.
pub(crate) fn partial(folder: &Path) -> Result<tempfile::TempPath> {
    let file = tempfile::Builder::new().prefix(".backup-").suffix(".partial").tempfile_in(folder);
    file.map(tempfile::NamedTempFile::into_temp_path).map_err(|error| Error::unwritable(folder, &error))
}

/// Gives a whole file its name; one of that name is never replaced.
///
/// # Errors
/// `Store` when there is one.
pub(crate) fn keep(part: tempfile::TempPath, path: &Path) -> Result<()> {
    let kept = (|| {
        std::fs::File::options().write(true).open(&part)?.sync_all()?;
        part.persist_noclobber(path).map_err(|error| error.error)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    })();
    kept.map_err(|error| Error::unwritable(path, &error))
}

/// Whether a disk has this much room.
///
/// # Errors
/// `DiskFull` with how much is missing.
pub(crate) fn ask_for_room(folder: &Path, bytes: u64) -> Result<()> {
    let needed = bytes + SPARE;
    // A system that does not say is asked by writing.
    let available = lethe_hub::download::available(folder).unwrap_or(u64::MAX);
    if available >= needed {
        return Ok(());
    }
    Err(Error::new(
        Code::DiskFull,
        format!(
            "a backup needs {} in {}, and there is {}: free some space",
            lethe_models::memory::size_text(needed),
            folder.display(),
            lethe_models::memory::size_text(available)
        ),
    ))
}

/// Opens a copy and reads all of it: pages, tables and indexes.
///
/// # Errors
/// `Store` when something in it is damaged.
pub(crate) async fn check(path: &Path, key: Option<&Key>) -> Result<()> {
    let pool = single(path, key).await?;
    let damaged = || Error::new(Code::Store, format!("{} is damaged: use another backup", path.display()));
    let outcome = async {
        if key.is_some() {
            let pages = sqlx::query("PRAGMA cipher_integrity_check").fetch_all(&pool).await?;
            if !pages.is_empty() {
                return Err(damaged());
            }
        }
        let (said,): (String,) = sqlx::query_as("PRAGMA integrity_check(1)").fetch_one(&pool).await?;
        // Without this table it is a database of something else.
        let migrated = sqlx::query("SELECT count(*) FROM _sqlx_migrations").execute(&pool).await;
        if said == "ok" && migrated.is_ok() { Ok(()) } else { Err(damaged()) }
    }
    .await;
    pool.close().await;
    // A page that can't be read ends the check with an error that speaks of the history.
    outcome.map_err(|error: Error| if error.code == Code::Damaged { damaged() } else { error })
}

fn full(path: &Path, error: sqlx::Error) -> Error {
    let Error { code, message } = error.into();
    Error::new(code, format!("{} can't be written: {message}", path.display()))
}
