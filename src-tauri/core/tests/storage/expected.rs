//! What has to be there: everything that was acknowledged, as far as no list has named it since.

use std::collections::BTreeMap;

use lethe_core::Lethe;
use lethe_core::base::segment::Segment;
use lethe_core::chat::history::{Conversation, ConversationId};

/// Invented names. Lists name the first four; the others must never be missing.
pub const NAMES: [&str; 6] = [
    "Zephyrine Quillfeather",
    "Ottokar Brambletwist",
    "Philippa Gorsethorn",
    "Lysander Mossgrave",
    "Henrike Dunnock",
    "Barnaby Weatherwax",
];
/// Which names each list holds.
pub const LISTS: [&[usize]; 3] = [&[0, 1], &[2], &[1, 3]];
/// What a word that is known again looks like: `w` and this many digits.
const DIGITS: usize = 6;

/// What has to be there.
#[derive(Clone, Default)]
pub struct Expected {
    pub talks: BTreeMap<i64, Talk>,
    /// Lists of the folder, and whether they are in force.
    pub lists: BTreeMap<usize, bool>,
}

/// A conversation.
#[derive(Clone)]
pub struct Talk {
    pub title: String,
    pub deleted: bool,
    /// By their numbers.
    pub said: BTreeMap<i64, Said>,
}

/// A message.
#[derive(Clone)]
pub enum Said {
    /// As the user typed it.
    User(String),
    /// As far as it was acknowledged.
    Answer(String),
}

impl Said {
    fn text(&self) -> &str {
        match self {
            Self::User(text) | Self::Answer(text) => text,
        }
    }
}

/// The words of a text that are known again.
fn words(text: &str) -> Vec<String> {
    let is_word = |word: &&str| word.len() == DIGITS + 1 && word.starts_with('w');
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(is_word).map(str::to_owned).collect()
}

/// A word that is known again.
pub fn word(number: u32) -> String {
    format!("w{number:0DIGITS$}")
}

impl Expected {
    /// The names that are to be in no file.
    pub fn in_force(&self) -> Vec<usize> {
        let lists = self.lists.iter().filter(|(_, on)| **on);
        lists.flat_map(|(list, _)| LISTS[*list]).copied().collect()
    }

    /// A loss of power takes the pieces of an answer that nothing was synced after.
    pub fn loses_pieces(&mut self, solid: &Self) {
        for (id, talk) in &mut self.talks {
            let of_talk = solid.talks.get(id).map(|talk| &talk.said);
            for (message, said) in &mut talk.said {
                if let Said::Answer(text) = said {
                    *text = match of_talk.and_then(|said| said.get(message)) {
                        Some(Said::Answer(text)) => text.clone(),
                        _ => String::new(),
                    };
                }
            }
        }
    }

    /// The words of conversations that were deleted.
    pub fn deleted_words(&self) -> Vec<String> {
        let deleted = self.talks.values().filter(|talk| talk.deleted);
        let texts = deleted.flat_map(|talk| talk.said.values().map(Said::text).chain([&*talk.title]));
        texts.flat_map(words).collect()
    }

    /// The number of the answer in a conversation, to be changed.
    pub fn answer(&mut self, talk: i64, message: i64) -> Option<&mut String> {
        match self.talks.get_mut(&talk)?.said.get_mut(&message)? {
            Said::Answer(text) => Some(text),
            Said::User(_) => None,
        }
    }

    /// What of this is not there. `ever` says which names a list has named at any time: they may be gone.
    pub async fn missing(&self, lethe: &Lethe, ever: &[bool], maybe: &[bool]) -> Result<(), String> {
        self.missing_lists(lethe, maybe).await?;
        for (id, talk) in self.talks.iter().filter(|(_, talk)| !talk.deleted) {
            let found = lethe.history().open(ConversationId(*id)).await;
            let found = found.map_err(|error| format!("conversation {id} ({}): {error}", talk.title))?;
            talk.missing(&found, ever).map_err(|missing| format!("conversation {id}: {missing}"))?;
        }
        Ok(())
    }

    async fn missing_lists(&self, lethe: &Lethe, maybe: &[bool]) -> Result<(), String> {
        let found = lethe.lists().all().await.map_err(|error| format!("lists: {error}"))?;
        for (number, named) in LISTS.iter().enumerate() {
            let found = found.iter().find(|list| list.name == list_name(number));
            let wanted = self.lists.get(&number).copied();
            match (found.map(|list| list.enabled), wanted) {
                (found, wanted) if found == wanted => {}
                (Some(_), None) if maybe[number] => {}
                (found, wanted) => {
                    return Err(format!("list {number} of {named:?} is {found:?} and not {wanted:?}"));
                }
            }
        }
        match lethe.filters().status().problem {
            Some(problem) => Err(format!("a list can't be applied: {problem}")),
            None => Ok(()),
        }
    }
}

/// What a list is called.
pub fn list_name(number: usize) -> String {
    format!("people{number}")
}

impl Talk {
    fn missing(&self, found: &Conversation, ever: &[bool]) -> Result<(), String> {
        holds(&found.title, &self.title, ever).map_err(|missing| format!("title {:?}: {missing}", found.title))?;
        for (id, said) in &self.said {
            let message = found.messages.iter().find(|message| message.id.0 == *id);
            let message = message.ok_or_else(|| format!("message {id} is not there"))?;
            let text: String = message.segments.iter().map(shown).collect();
            match said {
                Said::User(wanted) if text == *wanted => {}
                Said::User(wanted) => return Err(format!("message {id} is {text:?} and not {wanted:?}")),
                Said::Answer(wanted) => {
                    holds(&text, wanted, ever).map_err(|missing| format!("answer {id}, {text:?}: {missing}"))?;
                }
            }
        }
        Ok(())
    }
}

fn shown(segment: &Segment) -> String {
    match segment {
        Segment::Text { text } => text.clone(),
        Segment::Removed { kind, .. } => format!("[removed: {kind}]"),
    }
}

/// Whether a text has all words of another in their order, each once, and all names that no list has ever named.
fn holds(found: &str, wanted: &str, ever: &[bool]) -> Result<(), String> {
    let (there, asked) = (words(found), words(wanted));
    if !there.starts_with(&asked) {
        return Err(format!("it should begin with {wanted:?}"));
    }
    let mut once = there.clone();
    once.sort_unstable();
    once.dedup();
    if once.len() != there.len() {
        return Err("something is there twice".to_owned());
    }
    for (name, _) in NAMES.iter().zip(ever).filter(|(_, ever)| !**ever) {
        if found.matches(name).count() < wanted.matches(name).count() {
            return Err(format!("no list has named {name}, and it is missing; wanted {wanted:?}"));
        }
    }
    Ok(())
}
