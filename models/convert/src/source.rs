//! An official repository in a folder, checked as a whole before any weight is read.
//!
//! [`Source::open`] reads config.json, the headers of the weight files and the tokenizer, and holds them against each
//! other: every tensor that an Apertus of this shape has is there with its shape, in a form that can be read, and no
//! other is. What is left for the conversion to find are weights that are no numbers.

use crate::archive::{Archive, Place, read_whole};
use crate::card::Card;
use crate::config::{self, Config, Quantization, Shape};
use crate::error::{ConvertError, shown};
use crate::tokenizer::{Ids, Tokenizer};
use crate::weights::{Form, Matrix, Storage, is_float, shape_text};
use crate::writer::WeightType;
use safetensors::Dtype;
use std::collections::BTreeSet;
use std::path::Path;

const LONGEST_CONFIG: u64 = 4 << 20;

/// How the weights of a repository are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Brain floats of 16 bits.
    Bf16,
    /// IEEE floats of 16 bits.
    F16,
    /// Floats of 32 bits.
    F32,
    /// Floats of 8 bits (E4M3) with scales.
    Fp8,
    /// MLX's affine groups.
    Mlx {
        /// Bits of a weight.
        bits: u32,
        /// Weights that share a scale and a bias.
        group: u32,
    },
}

impl std::fmt::Display for Format {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bf16 => formatter.write_str("BF16"),
            Self::F16 => formatter.write_str("F16"),
            Self::F32 => formatter.write_str("F32"),
            Self::Fp8 => formatter.write_str("FP8"),
            Self::Mlx { bits, group } => write!(formatter, "MLX INT{bits} in groups of {group}"),
        }
    }
}

/// The types that a conversion writes without a quantiser. Vectors are F32 in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exact {
    /// Floats of 32 bits: loses nothing.
    F32,
    /// Brain floats: loses nothing of BF16 weights, rounds all others.
    Bf16,
    /// Loses nothing, in the smallest type that can: the type of plain weights; Q4_1 for MLX with up to 4 bits where
    /// scales and biases fit F16; F32 for the rest.
    Native,
}

/// An official repository in a folder.
#[derive(Debug)]
pub struct Source {
    pub(crate) archive: Archive,
    pub(crate) config: Config,
    pub(crate) card: Card,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) embedding: Matrix,
    pub(crate) output: Output,
    pub(crate) norm: Matrix,
    pub(crate) layers: Vec<Layer>,
    /// Whether the files hold scales for activations, which conversion leaves out.
    pub(crate) activation_scales: usize,
    format: Format,
}

/// What makes logits of the last hidden state.
#[derive(Debug)]
pub(crate) enum Output {
    /// A matrix of its own.
    Own(Matrix),
    /// The embedding matrix.
    Tied,
    /// A matrix of its own, though config.json says that it is the embedding matrix.
    OwnThoughTied(Matrix),
}

/// The tensors of a transformer block.
#[derive(Debug)]
pub(crate) struct Layer {
    pub attention_norm: Matrix,
    pub query: Matrix,
    pub key: Matrix,
    pub value: Matrix,
    pub attention_output: Matrix,
    pub query_norm: Matrix,
    pub key_norm: Matrix,
    pub feed_forward_norm: Matrix,
    pub up: Matrix,
    pub down: Matrix,
    pub alpha_p: Matrix,
    pub alpha_n: Matrix,
    pub beta: Option<Matrix>,
    pub epsilon: Option<Matrix>,
}

impl Layer {
    /// The tensors that GGUF holds as tensors, with their names there behind `blk.N.`.
    pub fn tensors(&self) -> [(&'static str, &Matrix); 10] {
        [
            ("attn_norm", &self.attention_norm),
            ("attn_q", &self.query),
            ("attn_k", &self.key),
            ("attn_v", &self.value),
            ("attn_output", &self.attention_output),
            ("attn_q_norm", &self.query_norm),
            ("attn_k_norm", &self.key_norm),
            ("ffn_norm", &self.feed_forward_norm),
            ("ffn_up", &self.up),
            ("ffn_down", &self.down),
        ]
    }
}

impl Source {
    /// Opens a folder and checks everything but the weights themselves.
    ///
    /// # Errors
    /// See [`ConvertError`]; each is a sentence that says what to do.
    pub fn open(folder: &Path) -> Result<Self, ConvertError> {
        if !folder.is_dir() {
            return Err(ConvertError::NotAFolder);
        }
        let config = Config::parse(&read_whole(folder, config::FILE, LONGEST_CONFIG)?)?;
        let archive = Archive::open(folder)?;
        refuse_packed(&archive)?;
        let shape = &config.shape;
        let ids = Ids { vocabulary: shape.vocabulary, bos: config.bos, eos: config.eos, padding: config.padding };
        let tokenizer = Tokenizer::read(folder, &ids)?;
        let mut finder = Finder { archive: &archive, config: &config, used: BTreeSet::new() };
        let (width, vocabulary) = (u64::from(shape.width), u64::from(shape.vocabulary));
        let embedding = finder.matrix("model.embed_tokens", vocabulary, width)?;
        let output = match (shape.tied, archive.tensors.contains_key("lm_head.weight")) {
            (true, false) => Output::Tied,
            (true, true) => Output::OwnThoughTied(finder.matrix("lm_head", vocabulary, width)?),
            (false, _) => Output::Own(finder.matrix("lm_head", vocabulary, width)?),
        };
        let norm = finder.vector("model.norm.weight", width)?;
        let layers = (0..shape.layers).map(|layer| finder.layer(layer)).collect::<Result<Vec<_>, _>>()?;
        let activation_scales = finder.unused()?;
        let format = format(&embedding, &layers);
        let card = Card::read(folder);
        Ok(Self { card, tokenizer, embedding, output, norm, layers, activation_scales, format, archive, config })
    }

    /// How most weights are stored.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The measures of the model.
    pub fn shape(&self) -> &Shape {
        &self.config.shape
    }

    /// Number of weights; tied embeddings count once.
    pub fn parameters(&self) -> u64 {
        let tensors = self.tensors();
        let copies = if matches!(self.output, Output::Tied) { self.embedding.weights() } else { 0 };
        tensors.iter().map(|(_, matrix)| matrix.weights()).sum::<u64>() - copies
    }

    /// Size of the weight files' tensors in bytes.
    pub fn bytes(&self) -> u64 {
        self.archive.bytes()
    }

    /// The model's name: that of its repository where it is known, else that of the folder.
    pub fn name(&self) -> &str {
        &self.card.name
    }

    /// The repository, such as `swiss-ai/Apertus-8B-Instruct-2509`, when the folder tells.
    pub fn repository(&self) -> Option<&str> {
        self.card.repository.as_deref()
    }

    /// Size of the file that a conversion would write, in bytes: right to about 64 kB, and of [`Exact::Native`] for
    /// MLX only when all scales and biases fit F16, which is not known before they are read.
    pub fn output_bytes(&self, kind: Exact) -> u64 {
        let tensors = self.tensors();
        let data: u64 = tensors
            .iter()
            .map(|(_, matrix)| likely_type(matrix, kind).bytes(matrix.weights()).next_multiple_of(32))
            .sum();
        data + self.tokenizer.bytes() + self.card.license_text.as_ref().map_or(0, String::len) as u64
    }

    /// All tensors that GGUF holds as tensors, in the order in which they are written.
    pub(crate) fn tensors(&self) -> Vec<(String, &Matrix)> {
        let output = match &self.output {
            Output::Tied => &self.embedding,
            Output::Own(matrix) | Output::OwnThoughTied(matrix) => matrix,
        };
        let mut tensors = vec![("token_embd.weight".to_owned(), &self.embedding)];
        for (number, layer) in self.layers.iter().enumerate() {
            let named = layer.tensors().map(|(name, matrix)| (format!("blk.{number}.{name}.weight"), matrix));
            tensors.extend(named);
        }
        tensors.push(("output_norm.weight".to_owned(), &self.norm));
        tensors.push(("output.weight".to_owned(), output));
        tensors
    }
}

/// The type that a tensor gets if its scales fit.
pub(crate) fn likely_type(matrix: &Matrix, kind: Exact) -> WeightType {
    match (matrix.form, kind, &matrix.storage) {
        (Form::Vector, ..) | (_, Exact::F32, _) => WeightType::F32,
        (_, Exact::Bf16, _) => WeightType::Bf16,
        (_, Exact::Native, Storage::Plain(place)) if place.dtype == Dtype::BF16 => WeightType::Bf16,
        (_, Exact::Native, Storage::Plain(place)) if place.dtype == Dtype::F16 => WeightType::F16,
        (_, Exact::Native, Storage::Mlx { bits: 2..=4, group, .. }) if group.is_multiple_of(32) => WeightType::Q4_1,
        (_, Exact::Native, _) => WeightType::F32,
    }
}

/// Four-bit floats are recognised by their tensors too, whatever config.json says.
fn refuse_packed(archive: &Archive) -> Result<(), ConvertError> {
    let packed = archive.tensors.keys().any(|name| name.ends_with(".weight_packed"));
    if packed || archive.tensors.keys().any(|name| name.ends_with(".weight_global_scale")) {
        let reason = "llama.cpp does not read the scales of such an Apertus".to_owned();
        return Err(ConvertError::Stored { what: "NVFP4 or another packed form".to_owned(), reason });
    }
    Ok(())
}

fn format(embedding: &Matrix, layers: &[Layer]) -> Format {
    // The matrices of the blocks decide: the embedding is often left in 16 bits.
    let matrix = layers.first().map_or(embedding, |layer| &layer.down);
    match &matrix.storage {
        Storage::Fp8 { .. } => Format::Fp8,
        Storage::Mlx { bits, group, .. } => Format::Mlx { bits: *bits, group: *group },
        Storage::Plain(place) => match place.dtype {
            Dtype::BF16 => Format::Bf16,
            Dtype::F16 => Format::F16,
            _ => Format::F32,
        },
    }
}

/// Finds tensors and remembers which ones, so that those that nobody asked for are noticed.
struct Finder<'a> {
    archive: &'a Archive,
    config: &'a Config,
    used: BTreeSet<String>,
}

impl Finder<'_> {
    fn layer(&mut self, number: u32) -> Result<Layer, ConvertError> {
        let shape = &self.config.shape;
        let (width, head) = (u64::from(shape.width), u64::from(shape.head));
        let (queries, keys) = (u64::from(shape.heads) * head, u64::from(shape.kv_heads) * head);
        let feed_forward = u64::from(shape.feed_forward);
        let name = |part: &str| format!("model.layers.{number}.{part}");
        Ok(Layer {
            attention_norm: self.vector(&name("attention_layernorm.weight"), width)?,
            query: self.matrix(&name("self_attn.q_proj"), queries, width)?,
            key: self.matrix(&name("self_attn.k_proj"), keys, width)?,
            value: self.matrix(&name("self_attn.v_proj"), keys, width)?,
            attention_output: self.matrix(&name("self_attn.o_proj"), width, queries)?,
            query_norm: self.vector(&name("self_attn.q_norm.weight"), head)?,
            key_norm: self.vector(&name("self_attn.k_norm.weight"), head)?,
            feed_forward_norm: self.vector(&name("feedforward_layernorm.weight"), width)?,
            up: self.matrix(&name("mlp.up_proj"), feed_forward, width)?,
            down: self.matrix(&name("mlp.down_proj"), width, feed_forward)?,
            alpha_p: self.vector(&name("mlp.act_fn.alpha_p"), 1)?,
            alpha_n: self.vector(&name("mlp.act_fn.alpha_n"), 1)?,
            beta: self.optional(&name("mlp.act_fn.beta"))?,
            epsilon: self.optional(&name("mlp.act_fn.eps"))?,
        })
    }

    fn place(&mut self, name: &str) -> Result<Place, ConvertError> {
        let place = self.archive.tensors.get(name).ok_or_else(|| ConvertError::MissingTensor(shown(name)))?;
        self.used.insert(name.to_owned());
        Ok(place.clone())
    }

    fn optional(&mut self, name: &str) -> Result<Option<Matrix>, ConvertError> {
        self.archive.tensors.contains_key(name).then(|| self.vector(name, 1)).transpose()
    }

    /// A vector of floats; a single number may have the shape of a number or of a vector.
    fn vector(&mut self, name: &str, length: u64) -> Result<Matrix, ConvertError> {
        let place = self.place(name)?;
        if place.shape != [length] && !(length == 1 && place.shape.is_empty()) {
            return Err(wrong_shape(name, &place, &[length]));
        }
        if !is_float(place.dtype) {
            return Err(wrong_type(name, &place));
        }
        let (name, storage) = (name.to_owned(), Storage::Plain(place));
        Ok(Matrix { name, rows: 1, columns: length, form: Form::Vector, storage })
    }

    fn matrix(&mut self, module: &str, rows: u64, columns: u64) -> Result<Matrix, ConvertError> {
        let name = format!("{module}.weight");
        let place = self.place(&name)?;
        let storage = match place.dtype {
            dtype if is_float(dtype) => {
                expect_shape(&name, &place, &[rows, columns])?;
                Storage::Plain(place)
            }
            Dtype::U32 => self.mlx(module, place, rows, columns)?,
            Dtype::F8_E4M3 => self.fp8(module, place, rows, columns)?,
            _ => return Err(wrong_type(&name, &place)),
        };
        Ok(Matrix { name, rows, columns, form: Form::Matrix, storage })
    }

    fn mlx(&mut self, module: &str, numbers: Place, rows: u64, columns: u64) -> Result<Storage, ConvertError> {
        let name = format!("{module}.weight");
        let Some(Quantization::Mlx { bits, group, others }) = &self.config.quantization else {
            return Err(wrong_type(&name, &numbers));
        };
        let other = others.iter().find(|(other, ..)| other == module);
        let (bits, group) = other.map_or((*bits, *group), |(_, bits, group)| (*bits, *group));
        let groups = columns / u64::from(group);
        if !columns.is_multiple_of(u64::from(group)) || !columns.is_multiple_of(32) {
            return Err(ConvertError::damaged(config::FILE, "group_size does not divide the rows"));
        }
        expect_shape(&name, &numbers, &[rows, columns * u64::from(bits) / 32])?;
        let scales = self.scales(&format!("{module}.scales"), &[&[rows, groups]])?;
        let biases = self.scales(&format!("{module}.biases"), &[&[rows, groups]])?;
        Ok(Storage::Mlx { numbers, scales, biases, bits, group })
    }

    fn fp8(&mut self, module: &str, numbers: Place, rows: u64, columns: u64) -> Result<Storage, ConvertError> {
        /// The side of a block, as every known release has it.
        const BLOCK: u64 = 128;
        expect_shape(&format!("{module}.weight"), &numbers, &[rows, columns])?;
        let inverse = format!("{module}.weight_scale_inv");
        let inverse_exists = self.archive.tensors.contains_key(&inverse);
        let name = if inverse_exists { inverse } else { format!("{module}.weight_scale") };
        let blocks = [rows.div_ceil(BLOCK), columns.div_ceil(BLOCK)];
        let shapes: [&[u64]; 6] = [&[rows, 1], &[rows], &blocks, &[], &[1], &[1, 1]];
        let scales = self.scales(&name, &shapes)?;
        let block = match &scales.shape[..] {
            [count] | [count, 1] if *count == rows => (1, columns),
            [] | [1] | [1, 1] => (rows, columns),
            _ => (BLOCK, BLOCK),
        };
        Ok(Storage::Fp8 { numbers, scales, block })
    }

    fn scales(&mut self, name: &str, shapes: &[&[u64]]) -> Result<Place, ConvertError> {
        let place = self.place(name)?;
        if !shapes.contains(&place.shape.as_slice()) {
            return Err(wrong_shape(name, &place, shapes[0]));
        }
        if is_float(place.dtype) { Ok(place) } else { Err(wrong_type(name, &place)) }
    }

    /// Refuses tensors that nobody asked for, and counts those that only make quantised activations.
    fn unused(&self) -> Result<usize, ConvertError> {
        const ACTIVATIONS: [&str; 5] = [".input_scale", ".output_scale", ".k_scale", ".v_scale", ".activation_scale"];
        let mut activation_scales = 0;
        for name in self.archive.tensors.keys().filter(|name| !self.used.contains(*name)) {
            if ACTIVATIONS.iter().any(|end| name.ends_with(end)) {
                activation_scales += 1;
            } else if !name.ends_with(".rotary_emb.inv_freq") {
                return Err(ConvertError::UnexpectedTensor(shown(name)));
            }
        }
        Ok(activation_scales)
    }
}

fn expect_shape(name: &str, place: &Place, expected: &[u64]) -> Result<(), ConvertError> {
    if place.shape == expected { Ok(()) } else { Err(wrong_shape(name, place, expected)) }
}

fn wrong_shape(name: &str, place: &Place, expected: &[u64]) -> ConvertError {
    let (found, expected) = (shape_text(&place.shape), shape_text(expected));
    ConvertError::WrongShape { name: shown(name), found, expected }
}

fn wrong_type(name: &str, place: &Place) -> ConvertError {
    ConvertError::WrongType { name: shown(name), found: place.dtype.to_string() }
}
