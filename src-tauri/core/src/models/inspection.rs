//! What a model file holds, as the window shows it.

use lethe_models::inspect::{self, Inspection};
use serde::Serialize;
use ts_rs::TS;

use crate::base::blocking::blocking;
use crate::base::error::Result;
use crate::models::library::Models;

/// What a model file holds: see [`Inspection`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Inspection")]
pub struct InspectionView {
    /// Its file, or the first of them.
    pub path: String,
    #[ts(type = "number")]
    pub files: u64,
    /// Size of all files.
    #[ts(type = "number")]
    pub bytes: u64,
    /// The name that it gives itself.
    pub name: Option<String>,
    /// Such as `apertus`.
    pub architecture: String,
    /// The type of most of its weights.
    pub quantization: String,
    /// Number of weights.
    #[ts(type = "number")]
    pub parameters: u64,
    /// Context in tokens.
    #[ts(type = "number")]
    pub context: u64,
    /// Whether it has a chat template.
    pub template: bool,
    /// Its vocabulary, in a sentence.
    pub tokenizer: String,
    pub license: Option<String>,
    /// Format version.
    pub gguf_version: u32,
    /// Its types of weights.
    pub types: Vec<TypeShare>,
    /// Its keys and values.
    pub values: Vec<ValueView>,
    pub tensors: Vec<TensorView>,
    /// What a person should know, in sentences.
    pub warnings: Vec<String>,
}

/// A type of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TypeShare {
    #[serde(rename = "type")]
    pub type_name: String,
    #[ts(type = "number")]
    pub tensors: u64,
    #[ts(type = "number")]
    pub bytes: u64,
}

/// A key and its value, shortened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ValueView {
    pub key: String,
    pub value: String,
}

/// A tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TensorView {
    pub name: String,
    #[ts(type = "Array<number>")]
    pub shape: Vec<u64>,
    #[serde(rename = "type")]
    pub type_name: String,
    #[ts(type = "number")]
    pub bytes: u64,
}

impl From<Inspection> for InspectionView {
    fn from(found: Inspection) -> Self {
        let share = |share: inspect::TypeShare| TypeShare {
            type_name: share.type_name,
            tensors: share.tensors,
            bytes: share.bytes,
        };
        let tensor = |tensor: inspect::ShownTensor| TensorView {
            name: tensor.name,
            shape: tensor.shape,
            type_name: tensor.type_name,
            bytes: tensor.bytes,
        };
        Self {
            path: found.path,
            files: found.files,
            bytes: found.bytes,
            name: found.name,
            architecture: found.architecture,
            quantization: found.quantization,
            parameters: found.parameters,
            context: found.context,
            template: found.template,
            tokenizer: found.tokenizer,
            license: found.license,
            gguf_version: found.gguf_version,
            types: found.types.into_iter().map(share).collect(),
            values: found.values.into_iter().map(|shown| ValueView { key: shown.key, value: shown.value }).collect(),
            tensors: found.tensors.into_iter().map(tensor).collect(),
            warnings: found.warnings,
        }
    }
}

/// What a model's file holds, from its header alone.
///
/// # Errors
/// `NoModel`, `ModelUnusable` with what is wrong with its file, `Store`.
pub async fn inspect(models: &Models, id: &str) -> Result<InspectionView> {
    let file = models.find(id).await?;
    let path = file.path()?.to_owned();
    Ok(blocking(move || inspect::inspect(&path)).await?.into())
}
