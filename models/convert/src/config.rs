//! What config.json says of a model: its shape, its position encoding and how its weights are stored.
//!
//! Both layouts of transformers are read, the old one with `rope_theta` and `rope_scaling` and the new one with
//! `rope_parameters`. Every number is held against a limit far above any real model, so that nothing later can
//! overflow. What a GGUF file of Apertus has no key for (biases, another activation, partial rotation) is refused
//! here, because the file would load and answer wrongly.

use crate::error::{ConvertError, shown};
use crate::rope::Rope;
use serde::Deserialize;
use serde_json::Value;

pub(crate) const FILE: &str = "config.json";

/// The measures of a model. Lengths are numbers of elements.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Shape {
    /// Number of transformer blocks.
    pub layers: u32,
    /// Length of the hidden state.
    pub width: u32,
    /// Length of the hidden state inside the feed-forward part.
    pub feed_forward: u32,
    /// Number of query heads.
    pub heads: u32,
    /// Number of key and value heads; divides `heads`.
    pub kv_heads: u32,
    /// Length of one head; even, and not always `width / heads`.
    pub head: u32,
    /// Number of tokens.
    pub vocabulary: u32,
    /// Longest context in tokens.
    pub context: u32,
    /// Whether config.json says that the output matrix is the embedding matrix.
    pub tied: bool,
    /// How positions are encoded.
    pub rope: Rope,
    /// What is added under the root of every normalisation.
    pub norm_epsilon: f32,
}

/// Everything that is read from config.json.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    pub shape: Shape,
    pub quantization: Option<Quantization>,
    pub bos: Option<u32>,
    pub eos: Option<u32>,
    pub padding: Option<u32>,
}

/// How config.json says that weights are stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Quantization {
    /// MLX's affine groups: bits of a weight and weights of a group; single tensors may differ.
    Mlx { bits: u32, group: u32, others: Vec<(String, u32, u32)> },
    /// 8-bit floats with scales.
    Fp8,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    architectures: Vec<String>,
    model_type: Option<String>,
    hidden_size: Option<u64>,
    intermediate_size: Option<u64>,
    num_hidden_layers: Option<u64>,
    num_attention_heads: Option<u64>,
    num_key_value_heads: Option<u64>,
    head_dim: Option<u64>,
    vocab_size: Option<u64>,
    max_position_embeddings: Option<u64>,
    rms_norm_eps: Option<f64>,
    rope_theta: Option<f64>,
    rope_scaling: Option<RawRope>,
    rope_parameters: Option<RawRope>,
    partial_rotary_factor: Option<f64>,
    tie_word_embeddings: Option<bool>,
    hidden_act: Option<String>,
    qk_norm: Option<bool>,
    post_norm: Option<bool>,
    attention_bias: Option<bool>,
    mlp_bias: Option<bool>,
    quantization: Option<Value>,
    quantization_config: Option<Value>,
    bos_token_id: Option<Value>,
    eos_token_id: Option<Value>,
    pad_token_id: Option<Value>,
}

#[derive(Deserialize)]
struct RawRope {
    rope_type: Option<String>,
    #[serde(rename = "type")]
    old_type: Option<String>,
    rope_theta: Option<f64>,
    factor: Option<f64>,
    low_freq_factor: Option<f64>,
    high_freq_factor: Option<f64>,
    original_max_position_embeddings: Option<u64>,
    partial_rotary_factor: Option<f64>,
}

/// Whether weights with this config.json can be converted, as far as that file tells: for a look before they are
/// fetched.
///
/// # Errors
/// [`ConvertError::Architecture`], [`ConvertError::Setting`] and others of the file.
pub fn readable(config: &[u8]) -> Result<(), ConvertError> {
    Config::parse(config).map(drop)
}

impl Config {
    pub fn parse(text: &[u8]) -> Result<Self, ConvertError> {
        let raw: Raw = serde_json::from_slice(text).map_err(|error| damaged(format!("line {}", error.line())))?;
        let kind = raw.architectures.first().map_or("", String::as_str);
        if kind != "ApertusForCausalLM" {
            let kind = if kind.is_empty() { raw.model_type.as_deref().unwrap_or("") } else { kind };
            return Err(ConvertError::Architecture(shown(kind)));
        }
        refuse_unknown_parts(&raw)?;
        let quantization = quantization(&raw)?;
        Ok(Self {
            quantization,
            bos: first_token(raw.bos_token_id.as_ref()),
            eos: first_token(raw.eos_token_id.as_ref()),
            padding: first_token(raw.pad_token_id.as_ref()),
            shape: shape(&raw)?,
        })
    }
}

fn damaged(reason: impl Into<String>) -> ConvertError {
    ConvertError::damaged(FILE, reason)
}

fn refuse_unknown_parts(raw: &Raw) -> Result<(), ConvertError> {
    let refuse = |what: &str| Err(ConvertError::Setting(what.to_owned()));
    match raw.hidden_act.as_deref() {
        Some("xielu") | None => {}
        Some(other) => return refuse(&format!("the activation {}", shown(other))),
    }
    if raw.attention_bias == Some(true) || raw.mlp_bias == Some(true) {
        return refuse("biases");
    }
    if raw.post_norm == Some(true) {
        return refuse("normalisation after each part");
    }
    if raw.qk_norm == Some(false) {
        return refuse("attention without normalised queries and keys");
    }
    Ok(())
}

fn shape(raw: &Raw) -> Result<Shape, ConvertError> {
    let heads = number("num_attention_heads", raw.num_attention_heads, 1 << 12)?;
    let width = number("hidden_size", raw.hidden_size, 1 << 18)?;
    let kv_heads = match raw.num_key_value_heads {
        Some(kv_heads) => number("num_key_value_heads", Some(kv_heads), heads)?,
        None => heads,
    };
    if !heads.is_multiple_of(kv_heads) {
        return Err(damaged("num_attention_heads is no multiple of num_key_value_heads"));
    }
    let head = match raw.head_dim {
        Some(head) => number("head_dim", Some(head), 1 << 12)?,
        None if width.is_multiple_of(heads) => width / heads,
        None => return Err(damaged("hidden_size is no multiple of num_attention_heads")),
    };
    if !head.is_multiple_of(2) {
        return Err(damaged("head_dim is odd"));
    }
    let norm_epsilon = raw.rms_norm_eps.ok_or_else(|| damaged("rms_norm_eps is missing"))?;
    if !(norm_epsilon > 0.0 && norm_epsilon < 1.0) {
        return Err(damaged("rms_norm_eps is impossible"));
    }
    let context = number("max_position_embeddings", raw.max_position_embeddings, 1 << 26)?;
    #[expect(clippy::cast_possible_truncation, reason = "GGUF holds it as a float of 32 bits")]
    let norm_epsilon = norm_epsilon as f32;
    Ok(Shape {
        layers: number("num_hidden_layers", raw.num_hidden_layers, 1 << 10)?,
        width,
        feed_forward: number("intermediate_size", raw.intermediate_size, 1 << 20)?,
        heads,
        kv_heads,
        head,
        vocabulary: number("vocab_size", raw.vocab_size, 1 << 20)?,
        context,
        tied: raw.tie_word_embeddings.unwrap_or(false),
        rope: rope(raw, context)?,
        norm_epsilon,
    })
}

fn number(name: &str, value: Option<u64>, most: u32) -> Result<u32, ConvertError> {
    let value = value.ok_or_else(|| damaged(format!("{name} is missing")))?;
    let number = u32::try_from(value).ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| damaged(format!("{name} is impossible")))
}

fn rope(raw: &Raw, context: u32) -> Result<Rope, ConvertError> {
    let parameters = raw.rope_parameters.as_ref().or(raw.rope_scaling.as_ref());
    let partial = parameters.and_then(|rope| rope.partial_rotary_factor).or(raw.partial_rotary_factor);
    if partial.is_some_and(|part| part != 1.0) {
        return Err(ConvertError::Setting("positions in a part of each head".to_owned()));
    }
    let theta = parameters.and_then(|rope| rope.rope_theta).or(raw.rope_theta);
    let theta = theta.ok_or_else(|| damaged("rope_theta is missing"))?;
    let factor = |name: &str, value: Option<f64>| {
        let value = value.ok_or_else(|| damaged(format!("{name} of the position encoding is missing")))?;
        if value.is_finite() && (1e-6..=1e12).contains(&value) {
            Ok(value)
        } else {
            Err(damaged(format!("{name} of the position encoding is impossible")))
        }
    };
    let theta = factor("rope_theta", Some(theta))?;
    let kind = parameters.and_then(|rope| rope.rope_type.as_deref().or(rope.old_type.as_deref()));
    match (kind.unwrap_or("default"), parameters) {
        ("default", _) => Ok(Rope::Plain { theta }),
        ("llama3", Some(rope)) => {
            let (low, high) =
                (factor("low_freq_factor", rope.low_freq_factor)?, factor("high_freq_factor", rope.high_freq_factor)?);
            if low >= high {
                return Err(damaged("low_freq_factor is not below high_freq_factor"));
            }
            let original = match rope.original_max_position_embeddings {
                Some(original) => number("original_max_position_embeddings", Some(original), 1 << 26)?,
                None => context,
            };
            Ok(Rope::Llama3 { theta, factor: factor("factor", rope.factor)?, low, high, original })
        }
        (other, _) => Err(ConvertError::Setting(format!("the position encoding {}", shown(other)))),
    }
}

/// The first id of a field that is a number or a list of numbers.
fn first_token(value: Option<&Value>) -> Option<u32> {
    let value = value?;
    let id = value.as_array().map_or(Some(value), |list| list.first())?.as_u64()?;
    u32::try_from(id).ok()
}

fn quantization(raw: &Raw) -> Result<Option<Quantization>, ConvertError> {
    let value = match (&raw.quantization, &raw.quantization_config) {
        (Some(value), _) | (None, Some(value)) if !value.is_null() => value,
        _ => return Ok(None),
    };
    if value.get("bits").is_some() && value.get("group_size").is_some() && value.get("quant_method").is_none() {
        return mlx(value).map(Some);
    }
    let method = text(value, "quant_method");
    let format = text(value, "format");
    let all = value.to_string().to_lowercase();
    if all.contains("nvfp4") || all.contains("mxfp4") {
        let what = if all.contains("nvfp4") { "NVFP4" } else { "MXFP4" };
        return Err(stored(what, "llama.cpp does not read the scales of such an Apertus"));
    }
    match (method.as_str(), format.as_str()) {
        ("compressed-tensors", "float-quantized" | "naive-quantized") | ("fp8", _) => Ok(Some(Quantization::Fp8)),
        ("compressed-tensors", format) => Err(stored(format, "Lethe does not know how to unpack it")),
        (method, _) => Err(stored(method, "Lethe does not know how to unpack it")),
    }
}

fn stored(what: &str, reason: &str) -> ConvertError {
    let what = if what.is_empty() { "an unknown kind of quantisation" } else { what };
    ConvertError::Stored { what: shown(what), reason: reason.to_owned() }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn mlx(value: &Value) -> Result<Quantization, ConvertError> {
    let (bits, group) = mlx_group(value)?;
    let mut others = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        if value.get("bits").is_some() {
            let (bits, group) = mlx_group(value)?;
            others.push((name.clone(), bits, group));
        }
    }
    Ok(Quantization::Mlx { bits, group, others })
}

fn mlx_group(value: &Value) -> Result<(u32, u32), ConvertError> {
    match value.get("mode").and_then(Value::as_str) {
        Some("affine") | None => {}
        Some(mode) => return Err(stored(&format!("MLX {mode}"), "Lethe reads MLX's affine groups only")),
    }
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    match (number("bits"), number("group_size")) {
        (Some(bits @ (2 | 3 | 4 | 5 | 6 | 8)), Some(group @ (16 | 32 | 64 | 128))) => {
            Ok((u32::try_from(bits).expect("at most 8"), u32::try_from(group).expect("at most 128")))
        }
        _ => Err(damaged("its quantisation has impossible bits or group_size")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(changes: &[(&str, Value)]) -> Result<Config, ConvertError> {
        let mut config = serde_json::json!({
            "architectures": ["ApertusForCausalLM"], "hidden_size": 64, "intermediate_size": 96,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 320,
            "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 500_000.0, "hidden_act": "xielu",
        });
        for (key, value) in changes {
            config[key] = value.clone();
        }
        Config::parse(config.to_string().as_bytes())
    }

    #[test]
    fn both_layouts_of_the_position_encoding_mean_the_same() {
        let scaling = serde_json::json!({"type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 8192});
        let mut parameters = scaling.clone();
        parameters["rope_theta"] = 500_000.0.into();
        let old = parse(&[("rope_scaling", scaling)]).expect("the old layout").shape.rope;
        let new = parse(&[("rope_parameters", parameters), ("rope_theta", Value::Null)]).expect("the new layout");
        assert_eq!(old, new.shape.rope);
        assert_eq!(old, Rope::Llama3 { theta: 500_000.0, factor: 8.0, low: 1.0, high: 4.0, original: 8192 });
        assert_eq!(parse(&[]).expect("no scaling").shape.rope, Rope::Plain { theta: 500_000.0 });
    }

    #[test]
    fn what_a_file_can_not_say_or_no_model_has_is_refused() {
        use serde_json::json;
        let rows = [
            ("architectures", json!(["LlamaForCausalLM"]), "LlamaForCausalLM"),
            ("hidden_act", json!("silu"), "silu"),
            ("attention_bias", json!(true), "biases"),
            ("post_norm", json!(true), "after each part"),
            ("qk_norm", json!(false), "normalised queries"),
            ("partial_rotary_factor", json!(0.5), "part of each head"),
            ("rope_scaling", json!({"rope_type": "yarn", "factor": 2.0}), "yarn"),
            ("rope_scaling", json!({"rope_type": "llama3", "factor": 2.0}), "low_freq_factor"),
            ("num_hidden_layers", json!(u64::MAX), "num_hidden_layers is impossible"),
            ("num_hidden_layers", json!(0), "num_hidden_layers is impossible"),
            ("vocab_size", json!(1u64 << 40), "vocab_size is impossible"),
            ("hidden_size", json!(66), "no multiple"),
            ("num_key_value_heads", json!(3), "no multiple"),
            ("head_dim", json!(7), "odd"),
            ("rms_norm_eps", json!(-1.0), "rms_norm_eps"),
            ("rope_theta", json!(0.0), "rope_theta"),
            ("quantization", json!({"bits": 7, "group_size": 64}), "impossible bits"),
            ("quantization", json!({"bits": 4, "group_size": 32, "mode": "mxfp4"}), "MLX mxfp4"),
            ("quantization_config", json!({"quant_method": "gptq"}), "gptq"),
            (
                "quantization_config",
                json!({"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}),
                "NVFP4",
            ),
            (
                "quantization_config",
                json!({"quant_method": "compressed-tensors", "format": "pack-quantized"}),
                "pack-quantized",
            ),
        ];
        for (key, value, words) in rows {
            let error = parse(&[(key, value)]).expect_err(words).to_string();
            assert!(error.contains(words), "{key}: {error}");
            assert!(error.contains(": ") && !error.contains('\n') && !error.ends_with('.'), "{error}");
        }
    }
}
