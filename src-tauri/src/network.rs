//! Commands for the network: the ledger, the switch, and models on servers.

use lethe_core::base::ledger::LedgerPage;
use lethe_core::base::network::NetworkState;
use lethe_core::models::model::ModelView;
use lethe_core::{Result, Secret};
use tauri::{AppHandle, State};

use crate::hosts::agreed;
use crate::product::Product;

#[tauri::command]
pub async fn ledger(product: State<'_, Product>, before: Option<i64>) -> Result<LedgerPage> {
    product.lethe().await?.ledger().page(before).await
}

#[tauri::command]
pub async fn ledger_clear(product: State<'_, Product>) -> Result<()> {
    product.lethe().await?.ledger().clear().await
}

#[tauri::command]
pub async fn network_offline(product: State<'_, Product>, offline: bool) -> Result<NetworkState> {
    product.lethe().await?.set_offline(offline).await
}

#[tauri::command]
pub async fn remote_list(
    app: AppHandle,
    product: State<'_, Product>,
    url: String,
    key: Option<String>,
) -> Result<Vec<String>> {
    let lethe = product.lethe().await?;
    agreed(&app, lethe.requests().state(), lethe.models().remotes().stranger(&url).await?).await?;
    let models = lethe.models().remotes().list(&url, secret(key)).await?;
    Ok(models.into_iter().map(|model| model.id).collect())
}

#[tauri::command]
pub async fn remote_add(
    app: AppHandle,
    product: State<'_, Product>,
    name: String,
    url: String,
    model: String,
    key: Option<String>,
) -> Result<ModelView> {
    let lethe = product.lethe().await?;
    agreed(&app, lethe.requests().state(), lethe.models().remotes().stranger(&url).await?).await?;
    lethe.models().remotes().add(&name, &url, &model, secret(key)).await
}

fn secret(key: Option<String>) -> Option<Secret> {
    key.filter(|key| !key.trim().is_empty()).map(|key| Secret::new(&key))
}
