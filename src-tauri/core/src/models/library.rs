//! The models that Lethe knows: GGUF files, used where they lie, and models on servers.

mod digest;
mod facts;
mod found;
mod twins;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lethe_models::gguf::{Header, PartName};
use lethe_models::plain::plain;
use tokio::sync::{Mutex, Notify};

use crate::base::blocking::blocking;
use crate::base::clock::now;
use crate::base::error::{Code, Error, Result, sentence};
use crate::base::store::Store;
use crate::models::model::{ModelFile, ModelView, Place, Speed, free_id};
use crate::models::remote::Remotes;

pub(crate) use facts::Origin;
pub use found::{FoundModel, ImportFailure, Imports};

/// Longest name of an architecture that is shown, in characters; files may say anything.
const LONGEST_ARCHITECTURE: usize = 64;

#[derive(sqlx::FromRow)]
struct ModelRow {
    id: String,
    path: String,
    added_at: i64,
    sha256: Option<String>,
    sha256_of: Option<String>,
    repository: Option<String>,
    prompt_rate: Option<f64>,
    answer_rate: Option<f64>,
}

/// The models of a data folder.
#[derive(Clone)]
pub struct Models {
    store: Arc<Store>,
    remotes: Remotes,
    /// A file has come.
    added: Arc<Notify>,
    /// One file at a time is read for its digest, and none twice.
    reading: Arc<Mutex<()>>,
}

impl Models {
    /// On an open database.
    pub fn new(store: Arc<Store>, remotes: Remotes) -> Self {
        Self { store, remotes, added: Arc::default(), reading: Arc::default() }
    }

    /// Those on servers.
    pub fn remotes(&self) -> &Remotes {
        &self.remotes
    }

    /// All models, the newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn all(&self) -> Result<Vec<ModelView>> {
        let rows: Vec<ModelRow> = sqlx::query_as("SELECT * FROM model").fetch_all(self.store.pool()).await?;
        let files = blocking(move || Ok::<_, Error>(views(&rows))).await?;
        let remotes = self.remotes.rows().await?.into_iter().map(|row| (row.place.added_at, row.view(&self.remotes)));
        let mut models: Vec<(i64, ModelView)> = files.into_iter().chain(remotes).collect();
        models.sort_by(|(at, model), (other_at, other)| other_at.cmp(at).then_with(|| model.id.cmp(&other.id)));
        Ok(models.into_iter().map(|(_, model)| model).collect())
    }

    /// Takes a GGUF file into the list, where it lies. A file that is there already stays as it is.
    ///
    /// # Errors
    /// `ModelUnusable` with the reason, `Store`.
    pub async fn import(&self, path: &Path) -> Result<ModelView> {
        let path = path.to_owned();
        let (text, bytes) = blocking(move || named(&path)).await?;
        let known: Option<(String,)> =
            sqlx::query_as("SELECT id FROM model WHERE path = ?").bind(&text).fetch_optional(self.store.pool()).await?;
        if let Some((id,)) = known {
            return blocking(move || Ok::<_, Error>(view(id, text))).await;
        }
        let id = free_id(&self.store, &stem(Path::new(&text))).await?;
        sqlx::query("INSERT INTO model (id, path, added_at, bytes) VALUES (?, ?, ?, ?)")
            .bind(&id)
            .bind(&text)
            .bind(now())
            .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
            .execute(self.store.pool())
            .await?;
        self.added.notify_one();
        blocking(move || Ok::<_, Error>(view(id, text))).await
    }

    /// Forgets a model; its file stays. The key for a server is forgotten with its model.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn remove(&self, id: &str) -> Result<()> {
        let done = sqlx::query("DELETE FROM model WHERE id = ?").bind(id).execute(self.store.pool()).await?;
        if done.rows_affected() == 0 && !self.remotes.remove(id).await? {
            return Err(Error::not_found("model"));
        }
        Ok(())
    }

    /// The model of that key, name or path in the list.
    ///
    /// # Errors
    /// `NoModel` when there is none, `Store`.
    pub async fn find(&self, wanted: &str) -> Result<ModelFile> {
        let row: Option<(String, String)> = sqlx::query_as("SELECT id, path FROM model WHERE id = ?1 OR path = ?1")
            .bind(wanted)
            .fetch_optional(self.store.pool())
            .await?;
        if let Some((id, path)) = row {
            return Ok(ModelFile::at(id, path));
        }
        if let Some(remote) = self.remotes.find(wanted).await? {
            return Ok(remote);
        }
        Err(Error::new(
            Code::NoModel,
            format!(
                "there is no model \"{wanted}\": see lethe-cli model ls, or import a file with lethe-cli model import PATH"
            ),
        ))
    }

    /// As [`Models::find`], and a path to a file that is not in the list is taken in: for what a person typed in a
    /// terminal. What comes from the window or from the settings must not name files.
    ///
    /// # Errors
    /// `NoModel` when there is none, `ModelUnusable`, `Store`.
    pub async fn find_or_import(&self, wanted: &str) -> Result<ModelFile> {
        match self.find(wanted).await {
            Err(error) if error.code == Code::NoModel && Path::new(wanted).is_file() => {
                let view = self.import(Path::new(wanted)).await?;
                Ok(ModelFile::at(view.id, view.path))
            }
            found => found,
        }
    }

    /// The model to use when none is named: the one chosen last, or the newest file if that is gone. A model on a server
    /// is taken unasked only where nothing was ever chosen and there is no file: text leaves this machine because
    /// somebody wants it to.
    ///
    /// # Errors
    /// `NoModel` when there is none, `Store`.
    pub async fn default_model(&self, chosen: Option<&str>) -> Result<ModelFile> {
        if let Some(chosen) = chosen {
            match self.find(chosen).await {
                Err(error) if error.code == Code::NoModel => {}
                found => return found,
            }
        }
        let row: Option<(String, String)> =
            sqlx::query_as("SELECT id, path FROM model ORDER BY added_at DESC, id LIMIT 1")
                .fetch_optional(self.store.pool())
                .await?;
        if row.is_none()
            && chosen.is_none()
            && let Some(remote) = self.remotes.rows().await?.into_iter().max_by_key(|row| row.place.added_at)
        {
            return Ok(ModelFile { id: remote.id, place: Place::Remote(remote.place) });
        }
        let (id, path) = row.ok_or_else(|| {
            Error::new(
                Code::NoModel,
                "there is no model yet: import a GGUF file, in the window or with lethe-cli model import PATH",
            )
        })?;
        Ok(ModelFile::at(id, path))
    }
}

/// The path of a model as the list has it, and the size of all its files.
fn named(path: &Path) -> Result<(String, u64)> {
    let header = Header::read(path)?;
    let path = resolved(header.files.first().map_or(path, PathBuf::as_path))?;
    let text = path
        .to_str()
        .ok_or_else(|| Error::bad_input("a path that is not Unicode can't be used: rename the file or its folder"))?;
    Ok((text.to_owned(), header.file_bytes))
}

/// A path that stays right when the program runs elsewhere. A link keeps its name, because the parts of a model are
/// found by theirs; the folder that it is in is followed.
fn resolved(path: &Path) -> Result<PathBuf> {
    let io = lethe_models::gguf::GgufError::Io;
    let path = std::path::absolute(path).map_err(io)?;
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(path) };
    Ok(std::fs::canonicalize(folder).map_err(io)?.join(name))
}

/// The name of a file without its end and without the number of its part.
fn stem(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str());
    match name.and_then(PartName::parse) {
        Some(part) => part.stem,
        None => path.file_stem().map_or_else(|| "model".to_owned(), |stem| stem.to_string_lossy().into_owned()),
    }
}

/// The files of a model: one, or all its parts.
pub(crate) fn parts(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().and_then(|name| name.to_str());
    let is_part = name.and_then(PartName::parse).is_some();
    let files = is_part.then(|| Header::read(path).ok()).flatten().map(|header| header.files);
    match files.filter(|files| !files.is_empty()) {
        Some(files) => files,
        // A damaged part does not hide the others.
        None if is_part => siblings(path),
        None => vec![path.to_owned()],
    }
}

/// The parts beside this one, by their names.
fn siblings(path: &Path) -> Vec<PathBuf> {
    let part = |path: &Path| path.file_name().and_then(|name| name.to_str()).and_then(PartName::parse);
    let (Some(this), Some(folder)) = (part(path), path.parent()) else { return vec![path.to_owned()] };
    let is_sibling =
        |other: &PathBuf| part(other).is_some_and(|other| (&other.stem, other.count) == (&this.stem, this.count));
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut siblings: Vec<PathBuf> = files.filter(is_sibling).collect();
    siblings.sort();
    siblings
}

/// All files of the list, each with the time since which it is there.
fn views(rows: &[ModelRow]) -> Vec<(i64, ModelView)> {
    let digests: Vec<Option<&str>> =
        rows.iter().map(|row| digest::valid(&row.path, row.sha256.as_deref(), row.sha256_of.as_deref())).collect();
    let same = |at: usize| -> Vec<String> {
        let others = rows.iter().zip(&digests).enumerate();
        let others = others.filter(|(other, (_, digest))| *other != at && digest.is_some() && **digest == digests[at]);
        others.map(|(_, (row, _))| row.id.clone()).collect()
    };
    let view = |(at, row): (usize, &ModelRow)| ModelView {
        repository: row.repository.clone(),
        speed: row.prompt_rate.zip(row.answer_rate).map(Speed::from),
        duplicates: same(at),
        ..view(row.id.clone(), row.path.clone())
    };
    rows.iter().enumerate().map(|(at, row)| (row.added_at, view((at, row)))).collect()
}

/// What a model file is, or why it can't be used.
fn view(id: String, path: String) -> ModelView {
    let blank = ModelView {
        name: id.clone(),
        id,
        path,
        bytes: 0,
        architecture: String::new(),
        quantization: String::new(),
        context_trained: 0,
        problem: None,
        remote: None,
        repository: None,
        speed: None,
        duplicates: Vec::new(),
    };
    match Header::read(Path::new(&blank.path)) {
        Ok(header) => ModelView {
            bytes: header.file_bytes,
            architecture: plain(header.architecture(), LONGEST_ARCHITECTURE),
            quantization: header.quantization(),
            context_trained: header.context_trained(),
            ..blank
        },
        Err(error) => ModelView { problem: Some(sentence(&error.to_string())), ..blank },
    }
}
