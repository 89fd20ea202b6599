//! A disk that fails as it is told to, under every database of a test.
//!
//! [`install`] puts a file layer of its own (a VFS, <https://www.sqlite.org/vfs.html>) before that of the system, so
//! that the product's code stays as it is. What lies below the folder of a [`Disk`] is watched: each time that a
//! database opens, writes, shortens, syncs or deletes a file is a step, and at the step that was chosen the [`Fault`]
//! happens. Up to there all is done by real files and real locks.
//!
//! What it simulates: a kill (what was written is there, the write that was under way in part), a loss of power (of what
//! was not synced, any part may be missing, and a write may be torn at a sector), and a disk that is full for databases.
//!
//! What it does not: files that are not written by SQLite are taken as durable once they are written, their folders
//! too, and they still find room on a full disk. A fault falls between two of them only where a database is touched in
//! between. Bits that rot, disks that say they have synced and have not, and locks on network folders are left out.

mod disk;
mod layer;
mod unsynced;

pub use disk::{Disk, Fault};
pub use layer::install;
