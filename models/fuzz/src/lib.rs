//! What is fuzzed of the crate lethe-models, and how. `README.md` says how to run it.
//!
//! The bodies of the targets are in [`targets`], small model files in [`files`], the runner for a stable toolchain in
//! [`mutations`]. Tests include these files by their path, so that `npm test` runs what libFuzzer runs.

#![forbid(unsafe_code)]

pub mod files;
pub mod mutations;
pub mod targets;
