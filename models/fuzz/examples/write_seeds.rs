//! Writes the seeds: small model files, whole and wrong, and the tokenisers that go with them.

use std::fs;
use std::path::Path;

use lethe_models_fuzz::files::{F32, Gguf, I32, TEXT, U8, U16, U32, U64, text};

/// No seed is longer, in bytes.
const SEED: usize = 4096;

fn main() {
    for (name, file) in models() {
        let bytes = file.bytes();
        write("gguf_header", name, &bytes);
        write("inspect", name, &bytes);
    }
    let whole = Gguf::model("apertus").bytes();
    for (name, bytes) in [
        ("not-gguf", b"hello, I am a text file".to_vec()),
        ("version-1", [b"GGUF", &1u32.to_le_bytes()[..]].concat()),
        ("counts", [b"GGUF", &3u32.to_le_bytes()[..], &[0xff; 16]].concat()),
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("cut-in-data", whole[..whole.len() - 32].to_vec()),
    ] {
        write("gguf_header", name, &bytes);
        write("inspect", name, &bytes);
    }
    for (name, json) in jsons() {
        write("tokenizer_json", name, json.as_bytes());
    }
    for (name, choice, lines) in vocabularies() {
        write("vocabulary", name, &[&[choice], lines.as_bytes()].concat());
    }
}

fn models() -> Vec<(&'static str, Gguf)> {
    let apertus = || Gguf::model("apertus");
    let nested = [&9u32.to_le_bytes()[..], &1u64.to_le_bytes(), &text(b"x")].concat();
    vec![
        ("nothing", Gguf::new()),
        ("model", apertus()),
        ("llama", Gguf::model("llama").text("tokenizer.ggml.model", "llama")),
        ("part", Gguf::new().part(1, 3, 7).tensor("b", &[32], 2, 18)),
        ("version-2", apertus().version(2)),
        ("no-vocabulary", apertus().without("tokenizer.ggml.tokens").without("tokenizer.ggml.model")),
        ("no-template", apertus().without("tokenizer.chat_template").without("apertus.context_length")),
        ("projector", Gguf::new().text("general.architecture", "clip").text("general.type", "mmproj")),
        ("f16", apertus().tensor("blk.0.ffn_up.weight", &[32, 2], 1, 128)),
        ("nvfp4", apertus().tensor("blk.0.ffn_up.weight", &[64, 2], 40, 72)),
        ("removed-type", apertus().tensor("blk.0.ffn_up.weight", &[64], 31, 0)),
        ("unknown-type", apertus().tensor("blk.0.ffn_up.weight", &[u64::MAX / 2], 99, 0).tensor("c", &[9], 99, 0)),
        ("uneven", apertus().tensor("a", &[33], 2, 18).tensor("a", &[1, 1, 1, 1, 1, 1, 1, 1], 0, 4)),
        ("no-weights-in-a-tensor", apertus().tensor("a", &[0, u64::MAX], 0, 0)),
        ("alignment", apertus().value("general.alignment", U32, &64u32.to_le_bytes())),
        ("odd-alignment", apertus().value("general.alignment", U64, &(1u64 << 63).to_le_bytes())),
        ("controls", apertus().text("general.name", "a\u{1b}[2J\u{202e}\n\0b").text("\u{7}\n", "x")),
        ("long-name", apertus().text("general.name", &"ä".repeat(500))),
        ("not-utf8", apertus().value("general.name", TEXT, &text(b"\xff\xfe\x80"))),
        ("numbers", {
            apertus()
                .array("a", U8, 3, &[0, 1, 255])
                .array("b", I32, 1, &(-1i32).to_le_bytes())
                .array("c", U64, 1, &u64::MAX.to_le_bytes())
                .array("d", F32, 2, &[0; 8])
                .value("e", F32, &f32::NAN.to_le_bytes())
                .value("f", U16, &[1, 2])
        }),
        ("empty-arrays", apertus().texts("tokenizer.ggml.tokens", &[]).array("a", F32, 0, &[])),
        ("nested-array", apertus().value("a", 9, &nested)),
        ("contradiction", apertus().texts("tokenizer.ggml.tokens", &["a"])),
    ]
}

fn jsons() -> Vec<(&'static str, String)> {
    let model = r#"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"<unk>":3,"<0x41>":4},"merges":["a b"],"unk_token":"<unk>","byte_fallback":true,"fuse_unk":true,"ignore_merges":false}"#;
    let added = r#"[{"id":5,"content":"<think>","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":false},{"id":6,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}]"#;
    let file = |normalizer: &str, splitter: &str| {
        format!(r#"{{"added_tokens":{added},"normalizer":{normalizer},"pre_tokenizer":{splitter},"model":{model}}}"#)
    };
    let split =
        r#"{"type":"Split","pattern":{"Regex":"\\p{L}+|\\s+(?!\\S)|[^\\s]"},"behavior":"Isolated","invert":false}"#;
    let bytes = r#"{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}"#;
    vec![
        ("plain", file("null", "null")),
        ("bytes", file(r#"{"type":"NFC"}"#, bytes)),
        (
            "split",
            file(r#"{"type":"Lowercase"}"#, &format!(r#"{{"type":"Sequence","pretokenizers":[{split},{bytes}]}}"#)),
        ),
        (
            "sequence",
            file(
                r#"{"type":"Sequence","normalizers":[{"type":"NFKD"},{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"#,
                r#"{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}"#,
            ),
        ),
        ("digits", file("null", r#"{"type":"Digits","individual_digits":true}"#)),
        ("punctuation", file("null", r#"{"type":"Punctuation","behavior":"MergedWithPrevious"}"#)),
        ("pairs", r#"{"model":{"vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"],["b","c"]]}}"#.to_owned()),
        ("unigram", r#"{"model":{"type":"Unigram","vocab":[]}}"#.to_owned()),
        ("not-json", "{".to_owned()),
        ("deep", "[".repeat(200)),
    ]
}

fn vocabularies() -> Vec<(&'static str, u8, &'static str)> {
    vec![
        ("sentencepiece", 0, "2<unk>\n3<s>\n1▁\na\nb\n1ab\n1▁a\n4<think>\n"),
        ("sentencepiece-as-typed", 8, "3<s>\n1▁\na\nb\n1ab\n1▁a"),
        ("sentencepiece-without-bytes", 64, "3<s>\na\nb"),
        ("gemma", 1, "3<bos>\n1▁\na\nb\nab\n\na b\n"),
        ("tekken", 2, "3<s>\nab\n4<|im_end|>\n\na b\n"),
        ("smollm", 3, "3<s>\nab\n5x\n6<0x41>\n\na b\nb c"),
        ("llama-bpe", 4, "12345\nab\n\na b"),
        ("qwen2", 5, "3<|im_end|>\n1<|im_end|>\n\n< |"),
        ("gpt-2", 6, "Ġa\n\nĠ a"),
        ("starcoder", 7, "4a\n4aa\n4▁\n\na"),
        ("nothing", 66, ""),
        ("other-architecture", 130, "3<s>\nab\n\na b"),
    ]
}

fn write(target: &str, name: &str, content: &[u8]) {
    assert!(content.len() <= SEED, "{target}/{name} has {} bytes", content.len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join(name), content).expect("the seed can be written");
}
