//! The hash functions that a foreign file may have been made with: SHA-256, with a key or without.
//!
//! Whatever stands before every hashed text (a salt, the key of an HMAC) is read once; a text then
//! costs one copy of that state and its own bytes. Nothing here is secret: whoever has the file has
//! the salt and the key as well.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// How many bytes a digest has.
pub(crate) const DIGEST_BYTES: usize = 32;

/// A hash function, with or without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// HMAC of SHA-256.
    HmacSha256,
}

impl Algorithm {
    /// Every algorithm, in the order of the declaration.
    pub const ALL: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::HmacSha256];

    /// Its name in a descriptor: `sha256`, `hmac-sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::HmacSha256 => "hmac-sha256",
        }
    }

    /// Whether it needs a key.
    pub fn has_key(self) -> bool {
        self == Algorithm::HmacSha256
    }
}

/// Hashes texts as one descriptor says.
#[derive(Clone)]
pub(crate) struct Hasher {
    beginning: Beginning,
    suffix: Box<[u8]>,
}

/// A hash function that has read what comes before the text.
#[derive(Clone)]
enum Beginning {
    Sha256(Sha256),
    HmacSha256(Hmac<Sha256>),
}

impl Hasher {
    pub fn new(algorithm: Algorithm, key: &[u8], prefix: &[u8], suffix: &[u8]) -> Hasher {
        let beginning = match algorithm {
            Algorithm::Sha256 => Beginning::Sha256(Sha256::new_with_prefix(prefix)),
            Algorithm::HmacSha256 => {
                let keyed = Hmac::new_from_slice(key).expect("an HMAC takes keys of any length");
                Beginning::HmacSha256(keyed.chain_update(prefix))
            }
        };
        Hasher { beginning, suffix: suffix.into() }
    }

    /// The digest of the parts one behind the other.
    pub fn hash(&self, parts: &[&str]) -> [u8; DIGEST_BYTES] {
        let pieces = parts.iter().map(|part| part.as_bytes()).chain([&*self.suffix]);
        match self.beginning.clone() {
            Beginning::Sha256(mut state) => {
                pieces.for_each(|piece| state.update(piece));
                state.finalize().into()
            }
            Beginning::HmacSha256(mut state) => {
                pieces.for_each(|piece| state.update(piece));
                state.finalize().into_bytes().into()
            }
        }
    }
}
