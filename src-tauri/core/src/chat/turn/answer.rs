//! Generating one answer: tokens to text, text through the redactor, pieces to disk and screen.
//!
//! What the model thinks before it answers is a second text beside the answer: marked off by tokens of its own,
//! filtered by a redactor of its own, and written and shown by the same steps.

mod growing;

use crate::lists::facts::ListFacts;
use std::time::{Duration, Instant};

use growing::Growing;
use lethe_filters::{Filter, FilteredText, canonical};
use lethe_models::engine::GenerateOptions;
use lethe_models::wire::{Sampling, StopReason, Timings};
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

use super::generation::{Generation, Step, facts};
use super::prompt::Prompt;
use super::{ChatEvent, Events, Options};
use crate::base::error::{Code, Error, Result};
use crate::base::settings::Settings;
use crate::chat::history::{End, MessageState, OpenAnswer, Stats};
use crate::chat::receipt::{self, FilterFacts, Receipt, SamplingFacts};
use crate::lists::filter::Filters;
use crate::lists::library::Lists;
use crate::models::library::Models;
use crate::models::running::Backend;

/// Text reaches disk and screen at most once in this time: two frames of a screen, which reads as smooth and leaves
/// the processors to the engine.
const FRAME: Duration = Duration::from_millis(32);

/// How often it is looked, while nothing new is shown, whether another program has changed what is in force.
const LOOK: Duration = Duration::from_secs(1);

/// An answer that has ended.
pub struct Answer {
    /// What may be shown.
    pub text: FilteredText,
    /// What the model thought before it; may be shown as well.
    pub thinking: FilteredText,
    pub reason: StopReason,
    pub stats: Stats,
    /// How it came about.
    pub receipt: Receipt,
}

impl Answer {
    /// How the history keeps it.
    pub(super) fn end(&self, note: Option<String>) -> End {
        let (state, why) = match self.reason {
            StopReason::End => (MessageState::Complete, None),
            StopReason::Stopped => (MessageState::Stopped, None),
            StopReason::Length => {
                (MessageState::Length, Some("The answer reached the longest length that the settings allow"))
            }
            StopReason::ContextFull => (
                MessageState::Length,
                Some("The context is full: go on with a new message, and the oldest turns leave it"),
            ),
        };
        let note = note.or_else(|| why.map(str::to_owned));
        End { state, note, stats: Some(self.stats), receipt: Some(self.receipt.clone()) }
    }
}

/// Where pieces are kept before they are shown.
pub enum Sink<'a> {
    /// In the history.
    Stored(&'a mut OpenAnswer),
    /// Nowhere: the user asked for that.
    Nowhere,
}

/// An answer that failed, with what is known of it.
pub(super) struct Failure {
    pub error: Error,
    pub stats: Option<Stats>,
    pub receipt: Option<Receipt>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, stats: None, receipt: None }
    }
}

/// All that an answer is made from.
pub(super) struct Job<'a> {
    pub settings: &'a Settings,
    pub options: &'a Options,
    pub filter: Filter,
    /// What is in force by now.
    pub filters: &'a Filters,
    /// What other programs put in force comes in here.
    pub in_force: &'a Lists,
    /// The digest of what `filter` was made of.
    pub digest: String,
    /// What the user said, which detectors may leave alone.
    pub said: Vec<String>,
    pub lists: Vec<ListFacts>,
    pub backend: &'a Backend,
    pub prompt: Prompt,
}

impl Job<'_> {
    /// The filter in force by now, and the digest of what it was made of.
    fn filter_of_now(&self) -> Result<(Filter, String)> {
        let digest = self.filters.state().digest.clone();
        let (filter, _) = self.filters.ready(&self.options.lists)?;
        let said = self.said.iter().map(String::as_str);
        Ok((if self.settings.echo { filter.echoing(said) } else { filter }, digest))
    }
}

/// Makes an answer.
pub(super) async fn generate(
    models: &Models,
    job: &Job<'_>,
    sink: &mut Sink<'_>,
    stop: &Notify,
    events: &Events,
) -> std::result::Result<Answer, Failure> {
    let start = Instant::now();
    let seed = job.settings.seed.map_or_else(random_seed, Ok)?;
    let sampling = sampling(job.settings, seed);
    let how = GenerateOptions {
        sampling: sampling.clone(),
        longest: job.settings.max_tokens.unwrap_or(u32::MAX),
        grammar: job.options.grammar.clone(),
        ends: match job.backend {
            Backend::Engine(loaded) => loaded.prompter.ends().to_vec(),
            Backend::Server(_) => Vec::new(),
        },
        ignore_end: job.options.ignore_end,
    };
    let mut growing = Growing::new(sink, events, job);
    let grown = grow(job, &how, stop, &mut growing).await;
    let ttft = growing.first_token.map_or_else(|| start.elapsed(), |first| first - start);
    let timings = grown.as_ref().ok().and_then(|(_, timings)| *timings);
    let stats = growing.stats(timings, ttft);
    if let (Backend::Engine(loaded), Some(timings)) = (job.backend, timings) {
        let noted = models.note_speed(&loaded.file.id, timings, &loaded.machine()).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the speed of a model is not kept");
        }
    }
    // Where it is not known yet, the receipt gets it later: nobody waits until a whole model is read.
    let sha256 = models.known_sha256(job.backend.file()).await.ok().flatten();
    let (text, thinking) = growing.into_texts();
    let receipt = receipt(job, &sampling, (&text, &thinking), sha256);
    match grown {
        Ok((reason, _)) => Ok(Answer { text, thinking, reason, stats, receipt }),
        Err(error) => Err(Failure { error, stats: Some(stats), receipt: Some(receipt) }),
    }
}
/// Runs the generation to its end. Whatever way it ends, what the redactors held back is filtered and flushed, unless the
/// lists of now can't be applied.
async fn grow(
    job: &Job<'_>,
    how: &GenerateOptions,
    stop: &Notify,
    growing: &mut Growing<'_, '_>,
) -> Result<(StopReason, Option<Timings>)> {
    let ended = grow_until_end(job, how, stop, growing).await;
    let shown = async {
        show(job, growing).await?;
        // An answer that was cut off may end in half a name.
        growing.end(matches!(ended, Ok((StopReason::End, _))));
        growing.flush().await
    };
    let shown = shown.await;
    let ended = ended?;
    shown?;
    Ok(ended)
}

/// Lists that came into force meanwhile, through whatever program, are for what was shown and for the rest too: what is
/// held back is given out by the lists of now, or not at all where nobody can say which those are.
async fn follow_lists(job: &Job<'_>, growing: &mut Growing<'_, '_>) -> Result<()> {
    job.in_force.reload_if_changed().await?;
    if job.filters.state().digest != growing.digest {
        let (filter, digest) = job.filter_of_now()?;
        growing.go_on_with(&filter, digest);
    }
    Ok(())
}

/// To disk and to the screen, by the lists of now.
async fn show(job: &Job<'_>, growing: &mut Growing<'_, '_>) -> Result<()> {
    follow_lists(job, growing).await?;
    growing.flush().await
}

async fn grow_until_end(
    job: &Job<'_>,
    how: &GenerateOptions,
    stop: &Notify,
    growing: &mut Growing<'_, '_>,
) -> Result<(StopReason, Option<Timings>)> {
    let mut generation = Generation::begin(job.backend, &job.prompt.rendered, how, &job.options.stops)?;
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let step = tokio::select! {
            biased;
            () = stop.notified() => {
                generation.stop();
                continue;
            }
            _ = looks.tick() => {
                show(job, growing).await?;
                continue;
            }
            step = generation.next() => step?,
            // Text that waits is shown even while the model thinks about the next token.
            () = tokio::time::sleep(FRAME), if growing.waits() => {
                show(job, growing).await?;
                continue;
            }
        };
        match step {
            Step::Reading { done, total } => {
                let _ = growing.events.send(ChatEvent::Reading { done, total });
                continue;
            }
            Step::Token { token, bytes } => growing.push(token, &bytes),
            Step::Thinking(piece) => growing.think(&piece),
            Step::Said(piece) => growing.say(&piece),
            Step::Done { reason, timings, usage } => {
                growing.took(usage);
                let reason = if growing.stopped() { StopReason::End } else { reason };
                return Ok((reason, timings));
            }
        }
        if growing.flushed.elapsed() >= FRAME {
            show(job, growing).await?;
        }
        if growing.stopped() {
            generation.stop();
        }
    }
}

fn random_seed() -> Result<u32> {
    getrandom::u32()
        .map_err(|_| Error::new(Code::Internal, "the system gives no random numbers: set a seed in the settings"))
}

fn sampling(settings: &Settings, seed: u32) -> Sampling {
    Sampling {
        temperature: settings.temperature,
        top_p: settings.top_p,
        top_k: settings.top_k,
        min_p: settings.min_p,
        repeat_penalty: settings.repeat_penalty,
        seed,
    }
}

fn receipt(
    job: &Job<'_>,
    sampling: &Sampling,
    (text, thinking): (&FilteredText, &FilteredText),
    sha256: Option<String>,
) -> Receipt {
    let (model, engine, prompt) = facts(job.backend, &job.prompt.rendered, sha256);
    let (remote, sampling) = match job.backend {
        Backend::Engine(_) => (None, sampling.clone()),
        Backend::Server(remote) => (Some(remote.facts()), remote.sampling_sent(sampling)),
    };
    Receipt {
        lethe: env!("CARGO_PKG_VERSION").to_owned(),
        model,
        remote,
        engine,
        prompt,
        sampling: SamplingFacts {
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            top_k: sampling.top_k,
            min_p: sampling.min_p,
            repeat_penalty: sampling.repeat_penalty,
            seed: sampling.seed,
        },
        filter: FilterFacts {
            canonical_form: canonical::CANONICAL_FORM.to_owned(),
            lists: job.lists.clone(),
            detectors: job.filter.detectors().names().map(str::to_owned).collect(),
        },
        redactions: receipt::redactions(text),
        thinking: receipt::redactions(thinking),
        swept: Vec::new(),
    }
}
