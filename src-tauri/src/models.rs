//! Commands for models: the list, their pages, and official weights that become models.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lethe_core::models::card::CardView;
use lethe_core::models::conversion::{Job, OfficialWeights};
use lethe_core::models::deletion::{Deletion, DeletionScope};
use lethe_core::models::fit::{DeviceView, FitView};
use lethe_core::models::inspection::{InspectionView, inspect};
use lethe_core::models::library::{FoundModel, Imports};
use lethe_core::models::model::ModelView;
use lethe_core::models::page::ModelPage;
use lethe_core::models::tuning::Tuning;
use lethe_core::view::AppEvent;
use lethe_core::{Error, Lethe, Result};
use lethe_models::elsewhere::Roots;
use lethe_models::weight_type::WeightType;
use tauri::{AppHandle, State};

use crate::commands::{pick, pick_folder};
use crate::files::{Files, opened};
use crate::product::{Product, tell};

#[tauri::command]
pub async fn model_list(product: State<'_, Product>) -> Result<Vec<ModelView>> {
    product.lethe().await?.models().all().await
}

#[tauri::command]
pub async fn model_select(product: State<'_, Product>, id: String) -> Result<()> {
    product.lethe().await?.select_model(&id).await
}

#[tauri::command]
pub async fn model_import(app: AppHandle, product: State<'_, Product>, path: PathBuf) -> Result<ModelView> {
    let path = opened(&app, path).await?;
    product.lethe().await?.models().import(&path).await
}

#[tauri::command]
pub async fn model_pick(app: AppHandle, product: State<'_, Product>) -> Result<Option<ModelView>> {
    match pick(&app, "Models", &["gguf"]).await? {
        Some(path) => product.lethe().await?.models().import(&path).await.map(Some),
        None => Ok(None),
    }
}

#[tauri::command]
pub async fn model_remove(product: State<'_, Product>, id: String) -> Result<()> {
    product.lethe().await?.models().remove(&id).await
}

#[tauri::command]
pub async fn models_found(files: State<'_, Files>, product: State<'_, Product>) -> Result<Vec<FoundModel>> {
    let found = product.lethe().await?.models().found(Roots::of_this_machine()).await?;
    found.iter().for_each(|model| files.give(Path::new(&model.path)));
    Ok(found)
}

#[tauri::command]
pub async fn models_import(app: AppHandle, product: State<'_, Product>, paths: Vec<PathBuf>) -> Result<Imports> {
    let mut given = Vec::with_capacity(paths.len());
    for path in paths {
        given.push(opened(&app, path).await?);
    }
    let paths = given;
    product.lethe().await?.models().import_all(&paths).await
}

#[tauri::command]
pub async fn model_deletion(product: State<'_, Product>, id: String) -> Result<Deletion> {
    product.lethe().await?.deletions().preview(&id).await
}

#[tauri::command]
pub async fn model_delete(product: State<'_, Product>, id: String, files: bool) -> Result<()> {
    let scope = if files { DeletionScope::Files } else { DeletionScope::ListOnly };
    product.lethe().await?.deletions().delete(&id, scope).await
}

#[tauri::command]
pub async fn model_inspect(product: State<'_, Product>, id: String) -> Result<InspectionView> {
    inspect(product.lethe().await?.models(), &id).await
}

#[tauri::command]
pub async fn model_fit(
    product: State<'_, Product>,
    id: String,
    context: Option<u32>,
    layers: Option<u32>,
) -> Result<FitView> {
    product.lethe().await?.fitting().fit(&id, Tuning { context, layers }).await
}

#[tauri::command]
pub async fn model_tune(
    product: State<'_, Product>,
    id: String,
    context: Option<u32>,
    layers: Option<u32>,
) -> Result<FitView> {
    product.lethe().await?.fitting().tune(&id, Tuning { context, layers }).await
}

#[tauri::command]
pub async fn devices(product: State<'_, Product>) -> Result<Vec<DeviceView>> {
    product.lethe().await?.fitting().devices().await
}

#[tauri::command]
pub async fn model_page(product: State<'_, Product>, id: String) -> Result<ModelPage> {
    product.lethe().await?.pages().page(&id).await
}

#[tauri::command]
pub async fn model_card(product: State<'_, Product>, card: String) -> Result<CardView> {
    product.lethe().await?.terms().card(&card).await
}

#[tauri::command]
pub async fn terms_accept(product: State<'_, Product>, card: String) -> Result<CardView> {
    product.lethe().await?.terms().accept(&card).await
}

#[tauri::command]
pub async fn weights_pick(app: AppHandle) -> Result<Option<PathBuf>> {
    pick_folder(&app).await
}

#[tauri::command]
pub async fn weights_inspect(app: AppHandle, product: State<'_, Product>, path: PathBuf) -> Result<OfficialWeights> {
    let path = opened(&app, path).await?;
    product.lethe().await?.converter().inspect(&path).await
}

/// Begins a conversion; how it goes on, the window hears by events.
#[tauri::command]
pub async fn convert_start(app: AppHandle, product: State<'_, Product>, path: PathBuf, r#type: String) -> Result<()> {
    let lethe = product.lethe().await?;
    let path = opened(&app, path).await?;
    let weight_type: WeightType = r#type.parse().map_err(|error| Error::bad_input(format!("{error}")))?;
    let job = Job { folder: path, out: None, weight_type: Some(weight_type), repository: None, revision: None };
    lethe.converter().may_convert(&job).await?;
    tauri::async_runtime::spawn(convert(app, lethe, job));
    Ok(())
}

#[tauri::command]
pub async fn convert_cancel(product: State<'_, Product>) -> Result<()> {
    product.lethe().await?.converter().cancel();
    Ok(())
}

async fn convert(app: AppHandle, lethe: Arc<Lethe>, job: Job) {
    let mut state = lethe.converter().watch();
    let converting = lethe.converter().convert_and_import(&job);
    tokio::pin!(converting);
    loop {
        tokio::select! {
            // A failure is a state as well.
            _ = &mut converting => break,
            Ok(()) = state.changed() => {
                let conversion = state.borrow_and_update().clone();
                tell(&app, &AppEvent::Conversion { conversion });
            }
        }
    }
    tell(&app, &AppEvent::Conversion { conversion: lethe.converter().state() });
}
