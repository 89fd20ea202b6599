//! The client of the engine process: start, load, tokenise, generate, stop.
//!
//! The engine is a crash boundary: when it dies, every open call ends with [`EngineError::Died`] and a sentence that
//! says how, and a new one can be started. It never outlives its parent: its standard input closes with the parent,
//! and it is killed when the [`Engine`] is dropped.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::program::{Program, describe_exit, plain_line};
use crate::wire::{
    self, Call, Event, GenerateRequest, LoadRequest, LoadedModel, PROTOCOL, PrivateText, Request, Sampling, StopReason,
    Timings, Token,
};

/// How long the process may take to its first word: it loads one module of kernels before it.
const HELLO: Duration = Duration::from_secs(60);

/// What can go wrong with the engine. The texts are sentences for users; none holds text of a prompt or answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Its program can't be started.
    #[error("the engine {program} can't be started ({error}): install Lethe again", program = program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
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
}

/// A running engine process.
pub struct Engine {
    process: u32,
    requests: UnboundedSender<Vec<u8>>,
    calls: Arc<Calls>,
    next_call: AtomicU32,
    ended: watch::Receiver<Option<String>>,
    loading: tokio::sync::Mutex<UnboundedReceiver<Event>>,
    build: String,
}

#[derive(Default)]
struct Calls {
    open: Mutex<HashMap<Call, UnboundedSender<Event>>>,
}

impl Calls {
    fn open(&self, call: Call) -> UnboundedReceiver<Event> {
        let (sender, receiver) = unbounded_channel();
        self.lock().insert(call, sender);
        receiver
    }

    fn close(&self, call: Call) {
        self.lock().remove(&call);
    }

    fn close_all(&self) {
        self.lock().clear();
    }

    fn deliver(&self, call: Call, event: Event) {
        if let Some(sender) = self.lock().get(&call) {
            // A caller that has gone away needs no event.
            let _ = sender.send(event);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Call, UnboundedSender<Event>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Starts the program and waits for its first word.
    ///
    /// # Errors
    /// `Start`, `Version` or `Died`.
    pub async fn start(program: &Path, module: Option<&Path>) -> Result<Arc<Self>, EngineError> {
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
        let build = match tokio::time::timeout(HELLO, next_event(&mut stdout)).await {
            Ok(Some(Event::Hello { protocol: PROTOCOL, build })) => build,
            Ok(Some(_)) => return Err(EngineError::Version),
            Ok(None) => return Err(EngineError::Died(end_of(&mut child).await)),
            Err(_) => return Err(EngineError::Died("it does not answer".to_owned())),
        };
        let calls = Arc::new(Calls::default());
        let (loads, loading) = unbounded_channel();
        let (ending, ended) = watch::channel(None);
        tokio::spawn(deliver(stdout, child, calls.clone(), loads, ending));
        tracing::info!(process, build, "engine started");
        Ok(Arc::new(Self {
            process,
            requests,
            calls,
            next_call: AtomicU32::new(1),
            ended,
            loading: tokio::sync::Mutex::new(loading),
            build,
        }))
    }

    /// Versions of the engine and of llama.cpp.
    pub fn build(&self) -> &str {
        &self.build
    }

    /// Number of the process in the operating system.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Whether the process still runs.
    pub fn alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Loads a model; `progress` hears the share that is done, 0 to 1.
    ///
    /// # Errors
    /// `Load` with the reason, or `Died`.
    pub async fn load(&self, request: LoadRequest, mut progress: impl FnMut(f32)) -> Result<LoadedModel, EngineError> {
        let mut loading = self.loading.lock().await;
        self.send(&Request::Load(request))?;
        loop {
            match loading.recv().await {
                Some(Event::Loading(share)) => progress(share),
                Some(Event::Loaded(model)) => return Ok(*model),
                Some(Event::LoadFailed(reason)) => return Err(EngineError::Load(reason)),
                Some(_) => {}
                None => return Err(self.death().await),
            }
        }
    }

    /// Frees the model; the process goes on.
    ///
    /// # Errors
    /// `Died`.
    pub async fn unload(&self) -> Result<(), EngineError> {
        let mut loading = self.loading.lock().await;
        self.send(&Request::Unload)?;
        loop {
            match loading.recv().await {
                Some(Event::Unloaded) => return Ok(()),
                Some(_) => {}
                None => return Err(self.death().await),
            }
        }
    }

    /// Plain text as tokens of the loaded model; control tokens written out in it stay text.
    ///
    /// # Errors
    /// `Refused` without a model, or `Died`.
    pub async fn tokenize(&self, text: &str) -> Result<Vec<Token>, EngineError> {
        let (call, mut events) = self.open();
        self.send(&Request::Tokenize { call, text: PrivateText(text.to_owned()) })?;
        let answer = events.recv().await;
        self.calls.close(call);
        match answer {
            Some(Event::Tokens { tokens, .. }) => Ok(tokens),
            Some(Event::Failed { reason, .. }) => Err(EngineError::Refused(reason)),
            Some(_) => Err(EngineError::Version),
            None => Err(self.death().await),
        }
    }

    /// Begins an answer. Dropping the generation stops it.
    ///
    /// # Errors
    /// `Died`.
    pub fn generate(
        self: &Arc<Self>,
        prompt: Vec<Token>,
        options: &GenerateOptions,
    ) -> Result<Generation, EngineError> {
        let (call, events) = self.open();
        let request = GenerateRequest {
            call,
            prompt,
            sampling: options.sampling.clone(),
            longest: options.longest,
            grammar: options.grammar.clone(),
            ends: options.ends.clone(),
            ignore_end: options.ignore_end,
        };
        self.send(&Request::Generate(Box::new(request)))?;
        Ok(Generation { engine: self.clone(), call, events, ended: false })
    }

    /// Whether a model is loaded, and how many tokens its cache holds.
    ///
    /// # Errors
    /// `Died`.
    pub async fn status(&self) -> Result<(bool, u32), EngineError> {
        let (call, mut events) = self.open();
        self.send(&Request::Status { call })?;
        let answer = events.recv().await;
        self.calls.close(call);
        match answer {
            Some(Event::Status { loaded, cached, .. }) => Ok((loaded, cached)),
            Some(_) => Err(EngineError::Version),
            None => Err(self.death().await),
        }
    }

    fn open(&self) -> (Call, UnboundedReceiver<Event>) {
        let call = Call(self.next_call.fetch_add(1, Ordering::Relaxed));
        let events = self.calls.open(call);
        // The process may have ended between the last call and this one.
        if !self.alive() {
            self.calls.close_all();
        }
        (call, events)
    }

    fn send(&self, request: &Request) -> Result<(), EngineError> {
        let frame = wire::frame_bytes(request).map_err(|error| EngineError::Refused(error.to_string()))?;
        // The writer ends only with the process, whose death the answer then tells.
        let _ = self.requests.send(frame);
        Ok(())
    }

    async fn death(&self) -> EngineError {
        let mut ended = self.ended.clone();
        let how = ended.wait_for(Option::is_some).await.ok().and_then(|how| how.clone());
        EngineError::Died(how.unwrap_or_else(|| "for an unknown reason".to_owned()))
    }
}

async fn deliver(
    mut stdout: BufReader<ChildStdout>,
    mut child: Child,
    calls: Arc<Calls>,
    loads: UnboundedSender<Event>,
    ending: watch::Sender<Option<String>>,
) {
    loop {
        let event = tokio::select! {
            event = next_event(&mut stdout) => event,
            // Nobody holds the engine any more: its child is dropped and so killed.
            () = ending.closed() => return,
        };
        match event {
            Some(event @ (Event::Loading(_) | Event::Loaded(_) | Event::LoadFailed(_) | Event::Unloaded)) => {
                let _ = loads.send(event);
            }
            Some(event) => {
                if let Some(call) = call_of(&event) {
                    calls.deliver(call, event);
                }
            }
            None => break,
        }
    }
    let how = end_of(&mut child).await;
    tracing::warn!(how, "engine ended");
    ending.send_replace(Some(how));
    calls.close_all();
}

fn call_of(event: &Event) -> Option<Call> {
    match event {
        Event::Tokens { call, .. }
        | Event::Reading { call, .. }
        | Event::Token { call, .. }
        | Event::Done { call, .. }
        | Event::Failed { call, .. }
        | Event::Status { call, .. } => Some(*call),
        Event::Hello { .. } | Event::Loading(_) | Event::Loaded(_) | Event::LoadFailed(_) | Event::Unloaded => None,
    }
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

/// How to continue a prompt.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// The sampler chain.
    pub sampling: Sampling,
    /// Longest answer in tokens.
    pub longest: u32,
    /// A GBNF grammar that the answer must follow.
    pub grammar: Option<String>,
    /// Tokens that end the answer beside those that the model's file names.
    pub ends: Vec<Token>,
    /// Go on after the model's own end token: only for measuring.
    pub ignore_end: bool,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self { sampling: Sampling::default(), longest: u32::MAX, grammar: None, ends: Vec::new(), ignore_end: false }
    }
}

/// An answer that is being generated.
pub struct Generation {
    engine: Arc<Engine>,
    call: Call,
    events: UnboundedReceiver<Event>,
    ended: bool,
}

/// What happens next in a generation.
#[derive(Debug)]
pub enum Step {
    /// So many tokens of the prompt are read.
    Reading {
        /// Tokens in the cache.
        done: u32,
        /// Tokens of the prompt.
        total: u32,
        /// Tokens that were in the cache before.
        cached: u32,
    },
    /// One more token; its bytes may be a part of a character.
    Token {
        /// Its number.
        token: Token,
        /// What it stands for.
        bytes: Vec<u8>,
    },
    /// The end.
    Done {
        /// Why.
        reason: StopReason,
        /// What it took.
        timings: Timings,
    },
}

impl Generation {
    /// Waits for the next step. After `Done` or an error there is none.
    ///
    /// # Errors
    /// `Refused` or `Died`.
    pub async fn next(&mut self) -> Result<Step, EngineError> {
        match self.events.recv().await {
            Some(Event::Reading { done, total, cached, .. }) => Ok(Step::Reading { done, total, cached }),
            Some(Event::Token { token, bytes, .. }) => Ok(Step::Token { token, bytes }),
            Some(Event::Done { reason, timings, .. }) => {
                self.ended = true;
                Ok(Step::Done { reason, timings })
            }
            Some(Event::Failed { reason, .. }) => {
                self.ended = true;
                Err(EngineError::Refused(reason))
            }
            Some(_) => Err(EngineError::Version),
            None => {
                self.ended = true;
                Err(self.engine.death().await)
            }
        }
    }

    /// Asks the engine to end; `Done` follows.
    pub fn stop(&self) {
        // Sending can't fail in a way that matters: a dead engine has stopped.
        let _ = self.engine.send(&Request::Stop { call: self.call });
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        if !self.ended {
            self.stop();
        }
        self.engine.calls.close(self.call);
    }
}
