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
        /// Host and port, and through which proxy it was asked.
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
    #[error(
        "a request can't be written into the ledger, so it was not sent: make room on the disk, or start Lethe again to see what is wrong with its history"
    )]
    NotRecorded,
    /// The answer is longer than it may be.
    #[error("{host} sends more than it should, so it was stopped: try again later")]
    TooLong {
        /// Host and port.
        host: String,
    },
}

/// What happened to a request. Those of a proxy name the variable that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection: no network, no such host, or nobody listens.
    #[error("no connection")]
    NoConnection,
    /// The certificate is of somebody else, too old, or of an issuer that the system does not trust.
    #[error(
        "its certificate is not trusted: if it should be, add its issuer to the certificates of the system, or name \
         the issuer's file in SSL_CERT_FILE"
    )]
    Certificate,
    /// No encrypted connection came about.
    #[error("what answers there does not encrypt as it should")]
    Encryption,
    /// The variable names no proxy.
    #[error("{0} names no proxy: write it as in http://host:port, or remove the variable")]
    BadProxy(&'static str),
    /// The variable names a proxy of a kind that is not known.
    #[error("{0} names a proxy of a kind that Lethe does not know: give one of http, https, socks4 or socks5")]
    UnknownProxy(&'static str),
    /// The proxy does not answer.
    #[error("the proxy does not answer: check {0}")]
    NoProxy(&'static str),
    /// The proxy wants a name and a password, or others than it got.
    #[error("the proxy wants a name and a password: put them into {0} as in http://name:password@host:port")]
    ProxyPassword(&'static str),
    /// The proxy lets nobody through to there, or does not get through itself.
    #[error("the proxy of {0} makes no connection to it: ask who runs the proxy, or name the host in NO_PROXY")]
    ProxyRefused(&'static str),
    /// Nothing came for longer than the idle timeout, or the whole took too long.
    #[error("it stopped answering")]
    Stalled,
    /// The answer ended early.
    #[error("the answer broke off")]
    BrokeOff,
    /// A redirect without end, or to nowhere.
    #[error("it redirects in circles")]
    Redirects,
    /// A redirect to another host where only the same one is followed.
    #[error("it leads to another server, which is only followed from an https address")]
    Elsewhere,
    /// An HTTP status that says neither yes nor no.
    #[error("status {0}")]
    Status(u16),
}
