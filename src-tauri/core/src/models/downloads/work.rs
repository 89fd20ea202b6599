//! Working on downloads: files come, and become a model of the list.

use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lethe_hub::HubError;
use lethe_hub::cache;
use lethe_hub::download::{
    Control, DownloadError, Limits, Locate, Location, Progress, State as Transfer, Unlocated, Wanted, download,
};
use lethe_hub::hub::{Hub, RemoteFile};
use lethe_hub::name::{Commit, RemotePath, RepoName};
use lethe_models::gguf::Header;
use lethe_network::PlainHttp;
use tokio::sync::watch;

use super::row::{Row, Stored, StoredFile};
use super::{DownloadState, Downloads};
use crate::base::error::{Code, Error, Result};
use crate::lethe::Lethe;
use crate::models::conversion::{Job, was_made_of};
use crate::models::hub::cache_roots;
use crate::models::library::{ModelView, Origin};
use crate::view::AppEvent;

impl From<DownloadError> for Error {
    fn from(error: DownloadError) -> Self {
        let code = match &error {
            DownloadError::Network(lethe_network::Error::Offline) => Code::Offline,
            DownloadError::Network(lethe_network::Error::NotRecorded) => Code::Store,
            DownloadError::Network(_) | DownloadError::Flawed { .. } | DownloadError::Wrong { .. } => Code::Network,
            DownloadError::Refused { .. } => Code::Token,
            DownloadError::DiskFull { .. } => Code::DiskFull,
            DownloadError::Disk(_) => Code::Store,
            DownloadError::Busy { .. } => Code::Busy,
            DownloadError::Unlocated(source) => {
                // The hub's own error, whose kind the window acts on.
                return match source.downcast_ref::<HubError>() {
                    Some(hub) => hub.clone().into(),
                    None => Self::new(Code::Network, error.to_string()),
                };
            }
            DownloadError::Name | DownloadError::Cancelled => Code::BadInput,
        };
        Self::new(code, error.to_string())
    }
}

/// Why work on a download ended without a model.
enum Halt {
    Cancelled,
    /// What arrived is kept, and others have their turn.
    Paused,
    /// The program is being closed: nothing changes, and it goes on at the next start.
    Closing,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Halt {
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

/// Asks the hub where the files of a download are.
struct Whereabouts {
    hub: Hub,
    repo: RepoName,
    commit: Commit,
}

impl Locate for Whereabouts {
    async fn locate(&self, wanted: &Wanted) -> std::result::Result<Location, Unlocated> {
        let never = |error: HubError| Unlocated::Never(Box::new(error));
        let path: RemotePath = wanted.name().parse().map_err(never)?;
        match self.hub.location(&self.repo, &self.commit, &path).await {
            Ok(location) => Ok(Location {
                url: location.url,
                plain_http: PlainHttp::Private,
                secret: location.secret,
                etag: location.etag,
            }),
            Err(HubError::Unreachable { host, trouble }) => {
                Err(Unlocated::Later(lethe_network::Error::Unreachable { host, trouble }, None))
            }
            Err(HubError::RateLimited { host, wait }) => {
                let trouble = lethe_network::Trouble::Status(429);
                Err(Unlocated::Later(lethe_network::Error::Unreachable { host, trouble }, wait))
            }
            Err(HubError::Server { host, status, wait }) => {
                let trouble = lethe_network::Trouble::Status(status);
                Err(Unlocated::Later(lethe_network::Error::Unreachable { host, trouble }, wait))
            }
            Err(error) => Err(never(error)),
        }
    }
}

/// How long the queue rests after a download that could not begin.
const REST: Duration = Duration::from_secs(5);

impl Downloads {
    fn next(&self) -> Option<String> {
        let views = self.views.borrow();
        views.iter().find(|view| view.state == DownloadState::Queued).map(|view| view.id.clone())
    }
}

impl Lethe {
    /// Works on the queue until the future is dropped. `tell` hears when there is a new model.
    pub(crate) async fn work_on_downloads(&self, tell: impl Fn(AppEvent)) {
        loop {
            self.requests().client().switch().allowed().await;
            match self.downloads().next() {
                Some(id) => match self.download_run(&id).await {
                    Ok(_) => tell(AppEvent::Models),
                    Err(_) if self.is_closing() => return,
                    // It stands in the queue as before: somebody else has it, or no request can be made.
                    Err(_) if self.downloads().next().is_some_and(|next| next == id) => tokio::time::sleep(REST).await,
                    Err(_) => {}
                },
                None => self.downloads().wake.notified().await,
            }
        }
    }

    /// Works on one download until it is done, paused, cancelled or failed; one that is paused keeps nothing waiting. Gives the model that it became.
    ///
    /// # Errors
    /// Why it is none. What arrived is kept, unless it was cancelled.
    pub async fn download_run(&self, id: &str) -> Result<ModelView> {
        let downloads = self.downloads();
        let control = Control::default();
        match downloads.running.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()) {
            Entry::Vacant(place) => drop(place.insert(control.clone())),
            Entry::Occupied(_) => {
                return Err(Error::new(Code::Busy, "this download is under way already: wait for its end"));
            }
        }
        // Read after it can be paused and cancelled: neither is lost.
        let outcome = match Row::get(&downloads.store, id).await {
            Ok(row) if row.state == Stored::Paused => Err(Halt::Paused),
            Ok(row) => self.claimed(&row, &control).await,
            Err(error) => Err(Halt::Failed(error)),
        };
        downloads.running.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        match outcome {
            Ok(model) => {
                downloads.change(id, |view| {
                    view.state = DownloadState::Done;
                    view.done = view.bytes;
                    view.bytes_per_s = 0;
                    view.seconds_left = None;
                    view.text = None;
                    view.model = Some(model.id.clone());
                });
                Row::set_done(&downloads.store, id, &model.id).await?;
                Ok(model)
            }
            Err(Halt::Cancelled) => {
                downloads.forget(id).await?;
                Err(Error::bad_input("the download was cancelled: start it again to have the model"))
            }
            Err(Halt::Paused) => {
                downloads.rest(id).await?;
                Err(Error::new(Code::Busy, "the download is paused: continue it to have the model"))
            }
            Err(Halt::Closing) => {
                Err(Error::new(Code::Busy, "Lethe is being closed: the download goes on at its next start"))
            }
            // Another program has removed it.
            Err(Halt::Failed(error))
                if error.code == Code::NotFound && error.message == Error::not_found("download").message =>
            {
                downloads.views.send_modify(|views| views.retain(|view| view.id != id));
                Err(error)
            }
            Err(Halt::Failed(error)) if matches!(error.code, Code::Offline | Code::Busy) => {
                downloads.change(id, |view| {
                    view.state = DownloadState::Queued;
                    view.bytes_per_s = 0;
                    view.text = Some(match error.code {
                        Code::Offline => "It goes on when requests are allowed again".to_owned(),
                        _ => crate::base::error::sentence(&error.message),
                    });
                });
                Err(error)
            }
            Err(Halt::Failed(error)) => {
                downloads.change(id, |view| {
                    view.state = DownloadState::Failed;
                    view.bytes_per_s = 0;
                    view.seconds_left = None;
                    view.text = Some(crate::base::error::sentence(&error.message));
                    view.error = Some(error.clone());
                });
                Row::set_failed(&downloads.store, id, &error.message).await?;
                Err(error)
            }
        }
    }

    /// As `bring`, while no other program does.
    async fn claimed(&self, row: &Row, control: &Control) -> std::result::Result<ModelView, Halt> {
        let _claim = row.claim(self.paths())?;
        let outcome = self.bring(row, control).await;
        if let Err(Halt::Cancelled) = outcome {
            row.remove_files(&self.downloads().store, self.paths()).await?;
        }
        outcome
    }

    /// The model of a download.
    async fn bring(&self, row: &Row, control: &Control) -> std::result::Result<ModelView, Halt> {
        if let Some(model) = self.made_before(row).await? {
            // The program may have ended before they were.
            row.remove_files(&self.downloads().store, self.paths()).await?;
            return Ok(model);
        }
        let (folder, files, content) = match self.cached(row)? {
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

    /// The files in another program's cache, where all of them are.
    fn cached(&self, row: &Row) -> Result<Option<(PathBuf, Vec<PathBuf>)>> {
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

    /// Fetches the files.
    async fn fetch(&self, row: &Row, control: &Control) -> std::result::Result<(PathBuf, Vec<PathBuf>), Halt> {
        let downloads = self.downloads();
        let wanted = row.wanted()?;
        let hub = self.hub().await?;
        let whereabouts =
            Whereabouts { hub, repo: row.repository.parse::<RepoName>()?, commit: row.revision.parse::<Commit>()? };
        self.paths().models()?;
        let folder = row.folder(self.paths());
        let limits = Limits { throttle: downloads.throttle.clone(), ..Limits::default() };
        let (progress, mut heard) = watch::channel(Progress::default());
        let client = self.requests().client();
        let outcome = {
            let coming = download(client, &wanted, &folder, &whereabouts, &limits, control, &progress);
            tokio::pin!(coming);
            loop {
                tokio::select! {
                    outcome = &mut coming => break outcome,
                    Ok(()) = heard.changed() => {
                        let now = *heard.borrow_and_update();
                        downloads.progress(&row.id, &now);
                        if now.state == Transfer::Paused {
                            // Everything that arrived is on the disk by now: dropped, it can go on where it was.
                            return Err(Halt::Paused);
                        }
                    }
                }
            }
        };
        match outcome {
            Ok(downloaded) => Ok((folder, downloaded.files)),
            Err(DownloadError::Cancelled) => Err(Halt::Cancelled),
            Err(error) => Err(error.into()),
        }
    }

    /// A model file takes its place in the list.
    async fn taken(&self, row: &Row, files: &[PathBuf], content: Content) -> Result<ModelView> {
        let first = files.first().ok_or_else(|| Error::not_found("model file"))?;
        let model = self.models().import(first).await?;
        let sha256 = row
            .files
            .first()
            .and_then(|file| file.sha256.clone())
            .filter(|_| row.files.len() == 1 && content == Content::Checked);
        let origin = Origin { repository: row.repository.clone(), revision: row.revision.clone(), sha256 };
        self.models().set_origin(&model.id, &origin).await?;
        Ok(model)
    }

    /// What these official weights became before, where it is still there: they themselves are not.
    async fn made_before(&self, row: &Row) -> Result<Option<ModelView>> {
        if !row.converts {
            return Ok(None);
        }
        for (_, path) in self.models().of_revision(&row.repository, &row.revision).await? {
            let path = PathBuf::from(path);
            let header = Header::read(&path);
            if header.is_ok_and(|header| was_made_of(&header, &row.repository, &row.revision)) {
                // A file that is in the list keeps its entry.
                return self.models().import(&path).await.map(Some);
            }
        }
        Ok(None)
    }

    /// Official weights become a model file; they themselves are removed when it is whole.
    async fn converted(&self, row: &Row, folder: &Path, control: &Control) -> std::result::Result<ModelView, Halt> {
        self.downloads().change(&row.id, |view| {
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
        let ours = AtomicBool::new(false);
        let converting = async {
            loop {
                ours.store(true, Ordering::Relaxed);
                match self.convert_and_import(&job).await {
                    // Another conversion is under way: it is waited for.
                    Err(error) if error.code == Code::Busy => {
                        ours.store(false, Ordering::Relaxed);
                        self.conversion_over().await;
                    }
                    outcome => break outcome,
                }
            }
        };
        tokio::pin!(converting);
        let converted = loop {
            tokio::select! {
                outcome = &mut converting => break outcome,
                () = control.cancelled() => {
                    if !ours.load(Ordering::Relaxed) {
                        return Err(Halt::Cancelled);
                    }
                    // Again until it has heard it: it may be about to begin.
                    self.converter().cancel();
                    if let Ok(outcome) = tokio::time::timeout(Duration::from_millis(50), &mut converting).await {
                        break outcome;
                    }
                }
            }
        };
        if converted.is_err() && control.is_cancelled() {
            return Err(Halt::Cancelled);
        }
        if converted.is_err() && self.is_closing() {
            return Err(Halt::Closing);
        }
        let model = converted?;
        let origin = Origin { repository: row.repository.clone(), revision: row.revision.clone(), sha256: None };
        self.models().set_origin(&model.id, &origin).await?;
        if folder == row.folder(self.paths()) {
            row.remove_files(&self.downloads().store, self.paths()).await?;
        }
        Ok(model)
    }

    async fn conversion_over(&self) {
        let mut state = self.converter().watch();
        let running = |state: &crate::models::conversion::Conversion| {
            matches!(state, crate::models::conversion::Conversion::Running { .. })
        };
        // Whatever wakes this up, the conversion is simply tried again.
        let _ = tokio::time::timeout(Duration::from_secs(60), state.wait_for(|state| !running(state))).await;
    }
}
