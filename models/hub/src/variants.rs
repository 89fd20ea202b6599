//! What a person can choose of a repository, instead of its files.
//!
//! Each GGUF model is one variant, its shards together; official weights are one variant with the files that
//! `lethe-convert` reads and those that belong to them. A model of which a part is missing is no variant.
//!
//! Everything is read from names, because nothing else is known before files are fetched: a name can say another
//! quantisation than the file has. Deliberately not in it: which one fits the machine.

use std::collections::BTreeMap;

use crate::hub::{Format, RemoteFile, Repository};
use crate::name::RemotePath;

/// A model of a repository, in one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The form of its weights; safetensors are converted before they are used.
    pub format: Format,
    /// The name of the model: that of its files without quantisation and numbers.
    pub model: String,
    /// The quantisation that its name says, such as `Q4_K_M`; nothing where it says none.
    pub quantization: Option<String>,
    /// All files that it needs, in the order of their parts.
    pub files: Vec<RemoteFile>,
    /// Size of all files in bytes.
    pub bytes: u64,
}

/// What can be chosen, smallest first; official weights come last.
pub fn variants(repository: &Repository) -> Vec<Variant> {
    let mut variants = ggufs(&repository.files);
    variants
        .sort_by(|one, other| one.bytes.cmp(&other.bytes).then_with(|| one.files[0].path.cmp(&other.files[0].path)));
    variants.extend(official(repository));
    variants
}

fn ggufs(files: &[RemoteFile]) -> Vec<Variant> {
    let mut models: BTreeMap<(&str, &str, usize), BTreeMap<usize, &RemoteFile>> = BTreeMap::new();
    for file in files {
        let (folder, name) = file.path.split();
        let Some(stem) = without_ending(name, ".gguf").filter(|stem| is_model(stem)) else { continue };
        let (stem, part, parts) = shard(stem).unwrap_or((stem, 1, 1));
        models.entry((folder, stem, parts)).or_default().insert(part, file);
    }
    let whole = models.into_iter().filter(|((.., parts), found)| found.keys().copied().eq(1..=*parts));
    whole
        .map(|((folder, stem, _), found)| {
            let (model, quantization) = quantization(stem);
            let folder = folder.rsplit('/').next().unwrap_or_default();
            let quantization = quantization.or_else(|| self::quantization(folder).1);
            let files: Vec<RemoteFile> = found.into_values().cloned().collect();
            Variant { format: Format::Gguf, model: model.to_owned(), quantization, bytes: bytes(&files), files }
        })
        .collect()
}

/// Whether a GGUF file is a model to talk with: what goes with one, for pictures or for quantising, is none.
fn is_model(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    !stem.contains("mmproj") && !stem.ends_with("imatrix") && !stem.contains("ggml-vocab")
}

/// Files that official weights can't do without.
const NEEDED: [&str; 2] = ["config.json", "tokenizer.json"];
/// Files that belong to them where they are there.
const WELCOME: [&str; 8] = [
    "generation_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "README.md",
    "LICENSE",
    "LICENSE.txt",
    "LICENSE.md",
];
const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

fn official(repository: &Repository) -> Option<Variant> {
    let find = |name: &str| repository.files.iter().find(|file| file.path.as_str() == name);
    let mut files: Vec<&RemoteFile> = NEEDED.iter().map(|name| find(name)).collect::<Option<_>>()?;
    files.extend(WELCOME.iter().filter_map(|name| find(name)));
    match find(SINGLE) {
        // One file is taken by itself, as the conversion does, whatever an index says.
        Some(single) => files.push(single),
        None => {
            files.push(find(INDEX)?);
            files.extend(shards(&repository.files)?);
        }
    }
    let files: Vec<RemoteFile> = files.into_iter().cloned().collect();
    let model = repository.repo.name().to_owned();
    Some(Variant { format: Format::Safetensors, model, quantization: None, bytes: bytes(&files), files })
}

/// The shards of the weights in their order, if all are there. Other weights in the same folder, such as those in the
/// original form of their makers, have other names.
fn shards(files: &[RemoteFile]) -> Option<Vec<&RemoteFile>> {
    let mut found: BTreeMap<(usize, usize), &RemoteFile> = BTreeMap::new();
    for file in files {
        let stem = without_ending(file.path.as_str(), ".safetensors").and_then(shard);
        if let Some(("model", part, parts)) = stem {
            found.insert((parts, part), file);
        }
    }
    let (parts, _) = *found.keys().next()?;
    let is_whole = found.keys().copied().eq((1..=parts).map(|part| (parts, part)));
    is_whole.then(|| found.into_values().collect())
}

fn without_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let (stem, end) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
    end.eq_ignore_ascii_case(ending).then_some(stem)
}

/// A name without its `-00001-of-00003`, and the two numbers.
fn shard(stem: &str) -> Option<(&str, usize, usize)> {
    let number = |text: &str| {
        let is_number = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    let (rest, parts) = stem.rsplit_once("-of-")?;
    let (name, part) = rest.rsplit_once('-')?;
    let (part, parts): (usize, usize) = (number(part)?, number(parts)?);
    (1..=parts).contains(&part).then_some((name, part, parts))
}

/// A name without its quantisation, and that: the last part of the name that is one.
fn quantization(stem: &str) -> (&str, Option<String>) {
    let starts = stem.char_indices().filter(|(at, _)| *at == 0 || b"-._".contains(&stem.as_bytes()[at - 1]));
    // The longest that fits begins first; only a whole part ends one.
    for (start, _) in starts {
        let rest = &stem[start..];
        let end = rest.find(['-', '.']).unwrap_or(rest.len());
        let Some(label) = label(&rest[..end]) else { continue };
        let before = stem[..start].trim_end_matches(['-', '.', '_']);
        // Its maker's way to quantise is part of the label, because both may be offered side by side.
        let dynamic = before.strip_suffix("UD").filter(|name| name.is_empty() || name.ends_with(['-', '.', '_']));
        let (model, label) = match dynamic {
            Some(model) => (model.trim_end_matches(['-', '.', '_']), format!("UD-{label}")),
            None => (before, label),
        };
        return (model.strip_suffix(".i1").or(model.strip_suffix("-i1")).unwrap_or(model), Some(label));
    }
    (stem, None)
}

/// A part of a name as a quantisation, in the spelling that llama.cpp uses.
fn label(part: &str) -> Option<String> {
    let upper = part.to_ascii_uppercase();
    match upper.as_str() {
        "F32" | "F16" | "BF16" | "MXFP4" | "MXFP4_MOE" | "NVFP4" => return Some(upper),
        "FP16" | "FP32" => return Some(upper.replace("FP", "F")),
        _ => {}
    }
    let mut parts = upper.split('_');
    let first = parts.next()?;
    let bits = ["IQ", "TQ", "Q"].iter().find_map(|kind| first.strip_prefix(kind))?;
    let is_bits = bits.len() == 1 && bits.bytes().all(|byte| (b'1'..=b'8').contains(&byte));
    let sizes = ["0", "1", "4", "8", "K", "XXS", "XS", "S", "M", "L", "XL", "XXL", "NL"];
    (is_bits && parts.all(|size| sizes.contains(&size))).then_some(upper)
}

fn bytes(files: &[RemoteFile]) -> u64 {
    files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
}

impl Variant {
    /// The file to begin with: the model itself, or its first part.
    pub fn first(&self) -> &RemotePath {
        let is_weights = |file: &&RemoteFile| {
            let path = file.path.as_str().to_ascii_lowercase();
            path.ends_with(".gguf") || path.ends_with(".safetensors")
        };
        &self.files.iter().find(is_weights).unwrap_or(&self.files[0]).path
    }
}
