//! The model that is ready: in an engine that is started when needed and restarted after a crash, or on a server.
//!
//! A model on a server takes the place of the engine, whose memory is free then. Nothing is asked of the server here.

use std::path::Path;
use std::sync::Arc;

use lethe_models::devices;
use lethe_models::engine::Engine;
use lethe_models::fit::{Shape, estimate, largest_context};
use lethe_models::gguf::Header;
use lethe_models::kernels::Choice;
use lethe_models::memory::{self, Memory};
use lethe_models::outline;
use lethe_models::prompt::template::Clock;
use lethe_models::prompt::{Prompter, Tokenize};
use lethe_models::tokens::Tokenizer;
use lethe_models::wire::{LoadRequest, LoadedModel, Offload, Token};
use serde::Serialize;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::base::settings::Settings;
use crate::base::store::Store;
use crate::models::context::context_size;
use crate::models::fit;
use crate::models::model::{ModelFile, Place};
use crate::models::remote::{Remote, Remotes};
use crate::models::tuning;

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
    /// A model is being loaded.
    Loading {
        /// Its name.
        model: String,
        /// Share that is done, 0 to 1.
        fraction: f32,
    },
    /// A model is ready.
    Ready {
        /// Its name.
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
    Failed {
        /// Its name.
        model: String,
        /// Why.
        error: Error,
    },
}

/// A model in a running engine.
pub struct Loaded {
    /// The process.
    pub engine: Arc<Engine>,
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
    /// How it was loaded.
    pub request: LoadRequest,
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

/// A model that can answer now.
#[derive(Clone)]
pub enum Ready {
    /// In an engine on this machine.
    Here(Arc<Loaded>),
    /// On a server.
    There(Arc<Remote>),
}

impl Ready {
    /// The model's key, and where it is.
    pub fn file(&self) -> &ModelFile {
        match self {
            Self::Here(loaded) => &loaded.file,
            Self::There(remote) => &remote.file,
        }
    }

    /// Tokens that fit; none when a server does not say it, and nobody chose it.
    pub fn context(&self) -> Option<u32> {
        match self {
            Self::Here(loaded) => Some(loaded.model.context),
            Self::There(remote) => remote.context(),
        }
    }

    /// Tokens that fit, for a gauge.
    pub fn context_shown(&self) -> u32 {
        match self {
            Self::Here(loaded) => loaded.model.context,
            Self::There(remote) => remote.context_shown(),
        }
    }

    /// The engine, for what only works with one.
    ///
    /// # Errors
    /// `ModelUnusable` for a model on a server.
    pub fn here(self) -> Result<Arc<Loaded>> {
        match self {
            Self::Here(loaded) => Ok(loaded),
            Self::There(remote) => Err(remote.file.path().err().unwrap_or_else(|| Error::not_found("model"))),
        }
    }

    fn is_alive(&self) -> bool {
        match self {
            Self::Here(loaded) => loaded.engine.alive(),
            Self::There(_) => true,
        }
    }
}

/// Keeps one model ready.
pub struct Running {
    paths: Paths,
    store: Arc<Store>,
    remotes: Remotes,
    ready: Mutex<Option<Ready>>,
    state: watch::Sender<EngineState>,
}

impl Running {
    /// Nothing runs yet.
    pub fn new(paths: Paths, store: Arc<Store>, remotes: Remotes) -> Self {
        Self { paths, store, remotes, ready: Mutex::new(None), state: watch::Sender::new(EngineState::None) }
    }

    /// Follows where the engine stands.
    pub fn watch(&self) -> watch::Receiver<EngineState> {
        self.state.subscribe()
    }

    /// The model, loaded as the settings say: the running one if it is the same, else a new one.
    ///
    /// # Errors
    /// `ModelUnusable` or `EngineDied` with the reason; the state says so too. `Store` when the key for a server can't be
    /// read.
    pub async fn ready(&self, file: &ModelFile, settings: &Settings) -> Result<Ready> {
        let mut kept = self.ready.lock().await;
        let made = match &file.place {
            Place::File(path) => self.load(&mut kept, file, path, settings).await.map(Ready::Here),
            Place::Remote(_) => self.connect(&mut kept, file, settings).await.map(Ready::There),
        };
        match made {
            Ok(ready) => {
                self.say_ready(&ready);
                Ok(ready)
            }
            Err(error) => {
                self.state.send_replace(EngineState::Failed { model: file.id.clone(), error: error.clone() });
                Err(error)
            }
        }
    }

    /// The model that is ready now, if its engine lives. None while one is being loaded.
    pub fn current(&self) -> Option<Ready> {
        let ready = self.ready.try_lock().ok()?.clone();
        ready.filter(Ready::is_alive)
    }

    /// Says that the engine died, so that the window shows it; the next [`Running::ready`] starts another.
    pub fn died(&self, model: &str, error: &Error) {
        self.state.send_replace(EngineState::Failed { model: model.to_owned(), error: error.clone() });
    }

    /// Ends the engine, if one runs.
    pub async fn stop(&self) {
        *self.ready.lock().await = None;
        self.state.send_replace(EngineState::None);
    }

    async fn connect(&self, kept: &mut Option<Ready>, file: &ModelFile, settings: &Settings) -> Result<Arc<Remote>> {
        if let Some(Ready::There(remote)) = kept
            && remote.file == *file
            && remote.chosen_context == settings.context_size
        {
            return Ok(remote.clone());
        }
        let remote = self.remotes.connect(file, settings.context_size).await?;
        let remote = Arc::new(remote.ok_or_else(|| Error::not_found("model"))?);
        tracing::info!(model = file.id, host = remote.host(), context = remote.context(), "model on a server");
        *kept = Some(Ready::There(remote.clone()));
        Ok(remote)
    }

    async fn load(
        &self,
        kept: &mut Option<Ready>,
        file: &ModelFile,
        path: &Path,
        settings: &Settings,
    ) -> Result<Arc<Loaded>> {
        let header = Header::read(path)?;
        let tuning = tuning::of(&self.store, &file.id).await?;
        let context = context_size(&header, settings, tuning);
        let devices = devices::find(self.paths.engine(), self.paths.data(), |text| {
            self.state.send_replace(EngineState::Probing { text: text.to_owned() });
        })
        .await?;
        let shape = Shape::of(&header);
        let layers = fit::layers(&shape, &devices, context, tuning);
        let offload = devices.usable().filter(|_| layers > 0).map(|gpu| Offload {
            module: gpu.module.clone(),
            device: gpu.id.clone(),
            layers,
        });
        let all = u32::try_from(shape.layers.saturating_add(1)).unwrap_or(u32::MAX);
        let device = fit::device_text(&devices, layers, all);
        let choice = devices.cpu;
        let request = LoadRequest {
            path: path.to_owned(),
            context,
            threads: settings.threads.unwrap_or(choice.threads),
            prompt_threads: settings.threads.unwrap_or(choice.prompt_threads),
            offload,
        };
        let before = match kept.as_ref() {
            Some(Ready::Here(loaded)) if loaded.engine.alive() => Some(loaded.clone()),
            _ => None,
        };
        if let Some(loaded) = before.as_ref().filter(|loaded| loaded.request == request) {
            return Ok(loaded.clone());
        }
        // The model that goes makes room for the one that comes, in the same process if it still lives.
        *kept = None;
        let engine = before.map(|loaded| loaded.engine.clone());
        if let Some(engine) = &engine {
            engine.unload().await?;
        }
        refuse_too_large(&shape, context, layers)?;
        self.state.send_replace(EngineState::Loading { model: file.id.clone(), fraction: 0.0 });
        let engine = match engine {
            Some(engine) => engine,
            None => Engine::start(self.paths.engine(), choice.module.as_deref()).await?,
        };
        let architecture = header.architecture().to_owned();
        let tokenizer = tokenizer(path, header);
        let model = engine
            .load(request.clone(), |fraction| {
                self.state.send_replace(EngineState::Loading { model: file.id.clone(), fraction });
            })
            .await?;
        let prompter = Prompter::isolated(&model, &architecture, Clock::system(), self.paths.engine())?;
        let tokenizer = tokenizer.await;
        let tokenizer = tokenizer
            .map_err(|_| Error::new(Code::Internal, "the tokeniser can't be built: load the model again"))??;
        let loaded =
            Arc::new(Loaded { engine, file: file.clone(), model, prompter, tokenizer, choice, device, request });
        tracing::info!(
            model = file.id,
            context = loaded.model.context,
            threads = loaded.request.threads,
            kernels = loaded.choice.variant(),
            left_out = ?loaded.choice.left_out,
            "model loaded"
        );
        *kept = Some(Ready::Here(loaded.clone()));
        Ok(loaded)
    }

    fn say_ready(&self, ready: &Ready) {
        let (model, context_size) = (ready.file().id.clone(), ready.context_shown());
        self.state.send_replace(match ready {
            Ready::Here(loaded) => EngineState::Ready {
                model,
                context_size,
                threads: loaded.request.threads,
                variant: loaded.choice.variant(),
                device: loaded.device.clone(),
                remote: false,
                deliberates: loaded.prompter.deliberates(),
            },
            Ready::There(remote) => EngineState::Ready {
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

    /// The engine's program, for measuring.
    pub fn program(&self) -> &Path {
        self.paths.engine()
    }
}

/// The model's tokeniser, read from its file or built from it. That takes a moment, so it is begun before the weights
/// are loaded.
fn tokenizer(path: &Path, header: Header) -> JoinHandle<Result<Option<Arc<Tokenizer>>>> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || {
        let structural = outline::structural(&outline::outline(&path, &header)?);
        Ok(Tokenizer::of_model(&path, &header, &structural)?.map(Arc::new))
    })
}

/// A model that has no room is refused before it is loaded, with what would have.
fn refuse_too_large(shape: &Shape, context: u32, layers: u32) -> Result<()> {
    let now = Memory::now();
    let needs = estimate(shape, context, layers).memory;
    let Some(reason) = memory::refusal(needs.weights, needs.cache.saturating_add(needs.compute), now) else {
        return Ok(());
    };
    let largest = largest_context(shape, layers, now);
    let instead = match largest {
        0 => String::new(),
        largest => format!("; a context of {largest} tokens would fit"),
    };
    Err(Error::new(Code::ModelUnusable, format!("this model can't be used: {reason}{instead}")))
}
