//! Which proxy a request goes through.
//!
//! Proxies are those of the environment: `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY`, in small letters first, and
//! `NO_PROXY` for hosts that are asked without one. They speak HTTP, HTTPS or SOCKS. Whatever the variables say, an
//! address of this machine or its network is asked without a proxy: one would read a conversation that is said to stay
//! here. The same holds for a name that the system knows only as such an address; it is looked up for that, but not
//! where the proxy is there to look names up itself (`socks5h`, `socks4a`).

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Position, Url};

use crate::error::{Error, Result, Trouble};
use crate::reach::Reach;
use crate::request::host;

/// How long a name may take to be looked up before it counts as one of the world.
const LOOKUP: Duration = Duration::from_secs(2);
/// How long what was looked up holds: whoever goes to another network is asked again.
const FRESH: Duration = Duration::from_secs(60);

/// A proxy of the environment. It shows itself without its name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    url: Url,
    variable: &'static str,
}

impl Proxy {
    /// As variables write it: without a scheme it speaks HTTP, `socks` is SOCKS 5.
    fn parse(text: &str, variable: &'static str) -> std::result::Result<Self, Trouble> {
        let malformed = Trouble::BadProxy(variable);
        let text = text.trim();
        let text = match text.split_once("://") {
            None => format!("http://{text}"),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("socks") => format!("socks5://{rest}"),
            Some(_) => text.to_owned(),
        };
        let mut url = Url::parse(&text).map_err(|_| malformed)?;
        let is_socks = match url.scheme() {
            "http" | "https" => false,
            "socks4" | "socks4a" | "socks5" | "socks5h" => true,
            _ => return Err(Trouble::UnknownProxy(variable)),
        };
        if url.host_str().is_none_or(|host| host.is_empty() || host.contains(['%', ' '])) || url.port() == Some(0) {
            return Err(malformed);
        }
        if is_socks && url.port().is_none() {
            url.set_port(Some(1080)).map_err(|()| malformed)?;
        }
        Ok(Self { url, variable })
    }

    /// The variable that names it.
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    pub(crate) fn address(&self) -> &Url {
        &self.url
    }

    /// Whether it is there to look names up itself.
    fn looks_up(&self) -> bool {
        matches!(self.url.scheme(), "socks5h" | "socks4a")
    }
}

/// Host and port: what a ledger and a sentence may hold.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.url[Position::BeforeHost..Position::AfterPort])
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Proxy({self}, {})", self.variable)
    }
}

/// A proxy, none, or a variable that names none although it is set.
type Setting = std::result::Result<Option<Proxy>, Trouble>;

/// The proxies of requests. Clones share what they have looked up.
#[derive(Debug, Clone)]
pub struct Proxies {
    http: Setting,
    https: Setting,
    without: String,
    names: Arc<Mutex<HashMap<String, (bool, Instant)>>>,
}

impl Proxies {
    /// Those that the environment names.
    pub fn from_environment() -> Self {
        Self::of(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Those that variables name.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&'static str; 2]| {
            let set = |name| Some((name, variable(name).filter(|value| !value.trim().is_empty())?));
            names.into_iter().find_map(set)
        };
        let all = first(["all_proxy", "ALL_PROXY"]);
        let setting = |own: Option<(&'static str, String)>| match own.or_else(|| all.clone()) {
            Some((name, value)) => Proxy::parse(&value, name).map(Some),
            None => Ok(None),
        };
        // In a CGI program a header of the caller's would become HTTP_PROXY (https://httpoxy.org).
        let own = if variable("REQUEST_METHOD").is_some() { None } else { first(["http_proxy", "HTTP_PROXY"]) };
        let (http, https) = (setting(own), setting(first(["https_proxy", "HTTPS_PROXY"])));
        let without = first(["no_proxy", "NO_PROXY"]).map(|(_, value)| value).unwrap_or_default();
        Self { http, https, without, names: Arc::default() }
    }

    /// Every proxy that may be used.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Proxy> {
        [&self.http, &self.https].into_iter().filter_map(|setting| setting.as_ref().ok()?.as_ref())
    }

    /// The proxy for an address; a name is looked up where its text does not tell.
    ///
    /// # Errors
    /// [`Error::Unreachable`] where the variable for it can't be used.
    pub(crate) async fn route(&self, url: &Url) -> Result<Option<&Proxy>> {
        let Some(setting) = self.setting(url) else { return Ok(None) };
        let looks_up = setting.as_ref().is_ok_and(|proxy| proxy.as_ref().is_some_and(Proxy::looks_up));
        if let Some(Host::Domain(name)) = url.host()
            && !looks_up
            && self.known(name).is_none()
        {
            let port = url.port_or_known_default().unwrap_or(443);
            let found = tokio::time::timeout(LOOKUP, tokio::net::lookup_host((name, port))).await;
            let addresses = found.ok().and_then(std::result::Result::ok).into_iter().flatten().map(|found| found.ip());
            self.remember(name, are_near(addresses));
        }
        if self.is_near(url) {
            return Ok(None);
        }
        let bad = |trouble: &Trouble| Error::Unreachable { host: host(url), trouble: *trouble };
        setting.as_ref().map(Option::as_ref).map_err(bad)
    }

    /// The proxy for an address, as far as it is known without asking anybody.
    pub(crate) fn likely(&self, url: &Url) -> Option<&Proxy> {
        self.setting(url).filter(|_| !self.is_near(url))?.as_ref().ok()?.as_ref()
    }

    /// What the variables say of an address: nothing where it is to be asked without a proxy.
    fn setting(&self, url: &Url) -> Option<&Setting> {
        let setting = if url.scheme() == "https" { &self.https } else { &self.http };
        let is_used = Reach::of(url) == Reach::World && !matches!(setting, Ok(None)) && !self.is_excepted(url);
        is_used.then_some(setting)
    }

    /// Whether `NO_PROXY` names it: hosts, their subdomains, addresses and networks, each with a port or without.
    fn is_excepted(&self, url: &Url) -> bool {
        let port = url.port_or_known_default().map(|port| port.to_string());
        let entries = self.without.split([',', ';']).flat_map(str::split_whitespace).filter_map(|entry| {
            let entry = entry.to_ascii_lowercase();
            let entry = match entry.rsplit_once(':') {
                // An IPv6 address without brackets has no port.
                Some((name, wanted)) if !name.contains(':') || name.ends_with(']') => {
                    (Some(wanted) == port.as_deref()).then(|| name.to_owned())?
                }
                _ => entry,
            };
            let entry = entry.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
            Some(entry.strip_prefix("*.").map_or_else(|| entry.to_owned(), |domain| format!(".{domain}")))
        });
        let entries: Vec<String> = entries.collect();
        let matcher = Matcher::builder().all("http://proxy.invalid").no(entries.join(",")).build();
        let name = url.host_str().unwrap_or_default().trim_end_matches('.');
        let asked = format!("{}://{name}/", url.scheme()).parse::<http::Uri>();
        asked.is_ok_and(|asked| matcher.intercept(&asked).is_none())
    }

    fn is_near(&self, url: &Url) -> bool {
        matches!(url.host(), Some(Host::Domain(name)) if self.known(name) == Some(true))
    }

    fn known(&self, name: &str) -> Option<bool> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(name).filter(|(_, at)| at.elapsed() < FRESH).map(|(near, _)| *near)
    }

    fn remember(&self, name: &str, near: bool) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.retain(|_, (_, at)| at.elapsed() < FRESH);
        names.insert(name.to_owned(), (near, Instant::now()));
    }
}

/// Whether there are addresses, and all of them of this machine or its network.
fn are_near(addresses: impl Iterator<Item = IpAddr>) -> bool {
    let mut addresses = addresses.peekable();
    addresses.peek().is_some() && addresses.all(|address| Reach::of_address(address) != Reach::World)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::of(|name| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned()))
    }

    fn likely(proxies: &Proxies, address: &str) -> Option<String> {
        proxies.likely(&Url::parse(address).expect("an address")).map(ToString::to_string)
    }

    #[test]
    fn table_of_variables() {
        const HTTP: &str = "http://example.org/";
        const HTTPS: &str = "https://example.org/";
        for (variables, http, https) in [
            (&[][..], None, None),
            (&[("HTTP_PROXY", "http://p:1")], Some("p:1"), None),
            (&[("http_proxy", "p:1"), ("HTTP_PROXY", "q:1")], Some("p:1"), None),
            (&[("http_proxy", " "), ("HTTP_PROXY", "q:1")], Some("q:1"), None),
            (&[("HTTPS_PROXY", "https://p:1/x")], None, Some("p:1")),
            (&[("all_proxy", "p:1"), ("https_proxy", "q:2")], Some("p:1"), Some("q:2")),
            (&[("ALL_PROXY", "socks5h://p")], Some("p:1080"), Some("p:1080")),
            (&[("ALL_PROXY", "socks://wanda:word@p:7890/")], Some("p:7890"), Some("p:7890")),
            (&[("HTTP_PROXY", "http://wanda:w%40rd@p.example:3128")], Some("p.example:3128"), None),
            (&[("HTTP_PROXY", "p:1"), ("REQUEST_METHOD", "GET")], None, None),
            (&[("ALL_PROXY", "p:1"), ("NO_PROXY", "example.org")], None, None),
        ] {
            let proxies = proxies(variables);
            assert_eq!(likely(&proxies, HTTP).as_deref(), http, "{variables:?}");
            assert_eq!(likely(&proxies, HTTPS).as_deref(), https, "{variables:?}");
            let shown = format!("{proxies:?}");
            assert!(!shown.contains("word") && !shown.contains("w%40rd") && !shown.contains("wanda"), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_proxy_that_is_none_is_told_with_its_variable() {
        for (value, trouble) in [
            ("http://wanda:word@[bad", Trouble::BadProxy("HTTPS_PROXY")),
            ("http://", Trouble::BadProxy("HTTPS_PROXY")),
            ("p:port", Trouble::BadProxy("HTTPS_PROXY")),
            ("p:99999", Trouble::BadProxy("HTTPS_PROXY")),
            ("socks5://", Trouble::BadProxy("HTTPS_PROXY")),
            ("two words", Trouble::BadProxy("HTTPS_PROXY")),
            ("ftp://p:1", Trouble::UnknownProxy("HTTPS_PROXY")),
            ("socks6://p:1", Trouble::UnknownProxy("HTTPS_PROXY")),
        ] {
            let proxies = proxies(&[("HTTPS_PROXY", value)]);
            let asked = Url::parse("https://203.0.113.9/").expect("an address");
            let error = proxies.route(&asked).await.expect_err("it can't be asked through it");
            assert_eq!(error, Error::Unreachable { host: "203.0.113.9".to_owned(), trouble }, "{value}");
            assert!(error.to_string().contains("HTTPS_PROXY") && !error.to_string().contains("wanda"), "{error}");
            let local = Url::parse("https://127.0.0.1:1/").expect("an address");
            assert!(proxies.route(&local).await.is_ok(), "what goes through no proxy is not disturbed");
        }
    }

    #[tokio::test]
    async fn near_addresses_go_through_no_proxy() {
        let proxies = proxies(&[("all_proxy", "p:1"), ("HTTP_PROXY", "p:1"), ("HTTPS_PROXY", "p:1")]);
        for name in ["near.example.org", "far.example.org"] {
            proxies.remember(name, name.starts_with("near"));
        }
        for (host, goes_through) in [
            ("127.0.0.1:8000", false),
            ("2130706433", false),
            ("[::1]", false),
            ("[::ffff:192.168.1.1]", false),
            ("0.0.0.0:1", false),
            ("localhost:1", false),
            ("box.local", false),
            ("box", false),
            ("10.0.0.1", false),
            ("[fd00::1]", false),
            ("near.example.org", false),
            ("far.example.org", true),
            ("203.0.113.9", true),
            ("[2001:db8::1]", true),
        ] {
            for scheme in ["http", "https"] {
                let url = Url::parse(&format!("{scheme}://{host}/v1")).expect("an address");
                let route = proxies.route(&url).await.expect("a proxy");
                assert_eq!(route.is_some(), goes_through, "{url}");
                assert_eq!(proxies.likely(&url), route, "what is told beforehand is what is done: {url}");
            }
        }
    }

    #[test]
    fn a_name_is_near_where_all_its_addresses_are() {
        for (addresses, near) in [
            (&["10.0.0.1"][..], true),
            (&["10.0.0.1", "fd00::1"], true),
            (&["10.0.0.1", "203.0.113.9"], false),
            (&["203.0.113.9"], false),
            (&[], false),
        ] {
            let parsed = addresses.iter().map(|address| address.parse().expect("an address"));
            assert_eq!(are_near(parsed), near, "{addresses:?}");
        }
    }

    #[test]
    fn table_of_exceptions() {
        for (without, address, goes_through) in [
            ("example.org", "https://example.org/", false),
            ("example.org", "https://api.example.org/", false),
            (".example.org", "https://api.example.org/", false),
            ("*.example.org", "https://api.example.org/", false),
            ("EXAMPLE.org", "https://example.org/", false),
            ("example.org.", "https://example.org/", false),
            ("example.org", "https://example.org./", false),
            ("example.org", "https://notexample.org/", true),
            ("other.org, example.org", "https://example.org/", false),
            ("other.org example.org", "https://example.org/", false),
            ("example.org:443", "https://example.org/", false),
            ("example.org:8443", "https://example.org/", true),
            ("*", "https://example.org/", false),
            ("203.0.113.0/24", "http://203.0.113.9/", false),
            ("203.0.113.9", "http://203.0.113.9:8000/", false),
            ("203.0.113.9:8000", "http://203.0.113.9:8000/", false),
            ("203.0.113.9:8000", "http://203.0.113.9/", true),
            ("2001:db8::/32", "http://[2001:db8::1]/", false),
            ("[2001:db8::1]:80", "http://[2001:db8::1]/", false),
            ("2001:db8::1", "http://[2001:db8::1]/", false),
            ("", "https://example.org/", true),
        ] {
            for name in ["no_proxy", "NO_PROXY"] {
                let proxies = proxies(&[("ALL_PROXY", "p:1"), (name, without)]);
                assert_eq!(likely(&proxies, address).is_some(), goes_through, "{without:?} {address}");
            }
        }
    }
}
