//! Generating one answer: tokens to text, text through the redactor, pieces to disk and screen.

use std::time::{Duration, Instant};

use lethe_filters::{Filter, FilteredText, canonical};
use lethe_models::engine::{How, Step};
use lethe_models::text::AnswerText;
use lethe_models::wire::{Sampling, StopReason, Timings, Token};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::{ChatEvent, Events, Options};
use crate::error::{Code, Error, Result};
use crate::filter::{Filters, ListFacts};
use crate::history::{End, MessageState, OpenAnswer, Stats, segments};
use crate::lethe::Lethe;
use crate::receipt::{self, EngineFacts, FilterFacts, ModelFacts, PromptFacts, Receipt, SamplingFacts, hex};
use crate::running::Loaded;
use crate::settings::Settings;

/// Text reaches disk and screen at most once in this time: two frames of a screen, which reads as smooth and leaves
/// the processors to the engine.
const FRAME: Duration = Duration::from_millis(32);

/// An answer that has ended.
pub struct Answer {
    /// What may be shown.
    pub text: FilteredText,
    /// Why it ended.
    pub reason: StopReason,
    /// What it took.
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
    /// The digest of what `filter` was made of.
    pub digest: String,
    /// What the user said, which detectors may leave alone.
    pub said: Vec<String>,
    pub lists: Vec<ListFacts>,
    pub loaded: &'a Loaded,
    pub prompt: Vec<Token>,
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

/// The answer while it grows.
struct Growing<'a, 'b> {
    sink: &'a mut Sink<'b>,
    events: &'a Events,
    all: FilteredText,
    waiting: FilteredText,
    flushed: Instant,
    first_token: Option<Instant>,
    tokens: u32,
    prompt_tokens: u32,
    context: u32,
}

impl Lethe {
    pub(super) async fn generate(
        &self,
        job: &Job<'_>,
        sink: &mut Sink<'_>,
        stop: &Notify,
        events: &Events,
    ) -> std::result::Result<Answer, Failure> {
        let start = Instant::now();
        let seed = job.settings.seed.map_or_else(random_seed, Ok)?;
        let sampling = sampling(job.settings, seed);
        let how = How {
            sampling: sampling.clone(),
            longest: job.settings.max_tokens.unwrap_or(u32::MAX),
            grammar: job.options.grammar.clone(),
            ignore_end: job.options.ignore_end,
        };
        let mut growing = Growing {
            sink,
            events,
            all: FilteredText::default(),
            waiting: FilteredText::default(),
            flushed: start,
            first_token: None,
            tokens: 0,
            prompt_tokens: u32::try_from(job.prompt.len()).unwrap_or(u32::MAX),
            context: job.loaded.model.context,
        };
        let grown = grow(job, &how, stop, &mut growing).await;
        let ttft = growing.first_token.map_or_else(|| start.elapsed(), |first| first - start);
        let timings = grown.as_ref().ok().map(|(_, timings)| *timings);
        let stats = growing.stats(timings, ttft);
        let sha256 = self.models().sha256(&job.loaded.file).await.ok();
        let receipt = receipt(job, &sampling, &growing.all, sha256);
        match grown {
            Ok((reason, _)) => Ok(Answer { text: growing.all, reason, stats, receipt }),
            Err(error) => Err(Failure { error, stats: Some(stats), receipt: Some(receipt) }),
        }
    }
}

/// Runs the generation to its end. Whatever way it ends, what the redactor held back is filtered and flushed.
async fn grow(job: &Job<'_>, how: &How, stop: &Notify, growing: &mut Growing<'_, '_>) -> Result<(StopReason, Timings)> {
    let mut redactor = job.filter.redactor();
    let mut text = AnswerText::new(&job.options.stops);
    let ended = grow_until_end(job, how, stop, growing, &mut redactor, &mut text).await;
    let rest = text.finish();
    growing.waiting.append(redactor.push(rest.unfiltered()));
    // An answer that was cut off may end in half a name.
    let whole = matches!(ended, Ok((StopReason::End, _)));
    growing.waiting.append(if whole { redactor.finish() } else { redactor.cut() });
    growing.flush().await?;
    ended
}

async fn grow_until_end(
    job: &Job<'_>,
    how: &How,
    stop: &Notify,
    growing: &mut Growing<'_, '_>,
    redactor: &mut lethe_filters::Redactor,
    text: &mut AnswerText,
) -> Result<(StopReason, Timings)> {
    let mut generation = job.loaded.engine.generate(job.prompt.clone(), how)?;
    let mut digest = job.digest.clone();
    loop {
        let step = tokio::select! {
            biased;
            () = stop.notified() => {
                generation.stop();
                continue;
            }
            step = generation.next() => step?,
            // Text that waits is shown even while the model thinks about the next token.
            () = tokio::time::sleep(FRAME), if !growing.waiting.is_empty() => {
                growing.flush().await?;
                continue;
            }
        };
        match step {
            Step::Reading { done, total, .. } => {
                let _ = growing.events.send(ChatEvent::Reading { done, total });
            }
            Step::Token { bytes, .. } => {
                growing.first_token.get_or_insert_with(Instant::now);
                growing.tokens += 1;
                // A list that comes into force meanwhile is for the rest of this answer too.
                if job.filters.state().digest != digest {
                    let (filter, now) = job.filter_of_now()?;
                    if let Some(filtered) = redactor.go_on_with(&filter) {
                        growing.waiting.append(filtered);
                        digest = now;
                    }
                }
                let piece = text.push(&bytes);
                growing.waiting.append(redactor.push(piece.unfiltered()));
                if growing.flushed.elapsed() >= FRAME {
                    growing.flush().await?;
                }
                if text.stopped() {
                    generation.stop();
                }
            }
            Step::Done { reason, timings } => {
                let reason = if text.stopped() { StopReason::End } else { reason };
                return Ok((reason, timings));
            }
        }
    }
}

impl Growing<'_, '_> {
    /// To disk, then to the screen.
    async fn flush(&mut self) -> Result<()> {
        self.flushed = Instant::now();
        if self.waiting.is_empty() {
            return Ok(());
        }
        // A piece that the disk refuses stays waiting, so that no later one is written without it.
        if let Sink::Stored(open) = self.sink {
            open.append(&self.waiting).await?;
        }
        let piece = std::mem::take(&mut self.waiting);
        let _ = self.events.send(ChatEvent::Text {
            segments: segments(&piece),
            completion_tokens: self.tokens,
            tokens_per_s: self.rate(),
            context_used: self.prompt_tokens + self.tokens,
            context_size: self.context,
        });
        self.all.append(piece);
        Ok(())
    }

    fn rate(&self) -> f64 {
        let seconds = self.first_token.map_or(0.0, |first| first.elapsed().as_secs_f64());
        if self.tokens > 1 && seconds > 0.0 { f64::from(self.tokens - 1) / seconds } else { 0.0 }
    }

    fn stats(&self, timings: Option<Timings>, ttft: Duration) -> Stats {
        let timings = timings.unwrap_or_default();
        let rate = if timings.answer_seconds > 0.0 && timings.answer_tokens > 0 {
            f64::from(timings.answer_tokens) / timings.answer_seconds
        } else {
            self.rate()
        };
        Stats {
            prompt_tokens: self.prompt_tokens,
            cached_tokens: timings.cached_tokens,
            completion_tokens: self.tokens,
            ttft_ms: ttft.as_secs_f64() * 1000.0,
            tokens_per_s: rate,
            context_used: self.prompt_tokens + self.tokens,
            context_size: self.context,
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

fn receipt(job: &Job<'_>, sampling: &Sampling, text: &FilteredText, sha256: Option<String>) -> Receipt {
    let loaded = job.loaded;
    let tokens: Vec<u8> = job.prompt.iter().flat_map(|token| token.to_le_bytes()).collect();
    Receipt {
        lethe: env!("CARGO_PKG_VERSION").to_owned(),
        model: ModelFacts {
            name: loaded.file.id.clone(),
            bytes: std::fs::metadata(&loaded.file.path).map_or(0, |file| file.len()),
            sha256,
        },
        engine: EngineFacts {
            build: loaded.engine.build().to_owned(),
            kernels: loaded.choice.variant(),
            threads: loaded.request.threads,
            prompt_threads: loaded.request.prompt_threads,
            context: loaded.model.context,
        },
        prompt: PromptFacts {
            template_sha256: loaded.model.template.as_ref().map(|template| hex(&Sha256::digest(template))),
            tokens: u32::try_from(job.prompt.len()).unwrap_or(u32::MAX),
            tokens_sha256: hex(&Sha256::digest(&tokens)),
        },
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
        swept: Vec::new(),
    }
}
