//! The client.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{header, redirect};
use url::Url;

use crate::error::{Error, Result, Trouble};
use crate::exchange::{Exchange, Phase, Recorder, Refusal};
use crate::proxy::{Proxies, Proxy};
use crate::request::{Redirects, Request, host, is_same_host};
use crate::response::{Body, Report, Response};
use crate::switch::Switch;
use crate::trouble::{told, unreachable};

const REDIRECT_LIMIT: usize = 5;

/// How long to wait for a server.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection is there: 15 s by default.
    pub connect: Duration,
    /// Between two pieces of an answer: 30 s by default.
    pub idle: Duration,
    /// For the whole of a small file, so that a server can't drip for ever: 2 minutes by default. See
    /// [`Request::within`].
    pub small_file: Duration,
    /// Between two pieces of an answer of somebody who thinks: 10 minutes by default. See [`Request::patient`].
    pub patience: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            idle: Duration::from_secs(30),
            small_file: Duration::from_secs(120),
            patience: Duration::from_secs(600),
        }
    }
}

/// Two that differ in the pause that they allow: it can't be chosen for a single request.
#[derive(Clone)]
struct Clients {
    usual: reqwest::Client,
    patient: reqwest::Client,
}

impl Clients {
    fn new(timeouts: Timeouts, proxy: Option<&Proxy>) -> Result<Self> {
        let no_client = |trouble| Error::Unreachable { host: "every host".to_owned(), trouble };
        let client = |pause: Duration| {
            // What it would read from the environment by itself would be unknown to the ledger.
            let mut builder = reqwest::Client::builder()
                .no_proxy()
                .user_agent("Lethe")
                .referer(false)
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(timeouts.connect)
                .read_timeout(pause);
            if let Some(proxy) = proxy {
                let used = reqwest::Proxy::all(proxy.address().as_str());
                builder = builder.proxy(used.map_err(|_| no_client(Trouble::BadProxy(proxy.variable())))?);
            }
            builder.build().map_err(|_| no_client(Trouble::NoConnection))
        };
        Ok(Self { usual: client(timeouts.idle)?, patient: client(timeouts.patience)? })
    }
}

/// Makes requests, or refuses all of them. Clones are one client.
#[derive(Clone)]
pub struct Client {
    clients: Option<Clients>,
    /// Those for requests through a proxy.
    proxied: Vec<(Proxy, Clients)>,
    proxies: Proxies,
    recorder: Arc<dyn Recorder>,
    timeouts: Timeouts,
    switch: Switch,
    numbers: Arc<AtomicU64>,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("online", &self.is_online()).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes requests while the switch allows them, and has each written down first, failed ones too.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when the system has no trusted certificates.
    pub fn new(timeouts: Timeouts, switch: Switch, recorder: impl Recorder) -> Result<Self> {
        Self::with_proxies(timeouts, switch, recorder, Proxies::from_environment())
    }

    /// As [`Client::new`], with proxies of the caller's choice.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_proxies(timeouts: Timeouts, switch: Switch, recorder: impl Recorder, proxies: Proxies) -> Result<Self> {
        let mut proxied: Vec<(Proxy, Clients)> = Vec::new();
        for proxy in proxies.all() {
            if proxied.iter().all(|(known, _)| known != proxy) {
                proxied.push((proxy.clone(), Clients::new(timeouts, Some(proxy))?));
            }
        }
        Ok(Self {
            clients: Some(Clients::new(timeouts, None)?),
            proxied,
            proxies,
            recorder: Arc::new(recorder),
            timeouts,
            switch,
            numbers: Arc::default(),
        })
    }

    /// Refuses every request with [`Error::Offline`], for ever.
    pub fn offline() -> Self {
        Self {
            clients: None,
            proxied: Vec::new(),
            proxies: Proxies::of(|_| None),
            recorder: Arc::new(|_: Exchange| ()),
            timeouts: Timeouts::default(),
            switch: Switch::off(),
            numbers: Arc::default(),
        }
    }

    /// The switch that allows its requests.
    pub fn switch(&self) -> &Switch {
        &self.switch
    }

    /// How long it waits for servers.
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// The proxy that a request would go through, as far as it is known without asking anybody.
    pub fn proxy(&self, url: &Url) -> Option<&Proxy> {
        self.proxies.likely(url)
    }

    /// Whether requests are made at all now.
    pub fn is_online(&self) -> bool {
        self.clients.is_some() && self.switch.is_on()
    }

    /// Sends a request and waits for the head of its answer, whatever the status is.
    ///
    /// # Errors
    /// [`Error::Offline`], [`Error::Insecure`], [`Error::NotRecorded`], [`Error::Unreachable`].
    pub async fn send(&self, request: Request<'_>) -> Result<Response> {
        let clients = self.clients.as_ref().ok_or(Error::Offline)?;
        let mut url = request.url.clone();
        for _ in 0..=REDIRECT_LIMIT {
            if !self.switch.is_on() {
                return Err(Error::Offline);
            }
            let response = self.hop(clients, &request, &url).await?;
            let redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
            match response.header("location").filter(|_| redirect && request.redirects != Redirects::Stop) {
                Some(location) => {
                    let next = next_hop(&url, location)?;
                    if request.redirects == Redirects::SameHost && !is_same_host(request.url, &next) {
                        return Err(Error::Unreachable { host: host(&url), trouble: Trouble::Elsewhere });
                    }
                    url = next;
                }
                None => return Ok(response),
            }
        }
        Err(redirects(&host(&url)))
    }

    async fn hop(&self, direct: &Clients, request: &Request<'_>, url: &Url) -> Result<Response> {
        let host = host(url);
        if url.scheme() != "https" && (url.scheme() != "http" || !request.plain_http.allows(url)) {
            return Err(Error::Insecure { host });
        }
        let proxy = tokio::select! {
            route = self.proxies.route(url) => route?,
            () = self.switch.forbidden() => return Err(Error::Offline),
        };
        let through = self.proxied.iter().find(|(known, _)| Some(known) == proxy).map(|(_, clients)| clients);
        let clients = through.unwrap_or(direct);
        let client = if request.patient { &clients.patient } else { &clients.usual };
        let mut sent = match &request.body {
            Some(body) => client.post(url.clone()).body(body.clone()),
            None => client.get(url.clone()),
        };
        sent = sent.headers(request.headers.clone());
        if let Some(secret) = request.secret.filter(|_| url.origin() == request.url.origin()) {
            let mut value = header::HeaderValue::from_str(&format!("Bearer {}", secret.expose()))
                .map_err(|_| Error::Unreachable { host: host.clone(), trouble: Trouble::Status(401) })?;
            value.set_sensitive(true);
            sent = sent.header(header::AUTHORIZATION, value);
        }
        if let Some(limit) = request.limit {
            sent = sent.timeout(limit);
        }
        let exchange = Exchange {
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
            phase: Phase::Begins,
            purpose: request.purpose,
            host: host.clone(),
            proxy: proxy.map(Proxy::to_string),
            path: url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
            bytes_sent: request.body.as_ref().map_or(0, |body| body.len() as u64),
            bytes_received: 0,
            status: None,
        };
        // First: one that is given up while it is written down is over as well.
        let mut report = Report::new(exchange.clone(), Arc::clone(&self.recorder));
        match self.recorder.begins(exchange).await {
            Ok(()) => {}
            Err(Refusal::NotRecorded) => return Err(Error::NotRecorded),
            Err(Refusal::Forbidden) => {
                self.switch.forbid();
                return Err(Error::Offline);
            }
        }
        let response = tokio::select! {
            response = sent.send() => response.map_err(|error| unreachable(&host, proxy, &error))?,
            () = self.switch.forbidden() => return Err(Error::Offline),
        };
        report.exchange.status = Some(response.status().as_u16());
        if let (Some(proxy), 407) = (proxy, response.status().as_u16()) {
            return Err(Error::Unreachable {
                host: told(&host, Some(proxy)),
                trouble: Trouble::ProxyPassword(proxy.variable()),
            });
        }
        let switch = self.switch.clone();
        let headers = response.headers().clone();
        Ok(Response {
            status: response.status().as_u16(),
            url: url.clone(),
            headers,
            body: Body {
                host,
                proxy: proxy.cloned(),
                length: response.content_length(),
                report,
                stream: Box::pin(response.bytes_stream()),
                forbidden: Box::pin(async move { switch.forbidden().await }),
            },
        })
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

fn redirects(host: &str) -> Error {
    Error::Unreachable { host: host.to_owned(), trouble: Trouble::Redirects }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::exchange::Purpose;
    use crate::request::PlainHttp;

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

    /// Lets nothing be sent, and counts what is over.
    struct Refusing(Refusal, Arc<AtomicU64>);

    impl Recorder for Refusing {
        fn begins(&self, _: Exchange) -> BoxFuture<'static, std::result::Result<(), Refusal>> {
            let refusal = self.0;
            Box::pin(async move { Err(refusal) })
        }

        fn over(&self, _: Exchange) {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn what_the_recorder_refuses_is_not_sent() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        server.set_nonblocking(true).expect("a socket");
        let url = Url::parse(&format!("http://{}/x", server.local_addr().expect("an address"))).expect("an address");
        for (refusal, expected, stays_on) in
            [(Refusal::NotRecorded, Error::NotRecorded, true), (Refusal::Forbidden, Error::Offline, false)]
        {
            let over = Arc::new(AtomicU64::new(0));
            let recorder = Refusing(refusal, over.clone());
            let client = Client::new(Timeouts::default(), Switch::on(), recorder).expect("a client");
            let request = Request::get(&url, Purpose::ModelList, PlainHttp::Loopback);
            let error = client.send(request).await.expect_err("it is refused");
            assert_eq!(error, expected);
            assert_eq!(over.load(Ordering::Relaxed), 1, "and it is over");
            assert_eq!(client.is_online(), stays_on, "{refusal:?}");
        }
        let heard = server.accept().expect_err("nobody has called");
        assert_eq!(heard.kind(), std::io::ErrorKind::WouldBlock);
    }
}
