//! Reads files of hash values that others made, as a [`Descriptor`] says.
//!
//! ```
//! use lethe_filters::foreign::Descriptor;
//! use lethe_filters::{ListFile, ListMeta};
//!
//! let descriptor = Descriptor::parse(
//!     r#"
//!     format = "lethe-descriptor-1"
//!     name = "requests"
//!     algorithm = "sha256"
//!     forms = ["lower"]
//!     source = { shape = "lines" }
//!     kinds = { default = "person" }
//!     "#,
//! )?;
//! let file = "# made in spring\nac7bc60fdd8b177dfdcf352c403db0746c322d9540117383775940f8d3057130\n";
//! let imported = lethe_import::import(&descriptor, file.as_bytes(), lethe_import::FILE_LIMIT)?;
//! assert_eq!((imported.digests.len(), imported.duplicates), (1, 0));
//!
//! let meta = ListMeta { name: "requests".to_owned(), issued_at: None, generator: String::new() };
//! let list = ListFile::build_foreign(&meta, &descriptor, &imported.digests)?;
//! assert!(ListFile::open(list)?.is_hashed());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//!
//! - A file that does not fit its descriptor is refused whole: it would filter less than its author
//!   believes. The error names the line or row and says what to do. It repeats nothing of the file,
//!   which may hold something else than digests.
//! - Memory is bounded by the limit for the file and the number of digests a list can have.
//!
//! # What it does not do
//!
//! It opens no files, fetches none and unpacks none. It does not guess what a file is: that is for the
//! descriptor. Lists within rows (an array of digests in one JSON object) are not read.

#![forbid(unsafe_code)]

mod decode;
mod json;
mod lines;
mod rows;
mod table;

use std::fmt;
use std::io::Read;

use lethe_filters::MAX_ID;
use lethe_filters::foreign::{Descriptor, FileShape, ForeignDigest};

use rows::Rows;

/// A limit that files of a million digests stay far below, in bytes.
pub const FILE_LIMIT: u64 = 1 << 30;

/// The most digests that a list can have.
pub const MOST_DIGESTS: usize = 1 << 24;

/// Files that people may well have instead: what they begin with, what they are, and what helps.
const UNSUPPORTED: [(&[u8], &str, &str); 4] = [
    (b"PAR1", "Parquet", "convert it to"),
    (b"\x1f\x8b", "packed with gzip", "unpack it to"),
    (b"\x28\xb5\x2f\xfd", "packed with Zstandard", "unpack it to"),
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "unpack or save it as"),
];

/// What was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The digests, in their order as numbers; each once.
    pub digests: Vec<ForeignDigest>,
    /// How many were left out because they had been there before.
    pub duplicates: usize,
    /// How many have the default kind because the descriptor does not know the file's name of theirs.
    pub unknown_kinds: usize,
}

/// Why a file was refused. Repeats nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It can't be read.
    #[error("the file can't be read: {0}")]
    Read(#[from] std::io::Error),
    /// It is larger than allowed.
    #[error("the file is larger than {limit} bytes: split it, or raise the limit")]
    TooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// There are more digests than a list can have.
    #[error("the file has more than {MOST_DIGESTS} digests: split it")]
    TooMany,
    /// There is no digest.
    #[error("the file has no digest: get it again, or correct `source` in the descriptor")]
    Empty,
    /// It has not got the shape that the descriptor says.
    #[error("the file is no {shape}{place}: get it again, or correct `source.shape` in the descriptor")]
    Shape {
        /// What it should be.
        shape: &'static str,
        /// Where it stops being that, if known; with a comma and a blank before it.
        place: String,
    },
    /// A column or field is not there.
    #[error("the file has no {name:?}: correct `{field}` in the descriptor")]
    NoColumn {
        /// The column, as the descriptor names it.
        name: String,
        /// The field of the descriptor.
        field: &'static str,
    },
    /// It is none of the shapes that are read, or packed.
    #[error("the file is {format}, which is not supported: {remedy} lines, CSV or JSON")]
    Unsupported {
        /// What it is.
        format: &'static str,
        /// What makes one that is supported of it.
        remedy: &'static str,
    },
    /// A line, row or element can't be used.
    #[error("{place}: {problem}")]
    Row {
        /// Which one.
        place: Place,
        /// What is wrong with it.
        problem: RowProblem,
    },
}

/// A place in a file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of text.
    Line(u64),
    /// An element of a JSON array.
    Element(u64),
}

/// What is wrong with a line, row or element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// There is no digest in it.
    #[error("there is no digest: correct the file, or `source` in the descriptor")]
    Missing,
    /// The digest, the kind or the id is no text.
    #[error("the {what} is no text: correct `source` in the descriptor")]
    NoText {
        /// Which of them.
        what: &'static str,
    },
    /// The digest is not written in the encoding.
    #[error("the digest is not in {encoding}: correct the file, or `encoding` in the descriptor")]
    Encoding {
        /// What it should be in.
        encoding: &'static str,
    },
    /// The digest is not as long as the descriptor says.
    #[error(
        "the digest has {found} {unit} and should have {expected}: correct the file, or `algorithm` or `truncate` in the descriptor"
    )]
    Length {
        /// How long it is.
        found: usize,
        /// How long it should be.
        expected: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// The id is too long or can't be shown.
    #[error(
        "the id has more than {MAX_ID} characters or some that can't be shown: correct the file, or `source` in the descriptor"
    )]
    Id,
}

/// Reads a file of digests of at most `limit` bytes.
///
/// # Errors
/// Those of [`ImportError`], of which none leaves anything half read.
pub fn import(descriptor: &Descriptor, file: impl Read, limit: u64) -> Result<Imported, ImportError> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ImportError::TooLarge { limit });
    }
    if let Some(error) = unsupported(&bytes) {
        return Err(error);
    }
    let mut rows = Rows::new(descriptor);
    match descriptor.shape() {
        FileShape::Lines => lines::read(&bytes, &mut rows)?,
        shape @ FileShape::Csv { .. } => table::read(&bytes, shape, &mut rows)?,
        shape @ FileShape::Json { .. } => json::read(&bytes, shape, &mut rows)?,
    }
    rows.finish()
}

/// What is said of a file that begins like this, where that shows that no shape of ours can be in it.
pub fn unsupported(beginning: &[u8]) -> Option<ImportError> {
    let (_, format, remedy) = UNSUPPORTED.iter().find(|(first, ..)| beginning.starts_with(first))?;
    Some(ImportError::Unsupported { format, remedy })
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(number) => write!(formatter, "line {number}"),
            Place::Element(number) => write!(formatter, "element {number}"),
        }
    }
}
