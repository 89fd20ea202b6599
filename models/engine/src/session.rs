//! One loaded model and its cache: reads prompts, reusing what the cache holds, and generates.

use std::io;
use std::time::Instant;

use lethe_models::wire::{Event, GenerateRequest, StopReason, Timings, Token};

use crate::llama::{Context, DecodeError, Model, Sampler};
use crate::stops::STOPS;

/// Where events go.
pub type Send<'a> = &'a mut dyn FnMut(&Event) -> io::Result<()>;

/// A context and the tokens it holds.
pub struct Session<'model> {
    model: &'model Model,
    context: Context<'model>,
    held: Vec<Token>,
}

impl<'model> Session<'model> {
    /// An empty cache.
    pub fn new(model: &'model Model, context: Context<'model>) -> Self {
        Self { model, context, held: Vec::new() }
    }

    /// Tokens in the cache.
    pub fn held(&self) -> u32 {
        u32::try_from(self.held.len()).unwrap_or(u32::MAX)
    }

    /// The context, for its facts.
    pub fn context(&self) -> &Context<'model> {
        &self.context
    }

    /// Answers one request up to its `Done` or `Failed`.
    ///
    /// # Errors
    /// Those of the stream of events.
    pub fn generate(&mut self, request: &GenerateRequest, send: Send<'_>) -> io::Result<()> {
        let call = request.call;
        STOPS.begin(call);
        let outcome = match self.checked(request) {
            Ok(()) => self.answer(request, send)?,
            Err(reason) => Err(reason),
        };
        STOPS.end(call);
        match outcome {
            Ok((reason, timings)) => send(&Event::Done { call, reason, timings }),
            Err(reason) => send(&Event::Failed { call, reason }),
        }
    }

    fn checked(&self, request: &GenerateRequest) -> Result<(), String> {
        let vocabulary = self.model.vocabulary().size();
        if request.prompt.is_empty() {
            return Err("the prompt is empty".to_owned());
        }
        if request.prompt.iter().any(|token| *token >= vocabulary) {
            return Err("the prompt holds a token that this model does not have".to_owned());
        }
        if request.prompt.len() >= self.context.size() as usize {
            return Err(format!(
                "the prompt has {} tokens and the context holds {}: shorten it or choose a larger context",
                request.prompt.len(),
                self.context.size()
            ));
        }
        Ok(())
    }

    fn answer(
        &mut self,
        request: &GenerateRequest,
        send: Send<'_>,
    ) -> io::Result<Result<(StopReason, Timings), String>> {
        let start = Instant::now();
        let mut timings =
            Timings { prompt_tokens: u32::try_from(request.prompt.len()).unwrap_or(u32::MAX), ..Timings::default() };
        // One that was stopped while it waited leaves the cache as it is.
        if STOPS.is_stopped(request.call) {
            return Ok(Ok((StopReason::Stopped, timings)));
        }
        let mut sampler = match Sampler::new(self.model, &request.sampling, request.grammar.as_deref(), &request.prompt)
        {
            Ok(sampler) => sampler,
            Err(reason) => return Ok(Err(reason)),
        };
        let cached = self.reuse(&request.prompt);
        timings.cached_tokens = u32::try_from(cached).unwrap_or(u32::MAX);
        send(&reading(request, self.held.len(), cached))?;
        for batch in request.prompt[cached..].chunks(self.context.batch()) {
            match self.decode(batch) {
                Ok(()) => send(&reading(request, self.held.len(), cached))?,
                Err(DecodeError::Aborted) => {
                    timings.prompt_seconds = start.elapsed().as_secs_f64();
                    return Ok(Ok((StopReason::Stopped, timings)));
                }
                Err(error) => return Ok(Err(describe(&error))),
            }
        }
        timings.prompt_seconds = start.elapsed().as_secs_f64();
        let reason = self.write(request, &mut sampler, &mut timings, send)?;
        Ok(reason.map(|reason| (reason, timings)))
    }

    fn write(
        &mut self,
        request: &GenerateRequest,
        sampler: &mut Sampler<'model>,
        timings: &mut Timings,
        send: Send<'_>,
    ) -> io::Result<Result<StopReason, String>> {
        let vocabulary = self.model.vocabulary();
        let start = Instant::now();
        let reason = loop {
            if timings.answer_tokens >= request.longest {
                break Ok(StopReason::Length);
            }
            if STOPS.is_stopped(request.call) {
                break Ok(StopReason::Stopped);
            }
            let token = sampler.sample(&mut self.context);
            let ends = vocabulary.is_end(token) || request.ends.contains(&token);
            if ends && !request.ignore_end {
                break Ok(StopReason::End);
            }
            timings.answer_tokens += 1;
            send(&Event::Token { call: request.call, token, bytes: vocabulary.bytes(token) })?;
            if self.held.len() + 1 >= self.context.size() as usize {
                break Ok(StopReason::ContextFull);
            }
            match self.decode(&[token]) {
                Ok(()) => {}
                Err(DecodeError::Aborted) => break Ok(StopReason::Stopped),
                Err(DecodeError::Full) => break Ok(StopReason::ContextFull),
                Err(error) => break Err(describe(&error)),
            }
        };
        timings.answer_seconds = start.elapsed().as_secs_f64();
        Ok(reason)
    }

    /// Cuts the cache back to what it shares with the prompt; at least the last token is read again, since its
    /// logits choose the first token of the answer.
    fn reuse(&mut self, prompt: &[Token]) -> usize {
        let shared = self.held.iter().zip(prompt).take_while(|(held, wanted)| held == wanted).count();
        let shared = shared.min(prompt.len() - 1);
        if shared > 0 && self.context.forget_from(shared) {
            self.held.truncate(shared);
        } else {
            self.forget();
        }
        self.held.len()
    }

    fn forget(&mut self) {
        self.context.forget_all();
        self.held.clear();
    }

    fn decode(&mut self, tokens: &[Token]) -> Result<(), DecodeError> {
        let outcome = self.context.decode(tokens);
        match outcome {
            Ok(()) => self.held.extend_from_slice(tokens),
            // A part of the batch may be in the cache now: cut it off.
            Err(_) if !self.context.forget_from(self.held.len()) => self.forget(),
            Err(_) => {}
        }
        outcome
    }
}

fn reading(request: &GenerateRequest, done: usize, cached: usize) -> Event {
    let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
    Event::Reading { call: request.call, done: count(done), cached: count(cached), total: count(request.prompt.len()) }
}

fn describe(error: &DecodeError) -> String {
    match error {
        DecodeError::Full => "the context is full: choose a larger one in the settings".to_owned(),
        DecodeError::Aborted => "the computation was ended".to_owned(),
        DecodeError::Other(code) => format!("llama.cpp failed with code {code}: load the model again"),
    }
}
