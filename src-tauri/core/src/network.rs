//! Every request that leaves this machine is made by one client, and can be forbidden.
//!
//! What happens by itself does not happen on a connection that is paid for by volume, where the system says that it is
//! one: Linux with NetworkManager does. On other systems every connection counts as unmetered.

use std::sync::Arc;

use lethe_feeds::{Fetch, Timeouts};

/// Whether requests are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// They are.
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

    /// What makes the requests. Without certificates that the system trusts none can be made.
    pub(crate) fn client(self) -> Arc<Fetch> {
        let online = || {
            Fetch::new(Timeouts::default(), |exchange| {
                let lethe_feeds::Exchange { purpose, host, bytes_received, status, .. } = exchange;
                tracing::info!(?purpose, host, bytes_received, status, "request");
            })
        };
        let client = match self {
            Self::Off => Fetch::offline(),
            Self::On => online().unwrap_or_else(|error| {
                tracing::warn!(%error, "no requests can be made");
                Fetch::offline()
            }),
        };
        Arc::new(client)
    }
}

/// Whether the connection is paid for by volume, as far as the system tells.
pub(crate) async fn is_metered() -> bool {
    if !cfg!(target_os = "linux") {
        return false;
    }
    const MANAGER: &str = "org.freedesktop.NetworkManager";
    let mut command = tokio::process::Command::new("busctl");
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
    fn table_of_answers_of_the_system() {
        for (answer, expected) in [("u 1\n", true), ("u 3\n", true), ("u 0\n", false), ("u 4\n", false), ("", false)] {
            assert_eq!(says_metered(answer.as_bytes()), expected, "{answer:?}");
        }
    }
}
