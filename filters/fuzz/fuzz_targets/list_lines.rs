#![no_main]
//! See `targets::list_lines`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_fuzz::targets::list_lines(data));
