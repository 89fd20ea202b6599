//! Conversations as files for people: Markdown to read, JSON to process. Everything in them passed the filter.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::error::{Code, Error, Result};
use crate::base::segment::Segment;
use crate::chat::history::{Conversation, MessageState, Role};

/// A conversation as Markdown: its title, then what each said, with `[removed: kind]` where something was removed.
pub fn markdown(conversation: &Conversation) -> String {
    let mut text = format!("# {}\n", conversation.title);
    for message in &conversation.messages {
        let who = match message.role {
            Role::User => "You".to_owned(),
            Role::Assistant if message.summary => "Summary of what was said so far".to_owned(),
            Role::Assistant => message.model.clone().unwrap_or_else(|| "Answer".to_owned()),
        };
        let _ = write!(text, "\n## {who}\n\n{}\n", source(&message.segments));
        if message.state == MessageState::Interrupted {
            text.push_str("\n*(interrupted)*\n");
        }
    }
    text
}

/// The Markdown source of a message.
pub fn source(segments: &[Segment]) -> String {
    let shown = |segment: &Segment| match segment {
        Segment::Text { text } => text.clone(),
        Segment::Removed { kind, .. } => format!("[removed: {kind}]"),
    };
    segments.iter().map(shown).collect()
}

/// A conversation as JSON, with all that is known of each message.
///
/// # Errors
/// Never in practice; `Internal` otherwise.
pub fn json(conversation: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(conversation)
        .map_err(|_| Error::new(Code::Internal, "the conversation can't be written as JSON"))
}

/// Writes a conversation as Markdown into the user's folder for downloads, under a name that is free.
///
/// # Errors
/// `Store` when the folder can't be written.
pub fn to_downloads(conversation: &Conversation) -> Result<PathBuf> {
    to_folder(conversation, &downloads()?)
}

/// The user's folder for downloads.
///
/// # Errors
/// `Store` when the system names none.
pub fn downloads() -> Result<PathBuf> {
    let folder = dirs::download_dir().or_else(dirs::document_dir).or_else(dirs::home_dir);
    folder.ok_or_else(|| {
        Error::new(Code::Store, "this system names no folder for downloads: use lethe-cli history export or report")
    })
}

fn to_folder(conversation: &Conversation, folder: &Path) -> Result<PathBuf> {
    let plain: String =
        conversation.title.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    let mut stem = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    stem.truncate(stem.char_indices().nth(60).map_or(stem.len(), |(at, _)| at));
    let stem = if stem.is_empty() { "conversation".to_owned() } else { stem };
    write_new(folder, &stem, "md", &markdown(conversation))
}

/// Writes a file under a name that is free: with a number behind it if need be.
///
/// # Errors
/// `Store` when the folder can't be written.
pub(crate) fn write_new(folder: &Path, stem: &str, end: &str, text: &str) -> Result<PathBuf> {
    let failed = |error: std::io::Error| {
        Error::new(
            Code::Store,
            format!("the folder {} can't be written ({}): check its rights", folder.display(), error.kind()),
        )
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for number in 1.. {
        let name = if number == 1 { format!("{stem}.{end}") } else { format!("{stem} {number}.{end}") };
        let path = folder.join(name);
        match std::fs::File::create_new(&path) {
            Ok(mut file) => {
                std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    unreachable!("numbers do not end")
}
