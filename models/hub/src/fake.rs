//! A hub over real sockets on this machine, for tests: the hub itself and, on another port, a host of contents.
//!
//! It answers as the Hugging Face Hub does to what Lethe asks, as far as that is known: search, repositories, lists of
//! files in pages, cards, redirects of large files to the other host, and the ways in which it refuses. Addresses of
//! contents are `BASE/OWNER/NAME/COMMIT/PATH`; with [`Fake::set_content_base`] another server can answer them. It
//! notes every request, and can be told to answer some of them wrongly.
//!
//! Deliberately not in it: writing to the hub, data sets, Xet, and faults of contents.

mod answer;
mod http;
mod repository;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lethe_network::Url;

use crate::name::RepoName;
pub use http::{Recorded, Reply};
use http::{Server, Service};
pub use repository::{FakeRepository, Gate};

/// A hub on this machine. It ends when it is dropped.
#[derive(Debug)]
pub struct Fake {
    hub: Server,
    content: Server,
    state: Arc<Mutex<State>>,
}

/// A token, and whose consent and secrets it opens.
#[derive(Debug)]
struct Token {
    text: String,
    opens: Vec<RepoName>,
}

/// An answer that takes the place of the right one, a number of times.
#[derive(Debug)]
struct Fault {
    /// How path and query of the request begin.
    prefix: String,
    reply: Reply,
    times: usize,
}

#[derive(Debug)]
struct State {
    repositories: Vec<FakeRepository>,
    tokens: Vec<Token>,
    faults: Vec<Fault>,
    endpoint: Url,
    content_base: Url,
    page: usize,
    requests: Vec<Recorded>,
    content_requests: Vec<Recorded>,
}

impl Fake {
    /// An empty hub on two free ports.
    ///
    /// # Errors
    /// When the system gives no ports.
    pub async fn start() -> std::io::Result<Self> {
        let (hub, endpoint) = Server::bind().await?;
        let (content, content_base) = Server::bind().await?;
        let state = State {
            repositories: Vec::new(),
            tokens: Vec::new(),
            faults: Vec::new(),
            endpoint,
            content_base,
            page: 1000,
            requests: Vec::new(),
            content_requests: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let at_hub = Arc::clone(&state);
        let service: Service = Arc::new(move |request| {
            let mut state = lock(&at_hub);
            state.requests.push(request.clone());
            state.at_hub(&request)
        });
        let hub = hub.serve(service);
        let at_content = Arc::clone(&state);
        let service: Service = Arc::new(move |request| {
            let mut state = lock(&at_content);
            state.content_requests.push(request.clone());
            state.at_content(&request)
        });
        let content = content.serve(service);
        Ok(Self { hub, content, state })
    }

    /// The address of the hub, for `HF_ENDPOINT`.
    pub fn endpoint(&self) -> Url {
        self.state().endpoint.clone()
    }

    /// The address below which contents are.
    pub fn content_base(&self) -> Url {
        self.state().content_base.clone()
    }

    /// Lets another server give out contents: its address, ending with a slash.
    pub fn set_content_base(&self, base: Url) {
        self.state().content_base = base;
    }

    /// Puts a repository on the hub, in place of one of the same name.
    pub fn add(&self, repository: FakeRepository) {
        let mut state = self.state();
        state.repositories.retain(|other| other.name != repository.name);
        state.repositories.push(repository);
    }

    /// Takes a repository off the hub.
    pub fn remove(&self, repo: &RepoName) {
        self.state().repositories.retain(|other| other.name != *repo);
    }

    /// A valid token, of someone who can see these private repositories and accepted the conditions of these gated
    /// ones. All other tokens are refused.
    pub fn add_token(&self, token: &str, opens: &[RepoName]) {
        self.state().tokens.push(Token { text: token.to_owned(), opens: opens.to_vec() });
    }

    /// How many files a page of a list holds; 1000 at first.
    pub fn set_page(&self, files: usize) {
        self.state().page = files.max(1);
    }

    /// Answers wrongly, `times` times, where path and query of a request to the hub begin like this.
    pub fn fault(&self, prefix: &str, times: usize, reply: Reply) {
        self.state().faults.push(Fault { prefix: prefix.to_owned(), reply, times });
    }

    /// All requests to the hub so far, in their order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.state().requests.clone()
    }

    /// All requests to the host of contents so far, in their order; none that went to another server.
    pub fn content_requests(&self) -> Vec<Recorded> {
        self.state().content_requests.clone()
    }

    /// Forgets requests and faults.
    pub fn reset(&self) {
        let mut state = self.state();
        state.requests.clear();
        state.content_requests.clear();
        state.faults.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.hub.stop();
        self.content.stop();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
