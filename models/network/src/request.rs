//! What to ask for.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use crate::exchange::Purpose;
use crate::reach::Reach;

/// A secret for one host: an access token or a key. It can't be printed, and its memory is overwritten at its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// As the user gave it; white space around it is left out.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.trim().to_owned()))
    }

    /// For storing it where secrets are kept.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({} characters)", self.0.chars().count())
    }
}

/// Where a request without encryption is fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// What comes is signed.
    Anywhere,
    /// What comes is not signed: only from this machine.
    Loopback,
    /// A server that the user named: this machine and private networks.
    Private,
}

impl PlainHttp {
    /// Whether an http address may be asked.
    pub fn allows(self, url: &Url) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Loopback => Reach::of(url) == Reach::Machine,
            Self::Private => Reach::of(url) <= Reach::Network,
        }
    }
}

/// What to do when a server points to another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Ask there, up to five times.
    Follow,
    /// The same, as long as it is the same host: a server without encryption, or whoever is on the way, does not make
    /// this machine ask others in its network.
    SameHost,
    /// Give the answer back as it is.
    Stop,
}

/// One request: a `GET`, or a `POST` where it has a body. Its `Debug` shows neither address nor body, which hold what a
/// person looks for and says.
#[derive(Clone)]
pub struct Request<'a> {
    pub(crate) url: &'a Url,
    pub(crate) purpose: Purpose,
    pub(crate) plain_http: PlainHttp,
    pub(crate) redirects: Redirects,
    pub(crate) headers: HeaderMap,
    pub(crate) secret: Option<&'a Secret>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) limit: Option<Duration>,
    pub(crate) patient: bool,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body.as_ref().map_or(0, Vec::len);
        write!(formatter, "Request({:?}, {} bytes of an address, {body} bytes)", self.purpose, self.url.as_str().len())
    }
}

impl<'a> Request<'a> {
    /// Asks for an address; redirects are followed.
    pub fn get(url: &'a Url, purpose: Purpose, plain_http: PlainHttp) -> Self {
        Self {
            url,
            purpose,
            plain_http,
            redirects: Redirects::Follow,
            headers: HeaderMap::new(),
            secret: None,
            body: None,
            limit: None,
            patient: false,
        }
    }

    /// Sends JSON to an address.
    pub fn post_json(url: &'a Url, purpose: Purpose, plain_http: PlainHttp, json: Vec<u8>) -> Self {
        let request = Self { body: Some(json), redirects: Redirects::Stop, ..Self::get(url, purpose, plain_http) };
        request.header("content-type", "application/json")
    }

    /// A header; one that is no header is left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Only these bytes of the content, counted from 0.
    #[must_use]
    pub fn range(self, range: Range<u64>) -> Self {
        let last = range.end.saturating_sub(1);
        self.header("range", &format!("bytes={}-{last}", range.start))
    }

    /// A bearer token for the host that is asked, and for no other that it redirects to.
    #[must_use]
    pub fn secret(mut self, secret: Option<&'a Secret>) -> Self {
        self.secret = secret;
        self
    }

    /// What to do when the server points to another address.
    #[must_use]
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }

    /// How long the whole may take, the body included. Without one only pauses are limited.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Waits longer for each piece: who is asked may have to think first.
    #[must_use]
    pub fn patient(mut self) -> Self {
        self.patient = true;
        self
    }
}

/// Whether an address is on the same host: the same port too, unless encryption begins.
pub(crate) fn is_same_host(from: &Url, to: &Url) -> bool {
    let begins_encryption = from.scheme() == "http" && to.scheme() == "https";
    let same_port = from.port_or_known_default() == to.port_or_known_default();
    from.host() == to.host() && (same_port && from.scheme() == to.scheme() || begins_encryption)
}

/// Host of an address, with the port where it is not the usual one.
pub fn host(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_only_where_it_is_fine() {
        use PlainHttp::{Anywhere, Loopback, Private};
        for (address, allowed) in [
            ("http://127.0.0.1:80/", [true, true, true]),
            ("http://[::1]/", [true, true, true]),
            ("http://localhost/", [true, true, true]),
            ("http://10.1.2.3/", [true, false, true]),
            ("http://192.168.0.9:8000/v1", [true, false, true]),
            ("http://box.local/", [true, false, true]),
            ("http://box/", [true, false, true]),
            ("http://[fd00::1]/", [true, false, true]),
            ("http://8.8.8.8/", [true, false, false]),
            ("http://example.org/", [true, false, false]),
        ] {
            let url = Url::parse(address).expect("an address");
            assert_eq!([Anywhere, Loopback, Private].map(|policy| policy.allows(&url)), allowed, "{address}");
        }
    }

    #[test]
    fn another_port_or_name_is_another_host() {
        let from = Url::parse("http://lists.example:8080/a/").expect("an address");
        for (to, same) in [
            ("http://lists.example:8080/b", true),
            ("http://LISTS.example:8080/b", true),
            ("https://lists.example/a/", true),
            ("http://lists.example/a/", false),
            ("http://lists.example:80/a/", false),
            ("http://www.lists.example:8080/a/", false),
            ("https://www.lists.example/a/", false),
            ("http://127.0.0.1:8080/a/", false),
            ("http://[::1]:8080/a/", false),
        ] {
            assert_eq!(is_same_host(&from, &Url::parse(to).expect("an address")), same, "{to}");
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::new(" hf_1234567890 ");
        assert_eq!(secret.expose(), "hf_1234567890");
        assert_eq!(format!("{secret:?}"), "Secret(13 characters)");
    }
}
