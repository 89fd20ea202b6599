//! How an answer came about: enough to repeat it and to show what was removed, without a word of it.

use crate::models::remote::RemoteFacts;

use lethe_filters::FilteredText;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::lists::facts::ListFacts;
use crate::lists::filter::State;

/// The receipt of one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Receipt {
    /// Version of Lethe.
    pub lethe: String,
    pub model: ModelFacts,
    /// The server that ran it; missing where it ran on this machine and in receipts of older versions.
    #[serde(default)]
    pub remote: Option<RemoteFacts>,
    pub engine: EngineFacts,
    pub prompt: PromptFacts,
    /// How tokens were chosen.
    pub sampling: SamplingFacts,
    /// What the text passed through.
    pub filter: FilterFacts,
    /// What was removed, and where.
    pub redactions: Vec<RedactionFacts>,
    /// What was removed from what the model thought before it answered.
    #[serde(default)]
    pub thinking: Vec<RedactionFacts>,
    /// What sweeps took out of it since.
    #[serde(default)]
    pub swept: Vec<SweptFacts>,
}

impl Receipt {
    /// Says what the answer passed through at its end: lists may have changed since it was begun.
    pub(crate) fn filtered_by(&mut self, state: &State, text: &FilteredText, thinking: &FilteredText) {
        for facts in state.facts() {
            if !self.filter.lists.contains(&facts) {
                self.filter.lists.push(facts);
            }
        }
        for name in state.filter.detectors().names() {
            if !self.filter.detectors.iter().any(|known| known == name) {
                self.filter.detectors.push(name.to_owned());
            }
        }
        self.redactions = redactions(text);
        self.thinking = redactions(thinking);
    }
}

/// What a sweep took out of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, sqlx::FromRow)]
pub struct SweptFacts {
    /// When, milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// How many pieces.
    pub removed: u32,
}

/// A model file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelFacts {
    pub name: String,
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its SHA-256; missing while it is not computed.
    pub sha256: Option<String>,
}

/// The engine and its kernels; of a server only the context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EngineFacts {
    /// Versions of engine and llama.cpp.
    pub build: String,
    /// Kernel variant.
    pub kernels: String,
    /// Threads that generated.
    pub threads: u32,
    /// Threads that read the prompt.
    pub prompt_threads: u32,
    /// Context size in tokens.
    pub context: u32,
}

/// A prompt, by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PromptFacts {
    /// SHA-256 of the chat template; missing where the model has none.
    pub template_sha256: Option<String>,
    /// Whose template it was, in a sentence; missing in receipts of older versions.
    #[serde(default)]
    pub template: Option<String>,
    /// Whose tokeniser it was, in a sentence; missing in receipts of older versions.
    #[serde(default)]
    pub tokenizer: Option<String>,
    /// Number of tokens; about, where a server does not count them.
    pub tokens: u32,
    /// SHA-256 of the tokens, each as 32 bits, little endian. Of a prompt for a server: of its messages, each as its
    /// role, a zero byte, its text and a zero byte.
    pub tokens_sha256: String,
}

/// The sampler chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SamplingFacts {
    /// 0 took the likeliest token always.
    pub temperature: f32,
    /// 1 was off.
    pub top_p: f32,
    /// 0 was off.
    pub top_k: u32,
    /// 0 was off.
    pub min_p: f32,
    /// 1 was off.
    pub repeat_penalty: f32,
    /// Of the random choice.
    pub seed: u32,
}

/// The filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FilterFacts {
    /// Name of the canonical form.
    pub canonical_form: String,
    /// Lists in force.
    pub lists: Vec<ListFacts>,
    /// Detectors in force.
    pub detectors: Vec<String>,
}

/// One removal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, sqlx::FromRow)]
pub struct RedactionFacts {
    /// What kind of data.
    pub kind: String,
    /// The list, or none for a detector.
    pub list: Option<String>,
    pub entry: Option<String>,
    /// Place of the marker in the answer, bytes.
    pub start: u32,
    pub end: u32,
}

/// The removals of a text.
pub fn redactions(text: &FilteredText) -> Vec<RedactionFacts> {
    let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    let facts = |redaction: &lethe_filters::Redaction| {
        let (list, entry) = match &redaction.source {
            lethe_filters::RedactionSource::Detector => (None, None),
            lethe_filters::RedactionSource::List { list, entry } => (Some(list.to_string()), Some(entry.to_string())),
        };
        RedactionFacts {
            kind: redaction.kind.to_string(),
            list,
            entry,
            start: place(redaction.place.start),
            end: place(redaction.place.end),
        }
    };
    text.redactions().iter().map(facts).collect()
}
