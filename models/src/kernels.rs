//! Which CPU kernels the engine uses: probed once for each machine and build, then remembered.
//!
//! Each variant runs a tiny model in a process of its own, best-scoring first. The first that survives is taken;
//! one that dies is left out, and the choice says so. The score alone is not enough: a virtual machine can show
//! AMX and kill the process that uses it.
//!
//! The numbers of threads are measured at the same time. Where other programs kept the machine busy meanwhile, the
//! physical cores are taken, and it is measured again at a later start. What is remembered names a module by its file
//! name only, and only one that lies beside the engine is ever loaded: a data folder can't bring code along.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::cache_file;
use crate::engine::EngineError;
use crate::load::{Conditions, Tries};
use crate::plain::plain;
use crate::program::{Program, ProgramError, Scratch};

/// A probe that takes longer is taken for dead; a healthy one takes about a second.
const PATIENCE: Duration = Duration::from_secs(120);

/// A number of threads is preferred to a larger one when it is faster by this factor.
const CLEARLY: f64 = 1.1;

/// Listing the modules reads their scores and no more.
const LISTING: Duration = Duration::from_secs(60);

/// Longest text of the remembered choice that is shown, in characters.
const LONGEST_TEXT: usize = 200;

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
    pub threads: u32,
    /// Prompt tokens a second.
    pub prompt_rate: f64,
    /// Answer tokens a second.
    pub answer_rate: f64,
    /// What else the machine did meanwhile.
    #[serde(default)]
    pub conditions: Conditions,
}

/// What was chosen, and what was left out.
#[derive(Debug, Clone, PartialEq)]
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
    /// How often the threads were measured on a busy machine, so that they are the physical cores for now.
    pub tries: Tries,
}

/// A choice as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptChoice {
    fingerprint: String,
    /// The module's file name.
    module: Option<String>,
    threads: u32,
    prompt_threads: u32,
    left_out: Vec<LeftOut>,
    #[serde(default)]
    busy: Tries,
}

/// A module that this machine can't run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its short name.
    pub variant: String,
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
    let known = remembered(&memory, &fingerprint, &modules);
    if let Some(choice) = known {
        if !choice.tries.again(&memory) {
            return Ok(choice);
        }
        return Ok(measured_again(engine, choice, folder, &memory, &report).await);
    }
    Tries::done(&memory);
    report("Finding the fastest way to compute on this machine (once for each update)");
    let variants = list(engine, &modules).await?;
    let mut left_out = Vec::new();
    for scored in variants {
        match probe(engine, &scored.module, folder).await {
            Ok(measured) => {
                let threads = threads(&measured, Tries::default());
                let choice = chosen(fingerprint, Some(scored.module), threads, left_out);
                report(&format!("The kernels \"{}\" run here, with {} threads", choice.variant(), choice.threads));
                remember(&memory, &choice);
                return Ok(choice);
            }
            // Not the kernels' fault, and the next ones need as much.
            Err(ProgramError::NoRoom) => return Err(EngineError::NoRoom),
            Err(why) => {
                let (variant, why) = (variant_name(&scored.module), why.to_string());
                tracing::warn!(variant, why, "kernel variant left out");
                report(&format!("The kernels \"{variant}\" can't run here ({why}): left out"));
                left_out.push(LeftOut { variant, why });
            }
        }
    }
    Err(EngineError::NoKernels)
}

/// The threads of a choice that was made on a busy machine, measured once more. What fails changes nothing.
async fn measured_again(engine: &Path, choice: Choice, folder: &Path, memory: &Path, report: impl Fn(&str)) -> Choice {
    let Some(module) = choice.module.clone() else { return choice };
    report("Finding the best number of threads: the machine was busy the last time");
    match probe(engine, &module, folder).await {
        Ok(measured) => {
            let threads = threads(&measured, choice.tries);
            let choice = chosen(choice.fingerprint, Some(module), threads, choice.left_out);
            remember(memory, &choice);
            choice
        }
        Err(why) => {
            tracing::warn!(%why, "the threads can't be measured again");
            choice
        }
    }
}

/// How many threads generate and read, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Threads {
    answer: u32,
    prompt: u32,
    tries: Tries,
}

/// The fastest numbers of threads. On a machine that others kept busy the physical cores, whatever seemed faster: a
/// thread that waits for its turn holds up all others, so fewer threads win there and lose ever after.
fn threads(measured: &[Measured], before: Tries) -> Threads {
    let worst = measured.iter().fold(Conditions::default(), |worst, measured| worst.or_worse(measured.conditions));
    let tries = before.after(worst);
    if tries.were_busy() {
        let cores = physical_cores();
        return Threads { answer: cores, prompt: cores, tries };
    }
    // Few threads can seem a little faster by chance; they are taken only when clearly so.
    let best = |rate: fn(&Measured) -> f64| {
        let fastest = measured.iter().map(rate).fold(0.0, f64::max);
        let near = measured.iter().filter(|measured| rate(measured) * CLEARLY >= fastest);
        near.map(|measured| measured.threads).max().unwrap_or(1)
    };
    Threads { answer: best(|measured| measured.answer_rate), prompt: best(|measured| measured.prompt_rate), tries }
}

fn chosen(fingerprint: String, module: Option<PathBuf>, threads: Threads, left_out: Vec<LeftOut>) -> Choice {
    Choice {
        fingerprint,
        module,
        threads: threads.answer,
        prompt_threads: threads.prompt,
        left_out,
        tries: threads.tries,
    }
}

/// What was remembered, as far as it can be true: others can write into the data folder.
fn remembered(memory: &Path, fingerprint: &str, modules: &Path) -> Option<Choice> {
    let kept: KeptChoice = serde_json::from_slice(&std::fs::read(memory).ok()?).ok()?;
    if kept.fingerprint != fingerprint {
        return None;
    }
    let module = match kept.module {
        Some(name) => Some(module_named(modules, &name)?),
        None => None,
    };
    let all = processors();
    let left_out = kept.left_out.into_iter().map(|left_out| LeftOut {
        variant: plain(&left_out.variant, LONGEST_TEXT),
        why: plain(&left_out.why, LONGEST_TEXT),
    });
    Some(Choice {
        fingerprint: kept.fingerprint,
        module,
        threads: kept.threads.clamp(1, all),
        prompt_threads: kept.prompt_threads.clamp(1, all),
        left_out: left_out.collect(),
        tries: kept.busy,
    })
}

/// The CPU module of that file name in the folder of modules; none for a path, and for what is no such module.
fn module_named(modules: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(modules).ok()?;
    let mut paths = entries.flatten().filter(|entry| is_cpu_module(name) && entry.file_name() == name);
    paths.next().map(|entry| entry.path())
}

/// Whether a file of this name is a module of kernels for the processor.
pub fn is_cpu_module(name: &str) -> bool {
    let stem = name.strip_prefix("lib").unwrap_or(name);
    stem.starts_with("ggml-cpu") && [".so", ".dll", ".dylib"].iter().any(|end| name.ends_with(end))
}

fn remember(memory: &Path, choice: &Choice) {
    let name = |module: &PathBuf| module.file_name().map(|name| name.to_string_lossy().into_owned());
    let kept = KeptChoice {
        fingerprint: choice.fingerprint.clone(),
        module: choice.module.as_ref().and_then(name),
        threads: choice.threads,
        prompt_threads: choice.prompt_threads,
        left_out: choice.left_out.clone(),
        busy: choice.tries,
    };
    // Not being able to remember costs a second at the next start, nothing else.
    let json = serde_json::to_vec_pretty(&kept).unwrap_or_default();
    if let Err(error) = cache_file::write(memory, &json) {
        tracing::warn!(%error, "the choice of kernels can't be kept");
    }
}

async fn list(engine: &Path, modules: &Path) -> Result<Vec<Scored>, EngineError> {
    let listed = Program::new(engine, "variants").with("--folder", modules).ask(LISTING).await;
    listed.map_err(|error| match error {
        error @ (ProgramError::Start(_) | ProgramError::NoRoom) => error.of(engine),
        error => {
            tracing::warn!(%error, "kernel variants can't be listed");
            EngineError::NoKernels
        }
    })
}

async fn probe(engine: &Path, module: &Path, folder: &Path) -> Result<Vec<Measured>, ProgramError> {
    let scratch = Scratch::new(folder, "probe").map_err(no_scratch)?;
    let threads: Vec<String> = thread_counts().iter().map(u32::to_string).collect();
    let program = Program::new(engine, "probe").with("--module", module).with("--scratch", scratch.path());
    program.with("--threads", threads.join(",")).ask(PATIENCE).await
}

/// Why there is no folder for a probe.
pub(crate) fn no_scratch(error: std::io::Error) -> ProgramError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ProgramError::NoRoom,
        kind => ProgramError::Refused(format!("the data folder can't be written: {kind}")),
    }
}

fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX))
}

fn physical_cores() -> u32 {
    let cores = sysinfo::System::physical_core_count().and_then(|count| u32::try_from(count).ok());
    cores.unwrap_or(u32::MAX).clamp(1, processors())
}

/// All processors, the physical cores, and half of these: the fastest is among them.
fn thread_counts() -> Vec<u32> {
    let (all, physical) = (processors(), physical_cores());
    let mut counts = vec![all, physical, physical.div_ceil(2)];
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
    hex::encode(Sha256::digest(facts))
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

    fn measured(threads: u32, prompt_rate: f64, answer_rate: f64, conditions: Conditions) -> Measured {
        Measured { threads, prompt_rate, answer_rate, conditions }
    }

    #[test]
    fn reading_and_generating_may_want_different_threads() {
        let idle = Conditions::default();
        let chosen = threads(&[measured(2, 100.0, 30.0, idle), measured(4, 190.0, 25.0, idle)], Tries::default());
        assert_eq!((chosen.answer, chosen.prompt), (2, 4));
        assert!(!chosen.tries.were_busy());
    }

    #[test]
    fn a_busy_machine_decides_nothing() {
        let (idle, busy) = (Conditions::default(), Conditions { granted: 0.5, foreign: 0.4 });
        // One thread seems twice as fast, because two hold each other up.
        let rows = [measured(1, 60.0, 20.0, idle), measured(64, 30.0, 10.0, busy)];
        let chosen = threads(&rows, Tries::default());
        assert_eq!((chosen.answer, chosen.prompt), (physical_cores(), physical_cores()), "the usual number for now");
        assert!(chosen.tries.were_busy(), "and it is known as such");
        let rows = [measured(1, 60.0, 20.0, idle), measured(64, 30.0, 10.0, idle)];
        let again = threads(&rows, chosen.tries);
        assert_eq!((again.answer, again.prompt, again.tries), (1, 1, Tries::default()), "an idle machine decides");
    }

    #[test]
    fn the_data_folder_names_no_code() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (modules, elsewhere) = (folder.path().join("backends"), folder.path().join("data"));
        for folder in [&modules, &elsewhere] {
            std::fs::create_dir(folder).expect("there is room");
            for name in ["libggml-cpu-good.so", "libggml-vulkan.so", "harmless.so"] {
                std::fs::write(folder.join(name), "").expect("there is room");
            }
        }
        let memory = elsewhere.join("kernels.json");
        let planted = elsewhere.join("libggml-cpu-good.so").display().to_string();
        let rows = [
            ("libggml-cpu-good.so", Some(modules.join("libggml-cpu-good.so"))),
            (planted.as_str(), None),
            ("../data/libggml-cpu-good.so", None),
            ("./libggml-cpu-good.so", None),
            ("/libggml-cpu-good.so", None),
            ("harmless.so", None),
            ("libggml-vulkan.so", None),
            ("libggml-cpu-missing.so", None),
            ("", None),
            ("..", None),
        ];
        for (name, wanted) in rows {
            let kept = serde_json::json!({
                "fingerprint": "f", "module": name, "threads": 4_000_000_000_u32, "prompt_threads": 0, "left_out": [],
            });
            std::fs::write(&memory, kept.to_string()).expect("there is room");
            let choice = remembered(&memory, "f", &modules);
            assert_eq!(choice.as_ref().and_then(|choice| choice.module.clone()), wanted, "{name}");
            if let Some(choice) = choice {
                assert!((1..=processors()).contains(&choice.threads) && choice.prompt_threads == 1, "{choice:?}");
            }
        }
    }

    /// A stand-in for a machine where the best kernels are forbidden: the first of two modules ends its process.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_variant_that_dies_is_left_out_and_remembered() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let modules = folder.path().join("backends");
        std::fs::create_dir(&modules).expect("there is room");
        std::fs::write(modules.join("libggml-cpu-good.so"), "").expect("there is room");
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

    /// A stand-in for a machine that is busy at the first start, and for a disk that is full.
    #[cfg(unix)]
    #[tokio::test]
    async fn what_was_measured_on_a_busy_machine_is_measured_again_at_a_later_start() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let modules = folder.path().join("backends");
        std::fs::create_dir(&modules).expect("there is room");
        std::fs::write(modules.join("libggml-cpu-good.so"), "").expect("there is room");
        let engine = folder.path().join("engine");
        let script = "#!/bin/sh\n\
            here=$(dirname \"$0\")\n\
            case \"$1\" in\n\
            variants) echo '[{\"module\":\"/m/libggml-cpu-good.so\",\"score\":5}]'; exit;;\n\
            esac\n\
            echo run >> \"$here/runs\"\n\
            cat \"$here/answer\" || exit 28\n";
        std::fs::write(&engine, script).expect("the script is written");
        std::fs::set_permissions(&engine, std::fs::Permissions::from_mode(0o755)).expect("it can run");
        let answer = |granted: f64| {
            let row =
                |threads, rate: f64| measured(threads, rate, rate, Conditions { granted, foreign: 1.0 - granted });
            let rows = serde_json::to_string(&[row(1, 9.0), row(1 + physical_cores(), 1.0)]).expect("plain numbers");
            std::fs::write(folder.path().join("answer"), rows).expect("there is room");
        };
        // Another process of the same data folder: what this one has tried already counts for its own path only.
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        for data in [&first, &second] {
            std::fs::create_dir(data).expect("there is room");
        }
        let full = choose(&engine, &first, |_| ()).await;
        assert!(matches!(full, Err(EngineError::NoRoom)), "a full disk is no wrong processor: {full:?}");
        answer(0.5);
        let busy = choose(&engine, &first, |_| ()).await.expect("it runs");
        assert_eq!((busy.threads, busy.tries.were_busy()), (physical_cores(), true));
        let kept = choose(&engine, &first, |_| ()).await.expect("it runs");
        assert_eq!((kept.threads, kept.tries), (busy.threads, busy.tries), "once a start is enough");
        std::fs::rename(first.join("kernels.json"), second.join("kernels.json")).expect("the data folder moves");
        answer(1.0);
        let idle = choose(&engine, &second, |_| ()).await.expect("it runs");
        assert_eq!((idle.threads, idle.tries.were_busy()), (1, false), "an idle machine decides");
        assert_eq!(choose(&engine, &second, |_| ()).await.expect("it runs"), idle, "and it is not measured again");
        let runs = std::fs::read_to_string(folder.path().join("runs")).expect("the script counts its probes");
        assert_eq!(runs.lines().count(), 3, "one on a full disk, one on a busy machine, one in peace");
    }
}
