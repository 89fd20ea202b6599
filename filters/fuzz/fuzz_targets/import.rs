#![no_main]
//! See `import::import`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_fuzz::import::import(data));
