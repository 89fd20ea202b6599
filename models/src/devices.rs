//! Which devices a model can compute on beside the processor: each is tried in a process of its own, then remembered.
//!
//! A driver can end or hang the process that asks it for a device, so the engine's program lists the devices of one
//! module at a time, and a device is used only after it has run a tiny model on this machine. What dies, hangs or is
//! slower than the processor is left out, with the reason. The outcome is kept for this machine, build and list of
//! devices. Deliberately not here: how many layers a device takes ([`crate::fit::layers_that_fit`]).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::cache_file;
use crate::engine::EngineError;
use crate::kernels::{self, Choice, Measured, no_scratch};
use crate::load::Tries;
use crate::plain::plain;
use crate::program::{Program, ProgramError, Scratch};

/// A driver that takes longer to list its devices is taken for dead.
const LISTING: Duration = Duration::from_secs(30);

/// A probe that takes longer is taken for dead. Drivers compile their programs at the first use of a device.
const PROBING: Duration = Duration::from_secs(180);

/// Names a device that the Vulkan module would pass over, such as one that is a program: `0` is the first.
const NAMED_VULKAN: &str = "GGML_VK_VISIBLE_DEVICES";

/// Longest text of what is remembered that is shown, in characters.
const LONGEST_TEXT: usize = 300;

/// A turn of a chat, by which the speeds are compared: tokens read, tokens generated.
const TURN: (f64, f64) = (512.0, 128.0);

/// What the engine's program says of one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundDevice {
    /// Its name in llama.cpp, such as `Vulkan0`.
    pub name: String,
    /// Its name for people.
    pub description: String,
    pub kind: FoundDeviceKind,
    /// The module's name in llama.cpp, such as `Vulkan`.
    pub driver: String,
    /// Free memory in bytes; 0 where it does not say.
    pub free: u64,
    /// All its memory in bytes; 0 where it does not say.
    pub total: u64,
}

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundDeviceKind {
    /// The processor.
    Cpu,
    /// A graphics processor with memory of its own.
    Gpu,
    /// A graphics processor that shares the machine's memory.
    SharedGpu,
    /// Something that helps the processor.
    Accelerator,
}

/// How a device is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Vulkan,
    Cuda,
    Metal,
    /// Another module.
    Other,
}

/// Whose memory a device computes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryOf {
    /// Its own.
    Device,
    /// The machine's: what it takes is missing there.
    Machine,
}

/// A graphics processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpu {
    /// The module that drives it.
    pub module: PathBuf,
    /// Its name in llama.cpp, such as `Vulkan0`: what [`crate::wire::Offload`] takes.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// How it is driven.
    pub kind: DeviceKind,
    /// Whose memory it computes in.
    pub memory_of: MemoryOf,
    /// All its memory in bytes, where it says.
    pub memory: Option<u64>,
    /// Its free memory in bytes when it was listed, where it says.
    pub free: Option<u64>,
    /// Why it is not used; nothing where it is.
    pub left_out: Option<String>,
    /// What was tried, one sentence.
    pub probed: String,
    /// How often it was compared with the processor while other programs kept the machine busy.
    #[serde(default)]
    pub tries: Tries,
}

/// What this machine can compute with.
#[derive(Debug, Clone, PartialEq)]
pub struct Devices {
    /// The processor's kernels.
    pub cpu: Choice,
    /// Graphics processors, those that are left out as well.
    pub gpus: Vec<Gpu>,
}

impl Devices {
    /// The device that models are offloaded to: the one with the most memory of those that work.
    pub fn usable(&self) -> Option<&Gpu> {
        let works = self.gpus.iter().filter(|gpu| gpu.left_out.is_none());
        works.max_by_key(|gpu| (gpu.memory_of == MemoryOf::Device, gpu.free))
    }
}

/// What a probe measured: the tiny model on the processor, and on the device.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub processor: Measured,
    /// With all layers on the device.
    pub device: Measured,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    fingerprint: String,
    gpus: Vec<Gpu>,
}

/// A device that a module lists, or a module that could not be asked.
struct Candidate {
    gpu: Gpu,
    /// A person has named it in the environment: it may be slow.
    named: bool,
}

/// The processor's kernels and the graphics processors of this machine, tried once and then remembered in `folder`.
///
/// `engine` is the engine's program, whose modules lie in `backends` beside it. `report` hears a sentence when a probe
/// begins and ends. Without modules for graphics processors nothing is started that [`kernels::choose`] does not start.
///
/// # Errors
/// Those of [`kernels::choose`]; a graphics processor that fails is left out and is no error.
pub async fn find(engine: &Path, folder: &Path, report: impl Fn(&str)) -> Result<Devices, EngineError> {
    let cpu = kernels::choose(engine, folder, &report).await?;
    let modules = gpu_modules(&engine.parent().unwrap_or(Path::new(".")).join("backends"));
    if modules.is_empty() {
        return Ok(Devices { cpu, gpus: Vec::new() });
    }
    // Two at once would write to the same files.
    static ALONE: Mutex<()> = Mutex::const_new(());
    let _alone = ALONE.lock().await;
    let mut candidates = Vec::new();
    for module in &modules {
        candidates.extend(candidates_of(engine, module).await);
    }
    let fingerprint = fingerprint(&cpu.fingerprint, &candidates);
    let memory = folder.join("devices.json");
    let known = remembered(&memory, &fingerprint);
    let mut changed = known.is_none();
    // Looked at once: each device that was compared on a busy machine is tried again at the same start.
    let again =
        known.iter().flatten().max_by_key(|gpu| gpu.tries.were_busy()).is_some_and(|gpu| gpu.tries.again(&memory));
    if known.is_none() {
        Tries::done(&memory);
    }
    let mut gpus = Vec::new();
    for Candidate { mut gpu, named } in candidates {
        let same = |known: &&Gpu| known.id == gpu.id && known.module.file_name() == gpu.module.file_name();
        let before = known.iter().flatten().find(same);
        gpu.tries = before.map(|before| before.tries).unwrap_or_default();
        match before {
            // Only what is said of a device comes from the data folder, and never which module drives it.
            Some(before) if !(again && before.tries.were_busy()) => {
                gpu.left_out = before.left_out.as_deref().map(|why| plain(why, LONGEST_TEXT));
                gpu.probed = plain(&before.probed, LONGEST_TEXT);
            }
            _ if gpu.left_out.is_none() => {
                changed = true;
                report(&format!("Trying {} (once for each update)", gpu.name));
                let outcome = probe(engine, &cpu, &gpu, folder).await;
                judge(&mut gpu, outcome, named);
                let outcome = gpu.left_out.as_deref().unwrap_or("it works");
                report(&format!("{}: {outcome}", gpu.name));
                tracing::info!(device = gpu.id, left_out = gpu.left_out, "graphics processor tried");
            }
            _ => {}
        }
        gpus.push(gpu);
    }
    if changed {
        remember(&memory, &Remembered { fingerprint, gpus: gpus.clone() });
    }
    Ok(Devices { cpu, gpus })
}

/// The modules beside the engine that are not for the processor.
fn gpu_modules(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut modules: Vec<PathBuf> = entries.filter(|path| driver_of(path).is_some()).collect();
    modules.sort();
    modules
}

/// The driver that a file is the module of: `vulkan` of `libggml-vulkan.so`.
fn driver_of(path: &Path) -> Option<&str> {
    let extension = path.extension().and_then(|extension| extension.to_str())?;
    let stem = path.file_stem().and_then(|stem| stem.to_str())?;
    let driver = stem.strip_prefix("lib").unwrap_or(stem).strip_prefix("ggml-")?;
    (["so", "dll", "dylib"].contains(&extension) && !driver.starts_with("cpu") && driver != "base").then_some(driver)
}

fn kind_of(module: &Path) -> DeviceKind {
    match driver_of(module) {
        Some("vulkan") => DeviceKind::Vulkan,
        Some("cuda") => DeviceKind::Cuda,
        Some("metal") => DeviceKind::Metal,
        _ => DeviceKind::Other,
    }
}

async fn candidates_of(engine: &Path, module: &Path) -> Vec<Candidate> {
    let kind = kind_of(module);
    let named = kind == DeviceKind::Vulkan && std::env::var_os(NAMED_VULKAN).is_some();
    let listed = match list(engine, module, None).await {
        Ok(listed) => listed,
        Err(why) => return vec![Candidate { gpu: unlisted(module, &why.to_string()), named }],
    };
    let gpus = listed.into_iter().map(|found| Candidate { gpu: gpu(module, found), named });
    let mut candidates: Vec<Candidate> = gpus.collect();
    if candidates.is_empty() && kind == DeviceKind::Vulkan && !named {
        // The module passes over what is no graphics processor; named, the first one shows what it is.
        for found in list(engine, module, Some("0")).await.unwrap_or_default() {
            let mut gpu = gpu(module, found);
            gpu.left_out = Some(format!(
                "it is a program that computes on the processor, and slower than Lethe does; {NAMED_VULKAN}=0 in the \
                 environment takes it all the same"
            ));
            "It was listed and not tried".clone_into(&mut gpu.probed);
            candidates.push(Candidate { gpu, named });
        }
    }
    candidates
}

fn gpu(module: &Path, found: FoundDevice) -> Gpu {
    let said = |bytes: u64| (found.total > 0).then_some(bytes);
    Gpu {
        module: module.to_owned(),
        kind: kind_of(module),
        memory_of: if found.kind == FoundDeviceKind::SharedGpu { MemoryOf::Machine } else { MemoryOf::Device },
        memory: said(found.total),
        free: said(found.free),
        id: found.name,
        name: found.description,
        left_out: None,
        probed: String::new(),
        tries: Tries::default(),
    }
}

/// A module whose devices are not known: what it drives is left out.
fn unlisted(module: &Path, why: &str) -> Gpu {
    let driver = driver_of(module).unwrap_or("unknown");
    Gpu {
        module: module.to_owned(),
        id: driver.to_owned(),
        name: format!("The driver \"{driver}\""),
        kind: kind_of(module),
        memory_of: MemoryOf::Device,
        memory: None,
        free: None,
        left_out: Some(format!("its devices can't be listed ({why})")),
        probed: "It was asked for its devices".to_owned(),
        tries: Tries::default(),
    }
}

/// Decides by what the probe gave.
fn judge(gpu: &mut Gpu, outcome: Result<Compared, ProgramError>, named: bool) {
    match outcome {
        Ok(compared) => {
            let (device, processor) = (seconds(&compared.device), seconds(&compared.processor));
            gpu.tries = gpu.tries.after(compared.processor.conditions);
            gpu.probed =
                format!("A tiny model took {device:.2} s for a short turn on it and {processor:.2} s on the processor");
            if device > processor && !named {
                gpu.left_out = Some("it is slower than the processor".to_owned());
            }
        }
        Err(why) => {
            gpu.left_out = Some(format!("it failed when it was tried ({why}): a newer driver may help"));
            "A tiny model was to run on it".clone_into(&mut gpu.probed);
        }
    }
}

/// Seconds of a short turn.
fn seconds(measured: &Measured) -> f64 {
    TURN.0 / measured.prompt_rate.max(f64::MIN_POSITIVE) + TURN.1 / measured.answer_rate.max(f64::MIN_POSITIVE)
}

async fn list(engine: &Path, module: &Path, named: Option<&str>) -> Result<Vec<FoundDevice>, ProgramError> {
    let mut program = Program::new(engine, "devices").with("--gpu", module);
    if let Some(named) = named {
        program = program.environment(NAMED_VULKAN, named);
    }
    let listed: Vec<FoundDevice> = program.ask(LISTING).await?;
    let is_gpu = |found: &FoundDevice| matches!(found.kind, FoundDeviceKind::Gpu | FoundDeviceKind::SharedGpu);
    Ok(listed.into_iter().filter(is_gpu).collect())
}

async fn probe(engine: &Path, cpu: &Choice, gpu: &Gpu, folder: &Path) -> Result<Compared, ProgramError> {
    let scratch = Scratch::new(folder, "device").map_err(no_scratch)?;
    let program = Program::new(engine, "probe-device").with("--gpu", &gpu.module).with("--device", &gpu.id);
    let program = program.with("--scratch", scratch.path()).with("--threads", cpu.threads.to_string());
    program.with_some("--module", cpu.module.as_ref()).ask(PROBING).await
}

fn remembered(memory: &Path, fingerprint: &str) -> Option<Vec<Gpu>> {
    let remembered: Remembered = serde_json::from_slice(&std::fs::read(memory).ok()?).ok()?;
    (remembered.fingerprint == fingerprint).then_some(remembered.gpus)
}

fn remember(memory: &Path, remembered: &Remembered) {
    let json = serde_json::to_vec_pretty(remembered).unwrap_or_default();
    if let Err(error) = cache_file::write(memory, &json) {
        tracing::warn!(%error, "what was found of the graphics processors can't be kept");
    }
}

/// A digest of the machine and build, and of the devices that are there and how they were named.
fn fingerprint(cpu: &str, candidates: &[Candidate]) -> String {
    let mut facts = cpu.to_owned();
    for Candidate { gpu, named } in candidates {
        let listed = if gpu.memory.is_none() { gpu.left_out.as_deref() } else { None };
        let _ = write!(facts, "|{}|{}|{:?}|{named}|{listed:?}", gpu.id, gpu.name, gpu.memory);
    }
    hex::encode(Sha256::digest(facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_told_apart_by_their_names() {
        let rows = [
            ("libggml-vulkan.so", Some(DeviceKind::Vulkan)),
            ("ggml-cuda.dll", Some(DeviceKind::Cuda)),
            ("libggml-metal.so", Some(DeviceKind::Metal)),
            ("libggml-opencl.so", Some(DeviceKind::Other)),
            ("libggml-cpu-icelake.so", None),
            ("libggml-base.so", None),
            ("libllama.so", None),
            ("notes.txt", None),
        ];
        for (file, kind) in rows {
            let path = Path::new(file);
            assert_eq!(driver_of(path).map(|_| kind_of(path)), kind, "{file}");
        }
    }

    #[test]
    fn the_device_with_the_most_free_memory_of_its_own_is_taken() {
        let device = |id: &str, memory_of, free, left_out: Option<&str>| Gpu {
            module: PathBuf::from("libggml-vulkan.so"),
            id: id.to_owned(),
            name: id.to_owned(),
            kind: DeviceKind::Vulkan,
            memory_of,
            memory: Some(free),
            free: Some(free),
            left_out: left_out.map(str::to_owned),
            probed: String::new(),
            tries: Tries::default(),
        };
        let cpu = Choice {
            fingerprint: String::new(),
            module: None,
            threads: 1,
            prompt_threads: 1,
            left_out: Vec::new(),
            tries: Tries::default(),
        };
        let gpus = vec![
            device("broken", MemoryOf::Device, 90, Some("it failed")),
            device("shared", MemoryOf::Machine, 80, None),
            device("small", MemoryOf::Device, 10, None),
            device("large", MemoryOf::Device, 20, None),
        ];
        let devices = Devices { cpu, gpus };
        assert_eq!(devices.usable().map(|gpu| gpu.id.as_str()), Some("large"));
    }

    /// A stand-in for drivers of three tempers: one device works, one dies, one is slow; another module can't be asked.
    #[cfg(unix)]
    #[tokio::test]
    async fn what_dies_or_is_slow_is_left_out_with_the_reason_and_remembered() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let backends = folder.path().join("backends");
        std::fs::create_dir(&backends).expect("a folder for modules");
        for module in ["libggml-cuda.so", "libggml-opencl.so", "libggml-cpu-x64.so"] {
            std::fs::write(backends.join(module), "").expect("a module is written");
        }
        let engine = folder.path().join("engine");
        let script = r#"#!/bin/sh
            echo "$1" >> "$(dirname "$0")/runs"
            device() { echo "{\"name\":\"$1\",\"description\":\"Card $1\",\"kind\":\"gpu\",\"driver\":\"CUDA\",\"free\":8,\"total\":9}"; }
            measured() { echo "{\"threads\":1,\"prompt_rate\":$1.0,\"answer_rate\":$1.0}"; }
            case "$*" in
            variants*) echo '[{"module":"/m/libggml-cpu-good.so","score":5}]';;
            devices*opencl*) kill -SEGV $$;;
            devices*) echo "[$(device good),$(device dead),$(device slow)]";;
            probe-device*dead*) kill -ABRT $$;;
            probe-device*slow*) echo "{\"processor\":$(measured 50),\"device\":$(measured 5)}";;
            probe-device*) echo "{\"processor\":$(measured 50),\"device\":$(measured 500)}";;
            *) echo "[$(measured 50)]";;
            esac
        "#;
        std::fs::write(&engine, script).expect("the script is written");
        std::fs::set_permissions(&engine, std::fs::Permissions::from_mode(0o755)).expect("it can run");
        for _ in 0..2 {
            let devices = find(&engine, folder.path(), |_| ()).await.expect("the processor runs");
            assert_eq!(devices.usable().map(|gpu| gpu.id.as_str()), Some("good"));
            let reasons: Vec<(&str, &str)> =
                devices.gpus.iter().map(|gpu| (gpu.id.as_str(), gpu.left_out.as_deref().unwrap_or("used"))).collect();
            assert_eq!(reasons[0], ("good", "used"));
            assert!(reasons[1].0 == "dead" && reasons[1].1.contains("signal 6"), "{reasons:?}");
            assert!(reasons[2].0 == "slow" && reasons[2].1.contains("slower"), "{reasons:?}");
            assert!(reasons[3].0 == "opencl" && reasons[3].1.contains("signal 11"), "{reasons:?}");
            assert!(devices.gpus.iter().all(|gpu| !gpu.probed.is_empty()), "each says what was tried");
        }
        let runs = std::fs::read_to_string(folder.path().join("runs")).expect("the script counts its runs");
        let probes = runs.lines().filter(|run| *run == "probe-device").count();
        assert_eq!(probes, 3, "the second time the outcomes came from memory");
    }
}
