//! What the files of statements share: sources, who refers to them, and how a mistake in a file is named.
//!
//! Both files are part of the program, and the tests read them: no user ever sees these sentences.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Known, Origin, Repository};

/// Why a file of statements is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error("the file is no valid TOML of its kind: {0}")]
    Toml(#[from] toml::de::Error),
    #[error("{0}: correct it in the file")]
    Wrong(String),
}

/// A mistake, in words.
pub(crate) fn wrong(what: &str) -> DataError {
    DataError::Wrong(what.to_owned())
}

/// A text of one tidy line.
pub(crate) fn text(text: String) -> Result<String, DataError> {
    if text.is_empty() || text.trim() != text || text.contains('\n') {
        Err(wrong("a text is empty or untidy"))
    } else {
        Ok(text)
    }
}

/// A repository, as the Hub writes it.
pub(crate) fn repository(text: &str) -> Result<Repository, DataError> {
    let part = |part: &str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._".contains(letter))
    };
    match text.split_once('/') {
        Some((owner, name)) if part(owner) && part(name) => Ok(Repository(text.to_owned())),
        _ => Err(wrong(&format!("{text} is no repository"))),
    }
}

/// The sources of a file, and which of them are referred to.
pub(crate) struct Sources {
    known: BTreeMap<String, RawSource>,
    used: BTreeSet<String>,
}

impl Sources {
    pub(crate) fn new(known: BTreeMap<String, RawSource>) -> Self {
        Self { known, used: BTreeSet::new() }
    }

    /// The source that a statement names, and how the statement is known.
    pub(crate) fn of(&mut self, from: &RawOrigin) -> Result<Origin, DataError> {
        let known = if from.checked { Known::FirstHand } else { Known::SecondHand };
        Ok(Origin { known, ..self.first_hand(&from.source)? })
    }

    /// The source of that name, for what was read there.
    pub(crate) fn first_hand(&mut self, id: &str) -> Result<Origin, DataError> {
        let source = self.known.get(id).ok_or_else(|| wrong(&format!("no source is called {id}")))?;
        self.used.insert(id.to_owned());
        if !source.address.starts_with("https://") {
            return Err(wrong(&format!("the source {id} has no address")));
        }
        Ok(Origin { title: source.title.clone(), address: source.address.clone(), known: Known::FirstHand })
    }

    /// Refuses a file with a source that nothing refers to.
    pub(crate) fn all_used(&self) -> Result<(), DataError> {
        match self.known.keys().find(|id| !self.used.contains(*id)) {
            Some(unused) => Err(wrong(&format!("the source {unused} is used nowhere"))),
            None => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSource {
    title: String,
    address: String,
}

// With `flatten`, serde can't refuse unknown fields as well: tests compare the names in the files with those here.
#[derive(Deserialize)]
pub(crate) struct RawOrigin {
    source: String,
    #[serde(default = "first_hand")]
    checked: bool,
}

const fn first_hand() -> bool {
    true
}
