//! A server, and the key for it.

use lethe_network::{Client, Purpose, Redirects, Request, Response, Secret, Url, host};

use crate::address::{self, PLAIN_HTTP};
use crate::chat::Chat;
use crate::error::{Error, Result};
use crate::list::{self, RemoteModel};
use crate::refusal::refusal;
use crate::request::ChatRequest;

/// Longest list of models, bytes.
const LONGEST_LIST: u64 = 8 << 20;
/// Longest answer that comes as one, bytes.
const LONGEST_ANSWER: u64 = 16 << 20;
/// Longest explanation of a refusal, bytes.
const LONGEST_REFUSAL: u64 = 256 << 10;

/// A server that speaks the protocol of OpenAI, and the key for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    base: Url,
    key: Option<Secret>,
}

impl Endpoint {
    /// From an address as people write it, with or without `/v1`; an empty key is none.
    ///
    /// # Errors
    /// [`Error::Address`], [`Error::BadKey`], and [`Error::Network`] where the conversation would travel through the
    /// internet without encryption.
    pub fn new(address: &str, key: Option<Secret>) -> Result<Self> {
        let base = address::parse(address)?;
        let key = key.filter(|key| !key.expose().is_empty());
        match &key {
            Some(key) if !key.expose().bytes().all(|byte| byte.is_ascii_graphic()) => Err(Error::BadKey),
            _ => Ok(Self { base, key }),
        }
    }

    /// Its address, ending in a slash.
    pub fn url(&self) -> &Url {
        &self.base
    }

    /// Host, with the port where it is not the usual one.
    pub fn host(&self) -> String {
        host(&self.base)
    }

    /// Scheme, host and port: whom the key is for.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// Whether it is another machine than this one, as far as its address tells.
    pub fn is_elsewhere(&self) -> bool {
        !lethe_network::PlainHttp::Loopback.allows(&self.base)
    }

    /// The models that it serves.
    ///
    /// # Errors
    /// [`Error::KeyRefused`], [`Error::NotCompatible`], [`Error::TooMany`], [`Error::Server`], [`Error::Network`].
    pub async fn models(&self, client: &Client) -> Result<Vec<RemoteModel>> {
        let url = self.at("models")?;
        let request = Request::get(&url, Purpose::RemoteModels, PLAIN_HTTP)
            .header("accept", "application/json")
            .secret(self.key.as_ref())
            .within(client.timeouts().small_file);
        let response = client.send(request).await?;
        let not_compatible = || Error::NotCompatible { host: self.host() };
        if !response.is_success() {
            let status = response.status;
            return match self.refused(response).await {
                Error::UnknownModel { .. } => Err(not_compatible()),
                Error::Refused { .. } if status < 402 => Err(not_compatible()),
                error => Err(error),
            };
        }
        let json = response.body.read(LONGEST_LIST).await?;
        list::parse(&json).ok_or_else(not_compatible)
    }

    /// Has a model continue a conversation. Gives the answer back as soon as it begins, which may take a while: give
    /// the wait up to end the request.
    ///
    /// # Errors
    /// Whatever the server says is wrong, and [`Error::Network`].
    pub async fn chat(&self, client: &Client, request: &ChatRequest) -> Result<Chat> {
        let url = self.at("chat/completions")?;
        // A redirect would send the conversation to where the user did not send it.
        let request = Request::post_json(&url, Purpose::RemoteChat, PLAIN_HTTP, request.json())
            .header("accept", "text/event-stream, application/json")
            .redirects(Redirects::Stop)
            .secret(self.key.as_ref())
            .patient();
        let response = client.send(request).await?;
        if !response.is_success() {
            return Err(self.refused(response).await);
        }
        let kind = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
        match kind.split(';').next().unwrap_or_default().trim() {
            "text/html" => Err(Error::NotCompatible { host: self.host() }),
            "application/json" => {
                let json = response.body.read(LONGEST_ANSWER).await?;
                Ok(Chat::whole(self.host(), &json))
            }
            _ => Ok(Chat::streamed(self.host(), response.body)),
        }
    }

    async fn refused(&self, response: Response) -> Error {
        let status = response.status;
        let retry_after = response.header("retry-after").map(str::to_owned);
        // The status says enough where the rest does not come.
        let body = response.body.read(LONGEST_REFUSAL).await.unwrap_or_default();
        refusal(&self.host(), status, retry_after.as_deref(), &body)
    }

    fn at(&self, way: &str) -> Result<Url> {
        self.base.join(way).map_err(|_| Error::Address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_checked_and_never_printed() {
        for (key, expected) in [
            ("sk-1234", Ok("Secret(7 characters)")),
            ("  sk-1234\n", Ok("Secret(7 characters)")),
            ("", Ok("None")),
            ("two words", Err(Error::BadKey)),
            ("k\u{e9}y", Err(Error::BadKey)),
        ] {
            let endpoint = Endpoint::new("http://localhost:1", Some(Secret::new(key)));
            match expected {
                Ok(printed) => {
                    let shown = format!("{:?}", endpoint.expect("a usable key"));
                    assert!(shown.contains(printed) && !shown.contains("1234"), "{shown}");
                }
                Err(error) => assert_eq!(endpoint, Err(error), "{key:?}"),
            }
        }
    }

    #[test]
    fn it_is_known_what_leaves_the_machine() {
        for (address, elsewhere) in [
            ("http://127.0.0.1:8080", false),
            ("http://localhost", false),
            ("http://[::1]:1", false),
            ("http://192.168.1.2", true),
            ("https://example.org", true),
            ("https://localhost.example.org", true),
        ] {
            let endpoint = Endpoint::new(address, None).expect("an address");
            assert_eq!(endpoint.is_elsewhere(), elsewhere, "{address}");
        }
    }
}
