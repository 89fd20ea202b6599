//! A repository in one tar file, for machines without a network.
//!
//! A foreign archive is never unpacked: it is indexed once and read in place, so that it can't write anywhere. Only
//! plain files in `metadata/` and `targets/` are taken; a link, a path that leads elsewhere, a second file of the same
//! name or a size beyond the archive's end refuses the whole.
//!
//! Deliberately not in it: compression. Segments hold hashes, which don't compress, and a plain archive can't grow when
//! it is read.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use tar::EntryType;

use crate::disk;
use crate::error::{Error, Result};
use crate::segment::is_safe_name;
use crate::source::TIMESTAMP;

const FOLDERS: [&str; 2] = ["metadata", "targets"];
const ENTRY_LIMIT: usize = 200_000;
/// In bytes: extended headers are held in memory.
const EXTENSION_LIMIT: u64 = 64 * 1024;

/// Where the files of an archive lie.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    /// Offset and length in bytes by name.
    files: HashMap<String, (u64, u64)>,
}

impl Archive {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::disk(path))?;
        let end = file.metadata().map_err(Error::disk(path))?.len();
        check_headers(&file, end)?;

        let mut files = HashMap::new();
        let mut archive = open_tar(&file)?;
        for entry in archive.entries_with_seek().map_err(broken)? {
            let entry = entry.map_err(broken)?;
            if entry.header().entry_type() != EntryType::Regular {
                continue;
            }
            let name = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| bad("strange file names"))?;
            let name = name.strip_prefix("./").unwrap_or(&name);
            if !belongs(name) {
                return Err(bad("files that belong to no list"));
            }
            let place = (entry.raw_file_position(), entry.size());
            if place.0.checked_add(place.1).is_none_or(|last| last > end) {
                return Err(bad("half a list"));
            }
            if files.insert(name.to_owned(), place).is_some() {
                return Err(bad("a file twice"));
            }
        }
        if files.is_empty() {
            return Err(bad("no list"));
        }
        Ok(Self { path: path.to_owned(), files })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Offset and length of a file in bytes.
    pub(crate) fn find(&self, file: &str) -> Option<(u64, u64)> {
        self.files.get(file).copied()
    }
}

/// Packs a published repository into one file for [`Feed::refresh_from_archive`](crate::Feed::refresh_from_archive).
/// May run while something is published: then it holds the old version or the new one.
///
/// # Errors
///
/// [`Error::NothingThere`] where there is no repository, [`Error::Unpublishable`] where another file has the name, and
/// [`Error::Disk`].
pub fn pack(repository: &Path, archive: &Path) -> Result<()> {
    if archive.exists() && Archive::open(archive).is_err() {
        let what = "the file for the packed list is there already and is something else: choose another name";
        return Err(Error::Unpublishable { what });
    }
    // First, because everything that it leads to is there already and stays.
    let timestamp = disk::read(&repository.join(TIMESTAMP))?;
    let timestamp = timestamp.ok_or_else(|| Error::NothingThere { host: repository.display().to_string() })?;
    let folder = archive.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(Error::disk(folder))?;
    let mut builder = tar::Builder::new(file);
    append(&mut builder, TIMESTAMP, timestamp.len() as u64, timestamp.as_slice()).map_err(Error::disk(archive))?;
    for folder in FOLDERS {
        for name in disk::names(&repository.join(folder))? {
            let name = format!("{folder}/{name}");
            let path = repository.join(&name);
            if name == TIMESTAMP || !belongs(&name) || !path.is_file() {
                continue;
            }
            let file = File::open(&path).map_err(Error::disk(&path))?;
            let length = file.metadata().map_err(Error::disk(&path))?.len();
            append(&mut builder, &name, length, file).map_err(Error::disk(archive))?;
        }
    }
    let mut file = builder.into_inner().map_err(Error::disk(archive))?;
    file.flush().and_then(|()| file.as_file().sync_all()).map_err(Error::disk(archive))?;
    file.persist(archive).map_err(|error| Error::disk(archive)(error.error))?;
    #[cfg(unix)]
    std::fs::set_permissions(archive, std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .map_err(Error::disk(archive))?;
    Ok(())
}

/// Without owner and time: the same repository makes the same archive.
fn append(
    builder: &mut tar::Builder<impl Write>,
    name: &str,
    length: u64,
    content: impl std::io::Read,
) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(length);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append_data(&mut header, name, content)
}

/// The kinds and sizes of all headers, extended ones too, before the library acts on them.
fn check_headers(file: &File, end: u64) -> Result<()> {
    let mut archive = open_tar(file)?;
    let mut count = 0;
    for entry in archive.entries_with_seek().map_err(broken)?.raw(true) {
        let entry = entry.map_err(broken)?;
        count += 1;
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Directory if entry.size() <= end => {}
            EntryType::GNULongName | EntryType::XHeader | EntryType::XGlobalHeader
                if entry.size() <= EXTENSION_LIMIT => {}
            EntryType::Link | EntryType::Symlink | EntryType::GNULongLink => return Err(bad("links")),
            _ => return Err(bad("something other than files")),
        }
        if count > ENTRY_LIMIT {
            return Err(bad("too many files"));
        }
    }
    Ok(())
}

fn open_tar(file: &File) -> Result<tar::Archive<BufReader<File>>> {
    use std::io::Seek as _;
    let mut file = file.try_clone().map_err(broken)?;
    file.rewind().map_err(broken)?;
    Ok(tar::Archive::new(BufReader::new(file)))
}

fn belongs(name: &str) -> bool {
    name.split_once('/').is_some_and(|(folder, file)| FOLDERS.contains(&folder) && is_safe_name(file))
}

fn bad(what: &'static str) -> Error {
    Error::BadArchive { what }
}

/// The library's own complaints quote names of the archive.
fn broken(_: std::io::Error) -> Error {
    bad("no list, or is damaged")
}
