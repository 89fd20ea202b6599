//! Lists: files of the data folder, where they come from and how old they are.
//!
//! The database holds names, sizes and dates; what a list says is only in its file. A file is replaced whole or not at
//! all, and a refresh that fails changes nothing but [`ListView::failure`].

mod adopt;
mod build;
mod in_force;
mod kept;
mod refresh;
mod row;
mod seen;
pub(crate) mod segments;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lethe_filters::{Detectors, Filter};
use lethe_network::Client;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use crate::base::blocking::blocking;
use crate::base::clock::now;
use crate::base::error::{Code, Error, Result, sentence};
use crate::base::paths::Paths;
use crate::base::settings::Settings;
use crate::base::store::{Lock, Store};
use crate::base::visible::clean_name;
use crate::lists::file::{NamedList, meta, read_list};
use crate::lists::filter::{Filters, Loaded, State};

pub(crate) use adopt::{adopt_files, keeps_lists};
pub use build::{Built, Imported, ListSummaryOfFile, Out, build_list, import_hashes, inspect_list};

pub use refresh::Subscription;
pub use row::{ListChange, ListView};

use row::ListRow;

/// How long a program that changes lists is waited for.
const WAIT: Duration = Duration::from_secs(60);

/// What becomes of a list whose name another file's list has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameName {
    /// It gets a name of its own: `people 2`.
    Number,
    Refuse,
    /// It takes the other one's place.
    Replace,
}

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
        let view = |row: ListRow| {
            let problem = state.problems.iter().find(|(id, _)| *id == row.id);
            row.view(problem.map(|(_, problem)| sentence(problem)))
        };
        Ok(self.rows().await?.into_iter().map(view).collect())
    }

    /// Copies a list into the data folder, hashed, and puts it in force. The list that came from the same file before
    /// is replaced; if another file's list has the same name, this one is numbered.
    ///
    /// # Errors
    /// As [`Lists::import_as`].
    pub async fn import(&self, path: &Path) -> Result<ListView> {
        self.import_as(path, None, SameName::Number).await
    }

    /// The same with a name of the user's choice, and a say in what becomes of a list that has it already.
    ///
    /// # Errors
    /// `BadInput` with what is wrong with it, when a subscription has this name, or another file's list and that is
    /// to be refused; `Store`.
    pub async fn import_as(&self, path: &Path, name: Option<&str>, same_name: SameName) -> Result<ListView> {
        let (path, name) = (path.to_owned(), name.map(clean_name));
        if name.as_deref().is_some_and(str::is_empty) {
            return Err(Error::bad_input("the list needs a name: give it one"));
        }
        // By this it is known again when it is added anew.
        let origin = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        let read = tokio::task::spawn_blocking(move || {
            let read = read_list(&path)?;
            match name {
                Some(name) => read.named(&name).hashed(),
                None => read.hashed(),
            }
        });
        let read = read.await.map_err(|_| Error::new(Code::Internal, "the list can't be read: try again"))??;
        self.adopt(read, &origin.to_string_lossy(), same_name).await
    }

    /// Keeps a local list and puts it in force.
    async fn adopt(&self, read: NamedList, origin: &str, same_name: SameName) -> Result<ListView> {
        let _changing = self.change().await?;
        let rows = self.rows().await?;
        let name = name_for(&rows, &read.facts.name, origin, same_name)?;
        let read = read.named(&name);
        let id = slug(&read.facts.name);
        if self.find(&id).await?.is_some_and(|row| row.source != "file") {
            return Err(Error::bad_input(format!(
                "the list \"{}\" is refreshed from its publisher: remove it first, or give the file another name",
                read.facts.name
            )));
        }
        let known = rows.iter().find(|row| row.id == id).map(|row| row.sha256.as_str());
        self.keep(&id, known, &read).await?;
        sqlx::query(
            "INSERT INTO list (id, name, entries, imported_at, sha256, format, hashed, issued_at, address)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, entries = excluded.entries, enabled = 1,
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
        .bind(origin)
        .execute(self.store.pool())
        .await?;
        kept::settle(&self.file_of(&id, read.format.name()));
        self.apply_locked().await?;
        self.one(&id).await
    }

    /// Switches a list on or off.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn enable(&self, id: &str, enabled: bool) -> Result<ListView> {
        let _changing = self.change().await?;
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
        let _changing = self.change().await?;
        let row = self.row(name).await?;
        sqlx::query("DELETE FROM list WHERE id = ?").bind(&row.id).execute(self.store.pool()).await?;
        kept::settle(&self.file(&row));
        for removed in [std::fs::remove_file(self.file(&row)), std::fs::remove_dir_all(self.feed_folder(&row.id))] {
            if let Err(error) = removed
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(kind = %error.kind(), "the copy of a removed list can't be deleted");
            }
        }
        self.apply_locked().await
    }

    /// Has this change of lists take effect before any other, of this program or another: a list's file and its row
    /// change one after the other.
    async fn change(&self) -> Result<(MutexGuard<'_, ()>, Lock)> {
        let guard = self.changing.lock().await;
        let busy = "another program is changing lists: wait for it and try again";
        Ok((guard, Lock::alone(self.paths.lists_lock(), WAIT, busy).await?))
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

    async fn apply_locked(&self) -> Result<()> {
        let settings = Settings::load(&self.store).await?;
        let detectors = Detectors::from(settings.detectors);
        let before = self.filters.state();
        let rows: Vec<ListRow> = self.rows().await?.into_iter().filter(|row| row.enabled).collect();
        let ages = rows.iter().filter(|row| row.is_fetched()).map(ListRow::age).collect();
        let files: Vec<(ListRow, PathBuf)> = rows.into_iter().map(|row| (row.clone(), self.file(&row))).collect();
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

    async fn rows(&self) -> Result<Vec<ListRow>> {
        Ok(sqlx::query_as("SELECT * FROM list ORDER BY name").fetch_all(self.store.pool()).await?)
    }

    /// By id or by name.
    async fn find(&self, name: &str) -> Result<Option<ListRow>> {
        Ok(self.rows().await?.into_iter().find(|row| row.id == name || row.name == name))
    }

    async fn row(&self, name: &str) -> Result<ListRow> {
        self.find(name).await?.ok_or_else(|| Error::not_found("list"))
    }

    async fn one(&self, id: &str) -> Result<ListView> {
        let view = self.all().await?.into_iter().find(|view| view.id == id);
        view.ok_or_else(|| Error::not_found("list"))
    }

    /// Keeps the file of a list; the one that its row knows by its digest stays until the row is written.
    async fn keep(&self, id: &str, known: Option<&str>, read: &NamedList) -> Result<()> {
        let file = self.file_of(id, read.format.name());
        // Versions before this one kept entries in clear.
        let clear = self.paths.lists().join(format!("{id}.jsonl"));
        let (known, bytes) = (known.map(str::to_owned), read.bytes.clone());
        blocking(move || {
            kept::replace(&file, known.as_deref(), &bytes).map_err(|error| {
                Error::new(
                    Code::Store,
                    format!(
                        "the list can't be kept in the data folder ({}): free some space or check its rights",
                        error.kind()
                    ),
                )
            })?;
            let _ = std::fs::remove_file(clear);
            Ok::<_, Error>(())
        })
        .await
    }

    fn file(&self, row: &ListRow) -> PathBuf {
        self.file_of(&row.id, &row.format)
    }

    fn file_of(&self, id: &str, format: &str) -> PathBuf {
        self.paths.lists().join(format!("{id}.{format}"))
    }
}

/// Of all that changes what is removed from a text. What a publisher calls a list is no part of it.
fn digest(state: &State, echo: bool) -> String {
    let lists = state.loaded.iter().map(|loaded| format!("{} {}\n", loaded.facts.name, loaded.facts.sha256));
    let detectors = state.filter.detectors().names().map(|name| format!("{name}\n"));
    let parts: String = lists.chain(detectors).collect();
    let echo = if echo { "echo\n" } else { "" };
    hex::encode(Sha256::digest(format!(
        "{} {}\n{parts}{echo}",
        lethe_filters::canonical::CANONICAL_FORM,
        lethe_filters::REVISION
    )))
}

/// The name under which a file's list is kept: that of the list it gave before, else its own, else as asked for.
fn name_for(rows: &[ListRow], name: &str, origin: &str, same_name: SameName) -> Result<String> {
    let other = |name: &str| {
        let id = slug(name);
        rows.iter().find(|row| row.id == id || row.name == name)
    };
    let numbered = |number: u32| format!("{name} {number}");
    let is_ours = |row: &&ListRow| row.source == "file" && row.address.as_deref() == Some(origin);
    let Some(first) = other(name) else {
        let before = (2..100).map(numbered).find(|name| other(name).is_some_and(|row| is_ours(&row)));
        return Ok(before.filter(|_| same_name == SameName::Number).unwrap_or_else(|| name.to_owned()));
    };
    match same_name {
        // Subscriptions are never replaced; whoever keeps the list says so.
        _ if is_ours(&first) || first.source != "file" => Ok(name.to_owned()),
        SameName::Replace => Ok(name.to_owned()),
        SameName::Refuse => Err(Error::bad_input(format!(
            "there is a list \"{name}\" from another file already: add --name to give this one another name, or --replace to put it in the other's place"
        ))),
        SameName::Number => {
            let free = |name: &String| other(name).is_none_or(|row| is_ours(&row));
            (2..).map(numbered).find(free).ok_or_else(|| Error::bad_input("the list needs another name: give it one"))
        }
    }
}

/// A name that is safe as a file name on every system.
fn slug(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .take(40)
        .collect();
    // Names that differ only in other letters must not meet in one file.
    format!("{}-{}", plain.trim_matches('-'), &hex::encode(Sha256::digest(name))[..8])
}
