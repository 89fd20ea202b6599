//! A model: its key, where it is, and how it is shown. What is done with one is in the files of its doers.

use std::path::{Path, PathBuf};

use lethe_remote::Endpoint;
use serde::Serialize;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result};
use crate::base::store::Store;

/// A model as pickers show it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModelView {
    pub id: String,
    pub name: String,
    /// Its file; empty for a model on a server.
    pub path: String,
    /// Size of the file.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Such as `apertus`.
    pub architecture: String,
    /// Such as `Q4_0`.
    pub quantization: String,
    /// Context it was trained for, tokens; of a model on a server, what the server gives, or 0.
    #[ts(type = "number")]
    pub context_trained: u64,
    /// Why it can't be used.
    pub problem: Option<String>,
    /// The server that runs it; none for a file.
    pub remote: Option<RemoteView>,
    /// The repository that it was downloaded from.
    pub repository: Option<String>,
    /// How fast it is on this machine; missing until an answer told.
    pub speed: Option<Speed>,
    /// Models whose files are the same.
    pub duplicates: Vec<String>,
}

/// A model that can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    pub id: String,
    pub place: Place,
}

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file on this machine.
    File(PathBuf),
    /// On a server.
    Remote(RemotePlace),
}

impl ModelFile {
    pub(crate) fn at(id: String, path: impl Into<PathBuf>) -> Self {
        Self { id, place: Place::File(path.into()) }
    }

    /// Its file.
    ///
    /// # Errors
    /// `ModelUnusable` for a model on a server.
    pub fn path(&self) -> Result<&Path> {
        match &self.place {
            Place::File(path) => Ok(path),
            Place::Remote(place) => Err(Error::new(
                Code::ModelUnusable,
                format!(
                    "this model is on {}, and nothing is known here of its file: choose a model on this machine for this",
                    place.host()
                ),
            )),
        }
    }
}

/// A model on a server, as pickers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[ts(rename = "RemoteModel")]
pub struct RemoteView {
    /// The server.
    pub url: String,
    /// Its name there.
    pub model: String,
    /// The proxy of the environment that text goes through, without its password.
    pub proxy: Option<String>,
    /// Where text goes, in one sentence.
    pub leaves: String,
}

/// Where a model on a server is.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RemotePlace {
    /// The server.
    pub url: String,
    /// Its name there.
    pub model: String,
    /// Tokens that fit, where the server said so.
    pub context: Option<u32>,
    /// When it was added, milliseconds since 1970: tells it from another one of the same name.
    pub added_at: i64,
}

impl RemotePlace {
    /// The server, for people.
    pub fn host(&self) -> String {
        Endpoint::new(&self.url, None).map_or_else(|_| self.url.clone(), |endpoint| endpoint.host())
    }

    pub(crate) fn leaves(&self, proxy: Option<&str>) -> String {
        let host = reached(&self.host(), proxy);
        match Endpoint::new(&self.url, None) {
            Ok(endpoint) if !endpoint.is_elsewhere() => {
                format!("Conversations with it are sent to {host}, a program on this machine")
            }
            _ => format!("Conversations with it leave this machine: they are sent to {host}"),
        }
    }
}

/// How fast a model was at its first answers on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "ModelSpeed")]
pub struct Speed {
    /// Prompt tokens a second.
    pub prompt_rate: f64,
    /// Answer tokens a second.
    pub answer_rate: f64,
}

impl From<(f64, f64)> for Speed {
    fn from((prompt_rate, answer_rate): (f64, f64)) -> Self {
        Self { prompt_rate, answer_rate }
    }
}

/// A key that no model has: the name itself, or one with a number.
pub(crate) async fn free_id(store: &Store, stem: &str) -> Result<String> {
    let taken: Vec<(String,)> =
        sqlx::query_as("SELECT id FROM model UNION SELECT id FROM remote").fetch_all(store.pool()).await?;
    let free = |id: &String| !taken.iter().any(|(other,)| other == id);
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let id = std::iter::once(stem.to_owned()).chain(numbered).find(free);
    Ok(id.expect("numbers do not end"))
}

/// Size of a file; 0 when it is not there.
pub(crate) fn bytes_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// A server with the proxy on the way to it, in words.
pub(crate) fn reached(host: &str, proxy: Option<&str>) -> String {
    proxy.map_or_else(|| host.to_owned(), |proxy| format!("{host}, through the proxy {proxy}"))
}
