//! What is heard of a request, and who hears it.

use std::future::ready;

use futures_util::future::BoxFuture;

use serde::{Deserialize, Serialize};

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
    /// A search for models.
    ModelSearch,
    /// What files a model has.
    ModelFiles,
    /// A file of a model.
    ModelFile,
    /// The models of a server of the user's choice.
    RemoteModels,
    /// A conversation with a model on a server of the user's choice.
    RemoteChat,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is about to be sent.
    Begins,
    /// It is over, however it ended.
    Over,
}

/// One request, for the network ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Another number for each request of this process; both phases of one have the same.
    pub number: u64,
    /// Where it stands.
    pub phase: Phase,
    /// What for.
    pub purpose: Purpose,
    /// Host, with the port where it is not the usual one.
    pub host: String,
    /// The proxy that it goes through, with its port and without its password.
    pub proxy: Option<String>,
    /// Path and query.
    pub path: String,
    /// Bytes of the request's body. Headers are not counted.
    pub bytes_sent: u64,
    /// Bytes of the answer's body that were received. Headers are not counted.
    pub bytes_received: u64,
    /// The HTTP status, or nothing where no answer came.
    pub status: Option<u16>,
}

/// Why a request is not to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It can't be written down.
    NotRecorded,
    /// Requests were forbidden elsewhere, such as in another program on the same data: the switch is turned off.
    Forbidden,
}

/// Writes every request down. A function that takes an [`Exchange`] is one that always can.
pub trait Recorder: Send + Sync + 'static {
    /// Hears of a request that is about to be sent. It is sent when the future gives its consent, and not before.
    fn begins(&self, exchange: Exchange) -> BoxFuture<'static, Result<(), Refusal>>;

    /// Hears that a request is over, however it ended. May run on any thread, and must not wait.
    fn over(&self, exchange: Exchange);
}

impl<F: Fn(Exchange) + Send + Sync + 'static> Recorder for F {
    fn begins(&self, exchange: Exchange) -> BoxFuture<'static, Result<(), Refusal>> {
        self(exchange);
        Box::pin(ready(Ok(())))
    }

    fn over(&self, exchange: Exchange) {
        self(exchange);
    }
}
