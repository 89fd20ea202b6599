//! The hub's client against a hub over real sockets, which answers rightly, refuses, or is hostile.

mod access;
mod answers;
mod choices;
mod hostile;

use std::sync::{Arc, Mutex};

use lethe_hub::HubError;
use lethe_hub::fake::{Fake, FakeRepository};
use lethe_hub::hub::Hub;
use lethe_hub::name::RepoName;
use lethe_network::{Client, Exchange, Secret, Switch, Timeouts};

/// A hub, and a client of it.
pub(crate) struct Site {
    pub(crate) fake: Fake,
    pub(crate) hub: Hub,
    /// What the network's observer heard.
    pub(crate) exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Site {
    pub(crate) async fn new(repositories: Vec<FakeRepository>) -> Self {
        Self::with_token(repositories, None).await
    }

    pub(crate) async fn with_token(repositories: Vec<FakeRepository>, token: Option<&str>) -> Self {
        let fake = Fake::start().await.expect("two free ports");
        for repository in repositories {
            fake.add(repository);
        }
        let exchanges: Arc<Mutex<Vec<Exchange>>> = Arc::default();
        let heard = Arc::clone(&exchanges);
        let observer = move |exchange| heard.lock().expect("no panic under the lock").push(exchange);
        let client = Client::new(Timeouts::default(), Switch::on(), observer).expect("a client");
        let hub = Hub::new(client, fake.endpoint(), token.map(Secret::new));
        Self { fake, hub, exchanges }
    }
}

pub(crate) fn repository(name: &str) -> FakeRepository {
    FakeRepository::new(name).expect("a name of a repository")
}

pub(crate) fn repo(name: &str) -> RepoName {
    name.parse().expect("a name of a repository")
}

/// A tiny model with a large file and small ones.
pub(crate) fn tiny() -> FakeRepository {
    repository("ada/Tiny-GGUF")
        .tags(&["gguf", "en"])
        .downloads(700)
        .file("README.md", "---\nlicense: mit\n---\n# Tiny\nA model.\n")
        .file("Tiny.Q4_0.gguf", "weights of few bits")
        .file("BF16/Tiny-BF16.gguf", "weights of many more bits")
        .file("config.json", "{}")
        .file("empty.txt", "")
}

/// The short name of an error, for tables.
pub(crate) fn kind<T>(result: Result<T, HubError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(HubError::Offline) => "offline",
        Err(HubError::Unreachable { .. }) => "unreachable",
        Err(HubError::Insecure { .. }) => "insecure",
        Err(HubError::TooLong { .. }) => "too long",
        Err(HubError::RepositoryNotFound { .. }) => "no repository",
        Err(HubError::RevisionNotFound { .. }) => "no revision",
        Err(HubError::FileNotFound { .. }) => "no file",
        Err(HubError::Gated { .. }) => "gated",
        Err(HubError::NoConsent { .. }) => "no consent",
        Err(HubError::TokenNeeded { .. }) => "token needed",
        Err(HubError::TokenRefused { .. }) => "token refused",
        Err(HubError::Forbidden { .. }) => "forbidden",
        Err(HubError::RateLimited { .. }) => "rate limited",
        Err(HubError::Server { .. }) => "server",
        Err(HubError::Malformed { .. }) => "malformed",
        Err(_) => "other",
    }
}
