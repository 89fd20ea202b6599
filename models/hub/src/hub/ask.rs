//! One question to the hub: redirects within it, the token where it is asked for, and what a refusal means.
//!
//! The hub says 401 for what is missing, what is private and what is gated; the header `X-Error-Code` tells some of
//! these apart, and whether a token was there tells the rest.

use lethe_network::{PlainHttp, Purpose, Redirects, Request, Response, Secret, Trouble, Url, host};
use serde::de::DeserializeOwned;

use super::Hub;
use super::wait::wait_asked_for;
use crate::error::{HubError, Result};
use crate::name::{Commit, RemotePath, RepoName, Revision};

const MOST_HOPS: usize = 5;

/// What is asked about, for the errors.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    /// The hub as a whole.
    Hub,
    /// A version of a repository.
    Revision(&'a RepoName, &'a Revision),
    /// A file of it.
    File(&'a RepoName, &'a Commit, &'a RemotePath),
}

/// A question.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    url: Url,
    purpose: Purpose,
    subject: Subject<'a>,
    first_byte: bool,
}

impl<'a> Ask<'a> {
    pub fn new(url: Url, purpose: Purpose, subject: Subject<'a>) -> Self {
        Self { url, purpose, subject, first_byte: false }
    }

    /// Asks for one byte instead of the whole, and is content with being sent to another host.
    pub fn first_byte(self) -> Self {
        Self { first_byte: true, ..self }
    }
}

/// What the headers of an answer, and of the redirects on the way to it, say of a file.
#[derive(Debug, Default)]
pub(super) struct FileHeaders {
    pub commit: Option<String>,
    pub etag: Option<String>,
    pub linked_etag: Option<String>,
    pub linked_bytes: Option<u64>,
}

impl FileHeaders {
    fn add(&mut self, response: &Response) {
        let text = |name: &str| response.header(name).map(str::to_owned);
        let etag = |name: &str| text(name).map(|etag| etag.trim_start_matches("W/").trim_matches('"').to_owned());
        self.commit = text("x-repo-commit").or(self.commit.take());
        self.etag = etag("etag").or(self.etag.take());
        self.linked_etag = etag("x-linked-etag").or(self.linked_etag.take());
        self.linked_bytes = text("x-linked-size").and_then(|bytes| bytes.parse().ok()).or(self.linked_bytes);
    }
}

/// An answer that is none of a refusal.
#[derive(Debug)]
pub(super) struct Answer {
    pub response: Response,
    pub headers: FileHeaders,
    /// Where it points to, on another host.
    pub moved: Option<Url>,
    pub with_token: bool,
}

impl Answer {
    pub fn host(&self) -> String {
        host(&self.response.url)
    }

    /// Size of the file that the answer is about.
    pub fn bytes(&self) -> Option<u64> {
        let range = self.response.header("content-range").and_then(|range| range.rsplit_once('/')?.1.parse().ok());
        let whole = if self.response.status == 200 { self.response.body.length() } else { None };
        self.headers.linked_bytes.or(if self.moved.is_some() { None } else { range.or(whole) })
    }

    pub async fn json<T: DeserializeOwned>(self, limit: u64) -> Result<T> {
        let host = self.host();
        let bytes = self.read(limit).await?;
        serde_json::from_slice(&bytes).map_err(|_| malformed(&host, "what can't be read"))
    }

    pub async fn text(self, limit: u64) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.read(limit).await?).into_owned())
    }

    async fn read(self, limit: u64) -> Result<Vec<u8>> {
        if self.moved.is_some() {
            return Err(malformed(&self.host(), "a redirect to another host"));
        }
        Ok(self.response.body.read(limit).await?)
    }
}

impl Hub {
    /// Asks without the token, and again with it where that is refused.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Answer> {
        let answer = self.follow(ask, None).await?;
        let first = answer.response.status;
        match &self.token {
            Some(token) if matches!(first, 401 | 403) => {
                drop(answer);
                let answer = self.follow(ask, Some(token)).await?;
                self.judge(ask, answer, Some(first))
            }
            _ => self.judge(ask, answer, None),
        }
    }

    async fn follow(&self, ask: &Ask<'_>, token: Option<&Secret>) -> Result<Answer> {
        let mut url = ask.url.clone();
        let mut headers = FileHeaders::default();
        for _ in 0..=MOST_HOPS {
            let mut request = Request::get(&url, ask.purpose, PlainHttp::Private)
                .redirects(Redirects::Stop)
                .within(self.client.timeouts().small_file)
                .secret(token);
            if ask.first_byte {
                // Compressed on the way, a file would have another length.
                request = request.range(0..1).header("accept-encoding", "identity");
            }
            let response = self.client.send(request).await?;
            headers.add(&response);
            let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
            let Some(location) = response.header("location").filter(|_| is_redirect) else {
                return Ok(Answer { response, headers, moved: None, with_token: token.is_some() });
            };
            let next = url.join(location).map_err(|_| malformed(&host(&url), "a redirect to nowhere"))?;
            if !may_lead(&url, &next) {
                return Err(HubError::Insecure { host: host(&next) });
            }
            if next.origin() != self.endpoint.origin() {
                return Ok(Answer { response, headers, moved: Some(next), with_token: token.is_some() });
            }
            url = next;
        }
        Err(HubError::Unreachable { host: host(&url), trouble: Trouble::Redirects })
    }

    /// Lets answers through, and says what a refusal means. `refused` is the status that the same question had
    /// without the token, if it was asked with one.
    fn judge(&self, ask: &Ask<'_>, answer: Answer, refused: Option<u16>) -> Result<Answer> {
        let response = &answer.response;
        let is_empty_file = ask.first_byte && response.status == 416 && answer.bytes() == Some(0);
        if response.is_success() || answer.moved.is_some() || is_empty_file {
            return Ok(answer);
        }
        let host = host(&response.url);
        let code = response.header("x-error-code");
        Err(match (response.status, code, refused) {
            (401 | 403, Some("GatedRepo"), refused) => self.gated(ask.subject, &host, refused),
            (401 | 403 | 404, Some("RepoNotFound"), _) => self.missing(ask.subject, &host),
            (404, Some("RevisionNotFound"), _) => match ask.subject {
                Subject::Revision(repo, revision) => not_found(repo, revision),
                Subject::File(repo, commit, _) => not_found(repo, &commit.into()),
                Subject::Hub => malformed(&host, "no search"),
            },
            (404, Some("EntryNotFound") | None, _) => match ask.subject {
                Subject::File(repo, commit, path) => {
                    HubError::FileNotFound { repo: repo.clone(), commit: commit.clone(), path: path.clone() }
                }
                subject => self.missing(subject, &host),
            },
            (401, _, None) => self.missing(ask.subject, &host),
            (403, _, None | Some(403)) => HubError::Forbidden { host },
            (401 | 403, _, Some(_)) => {
                HubError::TokenRefused { host, address: self.address(["settings", "tokens"]).to_string() }
            }
            (429, ..) => HubError::RateLimited { host, wait: wait_asked_for(response) },
            (status, ..) => HubError::Server { host, status, wait: wait_asked_for(response) },
        })
    }

    fn gated(&self, subject: Subject<'_>, host: &str, refused: Option<u16>) -> HubError {
        let (Subject::Revision(repo, _) | Subject::File(repo, ..)) = subject else {
            return HubError::Forbidden { host: host.to_owned() };
        };
        let (repo, address) = (repo.clone(), self.page(repo).to_string());
        if refused.is_some() { HubError::NoConsent { repo, address } } else { HubError::Gated { repo, address } }
    }

    fn missing(&self, subject: Subject<'_>, host: &str) -> HubError {
        match subject {
            Subject::Revision(repo, _) | Subject::File(repo, ..) => HubError::RepositoryNotFound { repo: repo.clone() },
            Subject::Hub if self.token.is_none() => HubError::TokenNeeded { host: host.to_owned() },
            Subject::Hub => malformed(host, "no search"),
        }
    }
}

/// Whether a redirect may be followed: from encryption to encryption only, and without it only on this machine and in
/// private networks.
fn may_lead(from: &Url, to: &Url) -> bool {
    to.scheme() == "https" || (from.scheme() == "http" && to.scheme() == "http" && PlainHttp::Private.allows(to))
}

fn not_found(repo: &RepoName, revision: &Revision) -> HubError {
    HubError::RevisionNotFound { repo: repo.clone(), revision: revision.clone() }
}

pub(super) fn malformed(host: &str, what: &'static str) -> HubError {
    HubError::Malformed { host: host.to_owned(), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_never_leave_encryption() {
        let at = |text: &str| Url::parse(text).expect("an address");
        for (from, to, may) in [
            ("https://hub.example.org/a", "https://hub.example.org/b", true),
            ("https://hub.example.org/a", "https://files.example.org/b", true),
            ("https://hub.example.org/a", "http://files.example.org/b", false),
            ("https://hub.example.org/a", "http://127.0.0.1/b", false),
            ("http://127.0.0.1:80/a", "http://127.0.0.1:81/b", true),
            ("http://127.0.0.1/a", "https://files.example.org/b", true),
            ("http://127.0.0.1/a", "http://files.example.org/b", false),
            ("http://127.0.0.1/a", "file:///b", false),
        ] {
            assert_eq!(may_lead(&at(from), &at(to)), may, "{from} to {to}");
        }
    }
}
