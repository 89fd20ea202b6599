//! Commands of the window: product actions, never files or processes as such.

use std::path::PathBuf;

use lethe_core::base::settings::Settings;
use lethe_core::chat::history::{Conversation, ConversationId, ConversationSummary, MessageId, SearchHit};
use lethe_core::chat::receipt::Receipt;
use lethe_core::view::{AppEvent, AppState};
use lethe_core::{Result, chat::export};
use tauri::{AppHandle, Manager, State};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

use crate::files::Files;
use crate::product::{Product, internal, tell};

#[tauri::command]
pub async fn app_state(product: State<'_, Product>) -> Result<AppState> {
    product.state().await
}

#[tauri::command]
pub async fn conversation_list(product: State<'_, Product>) -> Result<Vec<ConversationSummary>> {
    product.lethe().await?.history().list().await
}

#[tauri::command]
pub async fn conversation_open(product: State<'_, Product>, id: ConversationId) -> Result<Conversation> {
    product.lethe().await?.history().open(id).await
}

#[tauri::command]
pub async fn conversation_rename(
    product: State<'_, Product>,
    id: ConversationId,
    title: String,
) -> Result<ConversationSummary> {
    product.lethe().await?.history().rename(id, &title).await
}

#[tauri::command]
pub async fn conversation_delete(product: State<'_, Product>, id: ConversationId) -> Result<u32> {
    product.lethe().await?.delete(id).await
}

#[tauri::command]
pub async fn conversation_restore(product: State<'_, Product>, id: ConversationId) -> Result<ConversationSummary> {
    product.lethe().await?.history().restore(id).await
}

#[tauri::command]
pub async fn conversation_export(product: State<'_, Product>, id: ConversationId) -> Result<String> {
    let conversation = product.lethe().await?.history().open(id).await?;
    export::to_downloads(&conversation).map(|path| path.display().to_string())
}

#[tauri::command]
pub async fn history_search(product: State<'_, Product>, query: String) -> Result<Vec<SearchHit>> {
    product.lethe().await?.history().search(&query).await
}

#[tauri::command]
pub async fn message_variant(product: State<'_, Product>, message: MessageId, variant: u32) -> Result<Conversation> {
    product.lethe().await?.history().show_variant(message, variant).await
}

#[tauri::command]
pub async fn answer_receipt(product: State<'_, Product>, message: MessageId) -> Result<Option<Receipt>> {
    product.lethe().await?.history().receipt(message).await
}

#[tauri::command]
pub async fn report_export(product: State<'_, Product>) -> Result<String> {
    let report = product.lethe().await?.report().await?;
    report.write(&export::downloads()?).map(|path| path.display().to_string())
}

#[tauri::command]
pub async fn settings_set(app: AppHandle, product: State<'_, Product>, settings: Settings) -> Result<Settings> {
    let lethe = product.lethe().await?;
    lethe.changing(lethe.set_settings(settings)).await?;
    tell(&app, &AppEvent::Filter { filter: lethe.filters().status() });
    Ok(lethe.settings())
}

/// What a person said to a question of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// Go on.
    Yes,
    /// Leave it.
    No,
}

/// The system's dialog for one file of a kind; `None` when the user leaves it.
pub(crate) async fn pick(app: &AppHandle, what: &str, ends: &[&str]) -> Result<Option<PathBuf>> {
    let (sender, chosen) = oneshot::channel();
    // Nobody waits any more when the window was closed.
    app.dialog().file().add_filter(what, ends).pick_file(move |path| drop(sender.send(path)));
    picked(app, chosen).await
}

/// The system's dialog for one folder; `None` when the user leaves it.
pub(crate) async fn pick_folder(app: &AppHandle) -> Result<Option<PathBuf>> {
    let (sender, chosen) = oneshot::channel();
    app.dialog().file().pick_folder(move |path| drop(sender.send(path)));
    picked(app, chosen).await
}

/// The system's dialog for a new file; `None` when the user leaves it.
pub(crate) async fn pick_new(app: &AppHandle, name: &str) -> Result<Option<PathBuf>> {
    let (sender, chosen) = oneshot::channel();
    app.dialog().file().set_file_name(name).save_file(move |path| drop(sender.send(path)));
    picked(app, chosen).await
}

async fn picked(app: &AppHandle, chosen: oneshot::Receiver<Option<FilePath>>) -> Result<Option<PathBuf>> {
    let path = chosen.await.map_err(|_| internal("the file dialog was lost"))?;
    let path = path.map(|path| path.into_path().map_err(|_| internal("this file can't be opened"))).transpose()?;
    if let Some(path) = &path {
        app.state::<Files>().give(path);
    }
    Ok(path)
}
