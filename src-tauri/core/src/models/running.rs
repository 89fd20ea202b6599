//! The model that is ready: in an engine that is started when needed and restarted after a crash, or on a server.
//!
//! A model on a server takes the place of the engine, whose memory is free then. Nothing is asked of the server here.
//!
//! Whoever holds a [`Backend`] keeps its model: another one is loaded when the last of them is dropped, so an answer is
//! never read by the model that comes after its own. A wait for a model can be given up at any moment; a load for which
//! nobody waits any more is ended.

mod load;
mod plan;
mod slot;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lethe_models::engine::Model;
use lethe_models::kernels::Choice;
use lethe_models::prompt::{Prompter, Tokenize};
use lethe_models::tokens::Tokenizer;
use lethe_models::wire::{LoadRequest, LoadedModel, Token};
use serde::Serialize;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::base::settings::Settings;
use crate::base::store::Store;
use crate::models::model::{ModelFile, Place};
use crate::models::remote::{Remote, Remotes};
use crate::models::tuning;

use plan::Plan;
use slot::{LoadStep, Purpose, Slot, Want};

/// How long [`Running::stop`] waits for answers that are being ended.
const PATIENCE_FOR_ANSWERS: Duration = Duration::from_secs(3);

/// How long it waits for the end of a process that was killed.
const PATIENCE_FOR_PROCESS: Duration = Duration::from_secs(5);

/// Where the engine stands.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum EngineState {
    /// No model is loaded.
    None,
    /// The kernels of this machine are being probed.
    Probing {
        /// What is being done.
        text: String,
    },
    /// A model will be loaded when the answers of the one before have ended.
    Waiting { model: String },
    /// A model is being loaded.
    Loading {
        model: String,
        /// Share that is done, 0 to 1.
        fraction: f32,
    },
    /// A model is ready.
    Ready {
        model: String,
        /// Context in tokens; of a server that does not say it, a usual one.
        context_size: u32,
        /// Threads that generate; 0 for a model on a server.
        threads: u32,
        /// Kernel variant; empty for a model on a server.
        variant: String,
        /// What runs it: this machine's processor, or the name of a server.
        device: String,
        /// Whether it is on a server, so that conversations are sent there.
        remote: bool,
        /// Whether it can be asked to think before it answers.
        deliberates: bool,
    },
    /// A model could not be loaded, or the engine died.
    Failed { model: String, error: Error },
}

/// A model in a running engine.
pub struct Loaded {
    /// The model in its process. Everything is asked of this load and no other.
    pub engine: Model,
    /// The model's key and file.
    pub file: ModelFile,
    /// What the engine said of it.
    pub model: LoadedModel,
    /// Turns conversations into its prompts.
    pub prompter: Prompter,
    /// Turns text into its tokens and back; none where only llama.cpp knows the vocabulary.
    pub tokenizer: Option<Arc<Tokenizer>>,
    /// The kernels it runs on.
    pub choice: Choice,
    /// What it computes on, for people.
    pub device: String,
    pub request: LoadRequest,
    /// Dropped with the model: that nobody uses it any more.
    used: watch::Sender<()>,
}

impl Loaded {
    /// What its speed depends on beside the model: machine, build, and what it computes on.
    pub fn machine(&self) -> String {
        format!("{} {} {}", self.choice.fingerprint, self.device, self.request.threads)
    }

    /// Plain text as tokens; control tokens written out in it stay text.
    ///
    /// # Errors
    /// `EngineDied`, where only llama.cpp knows the vocabulary.
    pub async fn tokenize(&self, text: &str) -> Result<Vec<Token>> {
        match &self.tokenizer {
            Some(tokenizer) => Ok(tokenizer.tokenize(text)),
            None => Ok(self.engine.tokenize(text).await?),
        }
    }

    /// The bytes that a token stands for in an answer; none where only llama.cpp knows them.
    pub fn bytes(&self, token: Token) -> Option<&[u8]> {
        self.tokenizer.as_ref().map(|tokenizer| tokenizer.bytes(token))
    }
}

impl Tokenize for Loaded {
    type Error = Error;

    async fn tokenize(&self, text: &str) -> Result<Vec<Token>> {
        Loaded::tokenize(self, text).await
    }
}

/// What a model answers from.
#[derive(Clone)]
pub enum Backend {
    /// In an engine on this machine.
    Engine(Arc<Loaded>),
    Server(Arc<Remote>),
}

impl Backend {
    /// The model's key, and where it is.
    pub fn file(&self) -> &ModelFile {
        match self {
            Self::Engine(loaded) => &loaded.file,
            Self::Server(remote) => &remote.file,
        }
    }

    /// Tokens that fit; none when a server does not say it, and nobody chose it.
    pub fn context(&self) -> Option<u32> {
        match self {
            Self::Engine(loaded) => Some(loaded.model.context),
            Self::Server(remote) => remote.context(),
        }
    }

    /// Tokens that fit, for a gauge.
    pub fn context_shown(&self) -> u32 {
        match self {
            Self::Engine(loaded) => loaded.model.context,
            Self::Server(remote) => remote.context_shown(),
        }
    }

    /// The engine, for what only works with one.
    ///
    /// # Errors
    /// `ModelUnusable` for a model on a server.
    pub fn here(self) -> Result<Arc<Loaded>> {
        match self {
            Self::Engine(loaded) => Ok(loaded),
            Self::Server(remote) => Err(remote.file.path().err().unwrap_or_else(|| Error::not_found("model"))),
        }
    }

    fn is_alive(&self) -> bool {
        match self {
            Self::Engine(loaded) => loaded.engine.engine().alive(),
            Self::Server(_) => true,
        }
    }
}

/// Keeps one model ready.
pub struct Running {
    shared: Arc<Shared>,
    remotes: Remotes,
    /// One looks at the machine at a time.
    planning: Mutex<()>,
}

/// What a task that loads a model needs.
struct Shared {
    paths: Paths,
    store: Arc<Store>,
    slot: Slot,
    state: watch::Sender<EngineState>,
}

impl Running {
    /// Nothing runs yet.
    pub fn new(paths: Paths, store: Arc<Store>, remotes: Remotes) -> Self {
        let state = watch::Sender::new(EngineState::None);
        let shared = Arc::new(Shared { paths, store, slot: Slot::default(), state });
        Self { shared, remotes, planning: Mutex::new(()) }
    }

    /// Follows where the engine stands.
    pub fn watch(&self) -> watch::Receiver<EngineState> {
        self.shared.state.subscribe()
    }

    /// The model, loaded as the settings say: the running one if it is the same, else a new one. A model whose answers
    /// go on is waited for. Dropping the future gives the wish up.
    ///
    /// # Errors
    /// `ModelUnusable` or `EngineDied` with the reason; the state says so too. `Busy` when all models were let go of in
    /// the meantime. `Store` when the key for a server can't be read.
    pub async fn ready(&self, file: &ModelFile, settings: &Settings) -> Result<Backend> {
        let given_up = || Error::new(Code::Busy, "loading the model was stopped: ask again");
        self.wanted(file, settings, Purpose::Answer).await?.ok_or_else(given_up)
    }

    /// The same ahead of an answer. Another wish ends this one, which is no error.
    ///
    /// # Errors
    /// As [`Running::ready`], but for `Busy`.
    pub async fn prepare(&self, file: &ModelFile, settings: &Settings) -> Result<()> {
        let purpose = self.shared.slot.wish();
        self.wanted(file, settings, purpose).await.map(|_| ())
    }

    /// The model that is ready now, if its engine lives, also while another one waits for its answers to end. None while
    /// one is being loaded.
    pub fn current(&self) -> Option<Backend> {
        self.shared.slot.current()
    }

    /// Whether this model is in use: ready, being loaded, or at an answer.
    pub fn uses(&self, id: &str) -> bool {
        self.shared.slot.has(id)
    }

    /// Says that the engine died, so that the window shows it; the next [`Running::ready`] starts another.
    pub fn died(&self, model: &str, error: &Error) {
        // What is being loaded in its place says where it stands.
        if !self.shared.slot.loads() {
            self.shared.say(EngineState::Failed { model: model.to_owned(), error: error.clone() });
        }
    }

    /// Ends the engine, if one runs, and whatever is being loaded. Answers that go on are waited for some seconds, a load
    /// is not.
    pub async fn stop(&self) {
        let (engine, leaving) = self.shared.slot.let_go();
        let job = self.shared.slot.stop();
        self.shared.say(EngineState::None);
        if let Some(job) = job {
            let mut ended = job.outcome.subscribe();
            drop(job);
            let _ = timeout(PATIENCE_FOR_PROCESS, slot::outcome(&mut ended)).await;
        }
        if let Some(mut leaving) = leaving
            && timeout(PATIENCE_FOR_ANSWERS, leaving.unused()).await.is_err()
        {
            // The last answer ends the engine.
            return;
        }
        if let Some(engine) = engine {
            engine.kill("it is not needed any more");
            let _ = timeout(PATIENCE_FOR_PROCESS, engine.gone()).await;
        }
    }

    /// [`Running::stop`] for good: no model is loaded any more.
    pub async fn close(&self) {
        self.shared.slot.close();
        self.stop().await;
    }

    /// The engine's program, for measuring.
    pub fn program(&self) -> &Path {
        self.shared.paths.engine()
    }

    /// None when the wish was given up.
    async fn wanted(&self, file: &ModelFile, settings: &Settings, purpose: Purpose) -> Result<Option<Backend>> {
        let stops = self.shared.slot.stops();
        let _probing = Probing(&self.shared);
        let made = match self.want(file, settings).await {
            Ok(want) => self.have(want, purpose, stops).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &made
            && !self.shared.slot.loads()
            && self.shared.slot.stops() == stops
        {
            self.shared.say(EngineState::Failed { model: file.id.clone(), error: error.clone() });
        }
        made
    }

    async fn want(&self, file: &ModelFile, settings: &Settings) -> Result<Want> {
        match &file.place {
            Place::File(path) => {
                let tuning = tuning::of(&self.shared.store, &file.id).await?;
                let _alone = self.planning.lock().await;
                let report = |text: &str| self.shared.say(EngineState::Probing { text: text.to_owned() });
                let plan = Plan::new(file, path, settings, tuning, &self.shared.paths, report).await?;
                Ok(Want::Plan(Box::new(plan)))
            }
            Place::Remote(_) => {
                if let Some(Backend::Server(remote)) = self.shared.slot.remote()
                    && remote.file == *file
                    && remote.chosen_context == settings.context_size
                {
                    return Ok(Want::Remote(Backend::Server(remote)));
                }
                let remote = self.remotes.connect(file, settings.context_size).await?;
                let remote = Arc::new(remote.ok_or_else(|| Error::not_found("model"))?);
                tracing::info!(model = file.id, host = remote.host(), context = remote.context(), "model on a server");
                Ok(Want::Remote(Backend::Server(remote)))
            }
        }
    }

    async fn have(&self, want: Want, purpose: Purpose, stops: u64) -> Result<Option<Backend>> {
        loop {
            let wait = match self.shared.slot.step(&want, purpose, stops) {
                LoadStep::Have(ready) => {
                    self.shared.say_ready(&ready);
                    return Ok(Some(ready));
                }
                LoadStep::GiveUp => return Ok(None),
                LoadStep::Later(mut ended) => {
                    slot::outcome(&mut ended).await;
                    continue;
                }
                LoadStep::Wait(wait) => wait,
                LoadStep::Run(wait, job) => {
                    tokio::spawn(load::run(self.shared.clone(), job));
                    wait
                }
            };
            // A job that was given up may have been for this model all the same: the next step says.
            if let Some(outcome) = wait.outcome().await {
                return outcome.map(Some);
            }
        }
    }
}

/// While a model is wanted. That the machine is looked at is taken back when the wish is given up meanwhile.
struct Probing<'a>(&'a Shared);

impl Drop for Probing<'_> {
    fn drop(&mut self) {
        let probing = matches!(*self.0.state.borrow(), EngineState::Probing { .. });
        if probing && !self.0.slot.loads() {
            self.0.say_where(self.0.slot.current().as_ref());
        }
    }
}

impl Shared {
    fn say(&self, state: EngineState) {
        self.state.send_replace(state);
    }

    /// Says what is ready.
    fn say_where(&self, ready: Option<&Backend>) {
        match ready {
            Some(ready) => self.say_ready(ready),
            None => self.say(EngineState::None),
        }
    }

    fn say_ready(&self, ready: &Backend) {
        let (model, context_size) = (ready.file().id.clone(), ready.context_shown());
        self.say(match ready {
            Backend::Engine(loaded) => EngineState::Ready {
                model,
                context_size,
                threads: loaded.request.threads,
                variant: loaded.choice.variant(),
                device: loaded.device.clone(),
                remote: false,
                deliberates: loaded.prompter.deliberates(),
            },
            Backend::Server(remote) => EngineState::Ready {
                model,
                context_size,
                threads: 0,
                variant: String::new(),
                device: remote.host(),
                remote: true,
                deliberates: false,
            },
        });
    }
}
