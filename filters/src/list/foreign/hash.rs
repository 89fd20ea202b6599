//! The hash functions that a foreign file may have been made with.
//!
//! Whatever stands before every hashed text (a salt, the key of an HMAC) is read once; a text then
//! costs one copy of that state and its own bytes. Nothing here is secret: whoever has the file has
//! the salt and the key as well.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// The most bytes that a digest has.
pub(crate) const LONGEST_DIGEST: usize = 64;

/// A hash function, with or without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// SHA-1.
    Sha1,
    /// MD5.
    Md5,
    /// SHA-512.
    Sha512,
    /// BLAKE3, 32 bytes.
    Blake3,
    /// HMAC of SHA-256.
    HmacSha256,
    /// HMAC of SHA-1.
    HmacSha1,
    /// HMAC of MD5.
    HmacMd5,
    /// HMAC of SHA-512.
    HmacSha512,
}

impl Algorithm {
    /// Every algorithm, in the order of the declaration.
    pub const ALL: [Algorithm; 9] = [
        Algorithm::Sha256,
        Algorithm::Sha1,
        Algorithm::Md5,
        Algorithm::Sha512,
        Algorithm::Blake3,
        Algorithm::HmacSha256,
        Algorithm::HmacSha1,
        Algorithm::HmacMd5,
        Algorithm::HmacSha512,
    ];

    /// Its name in a descriptor: `sha256`, `hmac-sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha1 => "sha1",
            Algorithm::Md5 => "md5",
            Algorithm::Sha512 => "sha512",
            Algorithm::Blake3 => "blake3",
            Algorithm::HmacSha256 => "hmac-sha256",
            Algorithm::HmacSha1 => "hmac-sha1",
            Algorithm::HmacMd5 => "hmac-md5",
            Algorithm::HmacSha512 => "hmac-sha512",
        }
    }

    /// How many bytes its digests have.
    pub fn digest_bytes(self) -> usize {
        match self {
            Algorithm::Sha256 | Algorithm::Blake3 | Algorithm::HmacSha256 => 32,
            Algorithm::Sha1 | Algorithm::HmacSha1 => 20,
            Algorithm::Md5 | Algorithm::HmacMd5 => 16,
            Algorithm::Sha512 | Algorithm::HmacSha512 => 64,
        }
    }

    /// Whether it needs a key.
    pub fn has_key(self) -> bool {
        matches!(self, Algorithm::HmacSha256 | Algorithm::HmacSha1 | Algorithm::HmacMd5 | Algorithm::HmacSha512)
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
    Sha1(Sha1),
    Md5(Md5),
    Sha512(Sha512),
    /// Its state is large to copy and its input is read in one go instead.
    Blake3(Box<[u8]>),
    HmacSha256(Hmac<Sha256>),
    HmacSha1(Hmac<Sha1>),
    HmacMd5(Hmac<Md5>),
    HmacSha512(Hmac<Sha512>),
}

impl Hasher {
    pub fn new(algorithm: Algorithm, key: &[u8], prefix: &[u8], suffix: &[u8]) -> Hasher {
        macro_rules! keyed {
            ($mac:ty) => {
                <$mac>::new_from_slice(key).expect("an HMAC takes keys of any length").chain_update(prefix)
            };
        }
        let beginning = match algorithm {
            Algorithm::Sha256 => Beginning::Sha256(Sha256::new_with_prefix(prefix)),
            Algorithm::Sha1 => Beginning::Sha1(Sha1::new_with_prefix(prefix)),
            Algorithm::Md5 => Beginning::Md5(Md5::new_with_prefix(prefix)),
            Algorithm::Sha512 => Beginning::Sha512(Sha512::new_with_prefix(prefix)),
            Algorithm::Blake3 => Beginning::Blake3(prefix.into()),
            Algorithm::HmacSha256 => Beginning::HmacSha256(keyed!(Hmac<Sha256>)),
            Algorithm::HmacSha1 => Beginning::HmacSha1(keyed!(Hmac<Sha1>)),
            Algorithm::HmacMd5 => Beginning::HmacMd5(keyed!(Hmac<Md5>)),
            Algorithm::HmacSha512 => Beginning::HmacSha512(keyed!(Hmac<Sha512>)),
        };
        Hasher { beginning, suffix: suffix.into() }
    }

    /// The digest of the parts one behind the other, in the first bytes of `out`.
    pub fn hash(&self, parts: &[&str], out: &mut [u8; LONGEST_DIGEST]) {
        macro_rules! read {
            ($state:expr, $digest:expr) => {{
                let mut state = $state.clone();
                parts.iter().for_each(|part| state.update(part.as_bytes()));
                state.update(&self.suffix);
                let digest = $digest(state);
                out[..digest.len()].copy_from_slice(&digest);
            }};
        }
        match &self.beginning {
            Beginning::Sha256(state) => read!(state, Sha256::finalize),
            Beginning::Sha1(state) => read!(state, Sha1::finalize),
            Beginning::Md5(state) => read!(state, Md5::finalize),
            Beginning::Sha512(state) => read!(state, Sha512::finalize),
            Beginning::Blake3(prefix) => {
                let mut input = [0; 256];
                let pieces = || [&**prefix].into_iter().chain(parts.iter().map(|part| part.as_bytes()));
                let pieces = || pieces().chain([&*self.suffix]);
                let length: usize = pieces().map(<[u8]>::len).sum();
                let digest = if length <= input.len() {
                    let mut at = 0;
                    for piece in pieces() {
                        input[at..at + piece.len()].copy_from_slice(piece);
                        at += piece.len();
                    }
                    blake3::hash(&input[..length])
                } else {
                    let mut state = blake3::Hasher::new();
                    pieces().for_each(|piece| {
                        state.update(piece);
                    });
                    state.finalize()
                };
                out[..32].copy_from_slice(digest.as_bytes());
            }
            Beginning::HmacSha256(state) => read!(state, |state: Hmac<Sha256>| state.finalize().into_bytes()),
            Beginning::HmacSha1(state) => read!(state, |state: Hmac<Sha1>| state.finalize().into_bytes()),
            Beginning::HmacMd5(state) => read!(state, |state: Hmac<Md5>| state.finalize().into_bytes()),
            Beginning::HmacSha512(state) => read!(state, |state: Hmac<Sha512>| state.finalize().into_bytes()),
        }
    }
}
