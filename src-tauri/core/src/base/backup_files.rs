//! Files of backups: their names, the folders they are in, and which of them are kept.

mod folders;
mod name;
mod rotation;

use std::path::PathBuf;

use serde::Serialize;
use ts_rs::TS;

pub use folders::list;
pub(crate) use folders::{chosen, of, remember, remove_leftovers, rotate};
pub use name::{BackupName, BackupReason};
pub(crate) use rotation::is_due;
#[cfg(test)]
pub(crate) use rotation::{DAYS, WEEKS};

/// A backup on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct BackupFile {
    /// When and why it was made.
    #[serde(flatten)]
    pub name: BackupName,
    pub path: PathBuf,
    #[ts(type = "number")]
    pub bytes: u64,
}
