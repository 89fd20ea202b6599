//! Tiny random Apertus repositories, made at test time.
//!
//! They have everything that an official repository has: config.json, weights in each published form, tokenizer.json,
//! template, licence. Weights are pseudo-random and follow from the seed alone. [`Tiny::write`] gives back what the
//! weights are worth after they were stored, so that a test can compare without decoding anything itself.

use crate::Rope;
use crate::weights::e4m3;
use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

mod vocabulary;

/// What is made.
#[derive(Debug, Clone)]
pub struct Tiny {
    /// Number of transformer blocks.
    pub layers: u32,
    /// Length of the hidden state.
    pub width: u32,
    /// Length of the hidden state inside the feed-forward part.
    pub feed_forward: u32,
    /// Number of query heads.
    pub heads: u32,
    /// Number of key and value heads.
    pub kv_heads: u32,
    /// Length of one head.
    pub head: u32,
    /// Longest context in tokens.
    pub context: u32,
    /// Where the output matrix comes from.
    pub output: Head,
    /// Position encoding.
    pub rope: Rope,
    /// The form of the weights.
    pub stored: WeightForm,
    /// Number of weight files.
    pub files: usize,
    /// The tokens.
    pub vocabulary: Vocabulary,
    /// What the weights follow from.
    pub seed: u64,
}

/// Where the output matrix of a repository comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// A matrix of its own.
    Own,
    /// The embedding matrix.
    Tied,
    /// The embedding matrix, which is there a second time.
    TiedAndCopied,
    /// config.json says that it is the embedding matrix, and the files have another one.
    TiedAndOther,
}

/// The form of the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightForm {
    /// Brain floats.
    Bf16,
    /// IEEE floats of 16 bits.
    F16,
    /// Floats of 32 bits.
    F32,
    /// MLX's affine groups.
    Mlx { bits: u32, group: u32 },
    /// 8-bit floats.
    Fp8(Scales),
}

/// What shares a scale in a repository of 8-bit floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scales {
    /// All weights of a tensor.
    Tensor,
    Row,
    /// A block of 128 rows and 128 columns.
    Block,
}

/// The tokens of a repository. Numbers 1, 2 and 61 to 72 are control tokens in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vocabulary {
    /// 384 tokens: control tokens, all bytes, a few merges, and some numbers without a token.
    Small,
    /// The real 131072 tokens, from Mistral AI's `tekken_240718.json` at this path.
    Real(PathBuf),
}

/// Weights by their names in the repository, as they are worth after they were stored.
pub type Weights = BTreeMap<String, Vec<f32>>;

impl Default for Tiny {
    fn default() -> Self {
        Self {
            layers: 2,
            width: 64,
            feed_forward: 96,
            heads: 4,
            kv_heads: 2,
            head: 16,
            context: 256,
            output: Head::Own,
            rope: Rope::Plain { theta: 500_000.0 },
            stored: WeightForm::Bf16,
            files: 1,
            vocabulary: Vocabulary::Small,
            seed: 1,
        }
    }
}

struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

struct Maker {
    random: u64,
    stored: WeightForm,
    tensors: BTreeMap<String, Tensor>,
    weights: Weights,
}

impl Tiny {
    /// Number of tokens.
    pub fn vocabulary_size(&self) -> u32 {
        match self.vocabulary {
            Vocabulary::Small => vocabulary::SMALL,
            Vocabulary::Real(_) => vocabulary::REAL,
        }
    }

    /// Writes the repository into a folder that exists.
    ///
    /// # Errors
    /// When a file can't be written, or the real vocabulary can't be read.
    pub fn write(&self, folder: &Path) -> io::Result<Weights> {
        let put = |name: &str, content: &str| std::fs::write(folder.join(name), content);
        put("config.json", &self.config().to_string())?;
        put("tokenizer.json", &vocabulary::tokenizer(&self.vocabulary)?)?;
        put("tokenizer_config.json", &json!({"add_bos_token": true, "bos_token": "<s>"}).to_string())?;
        put("chat_template.jinja", TEMPLATE)?;
        put("README.md", "---\nlicense: apache-2.0\n---\n# A tiny random model\n")?;
        put("LICENSE", "Apache License, Version 2.0\n")?;
        let mut maker =
            Maker { random: self.seed, stored: self.stored, tensors: BTreeMap::new(), weights: BTreeMap::new() };
        self.fill(&mut maker);
        self.write_tensors(folder, &maker.tensors)?;
        Ok(maker.weights)
    }

    fn config(&self) -> serde_json::Value {
        let mut config = json!({
            "architectures": ["ApertusForCausalLM"], "model_type": "apertus", "hidden_act": "xielu",
            "hidden_size": self.width, "intermediate_size": self.feed_forward, "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads, "num_key_value_heads": self.kv_heads, "head_dim": self.head,
            "vocab_size": self.vocabulary_size(), "max_position_embeddings": self.context, "rms_norm_eps": 1e-5,
            "tie_word_embeddings": self.output != Head::Own, "attention_bias": false, "qk_norm": true,
            "post_norm": false, "bos_token_id": 1, "eos_token_id": [68, 2], "pad_token_id": 3,
        });
        match self.rope {
            // The newer of the two layouts: transformers 5 reads the older one of plain rotations wrongly.
            Rope::Plain { theta } => {
                config["rope_parameters"] = json!({"rope_type": "default", "rope_theta": theta});
            }
            Rope::Llama3 { theta, factor, low, high, original } => {
                config["rope_parameters"] = json!({"rope_type": "llama3", "rope_theta": theta, "factor": factor,
                    "low_freq_factor": low, "high_freq_factor": high, "original_max_position_embeddings": original});
            }
        }
        match self.stored {
            WeightForm::Mlx { bits, group } => config["quantization"] = json!({"bits": bits, "group_size": group}),
            WeightForm::Fp8(Scales::Block) => {
                config["quantization_config"] = json!({"quant_method": "fp8", "weight_block_size": [128, 128]});
            }
            WeightForm::Fp8(_) => {
                config["quantization_config"] =
                    json!({"quant_method": "compressed-tensors", "format": "float-quantized"});
            }
            WeightForm::Bf16 | WeightForm::F16 | WeightForm::F32 => {}
        }
        config
    }

    fn fill(&self, maker: &mut Maker) {
        let usize = |number: u32| number as usize;
        let (width, vocabulary) = (usize(self.width), usize(self.vocabulary_size()));
        let (queries, keys) = (usize(self.heads * self.head), usize(self.kv_heads * self.head));
        let feed_forward = usize(self.feed_forward);
        // 8-bit releases leave the ends of the model in 16 bits.
        let plain_ends = matches!(self.stored, WeightForm::Fp8(_));
        let ends = |maker: &mut Maker, name: &str, values: Vec<f32>| {
            if plain_ends {
                maker.plain(name, &[vocabulary, width], &values);
            } else {
                maker.matrix(name, vocabulary, width, &values);
            }
        };
        let embedding = maker.uniform(vocabulary * width, 1.0);
        ends(maker, "model.embed_tokens", embedding.clone());
        match self.output {
            Head::Tied => {}
            Head::TiedAndCopied => ends(maker, "lm_head", embedding),
            Head::Own | Head::TiedAndOther => {
                let values = maker.uniform(vocabulary * width, 0.4);
                ends(maker, "lm_head", values);
            }
        }
        maker.norm("model.norm", width);
        for layer in 0..self.layers {
            let name = |part: &str| format!("model.layers.{layer}.{part}");
            maker.norm(&name("attention_layernorm"), width);
            maker.norm(&name("feedforward_layernorm"), width);
            maker.norm(&name("self_attn.q_norm"), usize(self.head));
            maker.norm(&name("self_attn.k_norm"), usize(self.head));
            let matrices = [
                ("self_attn.q_proj", queries, width),
                ("self_attn.k_proj", keys, width),
                ("self_attn.v_proj", keys, width),
                ("self_attn.o_proj", width, queries),
                ("mlp.up_proj", feed_forward, width),
                ("mlp.down_proj", width, feed_forward),
            ];
            for (part, rows, columns) in matrices {
                #[expect(clippy::cast_precision_loss, reason = "tiny numbers")]
                let values = maker.uniform(rows * columns, 1.7 / (columns as f32).sqrt());
                maker.matrix(&name(part), rows, columns, &values);
            }
            for part in ["alpha_p", "alpha_n"] {
                let value = maker.uniform(1, 0.8);
                maker.tensor(&name(&format!("mlp.act_fn.{part}")), &[1], &value);
            }
            maker.tensor(&name("mlp.act_fn.beta"), &[], &[0.5]);
            maker.tensor(&name("mlp.act_fn.eps"), &[], &[-1e-6]);
        }
    }

    fn write_tensors(&self, folder: &Path, tensors: &BTreeMap<String, Tensor>) -> io::Result<()> {
        let name = |file: usize| match self.files {
            1 => "model.safetensors".to_owned(),
            files => format!("model-{:05}-of-{files:05}.safetensors", file + 1),
        };
        let mut places = BTreeMap::new();
        for file in 0..self.files {
            let mine = tensors.iter().enumerate().filter(|(at, _)| at % self.files == file).map(|(_, tensor)| tensor);
            let mut views = Vec::new();
            for (tensor, content) in mine {
                let view = TensorView::new(content.dtype, content.shape.clone(), &content.bytes);
                views.push((tensor.clone(), view.map_err(io::Error::other)?));
                places.insert(tensor.clone(), name(file));
            }
            safetensors::serialize_to_file(views, None, &folder.join(name(file))).map_err(io::Error::other)?;
        }
        if self.files > 1 {
            let bytes: usize = tensors.values().map(|tensor| tensor.bytes.len()).sum();
            let index = json!({"metadata": {"total_size": bytes}, "weight_map": places});
            std::fs::write(folder.join("model.safetensors.index.json"), index.to_string())?;
        }
        Ok(())
    }
}

impl Maker {
    /// Numbers between minus and plus `most` (xorshift64*).
    fn uniform(&mut self, count: usize, most: f32) -> Vec<f32> {
        let mut next = || {
            self.random ^= self.random >> 12;
            self.random ^= self.random << 25;
            self.random ^= self.random >> 27;
            #[expect(clippy::cast_precision_loss, reason = "24 bits fit a float")]
            let unit = (self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1u32 << 24) as f32;
            (unit * 2.0 - 1.0) * most
        };
        (0..count).map(|_| next()).collect()
    }

    fn norm(&mut self, name: &str, length: usize) {
        let values: Vec<f32> = self.uniform(length, 0.3).iter().map(|value| 1.0 + value).collect();
        self.plain(name, &[length], &values);
    }

    /// Floats in the repository's plain type.
    fn plain(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        self.tensor(&format!("{name}.weight"), shape, values);
    }

    fn tensor(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let dtype = match self.stored {
            WeightForm::F16 => Dtype::F16,
            WeightForm::F32 => Dtype::F32,
            WeightForm::Bf16 | WeightForm::Mlx { .. } | WeightForm::Fp8(_) => Dtype::BF16,
        };
        let (bytes, worth) = floats(dtype, values);
        self.tensors.insert(name.to_owned(), Tensor { dtype, shape: shape.to_vec(), bytes });
        self.weights.insert(name.to_owned(), worth);
    }

    fn matrix(&mut self, name: &str, rows: usize, columns: usize, values: &[f32]) {
        match self.stored {
            WeightForm::Bf16 | WeightForm::F16 | WeightForm::F32 => self.plain(name, &[rows, columns], values),
            WeightForm::Mlx { bits, group } => self.mlx(name, [rows, columns], values, bits, group as usize),
            WeightForm::Fp8(scales) => self.fp8(name, [rows, columns], values, scales),
        }
    }

    fn mlx(&mut self, name: &str, [rows, columns]: [usize; 2], values: &[f32], bits: u32, group: usize) {
        assert!(columns.is_multiple_of(group), "rows of {name} must be whole groups: choose other measures");
        #[expect(clippy::cast_precision_loss, reason = "at most 255")]
        let most = ((1u32 << bits) - 1) as f32;
        let (mut scales, mut biases, mut numbers, mut worth) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (at, values) in values.chunks_exact(group).enumerate() {
            let low = values.iter().copied().fold(f32::INFINITY, f32::min);
            let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            // MLX counts from the end that is farther from zero, so that half of its scales are negative.
            let (from, to) = if at % 2 == 0 { (low, high) } else { (high, low) };
            let scale = bf16::from_f32((to - from) / most).to_f32();
            let bias = bf16::from_f32(from).to_f32();
            for value in values {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 8 bits")]
                let number = ((value - bias) / scale).round().clamp(0.0, most) as u8;
                numbers.push(number);
                worth.push(scale * f32::from(number) + bias);
            }
            scales.push(scale);
            biases.push(bias);
        }
        let mut words = vec![0u8; numbers.len() * bits as usize / 8];
        for (at, number) in numbers.iter().enumerate() {
            for bit in (0..bits as usize).filter(|bit| number >> bit & 1 == 1) {
                let place = at * bits as usize + bit;
                words[place / 8] |= 1 << (place % 8);
            }
        }
        let shape = vec![rows, columns * bits as usize / 32];
        self.tensors.insert(format!("{name}.weight"), Tensor { dtype: Dtype::U32, shape, bytes: words });
        for (part, values) in [("scales", scales), ("biases", biases)] {
            let (bytes, _) = floats(Dtype::BF16, &values);
            let shape = vec![rows, columns / group];
            self.tensors.insert(format!("{name}.{part}"), Tensor { dtype: Dtype::BF16, shape, bytes });
        }
        self.weights.insert(format!("{name}.weight"), worth);
    }

    fn fp8(&mut self, name: &str, [rows, columns]: [usize; 2], values: &[f32], scales: Scales) {
        let (block_rows, block_columns) = match scales {
            Scales::Tensor => (rows, columns),
            Scales::Row => (1, columns),
            Scales::Block => (128, 128),
        };
        let scale_columns = columns.div_ceil(block_columns);
        let mut highest = vec![0.0f32; rows.div_ceil(block_rows) * scale_columns];
        let block = |at: usize| at / columns / block_rows * scale_columns + at % columns / block_columns;
        for (at, value) in values.iter().enumerate() {
            highest[block(at)] = highest[block(at)].max(value.abs());
        }
        let factors: Vec<f32> = highest.iter().map(|highest| bf16::from_f32(highest / 400.0).to_f32()).collect();
        let table: Vec<(f32, u8)> = (0..=0x7e).map(|byte| (e4m3(byte), byte)).collect();
        let (mut bytes, mut worth) = (Vec::new(), Vec::new());
        for (at, value) in values.iter().enumerate() {
            let factor = factors[block(at)];
            let scaled = (value / factor).abs();
            let next = table.partition_point(|(known, _)| *known < scaled).min(table.len() - 1);
            let byte = table[next].1 | if *value < 0.0 { 0x80 } else { 0 };
            bytes.push(byte);
            worth.push(e4m3(byte) * factor);
        }
        self.tensors
            .insert(format!("{name}.weight"), Tensor { dtype: Dtype::F8_E4M3, shape: vec![rows, columns], bytes });
        let (bytes, _) = floats(Dtype::BF16, &factors);
        let (part, shape) = match scales {
            Scales::Tensor => ("weight_scale", vec![1]),
            Scales::Row => ("weight_scale", vec![rows, 1]),
            Scales::Block => ("weight_scale_inv", vec![rows.div_ceil(128), scale_columns]),
        };
        self.tensors.insert(format!("{name}.{part}"), Tensor { dtype: Dtype::BF16, shape, bytes });
        self.weights.insert(format!("{name}.weight"), worth);
    }
}

/// Numbers as bytes of a type, and what they are worth then.
fn floats(dtype: Dtype, values: &[f32]) -> (Vec<u8>, Vec<f32>) {
    match dtype {
        Dtype::F32 => (values.iter().flat_map(|value| value.to_le_bytes()).collect(), values.to_vec()),
        Dtype::F16 => {
            let halves: Vec<f16> = values.iter().map(|value| f16::from_f32(*value)).collect();
            (halves.iter().flat_map(|half| half.to_le_bytes()).collect(), halves.iter().map(|h| h.to_f32()).collect())
        }
        _ => {
            let halves: Vec<bf16> = values.iter().map(|value| bf16::from_f32(*value)).collect();
            (halves.iter().flat_map(|half| half.to_le_bytes()).collect(), halves.iter().map(|h| h.to_f32()).collect())
        }
    }
}

/// A template of the shape that Apertus has: blocks between two control tokens, nothing between blocks.
const TEMPLATE: &str = "{{ bos_token }}{% for message in messages %}{{ '<|' + message.role + '_start|>' }}\
{{ message.content }}{{ '<|' + message.role + '_end|>' }}{% endfor %}\
{% if add_generation_prompt %}{{ '<|assistant_start|>' }}{% endif %}";
