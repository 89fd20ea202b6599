//! `history`: stored conversations.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use lethe_core::base::user_file::{Existing, check_out, write_out};
use lethe_core::base::visible::visible_line;
use lethe_core::chat::history::{Conversation, ConversationId};
use lethe_core::{Lethe, Result, chat::export};

use crate::output::{date, is_standard, print, print_json};

/// Stored conversations.
#[derive(Subcommand)]
pub enum History {
    /// List them, the newest first
    Ls,
    /// Show one
    Show {
        /// Its number
        id: i64,
    },
    /// Find messages that hold all words
    Search {
        /// The words; the last one may be unfinished
        query: String,
    },
    /// Say what was removed, by which lists, and when they were in force; holds no removed text
    Report {
        /// Write a JSON file and a page into this folder instead of JSON to standard output
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Write conversations as Markdown or JSON
    Export {
        /// Their numbers; none means all
        ids: Vec<i64>,
        /// The form
        #[arg(long, value_enum, default_value = "md")]
        format: Format,
        /// A file instead of standard output
        #[arg(long, value_name = "F")]
        out: Option<PathBuf>,
        /// Replace what is there already
        #[arg(long)]
        force: bool,
    },
}

/// Forms of an export.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// To read
    Md,
    /// To process
    Json,
}

/// Runs `history`.
///
/// # Errors
/// `NotFound`, `Store`.
pub async fn run(lethe: &Lethe, history: &History, json: bool) -> Result<()> {
    match history {
        History::Ls => {
            let conversations = lethe.history().list().await?;
            if json {
                return print_json(&conversations);
            }
            for conversation in conversations {
                print(&format!(
                    "{}\t{}\t{}\n",
                    conversation.id.0,
                    date(conversation.updated_at),
                    visible_line(&conversation.title)
                ))?;
            }
            Ok(())
        }
        History::Show { id } => {
            let conversation = lethe.history().open(ConversationId(*id)).await?;
            if json { print_json(&conversation) } else { print(&export::markdown(&conversation)) }
        }
        History::Search { query } => {
            let hits = lethe.history().search(query).await?;
            if json {
                return print_json(&hits);
            }
            for hit in hits {
                let snippet: String = hit.snippet.iter().map(|part| part.text.replace(['\r', '\n'], " ")).collect();
                print(&format!("{}\t{}\t{snippet}\n", hit.conversation.0, visible_line(&hit.title)))?;
            }
            Ok(())
        }
        History::Report { out } => {
            let report = lethe.report().await?;
            match out {
                None => print(&(export::json(&report)? + "\n")),
                Some(folder) => print(&format!("{}\n", report.write(folder)?.display())),
            }
        }
        History::Export { ids, format, out, force } => {
            let existing = if *force { Existing::Replace } else { Existing::Keep };
            let out = out.as_deref().filter(|out| !is_standard(out));
            if let Some(out) = out {
                check_out(out, &[], existing)?;
            }
            let text = exported(lethe, ids, if json { Format::Json } else { *format }).await?;
            match out {
                None => print(&text),
                Some(out) => write_out(out, text.as_bytes(), &[], existing),
            }
        }
    }
}

async fn exported(lethe: &Lethe, ids: &[i64], format: Format) -> Result<String> {
    let mut conversations: Vec<Conversation> = Vec::new();
    if ids.is_empty() {
        for summary in lethe.history().list().await? {
            conversations.push(lethe.history().open(summary.id).await?);
        }
    }
    for id in ids {
        conversations.push(lethe.history().open(ConversationId(*id)).await?);
    }
    match format {
        Format::Md => Ok(conversations.iter().map(export::markdown).collect::<Vec<_>>().join("\n---\n\n")),
        Format::Json => export::json(&conversations).map(|json| json + "\n"),
    }
}
