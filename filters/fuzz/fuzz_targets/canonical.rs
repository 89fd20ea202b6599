#![no_main]
//! See `targets::canonical`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_fuzz::targets::canonical(data));
