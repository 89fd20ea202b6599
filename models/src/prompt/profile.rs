//! What is known of Apertus besides its file: the two profiles, and which tokens end an answer or hold thinking.
//!
//! The file's own template wins. A profile is for an Apertus file without one, and says the same as far as it is
//! known. Both families have the same control tokens at the same numbers; the 8B of September 2025 calls them
//! `<|system_start|>` and so on, v1.1 `<SPECIAL_61>` and so on, and by these names a profile is chosen.

use crate::wire::{ControlToken, Token};

/// llama.cpp's name of the architecture.
const ARCHITECTURE: &str = "apertus";

/// Our own template of an Apertus family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Apertus-8B-Instruct-2509 and its sisters: checked against the official template, byte for byte.
    Apertus8B,
    /// Apertus v1.1. Second-hand: no official file was at hand; check it against the template in one.
    ApertusV11,
}

impl Profile {
    /// Its Jinja source.
    pub fn source(self) -> &'static str {
        match self {
            Self::Apertus8B => concat!(include_str!("apertus-8b.jinja"), include_str!("apertus.jinja")),
            Self::ApertusV11 => concat!(include_str!("apertus-v1.1.jinja"), include_str!("apertus.jinja")),
        }
    }

    /// The one whose names the control tokens have, for an Apertus model.
    pub(super) fn of(architecture: &str, control: &[ControlToken]) -> Option<Self> {
        if architecture != ARCHITECTURE {
            return None;
        }
        match (named(control, "<|assistant_start|>"), named(control, "<SPECIAL_67>")) {
            (Some(_), _) => Some(Self::Apertus8B),
            (None, Some(_)) => Some(Self::ApertusV11),
            (None, None) => None,
        }
    }
}

/// Where a prompt's template comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateSource {
    File,
    /// Ours, because the file has none.
    Profile(Profile),
    /// The plain form, because nothing is known of the model.
    Plain,
}

/// The two tokens between which a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inner {
    /// Opens it.
    pub begin: Token,
    /// Closes it.
    pub end: Token,
}

/// Names of the tokens around thinking, by family.
const INNER: [(&str, &str); 3] =
    [("<|inner_prefix|>", "<|inner_suffix|>"), ("<SPECIAL_69>", "<SPECIAL_70>"), ("<think>", "</think>")];

/// Tokens that end an answer of Apertus and that llama.cpp does not know as such: 68 and 72 under both names, and 2.
/// With 72 the model hands a call over to whoever runs tools; what it wrote behind it would be made up.
const ENDS: [&str; 5] = ["<|assistant_end|>", "<SPECIAL_68>", "</s>", "<|tools_suffix|>", "<SPECIAL_72>"];

/// What ends an answer beside the model's own end tokens.
pub(super) fn ends(architecture: &str, control: &[ControlToken]) -> Vec<Token> {
    let names = if architecture == ARCHITECTURE { &ENDS[..] } else { &[] };
    names.iter().filter_map(|name| named(control, name)).collect()
}

/// The tokens around thinking. `<SPECIAL_69>` means that in Apertus only.
pub(super) fn inner(architecture: &str, control: &[ControlToken]) -> Option<Inner> {
    let known = INNER.iter().filter(|(begin, _)| architecture == ARCHITECTURE || !begin.starts_with("<SPECIAL_"));
    let mut pairs = known.filter_map(|(begin, end)| Some((named(control, begin)?, named(control, end)?)));
    pairs.next().map(|(begin, end)| Inner { begin, end })
}

fn named(control: &[ControlToken], text: &str) -> Option<Token> {
    control.iter().find(|control| control.text == text).map(|control| control.token)
}
