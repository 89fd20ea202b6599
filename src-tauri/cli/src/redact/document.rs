//! Files to be filtered: looked at before they are, and written whole or not at all.
//!
//! A document is a regular file of UTF-8 text. What is not is refused: a character that became U+FFFD in somebody's file
//! would be lost. Filtered text is collected in a file without a name and gets one when it is whole, so that a kill leaves
//! the file as it was and nothing beside it. The mode of a file is kept; in its place its owner too.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use lethe_core::base::user_file::{Existing, check_out};
use lethe_core::{Code, Error, Result};
use lethe_filters::FilteredText;
use tempfile::SpooledTempFile;

use super::account::Account;
use crate::output::is_standard;

/// Filtered text that is kept in memory; what is longer goes to the disk.
const IN_MEMORY: usize = 16 << 20;
/// How much of a file is looked at in one go.
const BLOCK: usize = 1 << 16;

/// What is read.
pub enum Source {
    /// Standard input.
    Standard,
    /// A file, or a device or pipe that has a name, whose filtered text goes to standard output.
    Streamed(PathBuf),
    /// A file whose filtered text is written into a file.
    Document(Document),
}

/// A file, and where its filtered text belongs.
pub struct Document {
    file: PathBuf,
    place: PathBuf,
    /// None: in the place of the file itself.
    existing: Option<Existing>,
}

/// The filtered text of a document while it grows.
pub struct Draft<'a> {
    document: &'a Document,
    /// The file as it was when it was opened.
    before: Metadata,
    text: SpooledTempFile,
}

impl Source {
    /// For standard output.
    ///
    /// # Errors
    /// `BadInput` for a folder, and for a file that is no text.
    pub fn streamed(file: &Path) -> Result<Self> {
        if is_standard(file) {
            return Ok(Self::Standard);
        }
        let metadata = std::fs::metadata(file).map_err(|error| unreadable(file, &error))?;
        match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => return Err(unusable(file, "is a folder: give the files in it")),
            (_, true) => check_text(file)?,
            // It has no end that could be looked at first.
            (_, false) => {}
        }
        Ok(Self::Streamed(file.to_owned()))
    }

    /// As sentences name it.
    pub fn name(&self) -> String {
        match self {
            Self::Standard => "standard input".to_owned(),
            Self::Streamed(file) | Self::Document(Document { file, .. }) => file.display().to_string(),
        }
    }
}

impl Document {
    /// To be written into a folder under its name.
    ///
    /// # Errors
    /// `BadInput` for what is no regular file of text, and where something is that is not to be replaced.
    pub fn copied(file: &Path, folder: &Path, existing: Existing) -> Result<Self> {
        let metadata = std::fs::metadata(file);
        check_document(file, metadata)?;
        let name = file.file_name().ok_or_else(|| unusable(file, "has no name: give a file"))?;
        let place = folder.join(name);
        check_out(&place, &[file], existing)?;
        Ok(Self { file: file.to_owned(), place, existing: Some(existing) })
    }

    /// To be replaced.
    ///
    /// # Errors
    /// `BadInput` for what is no regular file of text, and for one that has another name, under which its text would stay
    /// as it was.
    pub fn replaced(file: &Path) -> Result<Self> {
        let metadata = std::fs::symlink_metadata(file);
        if metadata.as_ref().is_ok_and(Metadata::is_symlink) {
            return Err(unusable(file, "is a link: give the file that it leads to"));
        }
        if metadata.as_ref().is_ok_and(has_other_names) {
            let why = "has another name on this disk, a hard link, under which it would stay as it is: use --out";
            return Err(unusable(file, why));
        }
        check_document(file, metadata)?;
        Ok(Self { file: file.to_owned(), place: file.to_owned(), existing: None })
    }

    /// The file to read, and what its filtered text is written to.
    ///
    /// # Errors
    /// `BadInput` when it can't be read any more.
    pub fn begin(&self) -> Result<(File, Draft<'_>)> {
        let file = open(&self.file)?;
        let before = file.metadata().map_err(|error| unreadable(&self.file, &error))?;
        let text = tempfile::spooled_tempfile_in(IN_MEMORY, folder_of(&self.place));
        Ok((file, Draft { document: self, before, text }))
    }
}

impl Draft<'_> {
    /// More of the text.
    ///
    /// # Errors
    /// `Store` when there is no room.
    pub fn write(&mut self, piece: &FilteredText) -> Result<()> {
        self.text.write_all(piece.as_str().as_bytes()).map_err(|error| unwritable(&self.document.place, &error))
    }

    /// Gives the text its name, with all that it came to. None where the file stays as it is, since nothing was removed.
    ///
    /// # Errors
    /// `BadInput` when the file was changed meanwhile, `Store` when the text can't be written. Then what was there stays.
    pub fn finish(mut self, account: &Account) -> Result<Option<PathBuf>> {
        // It was text when it was looked at.
        if account.replaced > 0 {
            return Err(self.changed());
        }
        if self.document.existing.is_none() && account.removed.total() == 0 {
            return Ok(None);
        }
        self.put().map(|()| Some(self.document.place.clone()))
    }

    fn put(&mut self) -> Result<()> {
        let Document { file, place, existing } = self.document;
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::AlreadyExists => unusable(place, "is there already: add --force to replace it"),
            _ => unwritable(place, &error),
        };
        // Through a link to what it leads to, as every program does.
        let target = std::fs::canonicalize(place).unwrap_or_else(|_| place.clone());
        let folder = folder_of(&target);
        let mut new = tempfile::Builder::new().prefix(".lethe-").tempfile_in(folder).map_err(failed)?;
        self.text.rewind().and_then(|()| io::copy(&mut self.text, &mut new)).map_err(failed)?;
        if existing.is_none() {
            keep_owner(new.as_file(), &self.before)
                .map_err(|_| unusable(file, "belongs to somebody else, and would then be yours: use --out"))?;
        }
        // After the owner, since a change of it takes rights away.
        new.as_file().set_permissions(self.before.permissions()).map_err(failed)?;
        new.as_file().sync_all().map_err(failed)?;
        if existing.is_none() && self.is_changed() {
            return Err(self.changed());
        }
        let persisted = match existing {
            Some(Existing::Keep) => new.persist_noclobber(&target),
            Some(Existing::Replace) | None => new.persist(&target),
        };
        persisted.map_err(|error| failed(error.error))?;
        // Elsewhere folders can't be opened as files.
        if cfg!(unix) { File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed) } else { Ok(()) }
    }

    fn changed(&self) -> Error {
        unusable(&self.document.file, "was changed meanwhile, and stays as it is now: filter it again")
    }

    /// Whether another program has written or replaced the file since it was opened.
    fn is_changed(&self) -> bool {
        let Ok(now) = std::fs::symlink_metadata(&self.document.file) else { return true };
        let same_time = now.modified().ok() == self.before.modified().ok();
        now.len() != self.before.len() || !same_time || !is_same_file(&now, &self.before)
    }
}

/// Whether all can be written without one going over another, or over one that is read.
///
/// # Errors
/// `BadInput` with the one that can't.
pub fn check_places(sources: &[Source]) -> Result<()> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let documents = sources.iter().filter_map(|source| match source {
        Source::Document(document) if document.existing.is_some() => Some(document),
        _ => None,
    });
    let files: BTreeSet<PathBuf> = documents.clone().map(|document| real(&document.file)).collect();
    let mut places = BTreeSet::new();
    for Document { file, place, .. } in documents {
        if files.contains(&real(place)) {
            return Err(unusable(place, "is a file that is read: write to another folder"));
        }
        if !places.insert(place) {
            let why = "has the name of another file, and one folder holds one of them: filter them one after the other";
            return Err(unusable(file, why));
        }
    }
    Ok(())
}

/// Makes a folder for filtered text, if there is none.
///
/// # Errors
/// `Store` when it can't be made.
pub fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
}

/// Opens what was looked at.
///
/// # Errors
/// `BadInput` when it can't be read.
pub fn open(file: &Path) -> Result<File> {
    File::open(file).map_err(|error| unreadable(file, &error))
}

fn check_document(file: &Path, metadata: io::Result<Metadata>) -> Result<()> {
    if is_standard(file) {
        return Err(Error::bad_input("standard input has no place of its own: leave out -, or --in-place and --out"));
    }
    match metadata.map_err(|error| unreadable(file, &error))?.is_file() {
        true => check_text(file),
        false => Err(unusable(file, "is a folder, a device or a pipe: give a file")),
    }
}

/// Whether a file is text: UTF-8 without zero bytes.
fn check_text(path: &Path) -> Result<()> {
    let file = open(path)?;
    let mut block = Vec::with_capacity(BLOCK);
    let mut line = 1;
    loop {
        let open = block.len();
        let read = (&file).take((BLOCK - open) as u64).read_to_end(&mut block);
        let is_end = read.map_err(|error| unreadable(path, &error))? == 0;
        if block.contains(&0) {
            return Err(unusable(path, "is no text, or is text in UTF-16: save it as plain text in UTF-8"));
        }
        let whole = match std::str::from_utf8(&block) {
            Ok(text) => text.len(),
            // A character that the next block completes.
            Err(error) if error.error_len().is_none() && !is_end => error.valid_up_to(),
            Err(error) => {
                line += lines(&block[..error.valid_up_to()]);
                return Err(unusable(path, &format!("is not UTF-8 text (line {line}): save it as UTF-8")));
            }
        };
        line += lines(&block[..whole]);
        block.drain(..whole);
        if is_end {
            return Ok(());
        }
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// The folder that a file is in.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    metadata.is_file() && std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    one.created().ok() == other.created().ok()
}

/// Gives a new file the owner of another one.
#[cfg(unix)]
fn keep_owner(new: &File, before: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let now = new.metadata()?;
    if (now.uid(), now.gid()) == (before.uid(), before.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(new, Some(before.uid()), Some(before.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

fn unusable(file: &Path, why: &str) -> Error {
    Error::bad_input(format!("{} {why}", file.display()))
}

fn unreadable(file: &Path, error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => unusable(file, "is not there: check the path"),
        kind => unusable(file, &format!("can't be read ({kind}): check its rights")),
    }
}

fn unwritable(place: &Path, error: &io::Error) -> Error {
    let code = if error.kind() == ErrorKind::StorageFull { Code::DiskFull } else { Code::Store };
    Error::new(
        code,
        format!(
            "{} can't be written ({}): check the rights of its folder and the room there",
            place.display(),
            error.kind()
        ),
    )
}
