#![no_main]
//! See `targets::descriptor`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_fuzz::targets::descriptor(data));
