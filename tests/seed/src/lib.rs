//! Where the tests that try many things take their randomness from.
//!
//! Each run tries something else, and says how to try the same again: `LETHE_SEED`, a number, is the seed of all of
//! them. Without it the seed comes from the system. There is nothing in here for the product.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// The variable that names the seed.
pub const VARIABLE: &str = "LETHE_SEED";

static RUN: LazyLock<u64> = LazyLock::new(|| {
    let seed = match std::env::var(VARIABLE) {
        Ok(text) => match text.parse() {
            Ok(seed) => seed,
            Err(_) => panic!("{VARIABLE} is a whole number from 0 to {}, and not {text:?}", u64::MAX),
        },
        // Short enough to be copied by hand.
        Err(_) => RandomState::new().build_hasher().finish() >> 32,
    };
    eprintln!("{VARIABLE}={seed} tries the same again");
    seed
});

/// The seed of this run, which is said on the standard error stream.
///
/// # Panics
/// Where `LETHE_SEED` is set and no number.
pub fn of_this_run() -> u64 {
    *RUN
}

/// Whether somebody named the seed.
pub fn is_named() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % (end.max(1) as u64)).expect("it is below a usize")
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            (0..100).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert_eq!(of_this_run(), of_this_run());
    }
}
