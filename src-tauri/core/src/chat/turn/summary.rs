//! Long conversations: how full a prompt is, and a summary from which the conversation goes on.

use lethe_models::prompt::Deliberation;

use super::{Answer, Events, Options, Preparation, PromptMeasure, Turns, prompt};
use crate::base::error::{Error, Result};
use crate::base::settings::Settings;
use crate::chat::history::ConversationId;

/// What the model is asked for. The language of the conversation is the language that it answers in.
const REQUEST: &str = "Summarise our conversation so far, in the language that we speak, so that we can go on without \
    the messages themselves. Keep names, numbers, facts, decisions, open questions and what I want. Write plain text \
    and nothing else.";

/// Share of the context that a summary may take.
const LONGEST: f64 = 0.12;

impl Turns {
    /// Counts the prompt of a conversation with a draft; none while no model is ready.
    ///
    /// # Errors
    /// `NotFound`, `Store`, `ModelUnusable` when the model's template refuses the conversation.
    pub async fn measure(&self, conversation: Option<ConversationId>, draft: &str) -> Result<Option<PromptMeasure>> {
        let Some(backend) = self.running.current() else { return Ok(None) };
        let settings = self.settings.get();
        let (messages, deliberation, from) = match conversation {
            Some(id) => {
                let conversation = self.history.open(id).await?;
                (conversation.messages, conversation.deliberation, conversation.prompt_from)
            }
            None => (Vec::new(), false, None),
        };
        prompt::measure(&backend, &settings, deliberation.into(), &messages, draft, from).await.map(Some)
    }

    /// Has the model summarise a conversation. Prompts then begin with the summary; the messages stay where they are.
    ///
    /// # Errors
    /// As [`Turns::send`]; `BadInput` when there is nothing to summarise.
    pub async fn summarise(&self, conversation: ConversationId, options: &Options, events: &Events) -> Result<Answer> {
        let prepared = self.prepare(options).await?;
        let turn = self.begin(conversation)?;
        let messages = self.history.open(conversation).await?.messages;
        if messages.last().is_none_or(prompt::stands_for_all_before) {
            return Err(Error::bad_input("nothing was said since the last summary: go on with a message"));
        }
        let loading = self.running.ready(&prepared.file, &prepared.settings);
        let context = turn.unless_stopped(loading).await?.context_shown();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a 32-bit number")]
        let longest = (f64::from(context) * LONGEST) as u32;
        let settings = Settings { max_tokens: Some(longest), temperature: 0.0, ..prepared.settings };
        let prepared = Preparation { settings, ..prepared };
        let options = Options {
            request: Some(REQUEST.to_owned()),
            deliberation: Some(Deliberation::Off),
            stops: Vec::new(),
            grammar: None,
            ..options.clone()
        };
        let open = self.history.begin_summary(conversation, &prepared.file.id).await?;
        self.run(&turn, open, None, &prepared, &options, events).await
    }
}
