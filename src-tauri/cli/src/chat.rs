//! `chat`: a conversation in the terminal, or one answer for each line of a pipe.

use std::io::{BufRead, IsTerminal};

use clap::Args;
use lethe_core::chat::history::{ConversationId, UserText};
use lethe_core::chat::turn::Options;
use lethe_core::{Code, Error, Lethe, Result};
use lethe_models::prompt::Deliberation;
use tokio::sync::mpsc;

use crate::ask::{AnswerArgs, Which, answer};
use crate::output::{print, print_json};

/// A conversation.
#[derive(Args)]
pub struct Chat {
    #[command(flatten)]
    answer: AnswerArgs,
    /// Go on with this conversation
    #[arg(long, value_name = "ID")]
    conversation: Option<i64>,
}

const HELP: &str = "Type a message and press Enter. /new begins another conversation, /quit or Ctrl-D ends.\n\
    /think lets the model think before it answers, if it can, or no longer. /summary has it summarise a long\n\
    conversation, which then goes on from the summary. While an answer is written, Ctrl-C stops it.";

/// Runs `chat`.
///
/// # Errors
/// In a terminal an answer that fails is reported and the conversation goes on; in a pipe it ends the program.
pub async fn run(lethe: &Lethe, chat: &Chat, json: bool) -> Result<()> {
    let mut options = chat.answer.options(lethe)?;
    let terminal = std::io::stdin().is_terminal();
    if terminal {
        say!("{HELP}");
    }
    let mut conversation = chat.conversation.map(ConversationId);
    let mut lines = lines();
    loop {
        if terminal {
            crate::output::to_stderr("\n> ");
        }
        let line = tokio::select! {
            line = lines.recv() => line,
            _ = tokio::signal::ctrl_c() => None,
        };
        let Some(line) = line else { break };
        let line = line?;
        match line.trim() {
            "" => continue,
            "/quit" | "/exit" if terminal => break,
            "/help" if terminal => {
                say!("{HELP}");
                continue;
            }
            "/new" if terminal => {
                conversation = None;
                continue;
            }
            "/think" if terminal => {
                let on = options.deliberation != Some(Deliberation::On);
                options.deliberation = Some(on.into());
                say!("{}", if on { "The model thinks first." } else { "The model answers at once." });
                continue;
            }
            "/summary" if terminal => {
                match conversation {
                    Some(id) => summarise(lethe, id, &options).await,
                    None => say!("There is nothing to summarise yet."),
                }
                continue;
            }
            _ => {}
        }
        let text = UserText::parse(&line)?;
        match answer(lethe, Which::In(conversation), &text, &options, !json).await {
            Ok((answer, id)) => {
                conversation = id;
                if json {
                    print_json(&answer.text)?;
                } else {
                    print("\n")?;
                }
            }
            Err(error) if terminal && error.code != Code::NoModel => say!("\n{error}"),
            Err(error) => return Err(error),
        }
    }
    if terminal {
        say!();
    }
    Ok(())
}

/// Has the conversation summarised and prints the summary; a failure is reported, and the conversation goes on.
async fn summarise(lethe: &Lethe, conversation: ConversationId, options: &Options) {
    let (events, _) = mpsc::unbounded_channel();
    match lethe.turns().summarise(conversation, options, &events).await {
        Ok(answer) => say!("Summary: {}", answer.text.as_str()),
        Err(error) => say!("{error}"),
    }
}

/// Lines of standard input, read by a thread so that Ctrl-C is heard meanwhile.
fn lines() -> mpsc::UnboundedReceiver<Result<String>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut bytes = Vec::new();
            let line = match input.read_until(b'\n', &mut bytes) {
                Ok(0) => return,
                Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                Err(error) => Err(Error::bad_input(format!(
                    "standard input can't be read ({}): check where it comes from",
                    error.kind()
                ))),
            };
            let failed = line.is_err();
            if sender.send(line).is_err() || failed {
                return;
            }
        }
    });
    receiver
}
