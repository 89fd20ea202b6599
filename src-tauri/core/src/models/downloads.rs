//! Models that are being downloaded: one after the other, remembered across ends and crashes of the program.
//!
//! A row of the database says what is wanted; what has arrived is beside the file itself, so that a kill loses none of
//! it. The rows hold only what a person decided or has to know: progress is not stored. Official weights become a
//! model in the same line, by the converter, and their files are removed afterwards.

mod claim;
mod locator;
mod row;
#[cfg(test)]
mod tests;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lethe_hub::download::{Control, Progress, State as Transfer, Throttle};
use lethe_hub::hub::Format;
use lethe_hub::variants::Variant;
use lethe_network::Client;
use serde::Serialize;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::base::store::Store;
use crate::models::card::Terms;
use crate::models::conversion::Converter;
use crate::models::hub::{ModelHub, choices};
use crate::models::library::Models;
use row::{DownloadRow, StoredState};

/// A download as the window shows it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DownloadView {
    pub id: String,
    pub name: String,
    /// Where it comes from.
    pub repository: String,
    pub revision: String,
    /// Bytes of all files.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes that are here.
    #[ts(type = "number")]
    pub done: u64,
    /// Bytes a second.
    #[ts(type = "number")]
    pub bytes_per_s: u64,
    /// How long it will take.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
    pub state: DownloadState,
    /// Why it waits or what failed, one sentence.
    pub text: Option<String>,
    pub error: Option<Error>,
    /// The model that it became.
    pub model: Option<String>,
    /// Whether it is converted here.
    pub converts: bool,
}

/// What a download does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DownloadState {
    /// Others come first.
    Queued,
    /// Bytes come.
    Running,
    /// For a server, for the network, or for the next try.
    Waiting,
    /// The user paused it.
    Paused,
    /// What arrived is compared with its digest.
    Checking,
    /// Official weights become a model file.
    Converting,
    /// It is a model.
    Done,
    /// It is not.
    Failed,
}

/// What downloads work with.
pub(crate) struct Parts {
    pub store: Arc<Store>,
    pub paths: Paths,
    pub client: Client,
    pub hub: ModelHub,
    pub terms: Terms,
    pub models: Models,
    pub converter: Arc<Converter>,
    /// Cancelled when the program is being closed.
    pub closing: CancellationToken,
}

/// All downloads of a data folder.
pub struct Downloads {
    parts: Parts,
    throttle: Throttle,
    views: watch::Sender<Vec<DownloadView>>,
    running: Mutex<HashMap<String, Control>>,
    wake: Notify,
}

impl Downloads {
    /// Those that are remembered. What was under way when the program ended stands in the queue again.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) async fn open(parts: Parts, limit: Option<u64>) -> Result<Self> {
        let views = DownloadRow::all(&parts.store).await?.iter().map(DownloadRow::view).collect();
        Ok(Self {
            parts,
            throttle: Throttle::new(limit),
            views: watch::Sender::new(views),
            running: Mutex::default(),
            wake: Notify::new(),
        })
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> Vec<DownloadView> {
        self.views.borrow().clone()
    }

    /// Follows all of them.
    pub fn watch(&self) -> watch::Receiver<Vec<DownloadView>> {
        self.views.subscribe()
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn get(&self, id: &str) -> Result<DownloadView> {
        let views = self.views.borrow();
        views.iter().find(|view| view.id == id).cloned().ok_or_else(|| Error::not_found("download"))
    }

    pub(crate) fn limit(&self, limit: Option<u64>) {
        self.throttle.set(limit);
    }

    /// Puts a model into the queue of downloads; one that stands there already goes on.
    ///
    /// # Errors
    /// `Terms` when those of its makers are not accepted yet, `NotFound` for a variant that the repository has not,
    /// and those of [`ModelHub::repository`].
    pub async fn start(&self, repository: &str, revision: Option<&str>, variant: &str) -> Result<DownloadView> {
        self.may_download(repository).await?;
        let (hub, found) = self.parts.hub.ask(repository, revision).await?;
        let (all, refusal) = choices(&hub, &found).await;
        let chosen = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(variant.trim()));
        let Some((short, variant)) = chosen else {
            let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
            if let Some(refusal) = refusal.filter(|_| names.is_empty()) {
                return Err(refusal.into());
            }
            return Err(Error::new(
                Code::NotFound,
                match names.is_empty() {
                    true => format!("{} holds no model that Lethe can run: choose another repository", found.repo),
                    false => format!("{} has no \"{variant}\": choose one of {}", found.repo, names.join(", ")),
                },
            ));
        };
        let row = DownloadRow::new(name(&found.repo.to_string(), short, variant), short, &found, variant);
        let same = self.all().into_iter().find(|view| view.id == row.id);
        match same {
            Some(view) if view.state != DownloadState::Done => self.resume(&view.id).await?,
            Some(_) | None => {
                row.insert(&self.parts.store).await?;
                self.views.send_modify(|views| {
                    views.retain(|view| view.id != row.id);
                    views.push(row.view());
                });
                self.wake.notify_one();
            }
        }
        self.get(&row.id)
    }

    async fn may_download(&self, repository: &str) -> Result<()> {
        let Some(card) = self.parts.terms.of_repository(repository).await? else { return Ok(()) };
        if card.accepted_at.is_some() {
            return Ok(());
        }
        Err(Error::new(Code::Terms, format!("the makers of {} have terms: read and accept them first", card.name)))
    }

    /// Ends a download and removes what arrived; one that is done leaves the list, and its model stays.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn cancel(&self, id: &str) -> Result<()> {
        let view = self.get(id)?;
        if let Some(control) = self.control(id) {
            // Whoever runs it removes files and row.
            control.cancel();
            return Ok(());
        }
        if view.state != DownloadState::Done {
            // A row that is gone was given up by another program.
            if let Some(row) = DownloadRow::get(&self.parts.store, id).await? {
                let _claim = row.claim(&self.parts.paths)?;
                row.remove_files(&self.parts.store, &self.parts.paths).await?;
            }
        }
        self.forget(id).await
    }

    async fn forget(&self, id: &str) -> Result<()> {
        DownloadRow::delete(&self.parts.store, id).await?;
        self.views.send_modify(|views| views.retain(|view| view.id != id));
        Ok(())
    }

    /// Stops it, and keeps what arrived.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn pause(&self, id: &str) -> Result<()> {
        let view = self.get(id)?;
        if matches!(view.state, DownloadState::Done | DownloadState::Failed | DownloadState::Converting) {
            return Ok(());
        }
        DownloadRow::set_state(&self.parts.store, id, StoredState::Paused).await?;
        match self.control(id) {
            Some(control) => control.pause(),
            None => self.change(id, |view| view.state = DownloadState::Paused),
        }
        Ok(())
    }

    /// Goes on with it, or tries it again when it failed.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn resume(&self, id: &str) -> Result<()> {
        let view = self.get(id)?;
        if view.state == DownloadState::Done {
            return Ok(());
        }
        DownloadRow::set_state(&self.parts.store, id, StoredState::Queued).await?;
        match self.control(id) {
            Some(control) => control.resume(),
            None => self.change(id, |view| {
                view.state = DownloadState::Queued;
                view.text = None;
                view.error = None;
            }),
        }
        self.wake.notify_one();
        Ok(())
    }

    /// A download that was paused while it ran, and that somebody may have resumed since.
    async fn rest(&self, id: &str) -> Result<()> {
        let row = DownloadRow::get(&self.parts.store, id).await?.ok_or_else(|| Error::not_found("download"))?;
        self.change(id, |view| {
            view.state = if row.state == StoredState::Queued { DownloadState::Queued } else { DownloadState::Paused };
            view.bytes_per_s = 0;
            view.seconds_left = None;
        });
        self.wake.notify_one();
        Ok(())
    }

    fn control(&self, id: &str) -> Option<Control> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut DownloadView)) {
        self.views.send_if_modified(|views| {
            let Some(view) = views.iter_mut().find(|view| view.id == id) else { return false };
            let before = view.clone();
            change(view);
            *view != before
        });
    }

    fn progress(&self, id: &str, progress: &Progress) {
        self.change(id, |view| {
            view.done = progress.done;
            view.bytes_per_s = progress.rate;
            view.seconds_left = progress.left.map(|left| left.as_secs());
            view.text = None;
            view.state = match progress.state {
                Transfer::Checking => DownloadState::Checking,
                Transfer::Running => DownloadState::Running,
                Transfer::Paused => DownloadState::Paused,
                Transfer::Waiting(wait) => {
                    view.text = Some(waiting(wait));
                    DownloadState::Waiting
                }
            };
        });
    }
}

fn waiting(wait: Duration) -> String {
    match wait.as_secs() {
        0 | 1 => "The server does not answer: trying again".to_owned(),
        seconds => format!("The server does not answer: trying again in {seconds} s"),
    }
}

/// Name of what is downloaded, for people.
fn name(repository: &str, short: &str, variant: &Variant) -> String {
    let model = repository.split('/').next_back().unwrap_or(repository);
    let model = model.strip_suffix("-GGUF").unwrap_or(model);
    match variant.format {
        Format::Safetensors => model.to_owned(),
        Format::Gguf => format!("{model} {short}"),
    }
}
