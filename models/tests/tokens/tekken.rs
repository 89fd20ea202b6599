//! Mistral's `tekken.json`, the form in which the vocabulary of Apertus was first published, as vocabularies of GGUF files
//! and as a `tokenizer.json`.
//!
//! Format: `mistral_common/tokens/tokenizers/tekken.py`. Special tokens have the first numbers, and the token of rank 0
//! comes after them. The file of the tests has no list of special tokens: they are `<unk>`, `<s>`, `</s>` and
//! `<SPECIAL_3>` onwards.

use std::collections::HashMap;

use lethe_models::tokens::{LeadingSpace, Script, TokenKind, Vocabulary, alphabet};
use serde::Deserialize;
use serde_json::{Value, json};

/// A vocabulary of ranks.
#[derive(Clone)]
pub struct Tekken {
    /// Names of the special tokens, whose numbers are 0 and up.
    pub special: Vec<String>,
    /// The other tokens in the order of their ranks; their numbers follow.
    pub tokens: Vec<Vec<u8>>,
    /// How text is cut into words.
    pub pattern: String,
}

#[derive(Deserialize)]
struct Document {
    config: Config,
    vocab: Vec<Entry>,
}

#[derive(Deserialize)]
struct Config {
    pattern: String,
    default_vocab_size: usize,
    default_num_special_tokens: usize,
}

#[derive(Deserialize)]
struct Entry {
    token_bytes: String,
}

impl Tekken {
    /// Reads a file; tokens beyond its default size are left out, as the reference does.
    pub fn parse(bytes: &[u8]) -> Self {
        let Document { config, vocab } = serde_json::from_slice(bytes).expect("the reference's file is one");
        let count = config.default_vocab_size - config.default_num_special_tokens;
        let first = ["<unk>", "<s>", "</s>"].map(str::to_owned);
        let rest = (first.len()..config.default_num_special_tokens).map(|token| format!("<SPECIAL_{token}>"));
        Self {
            special: first.into_iter().chain(rest).collect(),
            tokens: vocab.iter().take(count).map(|entry| base64(&entry.token_bytes)).collect(),
            pattern: config.pattern,
        }
    }

    /// These special tokens, and the 256 bytes.
    pub fn of_bytes(special: &[&str]) -> Self {
        Self {
            special: special.iter().map(|name| (*name).to_owned()).collect(),
            tokens: (0..=u8::MAX).map(|byte| vec![byte]).collect(),
            pattern: r"\S+|\s+".to_owned(),
        }
    }

    /// The vocabulary as a GGUF file has it, merges included, for a model of this architecture.
    pub fn vocabulary(&self, architecture: &str) -> Vocabulary {
        let tokens = self.texts();
        let mut kinds = vec![TokenKind::Control; self.special.len()];
        kinds.resize(tokens.len(), TokenKind::Normal);
        Vocabulary {
            architecture: architecture.to_owned(),
            script: Script::ByteLevel,
            pre: "tekken".to_owned(),
            tokens,
            kinds,
            scores: Vec::new(),
            merges: self.merges().into_iter().map(|(left, right)| format!("{left} {right}")).collect(),
            leading_space: LeadingSpace::AsTyped,
        }
    }

    /// The same as a `tokenizer.json`.
    pub fn tokenizer_json(&self) -> Vec<u8> {
        let special = self.special.iter().enumerate().map(|(id, content)| {
            json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true})
        });
        let bytes = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false});
        let words =
            json!({"type": "Split", "pattern": {"Regex": self.pattern}, "behavior": "Isolated", "invert": false});
        let vocab: serde_json::Map<String, Value> =
            self.texts().into_iter().enumerate().map(|(id, text)| (text, id.into())).collect();
        let file = json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": special.collect::<Vec<_>>(),
            "normalizer": null, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [words, bytes]},
            "post_processor": null, "decoder": bytes,
            "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": true,
                "vocab": vocab, "merges": self.merges()},
        });
        serde_json::to_vec(&file).expect("strings and numbers can always be written")
    }

    fn texts(&self) -> Vec<String> {
        let written = self.tokens.iter().map(|token| alphabet::byte_level(token));
        self.special.iter().cloned().chain(written).collect()
    }

    /// All pairs of tokens that make another token: that of the lowest rank is merged first.
    fn merges(&self) -> Vec<(String, String)> {
        let ranks: HashMap<&[u8], usize> = self.tokens.iter().map(Vec::as_slice).zip(0..).collect();
        let mut merges = Vec::new();
        for token in &self.tokens {
            let pairs = (1..token.len()).map(|at| token.split_at(at));
            let pairs = pairs.filter_map(|(left, right)| Some((*ranks.get(left)?, *ranks.get(right)?)));
            let mut pairs: Vec<(usize, usize)> = pairs.collect();
            pairs.sort_unstable();
            merges.extend(pairs);
        }
        let text = |rank: usize| alphabet::byte_level(&self.tokens[rank]);
        merges.into_iter().map(|(left, right)| (text(left), text(right))).collect()
    }
}

/// Base64 of RFC 4648 with padding.
fn base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for group in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits =
            group.iter().fold(0u32, |bits, letter| bits << 6 | u32::from(value(*letter))) << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}
