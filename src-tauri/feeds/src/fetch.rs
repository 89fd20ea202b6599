//! What this crate asks servers for, through the product's one client, and the answers that it tells apart.
//!
//! Deliberately not in it: what to ask for and when, and any look at the content. A local source makes no requests.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt};
use lethe_network::{Bytes, Client, PlainHttp, Purpose, Redirects, Request, Response, Url, host};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, Trouble};

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

    pub(crate) async fn send(self, client: &Client) -> Result<Answer> {
        let range = (self.from > 0).then(|| format!("bytes={}-", self.from));
        let unless = |value: fn(&Validators) -> Option<&str>| self.unless.and_then(value);
        let headers = [
            ("if-none-match", unless(|validators| validators.etag.as_deref())),
            ("if-modified-since", unless(|validators| validators.last_modified.as_deref())),
            ("range", range.as_deref()),
            ("if-range", self.if_still.filter(|_| range.is_some())),
        ];
        let request = Request::get(self.url, self.purpose, self.plain_http);
        let set = |request: Request<'a>, (name, value): (&'static str, Option<&str>)| match value {
            Some(value) => request.header(name, value),
            None => request,
        };
        let mut request = headers.into_iter().fold(request, set);
        if self.url.scheme() == "http" {
            request = request.redirects(Redirects::SameHost);
        }
        // Segments and plain files may take any time and are resumed.
        if !matches!(self.purpose, Purpose::Segment | Purpose::PlainFile) {
            request = request.within(client.timeouts().small_file);
        }
        Answer::new(client.send(request).await?)
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
    fn new(response: Response) -> Result<Self> {
        let text = |name| response.header(name).map(str::to_owned);
        let host = host(&response.url);
        let from = match response.status {
            200 => 0,
            206 => {
                let range = response.header("content-range");
                let start = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
                let Some(start) = start else { return Ok(Self::RangeRefused) };
                start
            }
            416 => return Ok(Self::RangeRefused),
            304 => return Ok(Self::NotModified),
            // Object stores say 403 for what is missing.
            403 | 404 | 410 => return Ok(Self::Missing { host }),
            status => return Err(Error::Unreachable { host, trouble: Trouble::Status(status) }),
        };
        let validators = Validators { etag: text("etag"), last_modified: text("last-modified") };
        Ok(Self::Content { from, validators, body: Body(Box::new(response.body)) })
    }
}

/// The bytes of an answer as they come. Dropping it ends the request.
#[derive(Debug)]
pub(crate) struct Body(Box<lethe_network::Body>);

impl Body {
    /// What the server announces, in bytes.
    pub(crate) fn length(&self) -> Option<u64> {
        self.0.length()
    }

    /// All of it, when it is no longer than a limit in bytes. `file` is for the error.
    pub(crate) async fn read(self, limit: u64, file: &str) -> Result<Vec<u8>> {
        self.0.read(limit).await.map_err(|error| match error {
            lethe_network::Error::TooLong { .. } => Error::TooLong { file: file.to_owned() },
            other => other.into(),
        })
    }
}

impl Stream for Body {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context).map(|item| item.map(|piece| piece.map_err(Error::from)))
    }
}
