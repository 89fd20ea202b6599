//! One turn of a chat: prompt, generation, filter, store, screen, in this order.
//!
//! The prompt is built from what is stored, so what was removed does not come back to the model. Every piece of an
//! answer passes the redactor, is written to the database, and only then is an event for the screen.

mod answer;
mod generation;
mod prompt;
mod summary;

use crate::lists::file::NamedList;
use std::sync::Arc;

use lethe_models::prompt::Deliberation;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result, sentence};
use crate::base::segment::Segment;
use crate::base::settings::Settings;
use crate::chat::history::{
    Conversation, ConversationId, ConversationSummary, Message, MessageState, OpenAnswer, UserText,
};
use crate::lethe::Lethe;

use crate::models::model::ModelFile;

pub use answer::{Answer, Sink};
pub use prompt::{PromptMeasure, Said};

/// What happens while an answer is made.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ChatEvent {
    /// The message is stored and the answer begun.
    Started {
        /// Where.
        conversation: ConversationSummary,
        /// The user's message; none when it is answered again.
        user: Option<Message>,
        /// The answer, still empty.
        answer: Message,
    },
    /// So many tokens of the prompt are read.
    Reading {
        /// Read.
        done: u32,
        /// Of.
        total: u32,
    },
    /// More of the answer or of the thinking before it; it is on disk already.
    Text {
        /// To be appended to what the model thinks.
        thinking: Vec<Segment>,
        /// To be appended to the answer.
        segments: Vec<Segment>,
        /// Tokens of the answer so far.
        completion_tokens: u32,
        /// Tokens a second so far.
        tokens_per_s: f64,
        /// Tokens in the context.
        context_used: u32,
        /// Tokens that fit.
        context_size: u32,
    },
    /// Something the user should know.
    Notice {
        /// One sentence.
        text: String,
    },
    /// The answer as it is stored.
    Finished {
        /// The answer.
        message: Message,
        /// Its conversation.
        conversation: ConversationSummary,
    },
    /// The answer ended in an error.
    Failed {
        /// Why.
        error: Error,
        /// What was kept of it.
        message: Option<Message>,
    },
}

/// What to answer with, where it differs from the settings.
#[derive(Clone, Default)]
pub struct Options {
    /// Key, name or path of a model.
    pub model: Option<String>,
    /// Settings for this answer; none: the stored ones.
    pub settings: Option<Settings>,
    /// Lists beside those in force.
    pub lists: Vec<NamedList>,
    /// Strings that end the answer.
    pub stops: Vec<String>,
    /// A GBNF grammar that the answer must follow.
    pub grammar: Option<String>,
    /// What is asked beside what was said, and stored nowhere: how summaries are asked for.
    pub request: Option<String>,
    /// Whether the model thinks before it answers; none: as the conversation has it.
    pub deliberation: Option<Deliberation>,
    /// Go on after the model's own end token: only for measuring.
    pub ignore_end: bool,
}

/// Where events go. Nobody listening is no error.
pub type Events = UnboundedSender<ChatEvent>;

impl Lethe {
    /// Stores a message, answers it and stores the answer. Gives the answer back as it was stored.
    ///
    /// # Errors
    /// Before anything is stored: `BadInput`, `NoModel`, `Filter`, `Busy`, `NotFound`, `Store`. Afterwards the answer is
    /// kept as interrupted with the reason as its note, and the error is given back as well.
    pub async fn send(
        &self,
        conversation: Option<ConversationId>,
        text: &UserText,
        options: &Options,
        events: &Events,
    ) -> Result<Answer> {
        let (settings, file) = self.chosen(options).await?;
        self.lists().catch_up().await?;
        self.filters().ready(&options.lists)?;
        let turn = conversation.map(|id| self.begin_turn(id)).transpose()?;
        let (user, answer) = self.history().begin(conversation, text, &file.id).await?;
        let conversation = answer.conversation();
        if let Some(deliberation) = options.deliberation {
            self.history().deliberate(conversation, deliberation).await?;
        }
        let _turn = match turn {
            Some(turn) => turn,
            None => self.begin_turn(conversation)?,
        };
        let user = self.history().message(conversation, user).await?;
        self.run(answer, Some(user), &settings, &file, options, events).await
    }

    /// Answers the last message of a conversation once more.
    ///
    /// # Errors
    /// As [`Lethe::send`].
    pub async fn regenerate(&self, conversation: ConversationId, options: &Options, events: &Events) -> Result<Answer> {
        let (settings, file) = self.chosen(options).await?;
        self.lists().catch_up().await?;
        self.filters().ready(&options.lists)?;
        let _turn = self.begin_turn(conversation)?;
        if let Some(deliberation) = options.deliberation {
            self.history().deliberate(conversation, deliberation).await?;
        }
        let answer = self.history().begin_again(conversation, &file.id).await?;
        self.run(answer, None, &settings, &file, options, events).await
    }

    /// Answers without storing anything.
    ///
    /// # Errors
    /// As [`Lethe::send`].
    pub async fn answer_once(&self, text: &UserText, options: &Options, events: &Events) -> Result<Answer> {
        let (settings, file) = self.chosen(options).await?;
        self.lists().catch_up().await?;
        let digest = self.filters().state().digest.clone();
        let (filter, lists) = self.filters().ready(&options.lists)?;
        let filter = if settings.echo { filter.echoing([text.as_str()]) } else { filter };
        let ready = self.running().ready(&file, &settings).await?;
        let said = [Said::user(None, text.as_str().to_owned())];
        let deliberation = options.deliberation.unwrap_or(Deliberation::Off);
        let prompt = prompt::build(&ready, &settings, deliberation, &said, None).await?;
        let mut sink = Sink::Nowhere;
        let job = answer::Job {
            settings: &settings,
            options,
            filter,
            filters: self.filters(),
            digest,
            said: vec![text.as_str().to_owned()],
            lists,
            ready: &ready,
            prompt,
        };
        let stop = Notify::new();
        self.generate(&job, &mut sink, &stop, events).await.map_err(|failure| self.failed(ready.file(), failure.error))
    }

    /// Ends the answer that a conversation is being given; what was made by then is kept.
    pub fn stop(&self, conversation: ConversationId) {
        if let Some(stop) = self.turns().get(&conversation) {
            stop.notify_one();
        }
    }

    async fn chosen(&self, options: &Options) -> Result<(Settings, ModelFile)> {
        let settings = options.settings.clone().unwrap_or_else(|| self.settings());
        settings.check()?;
        let file = match &options.model {
            Some(wanted) => self.models().find_or_import(wanted).await?,
            None => self.models().usual(settings.model.as_deref()).await?,
        };
        Ok((settings, file))
    }

    async fn run(
        &self,
        mut open: OpenAnswer,
        user: Option<Message>,
        settings: &Settings,
        file: &ModelFile,
        options: &Options,
        events: &Events,
    ) -> Result<Answer> {
        let conversation = open.conversation();
        let started = ChatEvent::Started {
            conversation: self.history().summary(conversation).await?,
            user,
            answer: self.history().message(conversation, open.message()).await?,
        };
        let _ = events.send(started);
        match self.answer(&mut open, settings, file, options, events).await {
            Ok((answer, note)) => {
                let end = answer.end(note);
                let (message, conversation) = open.finish(end).await?;
                let _ = events.send(ChatEvent::Finished { message, conversation });
                Ok(answer)
            }
            Err(failure) => {
                let error = self.failed(file, failure.error);
                let end = crate::chat::history::End {
                    state: MessageState::Interrupted,
                    note: Some(sentence(&error.message)),
                    stats: failure.stats,
                    receipt: failure.receipt,
                };
                // Should the disk refuse this too, the next start closes the answer with what was written.
                let message = open.finish(end).await.ok().map(|(message, _)| message);
                let _ = events.send(ChatEvent::Failed { error: error.clone(), message });
                Err(error)
            }
        }
    }

    /// Makes the window say that the engine is gone, if it is.
    fn failed(&self, file: &ModelFile, error: Error) -> Error {
        if error.code == Code::EngineDied {
            self.running().died(&file.id, &error);
        }
        error
    }

    async fn answer(
        &self,
        open: &mut OpenAnswer,
        settings: &Settings,
        file: &ModelFile,
        options: &Options,
        events: &Events,
    ) -> std::result::Result<(Answer, Option<String>), answer::Failure> {
        let conversation = open.conversation();
        let digest = self.filters().state().digest.clone();
        let (filter, lists) = self.filters().ready(&options.lists)?;
        let ready = self.running().ready(file, settings).await?;
        let Conversation { messages, deliberation, .. } = self.history().open(conversation).await?;
        let typed: Vec<String> = messages.iter().filter_map(Message::said).map(str::to_owned).collect();
        let filter = match settings.echo {
            true => filter.echoing(typed.iter().map(String::as_str)),
            false => filter,
        };
        let mut said = prompt::said(&messages, Some(open.message()));
        let deliberation = options.deliberation.unwrap_or(deliberation.into());
        if let Some(request) = &options.request {
            said.push(Said::user(None, request.clone()));
        }
        let from = self.history().prompt_from(conversation).await?;
        let prompt = prompt::build(&ready, settings, deliberation, &said, from).await?;
        if let Some(first) = prompt.first {
            self.history().set_prompt_from(conversation, first).await?;
        }
        let note = prompt.note.clone();
        if let Some(text) = &note {
            let _ = events.send(ChatEvent::Notice { text: text.clone() });
        }
        let stop = self.turns().get(&conversation).cloned().unwrap_or_else(|| Arc::new(Notify::new()));
        let mut sink = Sink::Stored(open);
        let filters = self.filters();
        let job = answer::Job { settings, options, filter, filters, digest, said: typed, lists, ready: &ready, prompt };
        let answer = self.generate(&job, &mut sink, &stop, events).await?;
        Ok((answer, note))
    }
}
