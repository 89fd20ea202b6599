//! The window's command line. What it does not know it refuses with exit status 2, before a window opens: an option that
//! is ignored, such as one that forbids requests, is worse than none.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use lethe_core::base::arguments::GlobalArguments;

/// Chat with a language model on this machine; personal data that people had deleted is taken out of every answer.
#[derive(Debug, PartialEq, Eq, Parser)]
#[command(name = "lethe", version, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub global: GlobalArguments,
    /// Open files in this folder by their path without a question; may be given several times
    #[arg(long, value_name = "DIR")]
    pub allow_path: Vec<PathBuf>,
    /// Models to add to the list: GGUF files, or folders with them
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

impl Arguments {
    /// Those of this process. Ends it where there is nothing to open: with help, the version, or wrong usage.
    pub fn of_this_process() -> Self {
        Self::try_parse_from(known(std::env::args_os())).unwrap_or_else(|error| error.exit())
    }
}

/// The Finder of older versions of macOS hands in a number of its own.
fn known(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    arguments.filter(|argument| !(cfg!(target_os = "macos") && argument.to_string_lossy().starts_with("-psn_")))
}
