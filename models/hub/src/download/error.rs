//! Why a download ended without its files.

use std::fmt;
use std::io;

/// Why a download ended without its files. Except after [`Self::Cancelled`] and [`Self::Wrong`], what arrived is kept
/// for the next try.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// Requests are switched off, or a host stayed out of reach for all tries.
    #[error(transparent)]
    Network(#[from] lethe_network::Error),
    /// A host said no, with a new address too.
    #[error("{host} refuses the file with status {status}: check that you have access to the model and try again")]
    Refused {
        /// Host and port.
        host: String,
        /// The last HTTP status.
        status: u16,
    },
    /// A host answered for all tries what makes no sense.
    #[error("{host} answers wrongly ({flaw}): try again later")]
    Flawed {
        /// Host and port.
        host: String,
        /// What was wrong with the last answer.
        flaw: Flaw,
    },
    /// Nobody could say where the file is; the text is that of the source.
    #[error(transparent)]
    Unlocated(Box<dyn std::error::Error + Send + Sync>),
    /// A name that would lead out of the folder, or that not every system can store.
    #[error("the name of a file makes no sense, so nothing was downloaded: choose another model")]
    Name,
    /// The disk, a quota or the file system has no room for the files.
    #[error("there is no room for {} MB more: make room or choose another disk, then continue the download", .bytes.div_ceil(1_000_000))]
    DiskFull {
        /// How many bytes are still to be written.
        bytes: u64,
    },
    /// The disk failed in another way.
    #[error("the file can't be written ({0}): check the folder of the models and its disk, then continue the download")]
    Disk(DiskTrouble),
    /// Another download, perhaps of another program, writes the same file.
    #[error("{name} is being downloaded already: wait until that is done")]
    Busy {
        /// The file's name.
        name: String,
    },
    /// What arrived is not what was published, and arrived twice.
    #[error("{name} is not what its maker published, so it was removed: try again later")]
    Wrong {
        /// The file's name.
        name: String,
    },
    /// The user ended it; nothing is left.
    #[error("the download was cancelled: start it again to have the model")]
    Cancelled,
}

impl DownloadError {
    /// What an error of the disk means while `bytes` are still to be written.
    pub(super) fn disk(error: &io::Error, bytes: u64) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Self::DiskFull { bytes },
            kind => Self::Disk(DiskTrouble(kind)),
        }
    }
}

/// What kind of trouble a disk made; names no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskTrouble(pub io::ErrorKind);

impl fmt::Display for DiskTrouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What was wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Other bytes than those that were asked for.
    #[error("another range of the file")]
    Range,
    /// The file has another size than the hub says.
    #[error("another size")]
    Size,
    /// The body ended before its end.
    #[error("too few bytes")]
    Short,
    /// The body went on after its end.
    #[error("too many bytes")]
    Long,
    /// The body is compressed, though that was not asked for.
    #[error("a compressed answer")]
    Encoded,
    /// The file is another one each time.
    #[error("a file that keeps changing")]
    Changing,
    /// A status that is none of success and none of failure.
    #[error("a status that makes no sense")]
    Status,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_is_told_from_a_broken_one() {
        for (kind, full) in [
            (io::ErrorKind::StorageFull, true),
            (io::ErrorKind::QuotaExceeded, true),
            (io::ErrorKind::FileTooLarge, true),
            (io::ErrorKind::PermissionDenied, false),
        ] {
            let error = DownloadError::disk(&kind.into(), 7);
            assert_eq!(matches!(error, DownloadError::DiskFull { bytes: 7 }), full, "{kind}: {error}");
        }
    }
}
