//! Where an answer comes from: the engine on this machine or a server, as one.
//!
//! Both can be stopped, and both end with [`Step::Done`] then. A wait for a step that is given up loses nothing.

use std::pin::Pin;
use std::sync::Arc;

use lethe_models::engine::{self, GenerateOptions};
use lethe_models::text::Piece;
use lethe_models::wire::{StopReason, Timings, Token};
use lethe_remote::{Chat, Ending, Usage};
use sha2::{Digest, Sha256};

use super::prompt::Rendered;
use crate::base::error::{Error, Result};
use crate::chat::receipt::{EngineFacts, ModelFacts, PromptFacts};
use crate::models::remote::Remote;
use crate::models::running::{Backend, Loaded};
use crate::models::{model, page};

/// An answer that is being made.
pub(super) enum Generation<'a> {
    Here { generation: engine::Generation, loaded: &'a Loaded },
    There(Server),
}

/// Where the answer of a server stands.
pub(super) enum Server {
    /// It is asked, or computes what comes before the first word.
    Asked(Pin<Box<dyn Future<Output = Result<Chat>> + Send>>),
    Answers(Box<Chat>),
    /// Nobody listens any more.
    Stopped,
}

/// What happens next in an answer.
pub(super) enum Step {
    /// So many tokens of the prompt are read.
    Reading { done: u32, total: u32 },
    /// One more token, and the bytes that it stands for.
    Token { token: Token, bytes: Vec<u8> },
    /// More of what the model thinks.
    Thinking(Piece),
    /// More of the answer.
    Said(Piece),
    /// The end, with what it took as far as that is known.
    Done { reason: StopReason, timings: Option<Timings>, usage: Option<Usage> },
}

impl<'a> Generation<'a> {
    /// Begins an answer.
    ///
    /// # Errors
    /// `EngineDied`; `BadInput` for a grammar that would have to go to a server.
    pub fn begin(backend: &'a Backend, prompt: &Rendered, how: &GenerateOptions, stops: &[String]) -> Result<Self> {
        match (backend, prompt) {
            (Backend::Engine(loaded), Rendered::Tokens { tokens, .. }) => {
                Ok(Self::Here { generation: loaded.engine.generate(tokens.clone(), how)?, loaded })
            }
            (Backend::Server(remote), Rendered::Messages { messages, .. }) => {
                if how.grammar.is_some() {
                    return Err(Error::bad_input(
                        "a grammar works with a model on this machine only: leave it out or choose such a model",
                    ));
                }
                let (remote, messages, stops) = (Arc::clone(remote), messages.clone(), stops.to_vec());
                let (sampling, longest) = (how.sampling.clone(), Some(how.longest).filter(|most| *most < u32::MAX));
                let asked = async move { remote.chat(messages, sampling, longest, stops).await };
                Ok(Self::There(Server::Asked(Box::pin(asked))))
            }
            _ => unreachable!("a prompt is rendered for the model that reads it"),
        }
    }

    /// Asks for the end; `Done` follows.
    pub fn stop(&mut self) {
        match self {
            Self::Here { generation, .. } => generation.stop(),
            Self::There(server) => *server = Server::Stopped,
        }
    }

    /// Waits for the next step. After `Done` or an error there is none.
    ///
    /// # Errors
    /// `EngineDied` and `BadInput` of the engine, and whatever a server says.
    pub async fn next(&mut self) -> Result<Step> {
        match self {
            Self::Here { generation, loaded } => Ok(match generation.next().await? {
                engine::Step::Reading { done, total, .. } => Step::Reading { done, total },
                engine::Step::Token { token, bytes } => {
                    let bytes = loaded.bytes(token).map_or(bytes, <[u8]>::to_vec);
                    Step::Token { token, bytes }
                }
                engine::Step::Done { reason, timings } => Step::Done { reason, timings: Some(timings), usage: None },
            }),
            Self::There(server) => server.next().await,
        }
    }
}

impl Server {
    async fn next(&mut self) -> Result<Step> {
        loop {
            match self {
                Self::Asked(asked) => *self = Self::Answers(Box::new(asked.await?)),
                Self::Answers(chat) => {
                    return Ok(match chat.next().await? {
                        lethe_remote::AnswerStep::Thinking(piece) => Step::Thinking(piece),
                        lethe_remote::AnswerStep::Said(piece) => Step::Said(piece),
                        lethe_remote::AnswerStep::Done { ending, usage } => {
                            let reason = match ending {
                                Ending::End => StopReason::End,
                                Ending::Length => StopReason::Length,
                            };
                            Step::Done { reason, timings: None, usage }
                        }
                    });
                }
                Self::Stopped => return Ok(Step::Done { reason: StopReason::Stopped, timings: None, usage: None }),
            }
        }
    }
}

/// What a receipt says of a model, what ran it and what it read.
pub(super) fn facts(
    backend: &Backend,
    prompt: &Rendered,
    sha256: Option<String>,
) -> (ModelFacts, EngineFacts, PromptFacts) {
    let name = backend.file().id.clone();
    match backend {
        Backend::Engine(loaded) => {
            let bytes = loaded.file.path().map_or(0, model::bytes_of);
            (ModelFacts { name, bytes, sha256 }, engine_facts(loaded), prompt_facts(loaded, prompt))
        }
        Backend::Server(remote) => {
            let engine = EngineFacts {
                build: remote.host(),
                kernels: String::new(),
                threads: 0,
                prompt_threads: 0,
                context: remote.context_shown(),
            };
            (ModelFacts { name, bytes: 0, sha256: None }, engine, sent_facts(remote, prompt))
        }
    }
}

fn engine_facts(loaded: &Loaded) -> EngineFacts {
    EngineFacts {
        build: loaded.engine.build().to_owned(),
        kernels: loaded.choice.variant(),
        threads: loaded.request.threads,
        prompt_threads: loaded.request.prompt_threads,
        context: loaded.model.context,
    }
}

fn prompt_facts(loaded: &Loaded, prompt: &Rendered) -> PromptFacts {
    PromptFacts {
        template_sha256: loaded.model.template.as_ref().map(|template| hex::encode(Sha256::digest(template))),
        template: Some(page::template_text(loaded.prompter.source())),
        tokenizer: Some(page::tokenizer_text(loaded.tokenizer.as_ref().map(|tokenizer| tokenizer.source()))),
        tokens: prompt.count(),
        tokens_sha256: prompt.sha256(),
    }
}

fn sent_facts(remote: &Remote, prompt: &Rendered) -> PromptFacts {
    PromptFacts {
        template_sha256: None,
        template: Some(format!("Prompts are made by {}, from the messages that are sent to it.", remote.host())),
        tokenizer: Some(format!(
            "Text is cut by {}. Numbers of tokens are about right until it says them.",
            remote.host()
        )),
        tokens: prompt.count(),
        tokens_sha256: prompt.sha256(),
    }
}
