//! Why a request got no answer.

/// Short for results with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request got no answer, or half of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Requests are forbidden, or were while this one was under way.
    #[error("requests are switched off: allow them in the settings")]
    Offline,
    /// No answer, or half of one. Worth another try later.
    #[error("{host} can't be reached ({trouble}): check the connection and try again later")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What happened.
        trouble: Trouble,
    },
    /// Plain http where only https will do, or a redirect from https to http.
    #[error("{host} would be asked without encryption: give an https address")]
    Insecure {
        /// Host and port.
        host: String,
    },
    /// The recorder can't write the request down, so it was not sent.
    #[error("a request can't be written into the ledger, so it was not sent: make room on the disk and try again")]
    NotRecorded,
    /// The answer is longer than it may be.
    #[error("{host} sends more than it should, so it was stopped: try again later")]
    TooLong {
        /// Host and port.
        host: String,
    },
}

/// What happened to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection: no network, no such host, no trust in its certificate, or nobody listens.
    #[error("no connection")]
    NoConnection,
    /// Nothing came for longer than the idle timeout, or the whole took too long.
    #[error("it stopped answering")]
    Stalled,
    /// The answer ended early.
    #[error("the answer broke off")]
    BrokeOff,
    /// A redirect without end, or to nowhere.
    #[error("it redirects in circles")]
    Redirects,
    /// An HTTP status that says neither yes nor no.
    #[error("status {0}")]
    Status(u16),
}
