//! The kernel variants that llama.cpp was built with, and which of them this machine can run.
//!
//! llama.cpp scores each module by the CPU's feature flags and takes the best. The flags can promise what the
//! machine forbids: on virtual machines that show AMX, the best-scoring variant ends with SIGILL at its first
//! multiplication. So Lethe runs `lethe-engine probe` once for each variant, best first, in a process that may die.

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::time::Instant;

use lethe_models::devices::Compared;
use lethe_models::kernels::{Measured, Scored, is_cpu_module};
use lethe_models::load::{Conditions, Meter};
use lethe_models::speeds::TypeSpeed;
use lethe_models::weight_type::WeightType;

use crate::Failure;
use crate::device::Device;
use crate::llama::{Cache, Context, ContextSize, Model, Placement};
use crate::probe_model;

/// The CPU modules in a folder with the score that each gives itself on this machine, best first. Modules that
/// score 0 can't run here and are left out.
///
/// # Errors
/// When the folder can't be read.
pub fn scored(folder: &Path) -> Result<Vec<Scored>, String> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("the kernel modules in {} can't be read: {error}", folder.display()))?;
    let mut found: Vec<Scored> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_cpu_module))
        .filter_map(|module| score(&module).map(|score| Scored { module, score }))
        .filter(|scored| scored.score > 0)
        .collect();
    found.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.module.cmp(&b.module)));
    Ok(found)
}

fn score(module: &Path) -> Option<u32> {
    // SAFETY: the modules are llama.cpp's own; loading one runs no code beyond the C++ runtime's start, and the
    // exported function takes nothing and only reads the CPU's feature flags.
    unsafe {
        let library = libloading::Library::new(module).ok()?;
        let score: libloading::Symbol<'_, unsafe extern "C" fn() -> c_int> = library.get(b"ggml_backend_score").ok()?;
        u32::try_from(score()).ok()
    }
}

/// Runs a tiny model with the module that is loaded, once for each number of threads.
///
/// # Errors
/// One sentence; a variant that the machine can't run does not return at all.
pub fn measure(threads: &[u32], scratch: &Path) -> Result<Vec<Measured>, Failure> {
    let path: PathBuf = scratch.join("probe.gguf");
    written(&path, probe_model::write(&path))?;
    Ok(measure_file(&path, Placement::Processor, threads)?)
}

/// Runs a tiny model on the processor, then with all its layers on a device.
///
/// # Errors
/// One sentence; a driver that fails may end the process.
pub fn compare(device: Device, threads: u32, scratch: &Path) -> Result<Compared, Failure> {
    let path: PathBuf = scratch.join("device.gguf");
    written(&path, probe_model::write(&path))?;
    let measure = |placement| {
        let measured = measure_file(&path, placement, &[threads])?;
        measured.into_iter().next().ok_or_else(|| "the probe measured nothing".to_owned())
    };
    let processor = measure(Placement::Processor)?;
    let device = measure(Placement::Device(device, u32::MAX))?;
    Ok(Compared { processor, device })
}

/// Runs a tiny model of each type of weights.
///
/// # Errors
/// One sentence.
pub fn measure_types(threads: u32, scratch: &Path) -> Result<Vec<TypeSpeed>, Failure> {
    let path: PathBuf = scratch.join("types.gguf");
    let mut speeds = Vec::new();
    for weight_type in WeightType::ALL {
        written(&path, probe_model::write_type(&path, weight_type))?;
        let measured = measure_file(&path, Placement::Processor, &[threads])?;
        speeds.extend(measured.into_iter().map(|Measured { prompt_rate, answer_rate, conditions, .. }| TypeSpeed {
            weight_type,
            prompt_rate,
            answer_rate,
            conditions,
        }));
    }
    Ok(speeds)
}

fn written(path: &Path, outcome: std::io::Result<()>) -> Result<(), Failure> {
    outcome.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Failure::NoRoom,
        kind => Failure::Sentence(format!("{} can't be written: {kind}", path.display())),
    })
}

fn measure_file(path: &Path, placement: Placement, threads: &[u32]) -> Result<Vec<Measured>, String> {
    const PROMPT: u32 = 256;
    const ANSWER: u32 = 24;
    const ROUNDS: u32 = 3;
    let model = Model::load(path, placement, |_| ())?;
    let prompt: Vec<u32> = (0..PROMPT).map(|token| token % probe_model::VOCABULARY).collect();
    let mut measured = Vec::new();
    for &threads in threads {
        let size = ContextSize { tokens: 512, threads, prompt_threads: threads, cache: Cache::Usual };
        let mut context = Context::new(&model, size)?;
        let failed = |error| format!("the probe failed: {error:?}");
        // The first run maps the weights and wakes the threads.
        context.decode(&prompt).map_err(failed)?;
        context.decode(&[1]).map_err(failed)?;
        context.wait();
        let mut best = Measured { threads, prompt_rate: 0.0, answer_rate: 0.0, conditions: Conditions::default() };
        let meter = Meter::start();
        // What else the machine does can only slow a round down: the best one tells.
        for _ in 0..ROUNDS {
            context.forget_all();
            let start = Instant::now();
            context.decode(&prompt).map_err(failed)?;
            context.wait();
            best.prompt_rate = best.prompt_rate.max(f64::from(PROMPT) / start.elapsed().as_secs_f64());
            let start = Instant::now();
            for token in 0..ANSWER {
                context.decode(&[token]).map_err(failed)?;
                context.wait();
            }
            best.answer_rate = best.answer_rate.max(f64::from(ANSWER) / start.elapsed().as_secs_f64());
        }
        // On a device the processor waits, which says nothing of others.
        if matches!(placement, Placement::Processor) {
            best.conditions = meter.stop(threads);
        }
        measured.push(best);
    }
    Ok(measured)
}
