//! The product behind the window: opened once, in the background, and what it has to tell at any time.

use std::sync::Arc;

use lethe_core::arguments::GlobalArguments;
use lethe_core::upkeep::Rhythm;
use lethe_core::view::AppEvent;
use lethe_core::{Code, Error, Lethe, Result};
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::OnceCell;

/// Opened at the first need; a failure stays one until the next start.
pub struct Product {
    arguments: GlobalArguments,
    lethe: OnceCell<Result<Arc<Lethe>>>,
}

impl Product {
    /// Nothing is opened yet.
    pub fn new(arguments: GlobalArguments) -> Self {
        Self { arguments, lethe: OnceCell::new() }
    }

    /// The product.
    ///
    /// # Errors
    /// Why the data folder can't be opened.
    pub async fn lethe(&self) -> Result<Arc<Lethe>> {
        let GlobalArguments { data_dir, .. } = &self.arguments;
        let open = || async { Lethe::open(data_dir.as_deref(), self.arguments.network()).await.map(Arc::new) };
        self.lethe.get_or_init(open).await.clone()
    }

    /// Ends the engine and writes everything to disk.
    pub async fn close(&self) {
        if let Some(Ok(lethe)) = self.lethe.get() {
            lethe.close().await;
        }
    }
}

/// Opens the product, tells the window where the engine stands, loads the model that was used last, and keeps lists and
/// stored answers up to date.
pub fn begin(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // The window asks for the state first thing and hears of a failure there.
        let Ok(lethe) = app.state::<Product>().lethe().await else { return };
        let mut engine = lethe.running().watch();
        let told = app.clone();
        let upkeep =
            tauri::async_runtime::spawn(lethe.clone().upkeep(Rhythm::default(), move |event| tell(&told, &event)));
        let warm_up = tauri::async_runtime::spawn(async move {
            match lethe.warm_up().await {
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
