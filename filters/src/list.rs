//! Lists of what has to be removed, in clear text.
//!
//! A file of a list is JSON Lines: `{"id": "…", "kind": "…", "text": "…"}`, one entry a line, with
//! `"initials": true` for a person who is to be found as `J. Müller` as well. Blank
//! lines and a byte order mark are allowed, further fields are ignored. In particular `context` is
//! ignored by this version: an entry that asks for context is removed everywhere, which removes
//! more than asked and never less.
//!
//! A list that can't be read whole is refused whole: a file cut in half, an empty file or a line
//! that makes no sense would otherwise filter less than its author believes. Errors name the line
//! and what to do about it and never repeat an entry's text; ids are not secret and are named.

pub(crate) mod index;
pub(crate) mod matcher;
pub(crate) mod numbers;
pub(crate) mod variants;

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;

use crate::Kind;
use crate::word::has_words;

/// The longest text of an entry, in bytes of its canonical form. Longer ones are refused.
pub const MAX_ENTRY: usize = 1024;

/// One thing to remove.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    id: String,
    kind: Kind,
    text: String,
    initials: bool,
}

/// A named list of at least one entry, each with an id of its own and text that can be found.
#[derive(Clone, PartialEq, Eq)]
pub struct List {
    name: String,
    entries: Vec<Entry>,
}

/// Why a list was refused. Holds no text of an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// There is no entry. An empty list would filter nothing and look as if it did.
    #[error("list {list:?} is empty: add at least one entry, or remove the list")]
    Empty {
        /// The list's name.
        list: String,
    },
    /// A line of a file can't be read.
    #[error("list {list:?}, line {line}: {problem}")]
    Line {
        /// The list's name.
        list: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: EntryProblem,
    },
    /// An entry that was not read from a file can't be used.
    #[error("list {list:?}, entry {number}: {problem}")]
    Entry {
        /// The list's name.
        list: String,
        /// The entry, counted from 1.
        number: usize,
        /// What is wrong with it.
        problem: EntryProblem,
    },
    /// Two lists of one filter have the same name, so a redaction would not say which one it means.
    #[error("two lists are named {list:?}: give each list its own name")]
    DuplicateList {
        /// The name that both have.
        list: String,
    },
}

/// What is wrong with one entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryProblem {
    /// Not an object with the three fields as strings.
    #[error(r#"not an entry: write {{"id": "…", "kind": "…", "text": "…"}} on one line"#)]
    NotAnEntry,
    /// The kind is no usable name.
    #[error("`kind` is no usable name: {0}")]
    Kind(#[from] crate::KindError),
    /// The id is empty.
    #[error("`id` is empty: give the entry an id, so that it can be named without its text")]
    EmptyId,
    /// The id was used before in the same list.
    #[error("`id` {id:?} was used before in this list: give each entry its own id")]
    DuplicateId {
        /// The id that two entries have.
        id: String,
    },
    /// The text has no letter, digit or sign that could be found.
    #[error("`text` is empty, or nothing is left of it in canonical form: write what to remove")]
    EmptyText,
    /// The text is too long to be held back while streaming.
    #[error("`text` is {length} bytes long in canonical form and the limit is {MAX_ENTRY}: split it")]
    TooLong {
        /// The length of its canonical form in bytes.
        length: usize,
    },
}

impl Entry {
    /// An entry. What is wrong with it is found when it becomes part of a [`List`].
    pub fn new(id: impl Into<String>, kind: Kind, text: impl Into<String>) -> Entry {
        Entry { id: id.into(), kind, text: text.into(), initials: false }
    }

    /// The same entry, of which a person's first names are also found as initials. Others may have
    /// the same ones, so that is only for those who ask for it.
    #[must_use]
    pub fn with_initials(self) -> Entry {
        Entry { initials: true, ..self }
    }

    /// Whether a person's first names are also found as initials.
    pub fn initials(&self) -> bool {
        self.initials
    }

    /// The id, which names the entry in redactions and receipts.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What sort of data it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What to remove, as the list's author wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn check(&self) -> Result<(), EntryProblem> {
        if self.id.trim().is_empty() {
            return Err(EntryProblem::EmptyId);
        }
        let canonical = crate::canonical::Canonical::of(&self.text);
        if !has_words(&canonical) {
            return Err(EntryProblem::EmptyText);
        }
        match canonical.as_str().len() {
            length if length > MAX_ENTRY => Err(EntryProblem::TooLong { length }),
            _ => Ok(()),
        }
    }
}

impl List {
    /// Reads a file of JSON Lines. `name` says in redactions and errors which list it was.
    pub fn from_jsonl(name: &str, text: &str) -> Result<List, ListError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut entries = Vec::new();
        let mut lines = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let entry = read_line(line).map_err(|problem| ListError::Line {
                list: name.to_owned(),
                line: index + 1,
                problem,
            })?;
            entries.push(entry);
            lines.push(index + 1);
        }
        List::checked(name, entries, |list, position, problem| ListError::Line { list, line: lines[position], problem })
    }

    /// A list of entries that do not come from a file.
    pub fn from_entries(name: &str, entries: Vec<Entry>) -> Result<List, ListError> {
        List::checked(name, entries, |list, position, problem| ListError::Entry { list, number: position + 1, problem })
    }

    /// The name, as redactions give it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many entries there are: at least one.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Always false: a list without entries can't be made.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn checked(
        name: &str,
        entries: Vec<Entry>,
        error: impl Fn(String, usize, EntryProblem) -> ListError,
    ) -> Result<List, ListError> {
        if entries.is_empty() {
            return Err(ListError::Empty { list: name.to_owned() });
        }
        let mut seen = HashMap::with_capacity(entries.len());
        for (position, entry) in entries.iter().enumerate() {
            let unique = match seen.insert(entry.id.as_str(), position) {
                Some(_) => Err(EntryProblem::DuplicateId { id: entry.id.clone() }),
                None => Ok(()),
            };
            unique.and_then(|()| entry.check()).map_err(|problem| error(name.to_owned(), position, problem))?;
        }
        Ok(List { name: name.to_owned(), entries })
    }
}

fn read_line(line: &str) -> Result<Entry, EntryProblem> {
    #[derive(Deserialize)]
    struct Line {
        id: String,
        kind: String,
        text: String,
        #[serde(default)]
        initials: bool,
    }
    // The parser's own message may quote the line, so it is dropped.
    let line: Line = serde_json::from_str(line).map_err(|_| EntryProblem::NotAnEntry)?;
    Ok(Entry { id: line.id, kind: line.kind.parse()?, text: line.text, initials: line.initials })
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("bytes", &self.text.len())
            .finish()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("List").field("name", &self.name).field("entries", &self.entries.len()).finish()
    }
}
