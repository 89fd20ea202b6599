//! All requests of this crate, each reported to an observer.
//!
//! A request says `User-Agent: Lethe` and what is needed to get the file: no cookies, no identifiers, no referrer, no
//! request body. Each hop of a redirect is a request of its own, so that an observer sees every host; from https none
//! leads to http. Nothing is retried here. Proxies are those of the environment variables.
//!
//! Deliberately not in it: what to ask for and when, and any look at the content. A local source makes no requests.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{StatusCode, redirect};
use serde::{Deserialize, Serialize};
use tough::Bytes;
use url::{Host, Url};

use crate::error::{Error, Result, Trouble};

const REDIRECT_LIMIT: usize = 5;

/// How long to wait for a server.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection is there: 15 s by default.
    pub connect: Duration,
    /// Between two pieces of an answer: 30 s by default.
    pub idle: Duration,
    /// For the whole of a small file, so that a server can't drip for ever: 2 minutes by default. Segments and plain
    /// files may take any time and are resumed.
    pub small_file: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), idle: Duration::from_secs(30), small_file: Duration::from_secs(120) }
    }
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Signed metadata of a feed.
    Metadata,
    /// A segment of a feed.
    Segment,
    /// A list that is a plain file.
    PlainFile,
    /// A model's card.
    ModelCard,
    /// The list of an organisation's models.
    ModelList,
}

/// One request that was made, for the network ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What for.
    pub purpose: Purpose,
    /// Host, with the port where it is not the usual one.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// Bytes of the answer's body that were received. Headers are not counted.
    pub bytes_received: u64,
    /// The HTTP status, or nothing where no answer came.
    pub status: Option<u16>,
}

/// Called once for each request, when it is over. May run on any thread.
type Observer = Arc<dyn Fn(Exchange) + Send + Sync>;

/// Makes requests, or refuses all of them.
#[derive(Clone)]
pub struct Fetch {
    client: Option<reqwest::Client>,
    observer: Observer,
    timeouts: Timeouts,
}

impl fmt::Debug for Fetch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fetch").field("online", &self.client.is_some()).finish_non_exhaustive()
    }
}

impl Fetch {
    /// Makes requests and tells the observer about each when it is over, failed ones too.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] when the system has no trusted certificates.
    pub fn new(timeouts: Timeouts, observer: impl Fn(Exchange) + Send + Sync + 'static) -> Result<Self> {
        let client = reqwest::Client::builder()
            .user_agent("Lethe")
            .referer(false)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.idle)
            .build()
            .map_err(|_| Error::Unreachable { host: "every host".to_owned(), trouble: Trouble::NoConnection })?;
        Ok(Self { client: Some(client), observer: Arc::new(observer), timeouts })
    }

    /// Refuses every request with [`Error::Offline`]. Local sources still work.
    pub fn offline() -> Self {
        Self { client: None, observer: Arc::new(|_| ()), timeouts: Timeouts::default() }
    }

    pub(crate) async fn get(&self, get: Get<'_>) -> Result<Answer> {
        let client = self.client.as_ref().ok_or(Error::Offline)?;
        let mut url = get.url.clone();
        for _ in 0..=REDIRECT_LIMIT {
            let host = host(&url);
            if url.scheme() != "https" && (url.scheme() != "http" || !get.plain_http.allows(&url)) {
                return Err(Error::Insecure { host });
            }
            let mut request = client.get(url.clone()).headers(get.headers());
            if !matches!(get.purpose, Purpose::Segment | Purpose::PlainFile) {
                request = request.timeout(self.timeouts.small_file);
            }
            let mut report = Report::new(self, get.purpose, &url);
            let response = request.send().await.map_err(|error| unreachable(&host, &error))?;
            report.exchange.status = Some(response.status().as_u16());
            let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
            match (response.status(), location) {
                (
                    StatusCode::MOVED_PERMANENTLY
                    | StatusCode::FOUND
                    | StatusCode::SEE_OTHER
                    | StatusCode::TEMPORARY_REDIRECT
                    | StatusCode::PERMANENT_REDIRECT,
                    Some(location),
                ) => url = next_hop(&url, location)?,
                _ => return Answer::new(response, report, host),
            }
        }
        Err(redirects(&host(&url)))
    }
}

/// A request to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Get<'a> {
    pub(crate) url: &'a Url,
    pub(crate) purpose: Purpose,
    /// Answer only when it has changed since.
    pub(crate) unless: Option<&'a Validators>,
    /// Answer only from this byte on.
    pub(crate) from: u64,
    /// Answer from that byte on only when it is still this version.
    pub(crate) if_still: Option<&'a str>,
    pub(crate) plain_http: PlainHttp,
}

/// Where a request without encryption is fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    /// What comes is signed.
    Anywhere,
    /// What comes is not signed: only from this machine.
    Loopback,
}

impl PlainHttp {
    pub(crate) fn allows(self, url: &Url) -> bool {
        match (self, url.host()) {
            (Self::Anywhere, _) => true,
            (Self::Loopback, Some(Host::Ipv4(address))) => address.is_loopback(),
            (Self::Loopback, Some(Host::Ipv6(address))) => address.is_loopback(),
            (Self::Loopback, Some(Host::Domain(domain))) => domain == "localhost",
            (Self::Loopback, None) => false,
        }
    }
}

/// What a server says about a version of a file, for asking whether it has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validators {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

impl Validators {
    /// For continuing a download: a weak entity tag does not promise the same bytes.
    pub(crate) fn strong(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/"))
    }
}

impl<'a> Get<'a> {
    pub(crate) fn new(url: &'a Url, purpose: Purpose, plain_http: PlainHttp) -> Self {
        Self { url, purpose, unless: None, from: 0, if_still: None, plain_http }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name, value: Option<&str>| {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        };
        if let Some(validators) = self.unless {
            set(header::IF_NONE_MATCH, validators.etag.as_deref());
            set(header::IF_MODIFIED_SINCE, validators.last_modified.as_deref());
        }
        if self.from > 0 {
            set(header::RANGE, Some(&format!("bytes={}-", self.from)));
            set(header::IF_RANGE, self.if_still);
        }
        headers
    }
}

/// What a server answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Still the same version.
    NotModified,
    /// No such file.
    Missing { host: String },
    /// It has not that many bytes, or has sent another range: ask for the whole.
    RangeRefused,
    /// The file from a byte on.
    Content { from: u64, validators: Validators, body: Body },
}

impl Answer {
    fn new(response: reqwest::Response, report: Report, host: String) -> Result<Self> {
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let validators = Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) };
        let from = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => {
                let range = text(header::CONTENT_RANGE);
                let start =
                    range.as_deref().and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
                let Some(start) = start else { return Ok(Self::RangeRefused) };
                start
            }
            StatusCode::RANGE_NOT_SATISFIABLE => return Ok(Self::RangeRefused),
            StatusCode::NOT_MODIFIED => return Ok(Self::NotModified),
            // Object stores say 403 for what is missing.
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Self::Missing { host }),
            status => return Err(Error::Unreachable { host, trouble: Trouble::Status(status.as_u16()) }),
        };
        let length = response.content_length();
        let body = Body { host, length, report, stream: Box::pin(response.bytes_stream()) };
        Ok(Self::Content { from, validators, body })
    }
}

/// The bytes of an answer as they come. Dropping it ends the request.
pub(crate) struct Body {
    host: String,
    /// What the server announces, in bytes.
    pub(crate) length: Option<u64>,
    report: Report,
    stream: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>,
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Body(from {})", self.host)
    }
}

impl Body {
    /// All of it, when it is no longer than a limit in bytes. `file` is for the error.
    pub(crate) async fn read(mut self, limit: u64, file: &str) -> Result<Vec<u8>> {
        let too_long = || Error::TooLong { file: file.to_owned() };
        if self.length.is_some_and(|length| length > limit) {
            return Err(too_long());
        }
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() as u64 > limit {
                return Err(too_long());
            }
        }
        Ok(bytes)
    }
}

impl Stream for Body {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.stream.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.report.exchange.bytes_received += piece.len() as u64;
        }
        polled.map(|item| item.map(|piece| piece.map_err(|error| unreachable(&self.host, &error))))
    }
}

/// Tells the observer when a request is over, however it ends.
struct Report {
    exchange: Exchange,
    observer: Observer,
}

impl Report {
    fn new(fetch: &Fetch, purpose: Purpose, url: &Url) -> Self {
        let path = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
        let exchange = Exchange { purpose, host: host(url), path, bytes_received: 0, status: None };
        Self { exchange, observer: Arc::clone(&fetch.observer) }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        (self.observer)(self.exchange.clone());
    }
}

/// Where a redirect leads.
fn next_hop(url: &Url, location: &str) -> Result<Url> {
    let next = url.join(location).map_err(|_| redirects(&host(url)))?;
    if url.scheme() == "https" && next.scheme() != "https" {
        return Err(Error::Insecure { host: host(&next) });
    }
    Ok(next)
}

/// Host of an address, with the port where it is not the usual one.
pub(crate) fn host(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

fn unreachable(host: &str, error: &reqwest::Error) -> Error {
    let trouble = if error.is_connect() {
        Trouble::NoConnection
    } else if error.is_timeout() {
        Trouble::Stalled
    } else {
        Trouble::BrokeOff
    };
    Error::Unreachable { host: host.to_owned(), trouble }
}

fn redirects(host: &str) -> Error {
    Error::Unreachable { host: host.to_owned(), trouble: Trouble::Redirects }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_encryption() {
        let url = Url::parse("https://example.org/lists/timestamp.json").expect("an address");
        for (location, expected) in [
            ("/other.json", Some("https://example.org/other.json")),
            ("https://cdn.example.org/x", Some("https://cdn.example.org/x")),
            ("http://example.org/lists/timestamp.json", None),
            ("http://127.0.0.1/x", None),
            ("ftp://example.org/x", None),
        ] {
            let next = next_hop(&url, location);
            match expected {
                Some(expected) => assert_eq!(next.expect("an encrypted hop").as_str(), expected, "it is followed"),
                None => assert!(matches!(next, Err(Error::Insecure { .. })), "{location} could be read on the way"),
            }
        }
    }
}
