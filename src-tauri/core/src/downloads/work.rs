//! Working on downloads: files come, and become a model of the list.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;
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

use super::row::{Row, StoredFile};
use super::{DownloadState, Downloads};
use crate::conversion::{Job, was_made_of};
use crate::error::{Code, Error, Result};
use crate::hub::cache_roots;
use crate::lethe::Lethe;
use crate::models::{ModelView, Origin};
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
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
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
                Some(id) => {
                    if self.download_run(&id).await.is_ok() {
                        tell(AppEvent::Models);
                    }
                }
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
        let row = Row::get(&downloads.store, id).await?;
        let control = Control::default();
        {
            let mut running = downloads.running.lock().unwrap_or_else(PoisonError::into_inner);
            if running.insert(id.to_owned(), control.clone()).is_some() {
                return Err(Error::new(Code::Busy, "this download is under way already: wait for its end"));
            }
        }
        let outcome = self.bring(&row, &control).await;
        downloads.running.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        match outcome {
            Ok(model) => {
                Row::set_done(&downloads.store, id, &model.id).await?;
                downloads.change(id, |view| {
                    view.state = DownloadState::Done;
                    view.done = view.bytes;
                    view.bytes_per_s = 0;
                    view.seconds_left = None;
                    view.text = None;
                    view.model = Some(model.id.clone());
                });
                Ok(model)
            }
            Err(Halt::Cancelled) => {
                row.remove_files(&downloads.store, self.paths()).await?;
                downloads.forget(id).await?;
                Err(Error::bad_input("the download was cancelled: start it again to have the model"))
            }
            Err(Halt::Paused) => {
                downloads.rest(id).await?;
                Err(Error::new(Code::Busy, "the download is paused: continue it to have the model"))
            }
            Err(Halt::Failed(error)) if error.code == Code::Offline => {
                downloads.change(id, |view| {
                    view.state = DownloadState::Queued;
                    view.bytes_per_s = 0;
                    view.text = Some("It goes on when requests are allowed again".to_owned());
                });
                Err(error)
            }
            Err(Halt::Failed(error)) => {
                Row::set_failed(&downloads.store, id, &error.message).await?;
                downloads.change(id, |view| {
                    view.state = DownloadState::Failed;
                    view.bytes_per_s = 0;
                    view.seconds_left = None;
                    view.text = Some(crate::error::sentence(&error.message));
                    view.error = Some(error.clone());
                });
                Err(error)
            }
        }
    }

    /// The model of a download.
    async fn bring(&self, row: &Row, control: &Control) -> std::result::Result<ModelView, Halt> {
        if let Some(model) = self.made_before(row).await? {
            return Ok(model);
        }
        let (folder, files) = match self.cached(row)? {
            Some(place) => place,
            None => self.fetch(row, control).await?,
        };
        match row.converts {
            true => self.converted(row, &folder).await,
            false => Ok(self.taken(row, &files).await?),
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
    async fn taken(&self, row: &Row, files: &[PathBuf]) -> Result<ModelView> {
        let first = files.first().ok_or_else(|| Error::not_found("model file"))?;
        let model = self.models().import(first).await?;
        let sha256 = row.files.first().and_then(|file| file.sha256.clone()).filter(|_| row.files.len() == 1);
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
    async fn converted(&self, row: &Row, folder: &Path) -> std::result::Result<ModelView, Halt> {
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
        let converted = loop {
            match self.convert_and_import(&job).await {
                // Another conversion is under way: it is waited for.
                Err(error) if error.code == Code::Busy => self.conversion_over().await,
                outcome => break outcome,
            }
        };
        if self.converter().was_cancelled() {
            return Err(Halt::Cancelled);
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
        let running =
            |state: &crate::conversion::Conversion| matches!(state, crate::conversion::Conversion::Running { .. });
        // Whatever wakes this up, the conversion is simply tried again.
        let _ = tokio::time::timeout(Duration::from_secs(60), state.wait_for(|state| !running(state))).await;
    }
}
