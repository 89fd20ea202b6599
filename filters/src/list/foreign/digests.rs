//! Digests in order, to be looked up.
//!
//! Most windows of a text are in no list, so a table of bits is asked first, in which about one bit
//! in sixteen is set; it is small enough to stay near the processor. What passes it is searched for
//! among the few digests that begin with the same bits.

use std::cmp::Ordering;

/// Digests in one bucket, on average.
const BUCKET: usize = 8;

/// Where to look for a digest among those of a file.
pub(crate) struct Digests {
    width: usize,
    sieve: Vec<u64>,
    sieve_bits: u32,
    /// For each number that a digest may begin with, the first one that does.
    firsts: Vec<u32>,
    bits: u32,
}

impl Digests {
    /// Of digests of `width` bytes, eight at least; `None` if they are not in order, each once.
    pub fn of(bytes: &[u8], width: usize) -> Option<Digests> {
        let count = bytes.len() / width;
        if count == 0 || width < 8 || !bytes.len().is_multiple_of(width) || u32::try_from(count).is_err() {
            return None;
        }
        let bits_of = |places: usize| usize::BITS - places.leading_zeros();
        let (bits, sieve_bits) = (bits_of(count / BUCKET).clamp(1, 24), (bits_of(count) + 3).clamp(6, 28));
        let sieve = vec![0; 1 << (sieve_bits - 6)];
        let firsts = Vec::with_capacity((1 << bits) + 1);
        let mut digests = Digests { width, sieve, sieve_bits, firsts, bits };
        let mut last: &[u8] = &[];
        for (digest, place) in bytes.chunks_exact(width).zip(0_u32..) {
            if digest <= last {
                return None;
            }
            last = digest;
            let head = head(digest);
            let bit = head >> (64 - sieve_bits);
            digests.sieve[bit as usize / 64] |= 1 << (bit % 64);
            while digests.firsts.len() as u64 <= head >> (64 - bits) {
                digests.firsts.push(place);
            }
        }
        digests.firsts.resize((1 << bits) + 1, count as u32);
        Some(digests)
    }

    /// The place of a digest among `bytes`, the ones that this was made of.
    pub fn find(&self, bytes: &[u8], digest: &[u8]) -> Option<u32> {
        let head = head(digest);
        let bit = head >> (64 - self.sieve_bits);
        if self.sieve[bit as usize / 64] >> (bit % 64) & 1 == 0 {
            return None;
        }
        let bucket = (head >> (64 - self.bits)) as usize;
        let (mut first, mut end) = (self.firsts[bucket], self.firsts[bucket + 1]);
        while first < end {
            let middle = first + (end - first) / 2;
            match digest.cmp(&bytes[middle as usize * self.width..][..self.width]) {
                Ordering::Less => end = middle,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => first = middle + 1,
            }
        }
        None
    }
}

/// The first eight bytes as a number in the order of the digests.
fn head(digest: &[u8]) -> u64 {
    u64::from_be_bytes(digest[..8].try_into().expect("a digest has eight bytes at least"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digest_is_found_and_no_other() {
        for count in [1, 2, 7, 100, 5000] {
            let mut all: Vec<[u8; 32]> = (0..count).map(|n: u32| *blake3::hash(&n.to_le_bytes()).as_bytes()).collect();
            all.sort_unstable();
            let bytes = all.concat();
            let digests = Digests::of(&bytes, 32).expect("they are in order");
            for (digest, place) in all.iter().zip(0..) {
                assert_eq!(digests.find(&bytes, digest), Some(place));
                let mut other = *digest;
                other[31] ^= 1;
                assert_eq!(digests.find(&bytes, &other), None);
            }
        }
    }

    #[test]
    fn what_is_not_in_order_is_refused() {
        assert!(Digests::of(&[[2; 8], [1; 8]].concat(), 8).is_none());
        assert!(Digests::of(&[[1; 8], [1; 8]].concat(), 8).is_none());
        assert!(Digests::of(&[1; 15], 8).is_none());
        assert!(Digests::of(&[], 8).is_none());
    }
}
