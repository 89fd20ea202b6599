//! How far a conversion is, and what a person should know when it is done.
//!
//! Notes are facts, not errors: the file is written and whole. Each prints as one sentence.

use crate::writer::WeightType;
use std::collections::BTreeMap;
use std::fmt;

/// How far a conversion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes written.
    pub done: u64,
    /// Bytes to write; a good estimate until the first are written.
    pub total: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Number of tensors of each type.
    pub tensors: BTreeMap<WeightType, usize>,
    /// What a person should know about the file.
    pub notes: Vec<Note>,
}

/// Something about a conversion that a person should know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Weights that the type can't hold exactly were rounded.
    Rounded {
        weights: u64,
        /// Largest error, as a part of the weight.
        largest: f32,
    },
    /// config.json calls the embedding tied, and the repository has the same matrix a second time.
    OutputEqualsEmbedding,
    /// config.json calls the embedding tied, and the repository has another output matrix; that one was written.
    OutputDiffers,
    /// Scales for quantised activations were left out.
    ActivationScales(usize),
    /// Tensors that no smaller type holds exactly were written as F32.
    Widened(usize),
    /// Tokens that should be control tokens are not marked as such in tokenizer.json.
    NotSpecial(Vec<u32>),
    /// The vocabulary has numbers without a token.
    Placeholders(u32),
    /// Text is cut into words in another way than llama.cpp will do it.
    OtherWords,
    /// The repository has no chat template.
    NoTemplate,
    /// Nothing says under which licence the model is.
    NoLicense,
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rounded { weights, largest } => {
                write!(formatter, "{weights} weights were rounded, by at most {:.3} %", largest * 100.0)
            }
            Self::OutputEqualsEmbedding => formatter.write_str("the output matrix equals the embedding, as it should"),
            Self::OutputDiffers => formatter.write_str(
                "config.json says that the output matrix is the embedding, but the repository has another one: that one \
                 was written",
            ),
            Self::ActivationScales(count) => {
                write!(formatter, "{count} scales for activations were left out: they are computed in full precision")
            }
            Self::Widened(count) => {
                write!(formatter, "{count} tensors were written as F32, because no smaller type holds them exactly")
            }
            Self::NotSpecial(ids) => {
                let ids: Vec<_> = ids.iter().map(u32::to_string).collect();
                write!(formatter, "these tokens are not marked as control tokens: {}", ids.join(", "))
            }
            Self::Placeholders(count) => write!(formatter, "{count} numbers have no token and got a placeholder"),
            Self::OtherWords => formatter
                .write_str("the tokenizer cuts words in another way than llama.cpp will: other programs may misread text"),
            Self::NoTemplate => formatter.write_str("the repository has no chat template: the model may be a base model"),
            Self::NoLicense => formatter.write_str("the repository does not say its licence"),
        }
    }
}
