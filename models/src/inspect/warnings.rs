//! What to beware of in a model file, each a sentence: what llama.cpp refuses or computes wrongly, and what is missing.

use std::collections::{BTreeSet, HashSet};

use super::{has_template, shown, type_name};
use crate::gguf::weights::{removed_type, weight_type};
use crate::gguf::{Header, Tensor};

/// Numbers of types in GGUF files.
const F16: u32 = 1;
const NVFP4: u32 = 40;
/// Most dimensions of a tensor in llama.cpp, `GGML_MAX_DIMS` in `ggml/include/ggml.h`.
const MOST_DIMENSIONS: usize = 4;
/// Longest name of a tensor in llama.cpp in bytes, one less than `GGML_MAX_NAME`.
const LONGEST_NAME: usize = 63;

/// All that apply.
pub(super) fn of(header: &Header) -> Vec<String> {
    if let Some(other) = other_file(header) {
        return vec![other];
    }
    let rows = [
        lone_part(header),
        no_weights(header),
        unknown_types(header),
        removed_types(header),
        impossible_tensors(header),
        overflow(header),
        nvfp4(header),
        no_architecture(header),
        no_context(header),
        vocabulary(header),
        no_end(header),
        no_template(header),
        old_version(header),
    ];
    rows.into_iter().flatten().collect()
}

/// A GGUF file that is something else than a language model.
fn other_file(header: &Header) -> Option<String> {
    let kind = header.text("general.type").unwrap_or("model");
    let projector = kind == "mmproj" || header.architecture() == "clip";
    match kind {
        _ if projector => {
            Some("This is what a model sees pictures with, and not the model: choose the other file of it.".to_owned())
        }
        "adapter" => Some("This is an adapter for a model, and not a model: Lethe can't use it.".to_owned()),
        "imatrix" => Some("This is for making model files, and not a model: choose the other file of it.".to_owned()),
        _ => None,
    }
}

/// [`super::inspect`] reads all parts, so this is for streams.
fn lone_part(header: &Header) -> Option<String> {
    let part = header.part().filter(|_| header.files.is_empty())?;
    Some(format!("This is part {} of {} of a model: only this part was looked at.", part.number, part.count))
}

fn no_weights(header: &Header) -> Option<String> {
    header.tensors.is_empty().then(|| "The file has no weights: it can't be loaded.".to_owned())
}

fn unknown_types(header: &Header) -> Option<String> {
    let unknown = |kind: u32| weight_type(kind).is_none() && removed_type(kind).is_none();
    let names = names(header, unknown)?;
    Some(format!(
        "Some weights have a type that this version of Lethe does not know ({names}): get the model in another type, \
        or a newer Lethe."
    ))
}

fn removed_types(header: &Header) -> Option<String> {
    let names = names(header, |kind| removed_type(kind).is_some())?;
    Some(format!("Some weights have a type that llama.cpp no longer reads ({names}): get a newer file of the model."))
}

/// The types that match, at most five.
fn names(header: &Header, matches: impl Fn(u32) -> bool) -> Option<String> {
    let kinds: BTreeSet<u32> = header.tensors.iter().map(|tensor| tensor.kind).filter(|kind| matches(*kind)).collect();
    let names: Vec<String> = kinds.into_iter().take(5).map(type_name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn impossible_tensors(header: &Header) -> Option<String> {
    let impossible = |tensor: &&Tensor| {
        let row = tensor.shape.first().copied().unwrap_or(1);
        let uneven = weight_type(tensor.kind).is_some_and(|known| !row.is_multiple_of(known.block));
        uneven || tensor.shape.len() > MOST_DIMENSIONS || tensor.name.len() > LONGEST_NAME
    };
    if let Some(tensor) = header.tensors.iter().find(impossible) {
        let name = shown::shorten(&tensor.name);
        return Some(format!("The tensor {name} has an impossible shape or name: llama.cpp will refuse this file."));
    }
    let mut seen = HashSet::new();
    let twice = header.tensors.iter().find(|tensor| !seen.insert(tensor.name.as_str()))?;
    let name = shown::shorten(&twice.name);
    Some(format!("The tensor {name} is in the file twice: llama.cpp will refuse this file."))
}

/// xIELU squares what it gets, and processors compute with 16 bits where weights are F16.
fn overflow(header: &Header) -> Option<String> {
    let squares = header.architecture() == "apertus" || header.values.keys().any(|key| key.starts_with("xielu."));
    let narrow = header.tensors.iter().any(|tensor| tensor.kind == F16);
    (squares && narrow).then(|| {
        "Some weights are F16, and models with xIELU, such as Apertus, can overflow with it: get BF16, Q8_0 or a type \
        with K."
            .to_owned()
    })
}

fn nvfp4(header: &Header) -> Option<String> {
    header.tensors.iter().any(|tensor| tensor.kind == NVFP4).then(|| match header.architecture() {
        "apertus" => {
            "Some weights are NVFP4, and llama.cpp leaves out their scales in Apertus models, so answers make no \
            sense: get the model in another type."
                .to_owned()
        }
        _ => {
            "Some weights are NVFP4, which is new: if answers make no sense, get the model in another type.".to_owned()
        }
    })
}

fn no_architecture(header: &Header) -> Option<String> {
    let missing = header.text("general.architecture").is_none();
    missing.then(|| "The file does not say which architecture the model has: llama.cpp will refuse it.".to_owned())
}

fn no_context(header: &Header) -> Option<String> {
    let missing = header.context_trained() == 0;
    missing.then(|| "The file does not say for how many tokens of context the model was made.".to_owned())
}

fn vocabulary(header: &Header) -> Option<String> {
    let length = |key: &str| header.array(key).map(|array| array.length);
    let Some(tokens) = length("tokenizer.ggml.tokens") else {
        return Some("The file has no vocabulary: Lethe can't write text for the model.".to_owned());
    };
    let differs = |key: &str| length(key).is_some_and(|other| other != tokens);
    (differs("tokenizer.ggml.token_type") || differs("tokenizer.ggml.scores")).then(|| {
        "The vocabulary contradicts itself, with more tokens than kinds or scores or fewer: download the file again."
            .to_owned()
    })
}

fn no_end(header: &Header) -> Option<String> {
    let missing = header.number("tokenizer.ggml.eos_token_id").is_none();
    missing.then(|| "The file does not say with which token an answer ends: answers may go on and on.".to_owned())
}

fn no_template(header: &Header) -> Option<String> {
    (!has_template(header)).then(|| {
        "The file has no chat template: it may be a base model, which continues text and does not answer.".to_owned()
    })
}

fn old_version(header: &Header) -> Option<String> {
    (header.version < 3).then(|| {
        format!(
            "The file has the old version {} of GGUF: a newer file of the model may have corrections.",
            header.version
        )
    })
}
