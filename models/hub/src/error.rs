//! Why the hub gave no answer that can be used.

use std::time::Duration;

use lethe_network::{Error, Trouble};

use crate::name::{Commit, RemotePath, RepoName, Revision};

/// Short for results with a [`HubError`].
pub type Result<T> = std::result::Result<T, HubError>;

/// Why the hub gave no answer that can be used. Each text is a sentence that says what to do; none holds words of the
/// server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// Requests are forbidden, or were while this one was under way.
    #[error("requests are switched off: allow them in the settings")]
    Offline,
    /// No answer, or half of one.
    #[error("{host} can't be reached ({trouble}): check the connection and try again later")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What happened.
        trouble: Trouble,
    },
    /// Plain http where only https will do.
    #[error("{host} would be asked without encryption: give an https address")]
    Insecure {
        /// Host and port.
        host: String,
    },
    /// The answer is longer than it may be, or has more pages.
    #[error("{host} sends more than it should, so it was stopped: try again later")]
    TooLong {
        /// Host and port.
        host: String,
    },
    /// No such repository, or none that may be seen. The hub does not tell these apart.
    #[error("no model {repo} can be seen: check its name, or give Lethe an access token of someone who can see it")]
    RepositoryNotFound {
        /// The repository that was asked for.
        repo: RepoName,
    },
    /// The repository has no such branch, tag or commit.
    #[error("{repo} has no version {revision}: choose another one")]
    RevisionNotFound {
        /// The repository.
        repo: RepoName,
        /// What was asked for.
        revision: Revision,
    },
    /// The repository has no such file at this commit.
    #[error("{repo} has no file {path} in the version {commit}: look at its files again")]
    FileNotFound {
        /// The repository.
        repo: RepoName,
        /// The version.
        commit: Commit,
        /// What was asked for.
        path: RemotePath,
    },
    /// The ledger can't be written, so nothing was asked.
    #[error(transparent)]
    NotRecorded(Error),
    /// Only those who accepted the conditions get files, and no token was there to show it.
    #[error(
        "{repo} is for those who agreed to its terms: accept its conditions on {address}, then give Lethe an access token"
    )]
    Gated {
        /// The repository.
        repo: RepoName,
        /// The page where the conditions are accepted.
        address: String,
    },
    /// Only those who accepted the conditions get files, and the one whose token it is did not, or waits for consent.
    #[error(
        "the access token opens no files of {repo}: accept its conditions on {address} with the account of the token"
    )]
    NoConsent {
        /// The repository.
        repo: RepoName,
        /// The page where the conditions are accepted.
        address: String,
    },
    /// The hub answers only those with a token, and none was there.
    #[error("{host} answers only who has an access token: give Lethe one")]
    TokenNeeded {
        /// Host and port.
        host: String,
    },
    /// The token is wrong, too old, or not allowed to read.
    #[error("{host} refuses the access token: make a new one that may read, on {address}, and give it to Lethe")]
    TokenRefused {
        /// Host and port.
        host: String,
        /// The page where tokens are made.
        address: String,
    },
    /// Nobody gets it: it was disabled, or is kept from this country or network.
    #[error("{host} gives this to nobody here: choose another model")]
    Forbidden {
        /// Host and port.
        host: String,
    },
    /// Too many requests.
    #[error("{host} was asked too often: try again {}", after(*wait))]
    RateLimited {
        /// Host and port.
        host: String,
        /// How long to wait, where the server says so.
        wait: Option<Duration>,
    },
    /// A fault of the server, or a status that no hub should answer with.
    #[error("{host} can't answer now (status {status}): try again {}", after(*wait))]
    Server {
        /// Host and port.
        host: String,
        /// The HTTP status.
        status: u16,
        /// How long to wait, where the server says so.
        wait: Option<Duration>,
    },
    /// An answer that no hub should give.
    #[error("{host} answers with {what}: check that it is a hub of models, or try again later")]
    Malformed {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Not the name of a repository.
    #[error("this names no model: write OWNER/NAME, as in swiss-ai/Apertus-8B-Instruct-2509")]
    RepoName,
    /// Not the name of a branch, tag or commit.
    #[error("this names no version: write a branch, a tag or a commit, as in main")]
    Revision,
    /// Not a commit.
    #[error("this is no commit: write all of its 40 digits")]
    Commit,
    /// A path that can't be kept on every system, or leads elsewhere.
    #[error("this is no safe path of a file: choose another file")]
    Path,
    /// Not a SHA-256.
    #[error("this is no SHA-256: write all of its 64 digits")]
    Sha256,
    /// `HF_ENDPOINT` is no address.
    #[error("HF_ENDPOINT holds no address of a hub: write one with https, or take it out of the environment")]
    Endpoint,
}

impl From<Error> for HubError {
    fn from(error: Error) -> Self {
        match error {
            Error::Offline => Self::Offline,
            Error::NotRecorded => Self::NotRecorded(error),
            Error::Unreachable { host, trouble } => Self::Unreachable { host, trouble },
            Error::Insecure { host } => Self::Insecure { host },
            Error::TooLong { host } => Self::TooLong { host },
        }
    }
}

fn after(wait: Option<Duration>) -> String {
    match wait.map(|wait| wait.as_secs()) {
        None => "later".to_owned(),
        Some(seconds @ 0..=119) => format!("in {} s", seconds.max(1)),
        Some(seconds) => format!("in {} minutes", seconds.div_ceil(60)),
    }
}
