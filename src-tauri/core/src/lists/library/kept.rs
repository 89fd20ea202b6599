//! The file of a list and its row change one after the other, and a kill or a full disk may come between the two.
//!
//! So the file that the row knows stays beside the new one until the row knows the new one. Both are told apart by the
//! row's digest; a file that has another one is never used.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::lists::file::write_private;

/// The bytes of a list that has this digest; none when neither file has it.
pub(super) fn bytes(file: &Path, sha256: &str) -> Option<Vec<u8>> {
    [file.to_owned(), before(file)].iter().find_map(|file| {
        let bytes = std::fs::read(file).ok()?;
        (hex::encode(Sha256::digest(&bytes)) == sha256).then_some(bytes)
    })
}

/// Puts new bytes in the place of the file whose digest the row knows, which stays until [`settle`].
pub(super) fn replace(file: &Path, known: Option<&str>, new: &[u8]) -> std::io::Result<()> {
    let is_known = |bytes: Vec<u8>| known == Some(hex::encode(Sha256::digest(&bytes)).as_str());
    // Another file lies here where the last change was cut off: then the known one is beside it already.
    if std::fs::read(file).is_ok_and(is_known) {
        std::fs::rename(file, before(file))?;
    }
    write_private(file, new)
}

/// Removes the file of before, since the row knows the new one.
pub(super) fn settle(file: &Path) {
    let _ = std::fs::remove_file(before(file));
}

fn before(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".before-{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_the_row_knows_is_found_wherever_a_change_was_cut_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("people.list");
        let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
        replace(&file, None, b"one").expect("it is writable");
        assert_eq!(bytes(&file, &digest(b"one")).as_deref(), Some(&b"one"[..]));
        // The row was not written, twice.
        replace(&file, Some(&digest(b"one")), b"two").expect("it is writable");
        replace(&file, Some(&digest(b"one")), b"three").expect("it is writable");
        assert_eq!(bytes(&file, &digest(b"one")).as_deref(), Some(&b"one"[..]), "the row still knows it");
        assert_eq!(bytes(&file, &digest(b"three")).as_deref(), Some(&b"three"[..]), "the row knows it by now");
        settle(&file);
        assert_eq!(bytes(&file, &digest(b"one")), None);
        assert_eq!(bytes(&file, &digest(b"three")).as_deref(), Some(&b"three"[..]));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
