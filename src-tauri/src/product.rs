//! The product behind the window: opened once, in the background, and what it has to tell at any time.

use std::sync::Arc;

use lethe_core::models::{ImportFailure, Imports};
use lethe_core::upkeep::Rhythm;
use lethe_core::view::{AppEvent, AppState, Level, Notice};
use lethe_core::visible::Quoted;
use lethe_core::{Code, Error, Lethe, Result};
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::OnceCell;

use crate::arguments::Arguments;

/// Opened at the first need; a failure stays one until the next start.
pub struct Product {
    arguments: Arguments,
    opened: OnceCell<Result<Opened>>,
}

struct Opened {
    lethe: Arc<Lethe>,
    /// The first model that the command line named.
    named: Option<String>,
    /// Why files that the command line named are no models.
    notices: Vec<Notice>,
}

impl Product {
    /// Nothing is opened yet.
    pub fn new(arguments: Arguments) -> Self {
        Self { arguments, opened: OnceCell::new() }
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

    async fn opened(&self) -> Result<&Opened> {
        self.opened.get_or_init(|| self.open()).await.as_ref().map_err(Clone::clone)
    }

    async fn open(&self) -> Result<Opened> {
        let Arguments { global, files, .. } = &self.arguments;
        let lethe = Arc::new(Lethe::open(global.data_dir.as_deref(), global.network()).await?);
        let Imports { imported, failures } = lethe.models().import_all(files).await?;
        let notice = |failure: ImportFailure| Notice {
            level: Level::Warning,
            text: format!("{} was not added: {}", Quoted::new(&failure.path), failure.error.message),
        };
        Ok(Opened {
            lethe,
            named: imported.into_iter().next().map(|model| model.id),
            notices: failures.into_iter().map(notice).collect(),
        })
    }

    /// Ends the engine and writes everything to disk.
    pub async fn close(&self) {
        if let Some(Ok(opened)) = self.opened.get() {
            opened.lethe.close().await;
        }
    }
}

/// Opens the product, tells the window where the engine stands, loads the model that was used last, and keeps lists and
/// stored answers up to date.
pub fn begin(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // The window asks for the state first thing and hears of a failure there.
        let product = app.state::<Product>();
        let Ok(Opened { lethe, named, .. }) = product.opened().await else { return };
        let (lethe, named) = (lethe.clone(), named.clone());
        let mut engine = lethe.running().watch();
        let told = app.clone();
        let upkeep =
            tauri::async_runtime::spawn(lethe.clone().upkeep(Rhythm::default(), move |event| tell(&told, &event)));
        let warm_up = tauri::async_runtime::spawn(async move {
            let loaded = match named {
                Some(named) => lethe.select_model(&named).await,
                None => lethe.warm_up().await,
            };
            match loaded {
                Err(error) if error.code != Code::NoModel => tracing::warn!(%error, "the model is not loaded yet"),
                _ => {}
            }
        });
        while engine.changed().await.is_ok() {
            let state = engine.borrow_and_update().clone();
            tell(&app, &AppEvent::Engine { engine: state });
        }
        warm_up.abort();
        upkeep.abort();
    });
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
