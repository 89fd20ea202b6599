//! Every request that leaves this machine is made by one client, and can be forbidden.

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
