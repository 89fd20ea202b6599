//! The client of the engine process: start, load, tokenise, generate, stop.
//!
//! The engine is a crash boundary: when it dies, every open call ends with [`EngineError::Died`] and a sentence that
//! says how, and a new one can be started. It never outlives its parent: its standard input closes with the parent,
//! and it is killed when the [`Engine`] is dropped.
//!
//! Nothing waits for it without end: [`Limits`] says how long it may be silent, and a process that breaks a limit is
//! killed. Loading a model is given up by dropping the future of [`Engine::load`], which ends the process. What is asked
//! of a [`Model`] is answered by that model or by none.

mod calls;
mod generation;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::plain::plain;
use crate::program::{Program, describe_exit, plain_line};
use crate::wire::{self, Call, Event, Load, LoadRequest, LoadedModel, PROTOCOL, PrivateText, Request, Token};
use calls::{Calls, OpenCall};

pub use generation::{GenerateOptions, Generation, Step};

/// How long the process may take. One that takes longer is taken for dead and killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To its first word: it loads one module of kernels before it.
    pub hello: Duration,
    /// From one word to the next while something is asked of it. Reading 512 tokens with a large model on a slow machine
    /// takes a quarter of an hour without a word; a person need not wait so long, because a stop has its own limit.
    pub silence: Duration,
    /// From a stop to the end of the answer, and for freeing a model. A processor stops at once; other devices end the
    /// computation first that they have begun.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { hello: Duration::from_secs(60), silence: Duration::from_secs(30 * 60), stop: Duration::from_secs(30) }
    }
}

/// What can go wrong with the engine. The texts are sentences for users; none holds text of a prompt or answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Its program can't be started.
    #[error("the engine {program} can't be started ({error}): install Lethe again", program = program.display())]
    Start { program: PathBuf, error: std::io::Error },
    /// It belongs to another version.
    #[error("the engine is of another version than Lethe: install Lethe again")]
    Version,
    /// None of the kernel variants survives its probe.
    #[error("no kernels of llama.cpp run on this machine: install a build of Lethe for this processor")]
    NoKernels,
    /// The disk has no room for what it writes or maps.
    #[error(
        "the disk is full, so the engine can't work: free some space on the disk of the data folder and of the model"
    )]
    NoRoom,
    /// The process has ended.
    #[error("the engine stopped unexpectedly ({0}): ask again, and it starts anew")]
    Died(String),
    /// The model was not loaded.
    #[error("this model can't be used: {0}")]
    Load(String),
    /// A call was refused.
    #[error("the engine refused the request: {0}")]
    Refused(String),
    /// The model that a request was for is not loaded any more.
    #[error("another model was loaded in the meantime: ask again")]
    OtherModel,
}

/// A running engine process.
pub struct Engine {
    process: u32,
    module: Option<PathBuf>,
    requests: UnboundedSender<Vec<u8>>,
    calls: Arc<Calls>,
    ended: watch::Receiver<Option<String>>,
    /// Why the process is to be killed.
    order: watch::Sender<Option<&'static str>>,
    build: String,
    limits: Limits,
}

impl Engine {
    /// Starts the program and waits for its first word.
    ///
    /// # Errors
    /// `Start`, `Version` or `Died`.
    pub async fn start(program: &Path, module: Option<&Path>) -> Result<Arc<Self>, EngineError> {
        Self::start_within(program, module, Limits::default()).await
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub async fn start_within(program: &Path, module: Option<&Path>, limits: Limits) -> Result<Arc<Self>, EngineError> {
        let start = Program::new(program, "run").with_some("--module", module).start();
        let mut child = start.map_err(|error| EngineError::Start { program: program.to_owned(), error })?;
        let process = child.id().unwrap_or_default();
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
            unreachable!("all three streams were asked for as pipes");
        };
        let (requests, mut outgoing) = unbounded_channel::<Vec<u8>>();
        tokio::spawn(async move {
            while let Some(frame) = outgoing.recv().await {
                if stdin.write_all(&frame).await.is_err() || stdin.flush().await.is_err() {
                    break;
                }
            }
            // Dropping stdin here tells the engine to end.
        });
        tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line);
                tracing::warn!(target: "engine", process, "{}", plain_line(&line));
            }
        });
        let mut stdout = BufReader::new(stdout);
        let build = match timeout(limits.hello, next_event(&mut stdout)).await {
            Ok(Some(Event::Hello { protocol: PROTOCOL, build })) => build,
            Ok(Some(_)) => return Err(EngineError::Version),
            Ok(None) => return Err(EngineError::Died(end_of(&mut child).await)),
            Err(_) => return Err(EngineError::Died(SILENT.to_owned())),
        };
        let calls = Arc::new(Calls::new());
        let (order, ordered) = watch::channel(None);
        let (ending, ended) = watch::channel(None);
        tokio::spawn(deliver(stdout, child, calls.clone(), ordered, ending));
        tracing::info!(process, build, "engine started");
        Ok(Arc::new(Self { process, module: module.map(Path::to_owned), requests, calls, ended, order, build, limits }))
    }

    /// Versions of the engine and of llama.cpp.
    pub fn build(&self) -> &str {
        &self.build
    }

    /// The module of kernels that it loaded at its start.
    pub fn module(&self) -> Option<&Path> {
        self.module.as_deref()
    }

    /// Number of the process in the operating system.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Whether the process can be asked for something.
    pub fn alive(&self) -> bool {
        self.ended.borrow().is_none() && self.order.borrow().is_none()
    }

    /// Kills the process. Open calls end with [`EngineError::Died`] and this reason.
    pub fn kill(&self, reason: &'static str) {
        self.order.send_if_modified(|order| order.is_none() && order.replace(reason).is_none());
    }

    /// Waits until the process is gone.
    pub async fn gone(&self) {
        // An error means that nobody watches the process any more, because it is gone.
        let _ = self.ended.clone().wait_for(Option::is_some).await;
    }

    /// Loads a model; `progress` hears the share that is done, 0 to 1. Dropping the future ends the process, because
    /// nothing else ends llama.cpp's loading at any moment.
    ///
    /// # Errors
    /// `Load` with the reason, or `Died`.
    pub async fn load(
        self: &Arc<Self>,
        request: LoadRequest,
        mut progress: impl FnMut(f32),
    ) -> Result<Model, EngineError> {
        let mut open = self.open();
        let load = Load(open.number());
        let given_up = KillOnDrop { engine: self, armed: true };
        self.send(&Request::Load { load, request })?;
        let outcome = loop {
            match self.heard(&mut open.events).await {
                Ok(Event::Loading { share, .. }) => progress(share),
                Ok(Event::Loaded { model, .. }) => break Ok(Model { engine: self.clone(), load, facts: *model }),
                Ok(Event::LoadFailed { reason, .. }) => break Err(EngineError::Load(plain(&reason, LONGEST_REASON))),
                Ok(_) => break Err(EngineError::Version),
                Err(error) => break Err(error),
            }
        };
        given_up.disarm();
        outcome
    }

    /// Frees the model; the process goes on.
    ///
    /// # Errors
    /// `Died`, also when it takes longer than a stop may.
    pub async fn unload(&self) -> Result<(), EngineError> {
        let mut open = self.open();
        self.send(&Request::Unload { call: Call(open.number()) })?;
        match timeout(self.limits.stop, open.events.recv()).await {
            Ok(Some(Event::Unloaded { .. })) => return Ok(()),
            Ok(Some(_)) => return Err(EngineError::Version),
            Ok(None) => {}
            Err(_) => self.kill(SILENT),
        }
        Err(self.death().await)
    }

    /// Which model is loaded, and how many tokens its cache holds.
    ///
    /// # Errors
    /// `Died`.
    pub async fn status(&self) -> Result<(Option<Load>, u32), EngineError> {
        let mut open = self.open();
        self.send(&Request::Status { call: Call(open.number()) })?;
        match self.heard(&mut open.events).await? {
            Event::Status { loaded, cached, .. } => Ok((loaded, cached)),
            _ => Err(EngineError::Version),
        }
    }

    fn open(&self) -> OpenCall {
        let open = self.calls.open();
        // The process may have ended between the last call and this one.
        if self.ended.borrow().is_some() {
            self.calls.close_all();
        }
        open
    }

    fn send(&self, request: &Request) -> Result<(), EngineError> {
        let frame = wire::frame_bytes(request).map_err(|error| EngineError::Refused(error.to_string()))?;
        // The writer ends only with the process, whose death the answer then tells.
        let _ = self.requests.send(frame);
        Ok(())
    }

    /// The next event of a call. The engine does one thing after the other, so a call may wait as long as the engine
    /// speaks of another one.
    async fn heard(&self, events: &mut UnboundedReceiver<Event>) -> Result<Event, EngineError> {
        loop {
            match timeout(self.limits.silence, events.recv()).await {
                Ok(Some(event)) => return Ok(event),
                Ok(None) => break,
                Err(_) if self.calls.silent_for() < self.limits.silence => {}
                Err(_) => {
                    self.kill(SILENT);
                    break;
                }
            }
        }
        Err(self.death().await)
    }

    async fn death(&self) -> EngineError {
        let mut ended = self.ended.clone();
        let how = ended.wait_for(Option::is_some).await.ok().and_then(|how| how.clone());
        EngineError::Died(how.unwrap_or_else(|| "for an unknown reason".to_owned()))
    }
}

/// Longest reason that the process gives, in characters.
const LONGEST_REASON: usize = 300;

/// What is said of a process that breaks a limit.
const SILENT: &str = "it does not answer";

struct KillOnDrop<'a> {
    engine: &'a Engine,
    armed: bool,
}

impl KillOnDrop<'_> {
    fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for KillOnDrop<'_> {
    fn drop(&mut self) {
        if self.armed {
            self.engine.kill("loading was given up");
        }
    }
}

/// A model that an engine has loaded. Once another one is loaded there, what is asked of this one ends with
/// [`EngineError::OtherModel`].
#[derive(Clone)]
pub struct Model {
    engine: Arc<Engine>,
    load: Load,
    facts: LoadedModel,
}

impl fmt::Debug for Model {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Model({:?} of process {})", self.load, self.engine.process)
    }
}

impl Model {
    /// The process.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// What the engine said of it.
    pub fn facts(&self) -> &LoadedModel {
        &self.facts
    }

    /// Versions of the engine and of llama.cpp.
    pub fn build(&self) -> &str {
        self.engine.build()
    }

    /// Plain text as tokens; control tokens written out in it stay text.
    ///
    /// # Errors
    /// `Refused`, `OtherModel` or `Died`.
    pub async fn tokenize(&self, text: &str) -> Result<Vec<Token>, EngineError> {
        let mut open = self.engine.open();
        let call = Call(open.number());
        self.engine.send(&Request::Tokenize { load: self.load, call, text: PrivateText(text.to_owned()) })?;
        match self.engine.heard(&mut open.events).await? {
            Event::Tokens { tokens, .. } => Ok(tokens),
            Event::Failed { reason, .. } => Err(EngineError::Refused(plain(&reason, LONGEST_REASON))),
            Event::OtherLoad { .. } => Err(EngineError::OtherModel),
            _ => Err(EngineError::Version),
        }
    }

    /// Begins an answer. Dropping the generation stops it.
    ///
    /// # Errors
    /// `Refused` for a prompt that is too long for a frame.
    pub fn generate(&self, prompt: Vec<Token>, options: &GenerateOptions) -> Result<Generation, EngineError> {
        Generation::begin(self, prompt, options)
    }
}

async fn deliver(
    mut stdout: BufReader<ChildStdout>,
    mut child: Child,
    calls: Arc<Calls>,
    mut ordered: watch::Receiver<Option<&'static str>>,
    ending: watch::Sender<Option<String>>,
) {
    let order = loop {
        tokio::select! {
            // An error means that nobody holds the engine any more: its child is dropped and so killed.
            order = ordered.changed() => match order {
                Ok(()) => break *ordered.borrow(),
                Err(_) => return,
            },
            event = next_event(&mut stdout) => match event {
                Some(event) => calls.deliver(event),
                None => break None,
            },
        }
    };
    let how = end_of(&mut child).await;
    let how = order.map_or(how, str::to_owned);
    tracing::warn!(how, "engine ended");
    ending.send_replace(Some(how));
    calls.close_all();
}

async fn next_event(stdout: &mut BufReader<ChildStdout>) -> Option<Event> {
    let mut length = [0u8; 4];
    stdout.read_exact(&mut length).await.ok()?;
    let mut body = vec![0u8; wire::checked_length(length).ok()?];
    stdout.read_exact(&mut body).await.ok()?;
    wire::parse_body(&body).ok()
}

async fn end_of(child: &mut Child) -> String {
    // Its output has ended; if it still runs, it is of no use.
    let _ = child.start_kill();
    match child.wait().await {
        Ok(status) => describe_exit(status),
        Err(error) => error.to_string(),
    }
}
