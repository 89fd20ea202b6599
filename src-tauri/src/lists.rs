//! Commands about the filter: lists, their sources, the sweep, and what model cards say.

use std::path::{Path, PathBuf};

use lethe_core::Result;
use lethe_core::base::network::elsewhere;
use lethe_core::base::segment::Segment;
use lethe_core::chat::sweep::Sweep;
use lethe_core::lists::library::{ListView, Subscription};
use lethe_core::lists::watch::WatchChange;
use lethe_core::view::AppEvent;
use tauri::{AppHandle, State};

use crate::commands::pick;
use crate::files::opened;
use crate::hosts::agreed;
use crate::product::{Product, tell};

#[tauri::command]
pub async fn list_all(product: State<'_, Product>) -> Result<Vec<ListView>> {
    product.lethe().await?.lists().all().await
}

#[tauri::command]
pub async fn list_import(app: AppHandle, product: State<'_, Product>, path: PathBuf) -> Result<ListView> {
    import_list(&app, &product, &opened(&app, path).await?).await
}

#[tauri::command]
pub async fn list_pick(app: AppHandle, product: State<'_, Product>) -> Result<Option<ListView>> {
    match pick(&app, "Lists", &["jsonl", "list"]).await? {
        Some(path) => import_list(&app, &product, &path).await.map(Some),
        None => Ok(None),
    }
}

#[tauri::command]
pub async fn list_enable(app: AppHandle, product: State<'_, Product>, id: String, enabled: bool) -> Result<ListView> {
    let lethe = product.lethe().await?;
    let list = lethe.changing(lethe.lists().enable(&id, enabled)).await?;
    tell(&app, &AppEvent::Filter { filter: lethe.filters().status() });
    Ok(list)
}

#[tauri::command]
pub async fn list_remove(app: AppHandle, product: State<'_, Product>, id: String) -> Result<()> {
    let lethe = product.lethe().await?;
    lethe.changing(lethe.lists().remove(&id)).await?;
    tell(&app, &AppEvent::Filter { filter: lethe.filters().status() });
    Ok(())
}

#[tauri::command]
pub async fn list_subscribe(
    app: AppHandle,
    product: State<'_, Product>,
    name: String,
    url: String,
    root: Option<PathBuf>,
    descriptor: Option<PathBuf>,
) -> Result<ListView> {
    let lethe = product.lethe().await?;
    agreed(&app, lethe.requests().state(), elsewhere(&url)).await?;
    let root = opened_if_any(&app, root).await?;
    let descriptor = opened_if_any(&app, descriptor).await?;
    let what = match &root {
        Some(root) => Subscription::Feed { url: &url, root },
        None => Subscription::Url { url: &url, descriptor: descriptor.as_deref() },
    };
    let list = lethe.changing(lethe.lists().subscribe_and_fetch(&name, what)).await;
    tell(&app, &AppEvent::Filter { filter: lethe.filters().status() });
    list
}

#[tauri::command]
pub async fn list_update(app: AppHandle, product: State<'_, Product>, id: Option<String>) -> Result<Vec<ListView>> {
    let lethe = product.lethe().await?;
    let lists = lethe.changing(lethe.lists().update(id.as_deref())).await?;
    tell(&app, &AppEvent::Filter { filter: lethe.filters().status() });
    Ok(lists.into_iter().map(|(list, _)| list).collect())
}

#[tauri::command]
pub async fn list_update_from(
    app: AppHandle,
    product: State<'_, Product>,
    id: String,
    path: PathBuf,
) -> Result<ListView> {
    let lethe = product.lethe().await?;
    let path = opened(&app, path).await?;
    let list = lethe.changing(lethe.lists().update_from(&id, &path)).await;
    tell(&app, &AppEvent::Filter { filter: lethe.filters().status() });
    list
}

#[tauri::command]
pub async fn root_pick(app: AppHandle) -> Result<Option<PathBuf>> {
    pick(&app, "Root files", &["json"]).await
}

#[tauri::command]
pub async fn descriptor_pick(app: AppHandle) -> Result<Option<PathBuf>> {
    pick(&app, "Descriptors", &["toml"]).await
}

#[tauri::command]
pub async fn archive_pick(app: AppHandle) -> Result<Option<PathBuf>> {
    pick(&app, "Archives and lists", &["tar", "list", "jsonl"]).await
}

#[tauri::command]
pub async fn sweep_start(product: State<'_, Product>) -> Result<Sweep> {
    let lethe = product.lethe().await?;
    lethe.sweep_in_background(true);
    Ok(lethe.sweeper().last())
}

#[tauri::command]
pub async fn sweep_cancel(product: State<'_, Product>) -> Result<Sweep> {
    let lethe = product.lethe().await?;
    lethe.sweeper().cancel();
    Ok(lethe.sweeper().last())
}

#[tauri::command]
pub async fn watch_changes(product: State<'_, Product>) -> Result<Vec<WatchChange>> {
    product.lethe().await?.cards().changes().await
}

#[tauri::command]
pub async fn watch_dismiss(product: State<'_, Product>, id: i64) -> Result<()> {
    product.lethe().await?.cards().dismiss(id).await
}

#[tauri::command]
pub async fn filter_test(product: State<'_, Product>, text: String) -> Result<Vec<Segment>> {
    Ok(product.lethe().await?.filters().test(&text))
}

async fn opened_if_any(app: &AppHandle, path: Option<PathBuf>) -> Result<Option<PathBuf>> {
    match path {
        Some(path) => opened(app, path).await.map(Some),
        None => Ok(None),
    }
}

async fn import_list(app: &AppHandle, product: &Product, path: &Path) -> Result<ListView> {
    let lethe = product.lethe().await?;
    let list = lethe.changing(lethe.lists().import(path)).await?;
    tell(app, &AppEvent::Filter { filter: lethe.filters().status() });
    Ok(list)
}
