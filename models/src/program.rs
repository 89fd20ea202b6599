//! The engine's program: the one place where it is started, for one question or as a process that stays.
//!
//! Whatever it is started for, it gets an environment of a few names, no window of its own and no share in a
//! terminal's Ctrl-C; it is waited for no longer than was said, and killed when nobody waits any more. Its standard
//! input is held open as long as this process lives, and it ends with it. What it writes to standard error is never
//! passed on as it is: [`plain_line`].
//!
//! Deliberately not here: the frames of a running engine, which are in [`crate::wire`].

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::process::{Child, Command};

use crate::engine::EngineError;
use crate::plain::plain;

/// What the program writes before the one sentence that says why it failed.
pub const FAILURE: &str = "lethe-engine: ";

/// What the program writes before a line of llama.cpp's log, which it has freed of what a file says.
pub const LOGGED: &str = "llama.cpp: ";

/// The program's exit code where the disk has no room.
pub const NO_ROOM: u8 = 28;

/// Longest line of the program that goes into a log, in characters.
const LONGEST_LINE: usize = 300;

/// Names of the environment that the program gets, with the reason; case does not matter.
const PASSED: &[&str] = &[
    // Where the system and drivers find their libraries and helpers.
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "PROGRAMDATA",
    "PROGRAMFILES",
    // Where drivers keep compiled shaders and find the list of devices.
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "XDG_DATA_DIRS",
    "XDG_RUNTIME_DIR",
    // Temporary files of drivers.
    "TMPDIR",
    "TMP",
    "TEMP",
    // The hour in templates, and the spelling of paths.
    "TZ",
    "TZDIR",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    // Which device is meant.
    "DRI_PRIME",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    // Where Rust code of the program failed.
    "RUST_BACKTRACE",
];

/// Beginnings of names that the program gets: settings of llama.cpp's kernels, of their threads and of drivers.
const PASSED_BEGINNINGS: &[&str] = &[
    "GGML_", "OMP_", "GOMP_", "KMP_", "CUDA_", "VK_", "MESA_", "RADV_", "HIP_", "HSA_", "ROCR_", "ZE_", "SYCL_",
    "MTL_", "METAL_",
];

/// Names that are not passed on whatever they begin with: they name code.
const NAMES_CODE: &[&str] = &["GGML_BACKEND_PATH", "GGML_BACKEND_DIR"];

/// Parts of names that hold secrets.
const SECRETS: &[&str] = &["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];

/// Whether the program gets this name of the environment.
fn is_passed(name: &OsStr) -> bool {
    let Some(name) = name.to_str().map(str::to_ascii_uppercase) else { return false };
    let known = PASSED.contains(&name.as_str()) || PASSED_BEGINNINGS.iter().any(|begin| name.starts_with(begin));
    known && !NAMES_CODE.contains(&name.as_str()) && !SECRETS.iter().any(|secret| name.contains(secret))
}

/// Why a question to the program has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It can't be started.
    #[error("it can't be started ({0}): install Lethe again")]
    Start(std::io::Error),
    /// It took too long.
    #[error("it does not answer")]
    Silent,
    /// It says why, in one sentence.
    #[error("{0}")]
    Refused(String),
    /// The disk has no room for what it writes or maps.
    #[error("the disk is full")]
    NoRoom,
    /// It ended without a word.
    #[error("{0}")]
    Died(String),
    /// Its answer is of another version.
    #[error("its answer can't be read")]
    Unreadable,
}

impl ProgramError {
    /// As an error of the engine whose program is `program`.
    pub(crate) fn of(self, program: &Path) -> EngineError {
        match self {
            Self::Start(error) => EngineError::Start { program: program.to_owned(), error },
            Self::Silent => EngineError::Died("it does not answer".to_owned()),
            Self::Refused(reason) => EngineError::Load(reason),
            Self::NoRoom => EngineError::NoRoom,
            Self::Died(how) => EngineError::Died(how),
            Self::Unreadable => EngineError::Version,
        }
    }
}

/// The engine's program with what it is to do.
#[derive(Debug)]
pub(crate) struct Program {
    command: std::process::Command,
}

impl Program {
    /// The program at `path`, to do `task`.
    pub(crate) fn new(path: &Path, task: &str) -> Self {
        let mut command = std::process::Command::new(path);
        command.arg(task).env_clear().envs(std::env::vars_os().filter(|(name, _)| is_passed(name)));
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt;
            const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
        }
        // A terminal's Ctrl-C is for Lethe, which then stops what runs.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Self { command }
    }

    /// With an argument and its value.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.arg(name).arg(value);
        self
    }

    /// With an argument and its value, where there is one.
    pub(crate) fn with_some(self, name: &str, value: Option<impl AsRef<OsStr>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a name of the environment, which it gets whatever it is called.
    pub(crate) fn environment(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Starts it with pipes at all three ends.
    pub(crate) fn start(mut self) -> std::io::Result<Child> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut command = Command::from(self.command);
        command.kill_on_drop(true).spawn()
    }

    /// Starts it for a caller that waits on a thread of its own, with pipes for input and output.
    pub(crate) fn start_blocking(mut self) -> std::io::Result<std::process::Child> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
    }

    /// Runs it to its end and reads the JSON that it prints.
    pub(crate) async fn ask<T: DeserializeOwned>(self, patience: Duration) -> Result<T, ProgramError> {
        let mut child = self.start().map_err(ProgramError::Start)?;
        // Open until the answer is there: its end is the order to end.
        let _stdin = child.stdin.take();
        let output = tokio::time::timeout(patience, child.wait_with_output()).await;
        let output = output.map_err(|_| ProgramError::Silent)?.map_err(ProgramError::Start)?;
        ended(output.status, &output.stderr)?;
        serde_json::from_slice(&output.stdout).map_err(|_| ProgramError::Unreadable)
    }
}

/// Judges how the program ended and what it said last.
pub(crate) fn ended(status: ExitStatus, stderr: &[u8]) -> Result<(), ProgramError> {
    if status.success() {
        return Ok(());
    }
    if status.code() == Some(i32::from(NO_ROOM)) || is_bus_error(status) {
        return Err(ProgramError::NoRoom);
    }
    let said = String::from_utf8_lossy(stderr);
    let reason = said.lines().rev().find_map(|line| line.strip_prefix(FAILURE));
    Err(match reason {
        Some(reason) => ProgramError::Refused(plain(reason, LONGEST_LINE)),
        None => ProgramError::Died(describe_exit(status)),
    })
}

/// A mapped file has no blocks where it is read: the disk is full, or the file was cut short.
fn is_bus_error(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        const BUS_ERROR: i32 = if cfg!(target_os = "linux") { 7 } else { 10 };
        std::os::unix::process::ExitStatusExt::signal(&status) == Some(BUS_ERROR)
    }
    #[cfg(not(unix))]
    {
        // EXCEPTION_IN_PAGE_ERROR.
        status.code() == Some(0xC000_0006_u32.cast_signed())
    }
}

/// How a process ended, in a few words.
pub(crate) fn describe_exit(status: ExitStatus) -> String {
    if is_bus_error(status) {
        return "its file can't be read any more: the disk is full, or the file was changed".to_owned();
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "for an unknown reason".to_owned(),
    }
}

/// A line of the program's standard error as a log may hold it.
///
/// Kept are the program's own sentences, llama.cpp's log, which the program has freed of what files say, and the
/// places of failed assertions. Anything else may quote a file, a grammar or a prompt: of it only the length is told.
pub(crate) fn plain_line(line: &str) -> String {
    let known = line.starts_with(FAILURE)
        || line.starts_with(LOGGED)
        || line.contains("GGML_ASSERT(")
        || (line.starts_with("thread '") && line.contains(" panicked at "));
    if known { plain(line, LONGEST_LINE) } else { format!("{} bytes of another kind", line.len()) }
}

/// A folder for files that a run of the program needs, gone with this value.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A new one in `folder`, called after `purpose`.
    pub(crate) fn new(folder: &Path, purpose: &str) -> std::io::Result<Self> {
        let path = folder.join(format!("{purpose}-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is small, and in the data folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_proxies_are_not_passed_on() {
        let rows = [
            ("PATH", true),
            ("Path", true),
            ("HOME", true),
            ("SystemRoot", true),
            ("LD_LIBRARY_PATH", true),
            ("GGML_VK_VISIBLE_DEVICES", true),
            ("CUDA_VISIBLE_DEVICES", true),
            ("VK_ICD_FILENAMES", true),
            ("OMP_NUM_THREADS", true),
            ("LETHE_REMOTE_KEY", false),
            ("LETHE_DATA_DIR", false),
            ("HF_TOKEN", false),
            ("CUDA_API_TOKEN", false),
            ("NVIDIA_API_KEY", false),
            ("http_proxy", false),
            ("HTTPS_PROXY", false),
            ("ALL_PROXY", false),
            ("LD_PRELOAD", false),
            ("GGML_BACKEND_PATH", false),
            ("SSH_AUTH_SOCK", false),
            ("AWS_SECRET_ACCESS_KEY", false),
        ];
        for (name, passed) in rows {
            assert_eq!(is_passed(OsStr::new(name)), passed, "{name}");
        }
    }

    #[test]
    fn a_log_holds_no_text_of_a_file_and_no_escape() {
        let rows = [
            ("llama.cpp: error loading model: '…'", "llama.cpp: error loading model: '…'"),
            ("parse: error parsing grammar: Wanda", "35 bytes of another kind"),
            ("Wanda Beispiel", "14 bytes of another kind"),
            ("lethe-engine: no\u{1b}]0;x\u{7} model\u{202e}", "lethe-engine: no ]0;x  model"),
        ];
        for (line, wanted) in rows {
            assert_eq!(plain_line(line).trim_end(), wanted, "{line:?}");
        }
        assert!(plain_line(&format!("{LOGGED}{}", "x".repeat(5000))).chars().count() <= LONGEST_LINE);
    }

    /// A stand-in for the engine that shows what it was given.
    #[cfg(unix)]
    #[tokio::test]
    async fn the_program_gets_few_names_and_is_not_waited_for_without_end() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = folder.path().join("engine");
        let script = "#!/bin/sh\ncase \"$1\" in\n\
            hang) exec sleep 100;;\n\
            full) exit 28;;\n\
            bus) kill -BUS $$;;\n\
            sentence) echo 'lethe-engine: it is broken' >&2; exit 1;;\n\
            nonsense) echo nonsense;;\n\
            *) env | cut -d= -f1 | sed 's/.*/\"&\"/' | paste -sd, | sed 's/.*/[&]/';;\nesac\n";
        std::fs::write(&program, script).expect("the script is written");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("it can run");
        let ask = |task: &'static str, patience| {
            let program = program.clone();
            async move { Program::new(&program, task).ask::<Vec<String>>(patience).await }
        };
        let long = Duration::from_secs(60);
        let names = ask("names", long).await.expect("it answers");
        // The shell makes some names itself.
        let own = ["PWD", "SHLVL", "_", "OLDPWD"];
        let others: Vec<&String> =
            names.iter().filter(|name| !own.contains(&name.as_str()) && !is_passed(OsStr::new(name))).collect();
        assert!(others.is_empty(), "the program was given {others:?}");
        assert!(std::env::vars_os().any(|(name, _)| !is_passed(&name)), "there was something to keep back");
        assert!(matches!(ask("hang", Duration::from_millis(200)).await, Err(ProgramError::Silent)));
        assert!(matches!(ask("full", long).await, Err(ProgramError::NoRoom)));
        assert!(matches!(ask("bus", long).await, Err(ProgramError::NoRoom)));
        assert!(matches!(ask("nonsense", long).await, Err(ProgramError::Unreadable)));
        let Err(ProgramError::Refused(reason)) = ask("sentence", long).await else { panic!("it says why") };
        assert_eq!(reason, "it is broken");
    }
}
