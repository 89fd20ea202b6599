//! Every request that leaves this machine is made by one client, and can be forbidden.
//!
//! What happens by itself does not happen on a connection that is paid for by volume, where the system says that it is
//! one: Linux with NetworkManager does. On other systems every connection counts as unmetered.

use lethe_network::{Client, PlainHttp, Switch, Timeouts, Url, host};
use serde::Serialize;
use tokio::sync::watch;
use ts_rs::TS;

use crate::base::ledger::Ledger;

/// Whether requests are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    #[default]
    On,
    /// None is made; what comes from files still works.
    Off,
}

impl Network {
    /// Off where `LETHE_OFFLINE` is set to anything but `0`.
    pub fn from_environment() -> Self {
        match std::env::var_os("LETHE_OFFLINE") {
            Some(value) if !value.is_empty() && value != "0" => Self::Off,
            _ => Self::On,
        }
    }
}

/// Whether requests are made, as the window shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct NetworkState {
    /// None is made.
    pub offline: bool,
    /// By the command line or the environment: the settings can't change it.
    pub forced: bool,
}

/// What makes all requests of an open data folder, and the switch that forbids them.
pub struct Requests {
    client: Client,
    forced: bool,
    state: watch::Sender<NetworkState>,
}

impl Requests {
    /// `network` is for the whole run; `offline` is the user's setting. Without certificates that the system trusts
    /// no request can be made.
    pub(crate) fn new(network: Network, offline: bool, ledger: Ledger) -> Self {
        let forced = network == Network::Off;
        let switch = if forced || offline { Switch::off() } else { Switch::on() };
        let client = match Client::new(Timeouts::default(), switch, ledger) {
            Ok(client) => client,
            Err(error) => {
                tracing::warn!(%error, "no requests can be made");
                Client::offline()
            }
        };
        let state = watch::Sender::new(NetworkState { offline: forced || offline, forced });
        Self { client, forced, state }
    }

    /// What makes the requests.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether requests are made now.
    pub fn state(&self) -> NetworkState {
        *self.state.borrow()
    }

    /// Follows whether requests are made.
    pub fn watch(&self) -> watch::Receiver<NetworkState> {
        self.state.subscribe()
    }

    /// Allows requests or forbids them, also those under way. Where the command line forbids them it stays so.
    pub(crate) fn set(&self, offline: bool) {
        match offline || self.forced {
            true => self.client.switch().forbid(),
            false => self.client.switch().allow(),
        }
        self.state.send_replace(NetworkState { offline: offline || self.forced, forced: self.forced });
    }
}

/// The host of an http or https address, if it is another machine than this one as far as the address tells.
pub fn elsewhere(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    (is_web && !PlainHttp::Loopback.allows(&url)).then(|| host(&url))
}

/// Whether the connection is paid for by volume, as far as the system tells.
pub(crate) async fn is_metered() -> bool {
    if !cfg!(target_os = "linux") {
        return false;
    }
    const MANAGER: &str = "org.freedesktop.NetworkManager";
    let mut command = tokio::process::Command::new("busctl");
    // Nothing of what is secret in this program's environment is of use to it.
    command
        .env_clear()
        .envs(["PATH", "DBUS_SYSTEM_BUS_ADDRESS"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.args([
        "--system",
        "--timeout=2",
        "get-property",
        MANAGER,
        "/org/freedesktop/NetworkManager",
        MANAGER,
        "Metered",
    ]);
    let answer = command.kill_on_drop(true).stdin(std::process::Stdio::null()).output().await;
    answer.is_ok_and(|answer| says_metered(&answer.stdout))
}

/// Reads `NMMetered`: 1 is yes, 3 is a guess that it is.
/// <https://networkmanager.dev/docs/api/latest/nm-dbus-types.html#NMMetered>
fn says_metered(answer: &[u8]) -> bool {
    matches!(answer.trim_ascii(), b"u 1" | b"u 3")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_other_machines() {
        for (url, expected) in [
            ("https://lists.example/feed", Some("lists.example")),
            (" http://10.0.0.7:8080/", Some("10.0.0.7:8080")),
            ("https://user@127.0.0.1.example/", Some("127.0.0.1.example")),
            ("http://127.0.0.1:9/", None),
            ("http://localhost:9/", None),
            ("http://[::1]/", None),
            ("/srv/lists", None),
            ("file:///srv/lists", None),
        ] {
            assert_eq!(elsewhere(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn table_of_answers_of_the_system() {
        for (answer, expected) in [("u 1\n", true), ("u 3\n", true), ("u 0\n", false), ("u 4\n", false), ("", false)] {
            assert_eq!(says_metered(answer.as_bytes()), expected, "{answer:?}");
        }
    }
}
