//! Which messages a prompt holds.
//!
//! When a conversation outgrows the context, its oldest turns leave the prompt, never the system prompt. They leave
//! in one larger step, and the place is remembered: the following turns then begin alike and the engine reads only
//! what is new. A summary stands for all that was said before it, as a question and an answer, so that templates see
//! users and assistant speak in turn. What a model thought is not in prompts.
//!
//! A model on a server gets messages instead of tokens, and what fits is estimated.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use lethe_models::prompt::{
    Conversation as Talk, Deliberation, Message as PromptMessage, Role as PromptRole, tokens_of,
};
use lethe_models::wire::Token;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result};
use crate::base::segment::Segment;
use crate::base::settings::Settings;
use crate::chat::history::{Message, MessageId, MessageState, Role};
use crate::models::running::{Backend, Loaded};

/// Share of the context that a prompt may take before old turns leave it; the rest is for the answer.
const FULL: f64 = 0.85;
/// Share of the context that a prompt has after old turns left.
const AFTER_CUT: f64 = 0.5;

/// Bytes of text that are counted as a token where only a server knows the vocabulary: English has about four.
const BYTES_A_TOKEN: usize = 4;
/// Tokens that a template puts around a message, where only a server knows it.
const AROUND_A_MESSAGE: usize = 4;

/// What the user seems to have asked for where a summary stands in a prompt.
const SUMMARY_REQUEST: &str = "What have we said so far?";

/// A message as the model reads it.
#[derive(Clone)]
pub struct PromptTurn {
    id: Option<MessageId>,
    role: Role,
    text: String,
}

impl PromptTurn {
    /// Words of a user.
    pub fn user(id: Option<MessageId>, text: String) -> Self {
        Self { id, role: Role::User, text }
    }
}

/// How many tokens a prompt has, for the gauge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PromptMeasure {
    /// Tokens of the prompt as it would be sent now, with the draft.
    pub used: u32,
    /// Tokens of the draft alone.
    pub draft: u32,
    /// Tokens that fit.
    pub context_size: u32,
    /// Messages that the prompt does not hold any more.
    pub left: u32,
    /// Messages that would leave it if the draft were sent.
    pub leaving: u32,
    /// Whether the draft fits at all.
    pub fits: bool,
    /// Whether the numbers of tokens are estimates, because only a server knows them.
    pub about: bool,
}

/// What a conversation holds up to the answer that is being made, or all of it. A question that never got an answer
/// is left out, so that users and assistant speak in turn, as templates demand.
pub(super) fn said(messages: &[Message], open: Option<MessageId>) -> Vec<PromptTurn> {
    let messages: Vec<&Message> = messages.iter().take_while(|message| Some(message.id) != open).collect();
    // An answer that is made anew answers what stands before a later summary.
    let asked = match open {
        Some(_) => messages.iter().rposition(|message| message.role == Role::User).unwrap_or(0),
        None => messages.len(),
    };
    let summary = messages[..asked].iter().rposition(|message| stands_for_all_before(message));
    let mut said: Vec<PromptTurn> = Vec::new();
    if let Some(summary) = summary.map(|at| messages[at]) {
        said.push(PromptTurn { id: Some(summary.id), role: Role::User, text: SUMMARY_REQUEST.to_owned() });
        said.push(PromptTurn { id: None, role: Role::Assistant, text: text_of(summary) });
    }
    for message in messages.into_iter().skip(summary.map_or(0, |at| at + 1)).filter(|message| !message.summary) {
        let text = text_of(message);
        let role = message.role;
        if role == Role::User && said.last().is_some_and(|last| last.role == Role::User) {
            said.pop();
        }
        if role == Role::Assistant && text.trim().is_empty() {
            continue;
        }
        said.push(PromptTurn { id: Some(message.id), role, text });
    }
    said
}

/// Whether prompts can begin with this message: a summary that was not broken off.
pub(super) fn stands_for_all_before(message: &Message) -> bool {
    let whole = matches!(message.state, MessageState::Complete | MessageState::Length);
    message.summary && whole && !message.segments.is_empty()
}

fn text_of(message: &Message) -> String {
    let shown = |segment: &Segment| match segment {
        Segment::Text { text } => text.clone(),
        Segment::Removed { kind, .. } => format!("[removed: {kind}]"),
    };
    message.segments.iter().map(shown).collect()
}

/// A prompt as the model reads it.
pub(super) enum Rendered {
    /// On this machine.
    Tokens {
        tokens: Vec<Token>,
        /// Whether it ends within what the model thinks.
        opens_thinking: bool,
    },
    /// On a server.
    Messages {
        messages: Vec<PromptMessage>,
        /// About how many tokens they are.
        about: u32,
    },
}

impl Rendered {
    fn nothing() -> Self {
        Self::Tokens { tokens: Vec::new(), opens_thinking: false }
    }

    /// Number of tokens, about where only a server knows.
    pub fn count(&self) -> u32 {
        match self {
            Self::Tokens { tokens, .. } => u32::try_from(tokens.len()).unwrap_or(u32::MAX),
            Self::Messages { about, .. } => *about,
        }
    }

    /// Whether it ends within what the model thinks.
    pub fn opens_thinking(&self) -> bool {
        matches!(self, Self::Tokens { opens_thinking: true, .. })
    }

    /// Names it in receipts.
    pub fn sha256(&self) -> String {
        let mut digest = Sha256::new();
        match self {
            Self::Tokens { tokens, .. } => tokens.iter().for_each(|token| digest.update(token.to_le_bytes())),
            Self::Messages { messages, .. } => {
                for message in messages {
                    for text in [message.role.name(), message.content.as_str()] {
                        digest.update(text);
                        digest.update([0]);
                    }
                }
            }
        }
        hex::encode(digest.finalize())
    }
}

/// A prompt that fits.
pub(super) struct Prompt {
    pub rendered: Rendered,
    /// The message it begins with from now on, when that changed.
    pub first: Option<MessageId>,
    /// What the user should know.
    pub note: Option<String>,
}

/// Where a prompt that fits begins.
struct Plan {
    rendered: Rendered,
    start: usize,
}

/// Builds the prompt, from `from` on, and lets old turns leave when it does not fit.
pub(super) async fn build(
    backend: &Backend,
    settings: &Settings,
    deliberation: Deliberation,
    said: &[PromptTurn],
    from: Option<MessageId>,
) -> Result<Prompt> {
    let start = start(said, from);
    let render = |at: usize| render(backend, settings, deliberation, &said[at..]);
    let plan = plan(backend.context(), said, start, render).await?.ok_or_else(|| too_long(backend))?;
    let Plan { rendered, start: at } = plan;
    if at == start {
        return Ok(Prompt { rendered, first: None, note: None });
    }
    let left = said[start..at].iter().filter(|said| said.role == Role::User).count();
    let turns = if left == 1 { "turn no longer fits".to_owned() } else { format!("{left} turns no longer fit") };
    let note = format!("The oldest {turns} into the context: the model does not see them any more");
    Ok(Prompt { rendered, first: said[at].id, note: Some(note) })
}

/// Counts what [`build`] would build, and what it would leave out. `messages` is all of the conversation.
pub(super) async fn measure(
    backend: &Backend,
    settings: &Settings,
    deliberation: Deliberation,
    messages: &[Message],
    draft: &str,
    from: Option<MessageId>,
) -> Result<PromptMeasure> {
    let mut said = said(messages, None);
    let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
    let draft_tokens = match backend {
        _ if draft.trim().is_empty() => 0,
        Backend::Engine(loaded) => count(count_tokens(loaded.clone(), draft.to_owned()).await?),
        Backend::Server(_) => count(about(draft)),
    };
    if draft_tokens > 0 {
        if said.last().is_some_and(|last| last.role == Role::User) {
            said.pop();
        }
        said.push(PromptTurn::user(None, draft.to_owned()));
    }
    let start = start(&said, from);
    let plan = match said.is_empty() {
        true => Some(Plan { rendered: Rendered::nothing(), start }),
        false => {
            let render = |at: usize| render(backend, settings, deliberation, &said[at..]);
            plan(backend.context(), &said, start, render).await?
        }
    };
    // Messages that are neither in the prompt nor summaries of what is not.
    let before = |at: usize| {
        let first = said.get(at).and_then(|said| said.id);
        let older = |message: &&Message| !message.summary && first.is_some_and(|first| message.id < first);
        count(messages.iter().filter(older).count())
    };
    let left = before(start);
    let measure = PromptMeasure {
        used: 0,
        draft: draft_tokens,
        context_size: backend.context_shown(),
        left,
        leaving: 0,
        fits: plan.is_some(),
        about: matches!(backend, Backend::Server(_)),
    };
    Ok(match plan {
        Some(plan) => PromptMeasure {
            used: plan.rendered.count(),
            leaving: if plan.start > start { before(plan.start).max(left) - left } else { 0 },
            ..measure
        },
        None => PromptMeasure { used: draft_tokens, ..measure },
    })
}

fn start(said: &[PromptTurn], from: Option<MessageId>) -> usize {
    from.and_then(|from| said.iter().position(|said| said.id == Some(from))).unwrap_or(0)
}

/// The largest part of what was said that fits into a context of so many tokens, from `start` on; none if not even the last
/// message does. `render` makes the prompt that begins with a message.
async fn plan<Rendering>(
    context: Option<u32>,
    said: &[PromptTurn],
    start: usize,
    render: impl Fn(usize) -> Rendering,
) -> Result<Option<Plan>>
where
    Rendering: Future<Output = Result<Rendered>>,
{
    // Where nobody knows the context, the server says when it is full.
    let context = context.map(f64::from);
    let fits =
        |rendered: &Rendered, share: f64| context.is_none_or(|context| f64::from(rendered.count()) <= context * share);
    let rendered = render(start).await?;
    if fits(&rendered, FULL) {
        return Ok(Some(Plan { rendered, start }));
    }
    // Turns that a prompt may begin with. The later it begins, the fewer tokens it has: halving finds the earliest that
    // fits, in a few renderings even of a conversation of thousands of turns.
    let later = said.iter().enumerate().skip(start + 1);
    let turns: Vec<usize> = later.filter(|(_, said)| said.role == Role::User).map(|(at, _)| at).collect();
    let (mut from, mut to) = (0, turns.len());
    let mut found = None;
    while from < to {
        let middle = from + (to - from) / 2;
        let at = turns[middle];
        let rendered = render(at).await?;
        let last = said.len() - 1 == at;
        if fits(&rendered, AFTER_CUT) || (last && fits(&rendered, FULL)) {
            found = Some(Plan { rendered, start: at });
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    Ok(found)
}

fn too_long(backend: &Backend) -> Error {
    Error::bad_input(format!(
        "the message does not fit into the context of {} tokens: shorten it or choose a larger context in the settings",
        backend.context_shown()
    ))
}

/// A prompt of what was said.
async fn render(
    backend: &Backend,
    settings: &Settings,
    deliberation: Deliberation,
    said: &[PromptTurn],
) -> Result<Rendered> {
    let system = settings.system_prompt.0.trim();
    let system = (!system.is_empty()).then(|| PromptMessage { role: PromptRole::System, content: system.to_owned() });
    let message = |said: &PromptTurn| PromptMessage {
        role: match said.role {
            Role::User => PromptRole::User,
            Role::Assistant => PromptRole::Assistant,
        },
        content: said.text.clone(),
    };
    let messages: Vec<PromptMessage> = system.into_iter().chain(said.iter().map(message)).collect();
    match backend {
        Backend::Engine(loaded) => render_tokens(loaded.clone(), messages, deliberation).await,
        Backend::Server(_) => {
            let tokens: usize = messages.iter().map(|message| about(&message.content) + AROUND_A_MESSAGE).sum();
            Ok(Rendered::Messages { messages, about: u32::try_from(tokens).unwrap_or(u32::MAX) })
        }
    }
}

/// A template of a file is rendered in a process of its own, which may take seconds, and tokens take the processor:
/// neither has a place among what answers the window.
async fn render_tokens(
    loaded: Arc<Loaded>,
    messages: Vec<PromptMessage>,
    deliberation: Deliberation,
) -> Result<Rendered> {
    let runtime = Handle::current();
    let rendered = tokio::task::spawn_blocking(move || {
        let parts = loaded.prompter.render(&Talk { messages: &messages, deliberation })?;
        let opens_thinking = loaded.prompter.opens_inner(&parts);
        Ok(Rendered::Tokens { tokens: runtime.block_on(tokens_of(parts, &*loaded))?, opens_thinking })
    });
    rendered.await.map_err(|_| broken())?
}

/// Number of tokens of a text.
async fn count_tokens(loaded: Arc<Loaded>, text: String) -> Result<usize> {
    let runtime = Handle::current();
    let counted =
        tokio::task::spawn_blocking(move || runtime.block_on(loaded.tokenize(&text)).map(|tokens| tokens.len()));
    counted.await.map_err(|_| broken())?
}

fn broken() -> Error {
    Error::new(Code::Internal, "the prompt can't be made: send the message again")
}

/// About how many tokens a text is, where only a server knows.
fn about(text: &str) -> usize {
    text.len().div_ceil(BYTES_A_TOKEN)
}
