//! Deleting a model: what it frees, said before it is done.
//!
//! Only files in the data folder are deleted. What lies elsewhere is the user's or another program's and stays, even
//! where Lethe could remove it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use ts_rs::TS;

use crate::base::blocking::blocking;
use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::models::library::{Models, parts};
use crate::models::model::bytes_of;
use crate::models::running::Running;

/// What deleting a model would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Deletion {
    pub model: String,
    pub files: Vec<DeletedFile>,
    /// Bytes that it frees; 0 where the files stay.
    #[ts(type = "number")]
    pub frees: u64,
    /// Whether the files are Lethe's and go.
    pub own: bool,
    /// What else there is to know, one sentence.
    pub note: Option<String>,
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "DeletionFile")]
pub struct DeletedFile {
    pub path: String,
    #[ts(type = "number")]
    pub bytes: u64,
}

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionScope {
    /// The model leaves the list, and its own files go.
    Files,
    /// It only leaves the list.
    ListOnly,
}

/// Deletes models.
pub struct Deletions {
    models: Models,
    running: Arc<Running>,
    paths: Paths,
}

impl Deletions {
    pub(crate) fn new(models: Models, running: Arc<Running>, paths: Paths) -> Self {
        Self { models, running, paths }
    }

    /// What deleting a model would do.
    ///
    /// # Errors
    /// `NoModel`, `Store`.
    pub async fn preview(&self, id: &str) -> Result<Deletion> {
        let file = self.models.find(id).await?;
        let Ok(path) = file.path() else {
            let note = "It runs on a server: only its entry and its key are removed here".to_owned();
            return Ok(Deletion { model: file.id, files: Vec::new(), frees: 0, own: true, note: Some(note) });
        };
        let (path, folder, model) = (path.to_owned(), self.paths.models_folder(), file.id.clone());
        blocking(move || Ok::<_, Error>(preview(model, &path, &folder))).await
    }

    /// Takes a model from the list, and its own files from the disk if that is wished. One that is loaded, or
    /// being loaded, is unloaded first.
    ///
    /// # Errors
    /// `NoModel`; `Store` when a file can't be deleted: then the model stays in the list.
    pub async fn delete(&self, id: &str, scope: DeletionScope) -> Result<()> {
        if self.running.uses(id) {
            self.running.stop().await;
        }
        let file = self.models.find(id).await?;
        if let Ok(path) = file.path()
            && scope == DeletionScope::Files
        {
            let (path, folder) = (path.to_owned(), self.paths.models_folder());
            blocking(move || delete_files(&path, &folder)).await?;
        }
        self.models.remove(&file.id).await
    }
}

fn preview(model: String, path: &Path, folder: &Path) -> Deletion {
    let files: Vec<DeletedFile> = files_of(path)
        .into_iter()
        .map(|path| DeletedFile { bytes: bytes_of(&path), path: path.display().to_string() })
        .collect();
    let own = is_own(path, folder);
    let frees = if own { files.iter().map(|file| file.bytes).sum() } else { 0 };
    let note = (!own)
        .then(|| format!("The file is not in Lethe's folder, so it stays: delete it where it is, {}", path.display()));
    Deletion { model, files, frees, own, note }
}

/// Deletes what is Lethe's own.
fn delete_files(path: &Path, folder: &Path) -> Result<()> {
    if !is_own(path, folder) {
        return Ok(());
    }
    for file in files_of(path) {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::new(
                    Code::Store,
                    format!("{} can't be deleted ({}): close what uses it and try again", file.display(), error.kind()),
                ));
            }
            _ => {}
        }
    }
    remove_empty_folders(path, folder);
    Ok(())
}

/// All parts of a model, and the tokeniser that lies beside it under its name.
fn files_of(path: &Path) -> Vec<PathBuf> {
    let mut files = parts(path);
    let beside = path.with_extension("tokenizer.json");
    files.extend(Some(beside).filter(|file| file.is_file()));
    files
}

fn is_own(path: &Path, folder: &Path) -> bool {
    let folder = std::fs::canonicalize(folder);
    folder.is_ok_and(|folder| path.starts_with(folder))
}

/// Folders that held nothing else are not left behind; one that holds something stays.
fn remove_empty_folders(path: &Path, folder: &Path) {
    let Ok(top) = std::fs::canonicalize(folder) else { return };
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != top && folder.starts_with(&top)) {
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
    }
}
