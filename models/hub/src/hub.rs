//! The Hugging Face Hub, or a server that speaks like it: search, repositories, cards, and where files are.
//!
//! Every request goes through the client that was handed in. It is made without the access token first, because a
//! token says who asks; the token follows only where the hub answers 401 or 403, and never goes to another origin.
//! Redirects are followed within the hub's origin alone. What the hub says is read into types, never longer than the
//! limits below, and names in it are checked like those that people type.
//!
//! Deliberately not in it: fetching files, retries, and a memory of earlier answers.
//!
//! The interface is described at <https://huggingface.co/docs/hub/api>; what it says in headers is not, and was read
//! from the official clients (huggingface_hub 2.4, hf-hub 1.0).

mod ask;
mod wait;
mod wire;

use std::collections::BTreeSet;

use jiff::Timestamp;
use lethe_network::{Client, Purpose, Secret, Url};

use crate::error::{HubError, Result};
use crate::name::{Commit, RemotePath, RepoName, Revision, Sha256};
use ask::{Ask, Subject, malformed};

pub use wait::wait_asked_for;

/// The hub that is asked when nobody says otherwise.
pub const ENDPOINT: &str = "https://huggingface.co";

const LONGEST_QUERY: usize = 200;
const MOST_HITS: usize = 100;
const LONGEST_PAGE: u64 = 16 << 20;
const LONGEST_TEXT: u64 = 2 << 20;
const MOST_PAGES: usize = 64;
const MOST_FILES: usize = 50_000;

/// A model that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The repository.
    pub repo: RepoName,
    /// In which forms it has weights that Lethe reads; empty where it has none.
    pub formats: Vec<Format>,
    /// Whether conditions have to be accepted before files are given out.
    pub gated: bool,
    /// The licence's short name, such as `apache-2.0`.
    pub license: Option<String>,
    /// Downloads of the last 30 days.
    pub downloads: u64,
    /// How many people like it.
    pub likes: u64,
    /// When it was changed last.
    pub updated: Option<Timestamp>,
    /// Words that its makers and the hub describe it with.
    pub tags: Vec<String>,
}

/// A form of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Files of llama.cpp, used as they are.
    Gguf,
    /// What models are published in, to be converted.
    Safetensors,
}

/// A repository at one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its name, as it was asked for.
    pub repo: RepoName,
    /// The version that everything here is of.
    pub commit: Commit,
    /// Whether conditions have to be accepted before files are given out.
    pub gated: bool,
    /// The licence's short name, such as `apache-2.0`.
    pub license: Option<String>,
    /// Words that its makers and the hub describe it with.
    pub tags: Vec<String>,
    /// Its files. Those whose path some system could not keep are left out.
    pub files: Vec<RemoteFile>,
}

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Where it lies in the repository.
    pub path: RemotePath,
    /// Its size in bytes.
    pub bytes: u64,
    /// The SHA-256 of its content, where the hub says it: for large files.
    pub sha256: Option<Sha256>,
    /// The name that git has for it: of its content, or of the pointer that stands for a large file.
    pub oid: String,
}

/// Where the content of a file is to be had, for a while: such addresses often expire within an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The address, on the hub itself or on another host.
    pub url: Url,
    /// What names the content: without quotes and without the mark of a weak one.
    pub etag: Option<String>,
    /// Its size in bytes, where the hub says it.
    pub bytes: Option<u64>,
    /// The SHA-256 of the content, where the hub says it.
    pub sha256: Option<Sha256>,
    /// To be sent with requests for the address: only where the hub gives the content out itself, and asked for it.
    pub secret: Option<Secret>,
}

/// Asks one hub.
#[derive(Debug, Clone)]
pub struct Hub {
    client: Client,
    endpoint: Url,
    token: Option<Secret>,
}

impl Hub {
    /// Asks the hub at an address, which may have a path. The token is kept back until the hub asks for it.
    pub fn new(client: Client, endpoint: Url, token: Option<Secret>) -> Self {
        Self { client, endpoint, token: token.filter(|token| !token.expose().is_empty()) }
    }

    /// The address in `HF_ENDPOINT`, or that of the Hugging Face Hub.
    ///
    /// # Errors
    /// [`HubError::Endpoint`] when something else stands there: asking the usual hub instead would tell it what a
    /// user wanted to ask another one.
    pub fn endpoint_from_environment() -> Result<Url> {
        match std::env::var_os("HF_ENDPOINT") {
            None => endpoint(""),
            Some(text) => endpoint(text.to_str().ok_or(HubError::Endpoint)?),
        }
    }

    /// The address of the hub.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The client that makes the requests.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The page of a repository, for people.
    pub fn page(&self, repo: &RepoName) -> Url {
        self.address([repo.owner(), repo.name()])
    }

    /// Searches for models, the most downloaded first. At most 100 are found.
    ///
    /// # Errors
    /// See [`HubError`].
    pub async fn search(&self, query: &str, limit: usize) -> Result<Vec<Hit>> {
        let mut url = self.address(["api", "models"]);
        let query: String = query.trim().chars().take(LONGEST_QUERY).collect();
        let limit = limit.clamp(1, MOST_HITS);
        url.query_pairs_mut()
            .append_pair("search", &query)
            .append_pair("limit", &limit.to_string())
            .append_pair("full", "true")
            .append_pair("sort", "downloads")
            .append_pair("direction", "-1");
        let ask = Ask::new(url, Purpose::ModelSearch, Subject::Hub);
        let answer = self.ask(&ask).await?;
        let host = answer.host();
        let models: Vec<wire::Model> = answer.json(LONGEST_PAGE).await?;
        let too_many = models.len() > MOST_HITS;
        if too_many {
            return Err(HubError::TooLong { host });
        }
        Ok(models.into_iter().filter_map(wire::Model::hit).take(limit).collect())
    }

    /// What a repository holds at a branch, a tag or a commit; at its main branch where none is given.
    ///
    /// # Errors
    /// See [`HubError`].
    pub async fn repository(&self, repo: &RepoName, revision: Option<&Revision>) -> Result<Repository> {
        let main = Revision::main();
        let revision = revision.unwrap_or(&main);
        let subject = Subject::Revision(repo, revision);
        let model = ["api", "models", repo.owner(), repo.name()];
        let url = self.address(model.into_iter().chain(["revision", revision.as_str()]));
        let answer = self.ask(&Ask::new(url, Purpose::ModelFiles, subject)).await?;
        let host = answer.host();
        let info: wire::Model = answer.json(LONGEST_PAGE).await?;
        let commit = info.commit().ok_or_else(|| malformed(&host, "no commit"))?;
        if revision.as_str().parse::<Commit>().is_ok_and(|asked| asked != commit) {
            return Err(malformed(&host, "another commit"));
        }
        let mut url = self.address(model.into_iter().chain(["tree", commit.as_str()]));
        url.query_pairs_mut().append_pair("recursive", "true");
        let files = self.files(url, subject).await?;
        let (gated, license, tags) = (info.is_gated(), info.license(), info.tags());
        Ok(Repository { repo: repo.clone(), commit, gated, license, tags, files })
    }

    /// All pages of a list of files.
    async fn files(&self, first: Url, subject: Subject<'_>) -> Result<Vec<RemoteFile>> {
        let (mut files, mut paths, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        let mut next = Some(first);
        while let Some(url) = next {
            let answer = self.ask(&Ask::new(url.clone(), Purpose::ModelFiles, subject)).await?;
            let host = answer.host();
            if !seen.insert(url.clone()) {
                return Err(malformed(&host, "pages in a circle"));
            }
            next = match answer.response.header("link").and_then(wire::next_page) {
                Some(link) => Some(self.same_origin(&url, link).ok_or_else(|| malformed(&host, "a page elsewhere"))?),
                None => None,
            };
            let entries: Vec<wire::Entry> = answer.json(LONGEST_PAGE).await?;
            for entry in entries {
                let Some(file) = entry.file().map_err(|what| malformed(&host, what))? else { continue };
                if !paths.insert(file.path.clone()) {
                    return Err(malformed(&host, "one file twice"));
                }
                files.push(file);
            }
            if files.len() > MOST_FILES || (next.is_some() && seen.len() >= MOST_PAGES) {
                return Err(HubError::TooLong { host });
            }
        }
        Ok(files)
    }

    /// What its makers say of a model: its README in Markdown without the head of metadata, or nothing.
    ///
    /// # Errors
    /// See [`HubError`]; [`HubError::TooLong`] for a card of more than 2 MiB.
    pub async fn card(&self, repo: &RepoName, commit: &Commit) -> Result<Option<String>> {
        let card = self.text(repo, commit, "README.md", Purpose::ModelCard).await?;
        Ok(card.map(|card| without_head(&card).to_owned()))
    }

    /// The `config.json` of weights, or nothing.
    ///
    /// # Errors
    /// See [`HubError`]; [`HubError::TooLong`] for more than 2 MiB.
    pub async fn config(&self, repo: &RepoName, commit: &Commit) -> Result<Option<String>> {
        self.text(repo, commit, "config.json", Purpose::ModelFiles).await
    }

    async fn text(&self, repo: &RepoName, commit: &Commit, name: &str, purpose: Purpose) -> Result<Option<String>> {
        let path: RemotePath = name.parse()?;
        let url = self.address([repo.owner(), repo.name(), "raw", commit.as_str(), path.as_str()]);
        match self.ask(&Ask::new(url, purpose, Subject::File(repo, commit, &path))).await {
            Ok(answer) => Ok(Some(answer.text(LONGEST_TEXT).await?)),
            Err(HubError::FileNotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the content of a file is to be had. Asks for its first byte without following to another host, so that
    /// whoever fetches can ask there for ranges, without the token.
    ///
    /// # Errors
    /// See [`HubError`]; [`HubError::Insecure`] where a hub with encryption points to a host without.
    pub async fn location(&self, repo: &RepoName, commit: &Commit, path: &RemotePath) -> Result<Location> {
        let parts = [repo.owner(), repo.name(), "resolve", commit.as_str()];
        let url = self.address(parts.into_iter().chain(path.parts()));
        let ask = Ask::new(url, Purpose::ModelFile, Subject::File(repo, commit, path)).first_byte();
        let answer = self.ask(&ask).await?;
        let host = answer.host();
        if answer.headers.commit.as_deref().is_some_and(|said| said != commit.as_str()) {
            return Err(malformed(&host, "another commit"));
        }
        let bytes = answer.bytes();
        let sha256 = answer.headers.linked_etag.as_deref().and_then(|etag| etag.parse().ok());
        let etag = answer.headers.linked_etag.or(answer.headers.etag);
        let (url, secret) = match answer.moved {
            Some(url) => (url, None),
            None => (answer.response.url.clone(), self.token.clone().filter(|_| answer.with_token)),
        };
        Ok(Location { url, etag, bytes, sha256, secret })
    }

    /// An address on the hub; each part becomes one segment, whatever is in it.
    fn address<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.endpoint.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        url
    }

    /// Where a link on the hub leads, if it stays there.
    fn same_origin(&self, from: &Url, link: &str) -> Option<Url> {
        from.join(link).ok().filter(|url| url.origin() == self.endpoint.origin())
    }
}

fn endpoint(text: &str) -> Result<Url> {
    let text = if text.trim().is_empty() { ENDPOINT } else { text.trim() };
    let url = Url::parse(text).map_err(|_| HubError::Endpoint)?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    if is_plain && is_web { Ok(url) } else { Err(HubError::Endpoint) }
}

/// A card without its head: what stands between two lines of `---` at its very beginning.
fn without_head(card: &str) -> &str {
    let card = card.strip_prefix('\u{feff}').unwrap_or(card);
    let mut lines = card.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else { return card };
    let mut length = first.len();
    for line in lines {
        length += line.len();
        if line.trim_end() == "---" {
            return card[length..].trim_start_matches(['\r', '\n']);
        }
    }
    card
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_is_taken_only_as_a_plain_address() {
        for (text, expected) in [
            ("", Some("https://huggingface.co/")),
            ("  ", Some("https://huggingface.co/")),
            ("https://hub.example.org", Some("https://hub.example.org/")),
            (" http://127.0.0.1:8080/api/hf/ ", Some("http://127.0.0.1:8080/api/hf/")),
            ("hub.example.org", None),
            ("ftp://hub.example.org", None),
            ("https://ada:secret@hub.example.org", None),
            ("https://hub.example.org/?x=1", None),
        ] {
            assert_eq!(endpoint(text).ok().as_ref().map(Url::as_str), expected, "{text:?}");
        }
    }

    #[test]
    fn a_card_loses_its_head_and_nothing_else() {
        for (card, expected) in [
            ("---\nlicense: mit\n---\n\n# Tiny\n---\nx", "# Tiny\n---\nx"),
            ("---\r\nlicense: mit\r\n---\r\n# Tiny", "# Tiny"),
            ("\u{feff}---\na: b\n---\nx", "x"),
            ("# Tiny\n---\nx\n---\n", "# Tiny\n---\nx\n---\n"),
            ("---\nno end", "---\nno end"),
            ("---\n---", ""),
            ("", ""),
        ] {
            assert_eq!(without_head(card), expected, "{card:?}");
        }
    }

    #[test]
    fn addresses_keep_the_path_of_the_hub_and_take_no_tricks() {
        for (hub, expected) in [
            ("https://hub.example.org", "https://hub.example.org/ada/x/refs%2Fpr%2F1%3F/a%20%23b"),
            ("https://hub.example.org/mirror/", "https://hub.example.org/mirror/ada/x/refs%2Fpr%2F1%3F/a%20%23b"),
        ] {
            let hub = Hub::new(Client::offline(), hub.parse().expect("an address"), None);
            assert_eq!(hub.address(["ada", "x", "refs/pr/1?", "a #b"]).as_str(), expected);
        }
    }
}
