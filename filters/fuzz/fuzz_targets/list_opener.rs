#![no_main]
//! See `targets::list_opener`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_fuzz::targets::list_opener(data));
