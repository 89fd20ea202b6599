//! What can go wrong with a feed: one variant for each thing that a caller can do differently.
//!
//! After each of them the last good state is still there, byte for byte. No error holds a byte of a segment.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
pub use lethe_network::Trouble;

/// Short for results with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Why a list was not published, refreshed or watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Requests are forbidden, see [`lethe_network::Switch`].
    #[error("requests are switched off: allow them in the settings, or import the list from a file")]
    Offline,
    /// The ledger can't be written, so nothing was asked.
    #[error(transparent)]
    NotRecorded(lethe_network::Error),
    /// No answer, or half of one. Worth another try later.
    #[error("{host} can't be reached ({trouble}): check the connection and try again later")]
    Unreachable {
        /// Host and port, or the path of a local source.
        host: String,
        /// What happened.
        trouble: Trouble,
    },
    /// The address is no http, https or file address, or it holds a user name.
    #[error("the address can't be used: give an https, http or file address without a user name, or a folder")]
    BadAddress,
    /// Plain http where only https will do, or a redirect from https to http.
    #[error("{host} would be asked without encryption: give an https address")]
    Insecure {
        /// Host and port.
        host: String,
    },
    /// The source answers, but there is nothing at the address.
    #[error("there is nothing at this address of {host}: check the address, or ask its publisher")]
    NothingThere {
        /// Host and port, or the path of a local source.
        host: String,
    },
    /// What the source sent is no TUF metadata, JSON or Markdown of the expected shape.
    #[error("{file} can't be read: check the address, or ask its publisher to publish again")]
    Malformed {
        /// The file, relative to the source.
        file: String,
    },
    /// The signatures are not those of the trusted publisher.
    #[error(
        "{file} is not signed by the publisher, so the list stays as it is: check the address, or ask the publisher"
    )]
    Forged {
        /// The file, relative to the source.
        file: String,
    },
    /// The new root file is not signed by the trusted and its own keys, or skips a version.
    #[error("the publisher's new keys are not confirmed by the old ones: ask the publisher for its root file")]
    RootRefused,
    /// An older version than one that was verified before.
    #[error(
        "{file} is older than one that came before, so the list stays as it is: try again later or from another network"
    )]
    RolledBack {
        /// The file, relative to the source.
        file: String,
    },
    /// Past its expiry: the publisher has stopped, or someone holds newer versions back.
    #[error(
        "{file} has expired on {since}: ask the publisher whether there is a newer list, or try from another network"
    )]
    Expired {
        /// The file, relative to the source.
        file: String,
        /// Its expiry.
        since: Timestamp,
    },
    /// A signed file of another version than the one that the signed files around it name, or a changed one.
    #[error("{file} does not belong to the publisher's other files, so the list stays as it is: try again later")]
    Mixed {
        /// The file, relative to the source.
        file: String,
    },
    /// More bytes than signed metadata or a limit allows.
    #[error("{file} is longer than it may be, so its download was stopped: ask its publisher")]
    TooLong {
        /// The file, relative to the source.
        file: String,
    },
    /// Fewer bytes than signed metadata says.
    #[error("{file} is shorter than its publisher says, so the list stays as it is: try again later")]
    WrongLength {
        /// The file, relative to the source.
        file: String,
    },
    /// Other bytes than signed metadata says.
    #[error("{file} was changed on its way or on the disk: refresh the list again")]
    WrongHash {
        /// The file, relative to the source.
        file: String,
    },
    /// A file that signed metadata names is not at the source.
    #[error("{file} is missing at the source: try again later, or ask its publisher")]
    Missing {
        /// The file, relative to the source.
        file: String,
    },
    /// The clock shows a time before the last good check, so that expiry means nothing.
    #[error("the clock of this computer shows a time before the last refresh on {last}: correct it, or subscribe anew")]
    ClockSetBack {
        /// The last good check.
        last: Timestamp,
    },
    /// The root file that a user gave is none, or not signed by its own keys.
    #[error("this is not a publisher's root file: ask the publisher for its root.json")]
    BadRoot,
    /// The archive holds links, paths out of it, unknown files, or is no archive.
    #[error("the archive holds {what}: ask for one that was packed with this program")]
    BadArchive {
        /// What is wrong, in a few words.
        what: &'static str,
    },
    /// The name, the custom data or the lifetime of what should be published can't be used.
    #[error("this can't be published: {what}")]
    Unpublishable {
        /// What is wrong and what to do, in one clause.
        what: &'static str,
    },
    /// There is a subscription already.
    #[error("{} is in use already: choose another folder", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// Keys would lie in the folder that is handed out, or the other way round.
    #[error(
        "the keys in {} and the published files in {} have to be apart, or the keys are published too: choose a folder \
         for the keys that is neither in the other nor above it",
        keys.display(),
        repository.display()
    )]
    Together {
        /// The folder of the keys.
        keys: PathBuf,
        /// The folder that is published, or a link in it.
        repository: PathBuf,
    },
    /// A folder holds files of somebody else, which could be overwritten.
    #[error("{} holds other files and no {what}: choose an empty folder", path.display())]
    NotOurs {
        /// The folder or file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The keys sign a list already, and that is not in this folder.
    #[error(
        "the keys in {} sign another list: choose another folder for the new list's keys, or put that list's files back",
        keys.display()
    )]
    KeysInUse {
        /// The folder of the keys.
        keys: PathBuf,
    },
    /// Another refresh or publish is at work in the same folder.
    #[error("this list is being worked on already: wait for it to end")]
    Busy,
    /// A key that is needed is not in the folder of the keys, or is no key.
    #[error("{} is missing or no key of this repository: put it back", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
    },
    /// A file of the state was changed by something else.
    #[error("{} is damaged: refresh the list again, or subscribe anew", path.display())]
    StateDamaged {
        /// The file.
        path: PathBuf,
    },
    /// The disk.
    #[error("{} can't be read or written ({source}): check the disk and the rights of the folder", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl From<lethe_network::Error> for Error {
    fn from(error: lethe_network::Error) -> Self {
        use lethe_network::Error as Network;
        match error {
            Network::Offline => Self::Offline,
            Network::NotRecorded => Self::NotRecorded(error),
            Network::Unreachable { host, trouble } => Self::Unreachable { host, trouble },
            Network::Insecure { host } => Self::Insecure { host },
            Network::TooLong { host } => Self::TooLong { file: host },
        }
    }
}

impl Error {
    /// For `map_err`: the disk, with the path it was about.
    pub(crate) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { path, source }
    }
}
