#![no_main]
//! See `targets::inspect`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_models_fuzz::targets::inspect(data));
