//! Files that a person names: to be read, and to be written.
//!
//! What is read is a regular file of a size that was expected: no device, pipe or folder, nothing that grows without
//! end, and no line that is a file of its own. What is written is written whole or not at all, never over what it was
//! made from, and over another file only if that was asked for.

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::Path;

use crate::base::error::{Code, Error, Result};

/// The longest line of a file that is read line by line, in bytes.
const LONGEST_LINE: usize = 1 << 20;
/// A descriptor, a root file: far more than any has.
pub(crate) const SMALL_FILE: u64 = 1 << 20;

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    Keep,
    Replace,
}

/// Opens a file for reading.
///
/// # Errors
/// A sentence without the path, for behind "… can't be used: ".
pub(crate) fn open(path: &Path) -> std::result::Result<File, String> {
    // Looked at before it is opened: to open a pipe is to wait for its writer.
    let is_file = std::fs::metadata(path).map_err(|error| unreadable(&error))?.is_file();
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    // And after, since it may have been replaced meanwhile.
    match is_file && file.metadata().map_err(|error| unreadable(&error))?.is_file() {
        true => Ok(file),
        false => Err("it is a folder, a device or a pipe; give a file".to_owned()),
    }
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// As [`open`].
pub(crate) fn read(path: &Path, limit: u64) -> std::result::Result<Vec<u8>, String> {
    read_open(open(path)?, limit, |_| false)
}

/// Reads a file of at most `limit` bytes and of lines that are no longer than one is; `whole` says of the first bytes
/// whether it has lines at all.
///
/// # Errors
/// As [`open`], and the number of a line that is too long.
pub(crate) fn read_lines(
    path: &Path,
    limit: u64,
    whole: impl Fn(&[u8]) -> bool,
) -> std::result::Result<Vec<u8>, String> {
    read_open(open(path)?, limit, |first| !whole(first))
}

/// Reads a small text.
///
/// # Errors
/// As [`open`], and the line that is not UTF-8.
pub(crate) fn read_text(path: &Path) -> std::result::Result<String, String> {
    let bytes = read(path, SMALL_FILE)?;
    Ok(utf8(&bytes)?.to_owned())
}

/// The text of bytes.
///
/// # Errors
/// The line that is not UTF-8.
pub(crate) fn utf8(bytes: &[u8]) -> std::result::Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is not UTF-8 text; save the file as UTF-8")
    })
}

fn read_open(
    mut file: impl Read,
    limit: u64,
    has_lines: impl Fn(&[u8]) -> bool,
) -> std::result::Result<Vec<u8>, String> {
    const CHUNK: usize = 1 << 16;
    let mut bytes = Vec::new();
    let (mut line, mut length) = (1_u64, 0);
    let mut by_lines = None;
    loop {
        let before = bytes.len();
        let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        if read == 0 {
            return Ok(bytes);
        }
        if bytes.len() as u64 > limit {
            return Err(format!("it is larger than {}; split it", lethe_models::memory::size_text(limit)));
        }
        if *by_lines.get_or_insert_with(|| has_lines(&bytes)) {
            for byte in &bytes[before..] {
                length += 1;
                if *byte == b'\n' {
                    (line, length) = (line + 1, 0);
                } else if length > LONGEST_LINE {
                    return Err(format!("line {line} is longer than 1 MiB; write one entry a line"));
                }
            }
        }
    }
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; check the path".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read; check its rights".to_owned(),
        kind => format!("it can't be read ({kind}); check the path and its rights"),
    }
}

/// Whether a file may be written: asked before the work that makes it.
///
/// # Errors
/// `BadInput` when it is one of those it is made from, under whatever name, or there already.
pub fn check_out(out: &Path, sources: &[&Path], existing: Existing) -> Result<()> {
    if let Some(source) = sources.iter().find(|source| same_file::is_same_file(source, out).unwrap_or(false)) {
        return Err(Error::bad_input(format!(
            "{} is the file that is read, {}: write to another one",
            out.display(),
            source.display()
        )));
    }
    match std::fs::metadata(out) {
        Ok(there) if !there.is_file() => Err(Error::bad_input(format!(
            "{} is a folder, a device or a pipe: write to a file, or to - for standard output",
            out.display()
        ))),
        Ok(_) if existing == Existing::Keep => Err(taken(out)),
        Ok(_) => Ok(()),
        // A link that leads nowhere would be replaced, not followed.
        Err(_) if std::fs::symlink_metadata(out).is_ok() => Err(taken(out)),
        Err(_) => Ok(()),
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// As [`check_out`], and `Store` when it can't be written; then there is none, or the one before.
pub fn write_out(out: &Path, bytes: &[u8], sources: &[&Path], existing: Existing) -> Result<()> {
    check_out(out, sources, existing)?;
    let unwritable = |error: std::io::Error| {
        Error::new(Code::Store, format!("{} can't be written ({}): choose another place", out.display(), error.kind()))
    };
    // Through a link to what it leads to, as every program does.
    let place = std::fs::canonicalize(out).unwrap_or_else(|_| out.to_owned());
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lethe-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(unwritable)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(unwritable)?;
    match existing {
        Existing::Replace => file.persist(&place).map(|_| ()).map_err(|error| unwritable(error.error)),
        Existing::Keep => file.persist_noclobber(&place).map(|_| ()).map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => taken(out),
            _ => unwritable(error.error),
        }),
    }
}

fn taken(out: &Path) -> Error {
    Error::bad_input(format!("{} is there already: choose another name, or add --force to replace it", out.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(result: Result<()>) -> String {
        result.expect_err("it is refused").message
    }

    #[test]
    fn what_something_is_made_from_is_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = folder.path().join("people.jsonl");
        std::fs::write(&source, "entries").expect("a file");
        std::fs::create_dir(folder.path().join("sub")).expect("a folder");
        let mut names =
            vec![source.clone(), folder.path().join("sub/../people.jsonl"), folder.path().join("./people.jsonl")];
        std::fs::hard_link(&source, folder.path().join("hard")).expect("a hard link");
        names.push(folder.path().join("hard"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&source, folder.path().join("soft")).expect("a link");
            names.push(folder.path().join("soft"));
        }
        for out in names {
            for existing in [Existing::Keep, Existing::Replace] {
                let error = sentence(write_out(&out, b"hashes", &[&source], existing));
                assert!(error.contains("the file that is read"), "{error}");
                assert_eq!(std::fs::read(&source).expect("it is there"), b"entries", "{}", out.display());
            }
        }
    }

    #[test]
    fn another_file_is_replaced_only_if_that_is_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out.list");
        write_out(&out, b"one", &[], Existing::Keep).expect("nothing is there");
        let error = sentence(write_out(&out, b"two", &[], Existing::Keep));
        assert!(error.contains("--force"), "{error}");
        assert_eq!(std::fs::read(&out).expect("it is there"), b"one");
        write_out(&out, b"two", &[], Existing::Replace).expect("it was asked for");
        assert_eq!(std::fs::read(&out).expect("it is there"), b"two");
        let error = sentence(write_out(folder.path(), b"two", &[], Existing::Replace));
        assert!(error.contains("a folder, a device or a pipe"), "{error}");
        #[cfg(unix)]
        {
            let nowhere = folder.path().join("nowhere");
            std::os::unix::fs::symlink(folder.path().join("missing"), &nowhere).expect("a link");
            assert!(sentence(write_out(&nowhere, b"two", &[], Existing::Keep)).contains("there already"));
        }
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").flatten().collect();
        assert!(left.iter().all(|file| !file.file_name().to_string_lossy().starts_with(".lethe-")));
    }

    #[test]
    fn only_files_of_a_size_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "ab\ncd").expect("a file");
        assert_eq!(read(&path, 5).as_deref(), Ok(&b"ab\ncd"[..]));
        assert!(read(&path, 4).expect_err("too large").contains("larger than"));
        assert!(read(folder.path(), 5).expect_err("a folder").contains("a folder, a device or a pipe"));
        assert!(read(&folder.path().join("none"), 5).expect_err("nothing").contains("no such file"));
        #[cfg(unix)]
        for device in ["/dev/zero", "/dev/null"] {
            assert!(read(Path::new(device), 5).expect_err("a device").contains("a folder, a device or a pipe"));
        }
    }

    #[test]
    fn what_grows_without_end_or_has_no_lines_is_left_soon() {
        let error = read_open(std::io::repeat(b'x'), u64::MAX, |_| true).expect_err("one line without end");
        assert!(error.starts_with("line 1 is longer than 1 MiB"), "{error}");
        let lines = (&b"a\nb\n"[..]).chain(std::io::repeat(b'x'));
        assert!(read_open(lines, u64::MAX, |_| true).expect_err("the third").starts_with("line 3 is longer"));
        let error = read_open(std::io::repeat(b'x'), 1 << 20, |_| false).expect_err("no end");
        assert!(error.contains("larger than"), "{error}");
    }

    #[test]
    fn a_line_that_is_not_utf8_is_named() {
        assert!(utf8(b"a\nb\n\xff").expect_err("not UTF-8").starts_with("line 3 is not UTF-8"));
    }
}
