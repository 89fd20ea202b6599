//! An answer while it comes.

use std::collections::VecDeque;
use std::fmt;

use futures_util::StreamExt;
use lethe_models::text::{Piece, Thoughts, Told};
use lethe_network::{Body, Trouble};

use crate::answer::{self, Finish, Part};
use crate::error::{Error, Result};
use crate::refusal::refusal;
use crate::sse::Events;

/// What a stream ends with; what comes after it is not read.
const DONE: &[u8] = b"[DONE]";

/// Longest answer, bytes on the way: some 200,000 tokens, each with what is around it.
const LONGEST: u64 = 64 << 20;

/// What happens next in an answer.
#[derive(Debug, PartialEq, Eq)]
pub enum AnswerStep {
    /// More of what the model thinks before it answers.
    Thinking(Piece),
    /// More of the answer.
    Said(Piece),
    /// The end.
    Done {
        /// Why.
        ending: Ending,
        /// What it took, if the server says so.
        usage: Option<Usage>,
    },
}

impl From<Told> for AnswerStep {
    fn from(told: Told) -> Self {
        match told {
            Told::Thinking(piece) => Self::Thinking(piece),
            Told::Said(piece) => Self::Said(piece),
        }
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The model ended it, or a stop string did.
    End,
    /// It is as long as it may be.
    Length,
}

/// What an answer took, as the server counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of it that were not computed again.
    pub cached_tokens: u32,
    /// Tokens of the answer, with what was thought before it.
    pub completion_tokens: u32,
}

/// An answer that is being made. Dropping it ends the request, and the server's work with it.
pub struct Chat {
    host: String,
    /// None once nothing more is read.
    body: Option<Body>,
    events: Events,
    steps: VecDeque<AnswerStep>,
    /// Not every server tells thoughts from the answer.
    thoughts: Thoughts,
    /// Told after all steps before it.
    failure: Option<Error>,
    finish: Option<Finish>,
    usage: Option<Usage>,
    /// Whether anything came that belongs to this protocol.
    understood: bool,
    /// Whether the stream said that it is over.
    over: bool,
    /// Bytes that came.
    received: u64,
}

impl fmt::Debug for Chat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Chat(with {})", self.host)
    }
}

impl Chat {
    /// An answer that comes in parts.
    pub(crate) fn streamed(host: String, body: Body) -> Self {
        Self { body: Some(body), ..Self::empty(host) }
    }

    /// An answer that came as one.
    pub(crate) fn whole(host: String, json: &[u8]) -> Self {
        let mut chat = Self::empty(host);
        chat.take(json);
        if chat.understood {
            chat.finish.get_or_insert(Finish::End);
        }
        chat
    }

    fn empty(host: String) -> Self {
        Self {
            host,
            body: None,
            events: Events::default(),
            steps: VecDeque::new(),
            thoughts: Thoughts::default(),
            failure: None,
            finish: None,
            usage: None,
            understood: false,
            over: false,
            received: 0,
        }
    }

    /// Waits for the next step. After `Done` or an error there is none. A wait that is given up loses nothing.
    ///
    /// # Errors
    /// What the server says is wrong, [`Error::NotCompatible`], or [`Error::Network`] when the answer breaks off. All
    /// that came before has been given out then.
    pub async fn next(&mut self) -> Result<AnswerStep> {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return Ok(step);
            }
            let nothing_comes = self.failure.is_some() || self.body.is_none();
            if let Some(told) = nothing_comes.then(|| self.thoughts.finish()).flatten() {
                return Ok(told.into());
            }
            if let Some(failure) = &self.failure {
                return Err(failure.clone());
            }
            let Some(body) = &mut self.body else { return self.done() };
            match body.next().await {
                Some(Ok(bytes)) => {
                    self.received += bytes.len() as u64;
                    match self.events.push(&bytes) {
                        _ if self.received > LONGEST => self.fail(self.too_long()),
                        Ok(events) => events.iter().for_each(|event| self.take(event)),
                        Err(_) => self.fail(self.too_long()),
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    // Who has ended the answer may hang up as he likes.
                    if self.finish.is_none() {
                        self.fail(error.into());
                    }
                }
                None => {
                    self.body = None;
                    // Half an event is as good as none; the end is missing then.
                    if let Some(event) = self.events.finish().filter(|event| is_whole(event)) {
                        self.take(&event);
                    }
                }
            }
        }
    }

    fn too_long(&self) -> Error {
        lethe_network::Error::TooLong { host: self.host.clone() }.into()
    }

    fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
        self.body = None;
    }

    fn take(&mut self, event: &[u8]) {
        let event = event.trim_ascii();
        if event.is_empty() || self.failure.is_some() || self.over {
            return;
        }
        if event == DONE {
            (self.understood, self.over) = (true, true);
            self.finish.get_or_insert(Finish::End);
            self.body = None;
            return;
        }
        match answer::parse(event) {
            Some(Part::Answer(answer)) => {
                self.understood = true;
                if !answer.thinking.is_empty() {
                    self.steps.push_back(AnswerStep::Thinking(answer.thinking));
                }
                self.steps.extend(self.thoughts.push(&answer.said).into_iter().map(AnswerStep::from));
                self.finish = answer.finish.or(self.finish);
                self.usage = answer.usage.or(self.usage);
            }
            Some(Part::Error) => self.fail(refusal(&self.host, 200, None, event)),
            None => self.fail(Error::NotCompatible { host: self.host.clone() }),
        }
    }

    /// The end, when nothing more comes.
    fn done(&self) -> Result<AnswerStep> {
        let host = self.host.clone();
        let done = |ending| Ok(AnswerStep::Done { ending, usage: self.usage });
        match self.finish {
            Some(Finish::End) => done(Ending::End),
            Some(Finish::Length) => done(Ending::Length),
            Some(Finish::Filter) => Err(Error::CutByServer { host }),
            None if !self.understood => Err(Error::NotCompatible { host }),
            None | Some(Finish::Fault) => {
                Err(lethe_network::Error::Unreachable { host, trouble: Trouble::BrokeOff }.into())
            }
        }
    }
}

fn is_whole(event: &[u8]) -> bool {
    let event = event.trim_ascii();
    event == DONE || answer::parse(event).is_some()
}
