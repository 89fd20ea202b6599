//! Which messages a prompt holds.
//!
//! When a conversation outgrows the context, its oldest turns leave the prompt, never the system prompt. They leave
//! in one larger step, and the place is remembered: the following turns then begin alike and the engine reads only
//! what is new.

use lethe_models::prompt::{Message as PromptMessage, PromptError, Role as PromptRole};
use lethe_models::wire::Token;

use crate::error::{Error, Result};
use crate::history::{Message, MessageId, Role, Segment};
use crate::running::Loaded;
use crate::settings::Settings;

/// Share of the context that a prompt may take before old turns leave it; the rest is for the answer.
const FULL: f64 = 0.85;
/// Share of the context that a prompt has after old turns left.
const AFTER_CUT: f64 = 0.5;

/// A message as the model reads it.
#[derive(Clone)]
pub struct Said {
    id: Option<MessageId>,
    role: Role,
    text: String,
}

impl Said {
    /// Words of a user.
    pub fn user(id: Option<MessageId>, text: String) -> Self {
        Self { id, role: Role::User, text }
    }
}

/// What a conversation holds up to the answer that is being made. A question that never got an answer is left out,
/// so that users and assistant speak in turn, as templates demand.
pub(super) fn said(messages: &[Message], open: MessageId) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for message in messages.iter().take_while(|message| message.id != open) {
        let text: String = message.segments.iter().map(shown).collect();
        let role = message.role;
        if role == Role::User && said.last().is_some_and(|last| last.role == Role::User) {
            said.pop();
        }
        if role == Role::Assistant && text.trim().is_empty() {
            continue;
        }
        said.push(Said { id: Some(message.id), role, text });
    }
    said
}

fn shown(segment: &Segment) -> String {
    match segment {
        Segment::Text { text } => text.clone(),
        Segment::Removed { kind, .. } => format!("[removed: {kind}]"),
    }
}

/// A prompt that fits.
pub(super) struct Prompt {
    pub tokens: Vec<Token>,
    /// The message it begins with from now on, when that changed.
    pub first: Option<MessageId>,
    /// What the user should know.
    pub note: Option<String>,
}

/// Builds the prompt, from `from` on, and lets old turns leave when it does not fit.
pub(super) async fn build(
    loaded: &Loaded,
    settings: &Settings,
    said: &[Said],
    from: Option<MessageId>,
) -> Result<Prompt> {
    let context = f64::from(loaded.model.context);
    let start = from.and_then(|from| said.iter().position(|said| said.id == Some(from))).unwrap_or(0);
    let tokens = tokens(loaded, settings, &said[start..]).await?;
    #[expect(clippy::cast_precision_loss, reason = "contexts are far below 2^52 tokens")]
    let fits = |tokens: &Vec<Token>, share: f64| tokens.len() as f64 <= context * share;
    if fits(&tokens, FULL) {
        return Ok(Prompt { tokens, first: None, note: None });
    }
    let turns = said.iter().enumerate().skip(start + 1).filter(|(_, said)| said.role == Role::User);
    for (at, first) in turns {
        let fewer = self::tokens(loaded, settings, &said[at..]).await?;
        let last = said.len() - 1 == at;
        if fits(&fewer, AFTER_CUT) || (last && fits(&fewer, FULL)) {
            let left = said[start..at].iter().filter(|said| said.role == Role::User).count();
            let turns =
                if left == 1 { "turn no longer fits".to_owned() } else { format!("{left} turns no longer fit") };
            let note = format!("The oldest {turns} into the context: the model does not see them any more");
            return Ok(Prompt { tokens: fewer, first: first.id, note: Some(note) });
        }
    }
    Err(Error::bad_input(format!(
        "the message does not fit into the context of {} tokens: shorten it or choose a larger context in the settings",
        loaded.model.context
    )))
}

async fn tokens(loaded: &Loaded, settings: &Settings, said: &[Said]) -> Result<Vec<Token>> {
    let system = settings.system_prompt.trim();
    let system = (!system.is_empty()).then(|| PromptMessage { role: PromptRole::System, content: system.to_owned() });
    let message = |said: &Said| PromptMessage {
        role: match said.role {
            Role::User => PromptRole::User,
            Role::Assistant => PromptRole::Assistant,
        },
        content: said.text.clone(),
    };
    let messages: Vec<PromptMessage> = system.into_iter().chain(said.iter().map(message)).collect();
    loaded.prompter.tokens(&messages, &*loaded.engine).await.map_err(|error| match error {
        PromptError::Template(error) => error.into(),
        PromptError::Tokenize(error) => error.into(),
    })
}
