//! Lists of what has to be removed.
//!
//! A list is read from entries in clear text or from a compiled [`file`], hashed or not, by us or by
//! others ([`foreign`]). A file of entries is JSON Lines: one entry a line,
//! `{"id": "…", "kind": "…", "text": "…"}`, with `"initials": true` for a person who is to be found as `J. Müller` as well,
//! `"short": true` for one of several first names who is to be found with fewer of them, and
//! `"context": "Bern"` or `"context": ["Bern", "Example Ltd"]` for an entry that is to be removed only
//! where one of these stands within [`CONTEXT_WORDS`] words of it, which spares namesakes. Blank
//! lines and a byte order mark are allowed, further fields are ignored.
//!
//! A list that can't be read whole is refused whole: a file cut in half, an empty file or a line
//! that makes no sense would otherwise filter less than its author believes. Errors name the line
//! and what to do about it and never repeat an entry's text; ids are not secret and are named.

mod alike;
mod clear;
pub(crate) mod compiled;
mod crowd;
pub(crate) mod file;
pub mod foreign;
mod hashed;
mod id;
pub(crate) mod index;
mod mark;
pub(crate) mod matcher;
pub(crate) mod numbers;
pub(crate) mod variants;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::Kind;
use crate::canonical::Canonical;
use crate::list::clear::ClearIndex;
use crate::list::compiled::Compiled;
use crate::list::file::{Body, ListFile};
use crate::word::has_words;

pub use id::{MAX_ID, is_usable_id};

/// The longest text of an entry, in bytes of its canonical form. Longer ones are refused.
pub const MAX_ENTRY: usize = 1024;

/// How many words the last word of an entry and the last word of its context may be apart, in either order.
pub const CONTEXT_WORDS: usize = 20;

/// One thing to remove.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    id: String,
    kind: Kind,
    text: String,
    initials: bool,
    short: bool,
    context: Vec<String>,
}

/// A named list of at least one entry, each with an id of its own. Cheap to clone.
#[derive(Clone)]
pub struct List {
    name: Arc<str>,
    body: Body,
    /// The line of the first entry of a kind that this version does not know.
    unknown_kind: Option<usize>,
    /// Entries in clear are compiled when a filter first needs them.
    compiled: Arc<OnceLock<Compiled>>,
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
    #[error("`kind` is no usable name: write one of {}", Kind::names())]
    Kind(#[from] crate::KindError),
    /// The kind is a name that this version does not know, in a list that is being made.
    #[error("`kind` is not known: write one of {}", Kind::names())]
    UnknownKind,
    /// The id is empty.
    #[error("`id` is empty: give the entry an id, so that it can be named without its text")]
    EmptyId,
    /// The id can't be shown.
    #[error("`id` can't be used: write at most {MAX_ID} characters, all of them visible")]
    Id,
    /// The id was used before in the same list.
    #[error("`id` {id:?} was used before in this list: give each entry its own id")]
    DuplicateId {
        /// The id that two entries have.
        id: String,
    },
    /// The text has no letter, digit or sign that could be found.
    #[error("`text` is empty, or nothing is left of it in canonical form: write what to remove")]
    EmptyText,
    /// A context can't be found, or is too long.
    #[error("`context` is empty or longer than {MAX_ENTRY} bytes: write a place or an employer, or leave it out")]
    Context,
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
        Entry { id: id.into(), kind, text: text.into(), initials: false, short: false, context: Vec::new() }
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

    /// The same entry, of which a person is also found with fewer first names: of `Anna Maria Keller` also `Anna Keller` and
    /// `Anna M. Keller`, but not `Maria Keller`. Others may have the shorter name, so that is only for those who ask for it.
    #[must_use]
    pub fn with_short_form(self) -> Entry {
        Entry { short: true, ..self }
    }

    /// Whether a person is also found with fewer first names.
    pub fn short(&self) -> bool {
        self.short
    }

    /// Whether this is a person of several first names who is found only where all of them stand. Most texts name people
    /// with one: whoever makes a list should be told, and offered [`Entry::with_short_form`].
    ///
    /// ```
    /// # use lethe_filters::{Entry, Kind};
    /// let entry = Entry::new("r-17", Kind::Person, "Anna Maria Keller");
    /// assert!(entry.is_found_in_full_only());
    /// assert!(!entry.with_short_form().is_found_in_full_only());
    /// ```
    pub fn is_found_in_full_only(&self) -> bool {
        self.kind == Kind::Person && !self.short && variants::has_short_form(&self.text)
    }

    /// The same entry, removed only where one of these stands within [`CONTEXT_WORDS`] words of it.
    #[must_use]
    pub fn with_context(self, context: Vec<String>) -> Entry {
        Entry { context, ..self }
    }

    /// What one of has to stand near; if empty, nothing has to.
    pub fn context(&self) -> &[String] {
        &self.context
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

    /// The entry as a line of a file, without the line's end.
    pub(crate) fn to_line(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            id: &'a str,
            kind: &'a Kind,
            text: &'a str,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            initials: bool,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            short: bool,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            context: &'a [String],
        }
        let Entry { id, kind, text, initials, short, context } = self;
        serde_json::to_string(&Line { id, kind, text, initials: *initials, short: *short, context })
            .expect("strings are always JSON")
    }

    fn check(&self) -> Result<(), EntryProblem> {
        if self.id.trim().is_empty() {
            return Err(EntryProblem::EmptyId);
        }
        if !is_usable_id(&self.id) {
            return Err(EntryProblem::Id);
        }
        let canonical = Canonical::of(&self.text);
        if !has_words(&canonical) {
            return Err(EntryProblem::EmptyText);
        }
        if self.context.iter().any(|context| !has_words(&Canonical::of(context)) || context.len() > MAX_ENTRY) {
            return Err(EntryProblem::Context);
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
        let mut unknown_kind = None;
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let line_error = |problem| ListError::Line { list: name.to_owned(), line: index + 1, problem };
            let (entry, is_known) = read_line(line).map_err(line_error)?;
            if !is_known && unknown_kind.is_none() {
                unknown_kind = Some(index + 1);
            }
            entries.push(entry);
            lines.push(index + 1);
        }
        let line_error = |list, position: usize, problem| ListError::Line { list, line: lines[position], problem };
        Ok(List { unknown_kind, ..List::checked(name, entries, line_error)? })
    }

    /// For those who make a list of what was read from a file: whether this version knows the kind of each entry. For
    /// those who use one an unknown kind is [`Kind::Other`] and nothing wrong.
    ///
    /// # Errors
    /// Names the line of the first one that it does not know.
    pub fn check_kinds(&self) -> Result<(), ListError> {
        let problem = EntryProblem::UnknownKind;
        self.unknown_kind.map_or(Ok(()), |line| Err(ListError::Line { list: self.name.to_string(), line, problem }))
    }

    /// A list of entries that do not come from a file.
    pub fn from_entries(name: &str, entries: Vec<Entry>) -> Result<List, ListError> {
        List::checked(name, entries, |list, position, problem| ListError::Entry { list, number: position + 1, problem })
    }

    /// The name, as redactions give it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A compiled list that was read from a file.
    pub fn from_file(name: &str, file: &ListFile) -> List {
        List { name: name.into(), body: file.body().clone(), unknown_kind: None, compiled: Arc::default() }
    }

    /// How many entries there are: at least one.
    pub fn len(&self) -> usize {
        match &self.body {
            Body::Clear(entries) => entries.len(),
            Body::Hashed(index) => index.entry_count(),
            Body::Foreign(index) => index.entry_count(),
        }
    }

    /// Whether its entries are hashed.
    pub fn is_hashed(&self) -> bool {
        matches!(self.body, Body::Hashed(_) | Body::Foreign(_))
    }

    /// Always false: a list without entries can't be made.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The entries, in the order of the file; none of a list that is hashed.
    pub fn entries(&self) -> &[Entry] {
        match &self.body {
            Body::Clear(entries) => entries,
            Body::Hashed(_) | Body::Foreign(_) => &[],
        }
    }

    /// The entries that are found in full only, see [`Entry::is_found_in_full_only`]; none of a list that is hashed.
    pub fn found_in_full_only(&self) -> impl Iterator<Item = &Entry> {
        self.entries().iter().filter(|entry| entry.is_found_in_full_only())
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| match &self.body {
            Body::Clear(entries) => Compiled::Clear(Arc::new(ClearIndex::new(entries))),
            Body::Hashed(index) => Compiled::Hashed(index.clone()),
            Body::Foreign(index) => Compiled::Foreign(index.clone()),
        })
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
            // An id that can't be shown is in no error.
            let mut unique = || match seen.insert(entry.id.as_str(), position) {
                Some(_) => Err(EntryProblem::DuplicateId { id: entry.id.clone() }),
                None => Ok(()),
            };
            entry.check().and_then(|()| unique()).map_err(|problem| error(name.to_owned(), position, problem))?;
        }
        Ok(List { name: name.into(), body: Body::Clear(entries.into()), unknown_kind: None, compiled: Arc::default() })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Context {
    None(()),
    One(String),
    Any(Vec<String>),
}

impl Default for Context {
    fn default() -> Context {
        Context::None(())
    }
}

/// An entry, and whether its kind is known.
fn read_line(line: &str) -> Result<(Entry, bool), EntryProblem> {
    #[derive(Deserialize)]
    struct Line {
        id: String,
        kind: String,
        text: String,
        #[serde(default)]
        initials: bool,
        #[serde(default)]
        short: bool,
        #[serde(default)]
        context: Context,
    }
    // The parser's own message may quote the line, so it is dropped.
    let line: Line = serde_json::from_str(line).map_err(|_| EntryProblem::NotAnEntry)?;
    let context = match line.context {
        Context::None(()) => Vec::new(),
        Context::One(context) => vec![context],
        Context::Any(context) => context,
    };
    let (kind, is_known) = (line.kind.parse()?, Kind::named(&line.kind).is_some());
    let Line { id, text, initials, short, .. } = line;
    Ok((Entry { id, kind, text, initials, short, context }, is_known))
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
        formatter.debug_struct("List").field("name", &self.name).field("entries", &self.len()).finish()
    }
}
