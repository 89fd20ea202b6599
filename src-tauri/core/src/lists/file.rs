//! Reading list files: entries in clear as JSON Lines, and compiled lists.

use crate::base::clock::now;
use crate::base::error::Code;
use lethe_filters::ListMeta;
use std::path::Path;

use lethe_filters::{Hashing, List, ListFile};
use sha2::{Digest, Sha256};

use crate::base::error::{Error, Result};
use crate::base::user_file;
use crate::base::visible::clean_name;
use crate::lists::facts::ListFacts;

/// Largest list file in bytes; as large as a file of hash values may be.
pub(crate) const LARGEST_LIST: u64 = lethe_import::FILE_LIMIT;

/// A list that was read from a file.
#[derive(Clone)]
pub struct NamedList {
    pub(crate) list: List,
    pub(crate) facts: ListFacts,
    pub(crate) bytes: std::sync::Arc<[u8]>,
    pub(crate) format: Format,
    /// Milliseconds since 1970.
    pub(crate) issued_at: Option<i64>,
}

/// How a list file is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Lines,
    Compiled,
}

impl Format {
    /// As the database and the end of the file's name have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lines => "jsonl",
            Self::Compiled => "list",
        }
    }
}

impl NamedList {
    /// The list.
    pub fn list(self) -> List {
        self.list
    }

    /// The same list under another name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.facts.name);
        self
    }

    /// The same list under a name that none of these has: `people 2` where `people` is taken.
    pub(crate) fn numbered(&self, others: &[ListFacts]) -> Result<Self> {
        let is_free = |name: &str| others.iter().all(|other| other.name != name);
        let name = &self.facts.name;
        if is_free(name) {
            return Ok(self.clone());
        }
        let free = (2_u32..).map(|number| format!("{name} {number}")).find(|name| is_free(name));
        Self::of_bytes(&free.unwrap_or_default(), self.bytes.to_vec()).map_err(Error::bad_input)
    }

    /// The same list without the text of its entries, as it is kept in the data folder: a list in clear would be
    /// just what people asked to have deleted.
    pub(crate) fn hashed(self) -> Result<Self> {
        if self.list.is_hashed() {
            return Ok(self);
        }
        let hashing = Hashing { key: random_key()?, inner_bits: None };
        let bytes = ListFile::build(&meta(&self.facts.name), self.list.entries(), hashing);
        let bytes = bytes.map_err(|error| Error::bad_input(error.to_string()))?;
        Self::of_bytes(&self.facts.name, bytes).map_err(Error::bad_input)
    }

    /// From the bytes of a file.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(crate) fn of_bytes(name: &str, bytes: Vec<u8>) -> std::result::Result<Self, String> {
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let (list, format, issued_at, bytes) = if ListFile::begins_like_one(&bytes) {
            let copy = std::sync::Arc::from(bytes.as_slice());
            let file = ListFile::open(bytes).map_err(|error| error.to_string())?;
            (List::from_file(name, &file), Format::Compiled, file.meta().issued_at, copy)
        } else {
            let text = user_file::utf8(&bytes)?;
            let list = List::from_jsonl(name, text).map_err(|error| error.to_string())?;
            (list, Format::Lines, None, bytes.into())
        };
        let entries = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let facts = ListFacts { name: name.to_owned(), entries, sha256, version: None, signed: false };
        Ok(Self { list, facts, bytes, format, issued_at })
    }
}

/// Reads a list file: JSON Lines with `id`, `kind` and `text`, or a compiled list. Its name is the file's, without the
/// end.
///
/// # Errors
/// `BadInput` with the line that is wrong; never its text.
pub fn read_list(path: &Path) -> Result<NamedList> {
    let bad = |reason: String| Error::bad_input(format!("the list {} can't be used: {reason}", path.display()));
    let bytes = user_file::read_lines(path, LARGEST_LIST, ListFile::begins_like_one).map_err(bad)?;
    let name = path.file_stem().map(|name| clean_name(&name.to_string_lossy())).filter(|name| !name.is_empty());
    NamedList::of_bytes(name.as_deref().unwrap_or("list"), bytes).map_err(bad)
}

/// Replaces a file at once or not at all, through a file of another name that nobody can have put there before; only its
/// owner can read it.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// What a list that is made now says of itself.
pub(crate) fn meta(name: &str) -> ListMeta {
    ListMeta {
        name: name.to_owned(),
        issued_at: Some(now()),
        generator: concat!("lethe ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// A key for a new list.
pub(crate) fn random_key() -> Result<[u8; 16]> {
    let mut key = [0; 16];
    getrandom::fill(&mut key)
        .map_err(|_| Error::new(Code::Internal, "the system gives no random numbers: try again"))?;
    Ok(key)
}
