//! Pausing and ending a download from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// What a download is to do. Clones are one control.
#[derive(Debug, Clone)]
pub struct Control(Arc<watch::Sender<Order>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Run,
    Pause,
    Cancel,
}

impl Default for Control {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Order::Run)))
    }
}

impl Control {
    /// Ends the requests and keeps what arrived, until [`Self::resume`].
    pub fn pause(&self) {
        self.order(Order::Pause);
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.order(Order::Run);
    }

    /// Ends it and removes what arrived. Can't be taken back.
    pub fn cancel(&self) {
        self.order(Order::Cancel);
    }

    fn order(&self, order: Order) {
        self.0.send_if_modified(|current| {
            let obeyed = *current != Order::Cancel && *current != order;
            if obeyed {
                *current = order;
            }
            obeyed
        });
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow() == Order::Cancel
    }

    pub(super) fn is_paused(&self) -> bool {
        *self.0.borrow() == Order::Pause
    }

    /// Ends when the download may run.
    pub(super) async fn running(&self) {
        self.until(|order| order == Order::Run).await;
    }

    /// Ends when the download may not run.
    pub(super) async fn interrupted(&self) {
        self.until(|order| order != Order::Run).await;
    }

    /// Ends when it is cancelled.
    pub async fn cancelled(&self) {
        self.until(|order| order == Order::Cancel).await;
    }

    async fn until(&self, is: impl Fn(Order) -> bool) {
        // The sender lives as long as `self`, so the wait can't fail.
        let _ = self.0.subscribe().wait_for(|order| is(*order)).await;
    }
}
