//! Whether a model fits this machine, as the window shows it.

use lethe_models::fit::Fits;
use serde::Serialize;
use ts_rs::TS;

/// Whether a model fits this machine's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "Fits")]
pub enum FitsView {
    /// Into what is free.
    Well,
    /// It would need what other programs use now.
    Tight,
    /// It does not.
    No,
}

impl From<Fits> for FitsView {
    fn from(fits: Fits) -> Self {
        match fits {
            Fits::Well => Self::Well,
            Fits::Tight => Self::Tight,
            Fits::No => Self::No,
        }
    }
}
