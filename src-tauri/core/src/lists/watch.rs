//! What the makers of Apertus say about the output filter, and when they say something else.
//!
//! The model card asks its readers to check regularly. Lethe does, and keeps each difference until the user has seen it.
//! The first look only remembers.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;

use lethe_feeds::{Address, Change, Repo, Watch};
use lethe_hub::hub::Hub;
use lethe_network::Client;
use serde::Serialize;
use ts_rs::TS;

use crate::base::clock::now;
use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::base::store::Store;

/// Whose cards are read.
const CARDS: [&str; 4] = [
    "swiss-ai/Apertus-8B-Instruct-2509",
    "swiss-ai/Apertus-v1.1-0.5B-Instruct",
    "swiss-ai/Apertus-v1.1-1.5B-Instruct",
    "swiss-ai/Apertus-v1.1-4B-Instruct",
];

/// Something that was not said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct WatchChange {
    #[ts(type = "number")]
    pub id: i64,
    pub repository: String,
    /// When it was seen, milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// Lines that came.
    pub added: Vec<String>,
    /// Lines that went.
    pub removed: Vec<String>,
    /// Model repositories that came.
    pub repositories: Vec<String>,
}

/// Watches the cards for one data folder.
#[derive(Clone)]
pub struct Cards {
    store: Arc<Store>,
    client: Client,
    folder: PathBuf,
}

impl Cards {
    /// On an open database.
    pub fn new(store: Arc<Store>, paths: &Paths, client: Client) -> Self {
        Self { store, client, folder: paths.data().join("watch") }
    }

    /// Reads the cards now; true if there is news. What could not be read is looked at the next time.
    ///
    /// # Errors
    /// `BadInput` when requests are switched off or `HF_ENDPOINT` is no address, `Store`.
    pub async fn look(&self) -> Result<bool> {
        let endpoint = Hub::endpoint_from_environment()?;
        let cards = CARDS.into_iter().map(Repo::from_str).collect::<std::result::Result<_, _>>()?;
        let checked =
            Watch::new(&self.folder, &Address::from_str(endpoint.as_str())?, cards)?.check(&self.client).await?;
        for failure in &checked.failures {
            tracing::warn!(error = %failure.error, "a model card was not read");
        }
        let any = !checked.changes.is_empty();
        for change in checked.changes {
            self.keep(change).await?;
        }
        Ok(any)
    }

    /// What the user has not dismissed, the newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn changes(&self) -> Result<Vec<WatchChange>> {
        let rows: Vec<(i64, String, i64, String, String, String)> = sqlx::query_as(
            "SELECT id, repository, at, added, removed, repositories FROM watch_change WHERE NOT dismissed ORDER BY id DESC",
        )
        .fetch_all(self.store.pool())
        .await?;
        let lines = |json: &str| {
            serde_json::from_str(json).map_err(|_| {
                Error::new(Code::Store, "what a model card said can't be read: restore the history from a backup")
            })
        };
        let change =
            |(id, repository, at, added, removed, repositories): (i64, String, i64, String, String, String)| {
                Ok(WatchChange {
                    id,
                    repository,
                    at,
                    added: lines(&added)?,
                    removed: lines(&removed)?,
                    repositories: lines(&repositories)?,
                })
            };
        rows.into_iter().map(change).collect()
    }

    /// Takes a change off the list.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn dismiss(&self, id: i64) -> Result<()> {
        let done = sqlx::query("UPDATE watch_change SET dismissed = 1 WHERE id = ?")
            .bind(id)
            .execute(self.store.pool())
            .await?;
        if done.rows_affected() == 0 { Err(Error::not_found("change")) } else { Ok(()) }
    }

    async fn keep(&self, change: Change) -> Result<()> {
        let (repository, added, removed, repositories) = match change {
            Change::Section { repo, added, removed } => (repo.to_string(), added, removed, Vec::new()),
            Change::Card { repo } => (repo.to_string(), Vec::new(), Vec::new(), Vec::new()),
            Change::Models { added } => {
                ("swiss-ai".to_owned(), Vec::new(), Vec::new(), added.iter().map(ToString::to_string).collect())
            }
        };
        let json = |lines: &[String]| serde_json::to_string(lines).expect("strings are always JSON");
        sqlx::query("INSERT INTO watch_change (repository, at, added, removed, repositories) VALUES (?, ?, ?, ?, ?)")
            .bind(repository)
            .bind(now())
            .bind(json(&added))
            .bind(json(&removed))
            .bind(json(&repositories))
            .execute(self.store.pool())
            .await?;
        Ok(())
    }
}
