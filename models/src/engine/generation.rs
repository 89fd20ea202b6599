//! One answer of a model, while it is being generated.

use std::fmt;
use tokio::time::{Instant, timeout_at};

use super::calls::OpenCall;
use super::{EngineError, LONGEST_REASON, Model};
use crate::plain::plain;
use crate::wire::{Call, Event, GenerateRequest, Request, Sampling, StopReason, Timings, Token};

/// How to continue a prompt.
#[derive(Clone)]
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

impl fmt::Debug for GenerateOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grammar = self.grammar.as_ref().map_or(0, String::len);
        write!(formatter, "GenerateOptions({:?}, {grammar} bytes of grammar)", self.sampling)
    }
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self { sampling: Sampling::default(), longest: u32::MAX, grammar: None, ends: Vec::new(), ignore_end: false }
    }
}

/// An answer that is being generated.
pub struct Generation {
    model: Model,
    open: OpenCall,
    begun: bool,
    stopped: Option<Instant>,
    ended: bool,
}

/// What happens next in a generation.
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
        token: Token,
        /// What it stands for.
        bytes: Vec<u8>,
    },
    Done {
        reason: StopReason,
        timings: Timings,
    },
}

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reading { done, total, .. } => write!(formatter, "Reading({done} of {total})"),
            // Tokens are text.
            Self::Token { bytes, .. } => write!(formatter, "Token({} bytes)", bytes.len()),
            Self::Done { reason, timings } => write!(formatter, "Done({reason:?}, {timings:?})"),
        }
    }
}

impl Generation {
    pub(super) fn begin(model: &Model, prompt: Vec<Token>, options: &GenerateOptions) -> Result<Self, EngineError> {
        let open = model.engine.open();
        let request = GenerateRequest {
            load: model.load,
            call: Call(open.number()),
            prompt,
            sampling: options.sampling.clone(),
            longest: options.longest,
            grammar: options.grammar.clone(),
            ends: options.ends.clone(),
            ignore_end: options.ignore_end,
        };
        model.engine.send(&Request::Generate(Box::new(request)))?;
        Ok(Self { model: model.clone(), open, begun: false, stopped: None, ended: false })
    }

    /// Waits for the next step. After `Done` or an error there is none. A wait that is given up loses nothing.
    ///
    /// # Errors
    /// `Refused`, `OtherModel` or `Died`.
    pub async fn next(&mut self) -> Result<Step, EngineError> {
        let event = match self.stopped {
            None => self.model.engine.heard(&mut self.open.events).await,
            // The engine may be busy with another answer, and this one has nothing to show.
            Some(_) if !self.begun => return Ok(self.cut_off()),
            Some(stopped) => match timeout_at(stopped + self.model.engine.limits.stop, self.open.events.recv()).await {
                Ok(Some(event)) => Ok(event),
                Ok(None) => Err(self.model.engine.death().await),
                Err(_) => {
                    self.model.engine.kill("it did not stop");
                    return Ok(self.cut_off());
                }
            },
        };
        self.begun = true;
        let step = match event {
            Ok(Event::Reading { done, total, cached, .. }) => return Ok(Step::Reading { done, total, cached }),
            Ok(Event::Token { token, bytes, .. }) => return Ok(Step::Token { token, bytes }),
            Ok(Event::Done { reason, timings, .. }) => Ok(Step::Done { reason, timings }),
            Ok(Event::Failed { reason, .. }) => Err(EngineError::Refused(plain(&reason, LONGEST_REASON))),
            Ok(Event::OtherLoad { .. }) => Err(EngineError::OtherModel),
            Ok(_) => Err(EngineError::Version),
            Err(error) => Err(error),
        };
        self.ended = true;
        step
    }

    /// Asks the engine to end; `Done` follows, at once if the answer has not begun. An engine that goes on for longer
    /// than [`super::Limits::stop`] is killed.
    pub fn stop(&mut self) {
        if self.stopped.is_none() {
            self.stopped = Some(Instant::now());
            self.send_stop();
        }
    }

    /// The end of an answer whose end the engine has not said.
    fn cut_off(&mut self) -> Step {
        self.ended = true;
        Step::Done { reason: StopReason::Stopped, timings: Timings::default() }
    }

    fn send_stop(&self) {
        // Sending can't fail in a way that matters: a dead engine has stopped.
        let _ = self.model.engine.send(&Request::Stop { call: Call(self.open.number()) });
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        if !self.ended && self.stopped.is_none() {
            self.send_stop();
        }
    }
}
