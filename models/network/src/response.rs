//! What a server answered.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::header::HeaderMap;
use url::Url;

use crate::error::{Error, Result};
use crate::exchange::{Exchange, Phase, Recorder};
use crate::proxy::Proxy;
use crate::trouble::unreachable;

/// An answer: its head, and its body as it comes.
#[derive(Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: Url,
    /// The content.
    pub body: Body,
    pub(crate) headers: HeaderMap,
}

impl Response {
    /// A header as text; nothing where it is missing or no text. The name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Ends when requests are forbidden.
pub(crate) type Forbidden = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// The bytes of an answer as they come. Dropping it ends the request.
pub struct Body {
    pub(crate) host: String,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) length: Option<u64>,
    pub(crate) report: Report,
    pub(crate) stream: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>,
    pub(crate) forbidden: Forbidden,
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Body(from {})", self.host)
    }
}

impl Body {
    /// What the server announces, in bytes.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Host and port that it comes from.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// All of it, when it is no longer than `limit` bytes.
    ///
    /// # Errors
    /// [`Error::TooLong`], and those of the connection.
    pub async fn read(mut self, limit: u64) -> Result<Vec<u8>> {
        let too_long = |host: &str| Error::TooLong { host: host.to_owned() };
        if self.length.is_some_and(|length| length > limit) {
            return Err(too_long(&self.host));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() as u64 > limit {
                return Err(too_long(&self.host));
            }
        }
        Ok(bytes)
    }
}

impl Stream for Body {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.forbidden.as_mut().poll(context).is_ready() {
            // Polled again after its end, the future of the switch would panic; a new one is not needed either.
            self.forbidden = Box::pin(std::future::ready(()));
            return Poll::Ready(Some(Err(Error::Offline)));
        }
        let polled = self.stream.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.report.exchange.bytes_received += piece.len() as u64;
        }
        polled.map(|item| item.map(|piece| piece.map_err(|error| unreachable(&self.host, self.proxy.as_ref(), &error))))
    }
}

/// Tells the recorder when a request is over, however it ends.
pub(crate) struct Report {
    pub(crate) exchange: Exchange,
    recorder: Arc<dyn Recorder>,
}

impl Report {
    /// Of a request that the recorder knows.
    pub(crate) fn new(exchange: Exchange, recorder: Arc<dyn Recorder>) -> Self {
        Self { exchange, recorder }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.exchange.phase = Phase::Over;
        self.recorder.over(self.exchange.clone());
    }
}
