//! Models that are on this machine already: of other programs, and in files and folders that a user points to.

use std::path::{Path, PathBuf};

use lethe_models::elsewhere::{self, AppModel, Roots};
use serde::Serialize;
use ts_rs::TS;

use super::Models;
use crate::base::blocking::blocking;
use crate::base::error::{Error, Result};
use crate::models::model::ModelView;

/// A model that is not in the list yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FoundModel {
    /// Its file, or the first of them.
    pub path: String,
    /// Its name for people.
    pub name: String,
    pub app: String,
    /// Size of all its files.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Why it can't be used.
    pub problem: Option<String>,
}

/// What became of files that were to be taken into the list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[ts(rename = "Imported")]
pub struct Imports {
    /// Models that are in the list now.
    pub imported: Vec<ModelView>,
    /// Files that are not.
    pub failures: Vec<ImportFailure>,
}

/// A file that is no model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ImportFailure {
    pub path: String,
    pub error: Error,
}

impl Models {
    /// Models of other programs that are not in the list yet.
    ///
    /// # Errors
    /// `Store`.
    pub async fn found(&self, roots: Roots) -> Result<Vec<FoundModel>> {
        let known: Vec<(String,)> = sqlx::query_as("SELECT path FROM model").fetch_all(self.store.pool()).await?;
        blocking(move || {
            let is_new = |found: &AppModel| {
                let path = std::fs::canonicalize(&found.path).unwrap_or_else(|_| found.path.clone());
                !known.iter().any(|(known,)| Path::new(known) == path)
            };
            Ok::<_, Error>(elsewhere::find(&roots).into_iter().filter(is_new).map(view).collect())
        })
        .await
    }

    /// Takes files into the list, and all models that lie in folders, where they lie.
    ///
    /// # Errors
    /// `Store`. A file that is no model is no error of the others.
    pub async fn import_all(&self, paths: &[PathBuf]) -> Result<Imports> {
        let mut imports = Imports { imported: Vec::new(), failures: Vec::new() };
        for path in paths {
            let named = path.clone();
            let files = blocking(move || {
                Ok::<_, Error>(match named.is_dir() {
                    true => elsewhere::in_folder(&named).into_iter().map(|found| found.path).collect(),
                    false => vec![named],
                })
            })
            .await?;
            if files.is_empty() {
                let error =
                    Error::bad_input("there is no model file in this folder: choose one with files that end in .gguf");
                imports.failures.push(ImportFailure { path: path.display().to_string(), error });
            }
            for file in files {
                match self.import(&file).await {
                    Ok(model) => imports.imported.push(model),
                    Err(error) => imports.failures.push(ImportFailure { path: file.display().to_string(), error }),
                }
            }
        }
        Ok(imports)
    }
}

fn view(found: AppModel) -> FoundModel {
    let problem = lethe_models::gguf::Header::read(&found.path).err();
    FoundModel {
        path: found.path.display().to_string(),
        name: found.name,
        app: found.app.name().to_owned(),
        bytes: found.bytes,
        problem: problem.map(|problem| crate::base::error::sentence(&problem.to_string())),
    }
}
