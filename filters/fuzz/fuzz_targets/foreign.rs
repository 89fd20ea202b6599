#![no_main]
//! See `targets::foreign`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_fuzz::targets::foreign(data));
