//! One turn of a chat: prompt, generation, filter, store, screen, in this order.
//!
//! The prompt is built from what is stored, so what was removed does not come back to the model. Every piece of an
//! answer passes the redactor, is written to the database, and only then is an event for the screen.

mod answer;
mod generation;
mod prompt;
mod summary;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lethe_filters::Filter;
use lethe_models::prompt::Deliberation;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result, sentence};
use crate::base::segment::Segment;
use crate::base::settings::{CurrentSettings, Settings};
use crate::chat::history::{
    Conversation, ConversationId, ConversationSummary, End, Ended, History, Message, MessageId, MessageState,
    OpenAnswer, UserText,
};
use crate::lists::facts::ListFacts;
use crate::lists::file::NamedList;
use crate::lists::filter::Filters;
use crate::lists::library::Lists;
use crate::models::library::Models;
use crate::models::model::ModelFile;
use crate::models::running::Running;

pub use answer::{Answer, Sink};
pub use prompt::{PromptMeasure, PromptTurn};

/// What happens while an answer is made.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ChatEvent {
    /// The message is stored and the answer begun.
    Started {
        conversation: ConversationSummary,
        /// The user's message; none when it is answered again.
        user: Option<Message>,
        /// The answer, still empty.
        answer: Message,
    },
    /// So many tokens of the prompt are read.
    Reading { done: u32, total: u32 },
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
    /// Lists have changed: this takes the place of all that was shown of the answer and the thinking before it.
    Redrawn {
        /// What the model thinks, so far.
        thinking: Vec<Segment>,
        /// The answer, so far.
        segments: Vec<Segment>,
    },
    /// Something the user should know.
    Notice {
        /// One sentence.
        text: String,
    },
    /// The answer as it is stored.
    Finished {
        message: Message,
        /// Its conversation; none when that was deleted meanwhile.
        conversation: Option<ConversationSummary>,
    },
    /// The answer ended in an error.
    Failed {
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

/// Answers, and which conversations are being given one.
#[derive(Clone)]
pub struct Turns {
    history: History,
    filters: Arc<Filters>,
    lists: Lists,
    models: Models,
    running: Arc<Running>,
    settings: CurrentSettings,
    open: OpenTurns,
}

type OpenTurns = Arc<Mutex<HashMap<ConversationId, Arc<Notify>>>>;

/// What every turn needs before anything is stored.
struct Preparation {
    settings: Settings,
    file: ModelFile,
    /// The lists that the filter was made of, by digest.
    digest: String,
    filter: Filter,
    lists: Vec<ListFacts>,
}

impl Preparation {
    /// The filter for a conversation in which the user said this.
    fn filter_for<'a>(&self, said: impl IntoIterator<Item = &'a str>) -> Filter {
        if self.settings.echo { self.filter.echoing(said) } else { self.filter.clone() }
    }
}

impl Turns {
    /// Of a history, answered by the models of a data folder.
    pub fn new(
        history: History,
        filters: Arc<Filters>,
        lists: Lists,
        models: Models,
        running: Arc<Running>,
        settings: CurrentSettings,
    ) -> Self {
        Self { history, filters, lists, models, running, settings, open: OpenTurns::default() }
    }

    /// Stores a message, answers it and stores the answer. Gives the answer back as it was stored.
    ///
    /// # Errors
    /// Before anything is stored: `BadInput`, `NoModel`, `Filter`, `Busy`, `NotFound`, `Store`. Afterwards the answer is
    /// kept as interrupted with the reason as its note, and the error is given back as well. `Stopped` when it was stopped
    /// before its first word; then it is kept as stopped.
    pub async fn send(
        &self,
        conversation: Option<ConversationId>,
        text: &UserText,
        options: &Options,
        events: &Events,
    ) -> Result<Answer> {
        let prepared = self.prepare(options).await?;
        let turn = conversation.map(|id| self.begin(id)).transpose()?;
        let (user, open) = self.history.begin(conversation, text, &prepared.file.id).await?;
        let turn = turn.map_or_else(|| self.begin(open.conversation()), Ok)?;
        self.run(&turn, open, Some(user), &prepared, options, events).await
    }

    /// Answers the last message of a conversation once more.
    ///
    /// # Errors
    /// As [`Turns::send`].
    pub async fn regenerate(&self, conversation: ConversationId, options: &Options, events: &Events) -> Result<Answer> {
        let prepared = self.prepare(options).await?;
        let turn = self.begin(conversation)?;
        let open = self.history.begin_again(conversation, &prepared.file.id).await?;
        self.run(&turn, open, None, &prepared, options, events).await
    }

    /// Answers without storing anything.
    ///
    /// # Errors
    /// As [`Turns::send`].
    pub async fn answer_once(&self, text: &UserText, options: &Options, events: &Events) -> Result<Answer> {
        let prepared = self.prepare(options).await?;
        let backend = self.running.ready(&prepared.file, &prepared.settings).await?;
        let said = [PromptTurn::user(None, text.as_str().to_owned())];
        let deliberation = options.deliberation.unwrap_or(Deliberation::Off);
        let prompt = prompt::build(&backend, &prepared.settings, deliberation, &said, None).await?;
        let job = answer::Job {
            settings: &prepared.settings,
            options,
            filter: prepared.filter_for([text.as_str()]),
            filters: &self.filters,
            in_force: &self.lists,
            digest: prepared.digest.clone(),
            said: vec![text.as_str().to_owned()],
            lists: prepared.lists.clone(),
            backend: &backend,
            prompt,
        };
        let answered = answer::generate(&self.models, &job, &mut Sink::Nowhere, &Notify::new(), events).await;
        answered.map_err(|failure| self.failed(backend.file(), failure.error))
    }

    /// Ends the answer that a conversation is being given; what was made by then is kept.
    pub fn stop(&self, conversation: ConversationId) {
        if let Some(stop) = self.open().get(&conversation) {
            stop.notify_one();
        }
    }

    /// Ends all answers.
    pub(crate) fn stop_all(&self) {
        self.open().values().for_each(|stop| stop.notify_one());
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ConversationId, Arc<Notify>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks a conversation as being answered, until the guard is dropped.
    fn begin(&self, conversation: ConversationId) -> Result<TurnGuard> {
        let mut open = self.open();
        if open.contains_key(&conversation) {
            return Err(Error::new(
                Code::Busy,
                "this conversation is being answered: wait for the end or stop it first",
            ));
        }
        let stop = Arc::new(Notify::new());
        open.insert(conversation, stop.clone());
        Ok(TurnGuard { open: self.open.clone(), conversation, stop })
    }

    /// The model and the filter of a turn: without both there is none.
    async fn prepare(&self, options: &Options) -> Result<Preparation> {
        let settings = options.settings.clone().unwrap_or_else(|| self.settings.get());
        settings.check()?;
        let file = match &options.model {
            Some(wanted) => self.models.find_or_import(wanted).await?,
            None => self.models.default_model(settings.model.as_deref()).await?,
        };
        self.lists.reload_if_changed().await?;
        // Read before the filter: a list that comes between is noticed as new, and never missed.
        let digest = self.filters.state().digest.clone();
        let (filter, lists) = self.filters.ready(&options.lists)?;
        Ok(Preparation { settings, file, digest, filter, lists })
    }

    async fn run(
        &self,
        turn: &TurnGuard,
        mut open: OpenAnswer,
        user: Option<MessageId>,
        prepared: &Preparation,
        options: &Options,
        events: &Events,
    ) -> Result<Answer> {
        let id = open.conversation();
        if let Some(deliberation) = options.deliberation {
            self.history.deliberate(id, deliberation).await?;
        }
        let conversation = self.history.open(id).await?;
        let message = |id| conversation.messages.iter().find(|message| message.id == id).cloned();
        let started = ChatEvent::Started {
            conversation: self.history.summary(id).await?,
            user: user.and_then(message),
            answer: message(open.message()).ok_or_else(|| Error::not_found("message"))?,
        };
        let _ = events.send(started);
        match self.answer(turn, &mut open, conversation, prepared, options, events).await {
            Ok((answer, note)) => {
                let end = answer.end(note);
                let Ended { message, conversation, text, thinking, receipt } = open.finish(end).await?;
                if answer.receipt.model.sha256.is_none() {
                    self.complete_receipt(message.id, message.created_at, prepared.file.clone());
                }
                let _ = events.send(ChatEvent::Finished { message, conversation });
                let receipt = receipt.unwrap_or(answer.receipt);
                Ok(Answer { text, thinking, receipt, ..answer })
            }
            Err(failure) if failure.error.code == Code::Stopped => {
                let end = End { state: MessageState::Stopped, note: None, stats: None, receipt: None };
                let Ended { message, conversation, .. } = open.finish(end).await?;
                let _ = events.send(ChatEvent::Finished { message, conversation });
                Err(failure.error)
            }
            Err(failure) => {
                let error = self.failed(&prepared.file, failure.error);
                let end = End {
                    state: MessageState::Interrupted,
                    note: Some(sentence(&error.message)),
                    stats: failure.stats,
                    receipt: failure.receipt,
                };
                let digested = end.receipt.as_ref().is_none_or(|receipt| receipt.model.sha256.is_some());
                // Should the disk refuse this too, the next start closes the answer with what was written.
                let message = open.finish(end).await.ok().map(|ended| ended.message);
                if let Some(message) = message.as_ref().filter(|_| !digested) {
                    self.complete_receipt(message.id, message.created_at, prepared.file.clone());
                }
                let _ = events.send(ChatEvent::Failed { error: error.clone(), message });
                Err(error)
            }
        }
    }

    /// Has a receipt get the digest of its model when that is made. The file must be the one that answered.
    fn complete_receipt(&self, message: MessageId, at: i64, file: ModelFile) {
        if file.path().is_err() {
            return;
        }
        let (models, history) = (self.models.clone(), self.history.clone());
        tokio::spawn(async move {
            let completed = async {
                let sha256 = models.sha256(&file).await?;
                match models.unchanged_since(&file).await? <= at {
                    true => history.complete_receipt(message, &sha256).await,
                    false => Ok(()),
                }
            };
            if let Err(error) = completed.await {
                tracing::warn!(%error, "a receipt stays without the digest of its model");
            }
        });
    }

    /// Makes the window say that the engine is gone, if it is.
    fn failed(&self, file: &ModelFile, error: Error) -> Error {
        if error.code == Code::EngineDied {
            self.running.died(&file.id, &error);
        }
        error
    }

    async fn answer(
        &self,
        turn: &TurnGuard,
        open: &mut OpenAnswer,
        conversation: Conversation,
        prepared: &Preparation,
        options: &Options,
        events: &Events,
    ) -> std::result::Result<(Answer, Option<String>), answer::Failure> {
        let backend = turn.unless_stopped(self.running.ready(&prepared.file, &prepared.settings)).await?;
        // A list may have come into force while the model was loaded: no prompt holds what it names.
        self.lists.reload_if_changed().await?;
        let conversation = match self.filters.state().digest == prepared.digest {
            true => conversation,
            false => self.history.open(conversation.id).await?,
        };
        let Conversation { id, messages, deliberation, prompt_from, .. } = conversation;
        let typed: Vec<String> = messages.iter().filter_map(Message::said).map(str::to_owned).collect();
        let mut said = prompt::said(&messages, Some(open.message()));
        let deliberation = options.deliberation.unwrap_or(deliberation.into());
        if let Some(request) = &options.request {
            said.push(PromptTurn::user(None, request.clone()));
        }
        let built = prompt::build(&backend, &prepared.settings, deliberation, &said, prompt_from);
        let prompt = turn.unless_stopped(built).await?;
        if let Some(first) = prompt.first {
            self.history.set_prompt_from(id, first).await?;
        }
        let note = prompt.note.clone();
        if let Some(text) = &note {
            let _ = events.send(ChatEvent::Notice { text: text.clone() });
        }
        let job = answer::Job {
            settings: &prepared.settings,
            options,
            filter: prepared.filter_for(typed.iter().map(String::as_str)),
            filters: &self.filters,
            in_force: &self.lists,
            digest: prepared.digest.clone(),
            said: typed,
            lists: prepared.lists.clone(),
            backend: &backend,
            prompt,
        };
        let answer = answer::generate(&self.models, &job, &mut Sink::Stored(open), &turn.stop, events).await?;
        Ok((answer, note))
    }
}

/// A conversation that is being answered.
struct TurnGuard {
    open: OpenTurns,
    conversation: ConversationId,
    stop: Arc<Notify>,
}

impl TurnGuard {
    /// What comes before the first word of an answer, unless the answer is stopped: that ends it at once.
    async fn unless_stopped<T>(&self, part: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.stop.notified() => {
                Err(Error::new(Code::Stopped, "the answer was stopped before its first word: send the message again to have one"))
            }
            outcome = part => outcome,
        }
    }
}

impl Drop for TurnGuard {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.conversation);
    }
}
