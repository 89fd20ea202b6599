//! How a model is to be loaded: the settings, what the machine has, and what fits.

use std::path::Path;
use std::sync::Arc;

use lethe_models::devices;
use lethe_models::fit::{Shape, estimate, largest_context};
use lethe_models::gguf::Header;
use lethe_models::kernels::Choice;
use lethe_models::memory::{self, Memory};
use lethe_models::wire::{LoadRequest, Offload};

use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::base::settings::Settings;
use crate::models::context::context_size;
use crate::models::fit;
use crate::models::model::ModelFile;
use crate::models::tuning::Tuning;

/// A model file and how it will be loaded.
#[derive(Clone)]
pub(super) struct Plan {
    pub file: ModelFile,
    pub request: LoadRequest,
    pub header: Arc<Header>,
    pub shape: Shape,
    pub choice: Choice,
    /// What it will compute on, for people.
    pub device: String,
}

impl Plan {
    /// Looks at the file and the machine; `report` hears what takes long.
    ///
    /// # Errors
    /// `ModelUnusable`, and those of probing the machine.
    pub async fn new(
        file: &ModelFile,
        path: &Path,
        settings: &Settings,
        tuning: Tuning,
        paths: &Paths,
        report: impl Fn(&str),
    ) -> Result<Self> {
        let named = path.to_owned();
        let header = tokio::task::spawn_blocking(move || Header::read(&named)).await;
        let header = header.map_err(|_| Error::new(Code::Internal, "the model can't be read: load it again"))??;
        let context = context_size(&header, settings, tuning);
        let devices = devices::find(paths.engine(), paths.data(), report).await?;
        let shape = Shape::of(&header);
        let layers = fit::layers(&shape, &devices, context, tuning);
        let offload = devices.usable().filter(|_| layers > 0).map(|gpu| Offload {
            module: gpu.module.clone(),
            device: gpu.id.clone(),
            layers,
        });
        let all = u32::try_from(shape.layers.saturating_add(1)).unwrap_or(u32::MAX);
        let device = fit::device_text(&devices, layers, all);
        let choice = devices.cpu;
        let request = LoadRequest {
            path: path.to_owned(),
            context,
            threads: settings.threads.unwrap_or(choice.threads),
            prompt_threads: settings.threads.unwrap_or(choice.prompt_threads),
            offload,
        };
        Ok(Self { file: file.clone(), request, header: Arc::new(header), shape, choice, device })
    }

    /// A model that has no room is refused before it is loaded, with what would have.
    pub fn refuse_too_large(&self) -> Result<()> {
        let layers = self.request.offload.as_ref().map_or(0, |offload| offload.layers);
        let now = Memory::now();
        let needs = estimate(&self.shape, self.request.context, layers).memory;
        let Some(reason) = memory::refusal(needs.weights, needs.cache.saturating_add(needs.compute), now) else {
            return Ok(());
        };
        let instead = match largest_context(&self.shape, layers, now) {
            0 => String::new(),
            largest => format!("; a context of {largest} tokens would fit"),
        };
        Err(Error::new(Code::ModelUnusable, format!("this model can't be used: {reason}{instead}")))
    }
}
