//! Every request that leaves this machine: made by one client, written down by one recorder, forbidden by
//! one switch.
//!
//! A request says `User-Agent: Lethe` and what is needed to get the answer: no cookies, no identifiers, no referrer.
//! Each hop of a redirect is a request of its own, so that the recorder sees every host; from https none leads to
//! http, and a secret never goes to another host than the one that it is for. Nothing is retried here. Proxies are
//! those of the environment variables, but none for this machine and its network: see [`Proxies`]. Certificates are
//! those that the system trusts.
//!
//! The recorder hears of a request twice: before it is sent, and when it is over, however it ends. What it can't write
//! down is not sent. While the switch is off no request begins, and those under way end with [`Error::Offline`].
//!
//! Deliberately not in it: what to ask for and when, retries, and any look at the content.

mod client;
mod error;
mod exchange;
mod proxy;
mod reach;
mod request;
mod response;
mod switch;
mod trouble;

pub use client::{Client, Timeouts};
pub use error::{Error, Result, Trouble};
pub use exchange::{Exchange, Phase, Purpose, Recorder, Refusal};
/// What a recorder gives back.
pub use futures_util::future::BoxFuture;
pub use proxy::{Proxies, Proxy};
pub use reach::Reach;
pub use request::{PlainHttp, Redirects, Request, Secret, host};
pub use response::{Body, Response};
pub use switch::Switch;

/// Bytes as they come from the network: cheap to clone and to cut.
pub use bytes::Bytes;
/// The addresses of requests.
pub use url::Url;
