//! Files of hash values that others made: the output filter of Apertus, whose format is not published.
//!
//! A [`Descriptor`] says how such a file was made and how it is read, so that a new file needs a
//! descriptor and no code. The crate `lethe-import` reads the file into [`ForeignDigest`]s,
//! [`ListFile::build_foreign`](crate::ListFile::build_foreign) makes a list file of them, and that is
//! opened and matched like any other.
//!
//! A text is found if one of the descriptor's forms of it has one of the digests. Whether a form is
//! the one the makers used is for the descriptor to know: nothing here guesses, and a wrong
//! descriptor finds nothing. Text shows a few words late, since a digest does not tell what an entry
//! begins with; each word costs a hash for each window and form, about 0.1 µs each with SHA-256.
//!
//! Not found, unlike with a list of our own: other orders of a name than `Last, First`, umlauts written
//! as two letters, other people's middle names, names spelled letter by letter, or with a link's
//! target between.

pub(crate) mod descriptor;
mod digests;
mod email;
mod fields;
pub(crate) mod forms;
pub(crate) mod hash;
pub(crate) mod index;
pub(crate) mod matcher;
mod numbers;
mod shape;
mod words;

use std::fmt;

pub use descriptor::{DESCRIPTOR_FORMAT, Descriptor, DescriptorError};
pub use forms::Form;
pub use hash::Algorithm;
pub use shape::{Column, Encoding, FileShape};

use crate::Kind;

/// One digest of a foreign file.
#[derive(Clone, PartialEq, Eq)]
pub struct ForeignDigest {
    /// As many bytes of it as the descriptor says: [`Descriptor::digest_bytes`].
    pub digest: Box<[u8]>,
    /// What sort of data it stands for.
    pub kind: Kind,
    /// What names it in redactions; if there is none, the first 12 hexadecimal digits do.
    pub id: Option<Box<str>>,
}

impl fmt::Debug for ForeignDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ForeignDigest { digest, kind, id } = self;
        let mut debug = formatter.debug_struct("ForeignDigest");
        debug.field("bytes", &digest.len()).field("kind", kind).field("id", id).finish()
    }
}
