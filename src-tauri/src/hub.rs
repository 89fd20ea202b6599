//! Commands for getting models: the catalogue, the hub, its token, and downloads.

use lethe_core::Result;
use lethe_core::models::catalog::Catalog;
use lethe_core::models::downloads::DownloadView;
use lethe_core::models::hub::{HubHit, HubRepo, TokenState};
use tauri::State;

use crate::product::Product;

#[tauri::command]
pub async fn catalog(product: State<'_, Product>) -> Result<Catalog> {
    product.lethe().await?.offers().catalog().await
}

#[tauri::command]
pub async fn hub_search(product: State<'_, Product>, query: String) -> Result<Vec<HubHit>> {
    product.lethe().await?.hub().search(&query).await
}

#[tauri::command]
pub async fn hub_repo(product: State<'_, Product>, repository: String, revision: Option<String>) -> Result<HubRepo> {
    product.lethe().await?.hub().repository(&repository, revision.as_deref()).await
}

#[tauri::command]
pub async fn token_state(product: State<'_, Product>) -> Result<TokenState> {
    product.lethe().await?.hub().token_state().await
}

#[tauri::command]
pub async fn token_set(product: State<'_, Product>, token: Option<String>) -> Result<TokenState> {
    product.lethe().await?.hub().set_token(token.as_deref()).await
}

#[tauri::command]
pub async fn download_all(product: State<'_, Product>) -> Result<Vec<DownloadView>> {
    Ok(product.lethe().await?.downloads().all())
}

#[tauri::command]
pub async fn download_start(
    product: State<'_, Product>,
    repository: String,
    revision: Option<String>,
    variant: String,
) -> Result<DownloadView> {
    product.lethe().await?.downloads().start(&repository, revision.as_deref(), &variant).await
}

#[tauri::command]
pub async fn download_pause(product: State<'_, Product>, id: String) -> Result<()> {
    product.lethe().await?.downloads().pause(&id).await
}

#[tauri::command]
pub async fn download_resume(product: State<'_, Product>, id: String) -> Result<()> {
    product.lethe().await?.downloads().resume(&id).await
}

#[tauri::command]
pub async fn download_cancel(product: State<'_, Product>, id: String) -> Result<()> {
    product.lethe().await?.downloads().cancel(&id).await
}
