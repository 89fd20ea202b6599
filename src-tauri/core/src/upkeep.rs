//! What happens by itself while the product is open: lists are refreshed, cards watched, stored answers swept.
//!
//! At the start and then every quarter of an hour Lethe looks what is due; how often that is a request is for
//! `lists/refresh.rs` to say. Every installation waits a random part of its time, so that the users of one publisher do
//! not all ask at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::Lethe;
use crate::base::error::Result;
use crate::base::network::is_metered;
use crate::chat::sweep::SweepState;
use crate::models::running::EngineState;
use crate::view::AppEvent;

/// How often what is due is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// The longest wait after the start before the first request: half a minute.
    pub first: Duration,
    /// Between two looks, about: a quarter of an hour.
    pub round: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { first: Duration::from_secs(30), round: Duration::from_secs(15 * 60) }
    }
}

/// Rounds between two looks at the cards: about a day.
const CARDS: u32 = 96;

impl Lethe {
    /// Keeps lists fresh and stored answers clean, until the future is dropped. `tell` hears of every change.
    pub async fn upkeep(self: Arc<Self>, rhythm: Rhythm, tell: impl Fn(AppEvent) + Send + Sync + Clone + 'static) {
        tokio::join!(
            self.clone().tell_of_sweeps(tell.clone()),
            self.tell_of_filters(tell.clone()),
            self.tell_of_network(tell.clone()),
            self.follow_switch(),
            self.tell_of_downloads(tell.clone()),
            self.downloads().work(|| tell(AppEvent::Models)),
            self.models().keep_comparing(|| tell(AppEvent::Models)),
            self.tell_of_digests(|| tell(AppEvent::Models)),
            self.rounds(rhythm, tell.clone())
        );
    }

    async fn rounds(self: &Arc<Self>, rhythm: Rhythm, tell: impl Fn(AppEvent)) {
        let spread = spread();
        // What was interrupted, or what another program left undone.
        self.sweep_if_due().await;
        tokio::time::sleep(rhythm.first.mul_f64(spread)).await;
        for round in 0_u32.. {
            if let Err(error) = self.reread_offline().await {
                tracing::warn!(%error, "it is not known whether requests are allowed");
            }
            if let Err(error) = self.lists().reload_if_changed().await {
                tracing::warn!(%error, "it is not known what is in force");
            }
            let settings = self.settings();
            let online = self.requests().client().is_online();
            let allowed = online && (settings.refresh || settings.watch) && !is_metered().await;
            if allowed && settings.refresh {
                match self.lists().update_due(spread, round == 0).await {
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "lists are not refreshed"),
                }
            }
            if allowed && settings.watch && round % CARDS == 0 {
                match self.cards().look().await {
                    Ok(true) => tell(AppEvent::Lists),
                    Ok(false) => {}
                    Err(error) => tracing::warn!(%error, "model cards are not watched"),
                }
            }
            self.sweep_if_due().await;
            // After the sweep, so that it need not be swept again.
            if let Err(error) = self.backups().daily(crate::base::clock::now()).await {
                tracing::warn!(%error, "no daily backup");
            }
            tokio::time::sleep(rhythm.round.mul_f64(0.75 + spread / 2.0)).await;
        }
    }

    /// Sweeps in the background if what is in force has changed since the last sweep.
    pub async fn sweep_if_due(self: &Arc<Self>) {
        match self.sweeper().is_due().await {
            Ok(true) => self.sweep_in_background(false),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "it is not known whether a sweep is due"),
        }
    }

    /// Begins a sweep and does not wait for it. `asked`: also if nothing has changed since the last one. While one is
    /// under way no other is begun; it goes on until nothing is due.
    pub fn sweep_in_background(self: &Arc<Self>, asked: bool) {
        if self.sweeping().swap(true, Ordering::SeqCst) {
            return;
        }
        let lethe = self.clone();
        tokio::spawn(async move {
            let mut wanted = asked;
            let mut goes_on = true;
            while goes_on {
                while goes_on && (wanted || matches!(lethe.sweeper().is_due().await, Ok(true))) {
                    wanted = false;
                    let swept = lethe.sweeper().sweep().await;
                    if let Err(error) = &swept {
                        tracing::warn!(%error, "stored answers were not swept");
                    }
                    goes_on = swept.is_ok_and(|sweep| sweep.state == SweepState::Done);
                }
                lethe.sweeping().store(false, Ordering::SeqCst);
                // Lists that changed after the last look found this sweep still under way.
                goes_on = goes_on
                    && matches!(lethe.sweeper().is_due().await, Ok(true))
                    && !lethe.sweeping().swap(true, Ordering::SeqCst);
            }
        });
    }

    /// The switch turns off by itself when another program has forbidden requests.
    async fn follow_switch(&self) {
        let switch = self.requests().client().switch();
        loop {
            switch.forbidden().await;
            if let Err(error) = self.reread_offline().await {
                tracing::warn!(%error, "it is not known whether requests are allowed");
            }
            switch.allowed().await;
        }
    }

    /// Makes the digest of each model that is loaded, once its answers can begin, for its page and its receipts.
    async fn tell_of_digests(&self, told: impl Fn()) {
        let mut states = self.running().watch();
        let mut seen = HashSet::new();
        loop {
            let ready = match &*states.borrow_and_update() {
                EngineState::Ready { model, remote: false, .. } => Some(model.clone()),
                _ => None,
            };
            if let Some(model) = ready.filter(|model| !seen.contains(model)) {
                match self.digest(&model).await {
                    Ok(()) => told(),
                    Err(error) => tracing::warn!(%error, "the digest of a model is not made"),
                }
                seen.insert(model);
            }
            if states.changed().await.is_err() {
                return;
            }
        }
    }

    /// Also for receipts of earlier runs, which ended before it was made.
    async fn digest(&self, model: &str) -> Result<()> {
        let file = self.models().find(model).await?;
        let sha256 = self.models().sha256(&file).await?;
        let since = self.models().unchanged_since(&file).await?;
        self.history().complete_receipts(&file.id, since, &sha256).await
    }

    async fn tell_of_network(&self, tell: impl Fn(AppEvent)) {
        let mut changes = self.requests().watch();
        while changes.changed().await.is_ok() {
            let network = *changes.borrow_and_update();
            tell(AppEvent::Network { network });
        }
    }

    async fn tell_of_downloads(&self, tell: impl Fn(AppEvent)) {
        let mut changes = self.downloads().watch();
        while changes.changed().await.is_ok() {
            let downloads = changes.borrow_and_update().clone();
            tell(AppEvent::Downloads { downloads });
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    async fn tell_of_filters(&self, tell: impl Fn(AppEvent)) {
        let mut changes = self.filters().watch();
        while changes.changed().await.is_ok() {
            tell(AppEvent::Filter { filter: self.filters().status() });
            tell(AppEvent::Lists);
        }
    }

    async fn tell_of_sweeps(self: Arc<Self>, tell: impl Fn(AppEvent)) {
        let mut progress = self.sweeper().watch();
        while progress.changed().await.is_ok() {
            let sweep = progress.borrow_and_update().clone();
            let changed = sweep.at.is_some() && sweep.changed > 0;
            tell(AppEvent::Sweep { sweep });
            if changed {
                tell(AppEvent::Conversations);
            }
            // A few times a second is enough for a bar to move.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Changes what is in force, by whatever `change` does, and then sweeps.
    ///
    /// # Errors
    /// Those of the change.
    pub async fn changing<T>(self: &Arc<Self>, change: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = change.await;
        self.sweep_if_due().await;
        outcome
    }
}

/// A number from 0 to 1 that is another one in each run.
fn spread() -> f64 {
    let mut bytes = [0; 4];
    // Without random numbers everybody waits the same time, which is no reason not to refresh.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
