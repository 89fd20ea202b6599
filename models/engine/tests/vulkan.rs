//! The Vulkan module with a driver that computes on the processor: listed, left out unless named, and right.
//!
//! `node scripts/vulkan.mjs` provides headers, compiler and driver, and runs this.

use std::path::{Path, PathBuf};
use std::process::Command;

use lethe_models::devices::{self, DeviceKind, Found};
use lethe_models::engine::{Engine, GenerateOptions, Step};
use lethe_models::kernels;
use lethe_models::wire::{LoadRequest, LoadedModel, Offload, Sampling, Token};

/// Names the first device, whatever it is.
const NAMED: &str = "GGML_VK_VISIBLE_DEVICES";

fn engine() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_lethe-engine"))
}

fn module() -> PathBuf {
    let module = engine().with_file_name("backends").join("libggml-vulkan.so");
    assert!(module.is_file(), "{} was not built: run node scripts/vulkan.mjs", module.display());
    module
}

fn starter_model() -> PathBuf {
    let path = std::env::var_os("LETHE_STARTER_MODEL").map(PathBuf::from);
    let path = path.expect("LETHE_STARTER_MODEL is not set: run node scripts/vulkan.mjs, which sets it");
    assert!(path.is_file(), "{} is missing: run npm start -- --setup", path.display());
    path
}

/// A program stands for the engine's and names the device in its environment: the test's own stays as it is.
fn naming_engine(folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let script = folder.join("lethe-engine");
    let text = format!("#!/bin/sh\n{NAMED}=0 exec '{}' \"$@\"\n", engine().display());
    std::fs::write(&script, text).expect("the script is written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it can run");
    script
}

async fn likeliest(program: &Path, kernels: Option<&Path>, offload: Option<Offload>) -> (LoadedModel, Vec<Token>) {
    let engine = Engine::start(program, kernels).await.expect("the engine starts");
    let request = LoadRequest { path: starter_model(), context: 512, threads: 2, prompt_threads: 2, offload };
    let model = engine.load(request, |_| ()).await.expect("the model loads");
    let prompt = model.tokenize("Water boils at one hundred degrees, and it freezes at").await.expect("it tokenises");
    let how = GenerateOptions {
        sampling: Sampling { temperature: 0.0, ..Sampling::default() },
        longest: 16,
        ..GenerateOptions::default()
    };
    let mut generation = model.generate(prompt, &how).expect("it begins");
    let mut tokens = Vec::new();
    loop {
        match generation.next().await.expect("it computes") {
            Step::Token { token, .. } => tokens.push(token),
            Step::Done { .. } => return (model.facts().clone(), tokens),
            Step::Reading { .. } => {}
        }
    }
}

#[tokio::test]
async fn a_model_on_the_device_answers_as_on_the_processor() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let choice = kernels::choose(&engine(), folder.path(), |_| ()).await.expect("some kernels run on this machine");
    let (alone, expected) = likeliest(&engine(), choice.module.as_deref(), None).await;
    assert_eq!(alone.device_memory.total(), 0, "nothing was asked to go to a device");
    let offload = Offload { module: module(), device: "Vulkan0".to_owned(), layers: u32::MAX };
    let (offloaded, tokens) = likeliest(&naming_engine(folder.path()), choice.module.as_deref(), Some(offload)).await;
    assert_eq!(tokens, expected, "the likeliest tokens are the same wherever they are computed");
    assert!(offloaded.device_memory.weights > alone.memory.weights / 2, "{:?}", offloaded.device_memory);
    assert!(offloaded.device_memory.cache > 0 && offloaded.memory.cache == 0, "{:?}", offloaded.memory);
}

#[tokio::test]
async fn a_driver_that_computes_on_the_processor_is_listed_and_left_out_with_the_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for _ in 0..2 {
        let devices = devices::find(&engine(), folder.path(), |_| ()).await.expect("the processor runs");
        let gpu = devices.gpus.first().expect("the driver is listed");
        assert_eq!((gpu.kind, gpu.id.as_str()), (DeviceKind::Vulkan, "Vulkan0"));
        assert!(gpu.name.contains("llvmpipe"), "{}", gpu.name);
        let reason = gpu.left_out.as_deref().expect("it is left out");
        assert!(reason.contains("computes on the processor"), "{reason}");
        assert!(devices.usable().is_none());
    }
}

#[test]
fn the_named_device_survives_its_probe() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ask = |arguments: &[&str]| {
        let mut command = Command::new(engine());
        // Its end is the order to end.
        let (open, _held) = std::io::pipe().expect("a pipe");
        command.stdin(open);
        command.args(arguments).arg("--gpu").arg(module()).env(NAMED, "0");
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let found: Vec<Found> = serde_json::from_slice(&ask(&["devices"])).expect("a list of devices");
    assert!(found.iter().any(|found| found.name == "Vulkan0" && found.total > 0), "{found:?}");
    let scored: Vec<kernels::Scored> = {
        let mut command = Command::new(engine());
        command.arg("variants").arg("--folder").arg(engine().with_file_name("backends"));
        serde_json::from_slice(&command.output().expect("it starts").stdout).expect("a list of modules")
    };
    // The plainest kernels run everywhere.
    let plain = scored.last().expect("one module at least").module.display().to_string();
    let scratch = folder.path().display().to_string();
    let arguments =
        ["probe-device", "--module", &plain, "--device", "Vulkan0", "--scratch", &scratch, "--threads", "2"];
    let compared: devices::Compared = serde_json::from_slice(&ask(&arguments)).expect("two speeds");
    assert!(compared.device.prompt_rate > 0.0 && compared.device.answer_rate > 0.0, "{compared:?}");
}
