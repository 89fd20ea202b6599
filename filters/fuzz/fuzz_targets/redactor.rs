#![no_main]
//! See `targets::redactor`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_fuzz::targets::redactor(data));
