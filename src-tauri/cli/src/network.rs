//! `network`: every request that was made, and the switch that forbids them.

use clap::Subcommand;
use lethe_core::{Lethe, Result};

use crate::output::{date, print, print_json, size};

/// What goes over the network
#[derive(Subcommand)]
pub enum Network {
    /// List the newest requests
    Ledger,
    /// Allow no request from now on, also in the window
    Off,
    /// Allow requests again
    On,
}

/// Runs `network`.
///
/// # Errors
/// `Store`.
pub async fn run(lethe: &Lethe, network: &Network, json: bool) -> Result<()> {
    let offline = match network {
        Network::Ledger => {
            let page = lethe.ledger().page(None).await?;
            if json {
                return print_json(&page);
            }
            if page.entries.is_empty() {
                say!("Nothing was sent yet.");
            }
            for entry in page.entries {
                let status = entry.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                print(&format!(
                    "{}\t{}{}\t{}\t{status}\tsent {}\treceived {}\n",
                    date(entry.at),
                    entry.host,
                    entry.proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}")),
                    entry.purpose,
                    size(entry.sent_bytes.unsigned_abs()),
                    size(entry.received_bytes.unsigned_abs()),
                ))?;
            }
            return Ok(());
        }
        Network::Off => true,
        Network::On => false,
    };
    let state = lethe.set_offline(offline).await?;
    match (json, state.offline) {
        (true, _) => print_json(&state),
        (false, true) => print("Nothing is sent over the network.\n"),
        (false, false) => print("Requests are allowed.\n"),
    }
}
