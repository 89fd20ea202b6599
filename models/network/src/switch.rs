//! The switch that allows requests or forbids all of them.

use std::sync::Arc;

use tokio::sync::watch;

/// Whether requests are allowed. Clones are one switch.
#[derive(Debug, Clone)]
pub struct Switch(Arc<watch::Sender<bool>>);

impl Switch {
    /// A switch that allows requests.
    pub fn on() -> Self {
        Self(Arc::new(watch::Sender::new(true)))
    }

    /// A switch that forbids them.
    pub fn off() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Whether requests are allowed.
    pub fn is_on(&self) -> bool {
        *self.0.borrow()
    }

    /// Allows requests from now on.
    pub fn allow(&self) {
        self.0.send_replace(true);
    }

    /// Forbids requests from now on; those under way end.
    pub fn forbid(&self) {
        self.0.send_replace(false);
    }

    /// Ends when requests are allowed.
    pub async fn allowed(&self) {
        // The sender lives as long as `self`, so the wait can't fail.
        let _ = self.0.subscribe().wait_for(|allowed| *allowed).await;
    }

    /// Ends when requests are forbidden.
    pub async fn forbidden(&self) {
        // The sender lives as long as `self`, so the wait can't fail.
        let _ = self.0.subscribe().wait_for(|allowed| !allowed).await;
    }
}
