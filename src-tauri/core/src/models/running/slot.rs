//! Which model is ready, which one is being loaded, and who waits for it.
//!
//! One model is loaded at a time, in a task of its own: [`Job`]. Whoever wants the same model waits for the same job. The
//! last one who gives up waiting ends the job. A job for which no answer waits gives way to whoever wants another model;
//! one for which an answer waits is waited for. The lock is never held while something is awaited.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use lethe_models::engine::Engine;
use tokio::sync::{Notify, watch};

use super::plan::Plan;
use super::{Backend, Loaded};
use crate::base::error::Result;

/// What a model is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An answer, which needs this model and no other.
    Answer,
    /// That a coming answer need not wait; the number of the wish, of which the newest counts.
    Ahead(u64),
}

/// A model that was let go and may still be in use.
pub(super) struct Leaving {
    pub loaded: Weak<Loaded>,
    /// Closed when nobody uses the model any more.
    pub used: watch::Receiver<()>,
}

impl Leaving {
    /// Waits until nobody uses the model any more.
    pub async fn unused(&mut self) {
        // The sender says nothing; it is dropped with the model.
        let _ = self.used.changed().await;
    }
}

/// What is ready and what is coming.
#[derive(Default)]
pub(super) struct Slot {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    ready: Option<Backend>,
    leaving: Option<(Weak<Loaded>, watch::Receiver<()>)>,
    job: Option<Arc<Job>>,
    wishes: u64,
    stops: u64,
    closed: bool,
}

/// How a job ends; none when it was given up.
pub(super) type Outcome = Option<Result<Backend>>;

/// One loading of a model.
pub(super) struct Job {
    pub plan: Plan,
    stops: u64,
    waiting: Mutex<Waiting>,
    pub cancel: Notify,
    /// None until the job has ended.
    pub outcome: watch::Sender<Option<Outcome>>,
}

#[derive(Default)]
struct Waiting {
    answers: usize,
    ahead: usize,
    cancelled: bool,
}

impl Job {
    fn new(plan: Plan, stops: u64) -> Arc<Self> {
        let outcome = watch::Sender::new(None);
        Arc::new(Self { plan, stops, waiting: Mutex::default(), cancel: Notify::new(), outcome })
    }

    fn cancel(&self) {
        lock(&self.waiting).cancelled = true;
        self.cancel.notify_one();
    }

    fn cancelled(&self) -> bool {
        lock(&self.waiting).cancelled
    }

    fn join(self: &Arc<Self>, purpose: Purpose) -> Wait {
        let mut waiting = lock(&self.waiting);
        match purpose {
            Purpose::Answer => waiting.answers += 1,
            Purpose::Ahead(_) => waiting.ahead += 1,
        }
        Wait { job: self.clone(), outcome: self.outcome.subscribe(), purpose }
    }
}

/// A wait for a job; the last one that is dropped ends the job.
pub(super) struct Wait {
    job: Arc<Job>,
    outcome: watch::Receiver<Option<Outcome>>,
    purpose: Purpose,
}

impl Wait {
    /// How the job ends.
    pub async fn outcome(mut self) -> Outcome {
        outcome(&mut self.outcome).await
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut waiting = lock(&self.job.waiting);
        match self.purpose {
            Purpose::Answer => waiting.answers -= 1,
            Purpose::Ahead(_) => waiting.ahead -= 1,
        }
        if waiting.answers + waiting.ahead == 0 {
            drop(waiting);
            self.job.cancel();
        }
    }
}

/// Waits until a job has ended.
pub(super) async fn outcome(ended: &mut watch::Receiver<Option<Outcome>>) -> Outcome {
    // An error means that the job is gone, which it is after its end only.
    ended.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone().flatten())
}

/// What to do to have a model.
pub(super) enum LoadStep {
    /// Nothing: here it is.
    Have(Backend),
    /// Wait for the job that loads it.
    Wait(Wait),
    /// Wait for the job that loads it, and run that job.
    Run(Wait, Arc<Job>),
    /// Another model is being loaded: ask again when that has ended.
    Later(watch::Receiver<Option<Outcome>>),
    /// Lethe let go of all models since the wish was made, or a newer wish came.
    GiveUp,
}

/// What is wanted.
pub(super) enum Want {
    /// A model in an engine.
    Plan(Box<Plan>),
    /// A model on a server.
    Remote(Backend),
}

impl Slot {
    /// The number of the last [`Slot::stop`].
    pub fn stops(&self) -> u64 {
        self.lock().stops
    }

    /// A new wish for a model ahead of its use; older ones are given up.
    pub fn wish(&self) -> Purpose {
        let mut inner = self.lock();
        inner.wishes += 1;
        Purpose::Ahead(inner.wishes)
    }

    /// The model that is ready, also while another one waits for its last answer.
    pub fn current(&self) -> Option<Backend> {
        let inner = self.lock();
        let leaving = || inner.job.as_ref().and_then(|_| inner.leaving());
        inner.ready.clone().or_else(leaving).filter(Backend::is_alive)
    }

    /// Whether this model is ready, being loaded, or waited for because an answer uses it.
    pub fn has(&self, id: &str) -> bool {
        let inner = self.lock();
        let is_it = |backend: &Backend| backend.file().id == id;
        let loads = inner.job.as_ref().is_some_and(|job| job.plan.file.id == id);
        loads || inner.ready.as_ref().is_some_and(is_it) || inner.leaving().as_ref().is_some_and(is_it)
    }

    /// Whether a model is being loaded.
    pub fn loads(&self) -> bool {
        self.lock().job.is_some()
    }

    /// What the next step to this model is. `stops` is what [`Slot::stops`] said when it was wished for.
    pub fn step(&self, want: &Want, purpose: Purpose, stops: u64) -> LoadStep {
        let mut inner = self.lock();
        if inner.closed || inner.stops != stops || matches!(purpose, Purpose::Ahead(wish) if wish != inner.wishes) {
            return LoadStep::GiveUp;
        }
        if let Some(job) = &inner.job {
            let same = matches!(want, Want::Plan(plan)
                if plan.request == job.plan.request && plan.file == job.plan.file);
            if same && !job.cancelled() {
                return LoadStep::Wait(job.join(purpose));
            }
            if lock(&job.waiting).answers == 0 {
                job.cancel();
            }
            return LoadStep::Later(job.outcome.subscribe());
        }
        let plan = match (want, &inner.ready) {
            (Want::Plan(plan), Some(Backend::Engine(loaded)))
                if loaded.request == plan.request && loaded.file == plan.file && loaded.engine.engine().alive() =>
            {
                return LoadStep::Have(Backend::Engine(loaded.clone()));
            }
            (Want::Plan(plan), _) => plan.as_ref(),
            (Want::Remote(ready), _) => {
                inner.let_go();
                inner.ready = Some(ready.clone());
                return LoadStep::Have(ready.clone());
            }
        };
        let job = Job::new(plan.clone(), stops);
        let wait = job.join(purpose);
        inner.job = Some(job.clone());
        LoadStep::Run(wait, job)
    }

    /// The model on a server that is ready.
    pub fn remote(&self) -> Option<Backend> {
        self.lock().ready.clone().filter(|ready| matches!(ready, Backend::Server(_)))
    }

    /// Lets go of the model that is ready, and gives back its engine for the next one. Whoever still uses the model
    /// keeps it.
    pub fn let_go(&self) -> (Option<Arc<Engine>>, Option<Leaving>) {
        let mut inner = self.lock();
        let engine = match &inner.ready {
            Some(Backend::Engine(loaded)) => Some(loaded.engine.engine().clone()),
            _ => None,
        };
        inner.let_go();
        (engine, inner.leaving.clone().map(|(loaded, used)| Leaving { loaded, used }))
    }

    /// Ends a job. A model that is still in use when the job was given up is ready again. `tell` hears what is ready now,
    /// before anyone else can begin anything.
    pub fn end(&self, job: &Arc<Job>, outcome: Outcome, tell: impl FnOnce(Option<&Backend>)) {
        let mut inner = self.lock();
        if inner.job.as_ref().is_some_and(|running| Arc::ptr_eq(running, job)) {
            inner.job = None;
        }
        // What comes when Lethe has let go of everything is dropped.
        let outcome = outcome.filter(|_| inner.stops == job.stops);
        inner.ready = match &outcome {
            Some(Ok(ready)) => Some(ready.clone()),
            _ if inner.stops != job.stops => None,
            _ => inner.leaving().filter(Backend::is_alive),
        };
        tell(inner.ready.as_ref());
        drop(inner);
        job.outcome.send_replace(Some(outcome));
    }

    /// Gives up every wish that is still to come.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    /// Lets go of everything and gives up every wish.
    pub fn stop(&self) -> Option<Arc<Job>> {
        let mut inner = self.lock();
        inner.stops += 1;
        inner.let_go();
        if let Some(job) = &inner.job {
            job.cancel();
        }
        inner.job.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Inner {
    fn let_go(&mut self) {
        if let Some(Backend::Engine(loaded)) = self.ready.take() {
            self.leaving = Some((Arc::downgrade(&loaded), loaded.used.subscribe()));
        }
    }

    fn leaving(&self) -> Option<Backend> {
        self.leaving.as_ref().and_then(|(loaded, _)| loaded.upgrade()).map(Backend::Engine)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
