#![no_main]
//! See `targets::gguf_header`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| lethe_models_fuzz::targets::gguf_header(data));
