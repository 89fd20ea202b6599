//! Files of the data folder: only their owner reads them, and what was written stays.

use std::fs::File;
use std::path::Path;

/// To open a file of the data folder that only its owner may read, and that is no link.
pub(crate) fn private() -> std::fs::OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "rights are Unix's"))]
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    options
}

/// Has the disk keep the names of a folder.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    // Elsewhere folders can't be opened as files; their names are kept with the files.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
