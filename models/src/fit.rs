//! How much memory a model takes and whether that fits, before anything is loaded.
//!
//! A [`Shape`] is what decides it: read from a file's header, or put together from the numbers of a model that is not
//! here. [`estimate`] is within a tenth of what the engine then takes, for models whose layers all attend to the whole
//! context; for others the cache is estimated too large. Asking the engine ([`simulate`]) is exact and needs the file.
//! Deliberately not here: the program itself, which takes a few MB whatever the model.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::gguf::Header;
use crate::memory::{self, Memory, size_text};
use crate::program::{Program, ProgramError};
use crate::weight_type::WeightType;
use crate::wire::{MemoryUse, Offload};

/// Tokens that the engine reads at once.
const BATCH: u64 = 512;

/// The engine rounds a context up to a multiple of so many tokens.
const STEP: u64 = 256;

/// The smallest context that a chat can be held in, tokens.
const SMALLEST: u64 = 1024;

/// Bytes of a key or value: 16-bit floats.
const CACHED: u64 = 2;

/// Bytes of a number in a computation: 32-bit floats.
const COMPUTED: u64 = 4;

/// Bytes of the mask that says which token sees which, for each pair.
const MASKED: u64 = 2;

/// Bytes that the tables of one token take in the engine: its text, how it is found, what it is merged from. Measured.
const TABLED: u64 = 320;

/// Kept free on a device for its driver and for what the screen shows, bytes.
const DEVICE_RESERVE: u64 = 256 << 20;

/// An engine that takes longer to plan a model is taken for dead.
const PATIENCE: Duration = Duration::from_secs(60);

/// What decides how much memory a model takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// All weights, bytes.
    pub weights: u64,
    /// The matrix that tokens are looked up in, bytes.
    pub embedding: u64,
    /// The matrix that the next token is computed with, bytes; the same as `embedding` where the model has one for both.
    pub output: u64,
    /// Whether `output` is a matrix of its own.
    pub head: Head,
    /// Number of tokens in the vocabulary.
    pub vocabulary: u64,
    pub layers: u64,
    /// Length of the hidden state.
    pub width: u64,
    /// Length of the hidden state inside the feed-forward part, of all experts that compute a token together.
    pub feed_forward: u64,
    /// How the feed-forward part computes.
    pub gate: Gate,
    /// Number of query heads.
    pub heads: u64,
    /// Number of key and value heads.
    pub kv_heads: u64,
    /// Length of a key.
    pub key: u64,
    /// Length of a value.
    pub value: u64,
    /// Context that the model was trained for, tokens; 0 where it is not known.
    pub trained: u64,
}

/// What the output matrix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// A matrix of its own.
    Own,
    /// The embedding matrix.
    Tied,
}

/// How the feed-forward part of a layer computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// One matrix up and one down, as Apertus.
    None,
    /// A third matrix decides what passes, as in most models.
    Gated,
}

/// What a model takes of the machine's memory and of a device's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// Of the machine's memory.
    pub memory: MemoryUse,
    /// Of the memory of the device that it is offloaded to.
    pub device: MemoryUse,
}

impl Needs {
    /// All of both.
    pub fn total(self) -> u64 {
        self.memory.total().saturating_add(self.device.total())
    }
}

/// Whether a model fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fits {
    /// Into what is free.
    Well,
    /// It would need what other programs use now.
    Tight,
    /// It can't be loaded.
    No,
}

/// Whether a model fits, and what would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub fits: Fits,
    /// The same as one sentence with the numbers.
    pub text: String,
    /// The largest context that fits well, in tokens; 0: none does.
    pub largest_context: u32,
    /// The largest that fits instead, one sentence; nothing where it fits well.
    pub smaller: Option<String>,
}

/// What the engine reports of a simulated load can't be had.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// Its program can't be started.
    #[error("the engine can't be started ({0}): install Lethe again")]
    Start(std::io::Error),
    /// It ended or hung.
    #[error("the engine could not plan this model ({0}): choose another file or a smaller context")]
    Failed(String),
}

impl Shape {
    /// The shape of a model file.
    pub fn of(header: &Header) -> Self {
        let number = |key: &str| header.architecture_number(key);
        let tensor = |name: &str| header.tensors.iter().find(|tensor| tensor.name == name);
        let bytes = |name: &str| tensor(name).map_or(0, |tensor| tensor.bytes);
        let embedding = bytes("token_embd.weight");
        let head = if tensor("output.weight").is_some() { Head::Own } else { Head::Tied };
        let width = number("embedding_length").unwrap_or(0);
        let heads = number("attention.head_count").unwrap_or(1).max(1);
        let rows = tensor("token_embd.weight").and_then(|tensor| tensor.shape.get(1).copied());
        let dense = number("feed_forward_length").unwrap_or(width.saturating_mul(4));
        let experts =
            number("expert_feed_forward_length").unwrap_or(0).saturating_mul(number("expert_used_count").unwrap_or(1));
        let gated = header.tensors.iter().any(|tensor| tensor.name.contains(".ffn_gate"));
        Self {
            weights: header.weight_bytes(),
            embedding,
            output: if head == Head::Own { bytes("output.weight") } else { embedding },
            head,
            vocabulary: rows.or_else(|| number("vocab_size")).unwrap_or(0),
            layers: number("block_count").unwrap_or(0),
            width,
            feed_forward: dense.max(experts),
            gate: if gated { Gate::Gated } else { Gate::None },
            heads,
            kv_heads: number("attention.head_count_kv").unwrap_or(heads),
            key: number("attention.key_length").unwrap_or(width / heads),
            value: number("attention.value_length").unwrap_or(width / heads),
            trained: header.context_trained(),
        }
    }

    /// Bytes of the cache for a context of so many tokens.
    pub fn cache(&self, context: u32) -> u64 {
        let tokens = u64::from(context).max(1).next_multiple_of(STEP);
        let each = self.kv_heads.saturating_mul(self.key.saturating_add(self.value)).saturating_mul(CACHED);
        self.layers.saturating_mul(tokens).saturating_mul(each)
    }

    /// Bytes of the buffers of a computation. The factors are those of llama.cpp's plans of Llama and Apertus models
    /// from 64 to 8192 wide: five hidden states live at once with one (gated: three) inner ones.
    fn compute(&self, context: u32) -> u64 {
        let batch = u64::from(context).clamp(1, BATCH);
        let mask = u64::from(context).max(1).next_multiple_of(STEP).saturating_mul(batch).saturating_mul(MASKED);
        let inner = self.feed_forward.saturating_mul(if self.gate == Gate::Gated { 3 } else { 1 });
        let state = self.width.saturating_mul(5).saturating_add(inner);
        let attended =
            self.heads.saturating_mul(self.key).saturating_mul(3).saturating_add(self.width.saturating_mul(3));
        let states = state.max(attended).saturating_mul(batch).saturating_mul(COMPUTED);
        let buffers = mask.saturating_add(states).saturating_add(self.vocabulary.saturating_mul(COMPUTED));
        buffers.saturating_add(tables(self.vocabulary))
    }

    /// Weights and a cache of so many bytes, `layers` of them (counted from the end, the output first) on a device.
    pub fn placed(&self, cache: u64, layers: u32) -> Needs {
        let taken = u64::from(layers);
        let repeated = taken.saturating_sub(1).min(self.layers);
        let own_output = if self.head == Head::Own { self.output } else { 0 };
        let inner = self.weights.saturating_sub(self.embedding).saturating_sub(own_output);
        let share = |bytes: u64| scaled(bytes, repeated, self.layers);
        let output = if taken > 0 { self.output } else { 0 };
        let device = MemoryUse { weights: share(inner).saturating_add(output), cache: share(cache), compute: 0 };
        let moved = share(inner).saturating_add(if taken > 0 { own_output } else { 0 });
        let memory = MemoryUse { weights: self.weights.saturating_sub(moved), cache: cache - device.cache, compute: 0 };
        Needs { memory, device }
    }
}

/// `bytes × part ÷ whole`.
fn scaled(bytes: u64, part: u64, whole: u64) -> u64 {
    let scaled = u128::from(bytes) * u128::from(part) / u128::from(whole.max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// Bytes that a vocabulary takes in the engine beside the model's buffers.
pub fn tables(vocabulary: u64) -> u64 {
    vocabulary.saturating_mul(TABLED)
}

/// What a model takes with a context of so many tokens, `layers` of it (counted from the end, the output first) on a
/// device.
pub fn estimate(shape: &Shape, context: u32, layers: u32) -> Needs {
    let mut needs = shape.placed(shape.cache(context), layers);
    let (compute, tables) = (shape.compute(context), tables(shape.vocabulary));
    if u64::from(layers) > shape.layers {
        // Only the tokens are looked up in the machine's memory.
        let looked_up = shape.vocabulary.saturating_add(shape.width.saturating_mul(BATCH)).saturating_mul(COMPUTED);
        needs.memory.compute = looked_up.saturating_add(tables);
    } else {
        needs.memory.compute = compute;
    }
    if layers > 0 {
        needs.device.compute = compute.saturating_sub(tables);
    }
    needs
}

/// How many layers a device with so much free memory takes, the output counted as one; 0 where not even that fits.
pub fn layers_that_fit(shape: &Shape, free: u64, context: u32) -> u32 {
    let most = u32::try_from(shape.layers.saturating_add(1)).unwrap_or(u32::MAX);
    let room = free.saturating_sub(DEVICE_RESERVE);
    let fits = |layers: u32| estimate(shape, context, layers).device.total() <= room;
    // What it takes rises with the layers: the last number that fits is found by halving.
    let (mut fitting, mut beyond) = (0, most.saturating_add(1));
    while beyond - fitting > 1 {
        let middle = fitting + (beyond - fitting) / 2;
        if fits(middle) { fitting = middle } else { beyond = middle }
    }
    fitting
}

/// Whether so much fits into the machine's memory. What [`memory::refusal`] refuses does not.
pub fn judge(needs: MemoryUse, memory: Memory) -> Fits {
    if memory::refusal(needs.weights, needs.cache.saturating_add(needs.compute), memory).is_some() {
        Fits::No
    } else if needs.total() > memory.available {
        Fits::Tight
    } else {
        Fits::Well
    }
}

/// The largest context that fits well, in tokens and no more than the model was trained for; 0 where none does.
pub fn largest_context(shape: &Shape, layers: u32, memory: Memory) -> u32 {
    let fits = |context: u32| judge(estimate(shape, context, layers).memory, memory) == Fits::Well;
    let trained = if shape.trained == 0 { u64::from(u32::MAX) } else { shape.trained };
    let tokens = |steps: u64| u32::try_from(steps.saturating_mul(STEP).min(trained)).unwrap_or(u32::MAX);
    // What it takes rises with the context: the last step that fits is found by halving.
    let (mut fitting, mut beyond) = (0u64, trained.div_ceil(STEP) + 1);
    while beyond - fitting > 1 {
        let middle = fitting + (beyond - fitting) / 2;
        if fits(tokens(middle)) { fitting = middle } else { beyond = middle }
    }
    if tokens(fitting) < u32::try_from(SMALLEST.min(trained)).unwrap_or(u32::MAX) { 0 } else { tokens(fitting) }
}

/// Whether a model fits with this context, and the largest that would. `types` are the types of weights that it can be
/// had in, each with the model's shape in it; none where there is only this one.
pub fn verdict(shape: &Shape, context: u32, layers: u32, memory: Memory, types: &[(WeightType, Shape)]) -> Verdict {
    let needs = estimate(shape, context, layers).memory;
    let fits = judge(needs, memory);
    let largest = largest_context(shape, layers, memory);
    let text = match fits {
        Fits::Well => {
            format!("It needs {} of memory, and {} is free", size_text(needs.total()), size_text(memory.available))
        }
        Fits::Tight => format!(
            "It needs {} of memory, and {} is free: other programs would have to give some back",
            size_text(needs.total()),
            size_text(memory.available)
        ),
        Fits::No => {
            let fixed = needs.cache.saturating_add(needs.compute);
            memory::refusal(needs.weights, fixed, memory).map(|reason| capital(&reason)).unwrap_or_default()
        }
    };
    let smaller = (fits != Fits::Well).then(|| instead(context, largest, memory, layers, types));
    Verdict { fits, text, largest_context: largest, smaller }
}

/// What fits instead.
fn instead(context: u32, largest: u32, memory: Memory, layers: u32, types: &[(WeightType, Shape)]) -> String {
    if largest >= context {
        return format!("A context of {largest} tokens fits well");
    }
    if largest > 0 {
        return format!("The largest context that fits well is {largest} tokens");
    }
    let mut fitting = types.iter().map(|(name, shape)| (name, shape.weights, largest_context(shape, layers, memory)));
    // They come the finest first.
    match fitting.find(|(_, _, context)| *context > 0) {
        Some((name, weights, largest)) => format!(
            "The largest that fits well is {} with {} of weights and a context of {} tokens",
            name.label(),
            size_text(weights),
            largest.min(context)
        ),
        None => "No context fits well: choose a model with fewer weights, or close other programs".to_owned(),
    }
}

/// Asks the engine's program what loading a file would take: exact, for all models that llama.cpp knows. Nothing is
/// loaded; a file that ends the process ends only this question.
///
/// # Errors
/// `Start`, or `Failed` with the reason.
pub async fn simulate(
    engine: &Path,
    module: Option<&Path>,
    file: &Path,
    context: u32,
    offload: Option<&Offload>,
) -> Result<Needs, FitError> {
    let program = Program::new(engine, "fit").with("--model", file).with("--context", context.to_string());
    let mut program = program.with_some("--module", module);
    if let Some(offload) = offload {
        program = program.with("--gpu", &offload.module).with("--device", &offload.device);
        program = program.with("--layers", offload.layers.to_string());
    }
    program.ask(PATIENCE).await.map_err(|error| match error {
        ProgramError::Start(error) => FitError::Start(error),
        other => FitError::Failed(other.to_string()),
    })
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    /// Apertus 8B, as its card says.
    fn apertus(weight_type: WeightType) -> Shape {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate"
        )]
        let bytes = |weights: u64| (weights as f64 * weight_type.bits() / 8.0) as u64;
        let matrix = bytes(131_072 * 4096);
        Shape {
            weights: bytes(8_053_000_000),
            embedding: matrix,
            output: matrix,
            head: Head::Own,
            vocabulary: 131_072,
            layers: 32,
            width: 4096,
            feed_forward: 21504,
            gate: Gate::None,
            heads: 32,
            kv_heads: 8,
            key: 128,
            value: 128,
            trained: 65536,
        }
    }

    fn memory(total: u64, available: u64) -> Memory {
        Memory { total: total * GIB, available: available * GIB }
    }

    #[test]
    fn the_estimate_is_what_the_engine_plans() {
        // Context, cache and buffers that llama.cpp b11434 plans for this model, in MiB.
        for (context, cache, compute) in [(512, 64, 83), (8192, 1024, 90), (32768, 4096, 114)] {
            let needs = estimate(&apertus(WeightType::Q4KM), context, 0).memory;
            assert_eq!(needs.cache >> 20, cache, "cache of {context} tokens");
            assert_eq!((needs.compute - tables(131_072)) >> 20, compute, "buffers for {context} tokens");
        }
    }

    #[test]
    fn what_fits_is_told_and_the_largest_that_fits_is_named() {
        let types: Vec<(WeightType, Shape)> =
            [WeightType::Bf16, WeightType::Q8_0, WeightType::Q4KM].map(|name| (name, apertus(name))).to_vec();
        let rows = [
            (WeightType::Q4KM, 8192, memory(32, 24), Fits::Well, None),
            (WeightType::Q4KM, 8192, memory(8, 5), Fits::Tight, Some("2304 tokens")),
            (WeightType::Q4KM, 65536, memory(16, 10), Fits::Tight, Some("context that fits well is 4")),
            (WeightType::Bf16, 8192, memory(16, 12), Fits::No, Some("Q8_0")),
            (WeightType::Bf16, 8192, memory(8, 6), Fits::No, Some("Q4_K_M")),
            (WeightType::Bf16, 8192, memory(4, 3), Fits::No, Some("fewer weights")),
        ];
        for (weight_type, context, memory, fits, smaller) in rows {
            let verdict = verdict(&apertus(weight_type), context, 0, memory, &types);
            assert_eq!(verdict.fits, fits, "{weight_type} {context} {memory:?}: {verdict:?}");
            match smaller {
                Some(part) => assert!(verdict.smaller.as_ref().is_some_and(|text| text.contains(part)), "{verdict:?}"),
                None => assert_eq!(verdict.smaller, None, "{verdict:?}"),
            }
        }
    }

    #[test]
    fn the_largest_context_fits_and_the_next_does_not() {
        let shape = apertus(WeightType::Q4KM);
        for available in [5, 6, 8, 12] {
            let memory = memory(16, available);
            let largest = largest_context(&shape, 0, memory);
            let fits = |context| judge(estimate(&shape, context, 0).memory, memory) == Fits::Well;
            assert!(largest == 0 || fits(largest), "{largest} tokens were said to fit into {available} GiB");
            assert!(u64::from(largest) == shape.trained || !fits(largest + 256), "more than {largest} fits");
        }
        assert_eq!(largest_context(&shape, 0, memory(64, 60)), 65536, "no more than the model was trained for");
        assert_eq!(largest_context(&shape, 0, memory(4, 2)), 0);
    }

    #[test]
    fn more_layers_need_more_of_the_device_and_less_of_the_machine() {
        let shape = apertus(WeightType::Q4KM);
        let all = estimate(&shape, 8192, 33);
        assert!(all.memory.total() < shape.embedding + GIB / 4, "only the table of tokens stays: {all:?}");
        assert_eq!(all.memory.weights + all.device.weights, shape.weights);
        for (free, least, most) in [(0, 0, 0), (2, 8, 12), (4, 20, 26), (8, 33, 33)] {
            let layers = layers_that_fit(&shape, free * GIB, 8192);
            assert!((least..=most).contains(&layers), "{layers} layers in {free} GiB");
        }
    }

    #[test]
    fn impossible_numbers_are_no_reason_to_panic() {
        let most = u64::MAX;
        let shape = Shape {
            weights: most,
            embedding: most,
            output: most,
            head: Head::Tied,
            vocabulary: most,
            layers: most,
            width: most,
            feed_forward: most,
            gate: Gate::Gated,
            heads: most,
            kv_heads: most,
            key: most,
            value: most,
            trained: most,
        };
        let verdict = verdict(&shape, u32::MAX, 5, memory(8, 4), &[]);
        assert_eq!((verdict.fits, verdict.largest_context), (Fits::No, 0));
    }
}
