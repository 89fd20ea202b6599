//! The filter in force: the enabled lists and the detectors, compiled.
//!
//! Lists are files in the data folder; only their names and sizes are in the database. A list that is enabled and
//! can't be read makes [`Filters::ready`] fail, so that nothing is answered without it: Lethe never fails open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use lethe_filters::{Detectors, Filter, List};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ts_rs::TS;

use crate::error::{Code, Error, Result, sentence};
use crate::history::{Segment, now, segments};
use crate::paths::Paths;
use crate::store::Store;

/// Largest list file in bytes.
const LARGEST_LIST: u64 = 1 << 30;

/// What is in force, shared by all that show or store text.
pub struct Filters {
    state: ArcSwap<State>,
}

struct State {
    filter: Filter,
    compiled: Vec<List>,
    lists: Vec<ListFacts>,
    problem: Option<String>,
}

/// A list in force, for receipts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFacts {
    /// Its name.
    pub name: String,
    /// Number of its entries.
    pub entries: u32,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// The filter in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct FilterStatus {
    /// Lists in force.
    pub lists: u32,
    /// Their entries together.
    pub entries: u32,
    /// Detectors in force.
    pub detectors: Vec<String>,
    /// Why nothing is answered now.
    pub problem: Option<String>,
}

/// A list as the settings show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListView {
    /// Its key.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Number of its entries.
    pub entries: u32,
    /// Whether it is in force.
    pub enabled: bool,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub imported_at: i64,
    /// Why it can't be applied.
    pub problem: Option<String>,
}

impl Default for Filters {
    fn default() -> Self {
        Self { state: ArcSwap::from_pointee(State::bare(Detectors::default())) }
    }
}

impl State {
    fn bare(detectors: Detectors) -> Self {
        let filter = Filter::new(Vec::new(), detectors).expect("a filter without lists always compiles");
        Self { filter, compiled: Vec::new(), lists: Vec::new(), problem: None }
    }
}

impl Filters {
    /// The filter of now. Text that was filtered before may be shown by it even where [`Filters::ready`] fails.
    pub fn current(&self) -> Filter {
        self.state.load().filter.clone()
    }

    /// The filter of now with further lists, and the facts of all; for a new answer.
    ///
    /// # Errors
    /// `Filter` when an enabled list can't be applied.
    pub fn ready(&self, further: &[NamedList]) -> Result<(Filter, Vec<ListFacts>)> {
        let state = self.state.load();
        if let Some(problem) = &state.problem {
            return Err(Error::new(Code::Filter, problem.clone()));
        }
        let mut facts = state.lists.clone();
        if further.is_empty() {
            return Ok((state.filter.clone(), facts));
        }
        facts.extend(further.iter().map(|list| list.facts.clone()));
        let lists = state.compiled.iter().chain(further.iter().map(|list| &list.list)).cloned().collect();
        Ok((Filter::new(lists, state.filter.detectors())?, facts))
    }

    /// What would be removed from a text.
    pub fn test(&self, text: &str) -> Vec<Segment> {
        segments(&self.current().filter(text))
    }

    /// In one line.
    pub fn status(&self) -> FilterStatus {
        let state = self.state.load();
        FilterStatus {
            lists: u32::try_from(state.lists.len()).unwrap_or(u32::MAX),
            entries: state.lists.iter().map(|list| list.entries).sum(),
            detectors: state.filter.detectors().names().map(str::to_owned).collect(),
            problem: state.problem.as_deref().map(sentence),
        }
    }
}

/// A list that was read from a file.
#[derive(Clone)]
pub struct NamedList {
    list: List,
    facts: ListFacts,
    text: Arc<str>,
}

impl NamedList {
    /// The list.
    pub fn list(self) -> List {
        self.list
    }
}

/// Reads a list file: JSON Lines with `id`, `kind` and `text`. Its name is the file's, without the end.
///
/// # Errors
/// `BadInput` with the line that is wrong; never its text.
pub fn read_list(path: &Path) -> Result<NamedList> {
    let bad = |reason: String| Error::bad_input(format!("the list {} can't be used: {reason}", path.display()));
    let unreadable = |error: std::io::Error| bad(format!("{}; check the path and its rights", error.kind()));
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > LARGEST_LIST {
        return Err(bad("it is larger than 1 GiB; split it".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| bad("it is not UTF-8 text; save it as UTF-8".to_owned()))?;
    let name = path.file_stem().map_or_else(|| "list".to_owned(), |name| name.to_string_lossy().into_owned());
    named_list(&name, text).map_err(|error| bad(error.to_string()))
}

fn named_list(name: &str, text: String) -> std::result::Result<NamedList, lethe_filters::ListError> {
    let list = List::from_jsonl(name, &text)?;
    let facts = ListFacts {
        name: name.to_owned(),
        entries: u32::try_from(list.len()).unwrap_or(u32::MAX),
        sha256: crate::receipt::hex(&Sha256::digest(&text)),
    };
    Ok(NamedList { list, facts, text: text.into() })
}

/// The lists of the data folder.
#[derive(Clone)]
pub struct Lists {
    store: Arc<Store>,
    paths: Paths,
    filters: Arc<Filters>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    enabled: bool,
    entries: u32,
    imported_at: i64,
    sha256: String,
}

impl Lists {
    /// On an open database; `filters` is what changes take effect on.
    pub fn new(store: Arc<Store>, paths: Paths, filters: Arc<Filters>) -> Self {
        Self { store, paths, filters }
    }

    /// All lists, by name.
    ///
    /// # Errors
    /// `Store`.
    pub async fn all(&self) -> Result<Vec<ListView>> {
        let rows = self.rows().await?;
        Ok(rows.into_iter().map(|row| self.view(row)).collect())
    }

    /// Copies a list into the data folder and puts it in force. A list of the same name is replaced.
    ///
    /// # Errors
    /// `BadInput` with the line that is wrong, `Store`.
    pub async fn import(&self, path: &Path, detectors: Detectors) -> Result<ListView> {
        let read = read_list(path)?;
        let id = slug(&read.facts.name);
        write_private(&self.file(&id), read.text.as_bytes()).map_err(|error| {
            Error::new(
                Code::Store,
                format!(
                    "the list can't be kept in the data folder ({}): free some space or check its rights",
                    error.kind()
                ),
            )
        })?;
        sqlx::query(
            "INSERT INTO list (id, name, entries, imported_at, sha256) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, entries = excluded.entries, enabled = 1,
                 imported_at = excluded.imported_at, sha256 = excluded.sha256",
        )
        .bind(&id)
        .bind(&read.facts.name)
        .bind(read.facts.entries)
        .bind(now())
        .bind(&read.facts.sha256)
        .execute(self.store.pool())
        .await?;
        self.apply(detectors).await?;
        self.one(&id).await
    }

    /// Switches a list on or off.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn enable(&self, id: &str, enabled: bool, detectors: Detectors) -> Result<ListView> {
        sqlx::query("UPDATE list SET enabled = ? WHERE id = ?")
            .bind(enabled)
            .bind(id)
            .execute(self.store.pool())
            .await?;
        self.apply(detectors).await?;
        self.one(id).await
    }

    /// Takes a list out of force and deletes its copy.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn remove(&self, id: &str, detectors: Detectors) -> Result<()> {
        let view = self.one(id).await?;
        sqlx::query("DELETE FROM list WHERE id = ?").bind(&view.id).execute(self.store.pool()).await?;
        let removed = std::fs::remove_file(self.file(&view.id));
        if let Err(error) = removed
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(kind = %error.kind(), "the copy of a removed list can't be deleted");
        }
        self.apply(detectors).await
    }

    /// Compiles the enabled lists and puts them in force. Those that can't be read are the problem that
    /// [`Filters::ready`] reports; the others stay in force for what is shown.
    ///
    /// # Errors
    /// `Store` when the database can't be asked; then nothing changes.
    pub async fn apply(&self, detectors: Detectors) -> Result<()> {
        let mut lists = Vec::new();
        let mut facts = Vec::new();
        let mut problem = None;
        for row in self.rows().await?.into_iter().filter(|row| row.enabled) {
            match self.read(&row) {
                Ok(read) => {
                    lists.push(read.list);
                    facts.push(read.facts);
                }
                Err(reason) => problem = Some(reason),
            }
        }
        let state = match Filter::new(lists.clone(), detectors) {
            Ok(filter) => State { filter, compiled: lists, lists: facts, problem },
            Err(error) => State { problem: Some(error.to_string()), ..State::bare(detectors) },
        };
        if let Some(problem) = &state.problem {
            tracing::error!(problem, "a list can't be applied");
        }
        self.filters.state.store(Arc::new(state));
        Ok(())
    }

    async fn rows(&self) -> Result<Vec<Row>> {
        let rows = sqlx::query_as("SELECT id, name, enabled, entries, imported_at, sha256 FROM list ORDER BY name")
            .fetch_all(self.store.pool())
            .await?;
        Ok(rows)
    }

    async fn one(&self, id: &str) -> Result<ListView> {
        let row = self.rows().await?.into_iter().find(|row| row.id == id);
        row.map(|row| self.view(row)).ok_or_else(|| Error::not_found("list"))
    }

    fn view(&self, row: Row) -> ListView {
        let problem = if row.enabled { self.read(&row).err().map(|reason| sentence(&reason)) } else { None };
        ListView {
            id: row.id,
            name: row.name,
            entries: row.entries,
            enabled: row.enabled,
            imported_at: row.imported_at,
            problem,
        }
    }

    fn read(&self, row: &Row) -> std::result::Result<NamedList, String> {
        let damaged = || format!("the list \"{}\" is damaged: import it again or switch it off", row.name);
        let text = std::fs::read_to_string(self.file(&row.id)).map_err(|_| damaged())?;
        if crate::receipt::hex(&Sha256::digest(&text)) != row.sha256 {
            return Err(damaged());
        }
        named_list(&row.name, text).map_err(|error| format!("the list \"{}\" can't be used: {error}", row.name))
    }

    fn file(&self, id: &str) -> PathBuf {
        self.paths.lists().join(format!("{id}.jsonl"))
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
    format!("{}-{}", plain.trim_matches('-'), &crate::receipt::hex(&Sha256::digest(name))[..8])
}

/// Replaces a file at once or not at all; only its owner can read it.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}
