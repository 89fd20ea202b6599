//! What was measured of the machine, kept in the data folder for the next start.

use std::io::{self, Write};
use std::path::Path;

/// Puts a file in the place of the one before: whole or not at all, for its owner only, and not through a link.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_link_is_replaced_and_nobody_else_reads_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (victim, memory) = (folder.path().join("victim"), folder.path().join("kernels.json"));
        std::fs::write(&victim, "untouched").expect("it is written");
        symlink(&victim, &memory).expect("a link");
        super::write(&memory, b"{}").expect("it is written");
        assert_eq!(std::fs::read_to_string(&victim).expect("it is there"), "untouched");
        let file = std::fs::symlink_metadata(&memory).expect("it is there");
        assert!(file.is_file() && file.permissions().mode() & 0o077 == 0, "{file:?}");
        super::write(&folder.path().join("missing/kernels.json"), b"{}").expect_err("there is no such folder");
    }
}
