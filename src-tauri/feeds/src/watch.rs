//! Tells when a model's card says something new about filtering, or an organisation has new models.
//!
//! The makers of the models say "please check this site regularly"; this is the check. Each change is told once and
//! then remembered; the first look at something only remembers. What comes is not signed and acts on nothing: it is shown to
//! people, who decide.
//!
//! Deliberately not in it: when to look, and pages after the first of a list of models.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};
use url::Url;

use crate::card::output_filter_section;
use crate::disk::{self, Lock};
use crate::error::{Error, Result, Trouble};
use crate::fetch::{Answer, Get, Validators};
use crate::segment::{Sha256, is_safe_name};
use crate::source::Address;
use lethe_network::{Client, PlainHttp, Purpose, host};

/// In bytes.
const CARD_LIMIT: u64 = 2 * 1024 * 1024;
/// In bytes. A model has about 600 in the list.
const MODELS_LIMIT: u64 = 16 * 1024 * 1024;

/// A model repository, `organisation/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Repo(String);

impl FromStr for Repo {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('/') {
            Some((organisation, name)) if is_safe_name(organisation) && is_safe_name(name) => Ok(Self(text.to_owned())),
            _ => Err(Error::BadAddress),
        }
    }
}

impl TryFrom<String> for Repo {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Repo> for String {
    fn from(repo: Repo) -> Self {
        repo.0
    }
}

impl fmt::Display for Repo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What is watched, and a folder to remember it in.
#[derive(Debug, Clone)]
pub struct Watch {
    folder: PathBuf,
    endpoint: Url,
    cards: Vec<Repo>,
}

/// What has changed since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The card's section about the output filter.
    Section {
        /// Whose card.
        repo: Repo,
        /// New lines, in order, without blank ones.
        added: Vec<String>,
        /// Lines that are gone.
        removed: Vec<String>,
    },
    /// A card that has no such section and had none.
    Card {
        /// Whose card.
        repo: Repo,
    },
    /// The organisation has published models.
    Models {
        /// New ones, sorted.
        added: Vec<Repo>,
    },
}

/// The result of a look.
#[derive(Debug)]
pub struct Checked {
    /// What is new. It is not told again.
    pub changes: Vec<Change>,
    /// What could not be looked at.
    pub failures: Vec<Failure>,
}

/// Something that could not be looked at; it is compared at the next look.
#[derive(Debug)]
pub struct Failure {
    /// The card, or nothing for the list of models.
    pub repo: Option<Repo>,
    /// Why.
    pub error: Error,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    cards: BTreeMap<Repo, CardMemory>,
    models: Option<ModelsMemory>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CardMemory {
    validators: Validators,
    sha256: Sha256,
    section: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ModelsMemory {
    validators: Validators,
    known: BTreeSet<Repo>,
}

impl Watch {
    /// Where models are published, unless the user has set another place.
    pub const ENDPOINT: &str = "https://huggingface.co";
    /// Who publishes the Apertus models.
    const ORGANISATION: &str = "swiss-ai";

    /// Watches the cards of these repositories, and the organisation's list of models.
    ///
    /// # Errors
    ///
    /// [`Error::BadAddress`] when the endpoint is no http or https address.
    pub fn new(folder: &Path, endpoint: &Address, cards: Vec<Repo>) -> Result<Self> {
        let endpoint = endpoint.web().ok_or(Error::BadAddress)?.clone();
        Ok(Self { folder: folder.to_owned(), endpoint, cards })
    }

    /// Looks once. Costs a request for each card and one for the list; unchanged ones have no body where the server
    /// knows `ETag`.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`], [`Error::Disk`] and [`Error::Offline`]; whatever is about one of the requests is in
    /// [`Checked::failures`].
    pub async fn check(&self, client: &Client) -> Result<Checked> {
        disk::make_folder(&self.folder)?;
        let _lock = Lock::take(&self.folder)?;
        disk::sweep(&self.folder)?;
        let path = self.folder.join("watch.json");
        // A damaged memory begins anew: the next change is told, one may be missed.
        let mut memory: Memory = disk::read_json(&path).ok().flatten().unwrap_or_default();
        let mut checked = Checked { changes: Vec::new(), failures: Vec::new() };
        for repo in &self.cards {
            match self.look_at_card(client, repo, &mut memory).await {
                Ok(change) => checked.changes.extend(change),
                Err(Error::Offline) => return Err(Error::Offline),
                Err(error) => checked.failures.push(Failure { repo: Some(repo.clone()), error }),
            }
        }
        match self.look_at_models(client, &mut memory).await {
            Ok(change) => checked.changes.extend(change),
            Err(Error::Offline) => return Err(Error::Offline),
            Err(error) => checked.failures.push(Failure { repo: None, error }),
        }
        disk::replace_json(&path, &memory)?;
        Ok(checked)
    }

    async fn look_at_card(&self, client: &Client, repo: &Repo, memory: &mut Memory) -> Result<Option<Change>> {
        let url = self.endpoint.join(&format!("{repo}/raw/main/README.md")).map_err(|_| Error::BadAddress)?;
        let last = memory.cards.get(repo);
        let unless = last.map(|last| &last.validators);
        let Some((bytes, validators)) = get(client, &url, Purpose::ModelCard, unless, CARD_LIMIT).await? else {
            return Ok(None);
        };
        let card = str::from_utf8(&bytes).map_err(|_| Error::Malformed { file: url.path().to_owned() })?;
        let section = output_filter_section(card);
        let sha256 = Sha256::of(&bytes);
        let change = last.and_then(|last| match (&last.section, &section) {
            (None, None) => (last.sha256 != sha256).then(|| Change::Card { repo: repo.clone() }),
            (old, new) if old == new => None,
            (old, new) => {
                let (added, removed) = difference(old.as_deref().unwrap_or(""), new.as_deref().unwrap_or(""));
                Some(Change::Section { repo: repo.clone(), added, removed })
            }
        });
        memory.cards.insert(repo.clone(), CardMemory { validators, sha256, section });
        Ok(change)
    }

    async fn look_at_models(&self, client: &Client, memory: &mut Memory) -> Result<Option<Change>> {
        #[derive(Deserialize)]
        struct Model {
            id: String,
        }
        let mut url = self.endpoint.join("api/models").map_err(|_| Error::BadAddress)?;
        url.query_pairs_mut().append_pair("author", Self::ORGANISATION);
        let unless = memory.models.as_ref().map(|last| &last.validators);
        let Some((bytes, validators)) = get(client, &url, Purpose::ModelList, unless, MODELS_LIMIT).await? else {
            return Ok(None);
        };
        let models: Vec<Model> =
            serde_json::from_slice(&bytes).map_err(|_| Error::Malformed { file: url.path().to_owned() })?;
        let mut listed: BTreeSet<Repo> = models.iter().filter_map(|model| model.id.parse().ok()).collect();
        let Some(last) = memory.models.take() else {
            memory.models = Some(ModelsMemory { validators, known: listed });
            return Ok(None);
        };
        let added: Vec<Repo> = listed.difference(&last.known).cloned().collect();
        // One that is gone for a while is not new when it is back.
        listed.extend(last.known);
        memory.models = Some(ModelsMemory { validators, known: listed });
        Ok((!added.is_empty()).then_some(Change::Models { added }))
    }
}

/// A file and how to ask for it the next time, or nothing when it has not changed.
async fn get(
    client: &Client,
    url: &Url,
    purpose: Purpose,
    unless: Option<&Validators>,
    limit: u64,
) -> Result<Option<(Vec<u8>, Validators)>> {
    let get = Get { unless, ..Get::new(url, purpose, PlainHttp::Loopback) };
    match get.send(client).await? {
        Answer::NotModified => Ok(None),
        Answer::Missing { host } => Err(Error::NothingThere { host }),
        Answer::RangeRefused => Err(Error::Unreachable { host: host(url), trouble: Trouble::Status(416) }),
        Answer::Content { validators, body, .. } => Ok(Some((body.read(limit, url.path()).await?, validators))),
    }
}

/// Added and removed lines, without blank ones.
fn difference(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for change in TextDiff::from_lines(old, new).iter_all_changes() {
        let line = change.value().trim_end();
        match change.tag() {
            _ if line.is_empty() => {}
            ChangeTag::Insert => added.push(line.to_owned()),
            ChangeTag::Delete => removed.push(line.to_owned()),
            ChangeTag::Equal => {}
        }
    }
    (added, removed)
}
