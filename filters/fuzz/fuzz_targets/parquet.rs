#![no_main]
//! See `import::parquet`.

libfuzzer_sys::fuzz_target!(
    // libFuzzer's own hook ends the process over every panic, also those that lethe-import catches.
    // Without it what is not caught still does.
    init: std::panic::set_hook(Box::new(|_| ())),
    |data: &[u8]| lethe_fuzz::import::parquet(data)
);
