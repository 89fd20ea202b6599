//! A small GGUF file with zero weights, in the weight types that people use, for probing kernels.
//!
//! One tensor of each type, so that each type's multiplication runs; enough bytes that generating is bound by memory
//! as it is with real models. It takes its room on the disk for the seconds that it is there.
//! Format: GGUF 3, <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use lethe_models::weight_type::WeightType;

/// Number of tokens.
pub const VOCABULARY: u32 = 4096;

const WIDTH: u64 = 1024;
const FEED_FORWARD: u64 = 4096;
const LAYERS: u32 = 2;
const HEADS: u32 = 16;
const ALIGNMENT: u64 = 32;

/// Number of the type in GGUF, elements of a block, bytes of a block.
type WeightKind = (u32, u64, u64);
const F32: WeightKind = (0, 1, 4);
const F16: WeightKind = (1, 1, 2);
const Q4_0: WeightKind = (2, 32, 18);
const Q4_1: WeightKind = (3, 32, 20);
const Q8_0: WeightKind = (8, 32, 34);
const Q3_K: WeightKind = (11, 256, 110);
const Q4_K: WeightKind = (12, 256, 144);
const Q5_K: WeightKind = (13, 256, 176);
const Q6_K: WeightKind = (14, 256, 210);
const BF16: WeightKind = (30, 1, 2);

/// Writes the file with the types that people use, one of each; an old one is replaced.
///
/// # Errors
/// Those of the file system.
pub fn write(path: &Path) -> io::Result<()> {
    write_tensors(path, &tensors(&[Q4_0, Q4_1, BF16, F16, Q8_0, Q4_K, Q4_0]))
}

/// Writes the file with all matrices of the type that most of a model of this type of weights has.
///
/// # Errors
/// Those of the file system.
pub fn write_type(path: &Path, weight_type: WeightType) -> io::Result<()> {
    let most = match weight_type {
        WeightType::F32 => F32,
        WeightType::Bf16 => BF16,
        WeightType::Q8_0 => Q8_0,
        WeightType::Q6K => Q6_K,
        WeightType::Q5KM => Q5_K,
        WeightType::Q4KM => Q4_K,
        WeightType::Q4_1 => Q4_1,
        WeightType::Q4_0 => Q4_0,
        WeightType::Q3KM => Q3_K,
    };
    write_tensors(path, &tensors(&[most; 7]))
}

fn write_tensors(path: &Path, tensors: &[(String, WeightKind, Vec<u64>)]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"GGUF")?;
    file.write_all(&3u32.to_le_bytes())?;
    file.write_all(&(tensors.len() as u64).to_le_bytes())?;
    let numbers = [
        ("llama.context_length", 512),
        ("llama.embedding_length", WIDTH as u32),
        ("llama.block_count", LAYERS),
        ("llama.feed_forward_length", FEED_FORWARD as u32),
        ("llama.attention.head_count", HEADS),
        ("llama.rope.dimension_count", WIDTH as u32 / HEADS),
        ("llama.vocab_size", VOCABULARY),
    ];
    file.write_all(&(numbers.len() as u64 + 3).to_le_bytes())?;
    write_text(&mut file, "general.architecture", "llama")?;
    write_text(&mut file, "tokenizer.ggml.model", "no_vocab")?;
    for (key, value) in numbers {
        write_string(&mut file, key)?;
        file.write_all(&4u32.to_le_bytes())?;
        file.write_all(&value.to_le_bytes())?;
    }
    write_string(&mut file, "llama.attention.layer_norm_rms_epsilon")?;
    file.write_all(&6u32.to_le_bytes())?;
    file.write_all(&1e-5f32.to_le_bytes())?;
    let mut offset = 0u64;
    for (name, (kind, block, bytes), shape) in tensors {
        write_string(&mut file, name)?;
        file.write_all(&(shape.len() as u32).to_le_bytes())?;
        for dimension in shape {
            file.write_all(&dimension.to_le_bytes())?;
        }
        file.write_all(&kind.to_le_bytes())?;
        file.write_all(&offset.to_le_bytes())?;
        let size = shape.iter().product::<u64>() / block * bytes;
        offset += size.next_multiple_of(ALIGNMENT);
    }
    let header = io::Seek::stream_position(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    take_room(&file, header.next_multiple_of(ALIGNMENT) + offset)
}

/// Makes the file so long, with room on the disk for all of it: a mapped hole without a block behind it would end the
/// process with a bus error, which looks like a wrong processor.
fn take_room(file: &File, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        // Some file systems can't promise room.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {}
        outcome => outcome?,
    }
    file.set_len(bytes)
}

/// Kinds of attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, ffn_down.
fn tensors(kinds: &[WeightKind; 7]) -> Vec<(String, WeightKind, Vec<u64>)> {
    let [query, key, value, output, gate, up, down] = *kinds;
    let vocabulary = u64::from(VOCABULARY);
    let square = vec![WIDTH, WIDTH];
    let mut tensors = vec![
        ("token_embd.weight".to_owned(), F16, vec![WIDTH, vocabulary]),
        ("output_norm.weight".to_owned(), F32, vec![WIDTH]),
        ("output.weight".to_owned(), Q6_K, vec![WIDTH, vocabulary]),
    ];
    for layer in 0..LAYERS {
        let rows = [
            ("attn_norm", F32, vec![WIDTH]),
            ("attn_q", query, square.clone()),
            ("attn_k", key, square.clone()),
            ("attn_v", value, square.clone()),
            ("attn_output", output, square.clone()),
            ("ffn_norm", F32, vec![WIDTH]),
            ("ffn_gate", gate, vec![WIDTH, FEED_FORWARD]),
            ("ffn_up", up, vec![WIDTH, FEED_FORWARD]),
            ("ffn_down", down, vec![FEED_FORWARD, WIDTH]),
        ];
        tensors.extend(rows.map(|(name, kind, shape)| (format!("blk.{layer}.{name}.weight"), kind, shape)));
    }
    tensors
}

fn write_text(file: &mut impl Write, key: &str, value: &str) -> io::Result<()> {
    write_string(file, key)?;
    file.write_all(&8u32.to_le_bytes())?;
    write_string(file, value)
}

fn write_string(file: &mut impl Write, text: &str) -> io::Result<()> {
    file.write_all(&(text.len() as u64).to_le_bytes())?;
    file.write_all(text.as_bytes())
}
