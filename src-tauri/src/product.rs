//! The product behind the window: opened in the background, and what it has to tell at any time.
//!
//! Commands wait while it is opened or closed, so that none of them sees a history that is being replaced. A failure to
//! open is what all of them answer with, until the window asks for another try.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lethe_core::base::paths::Paths;
use lethe_core::base::visible::Quoted;
use lethe_core::models::library::{ImportFailure, Imports};
use lethe_core::upkeep::Rhythm;
use lethe_core::view::{AppEvent, AppState, Level, Notice};
use lethe_core::{Code, Error, Lethe, Result};
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use crate::arguments::Arguments;

/// Opened at the first need.
pub struct Product {
    arguments: Arguments,
    /// Nothing before the first need. Held for writing by whoever opens or closes.
    opened: RwLock<Option<Result<Arc<Opened>>>>,
    /// A backup was put back and is not yet cleaned by the lists of now: nothing of it is shown.
    sweep_first: AtomicBool,
}

struct Opened {
    lethe: Arc<Lethe>,
    /// The first model that the command line named.
    named: Option<String>,
    /// Why files that the command line named are no models.
    notices: Vec<Notice>,
    /// What goes on by itself while it is open.
    tasks: Mutex<JoinSet<()>>,
}

impl Product {
    /// Nothing is opened yet.
    pub fn new(arguments: Arguments) -> Self {
        Self { arguments, opened: RwLock::new(None), sweep_first: AtomicBool::new(false) }
    }

    /// Where things are kept, whether or not the history can be opened.
    ///
    /// # Errors
    /// `Store` when there is no such folder and none can be made.
    pub fn paths(&self) -> Result<Paths> {
        Paths::locate(self.arguments.global.data_dir.as_deref())
    }

    /// The product.
    ///
    /// # Errors
    /// Why the data folder can't be opened.
    pub async fn lethe(&self) -> Result<Arc<Lethe>> {
        self.opened().await.map(|opened| opened.lethe.clone())
    }

    /// What the window shows first.
    ///
    /// # Errors
    /// As [`Product::lethe`]; `Store`.
    pub async fn state(&self) -> Result<AppState> {
        let opened = self.opened().await?;
        let mut state = opened.lethe.state().await?;
        state.notices.extend(opened.notices.iter().cloned());
        Ok(state)
    }

    async fn opened(&self) -> Result<Arc<Opened>> {
        if let Some(opened) = self.opened.read().await.as_ref() {
            return opened.clone();
        }
        let mut slot = self.opened.write().await;
        match slot.as_ref() {
            Some(opened) => opened.clone(),
            None => slot.insert(self.open().await).clone(),
        }
    }

    async fn open(&self) -> Result<Arc<Opened>> {
        let Arguments { global, files, .. } = &self.arguments;
        let lethe = Arc::new(Lethe::open(global.data_dir.as_deref(), global.network()).await?);
        if self.sweep_first.load(Ordering::Relaxed) {
            if let Err(error) = sweep(&lethe).await {
                lethe.close().await;
                return Err(error);
            }
            self.sweep_first.store(false, Ordering::Relaxed);
        }
        let Imports { imported, failures } = lethe.models().import_all(files).await?;
        let notice = |failure: ImportFailure| Notice {
            level: Level::Warning,
            text: format!("{} was not added: {}", Quoted::new(&failure.path), failure.error.message),
        };
        Ok(Arc::new(Opened {
            lethe,
            named: imported.into_iter().next().map(|model| model.id),
            notices: failures.into_iter().map(notice).collect(),
            tasks: Mutex::default(),
        }))
    }

    /// Ends the engine and writes everything to disk.
    pub async fn close(&self) {
        if let Some(Ok(opened)) = self.opened.write().await.take() {
            opened.close().await;
        }
    }
}

impl Opened {
    /// Tells the window where the engine stands, loads the model that was used last, and keeps lists and stored answers
    /// up to date, until it is closed.
    fn attend(&self, app: &AppHandle) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if !tasks.is_empty() {
            return;
        }
        let told = app.clone();
        tasks.spawn(self.lethe.clone().upkeep(Rhythm::default(), move |event| tell(&told, &event)));
        let (lethe, named) = (self.lethe.clone(), self.named.clone());
        tasks.spawn(async move {
            let loaded = match named {
                Some(named) => lethe.select_model(&named).await,
                None => lethe.warm_up().await,
            };
            match loaded {
                Err(error) if error.code != Code::NoModel => tracing::warn!(%error, "the model is not loaded yet"),
                _ => {}
            }
        });
        let (mut engine, told) = (self.lethe.running().watch(), app.clone());
        tasks.spawn(async move {
            while engine.changed().await.is_ok() {
                let state = engine.borrow_and_update().clone();
                tell(&told, &AppEvent::Engine { engine: state });
            }
        });
    }

    async fn close(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
        self.lethe.close().await;
    }
}

async fn sweep(lethe: &Lethe) -> Result<()> {
    if lethe.sweeper().is_due().await? {
        lethe.sweeper().sweep().await?;
    }
    Ok(())
}

/// Opens the product at the start of the window.
pub fn begin(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let product = app.state::<Product>();
        // The window asks for the state first thing and hears of a failure there.
        let _ = product.opened().await;
        if let Some(Ok(opened)) = product.opened.read().await.as_ref() {
            opened.attend(&app);
        }
    });
}

/// Opens the product once more where that failed.
pub async fn reopen(app: &AppHandle) {
    let product = app.state::<Product>();
    let mut slot = product.opened.write().await;
    if let Some(Ok(_)) = slot.as_ref() {
        return;
    }
    let opened = product.open().await;
    if let Ok(opened) = &opened {
        opened.attend(app);
    }
    *slot = Some(opened);
}

/// Does what needs a closed history, such as replacing it, and opens the product anew. What stands there then is
/// cleaned by the lists of now before any command sees it.
///
/// # Errors
/// Those of `work`; a failure to open is told by every later command.
pub async fn with_closed<T>(app: &AppHandle, work: impl Future<Output = Result<T>>) -> Result<T> {
    let product = app.state::<Product>();
    let mut slot = product.opened.write().await;
    if let Some(Ok(opened)) = slot.take() {
        opened.close().await;
    }
    let outcome = work.await;
    // Also where it failed: a failure may come after the history was replaced.
    product.sweep_first.store(true, Ordering::Relaxed);
    let opened = product.open().await;
    if let Ok(opened) = &opened {
        opened.attend(app);
        // The engine of before is gone, and with it what the window knows of it.
        let engine = opened.lethe.running().watch().borrow().clone();
        tell(app, &AppEvent::Engine { engine });
    }
    *slot = Some(opened);
    outcome
}

/// Sends an event to the window.
pub fn tell(app: &AppHandle, event: &AppEvent) {
    // A window that is closing hears nothing, and needs nothing.
    let _ = app.emit("app", event);
}

/// For failures of the shell itself.
pub fn internal(what: &str) -> Error {
    Error::new(Code::Internal, format!("{what}: start Lethe again"))
}
