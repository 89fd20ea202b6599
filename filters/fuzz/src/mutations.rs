//! Runs a fuzz target over its seeds and over mutations of them, without libFuzzer: one half the same ones on every
//! run, the other half by `LETHE_SEED`. For more there is `cargo fuzz`.

use std::fs;
use std::ops::Range;
use std::path::Path;

use lethe_seed::Random;

/// No input grows beyond this, in bytes.
const LONGEST: usize = 16 * 1024;

/// Pieces of text and bytes that mean something somewhere in the filter, its lists or their import.
pub const TOKENS: [&[u8]; 111] = tokens([
    "Anna",
    "Keller",
    "Jürg",
    "Müller",
    "Ju\u{308}rg",
    "Mueller",
    "O’Brien",
    "Uma von der",
    "Heydt-Meier",
    "A. ",
    "Bo Lind",
    "Chur",
    "王小梅",
    "김나래",
    "ليلى حداد",
    "a b a",
    "b a c",
    "removed",
    "[removed: person]",
    "[removed: ",
    "](",
    "[",
    "]",
    "(",
    ")",
    "https://x.ch/",
    "@",
    "anna@example.org",
    ".org",
    ".",
    ",",
    ", ",
    ";",
    ":",
    "::",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\u{a0}",
    "-",
    "-\n",
    "–",
    "_",
    "*",
    "**",
    "`",
    "~~",
    "\\",
    "'",
    "’",
    "\"",
    "\u{200b}",
    "\u{ad}",
    "\u{301}",
    "\u{fe0f}",
    "\u{feff}",
    "\u{fffc}",
    "<email-pii>",
    "<",
    "192.0.2.17",
    "1.2.3.4",
    "version ",
    "2001:db8::1",
    "fe80::1%eth0",
    "CH93 0076 2011 6238 5295 7",
    "+41",
    "044 668 18 00",
    "(0)",
    "18 00 668",
    "4111 1111 1111 1111",
    "756.9234.7654.35",
    " [at] ",
    " dot ",
    "ﬁ",
    "ﷺ",
    "…",
    "½",
    "{\"id\": \"r\", \"kind\": \"person\", \"text\": \"",
    "\"}\n",
    "\"context\": ",
    "null",
    "#",
    " = ",
    "\"lower\"",
    "hex = ",
    "\0",
    "\u{1}",
    "\u{7f}",
    "\0\0\0\0",
    "PAR1",
    "LETHLIST",
    "e6e1049c11617f7eb58aad792d89fa14",
    "5uEEnBFhf361iq15LYn6FA==",
    "9",
    "一",
    "%20",
    "%C3%BC",
    "%25",
    "\\u00fc",
    "\\ud83d",
    "\\xc3\\xbc",
    "\\n",
    "{\\\"u}",
    "\\\"u",
    "\\v{c}",
    "\\ss ",
    "=C3=BC",
    "=\n",
    "?q=",
    "+",
]);

/// Runs `target` over the seeds in `folder`, and over so many mutations of them.
///
/// # Panics
/// If the target does; the input is on the standard error stream then. If there are no seeds.
pub fn run(target: fn(&[u8]), folder: &Path, mutations: usize) {
    let seeds = seeds(folder);
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
        for _ in 0..1 + random.below(5) {
            mutate(&mut input, &seeds, &mut random);
            input.truncate(LONGEST);
        }
        try_input(target, &input);
    }
}

/// The contents of the files in a folder, in the order of their names.
fn seeds(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("there is a folder of seeds");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("seeds can be read")).collect()
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

/// One change of one sort.
fn mutate(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let part = range(random, input.len());
    match random.below(9) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = [0, 1, 127, 128, 255, b'0', b'"', b'\n'][random.below(8)],
        2 => drop(input.drain(part)),
        3 => input.truncate(at),
        4 => {
            let seed = &seeds[random.below(seeds.len())];
            let other = range(random, seed.len());
            drop(input.splice(part, seed[other].iter().copied()));
        }
        5 => {
            let copy = input[part].to_vec();
            drop(input.splice(at..at, copy));
        }
        6 => {
            let end = part.end.min(part.start + 1 + random.below(24));
            let times = 1 << random.below(10);
            let copies = input[part.start..end].repeat(times);
            drop(input.splice(at..at, copies));
        }
        _ => {
            let token = TOKENS[random.below(TOKENS.len())];
            drop(input.splice(at..at, token.iter().copied()));
        }
    }
}

/// A range within what is so long, mostly a short one.
fn range(random: &mut Random, length: usize) -> Range<usize> {
    let start = random.below(length + 1);
    let longest = if random.one_in(4) { length } else { 16 };
    start..(start + random.below(longest + 1)).min(length)
}

const fn tokens<const N: usize>(texts: [&'static str; N]) -> [&'static [u8]; N] {
    let mut tokens: [&[u8]; N] = [&[]; N];
    let mut place = 0;
    while place < N {
        tokens[place] = texts[place].as_bytes();
        place += 1;
    }
    tokens
}
