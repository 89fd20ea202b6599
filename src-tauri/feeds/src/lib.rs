//! The road of the lists: published as signed static files, refreshed from anywhere, and never worse than they were.
//!
//! - [`Publisher`] writes a repository of [The Update Framework](https://theupdateframework.io/) into a folder; any web
//!   server hands it out, [`pack`] makes one file of it.
//! - [`Feed`] subscribes to one and refreshes it over the network, from a folder or from such a file. It refuses what
//!   is forged, rolled back, expired, mixed up, too long or incomplete, and keeps the last good list.
//! - [`PlainFile`] follows a file that nobody has signed, and [`Watch`] tells when a model's card or an organisation's
//!   list of models changes.
//! - Every request goes through a [`lethe_network::Client`].
//!
//! Deliberately not in it: what a list says, when to refresh, and what to tell the user. Time is handed in as `now`
//! everywhere, and `now` decides what has expired.
//!
//! Known limits. A server that drips segments slower than anyone would wait is cut off only when it pauses for longer
//! than the idle timeout. Names and sizes of files can be seen by whoever hands them out. Delegated roles of TUF are
//! not read.

mod archive;
mod card;
mod current;
mod disk;
mod download;
mod error;
mod feed;
mod fetch;
mod folders;
mod keys;
mod plain_file;
mod publisher;
mod rotation;
mod segment;
mod signers;
mod source;
mod transport;
mod trust;
mod watch;

pub use archive::pack;
pub use current::{Current, Versions};
pub use error::{Error, Result, Trouble};
pub use feed::{Feed, Refreshed};
pub use keys::KeyRole;
pub use plain_file::{FileAddress, PlainCurrent, PlainFile, PlainRefresh};
pub use publisher::{Lifetime, Pruned, Published, Publisher};
pub use segment::{Custom, NewSegment, Segment, SegmentName, Sha256};
pub use signers::Signers;
pub use source::Address;
pub use watch::{Change, Checked, Failure, Repo, Watch};
