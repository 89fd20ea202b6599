//! How the reference tokenisers cut text into words before they look for tokens, by the kind that a GGUF file names.
//!
//! Each is what the `tokenizer.json` of the kind's first model says, not what llama.cpp makes of it: llama.cpp cuts
//! scripts with combining marks elsewhere. A kind that is not listed here is not guessed.

use tokenizers::normalizers::replace::{Replace, ReplacePattern};
use tokenizers::normalizers::{NFC, NormalizerWrapper, Prepend, Sequence as Normalizers};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;

use super::vocabulary::{LeadingSpace, SPACE, Script, Vocabulary};

/// `config.pattern` of mistral-common's `tekken_240718.json`.
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Of Meta's Llama 3.
const LLAMA_3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Of Qwen 2: Llama 3's with single digits.
const QWEN_2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// A kind of pre-tokeniser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreTokenizer {
    /// Mistral's, and that of Apertus.
    Tekken,
    /// SmolLM: single digits, then GPT-2.
    Smollm,
    /// StarCoder: as SmolLM.
    Starcoder,
    /// Refact: as SmolLM.
    Refact,
    /// Llama 3.
    LlamaBpe,
    /// Qwen 2, 2.5 and 3, which also compose characters (NFC).
    Qwen2,
    /// GPT-2.
    Gpt2,
    /// SentencePiece without a leading space, such as Gemma 1 to 3.
    Gemma,
    /// Gemma 4: as Gemma, with merges.
    Gemma4,
    /// SentencePiece with a leading space, such as Llama 2.
    Llama,
}

/// Whether a word that is a token needs no merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WholeWords {
    Taken,
    Merged,
}

impl PreTokenizer {
    /// The kind of a vocabulary; `None` if it is not known here.
    pub fn of(vocabulary: &Vocabulary) -> Option<Self> {
        match vocabulary.script {
            Script::MergedSentencePiece => Some(Self::Gemma4),
            Script::SentencePiece if vocabulary.leading_space == LeadingSpace::AsTyped => Some(Self::Gemma),
            Script::SentencePiece => Some(Self::Llama),
            Script::ByteLevel => Self::byte_level(&vocabulary.pre),
        }
    }

    fn byte_level(name: &str) -> Option<Self> {
        Some(match name {
            "tekken" => Self::Tekken,
            "smollm" => Self::Smollm,
            "starcoder" => Self::Starcoder,
            "refact" => Self::Refact,
            "llama-bpe" | "llama3" | "llama-v3" => Self::LlamaBpe,
            "qwen2" => Self::Qwen2,
            "gpt-2" => Self::Gpt2,
            _ => return None,
        })
    }

    /// Its name, as GGUF files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tekken => "tekken",
            Self::Smollm => "smollm",
            Self::Starcoder => "starcoder",
            Self::Refact => "refact",
            Self::LlamaBpe => "llama-bpe",
            Self::Qwen2 => "qwen2",
            Self::Gpt2 => "gpt-2",
            Self::Gemma => "gemma",
            Self::Gemma4 => "gemma4",
            Self::Llama => "llama",
        }
    }

    pub(super) fn whole_words(self) -> WholeWords {
        match self {
            Self::Tekken | Self::LlamaBpe => WholeWords::Taken,
            _ => WholeWords::Merged,
        }
    }

    /// What is done to text first.
    pub(super) fn normalizer(self) -> tokenizers::Result<Option<NormalizerWrapper>> {
        let space = || Replace::new(ReplacePattern::String(" ".into()), SPACE.to_string()).map(NormalizerWrapper::from);
        Ok(match self {
            Self::Qwen2 => Some(NFC.into()),
            Self::Gemma | Self::Gemma4 => Some(space()?),
            Self::Llama => {
                let prepend = NormalizerWrapper::from(Prepend::new(SPACE.to_string()));
                Some(Normalizers::new(vec![prepend, space()?]).into())
            }
            _ => None,
        })
    }

    /// What cuts the text into words; SentencePiece does not cut.
    pub(super) fn splitter(self) -> tokenizers::Result<Option<PreTokenizerWrapper>> {
        let gpt_2 = || PreTokenizerWrapper::from(ByteLevel::new(false, false, true));
        let pattern = |pattern: &str| {
            let pattern = SplitPattern::Regex(pattern.to_owned());
            let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)?;
            let bytes = ByteLevel::new(false, false, false);
            Ok::<_, tokenizers::Error>(PreTokenizerWrapper::from(Sequence::new(vec![split.into(), bytes.into()])))
        };
        Ok(match self {
            Self::Tekken => Some(pattern(TEKKEN)?),
            Self::LlamaBpe => Some(pattern(LLAMA_3)?),
            Self::Qwen2 => Some(pattern(QWEN_2)?),
            Self::Smollm | Self::Starcoder | Self::Refact => {
                Some(Sequence::new(vec![Digits::new(true).into(), gpt_2()]).into())
            }
            Self::Gpt2 => Some(gpt_2()),
            Self::Gemma | Self::Gemma4 | Self::Llama => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use tokenizers::{
        NormalizedString, Normalizer as _, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer as _,
    };

    use super::*;

    #[derive(Deserialize)]
    struct Table {
        row: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        name: String,
        text: String,
        words: BTreeMap<String, Vec<usize>>,
    }

    /// Lengths of the words in bytes.
    fn words(kind: PreTokenizer, text: &str) -> Vec<usize> {
        let mut text = NormalizedString::from(text);
        if let Some(normalizer) = kind.normalizer().expect("the patterns are sound") {
            normalizer.normalize(&mut text).expect("any text can be normalised");
        }
        let mut split = PreTokenizedString::from(text);
        let splitter = kind.splitter().expect("the patterns are sound").expect("the kind cuts");
        splitter.pre_tokenize(&mut split).expect("any text can be cut");
        let words = split.get_splits(OffsetReferential::Normalized, OffsetType::Byte);
        // One character for each byte.
        words.into_iter().map(|(word, ..)| word.chars().count()).collect()
    }

    #[test]
    fn words_are_cut_as_the_reference_cuts_them() {
        let table: Table = toml::from_str(include_str!("../../tests/tokens/languages.toml")).expect("it is TOML");
        for row in &table.row {
            for (name, wanted) in &row.words {
                let kind = PreTokenizer::byte_level(name).expect("the table has known kinds");
                assert_eq!(&words(kind, &row.text), wanted, "{name}: {}", row.name);
            }
            assert_eq!(row.words.len(), 3, "{}", row.name);
        }
    }

    #[test]
    fn every_byte_level_kind_is_found_by_its_name_and_its_patterns_are_sound() {
        for name in ["tekken", "smollm", "starcoder", "refact", "llama-bpe", "qwen2", "gpt-2"] {
            let kind = PreTokenizer::byte_level(name).expect("the name is known");
            assert_eq!(kind.name(), name);
            assert_eq!(words(kind, "ab 12").iter().sum::<usize>(), 5, "{name}");
        }
        assert_eq!(PreTokenizer::byte_level("default"), None, "what is not known is not guessed");
    }
}
