//! What is collected of a file, whatever its shape.

use lethe_filters::foreign::{Descriptor, ForeignDigest};
use lethe_filters::{Kind, is_usable_id};

use crate::decode::decode;
use crate::{ImportError, Imported, MOST_DIGESTS, Place, RowProblem};

/// The digests of a file that is being read.
pub(crate) struct Rows<'a> {
    descriptor: &'a Descriptor,
    digests: Vec<ForeignDigest>,
    /// How many names of kinds the descriptor does not know.
    unknown_kinds: usize,
}

/// One row, as it is written.
#[derive(Default)]
pub(crate) struct Row<'a> {
    pub digest: &'a [u8],
    pub kind: Option<&'a [u8]>,
    pub id: Option<&'a [u8]>,
}

impl<'a> Rows<'a> {
    pub fn new(descriptor: &'a Descriptor) -> Rows<'a> {
        Rows { descriptor, digests: Vec::new(), unknown_kinds: 0 }
    }

    /// Adds a row.
    pub fn add(&mut self, place: Place, row: &Row<'_>) -> Result<(), ImportError> {
        if self.digests.len() >= MOST_DIGESTS {
            return Err(ImportError::TooMany);
        }
        let digest = self.read(row).map_err(|problem| ImportError::Row { place, problem })?;
        self.digests.push(digest);
        Ok(())
    }

    fn read(&mut self, row: &Row<'_>) -> Result<ForeignDigest, RowProblem> {
        let digest = decode(row.digest, self.descriptor)?;
        let kind = text(row.kind, "kind")?;
        let known = kind.map(|name| self.descriptor.kind(name));
        self.unknown_kinds += usize::from(known == Some(None));
        let kind: Kind = known.flatten().unwrap_or_else(|| self.descriptor.default_kind().clone());
        let id = text(row.id, "id")?;
        if id.is_some_and(|id| !is_usable_id(id)) {
            return Err(RowProblem::Id);
        }
        Ok(ForeignDigest { digest, kind, id: id.map(Into::into) })
    }

    /// What was read. Of digests that are the same the first stays.
    pub fn finish(self) -> Result<Imported, ImportError> {
        let Rows { mut digests, unknown_kinds, .. } = self;
        let count = digests.len();
        digests.sort_by(|a, b| a.digest.cmp(&b.digest));
        digests.dedup_by(|later, kept| later.digest == kept.digest);
        if digests.is_empty() {
            return Err(ImportError::Empty);
        }
        Ok(Imported { duplicates: count - digests.len(), digests, unknown_kinds })
    }
}

/// A text without white space around it; `None` if nothing is left.
fn text<'t>(bytes: Option<&'t [u8]>, what: &'static str) -> Result<Option<&'t str>, RowProblem> {
    let text = std::str::from_utf8(bytes.unwrap_or_default()).map_err(|_| RowProblem::NoText { what })?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty()))
}
