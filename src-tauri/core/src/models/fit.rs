//! Whether a model fits this machine, what it computes with, and how much of it a graphics processor takes.

use lethe_models::devices::{self, DeviceKind, Devices, MemoryOf};
use lethe_models::fit::{self, Needs, Shape};
use lethe_models::gguf::Header;
use lethe_models::memory::Memory;
use serde::Serialize;
use ts_rs::TS;

use crate::base::blocking::blocking;
use crate::base::error::{Error, Result};
use crate::base::paths::Paths;
use crate::base::settings::CurrentSettings;
use crate::models::context::context_size;
use crate::models::fits::FitsView;
use crate::models::library::Models;
use crate::models::model::ModelFile;
use crate::models::tuning::Tuning;

/// What a model takes, and whether that fits.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FitView {
    #[ts(type = "number")]
    pub weights_bytes: u64,
    /// Keys and values of the context, bytes.
    #[ts(type = "number")]
    pub cache_bytes: u64,
    #[ts(type = "number")]
    pub compute_bytes: u64,
    /// All of it, on all devices.
    #[ts(type = "number")]
    pub total_bytes: u64,
    #[ts(type = "number")]
    pub memory_free: u64,
    /// All memory of this machine.
    #[ts(type = "number")]
    pub memory_total: u64,
    pub fits: FitsView,
    /// The same as a sentence.
    pub text: String,
    /// Context in tokens.
    pub context: u32,
    /// The largest that fits well; 0: none.
    pub largest_context: u32,
    /// The one that it was trained for; 0 where that is not known.
    pub trained_context: u32,
    /// Layers that can be on a graphics processor, the output counted as one; 0 without such a processor.
    pub layers: u32,
    pub layers_offloaded: u32,
    /// What it computes on.
    pub device: String,
    /// What fits instead.
    pub smaller: Option<String>,
}

/// Something to compute with.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    pub id: String,
    pub name: String,
    pub kind: DeviceKindView,
    /// Its memory; none where that is the machine's or not known.
    #[ts(type = "number | null")]
    pub memory_bytes: Option<u64>,
    /// Whether models are computed on it.
    pub in_use: bool,
    pub left_out: Option<String>,
    /// What was tried, one sentence.
    pub probed: String,
}

/// How a device is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "DeviceKind")]
pub enum DeviceKindView {
    /// The processor.
    Cpu,
    Vulkan,
    Cuda,
    Metal,
    Other,
}

/// So many layers of a model go to the graphics processor: as many as were chosen, else as many as fit.
pub(crate) fn layers(shape: &Shape, devices: &Devices, context: u32, tuning: Tuning) -> u32 {
    let Some(gpu) = devices.usable() else { return 0 };
    let most = u32::try_from(shape.layers.saturating_add(1)).unwrap_or(u32::MAX);
    let free = gpu.free.unwrap_or(u64::MAX);
    tuning.layers.map_or_else(|| fit::layers_that_fit(shape, free, context), |layers| layers.min(most))
}

/// What a model computes on, for people.
pub(crate) fn device_text(devices: &Devices, layers: u32, all: u32) -> String {
    match devices.usable().filter(|_| layers > 0) {
        Some(gpu) if layers >= all => gpu.name.clone(),
        Some(gpu) => format!("{}, {layers} of {all} layers", gpu.name),
        None => format!("CPU ({})", devices.cpu.variant()),
    }
}

/// What this machine can do with models.
pub struct Fitting {
    models: Models,
    settings: CurrentSettings,
    paths: Paths,
}

impl Fitting {
    pub(crate) fn new(models: Models, settings: CurrentSettings, paths: Paths) -> Self {
        Self { models, settings, paths }
    }

    /// What this machine computes with; each is tried once.
    ///
    /// # Errors
    /// `EngineDied`, `ModelUnusable` when nothing runs here.
    pub async fn devices(&self) -> Result<Vec<DeviceView>> {
        let devices = self.find_devices().await?;
        let in_use = devices.usable().map(|gpu| gpu.id.clone());
        let left_out = &devices.cpu.left_out;
        let tried = match left_out.len() {
            0 => format!("The kernels \"{}\" score best here and run", devices.cpu.variant()),
            _ => {
                let names: Vec<String> =
                    left_out.iter().map(|kernels| format!("{} ({})", kernels.variant, kernels.why)).collect();
                format!("The kernels \"{}\" run; left out: {}", devices.cpu.variant(), names.join(", "))
            }
        };
        let cpu = DeviceView {
            id: "cpu".to_owned(),
            name: format!("CPU ({}, {} threads)", devices.cpu.variant(), devices.cpu.threads),
            kind: DeviceKindView::Cpu,
            memory_bytes: None,
            in_use: true,
            left_out: None,
            probed: tried,
        };
        let gpus = devices.gpus.iter().map(|gpu| DeviceView {
            id: gpu.id.clone(),
            name: gpu.name.clone(),
            kind: match gpu.kind {
                DeviceKind::Vulkan => DeviceKindView::Vulkan,
                DeviceKind::Cuda => DeviceKindView::Cuda,
                DeviceKind::Metal => DeviceKindView::Metal,
                DeviceKind::Other => DeviceKindView::Other,
            },
            memory_bytes: gpu.memory.filter(|_| gpu.memory_of == MemoryOf::Device),
            in_use: in_use.as_ref() == Some(&gpu.id),
            left_out: gpu.left_out.clone(),
            probed: gpu.probed.clone(),
        });
        Ok(std::iter::once(cpu).chain(gpus).collect())
    }

    async fn find_devices(&self) -> Result<Devices> {
        Ok(devices::find(self.paths.engine(), self.paths.data(), |_| ()).await?)
    }

    /// What a model takes with these choices, and whether it fits; what is not chosen is as it would be loaded.
    ///
    /// # Errors
    /// `NoModel`, `BadInput` for a model on a server, `ModelUnusable`, `Store`.
    pub async fn fit(&self, id: &str, tuning: Tuning) -> Result<FitView> {
        let file = self.models.find(id).await?;
        let tuning = tuning.or(self.models.tuning(&file.id).await?);
        self.fit_of(&file, tuning).await
    }

    /// Keeps choices for a model; none of both: Lethe chooses. The next answer loads it so.
    ///
    /// # Errors
    /// As [`Fitting::fit`].
    pub async fn tune(&self, id: &str, tuning: Tuning) -> Result<FitView> {
        if tuning.context.is_some_and(|context| context < 256) {
            return Err(Error::bad_input("a context has at least 256 tokens: choose a larger one"));
        }
        let file = self.models.find(id).await?;
        self.models.set_tuning(&file.id, tuning).await?;
        self.fit_of(&file, tuning).await
    }

    async fn fit_of(&self, file: &ModelFile, tuning: Tuning) -> Result<FitView> {
        let path = file.path()?.to_owned();
        let header = blocking(move || Header::read(&path)).await?;
        let devices = self.find_devices().await?;
        let context = context_size(&header, &self.settings.get(), tuning);
        let shape = Shape::of(&header);
        let offloaded = layers(&shape, &devices, context, tuning);
        let all = u32::try_from(shape.layers.saturating_add(1)).unwrap_or(u32::MAX);
        let Needs { memory, device } = fit::estimate(&shape, context, offloaded);
        let now = Memory::now();
        let verdict = fit::verdict(&shape, context, offloaded, now, &[]);
        Ok(FitView {
            weights_bytes: memory.weights.saturating_add(device.weights),
            cache_bytes: memory.cache.saturating_add(device.cache),
            compute_bytes: memory.compute.saturating_add(device.compute),
            total_bytes: memory.total().saturating_add(device.total()),
            memory_free: now.available,
            memory_total: now.total,
            fits: verdict.fits.into(),
            text: verdict.text,
            context,
            largest_context: verdict.largest_context,
            trained_context: u32::try_from(header.context_trained()).unwrap_or(u32::MAX),
            layers: if devices.usable().is_some() { all } else { 0 },
            layers_offloaded: offloaded,
            device: device_text(&devices, offloaded, all),
            smaller: verdict.smaller,
        })
    }
}
