//! Runs a fuzz target over its seeds and over mutations of them, without libFuzzer: one half the same ones on
//! every run, the other half by `LETHE_SEED`. For more there is `cargo fuzz`.

use std::fs;
use std::path::Path;

use lethe_seed::Random;

/// No input grows beyond this, in bytes.
const LONGEST: usize = 16 * 1024;

/// Numbers that are at the edge of something.
const EDGES: [u64; 12] = [0, 1, 2, 31, 32, 256, 1 << 16, 1 << 22, (1 << 32) - 1, 1 << 61, i64::MAX as u64, u64::MAX];

/// Runs `target` over the seeds in `folder`, and over so many mutations of them.
///
/// # Panics
/// If the target does; the input is on the standard error stream then. If there are no seeds.
pub fn run(target: fn(&[u8]), folder: &Path, mutations: usize) {
    let entries = fs::read_dir(folder).expect("there is a folder of seeds");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).expect("seeds can be read")).collect();
    assert!(!seeds.is_empty(), "there are no seeds in {}", folder.display());
    for seed in &seeds {
        try_input(target, seed);
    }
    let mut random = Random::new(0x5eed);
    for number in 0..mutations {
        if number == mutations / 2 {
            random = Random::new(lethe_seed::of_this_run());
        }
        let mut input = seeds[number % seeds.len()].clone();
        for _ in 0..1 + random.below(4) {
            mutate(&mut input, &seeds, &mut random);
            input.truncate(LONGEST);
        }
        try_input(target, &input);
    }
}

fn try_input(target: fn(&[u8]), input: &[u8]) {
    struct Shown<'a>(&'a [u8]);
    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("the target fails over b\"{}\"", self.0.escape_ascii());
            }
        }
    }
    let shown = Shown(input);
    target(shown.0);
}

/// One change of one sort: of a bit, a byte or a whole number; what is cut, repeated, or comes from another seed.
fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    if input.is_empty() {
        input.push(random.below(256) as u8);
        return;
    }
    let at = random.below(input.len());
    let end = (at + 1 + random.below(24)).min(input.len());
    match random.below(7) {
        0 => input[at] ^= 1 << random.below(8),
        1 => input[at] = [0, 1, 8, 9, 127, 255, b'"', b'\n'][random.below(8)],
        2 | 3 => {
            let number = EDGES[random.below(EDGES.len())].to_le_bytes();
            let width = [1, 2, 4, 8][random.below(4)].min(input.len() - at);
            input[at..at + width].copy_from_slice(&number[..width]);
        }
        4 => drop(input.drain(at..end)),
        5 => {
            let copy = input[at..end].repeat(1 << random.below(6));
            drop(input.splice(at..at, copy));
        }
        _ => {
            let seed = &seeds[random.below(seeds.len())];
            let from = random.below(seed.len() + 1);
            let until = (from + random.below(64)).min(seed.len());
            drop(input.splice(at..end, seed[from..until].iter().copied()));
        }
    }
}
