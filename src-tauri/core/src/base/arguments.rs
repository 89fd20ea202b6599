//! The options that the window and the terminal share, so that one command line means the same to both.

use std::path::PathBuf;

use clap::Args;

use crate::base::network::Network;

/// Where the data is, and whether anything is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct GlobalArguments {
    /// Where history, settings and lists are kept
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub data_dir: Option<PathBuf>,
    /// Send nothing over the network
    #[arg(long, global = true, help_heading = "Global options")]
    pub offline: bool,
}

impl GlobalArguments {
    /// Off where these or the environment say so.
    pub fn network(&self) -> Network {
        if self.offline { Network::Off } else { Network::from_environment() }
    }
}
