//! Which CPU kernels the engine uses: probed once for each machine and build, then remembered.
//!
//! Each variant runs a tiny model in a process of its own, best-scoring first. The first that survives is taken;
//! one that dies is left out, and the choice says so. The score alone is not enough: a virtual machine can show
//! AMX and kill the process that uses it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::engine::EngineError;

/// A probe that takes longer is taken for dead; a healthy one takes about a second.
const PATIENCE: Duration = Duration::from_secs(120);

/// A number of threads is preferred to a larger one when it is faster by this factor.
const CLEARLY: f64 = 1.1;

/// A kernel module and the score that llama.cpp gives it on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The module's file.
    pub module: PathBuf,
    /// Higher is better.
    pub score: u32,
}

/// Speed of the tiny model at a number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Threads.
    pub threads: u32,
    /// Prompt tokens a second.
    pub prompt_rate: f64,
    /// Answer tokens a second.
    pub answer_rate: f64,
}

/// What was chosen, and what was left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Machine and build that this was found on.
    pub fingerprint: String,
    /// The module to load; `None` where llama.cpp is built without modules.
    pub module: Option<PathBuf>,
    /// Fastest number of threads for generating.
    pub threads: u32,
    /// Fastest number of threads for reading a prompt.
    pub prompt_threads: u32,
    /// Modules that scored better and can't run.
    pub left_out: Vec<LeftOut>,
}

/// A module that this machine can't run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its short name.
    pub variant: String,
    /// How it ended.
    pub why: String,
}

impl Choice {
    /// Short name of the chosen variant, such as `icelake`.
    pub fn variant(&self) -> String {
        self.module.as_deref().map_or_else(|| "built-in".to_owned(), variant_name)
    }
}

/// The remembered choice, or a new one.
///
/// `engine` is the engine's program, whose modules lie in `backends` beside it. The choice is kept in `folder`.
/// `report` hears a sentence when a probe begins and ends.
///
/// # Errors
/// When the engine can't be started, or no variant runs here.
pub async fn choose(engine: &Path, folder: &Path, report: impl Fn(&str)) -> Result<Choice, EngineError> {
    // Two at once would write to the same files, and be slower than one after the other.
    static ALONE: Mutex<()> = Mutex::const_new(());
    let _alone = ALONE.lock().await;
    let modules = engine.parent().unwrap_or(Path::new(".")).join("backends");
    let fingerprint = fingerprint(engine, &modules);
    let memory = folder.join("kernels.json");
    if let Some(choice) = remembered(&memory, &fingerprint) {
        return Ok(choice);
    }
    report("Finding the fastest way to compute on this machine (once for each update)");
    let variants = list(engine, &modules).await?;
    let mut left_out = Vec::new();
    for scored in variants {
        match probe(engine, &scored.module, folder).await {
            Ok(measured) => {
                let choice = chosen(fingerprint, scored.module, &measured, left_out);
                report(&format!("The kernels \"{}\" run here, with {} threads", choice.variant(), choice.threads));
                remember(&memory, &choice);
                return Ok(choice);
            }
            Err(why) => {
                let variant = variant_name(&scored.module);
                tracing::warn!(variant, why, "kernel variant left out");
                report(&format!("The kernels \"{variant}\" can't run here ({why}): left out"));
                left_out.push(LeftOut { variant, why });
            }
        }
    }
    Err(EngineError::NoKernels)
}

fn chosen(fingerprint: String, module: PathBuf, measured: &[Measured], left_out: Vec<LeftOut>) -> Choice {
    // On a busy machine few threads can seem a little faster by chance; they are taken only when clearly so.
    let best = |rate: fn(&Measured) -> f64| {
        let fastest = measured.iter().map(rate).fold(0.0, f64::max);
        let near = measured.iter().filter(|measured| rate(measured) * CLEARLY >= fastest);
        near.map(|measured| measured.threads).max().unwrap_or(1)
    };
    Choice {
        fingerprint,
        module: Some(module),
        threads: best(|measured| measured.answer_rate),
        prompt_threads: best(|measured| measured.prompt_rate),
        left_out,
    }
}

fn remembered(memory: &Path, fingerprint: &str) -> Option<Choice> {
    let choice: Choice = serde_json::from_slice(&std::fs::read(memory).ok()?).ok()?;
    (choice.fingerprint == fingerprint).then_some(choice)
}

fn remember(memory: &Path, choice: &Choice) {
    // Not being able to remember costs a second at the next start, nothing else.
    let json = serde_json::to_vec_pretty(choice).unwrap_or_default();
    if let Err(error) = std::fs::write(memory, json) {
        tracing::warn!(%error, "the choice of kernels can't be kept");
    }
}

async fn list(engine: &Path, modules: &Path) -> Result<Vec<Scored>, EngineError> {
    let output = Command::new(engine)
        .arg("variants")
        .arg("--folder")
        .arg(modules)
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| EngineError::Start { program: engine.to_owned(), error })?;
    serde_json::from_slice(&output.stdout).map_err(|_| EngineError::NoKernels)
}

async fn probe(engine: &Path, module: &Path, folder: &Path) -> Result<Vec<Measured>, String> {
    let scratch = tempfile_folder(folder).map_err(|error| format!("no room for the probe: {error}"))?;
    let threads: Vec<String> = thread_counts().iter().map(u32::to_string).collect();
    let mut command = Command::new(engine);
    command.arg("probe").arg("--module").arg(module).arg("--scratch").arg(&scratch);
    command.arg("--threads").arg(threads.join(",")).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let _ = std::fs::remove_dir_all(&scratch);
    let output = output.map_err(|_| "it does not answer".to_owned())?.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(crate::engine::describe_exit(output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|_| "its answer can't be read".to_owned())
}

fn tempfile_folder(folder: &Path) -> std::io::Result<PathBuf> {
    let scratch = folder.join(format!("probe-{}", std::process::id()));
    std::fs::create_dir_all(&scratch)?;
    Ok(scratch)
}

/// All processors, the physical cores, and half of these: the fastest is among them.
fn thread_counts() -> Vec<u32> {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let physical = sysinfo::System::physical_core_count().unwrap_or(all).min(all);
    let mut counts: Vec<u32> =
        [all, physical, physical.div_ceil(2)].into_iter().filter_map(|count| u32::try_from(count).ok()).collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

fn variant_name(module: &Path) -> String {
    let stem = module.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = stem.trim_start_matches("lib").trim_start_matches("ggml-cpu").trim_start_matches('-');
    if name.is_empty() { "cpu".to_owned() } else { name.to_owned() }
}

/// A digest of what the choice depends on: the processor, and the names, sizes and dates of the engine's files.
fn fingerprint(engine: &Path, modules: &Path) -> String {
    let mut facts = String::new();
    let mut files = vec![engine.to_owned()];
    let entries = std::fs::read_dir(modules).into_iter().flatten().flatten();
    files.extend(entries.map(|entry| entry.path()));
    files.sort();
    for file in files {
        if let Ok(metadata) = std::fs::metadata(&file) {
            let _ = writeln!(facts, "{} {} {:?}", file.display(), metadata.len(), metadata.modified().ok());
        }
    }
    facts.push_str(&processor());
    Sha256::digest(facts).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn processor() -> String {
    if let Ok(text) = std::fs::read_to_string("/proc/cpuinfo") {
        let wanted = ["model name", "flags", "Features", "CPU part", "CPU implementer"];
        let first = text.split("\n\n").next().unwrap_or_default().lines();
        return first.filter(|line| wanted.iter().any(|name| line.starts_with(name))).collect();
    }
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing()),
    );
    system.cpus().first().map(|cpu| cpu.brand().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short() {
        for (file, name) in
            [("libggml-cpu-icelake.so", "icelake"), ("ggml-cpu-x64.dll", "x64"), ("libggml-cpu.so", "cpu")]
        {
            assert_eq!(variant_name(Path::new(file)), name);
        }
    }

    #[test]
    fn reading_and_generating_may_want_different_threads() {
        let measured = [
            Measured { threads: 2, prompt_rate: 100.0, answer_rate: 30.0 },
            Measured { threads: 4, prompt_rate: 190.0, answer_rate: 25.0 },
        ];
        let choice = chosen(String::new(), PathBuf::from("m"), &measured, Vec::new());
        assert_eq!((choice.threads, choice.prompt_threads), (2, 4));
    }

    /// A stand-in for a machine where the best kernels are forbidden: the first of two modules ends its process.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_variant_that_dies_is_left_out_and_remembered() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let engine = folder.path().join("engine");
        let script = "#!/bin/sh\n\
            echo run >> \"$(dirname \"$0\")/runs\"\n\
            case \"$1 $3\" in\n\
            variants*) echo '[{\"module\":\"/m/libggml-cpu-best.so\",\"score\":9},{\"module\":\"/m/libggml-cpu-good.so\",\"score\":5}]';;\n\
            *best*) kill -ILL $$;;\n\
            *) echo '[{\"threads\":1,\"prompt_rate\":5.0,\"answer_rate\":2.0}]';;\n\
            esac\n";
        std::fs::write(&engine, script).expect("the script is written");
        std::fs::set_permissions(&engine, std::fs::Permissions::from_mode(0o755)).expect("it can run");
        for _ in 0..2 {
            let choice = choose(&engine, folder.path(), |_| ()).await.expect("one variant runs");
            assert_eq!(choice.variant(), "good");
            assert_eq!(choice.left_out.len(), 1);
            assert_eq!(choice.left_out[0].variant, "best");
            assert!(choice.left_out[0].why.contains("signal 4"), "{}", choice.left_out[0].why);
        }
        let runs = std::fs::read_to_string(folder.path().join("runs")).expect("the script counts its runs");
        assert_eq!(runs.lines().count(), 3, "the second choice came from memory: one list and two probes in all");
    }
}
