//! What the tests of the whole product share: the programs that were built, the starter model, and fresh folders.

#[path = "support/endpoint.rs"]
pub mod endpoint;
#[path = "support/scripted.rs"]
pub mod scripted;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lethe_core::base::key::KeyWish;
use lethe_core::base::network::Network;
use lethe_core::base::paths::Paths;
use lethe_core::{Lethe, Result};
use tempfile::TempDir;

/// A program of this workspace, built in the same profile as the tests.
///
/// # Panics
/// When it was not built: `cargo build --workspace` does that, and `npm test` runs it.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in target/PROFILE/deps");
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is missing: run cargo build --workspace first", program.display());
    program
}

/// The starter model, a real one.
///
/// # Panics
/// When it is not there: `npm start -- --setup` fetches it, and `npm test` as well.
pub fn starter_model() -> PathBuf {
    let named = std::env::var_os("LETHE_STARTER_MODEL").map(PathBuf::from);
    let usual = || {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
        cache.unwrap_or_default().join("lethe/models/SmolLM2-135M-Instruct.Q4_1.gguf")
    };
    let model = named.unwrap_or_else(usual);
    assert!(model.is_file(), "the starter model is missing at {}: run npm start -- --setup", model.display());
    model
}

/// The starter model under another name, in this folder.
///
/// # Panics
/// When there is no room for it.
pub fn model_called(data: &Data, name: &str) -> PathBuf {
    let path = data.path().join(format!("{name}.gguf"));
    // A link takes no room; it can't lead to another disk.
    let linked = std::fs::hard_link(starter_model(), &path);
    linked.or_else(|_| std::fs::copy(starter_model(), &path).map(drop)).expect("there is room for a model");
    path
}

/// The folder with reference implementations: Python with its packages, the real vocabulary, templates.
///
/// # Panics
/// When it is not named: `npm test` makes it and sets `LETHE_REFERENCE`.
pub fn references() -> PathBuf {
    let folder = std::env::var_os("LETHE_REFERENCE").map(PathBuf::from);
    let folder = folder.expect("LETHE_REFERENCE is not set: run npm test -- --only rust, which makes that folder");
    assert!(folder.is_dir(), "{} is no folder: run npm test -- --only rust", folder.display());
    folder
}

/// The Python of the reference implementations.
///
/// # Panics
/// When it is not there.
pub fn python() -> Command {
    let place = if cfg!(windows) { "python/Scripts/python.exe" } else { "python/bin/python" };
    let python = references().join(place);
    assert!(python.exists(), "{} is missing: run npm test -- --only rust", python.display());
    Command::new(python)
}

/// A data folder that is gone after the test.
pub struct Data {
    folder: TempDir,
}

impl Default for Data {
    fn default() -> Self {
        Self { folder: tempfile::tempdir().expect("there is room for a temporary folder") }
    }
}

impl Data {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file beside the data and gives its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).expect("the temporary folder is writable");
        path
    }

    /// The data folder itself.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The product on this folder, not encrypted, so that its bytes can be searched.
    ///
    /// # Errors
    /// Those of opening.
    pub async fn open(&self) -> Result<Lethe> {
        self.open_with(Network::On).await
    }

    /// The same, with requests or without.
    ///
    /// # Errors
    /// Those of opening.
    pub async fn open_with(&self, network: Network) -> Result<Lethe> {
        Lethe::open_at(Paths::new(&self.data(), &program("lethe-engine"))?, KeyWish::None, network).await
    }

    /// The same with the engine that misbehaves as the names of models say.
    pub async fn open_with_faulty_engine(&self) -> Lethe {
        let paths = Paths::new(&self.data(), &program("faulty-engine")).expect("a fresh folder");
        Lethe::open_at(paths, KeyWish::None, Network::On).await.expect("a fresh folder opens")
    }

    /// The same with the starter model.
    pub async fn open_with_model(&self) -> Lethe {
        let lethe = self.open().await.expect("a fresh folder opens");
        lethe.models().import(&starter_model()).await.expect("the starter model is whole");
        lethe
    }

    /// `lethe-cli` on this folder, not encrypted.
    pub fn cli(&self) -> Command {
        let mut command = Command::new(program("lethe-cli"));
        command.arg("--data-dir").arg(self.data()).env("LETHE_KEY", "none").stdin(Stdio::null());
        command
    }

    /// Every file in the data folder that holds these bytes.
    pub fn files_with(&self, bytes: &[u8]) -> Vec<PathBuf> {
        let mut found = Vec::new();
        search(&self.data(), bytes, &mut found);
        found
    }
}

fn search(folder: &Path, bytes: &[u8], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the data folder is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path, bytes, found);
        } else if let Ok(content) = std::fs::read(&path)
            && content.windows(bytes.len()).any(|window| window == bytes)
        {
            found.push(path);
        }
    }
}

/// Runs a command with this on its standard input.
///
/// # Panics
/// When it does not start.
pub fn with_input(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that fails early does not read to the end.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the writer ends");
    output
}

/// Standard output of a command that must succeed.
///
/// # Panics
/// When it fails.
pub fn succeeded(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the command failed: {stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The one sentence of a command that must fail with exit code 1.
///
/// # Panics
/// When it succeeds, panics, or says more than one line.
pub fn failed(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    assert_eq!(output.status.code(), Some(1), "exit code of a failure; it said: {stderr}");
    assert!(!stderr.contains("panicked"), "a panic is no sentence: {stderr}");
    let said: Vec<&str> = stderr.lines().filter(|line| line.starts_with("lethe-cli: ")).collect();
    assert_eq!(said.len(), 1, "one clear sentence, not: {stderr}");
    said[0].trim_start_matches("lethe-cli: ").to_owned()
}
