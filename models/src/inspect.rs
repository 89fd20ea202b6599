//! What is in a model file, for people who want to look inside: values, tensors, types, and what to beware of.
//!
//! Everything comes from the header ([`crate::gguf`]), so nothing is loaded and a hostile file costs an error or odd
//! lines. Texts are shortened and have no control characters; arrays are named by what they hold. Deliberately not
//! here: what is in a tensor, whether the file is the official one, and what the machine can run.

mod shown;
mod warnings;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::gguf::weights::{removed_type, weight_type};
use crate::gguf::{GgufError, Header};

/// Longest key, value or name that is shown, in characters.
pub const LONGEST_TEXT: usize = 200;

/// What is in a model file. Texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// Where it lies: of a split model, its first part. Empty for a stream.
    pub path: String,
    pub files: u64,
    /// Size of all files in bytes.
    pub bytes: u64,
    /// What it calls itself.
    pub name: Option<String>,
    /// Such as `apertus`.
    pub architecture: String,
    /// The type of most weights, such as `Q4_K_M`.
    pub quantization: String,
    /// Number of weights.
    pub parameters: u64,
    /// Context that it was made for, in tokens; 0 if the file does not say.
    pub context: u64,
    /// Whether it has a chat template.
    pub template: bool,
    /// Kind and size of its vocabulary, in a sentence.
    pub tokenizer: String,
    /// Its licence, where it names one.
    pub license: Option<String>,
    /// Version of the format.
    pub gguf_version: u32,
    /// Types of weights, the one with most bytes first.
    pub types: Vec<TypeShare>,
    /// All keys in the order of the alphabet.
    pub values: Vec<ShownValue>,
    /// All tensors in the order of the file.
    pub tensors: Vec<ShownTensor>,
    /// What to beware of; each is a sentence.
    pub warnings: Vec<String>,
}

/// What is stored in one type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeShare {
    /// Name of the type, such as `Q4_K`.
    #[serde(rename = "type")]
    pub type_name: String,
    pub tensors: u64,
    /// Their size in bytes; 0 for a type that is not known.
    pub bytes: u64,
}

/// A value of the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownValue {
    pub key: String,
    /// The value, shortened; of an array, what it holds.
    pub value: String,
}

/// A tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownTensor {
    pub name: String,
    /// Its dimensions, the fastest first.
    pub shape: Vec<u64>,
    #[serde(rename = "type")]
    pub type_name: String,
    /// Size in bytes; 0 for a type that is not known.
    pub bytes: u64,
}

/// Looks into a model: of a split one, any of its files may be named.
///
/// # Errors
/// See [`GgufError`].
pub fn inspect(path: &Path) -> Result<Inspection, GgufError> {
    let header = Header::read(path)?;
    let first = header.files.first().map_or_else(String::new, |first| first.display().to_string());
    Ok(Inspection { path: first, ..inspect_header(&header) })
}

/// What a header that was read tells.
pub fn inspect_header(header: &Header) -> Inspection {
    let text = |key: &str| header.text(key).filter(|text| !text.trim().is_empty()).map(shown::shorten);
    let tensors = header.tensors.iter().map(|tensor| ShownTensor {
        name: shown::shorten(&tensor.name),
        shape: tensor.shape.clone(),
        type_name: type_name(tensor.kind),
        bytes: tensor.bytes,
    });
    let values = header.values.iter();
    let values = values.map(|(key, value)| ShownValue { key: shown::shorten(key), value: shown::value(value) });
    Inspection {
        path: String::new(),
        files: header.files.len().max(1) as u64,
        bytes: header.file_bytes,
        name: text("general.name"),
        architecture: shown::shorten(header.architecture()),
        quantization: quantization(header),
        parameters: header.parameters(),
        context: header.context_trained(),
        template: has_template(header),
        tokenizer: shown::tokenizer(header),
        license: text("general.license"),
        gguf_version: header.version,
        types: types(header),
        values: values.collect(),
        tensors: tensors.collect(),
        warnings: warnings::of(header),
    }
}

fn has_template(header: &Header) -> bool {
    header.text("tokenizer.chat_template").is_some_and(|template| !template.trim().is_empty())
}

/// The name of a type of weights, also of those that no longer exist.
fn type_name(kind: u32) -> String {
    match (weight_type(kind), removed_type(kind)) {
        (Some(known), _) => known.name.to_owned(),
        (None, Some(removed)) => removed.to_owned(),
        (None, None) => format!("type {kind}"),
    }
}

fn types(header: &Header) -> Vec<TypeShare> {
    let mut shares: BTreeMap<u32, TypeShare> = BTreeMap::new();
    for tensor in &header.tensors {
        let empty = || TypeShare { type_name: type_name(tensor.kind), tensors: 0, bytes: 0 };
        let share = shares.entry(tensor.kind).or_insert_with(empty);
        share.tensors += 1;
        share.bytes = share.bytes.saturating_add(tensor.bytes);
    }
    let mut shares: Vec<TypeShare> = shares.into_values().collect();
    shares.sort_by_key(|share| std::cmp::Reverse((share.bytes, share.tensors)));
    shares
}

/// The mixture that the file says it is, where that fits what most weights are: files that were put together by hand
/// often say something else.
fn quantization(header: &Header) -> String {
    let most = header.quantization();
    let mixture = header.number("general.file_type").and_then(mixture);
    match mixture.and_then(|mixture| mixture.strip_prefix(most.as_str())) {
        Some(ending) => most + ending,
        None => most,
    }
}

/// Names of mixtures of types, from `enum llama_ftype` in `include/llama.h` of llama.cpp.
fn mixture(number: u64) -> Option<&'static str> {
    Some(match number {
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        21 => "Q2_K_S",
        _ => return None,
    })
}
