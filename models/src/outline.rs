//! What is known of a model from its file alone, in the shape in which a running engine tells it.
//!
//! Prompts can so be made, and tokenisers described, without loading the weights. What only an engine knows, such as
//! the size of the context that it made, is what the file says of it.

use std::path::Path;

use crate::gguf::{GgufError, Header};
use crate::tokens::{TokenKind, Vocabulary};
use crate::wire::{ControlToken, LoadedModel, MemoryUse, Token};

/// Reads it; without control tokens where the vocabulary's kind is not known here.
///
/// # Errors
/// When the file can't be read or is damaged.
pub fn outline(path: &Path, header: &Header) -> Result<LoadedModel, GgufError> {
    let vocabulary = Vocabulary::read(path, header)?;
    let control = |(token, text, kind): (Token, &str, TokenKind)| {
        let user_defined = kind == TokenKind::UserDefined;
        let special = (user_defined || kind == TokenKind::Control) && !text.is_empty();
        special.then(|| ControlToken { token, text: text.to_owned(), user_defined })
    };
    let control = vocabulary.iter().flat_map(Vocabulary::entries).filter_map(control).collect();
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let token = |key: &str| header.number(key).and_then(|token| Token::try_from(token).ok());
    let begin = token("tokenizer.ggml.bos_token_id");
    // llama.cpp adds the begin token where a file does not say, but for byte-level vocabularies.
    let byte_level = header.text("tokenizer.ggml.model") == Some("gpt2");
    let adds = header.number("tokenizer.ggml.add_bos_token").map_or(!byte_level, |adds| adds != 0);
    Ok(LoadedModel {
        context: number(header.context_trained()),
        context_trained: number(header.context_trained()),
        vocabulary: vocabulary.as_ref().map_or(0, |vocabulary| number(vocabulary.tokens.len() as u64)),
        template: header.text("tokenizer.chat_template").map(str::to_owned),
        begin,
        add_begin: adds && begin.is_some(),
        end: token("tokenizer.ggml.eos_token_id"),
        control,
        bytes: header.weight_bytes(),
        memory: MemoryUse::default(),
        device_memory: MemoryUse::default(),
    })
}

/// The texts that a model's prompts have as structure, beside its control tokens: what its template writes. A
/// tokeniser makes no token of them.
pub fn structural(model: &LoadedModel) -> Vec<String> {
    let template = model.template.as_deref().unwrap_or_default();
    let written = model.control.iter().filter(|control| control.user_defined && template.contains(&control.text));
    written.map(|control| control.text.clone()).collect()
}
