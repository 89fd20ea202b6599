//! Commands for backups of the history. Those that put one in its place close the product and open it anew.
//!
//! A path that comes from the page is one of the list that the page was given, or counts as any other path does
//! (`files.rs`).

use std::path::PathBuf;

use lethe_core::base::key::{KeyWish, Keychain};
use lethe_core::base::paths::Paths;
use lethe_core::chat::backup::{
    self, BackupFile, BackupReason, ChosenBackup, Passphrase, Restored, Salvaged, is_carried,
};
use lethe_core::{Error, Result};
use tauri::{AppHandle, State};

use crate::commands::{pick, pick_folder, pick_new};
use crate::files::opened;
use crate::product::{Product, reopen, with_closed};

/// What a file to take along is called, unless somebody calls it otherwise.
const CARRIED: &str = "lethe-history.age";

#[tauri::command]
pub async fn backup_list(product: State<'_, Product>) -> Result<Vec<BackupFile>> {
    backup::list(&product.paths()?)
}

/// The newest one that can be read whole; asked for where the history can't be.
#[tauri::command]
pub async fn backup_newest(product: State<'_, Product>) -> Result<Option<BackupFile>> {
    backup::newest_good(&product.paths()?, &Keychain::System).await
}

#[tauri::command]
pub async fn backup_create(product: State<'_, Product>) -> Result<BackupFile> {
    product.lethe().await?.backups().create(BackupReason::Asked, now(), None).await
}

/// Makes one in a folder that is chosen in the system's dialog; `None` when that was left.
#[tauri::command]
pub async fn backup_create_elsewhere(app: AppHandle, product: State<'_, Product>) -> Result<Option<BackupFile>> {
    let Some(folder) = pick_folder(&app).await? else { return Ok(None) };
    product.lethe().await?.backups().create(BackupReason::Asked, now(), Some(&folder)).await.map(Some)
}

/// Writes one to take along into a file that is named in the system's dialog; `None` when that was left.
#[tauri::command]
pub async fn backup_carry(app: AppHandle, product: State<'_, Product>, passphrase: String) -> Result<Option<PathBuf>> {
    let passphrase = Passphrase::new(&passphrase)?;
    let Some(file) = pick_new(&app, CARRIED).await? else { return Ok(None) };
    product.lethe().await?.backups().carry(&file, &passphrase).await?;
    Ok(Some(file))
}

#[tauri::command]
pub async fn backup_verify(app: AppHandle, product: State<'_, Product>, path: PathBuf) -> Result<()> {
    let paths = product.paths()?;
    let path = listed(&app, &paths, path).await?;
    backup::verify(&paths, &Keychain::System, &path).await
}

/// A file that is chosen in the system's dialog; `None` when that was left.
#[tauri::command]
pub async fn backup_pick(app: AppHandle) -> Result<Option<ChosenBackup>> {
    let path = pick(&app, "Backups", &["backup", "age"]).await?;
    Ok(path.map(|path| ChosenBackup { carried: is_carried(&path), path }))
}

/// Puts a backup in the place of the history, and cleans what it holds by the lists of now.
#[tauri::command]
pub async fn backup_restore(
    app: AppHandle,
    product: State<'_, Product>,
    path: PathBuf,
    passphrase: Option<String>,
) -> Result<Restored> {
    let paths = product.paths()?;
    let path = listed(&app, &paths, path).await?;
    if is_carried(&path) && passphrase.is_none() {
        return Err(Error::bad_input("this backup opens with its passphrase: choose it with Put back a file"));
    }
    let passphrase = passphrase.as_deref().map(Passphrase::known);
    let wish = KeyWish::from_environment()?;
    with_closed(&app, backup::restore(&paths, wish, &Keychain::System, Some(&path), passphrase, now())).await
}

/// Reads out of the damaged history what can be read, into a backup.
#[tauri::command]
pub async fn backup_salvage(app: AppHandle, product: State<'_, Product>) -> Result<Salvaged> {
    let paths = product.paths()?;
    with_closed(&app, backup::salvage(&paths, &Keychain::System, None, now())).await
}

/// Tries once more to open the history, after a failure.
#[tauri::command]
pub async fn app_reopen(app: AppHandle) {
    reopen(&app).await;
}

async fn listed(app: &AppHandle, paths: &Paths, path: PathBuf) -> Result<PathBuf> {
    if backup::list(paths)?.iter().any(|backup| backup.path == path) {
        return Ok(path);
    }
    opened(app, path).await
}

fn now() -> i64 {
    lethe_core::base::clock::now()
}
