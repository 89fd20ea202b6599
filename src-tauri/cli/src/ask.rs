//! `ask`: one question, one answer.

use std::path::PathBuf;

use clap::Args;
use lethe_core::base::settings::Settings;
use lethe_core::chat::history::{ConversationId, Stats, UserText};
use lethe_core::chat::receipt::{self, Receipt, RedactionFacts};
use lethe_core::chat::turn::{Answer, ChatEvent, Options};
use lethe_core::lists::file::read_list;
use lethe_core::models::running::EngineState;
use lethe_core::{Error, Lethe, Result};
use lethe_models::prompt::Deliberation;
use lethe_models::wire::{PrivateText, StopReason};
use serde::Serialize;
use tokio::sync::mpsc::unbounded_channel;

use crate::output::{print, print_json, text_of};

/// What `ask` and `chat` share.
#[derive(Args)]
pub struct AnswerArgs {
    /// Name or path of a model; without it the one chosen last
    #[arg(long, value_name = "M")]
    model: Option<String>,
    /// Instructions for the model
    #[arg(long, value_name = "T")]
    system: Option<String>,
    /// A list of what to remove, JSON Lines or compiled; may be given several times
    #[arg(long, value_name = "F")]
    list: Vec<PathBuf>,
    /// Longest answer in tokens
    #[arg(long, value_name = "N")]
    max_tokens: Option<u32>,
    /// 0 takes the likeliest token always
    #[arg(long, value_name = "X")]
    temperature: Option<f32>,
    /// Keep the likeliest tokens that together reach this probability
    #[arg(long, value_name = "X")]
    top_p: Option<f32>,
    /// Keep the K likeliest tokens; 0 is off
    #[arg(long, value_name = "K")]
    top_k: Option<u32>,
    /// Drop tokens less likely than this share of the likeliest; 0 is off
    #[arg(long, value_name = "X")]
    min_p: Option<f32>,
    /// Makes repetition less likely; 1 is off
    #[arg(long, value_name = "X")]
    repeat_penalty: Option<f32>,
    /// The same seed gives the same answer
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
    /// Context in tokens
    #[arg(long, value_name = "N")]
    context: Option<u32>,
    /// Threads to compute with
    #[arg(long, value_name = "N")]
    threads: Option<u32>,
    /// A string that ends the answer; may be given several times
    #[arg(long, value_name = "S")]
    stop: Vec<String>,
    /// Let the model think before it answers, if it can
    #[arg(long)]
    think: bool,
    /// A file with a GBNF grammar that the answer must follow
    #[arg(long, value_name = "F")]
    grammar: Option<PathBuf>,
}

/// One question.
#[derive(Args)]
pub struct Ask {
    #[command(flatten)]
    answer: AnswerArgs,
    /// Store neither question nor answer
    #[arg(long)]
    no_history: bool,
    /// The question; `-` reads it from standard input
    prompt: String,
}

impl AnswerArgs {
    /// As options over the stored settings.
    ///
    /// # Errors
    /// `BadInput` for a list or grammar that can't be read.
    pub fn options(&self, lethe: &Lethe) -> Result<Options> {
        let stored = lethe.settings();
        let settings = Settings {
            system_prompt: self.system.clone().map_or(stored.system_prompt.clone(), PrivateText),
            max_tokens: self.max_tokens.or(stored.max_tokens),
            temperature: self.temperature.unwrap_or(stored.temperature),
            top_p: self.top_p.unwrap_or(stored.top_p),
            top_k: self.top_k.unwrap_or(stored.top_k),
            min_p: self.min_p.unwrap_or(stored.min_p),
            repeat_penalty: self.repeat_penalty.unwrap_or(stored.repeat_penalty),
            seed: self.seed.or(stored.seed),
            context_size: self.context.or(stored.context_size),
            threads: self.threads.or(stored.threads),
            ..stored
        };
        let grammar = self.grammar.as_ref().map(|path| {
            std::fs::read_to_string(path).map_err(|error| {
                Error::bad_input(format!(
                    "the grammar {} can't be read ({}): check the path",
                    path.display(),
                    error.kind()
                ))
            })
        });
        Ok(Options {
            model: self.model.clone(),
            settings: Some(settings),
            lists: self.list.iter().map(|path| read_list(path)).collect::<Result<_>>()?,
            stops: self.stop.clone(),
            grammar: grammar.transpose()?,
            deliberation: self.think.then_some(Deliberation::On),
            ..Options::default()
        })
    }
}

/// What `ask --json` prints.
#[derive(Serialize)]
struct PrintedJson<'a> {
    text: &'a str,
    thinking: &'a str,
    redactions: Vec<RedactionFacts>,
    stop: StopReason,
    model: &'a str,
    prompt_tokens: u32,
    completion_tokens: u32,
    cached_tokens: u32,
    ttft_ms: f64,
    tokens_per_s: f64,
    conversation: Option<ConversationId>,
    receipt: &'a Receipt,
}

/// Runs `ask`.
///
/// # Errors
/// What the answer fails with.
pub async fn run(lethe: &Lethe, ask: &Ask, json: bool) -> Result<()> {
    let options = ask.answer.options(lethe)?;
    let prompt = if ask.prompt == "-" { read_prompt()? } else { ask.prompt.clone() };
    let text = UserText::parse(&prompt)?;
    let what = if ask.no_history { Which::Once } else { Which::In(None) };
    let (answer, conversation) = answer(lethe, what, &text, &options, !json).await?;
    if !json {
        return print("\n");
    }
    let mut receipt = answer.receipt.clone();
    if receipt.model.sha256.is_none() {
        // Whoever prints a receipt has it whole; a model on a server has no digest.
        let file = lethe.models().find(&receipt.model.name).await?;
        if file.path().is_ok() {
            match lethe.models().sha256(&file).await {
                Ok(sha256) => receipt.model.sha256 = Some(sha256),
                // The answer is there, and is given.
                Err(error) => say!("The digest of the model is not known: {error}"),
            }
        }
    }
    let Stats { prompt_tokens, completion_tokens, cached_tokens, ttft_ms, tokens_per_s, .. } = answer.stats;
    print_json(&PrintedJson {
        text: answer.text.as_str(),
        thinking: answer.thinking.as_str(),
        redactions: receipt::redactions(&answer.text),
        stop: answer.reason,
        model: &receipt.model.name,
        prompt_tokens,
        completion_tokens,
        cached_tokens,
        ttft_ms,
        tokens_per_s,
        conversation,
        receipt: &receipt,
    })
}

fn read_prompt() -> Result<String> {
    std::io::read_to_string(std::io::stdin())
        .map_err(|_| Error::bad_input("the question on standard input is not UTF-8 text: save it as UTF-8"))
}

/// Which conversation an answer belongs to.
pub enum Which {
    /// None: nothing is stored.
    Once,
    /// This one, or a new one.
    In(Option<ConversationId>),
}

/// Gives one answer and prints it while it grows. Ctrl-C ends the answer, not the program.
///
/// # Errors
/// What the answer fails with.
pub async fn answer(
    lethe: &Lethe,
    which: Which,
    text: &UserText,
    options: &Options,
    show: bool,
) -> Result<(Answer, Option<ConversationId>)> {
    let (sender, mut events) = unbounded_channel();
    let mut printer = Printer::default();
    let progress = tokio::spawn(report_engine(lethe.running().watch()));
    let mut conversation = match which {
        Which::In(id) => id,
        Which::Once => None,
    };
    let answering = async {
        match which {
            Which::Once => lethe.turns().answer_once(text, options, &sender).await,
            Which::In(id) => lethe.turns().send(id, text, options, &sender).await,
        }
    };
    tokio::pin!(answering);
    let outcome = loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => printer.on_event(&event, show, &mut conversation)?,
            outcome = &mut answering => break outcome,
            _ = tokio::signal::ctrl_c() => match conversation {
                Some(conversation) => lethe.turns().stop(conversation),
                None => break Err(Error::bad_input("ended by the user")),
            },
        }
    };
    while let Ok(event) = events.try_recv() {
        printer.on_event(&event, show, &mut conversation)?;
    }
    progress.abort();
    outcome.map(|answer| (answer, conversation))
}

/// What of an answer was printed, and what it is by now.
#[derive(Default)]
struct Printed {
    text: String,
    now: String,
}

impl Printed {
    /// What has to be printed next. Where lists have changed and something else was printed, the answer is printed
    /// anew, since a terminal takes nothing back.
    fn next(&mut self) -> (bool, String) {
        if let Some(more) = self.now.strip_prefix(&self.text) {
            let more = more.to_owned();
            self.text.push_str(&more);
            return (false, more);
        }
        // The end is held back again; it was printed already.
        if self.text.starts_with(&self.now) {
            return (false, String::new());
        }
        self.text.clone_from(&self.now);
        (true, self.now.clone())
    }
}

/// Prints an answer and the thinking before it while they grow.
#[derive(Default)]
struct Printer {
    answer: Printed,
    thinking: Printed,
}

impl Printer {
    fn on_event(&mut self, event: &ChatEvent, show: bool, conversation: &mut Option<ConversationId>) -> Result<()> {
        match event {
            ChatEvent::Started { conversation: started, .. } => *conversation = Some(started.id),
            ChatEvent::Text { thinking, segments, .. } if show => {
                self.thinking.now.push_str(&text_of(thinking));
                self.answer.now.push_str(&text_of(segments));
                self.print()?;
            }
            ChatEvent::Redrawn { thinking, segments } if show => {
                (self.thinking.now, self.answer.now) = (text_of(thinking), text_of(segments));
                self.print()?;
            }
            ChatEvent::Notice { text } => say!("{text}"),
            ChatEvent::Text { .. }
            | ChatEvent::Redrawn { .. }
            | ChatEvent::Reading { .. }
            | ChatEvent::Finished { .. }
            | ChatEvent::Failed { .. } => {}
        }
        Ok(())
    }

    fn print(&mut self) -> Result<()> {
        // What is piped on is the answer.
        let (again, thinking) = self.thinking.next();
        crate::output::to_stderr(&format!("{}{thinking}", if again { "\n" } else { "" }));
        let (again, answer) = self.answer.next();
        if again {
            say!("\nThe lists have changed: here is the answer again without what they name now");
        }
        if answer.is_empty() { Ok(()) } else { print(&format!("{}{answer}", if again { "\n" } else { "" })) }
    }
}

/// Says on standard error what takes long before the first word.
async fn report_engine(mut state: tokio::sync::watch::Receiver<EngineState>) {
    let mut said = String::new();
    while state.changed().await.is_ok() {
        let text = match &*state.borrow_and_update() {
            EngineState::Probing { text } => text.clone(),
            EngineState::Waiting { model } => format!("Waiting for an answer to end before {model} is loaded"),
            EngineState::Loading { model, .. } => format!("Loading {model}"),
            _ => continue,
        };
        if text != said {
            say!("{text}");
            said = text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_is_printed_again_only_where_it_is_wrong() {
        let mut printed = Printed::default();
        for (now, again, next) in [
            ("It was ", false, "It was "),
            ("It was Zephyr", false, "Zephyr"),
            // Held back again, and then given out.
            ("It was ", false, ""),
            ("It was Zephyr", false, ""),
            ("It was Zephyrus, ", false, "us, "),
            ("It was [removed: person], ", true, "It was [removed: person], "),
            ("It was [removed: person], says", false, "says"),
        ] {
            printed.now = now.to_owned();
            assert_eq!(printed.next(), (again, next.to_owned()), "{now}");
        }
    }
}
