#![no_main]
//! See `targets::vocabulary`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_models_fuzz::targets::vocabulary(data));
