//! Deleting a model: what it frees, said before it is done.
//!
//! Only files in the data folder are deleted. What lies elsewhere is the user's or another program's and stays, even
//! where Lethe could remove it.

use std::path::{Path, PathBuf};

use serde::Serialize;
use ts_rs::TS;

use super::Models;
use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::lethe::Lethe;

/// What deleting a model would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Deletion {
    /// The model.
    pub model: String,
    /// Its files.
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
    /// Where it is.
    pub path: String,
    /// Its size.
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

impl Models {
    /// What deleting a model would do.
    ///
    /// # Errors
    /// `NoModel`, `Store`.
    pub async fn deletion(&self, id: &str, paths: &Paths) -> Result<Deletion> {
        let file = self.find(id).await?;
        let Ok(path) = file.path() else {
            let note = "It runs on a server: only its entry and its key are removed here".to_owned();
            return Ok(Deletion { model: file.id, files: Vec::new(), frees: 0, own: true, note: Some(note) });
        };
        let files: Vec<DeletedFile> = files_of(path)
            .into_iter()
            .map(|path| DeletedFile {
                bytes: std::fs::metadata(&path).map_or(0, |file| file.len()),
                path: path.display().to_string(),
            })
            .collect();
        let own = is_own(path, paths);
        let frees = if own { files.iter().map(|file| file.bytes).sum() } else { 0 };
        let note = (!own).then(|| {
            format!("The file is not in Lethe's folder, so it stays: delete it where it is, {}", path.display())
        });
        Ok(Deletion { model: file.id, files, frees, own, note })
    }

    /// Takes a model from the list, and its own files from the disk if that is wished.
    ///
    /// # Errors
    /// `NoModel`; `Store` when a file can't be deleted: then the model stays in the list.
    pub async fn delete(&self, id: &str, scope: DeletionScope, paths: &Paths) -> Result<()> {
        let file = self.find(id).await?;
        if let Ok(path) = file.path()
            && scope == DeletionScope::Files
            && is_own(path, paths)
        {
            for file in files_of(path) {
                match std::fs::remove_file(&file) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(Error::new(
                            Code::Store,
                            format!(
                                "{} can't be deleted ({}): close what uses it and try again",
                                file.display(),
                                error.kind()
                            ),
                        ));
                    }
                    _ => {}
                }
            }
            remove_empty_folders(path, paths);
        }
        self.remove(&file.id).await
    }
}

impl Lethe {
    /// What deleting a model would do.
    ///
    /// # Errors
    /// `NoModel`, `Store`.
    pub async fn model_deletion(&self, id: &str) -> Result<Deletion> {
        self.models().deletion(id, self.paths()).await
    }

    /// Takes a model from the list, and its own files from the disk if that is wished. One that is loaded is unloaded
    /// first.
    ///
    /// # Errors
    /// `NoModel`; `Store` when a file can't be deleted: then the model stays in the list.
    pub async fn model_delete(&self, id: &str, scope: DeletionScope) -> Result<()> {
        if self.running().current().is_some_and(|ready| ready.file().id == id) {
            self.running().stop().await;
        }
        self.models().delete(id, scope, self.paths()).await
    }
}

/// All parts of a model, and the tokeniser that lies beside it under its name.
fn files_of(path: &Path) -> Vec<PathBuf> {
    let mut files = super::parts(path);
    let beside = path.with_extension("tokenizer.json");
    files.extend(Some(beside).filter(|file| file.is_file()));
    files
}

fn is_own(path: &Path, paths: &Paths) -> bool {
    let folder = std::fs::canonicalize(paths.models_folder());
    folder.is_ok_and(|folder| path.starts_with(folder))
}

/// Folders that held nothing else are not left behind; one that holds something stays.
fn remove_empty_folders(path: &Path, paths: &Paths) {
    let Ok(top) = std::fs::canonicalize(paths.models_folder()) else { return };
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != top && folder.starts_with(&top)) {
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
    }
}
