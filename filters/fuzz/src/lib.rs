//! What is fuzzed, and how. `README.md` says how to run it.
//!
//! The bodies of the targets are in [`targets`] and [`import`], the runner for a stable toolchain in
//! [`mutations`]. Tests include these files by their path, so that `npm test` runs what libFuzzer runs.

#![forbid(unsafe_code)]

pub mod import;
pub mod mutations;
pub mod targets;
