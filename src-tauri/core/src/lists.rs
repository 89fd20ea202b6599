//! Lists: files of the data folder, where they come from and how old they are.
//!
//! The database holds names, sizes and dates; what a list says is only in its file. A file is replaced whole or not at
//! all, and a refresh that fails changes nothing but [`ListView::failure`].

mod adopt;
mod build;
mod file;
mod refresh;
mod row;
mod seen;
pub(crate) mod segments;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lethe_filters::{Detectors, Filter};
use lethe_network::Client;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::error::{Code, Error, Result, sentence};
use crate::filter::{Filters, Loaded, State};
use crate::history::now;
use crate::paths::Paths;
use crate::receipt::hex;
use crate::settings::Settings;
use crate::store::Store;

pub(crate) use adopt::adopt_files;
pub use build::{Imported, ListSummaryOfFile, build_list, import_hashes, inspect_list};
pub(crate) use build::{meta, random_key};
pub use file::{NamedList, read_list};
pub use refresh::Subscription;
pub use row::{ListChange, ListSource, ListView};

use row::Row;

/// The lists of the data folder.
#[derive(Clone)]
pub struct Lists {
    store: Arc<Store>,
    paths: Paths,
    filters: Arc<Filters>,
    client: Client,
    /// Held while lists change, so that changes take effect one after the other.
    changing: Arc<Mutex<()>>,
    /// Held while a list is fetched, so that an older one can't overtake a newer one.
    fetching: Arc<Mutex<()>>,
}

impl Lists {
    /// On an open database; `filters` is what changes take effect on, `client` makes the requests.
    pub fn new(store: Arc<Store>, paths: Paths, filters: Arc<Filters>, client: Client) -> Self {
        Self { store, paths, filters, client, changing: Arc::default(), fetching: Arc::default() }
    }

    /// All lists, by name.
    ///
    /// # Errors
    /// `Store`.
    pub async fn all(&self) -> Result<Vec<ListView>> {
        let state = self.filters.state();
        let view = |row: Row| {
            let problem = state.problems.iter().find(|(id, _)| *id == row.id);
            row.view(problem.map(|(_, problem)| sentence(problem)))
        };
        Ok(self.rows().await?.into_iter().map(view).collect())
    }

    /// Copies a list into the data folder, hashed, and puts it in force. A local list of the same name is replaced.
    ///
    /// # Errors
    /// `BadInput` with what is wrong with it, or when a subscription has this name; `Store`.
    pub async fn import(&self, path: &Path) -> Result<ListView> {
        let path = path.to_owned();
        let read = tokio::task::spawn_blocking(move || read_list(&path)?.hashed());
        let read = read.await.map_err(|_| Error::new(Code::Internal, "the list can't be read: try again"))??;
        self.adopt(read).await
    }

    /// Keeps a local list and puts it in force.
    async fn adopt(&self, read: NamedList) -> Result<ListView> {
        let _guard = self.changing.lock().await;
        let id = slug(&read.facts.name);
        if self.find(&id).await?.is_some_and(|row| row.source != "file") {
            return Err(Error::bad_input(format!(
                "the list \"{}\" is refreshed from its publisher: remove it first, or give the file another name",
                read.facts.name
            )));
        }
        self.keep(&id, &read)?;
        sqlx::query(
            "INSERT INTO list (id, name, entries, imported_at, sha256, format, hashed, issued_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, entries = excluded.entries, enabled = 1,
                 imported_at = excluded.imported_at, sha256 = excluded.sha256, format = excluded.format,
                 hashed = excluded.hashed, issued_at = excluded.issued_at, version = NULL, failure = NULL",
        )
        .bind(&id)
        .bind(&read.facts.name)
        .bind(read.facts.entries)
        .bind(now())
        .bind(&read.facts.sha256)
        .bind(read.format.name())
        .bind(read.list.is_hashed())
        .bind(read.issued_at.map(|at| at.clamp(0, now())))
        .execute(self.store.pool())
        .await?;
        self.apply_locked().await?;
        self.one(&id).await
    }

    /// Switches a list on or off.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn enable(&self, id: &str, enabled: bool) -> Result<ListView> {
        let _guard = self.changing.lock().await;
        sqlx::query("UPDATE list SET enabled = ? WHERE id = ?")
            .bind(enabled)
            .bind(id)
            .execute(self.store.pool())
            .await?;
        self.apply_locked().await?;
        self.one(id).await
    }

    /// Takes a list out of force and deletes its copy, or ends its subscription. `name` is its id or its name.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn remove(&self, name: &str) -> Result<()> {
        let _guard = self.changing.lock().await;
        let row = self.row(name).await?;
        sqlx::query("DELETE FROM list WHERE id = ?").bind(&row.id).execute(self.store.pool()).await?;
        for removed in [std::fs::remove_file(self.file(&row)), std::fs::remove_dir_all(self.feed_folder(&row.id))] {
            if let Err(error) = removed
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(kind = %error.kind(), "the copy of a removed list can't be deleted");
            }
        }
        self.apply_locked().await
    }

    /// Compiles the enabled lists and puts them in force. Those that can't be read are the problem that
    /// [`Filters::ready`] reports; the others stay in force for what is shown.
    ///
    /// # Errors
    /// `Store` when the database can't be asked; then nothing changes.
    pub async fn apply(&self) -> Result<()> {
        let _guard = self.changing.lock().await;
        self.apply_locked().await
    }

    /// Puts in force what another program has changed in the data folder meanwhile. Costs one look into the database
    /// where nothing has changed.
    ///
    /// # Errors
    /// `Store`.
    pub async fn catch_up(&self) -> Result<()> {
        if self.last_digest().await? == self.filters.state().digest { Ok(()) } else { self.apply().await }
    }

    /// The digest of what was put in force last, by this or another program.
    async fn last_digest(&self) -> Result<String> {
        let row: Option<(String,)> = sqlx::query_as("SELECT digest FROM in_force ORDER BY id DESC LIMIT 1")
            .fetch_optional(self.store.pool())
            .await?;
        Ok(row.map(|(digest,)| digest).unwrap_or_default())
    }

    async fn apply_locked(&self) -> Result<()> {
        let settings = Settings::load(&self.store).await?;
        let detectors = Detectors::from(settings.detectors);
        let before = self.filters.state();
        let rows: Vec<Row> = self.rows().await?.into_iter().filter(|row| row.enabled).collect();
        let ages = rows.iter().filter(|row| row.is_fetched()).map(Row::age).collect();
        let files: Vec<(Row, PathBuf)> = rows.into_iter().map(|row| (row.clone(), self.file(&row))).collect();
        // Reading and compiling a large list takes a while.
        let compiled = tokio::task::spawn_blocking(move || {
            let mut loaded = Vec::new();
            let mut problems = Vec::new();
            for (row, file) in files {
                let same = before.loaded.iter().find(|one| one.id == row.id && one.facts.sha256 == row.sha256);
                match same.map_or_else(|| row.read(&file), |same| Ok(same.list.clone())) {
                    Ok(list) => loaded.push(Loaded { id: row.id.clone(), list, facts: row.facts() }),
                    Err(problem) => problems.push((row.id.clone(), problem)),
                }
            }
            let lists = loaded.iter().map(|loaded| loaded.list.clone()).collect();
            match Filter::new(lists, detectors) {
                Ok(filter) => State { filter, loaded, problems, ages, ..State::bare(detectors) },
                Err(error) => {
                    State { problems: vec![(String::new(), error.to_string())], ages, ..State::bare(detectors) }
                }
            }
        });
        let state =
            compiled.await.map_err(|_| Error::new(Code::Internal, "the lists can't be compiled: start Lethe again"))?;
        for (id, problem) in &state.problems {
            tracing::error!(id, problem, "a list can't be applied");
        }
        let digest = digest(&state, settings.echo);
        let state = State { echo: settings.echo, digest, ..state };
        // First in force, then written down: whoever reads of it there can rely on it.
        self.filters.set(state);
        self.note_in_force(&self.filters.state()).await
    }

    /// Writes down what is in force from now on, if it is something else than before.
    async fn note_in_force(&self, state: &State) -> Result<()> {
        let unwritable = |_| Error::new(Code::Internal, "what is in force can't be written down: start Lethe again");
        let lists = serde_json::to_string(&state.facts()).map_err(unwritable)?;
        let names: Vec<&str> = state.filter.detectors().names().collect();
        let detectors = serde_json::to_string(&names).map_err(unwritable)?;
        sqlx::query(
            "INSERT INTO in_force (at, lists, detectors, digest) SELECT ?, ?2, ?3, ?4
             WHERE NOT EXISTS (SELECT 1 FROM in_force WHERE id = (SELECT max(id) FROM in_force)
                                   AND lists = ?2 AND detectors = ?3 AND digest = ?4)",
        )
        .bind(now())
        .bind(lists)
        .bind(detectors)
        .bind(&state.digest)
        .execute(self.store.pool())
        .await?;
        Ok(())
    }

    async fn rows(&self) -> Result<Vec<Row>> {
        Ok(sqlx::query_as("SELECT * FROM list ORDER BY name").fetch_all(self.store.pool()).await?)
    }

    /// By id or by name.
    async fn find(&self, name: &str) -> Result<Option<Row>> {
        Ok(self.rows().await?.into_iter().find(|row| row.id == name || row.name == name))
    }

    async fn row(&self, name: &str) -> Result<Row> {
        self.find(name).await?.ok_or_else(|| Error::not_found("list"))
    }

    async fn one(&self, id: &str) -> Result<ListView> {
        let view = self.all().await?.into_iter().find(|view| view.id == id);
        view.ok_or_else(|| Error::not_found("list"))
    }

    /// Keeps the file of a list.
    fn keep(&self, id: &str, read: &NamedList) -> Result<()> {
        let file = self.paths.lists().join(format!("{id}.{}", read.format.name()));
        file::write_private(&file, &read.bytes).map_err(|error| {
            Error::new(
                Code::Store,
                format!(
                    "the list can't be kept in the data folder ({}): free some space or check its rights",
                    error.kind()
                ),
            )
        })?;
        // Versions before this one kept entries in clear.
        let _ = std::fs::remove_file(self.paths.lists().join(format!("{id}.jsonl")));
        Ok(())
    }

    fn file(&self, row: &Row) -> PathBuf {
        self.paths.lists().join(format!("{}.{}", row.id, row.format))
    }
}

/// Of all that changes what is removed from a text. What a publisher calls a list is no part of it.
fn digest(state: &State, echo: bool) -> String {
    let lists = state.loaded.iter().map(|loaded| format!("{} {}\n", loaded.facts.name, loaded.facts.sha256));
    let detectors = state.filter.detectors().names().map(|name| format!("{name}\n"));
    let parts: String = lists.chain(detectors).collect();
    let echo = if echo { "echo\n" } else { "" };
    hex(&Sha256::digest(format!(
        "{} {}\n{parts}{echo}",
        lethe_filters::canonical::CANONICAL_FORM,
        lethe_filters::REVISION
    )))
}

/// A name that is safe as a file name on every system.
fn slug(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .take(40)
        .collect();
    // Names that differ only in other letters must not meet in one file.
    format!("{}-{}", plain.trim_matches('-'), &hex(&Sha256::digest(name))[..8])
}
