//! An Apertus that says what it is told: a tiny one whose every token leads to the next of a script.
//!
//! Attention and feed-forward add nothing, so a state is the embedding of the last token, and the output matrix holds
//! the embedding of each token at the row of its successor. The real engine, a real file and the real sampler so say
//! exact things, control tokens as well. A token can have one successor only.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use lethe_convert::tiny::{Head, Tiny};
use lethe_convert::{Exact, Options, Source, convert};
use lethe_models::gguf::Header;
use lethe_models::wire::Token;

/// Number of the token of a byte in the small vocabulary.
pub fn byte(byte: u8) -> Token {
    const CONTROL_TOKENS: Token = 80;
    CONTROL_TOKENS + Token::from(byte)
}

/// The tokens of a text in which no byte stands twice.
pub fn text(text: &str) -> Vec<Token> {
    text.bytes().map(byte).collect()
}

/// Writes a model file that goes on from the first token of the script as the script says.
///
/// # Panics
/// When a token of the script but the last stands in it twice.
pub fn write(path: &Path, context: u32, script: &[Token]) {
    let tiny = Tiny { output: Head::Own, context, layers: 1, ..Tiny::default() };
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    tiny.write(folder.path()).expect("the repository is written");
    // Without a template of its own it gets Lethe's profile.
    std::fs::remove_file(folder.path().join("chat_template.jinja")).expect("it was there");
    let source = Source::open(folder.path()).expect("the repository is whole");
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    convert(&source, path, &Options::new(Exact::F32), go_on).expect("it converts");
    let (width, vocabulary) = (tiny.width as usize, tiny.vocabulary_size() as usize);
    let embedding = |token: Token| -> Vec<f32> {
        // Pseudo-random signs: two different tokens are nearly at right angles.
        let mut state = u64::from(token).wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
        let mut sign = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if state & 1 == 0 { 1.0 } else { -1.0 }
        };
        (0..width).map(|_| sign()).collect()
    };
    let all: Vec<f32> = (0..vocabulary).flat_map(|token| embedding(token as Token)).collect();
    let mut output = vec![0.0f32; width * vocabulary];
    for pair in script.windows(2) {
        let row = &mut output[pair[1] as usize * width..][..width];
        // A token may follow on several others, but only one follows on each.
        let leads = script.iter().filter(|token| **token == pair[0]).count();
        assert_eq!(leads, 1, "token {} leads to two others", pair[0]);
        row.iter_mut().zip(embedding(pair[0])).for_each(|(weight, wanted)| *weight += wanted);
    }
    let zeros = |tensor: &str| vec![0.0; elements(path, tensor)];
    for (tensor, values) in [
        ("token_embd.weight", all),
        ("output.weight", output),
        ("output_norm.weight", vec![1.0; width]),
        ("blk.0.attn_output.weight", zeros("blk.0.attn_output.weight")),
        ("blk.0.ffn_down.weight", zeros("blk.0.ffn_down.weight")),
    ] {
        overwrite(path, tensor, &values);
    }
}

fn elements(path: &Path, tensor: &str) -> usize {
    let header = Header::read(path).expect("the file is whole");
    let tensor = header.tensors.iter().find(|known| known.name == tensor).expect("the tensor is there");
    usize::try_from(tensor.shape.iter().product::<u64>()).expect("a tiny tensor")
}

fn overwrite(path: &Path, tensor: &str, values: &[f32]) {
    let header = Header::read(path).expect("the file is whole");
    let found = header.tensors.iter().find(|known| known.name == tensor).expect("the tensor is there");
    assert_eq!(found.bytes, values.len() as u64 * 4, "{tensor} is F32 and of this size");
    let mut file = File::options().write(true).open(path).expect("the file is writable");
    file.seek(SeekFrom::Start(header.place(found).offset)).expect("the tensor lies in the file");
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    file.write_all(&bytes).expect("the file is writable");
}
