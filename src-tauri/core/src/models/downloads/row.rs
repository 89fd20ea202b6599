//! A download in the database.

use std::path::{Path, PathBuf};

use lethe_hub::download::{Checksum, Wanted};
use lethe_hub::hub::{Format, RemoteFile, Repository};
use lethe_hub::variants::Variant;
use serde::{Deserialize, Serialize};

use super::claim::Claim;
use super::{DownloadState, DownloadView};
use crate::base::clock::now;
use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::base::store::Store;

/// A file that is wanted, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredFile {
    pub path: String,
    pub bytes: u64,
    pub sha256: Option<String>,
    pub oid: String,
}

/// What a person decided, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredState {
    Queued,
    Paused,
    Done,
    Failed,
}

impl StoredState {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Queued, "queued"), (Self::Paused, "paused"), (Self::Done, "done"), (Self::Failed, "failed")];

    fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(state, _)| *state == self).map_or("queued", |(_, word)| word)
    }

    fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map_or(Self::Failed, |(state, _)| state)
    }
}

/// A download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DownloadRow {
    pub id: String,
    pub name: String,
    pub repository: String,
    pub revision: String,
    pub variant: String,
    pub files: Vec<StoredFile>,
    pub converts: bool,
    pub state: StoredState,
    pub problem: Option<String>,
    pub model: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: String,
    name: String,
    repository: String,
    revision: String,
    variant: String,
    files: String,
    converts: bool,
    state: String,
    problem: Option<String>,
    model: Option<String>,
}

impl From<Columns> for DownloadRow {
    fn from(columns: Columns) -> Self {
        let Columns { id, name, repository, revision, variant, files, converts, state, problem, model } = columns;
        // A row that can't be read is a download without files, which fails with a sentence.
        let files = serde_json::from_str(&files).unwrap_or_default();
        Self {
            id,
            name,
            repository,
            revision,
            variant,
            files,
            converts,
            state: StoredState::read(&state),
            problem,
            model,
        }
    }
}

impl DownloadRow {
    pub fn new(name: String, short: &str, repository: &Repository, variant: &Variant) -> Self {
        let file = |file: &RemoteFile| StoredFile {
            path: file.path.to_string(),
            bytes: file.bytes,
            sha256: file.sha256.as_ref().map(|sha256| sha256.as_str().to_owned()),
            oid: file.oid.clone(),
        };
        Self {
            id: format!("{}@{}/{}", repository.repo, repository.commit, short),
            name,
            repository: repository.repo.to_string(),
            revision: repository.commit.to_string(),
            variant: short.to_owned(),
            files: variant.files.iter().map(file).collect(),
            converts: variant.format == Format::Safetensors,
            state: StoredState::Queued,
            problem: None,
            model: None,
        }
    }

    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// As it stands while nobody works on it.
    pub fn view(&self) -> DownloadView {
        let state = match self.state {
            StoredState::Queued => DownloadState::Queued,
            StoredState::Paused => DownloadState::Paused,
            StoredState::Done => DownloadState::Done,
            StoredState::Failed => DownloadState::Failed,
        };
        let error = self.problem.clone().filter(|_| self.state == StoredState::Failed);
        DownloadView {
            id: self.id.clone(),
            name: self.name.clone(),
            repository: self.repository.clone(),
            revision: self.revision.clone(),
            bytes: self.bytes(),
            done: if self.state == StoredState::Done { self.bytes() } else { 0 },
            bytes_per_s: 0,
            seconds_left: None,
            state,
            text: error.as_deref().map(crate::base::error::sentence),
            error: error.map(|problem| Error::new(Code::Network, problem)),
            model: self.model.clone(),
            converts: self.converts,
        }
    }

    /// The folder of its files, by repository and commit: what belongs to one commit never meets a file of another.
    pub fn folder(&self, paths: &Paths) -> PathBuf {
        // Both parts were checked when the repository was asked for.
        self.repository
            .split('/')
            .chain([&*self.revision])
            .fold(paths.models_folder(), |folder, part| folder.join(part))
    }

    /// The files, as the downloader wants them.
    ///
    /// # Errors
    /// `Store` when the row can't be used.
    pub fn wanted(&self) -> Result<Vec<Wanted>> {
        let damaged = || Error::new(Code::Store, "this download is damaged: cancel it and start it again");
        if self.files.is_empty() {
            return Err(damaged());
        }
        let version = format!("{}@{}", self.repository, self.revision);
        let wanted = |file: &StoredFile| {
            let checksum = match &file.sha256 {
                Some(sha256) => Checksum::sha256(sha256),
                None => Checksum::git_blob(&file.oid),
            };
            Wanted::new(&file.path, &version, file.bytes, checksum).map_err(|_| damaged())
        };
        self.files.iter().map(wanted).collect()
    }

    /// Claims the work on it, for this program and against others. The claim ends when it is dropped.
    ///
    /// # Errors
    /// `Busy` while another program works on it, `Store` when the folder can't be written.
    pub fn claim(&self, paths: &Paths) -> Result<Claim> {
        paths.models()?;
        Claim::take(&self.folder(paths), &self.variant)
    }

    /// Removes what arrived, but for a model of the list. What can't be removed stays, and is noted in the log.
    ///
    /// # Errors
    /// `Store`; then nothing was removed.
    pub async fn remove_files(&self, store: &Store, paths: &Paths) -> Result<()> {
        let folder = self.folder(paths);
        let is_model = !self.converts && self.is_model(store, &folder).await?;
        for file in &self.files {
            let path = file.path.split('/').fold(folder.clone(), |path, part| path.join(part));
            let names = lethe_hub::download::leftovers(&path);
            let whole = Some(path).filter(|_| !is_model);
            for name in names.into_iter().chain(whole) {
                if let Err(error) = std::fs::remove_file(&name)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    tracing::warn!(%error, "a part of a download stays");
                }
            }
        }
        // They are removed when they are empty, and only then.
        for folder in folder.ancestors().take_while(|folder| *folder != paths.models_folder()) {
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Whether its first file is in the list of models, for this or for another reason.
    async fn is_model(&self, store: &Store, folder: &Path) -> Result<bool> {
        // The list has folders as they are, without links.
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let Some(first) = self.files.first() else { return Ok(false) };
        let path = first.path.split('/').fold(folder, |path, part| path.join(part)).display().to_string();
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT 1 FROM model WHERE path = ?").bind(path).fetch_optional(store.pool()).await?;
        Ok(row.is_some())
    }

    pub async fn all(store: &Store) -> Result<Vec<Self>> {
        let rows: Vec<Columns> =
            sqlx::query_as("SELECT * FROM download ORDER BY added_at, id").fetch_all(store.pool()).await?;
        Ok(rows.into_iter().map(Self::from).collect())
    }

    /// None when it was removed, by this program or another.
    pub async fn get(store: &Store, id: &str) -> Result<Option<Self>> {
        let row: Option<Columns> =
            sqlx::query_as("SELECT * FROM download WHERE id = ?").bind(id).fetch_optional(store.pool()).await?;
        Ok(row.map(Self::from))
    }

    pub async fn insert(&self, store: &Store) -> Result<()> {
        let files = serde_json::to_string(&self.files)
            .map_err(|_| Error::new(Code::Internal, "the download can't be kept: start it again"))?;
        sqlx::query(
            "INSERT OR REPLACE INTO download
             (id, name, repository, revision, variant, files, converts, state, added_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&self.id)
        .bind(&self.name)
        .bind(&self.repository)
        .bind(&self.revision)
        .bind(&self.variant)
        .bind(files)
        .bind(self.converts)
        .bind(self.state.word())
        .bind(now())
        .execute(store.pool())
        .await?;
        Ok(())
    }

    pub async fn set_state(store: &Store, id: &str, state: StoredState) -> Result<()> {
        sqlx::query("UPDATE download SET state = ?, problem = NULL WHERE id = ?")
            .bind(state.word())
            .bind(id)
            .execute(store.pool())
            .await?;
        Ok(())
    }

    pub async fn set_failed(store: &Store, id: &str, problem: &str) -> Result<()> {
        sqlx::query("UPDATE download SET state = ?, problem = ? WHERE id = ?")
            .bind(StoredState::Failed.word())
            .bind(problem)
            .bind(id)
            .execute(store.pool())
            .await?;
        Ok(())
    }

    pub async fn set_done(store: &Store, id: &str, model: &str) -> Result<()> {
        sqlx::query("UPDATE download SET state = ?, problem = NULL, model = ? WHERE id = ?")
            .bind(StoredState::Done.word())
            .bind(model)
            .bind(id)
            .execute(store.pool())
            .await?;
        Ok(())
    }

    pub async fn delete(store: &Store, id: &str) -> Result<()> {
        sqlx::query("DELETE FROM download WHERE id = ?").bind(id).execute(store.pool()).await?;
        Ok(())
    }
}
