#![no_main]
//! See `targets::tokenizer_json`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_models_fuzz::targets::tokenizer_json(data));
