//! Loading one model: the one before goes, then the engine loads.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use lethe_models::engine::Engine;
use lethe_models::gguf::Header;
use lethe_models::outline;
use lethe_models::prompt::Prompter;
use lethe_models::prompt::template::Clock;
use lethe_models::tokens::Tokenizer;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::slot::Job;
use super::{Backend, EngineState, Loaded, PATIENCE_FOR_PROCESS, Shared};
use crate::base::error::{Code, Error, Result};

/// Runs a job to its end.
pub(super) async fn run(shared: Arc<Shared>, job: Arc<Job>) {
    let process = Mutex::new(None);
    let outcome = tokio::select! {
        biased;
        () = job.cancel.notified() => None,
        outcome = load(&shared, &job, &process) => Some(outcome.map(Backend::Engine)),
    };
    if !matches!(outcome, Some(Ok(_)))
        && let Some(engine) = take(&process)
    {
        // The next model needs the memory of this one.
        engine.kill("loading was given up");
        let _ = timeout(PATIENCE_FOR_PROCESS, engine.gone()).await;
    }
    shared.slot.end(&job, outcome, |ready| shared.say_where(ready));
}

async fn load(shared: &Shared, job: &Job, process: &Mutex<Option<Arc<Engine>>>) -> Result<Arc<Loaded>> {
    let plan = job.plan.clone();
    let model = plan.file.id.clone();
    // The model that goes makes room for the one that comes, in the same process if it still lives.
    let (before, leaving) = shared.slot.let_go();
    if let Some(mut leaving) = leaving
        && leaving.loaded.strong_count() > 0
    {
        shared.say(EngineState::Waiting { model: model.clone() });
        leaving.unused().await;
    }
    let mut engine = None;
    if let Some(before) = before.filter(|before| before.alive()) {
        keep(process, &before);
        if before.module() == plan.choice.module.as_deref() && before.unload().await.is_ok() {
            engine = Some(before);
        } else {
            before.kill("another one takes its place");
            let _ = timeout(PATIENCE_FOR_PROCESS, before.gone()).await;
        }
    }
    plan.refuse_too_large()?;
    shared.say(EngineState::Loading { model: model.clone(), fraction: 0.0 });
    let engine = match engine {
        Some(engine) => engine,
        None => Engine::start(shared.paths.engine(), plan.choice.module.as_deref()).await?,
    };
    keep(process, &engine);
    let tokenizer = tokenizer(&plan.request.path, plan.header.clone());
    let progress = |fraction| shared.say(EngineState::Loading { model: model.clone(), fraction });
    let engine = engine.load(plan.request.clone(), progress).await?;
    let (facts, program) = (engine.facts().clone(), shared.paths.engine().to_owned());
    let architecture = plan.header.architecture().to_owned();
    let prompter =
        tokio::task::spawn_blocking(move || Prompter::isolated(&facts, &architecture, Clock::system(), &program));
    let failed = |what: &str| Error::new(Code::Internal, format!("{what} can't be made: load the model again"));
    let prompter = prompter.await.map_err(|_| failed("the prompts of this model"))??;
    let tokenizer = tokenizer.await.map_err(|_| failed("the tokeniser"))??;
    let loaded = Arc::new(Loaded {
        model: engine.facts().clone(),
        engine,
        file: plan.file,
        prompter,
        tokenizer,
        choice: plan.choice,
        device: plan.device,
        request: plan.request,
        used: watch::Sender::new(()),
    });
    tracing::info!(
        model,
        context = loaded.model.context,
        threads = loaded.request.threads,
        kernels = loaded.choice.variant(),
        left_out = ?loaded.choice.left_out,
        "model loaded"
    );
    Ok(loaded)
}

/// The model's tokeniser, read from its file or built from it. That takes a moment, so it is begun before the weights
/// are loaded.
fn tokenizer(path: &Path, header: Arc<Header>) -> JoinHandle<Result<Option<Arc<Tokenizer>>>> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || {
        let structural = outline::structural(&outline::outline(&path, &header)?);
        Ok(Tokenizer::of_model(&path, &header, &structural)?.map(Arc::new))
    })
}

fn keep(process: &Mutex<Option<Arc<Engine>>>, engine: &Arc<Engine>) {
    *process.lock().unwrap_or_else(PoisonError::into_inner) = Some(engine.clone());
}

fn take(process: &Mutex<Option<Arc<Engine>>>) -> Option<Arc<Engine>> {
    process.lock().unwrap_or_else(PoisonError::into_inner).take()
}
