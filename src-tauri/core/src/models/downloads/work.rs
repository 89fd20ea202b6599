//! Working on downloads: files come, and become a model of the list.

use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::Duration;

use lethe_hub::cache;
use lethe_hub::download::{Control, DownloadError, Limits, Progress, State as Transfer, download};
use lethe_hub::hub::RemoteFile;
use lethe_hub::name::{Commit, RepoName};
use lethe_models::gguf::Header;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::locator::HubLocator;
use super::row::{DownloadRow, StoredFile, StoredState};
use super::{DownloadState, Downloads};
use crate::base::blocking::blocking;
use crate::base::error::{Code, Error, Result};
use crate::models::conversion::{Job, was_made_of};
use crate::models::hub::cache_roots;
use crate::models::library::Origin;
use crate::models::model::ModelView;

/// Why work on a download ended without a model.
enum Stop {
    Cancelled,
    /// What arrived is kept, and others have their turn.
    Paused,
    /// The program is being closed: nothing changes, and it goes on at the next start.
    Closing,
    /// Another program has removed it.
    Gone,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Whether files were compared with their digests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Byte by byte.
    Checked,
    /// They are from another program's cache.
    Unread,
}

/// How long the queue rests after a download that could not begin.
const REST: Duration = Duration::from_secs(5);

/// A download that is worked on, until this is dropped.
struct Underway<'a> {
    downloads: &'a Downloads,
    id: &'a str,
    control: Control,
}

impl<'a> Underway<'a> {
    fn begin(downloads: &'a Downloads, id: &'a str) -> Result<Self> {
        let control = Control::default();
        match downloads.running.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()) {
            Entry::Vacant(place) => drop(place.insert(control.clone())),
            Entry::Occupied(_) => {
                return Err(Error::new(Code::Busy, "this download is under way already: wait for its end"));
            }
        }
        Ok(Self { downloads, id, control })
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.downloads.running.lock().unwrap_or_else(PoisonError::into_inner).remove(self.id);
    }
}

impl Downloads {
    fn next(&self) -> Option<String> {
        let views = self.views.borrow();
        views.iter().find(|view| view.state == DownloadState::Queued).map(|view| view.id.clone())
    }

    /// Works on the queue until the future is dropped. `arrived` hears when there is a new model.
    pub(crate) async fn work(&self, arrived: impl Fn()) {
        loop {
            self.parts.client.switch().allowed().await;
            match self.next() {
                Some(id) => match self.run(&id).await {
                    Ok(_) => arrived(),
                    Err(_) if self.parts.closing.is_cancelled() => return,
                    // It stands in the queue as before: somebody else has it, or no request can be made.
                    Err(_) if self.next().is_some_and(|next| next == id) => tokio::time::sleep(REST).await,
                    Err(_) => {}
                },
                None => self.wake.notified().await,
            }
        }
    }

    /// Works on one download until it is done, paused, cancelled or failed; one that is paused keeps nothing waiting.
    /// Gives the model that it became.
    ///
    /// # Errors
    /// Why it is none. What arrived is kept, unless it was cancelled.
    pub async fn run(&self, id: &str) -> Result<ModelView> {
        let underway = Underway::begin(self, id)?;
        // Read after it can be paused and cancelled: neither is lost.
        let outcome = match DownloadRow::get(&self.parts.store, id).await {
            Ok(Some(row)) if row.state == StoredState::Paused => Err(Stop::Paused),
            Ok(Some(row)) => self.claimed(&row, &underway.control).await,
            Ok(None) => Err(Stop::Gone),
            Err(error) => Err(Stop::Failed(error)),
        };
        drop(underway);
        match outcome {
            Ok(model) => {
                self.change(id, |view| {
                    view.state = DownloadState::Done;
                    view.done = view.bytes;
                    view.bytes_per_s = 0;
                    view.seconds_left = None;
                    view.text = None;
                    view.model = Some(model.id.clone());
                });
                DownloadRow::set_done(&self.parts.store, id, &model.id).await?;
                Ok(model)
            }
            Err(Stop::Cancelled) => {
                self.forget(id).await?;
                Err(Error::bad_input("the download was cancelled: start it again to have the model"))
            }
            Err(Stop::Paused) => {
                self.rest(id).await?;
                Err(Error::new(Code::Busy, "the download is paused: continue it to have the model"))
            }
            Err(Stop::Closing) => {
                Err(Error::new(Code::Busy, "Lethe is being closed: the download goes on at its next start"))
            }
            Err(Stop::Gone) => {
                self.views.send_modify(|views| views.retain(|view| view.id != id));
                Err(Error::not_found("download"))
            }
            Err(Stop::Failed(error)) if matches!(error.code, Code::Offline | Code::Busy) => {
                self.change(id, |view| {
                    view.state = DownloadState::Queued;
                    view.bytes_per_s = 0;
                    view.text = Some(match error.code {
                        Code::Offline => "It goes on when requests are allowed again".to_owned(),
                        _ => crate::base::error::sentence(&error.message),
                    });
                });
                Err(error)
            }
            Err(Stop::Failed(error)) => {
                self.change(id, |view| {
                    view.state = DownloadState::Failed;
                    view.bytes_per_s = 0;
                    view.seconds_left = None;
                    view.text = Some(crate::base::error::sentence(&error.message));
                    view.error = Some(error.clone());
                });
                DownloadRow::set_failed(&self.parts.store, id, &error.message).await?;
                Err(error)
            }
        }
    }

    /// As `bring`, while no other program does.
    async fn claimed(&self, row: &DownloadRow, control: &Control) -> std::result::Result<ModelView, Stop> {
        let _claim = row.claim(&self.parts.paths)?;
        let outcome = self.bring(row, control).await;
        if let Err(Stop::Cancelled) = outcome {
            row.remove_files(&self.parts.store, &self.parts.paths).await?;
        }
        outcome
    }

    /// The model of a download.
    async fn bring(&self, row: &DownloadRow, control: &Control) -> std::result::Result<ModelView, Stop> {
        if let Some(model) = self.made_before(row).await? {
            // The program may have ended before they were.
            row.remove_files(&self.parts.store, &self.parts.paths).await?;
            return Ok(model);
        }
        let cached = {
            let row = row.clone();
            blocking(move || cached(&row)).await?
        };
        let (folder, files, content) = match cached {
            Some((folder, files)) => (folder, files, Content::Unread),
            None => {
                let (folder, files) = self.fetch(row, control).await?;
                (folder, files, Content::Checked)
            }
        };
        match row.converts {
            true => self.converted(row, &folder, control).await,
            false => Ok(self.taken(row, &files, content).await?),
        }
    }

    /// Fetches the files.
    async fn fetch(&self, row: &DownloadRow, control: &Control) -> std::result::Result<(PathBuf, Vec<PathBuf>), Stop> {
        let wanted = row.wanted()?;
        let hub = self.parts.hub.connect().await?;
        let locator =
            HubLocator { hub, repo: row.repository.parse::<RepoName>()?, commit: row.revision.parse::<Commit>()? };
        self.parts.paths.models()?;
        let folder = row.folder(&self.parts.paths);
        let limits = Limits { throttle: self.throttle.clone(), ..Limits::default() };
        let (progress, mut heard) = watch::channel(Progress::default());
        let client = &self.parts.client;
        let outcome = {
            let coming = download(client, &wanted, &folder, &locator, &limits, control, &progress);
            tokio::pin!(coming);
            loop {
                tokio::select! {
                    outcome = &mut coming => break outcome,
                    Ok(()) = heard.changed() => {
                        let now = *heard.borrow_and_update();
                        self.progress(&row.id, &now);
                        if now.state == Transfer::Paused {
                            // Everything that arrived is on the disk by now: dropped, it can go on where it was.
                            return Err(Stop::Paused);
                        }
                    }
                }
            }
        };
        match outcome {
            Ok(downloaded) => Ok((folder, downloaded.files)),
            Err(DownloadError::Cancelled) => Err(Stop::Cancelled),
            Err(error) => Err(error.into()),
        }
    }

    /// A model file takes its place in the list.
    async fn taken(&self, row: &DownloadRow, files: &[PathBuf], content: Content) -> Result<ModelView> {
        let first = files.first().ok_or_else(|| Error::not_found("model file"))?;
        let model = self.parts.models.import(first).await?;
        let sha256 = row
            .files
            .first()
            .and_then(|file| file.sha256.clone())
            .filter(|_| row.files.len() == 1 && content == Content::Checked);
        let origin = Origin { repository: row.repository.clone(), revision: row.revision.clone(), sha256 };
        self.parts.models.set_origin(&model, &origin).await?;
        Ok(model)
    }

    /// What these official weights became before, where it is still there: they themselves are not.
    async fn made_before(&self, row: &DownloadRow) -> Result<Option<ModelView>> {
        if !row.converts {
            return Ok(None);
        }
        for (_, path) in self.parts.models.of_revision(&row.repository, &row.revision).await? {
            let path = PathBuf::from(path);
            let (file, repository, revision) = (path.clone(), row.repository.clone(), row.revision.clone());
            let is_it = blocking(move || {
                let header = Header::read(&file);
                Ok::<_, Error>(header.is_ok_and(|header| was_made_of(&header, &repository, &revision)))
            });
            if is_it.await? {
                // A file that is in the list keeps its entry.
                return self.parts.models.import(&path).await.map(Some);
            }
        }
        Ok(None)
    }

    /// Official weights become a model file; they themselves are removed when it is whole.
    async fn converted(
        &self,
        row: &DownloadRow,
        folder: &Path,
        control: &Control,
    ) -> std::result::Result<ModelView, Stop> {
        self.change(&row.id, |view| {
            view.state = DownloadState::Converting;
            view.bytes_per_s = 0;
            view.seconds_left = None;
        });
        let job = Job {
            folder: folder.to_owned(),
            out: None,
            weight_type: None,
            repository: Some(row.repository.clone()),
            revision: Some(row.revision.clone()),
        };
        // A conversion that still waits for another one must not begin while the program ends.
        let cancel = self.parts.closing.child_token();
        let converting = self.convert(&job, &cancel);
        tokio::pin!(converting);
        let converted = tokio::select! {
            outcome = &mut converting => outcome,
            () = control.cancelled() => {
                cancel.cancel();
                converting.await
            }
        };
        if converted.is_err() && control.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if converted.is_err() && self.parts.closing.is_cancelled() {
            return Err(Stop::Closing);
        }
        let model = converted?;
        let origin = Origin { repository: row.repository.clone(), revision: row.revision.clone(), sha256: None };
        self.parts.models.set_origin(&model, &origin).await?;
        if folder == row.folder(&self.parts.paths) {
            row.remove_files(&self.parts.store, &self.parts.paths).await?;
        }
        Ok(model)
    }

    /// Converts as soon as no other conversion is under way. Cancelled, it leaves that other one alone.
    async fn convert(&self, job: &Job, cancel: &CancellationToken) -> Result<ModelView> {
        let converter = &self.parts.converter;
        loop {
            match converter.convert_and_import_until(job, cancel).await {
                Err(error) if error.code == Code::Busy && !cancel.is_cancelled() => {
                    cancel.run_until_cancelled(converter.idle()).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// The files in another program's cache, where all of them are.
fn cached(row: &DownloadRow) -> Result<Option<(PathBuf, Vec<PathBuf>)>> {
    let (repo, commit) = (row.repository.parse::<RepoName>()?, row.revision.parse::<Commit>()?);
    let roots = cache_roots();
    let find = |file: &StoredFile| -> Option<PathBuf> {
        let file = RemoteFile {
            path: file.path.parse().ok()?,
            bytes: file.bytes,
            sha256: file.sha256.as_deref().and_then(|sha256| sha256.parse().ok()),
            oid: file.oid.clone(),
        };
        cache::cached(&roots, &repo, &commit, &file)
    };
    let Some(files) = row.files.iter().map(find).collect::<Option<Vec<_>>>() else { return Ok(None) };
    // Official weights lie flat in their repository, so the folder of one is that of all.
    let folder = files.first().and_then(|file| file.parent()).map(Path::to_owned);
    Ok(folder.map(|folder| (folder, files)))
}
