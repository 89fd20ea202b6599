//! Model files as people see them, split ones as one, and files that nobody should have written.

#[path = "../fuzz/src/files.rs"]
mod files;
#[path = "../fuzz/src/mutations.rs"]
mod mutations;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use files::{F32, Gguf, TEXT, U8, U16, U32, U64, text};
use lethe_models::gguf::{GgufError, Header, first_part};
use lethe_models::inspect::{Inspection, LONGEST_TEXT, inspect, inspect_header};
use lethe_models::tokens::Vocabulary;
use tempfile::TempDir;

fn check(target: fn(&[u8]), name: &str, mutations: usize) {
    mutations::run(target, &Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name), mutations);
}

#[test]
fn hostile_headers_are_errors_or_odd_headers() {
    check(targets::gguf_header, "gguf_header", 20_000);
}

#[test]
fn hostile_files_are_shown_or_refused() {
    check(targets::inspect, "inspect", 10_000);
}

#[test]
fn hostile_tokenizer_files_cut_text_or_are_refused() {
    check(targets::tokenizer_json, "tokenizer_json", 1500);
}

#[test]
fn hostile_vocabularies_make_no_control_tokens() {
    check(targets::vocabulary, "vocabulary", 1000);
}

fn looked_at(file: &Gguf) -> Inspection {
    let bytes = file.bytes();
    inspect_header(&Header::parse(Cursor::new(&bytes), bytes.len() as u64).expect("the file is whole"))
}

#[test]
fn a_model_is_shown_with_all_that_is_in_it() {
    let file = Gguf::model("apertus")
        .array("a.bytes", U8, 3, &[1, 2, 3])
        .array("a.float", F32, 1, &[0; 4])
        .value("a.wide", U64, &u64::MAX.to_le_bytes())
        .value("a.narrow", U16, &7u16.to_le_bytes())
        .value("a.long", TEXT, &text(&vec![b'x'; 5 << 20]));
    let shown = looked_at(&file);
    let field = |key: &str| shown.values.iter().find(|value| value.key == key).map(|value| value.value.as_str());
    for (key, wanted) in [
        ("tokenizer.ggml.tokens", "array of 4 texts"),
        ("tokenizer.ggml.token_type", "array of 4 whole numbers"),
        ("a.bytes", "array of 3 whole numbers"),
        ("a.float", "array of 1 float"),
        ("apertus.attention.layer_norm_rms_epsilon", "1e-5"),
        ("a.wide", "18446744073709551615"),
        ("a.narrow", "7"),
        ("a.long", "text of 5242880 bytes"),
        ("general.architecture", "apertus"),
    ] {
        assert_eq!(field(key), Some(wanted), "{key}");
    }
    assert_eq!(shown.name.as_deref(), Some("A Small Model"));
    assert_eq!(shown.license.as_deref(), Some("apache-2.0"));
    assert_eq!((shown.architecture.as_str(), shown.quantization.as_str()), ("apertus", "F32"));
    assert_eq!((shown.parameters, shown.context, shown.files, shown.gguf_version), (1280, 4096, 1, 3));
    assert_eq!(shown.bytes, file.bytes().len() as u64);
    assert!(shown.template);
    assert_eq!(shown.tokenizer, "Byte pair encoding of bytes, cut as tekken, 4 tokens.");
    let types: Vec<_> =
        shown.types.iter().map(|share| (share.type_name.as_str(), share.tensors, share.bytes)).collect();
    assert_eq!(types, [("F32", 1, 1024), ("Q4_K", 1, 576)]);
    let first = &shown.tensors[0];
    assert_eq!((first.name.as_str(), first.type_name.as_str(), first.bytes), ("token_embd.weight", "Q4_K", 576));
    assert_eq!(first.shape, [256, 4]);
    assert_eq!(shown.warnings, Vec::<String>::new(), "there is nothing to beware of");
}

#[test]
fn the_starter_model_is_shown_as_it_is() {
    let path = PathBuf::from(std::env::var_os("LETHE_STARTER_MODEL").expect("set LETHE_STARTER_MODEL; npm test does"));
    let shown = inspect(&path).expect("it is whole");
    assert_eq!((shown.architecture.as_str(), shown.quantization.as_str(), shown.context), ("llama", "Q4_1", 8192));
    assert_eq!(shown.tokenizer, "Byte pair encoding of bytes, cut as smollm, 49152 tokens.");
    assert_eq!(shown.path, path.display().to_string());
    assert!(shown.template && shown.tensors.len() == 272, "{} tensors", shown.tensors.len());
    assert_eq!(shown.warnings, Vec::<String>::new(), "Lethe starts with it");
}

#[test]
fn an_inspection_is_sent_under_the_names_of_the_contract() {
    let json = serde_json::to_value(looked_at(&Gguf::model("apertus"))).expect("it can be sent");
    let names =
        |value: &serde_json::Value| -> Vec<String> { value.as_object().expect("an object").keys().cloned().collect() };
    let wanted = "path files bytes name architecture quantization parameters context template tokenizer license \
        ggufVersion types values tensors warnings";
    assert_eq!(names(&json).join(" "), wanted);
    assert_eq!(names(&json["types"][0]), ["type", "tensors", "bytes"]);
    assert_eq!(names(&json["values"][0]), ["key", "value"]);
    assert_eq!(names(&json["tensors"][0]), ["name", "shape", "type", "bytes"]);
}

#[test]
fn the_mixture_is_named_only_where_the_weights_are_of_it() {
    let large = |kind: u32, bytes: u64| Gguf::model("apertus").tensor("large", &[256, 64], kind, bytes);
    for (file_type, kind, bytes, wanted) in [
        (15u32, 12, 64 * 144, "Q4_K_M"),
        (14, 12, 64 * 144, "Q4_K_S"),
        (15, 14, 64 * 210, "Q6_K"),
        (99, 12, 64 * 144, "Q4_K"),
        (15, 40, 64 * 4 * 36, "NVFP4"),
        (15, 41, 64 * 2 * 18, "Q1_0"),
        (15, 42, 64 * 4 * 18, "Q2_0"),
    ] {
        let file = large(kind, bytes).value("general.file_type", U32, &file_type.to_le_bytes());
        assert_eq!(looked_at(&file).quantization, wanted, "{file_type} of type {kind}");
    }
}

#[test]
fn every_warning_comes_with_its_cause_and_alone() {
    let model = || Gguf::model("apertus");
    let llama = || Gguf::model("llama");
    let wide = |file: Gguf, kind: u32, bytes: u64| file.tensor("blk.0.ffn_up.weight", &[64, 2], kind, bytes);
    let rows = [
        (wide(model(), 1, 256), "F16"),
        (wide(model(), 40, 72), "leaves out their scales"),
        (wide(llama(), 40, 72), "NVFP4, which is new"),
        (wide(model(), 31, 0), "no longer reads (Q4_0_4_4)"),
        (wide(model(), 43, 0), "does not know (type 43)"),
        (model().tensor("a", &[33], 2, 18), "The tensor a has an impossible shape"),
        (model().tensor("a", &[1, 1, 1, 1, 1], 0, 4), "impossible shape or name"),
        (model().tensor(&"n".repeat(64), &[1], 0, 4), "impossible shape or name"),
        (model().tensor("output_norm.weight", &[1], 0, 4), "output_norm.weight is in the file twice"),
        (model().version(2), "old version 2"),
        (model().without("tokenizer.chat_template"), "no chat template"),
        (model().text("tokenizer.chat_template", " \n"), "no chat template"),
        (model().without("apertus.context_length"), "how many tokens of context"),
        (model().without("tokenizer.ggml.eos_token_id"), "with which token an answer ends"),
        (model().without("tokenizer.ggml.tokens"), "no vocabulary"),
        (model().texts("tokenizer.ggml.tokens", &["a"]), "contradicts itself"),
        (model().array("tokenizer.ggml.scores", F32, 1, &[0; 4]), "contradicts itself"),
        (model().part(0, 2, 3), "part 1 of 2"),
        (Gguf::new().text("general.type", "mmproj"), "sees pictures with"),
        (Gguf::new().text("general.architecture", "clip"), "sees pictures with"),
        (Gguf::new().text("general.type", "adapter"), "an adapter"),
        (Gguf::new().text("general.type", "imatrix"), "for making model files"),
    ];
    for (file, wanted) in rows {
        let warnings = looked_at(&file).warnings;
        assert!(warnings.len() == 1 && warnings[0].contains(wanted), "{wanted}: {warnings:?}");
    }
    assert_eq!(looked_at(&wide(llama(), 1, 256)).warnings, Vec::<String>::new(), "F16 is fine without xIELU");
    let empty = looked_at(&Gguf::new()).warnings;
    assert!(empty.iter().any(|warning| warning.contains("no weights")), "{empty:?}");
    assert!(empty.iter().any(|warning| warning.contains("which architecture")), "{empty:?}");
}

#[test]
fn vocabularies_are_told_apart() {
    let file = |kind: &str| looked_at(&Gguf::model("llama").text("tokenizer.ggml.model", kind)).tokenizer;
    for (kind, wanted) in [
        ("gpt2", "Byte pair encoding of bytes, cut as tekken, 4 tokens."),
        ("llama", "SentencePiece with byte fallback, 4 tokens."),
        ("bert", "WordPiece, 4 tokens."),
        ("none", "The file has no vocabulary."),
        ("x\ny", "Of a kind that Lethe does not know (x y), 4 tokens."),
    ] {
        assert_eq!(file(kind), wanted);
    }
    let inside = looked_at(&Gguf::model("llama").text("tokenizer.huggingface.json", "{}")).tokenizer;
    assert_eq!(inside, "Byte pair encoding of bytes, cut as tekken, 4 tokens, with a tokenizer.json inside.");
}

/// A model in three files: values in the first, a tensor in each.
fn split(stem: &str) -> (TempDir, [PathBuf; 3]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paths = [1, 2, 3].map(|number| folder.path().join(format!("{stem}-{number:05}-of-00003.gguf")));
    for (number, path) in paths.iter().enumerate() {
        fs::write(path, part(number as u16).bytes()).expect("the folder is writable");
    }
    (folder, paths)
}

fn part(number: u16) -> Gguf {
    let file = if number == 0 { Gguf::model("apertus") } else { Gguf::new() };
    file.part(number, 3, 5).tensor(&format!("blk.{number}.weight"), &[32, 2], 2, 36)
}

#[test]
fn a_split_model_is_one_whichever_of_its_files_is_named() {
    let (_folder, paths) = split("small");
    let headers = paths.each_ref().map(|path| Header::read(path).expect("all parts are there"));
    assert!(headers.iter().all(|header| *header == headers[0]));
    let header = &headers[0];
    assert_eq!(header.files, paths);
    assert_eq!(header.file_bytes, paths.iter().map(|path| path.metadata().expect("a file").len()).sum::<u64>());
    assert_eq!(header.architecture(), "apertus");
    let tensors: Vec<_> = header.tensors.iter().map(|tensor| (tensor.file, tensor.name.as_str())).collect();
    let wanted = [
        (0, "token_embd.weight"),
        (0, "output_norm.weight"),
        (0, "blk.0.weight"),
        (1, "blk.1.weight"),
        (2, "blk.2.weight"),
    ];
    assert_eq!(tensors, wanted);
    for tensor in &header.tensors {
        let place = header.place(tensor);
        let bytes = paths[tensor.file].metadata().expect("a file").len();
        assert!(place.offset + place.bytes <= bytes && place.offset.is_multiple_of(32), "{}", tensor.name);
    }
    assert_eq!(header.parameters(), 1280 + 3 * 64);
    let vocabulary = Vocabulary::read(&first_part(&paths[2]), header).expect("it lies in the first part");
    assert_eq!(vocabulary.expect("there is one").tokens, ["a", "b", "ab", "</s>"]);
    let shown = inspect(&paths[1]).expect("all parts are there");
    assert_eq!((shown.files, shown.path), (3, paths[0].display().to_string()));
    assert_eq!(shown.warnings, Vec::<String>::new());
    let bytes = part(1).bytes();
    let lone = Header::parse(Cursor::new(&bytes), bytes.len() as u64).expect("one part can be read as a stream");
    assert_eq!((lone.part().map(|part| (part.number, part.count)), lone.tensors.len()), (Some((2, 3)), 1));
}

/// Prints the reference's types, and writes a model in three files to the path that it is given.
const REFERENCE: &str = r#"
import sys, numpy, gguf
for kind, (block, size) in gguf.GGML_QUANT_SIZES.items():
    print(kind.value, kind.name, block, size)
writer = gguf.GGUFWriter(sys.argv[1], "llama", split_max_tensors=2)
writer.add_context_length(2048)
for number in range(5):
    writer.add_tensor(f"blk.{number}.weight", numpy.full((4, 32), number, dtype=numpy.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
"#;

#[test]
fn types_and_splits_are_those_of_the_reference_implementation() {
    let reference = std::env::var_os("LETHE_REFERENCE").expect("set LETHE_REFERENCE; npm test does");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = folder.path().join("small.gguf");
    let mut python = Command::new(Path::new(&reference).join("python/bin/python"));
    let output = python.args(["-c", REFERENCE]).arg(&model).output().expect("the reference has a Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let types = String::from_utf8(output.stdout).expect("it prints text");
    assert!(types.lines().count() > 30, "it has all types");
    for line in types.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [kind, name, block, size] = fields[..] else { panic!("{line}") };
        let number = |text: &str| text.parse::<u64>().expect("a number");
        // The Python package still has 32-bit floats in this type, which is in no file; llama.cpp has 16-bit ones.
        let size = if name == "Q8_1" { 36 } else { number(size) };
        let file = Gguf::new().tensor("a", &[2 * number(block)], number(kind) as u32, 2 * size);
        let share = &looked_at(&file).types[0];
        assert_eq!((share.type_name.as_str(), share.bytes), (name, 2 * size), "{line}");
    }
    let header = Header::read(&folder.path().join("small-00002-of-00003.gguf")).expect("all parts are there");
    assert_eq!((header.files.len(), header.tensors.len(), header.context_trained()), (3, 5, 2048));
    for (number, tensor) in (0u8..).zip(&header.tensors) {
        let bytes = fs::read(&header.files[tensor.file]).expect("it is there");
        let place = header.place(tensor);
        let weights = &bytes[place.offset as usize..(place.offset + place.bytes) as usize];
        assert_eq!(weights, f32::from(number).to_le_bytes().repeat(128), "{}", tensor.name);
    }
}

/// What is done to a split model.
type Damage = fn(&[PathBuf; 3]);

#[test]
fn a_split_model_with_a_wrong_part_is_refused_with_the_name_of_the_part() {
    let rows: [(&str, Damage, &str); 9] = [
        (
            "missing",
            |paths| fs::remove_file(&paths[1]).expect("it is there"),
            "the file small-00002-of-00003.gguf of this model is missing",
        ),
        (
            "first missing",
            |paths| fs::remove_file(&paths[0]).expect("it is there"),
            "the file small-00001-of-00003.gguf of this model is missing",
        ),
        (
            "another part in its place",
            |paths| assert!(fs::copy(&paths[2], &paths[1]).is_ok_and(|bytes| bytes > 0)),
            "the file small-00002-of-00003.gguf is no part of this model",
        ),
        (
            "a whole model in its place",
            |paths| fs::write(&paths[1], Gguf::model("llama").bytes()).expect("it is writable"),
            "the file small-00002-of-00003.gguf is no part of this model",
        ),
        (
            "of a split in four",
            |paths| fs::write(&paths[1], Gguf::new().part(1, 4, 5).bytes()).expect("it is writable"),
            "the file small-00002-of-00003.gguf is no part of this model",
        ),
        (
            "cut",
            |paths| {
                let bytes = fs::read(&paths[1]).expect("it is there");
                fs::write(&paths[1], &bytes[..bytes.len() - 40]).expect("it is writable");
            },
            "small-00002-of-00003.gguf: this GGUF file is incomplete",
        ),
        (
            "a text",
            |paths| fs::write(&paths[1], "hello").expect("it is writable"),
            "small-00002-of-00003.gguf: this is not a GGUF file",
        ),
        (
            "with other tensors",
            |paths| fs::write(&paths[1], Gguf::new().part(1, 3, 5).bytes()).expect("it is writable"),
            "the files of this model don't belong together",
        ),
        (
            "with a tensor twice",
            |paths| {
                let twice = Gguf::new().part(1, 3, 5).tensor("blk.0.weight", &[32, 2], 2, 36);
                fs::write(&paths[1], twice.bytes()).expect("it is writable");
            },
            "the files of this model don't belong together",
        ),
    ];
    for (what, damage, wanted) in rows {
        let (_folder, paths) = split("small");
        damage(&paths);
        for path in [&paths[0], &paths[2]].into_iter().filter(|path| path.exists()) {
            let error = Header::read(path).expect_err(what).to_string();
            assert!(error.starts_with(wanted), "{what}: {error}");
        }
    }
    let (folder, paths) = split("small");
    for name in ["other.gguf", "small-00001-of-00003.gguf"] {
        let renamed = folder.path().join(name);
        fs::copy(&paths[1], &renamed).expect("the folder is writable");
        let error = Header::read(&renamed).expect_err("the name says something else");
        assert!(matches!(error, GgufError::PartName { number: 2, count: 3 }), "{name}: {error}");
        assert!(error.to_string().contains("model-00002-of-00003.gguf"), "{error}");
    }
}

#[test]
fn a_count_of_parts_and_a_name_alone_make_no_split_model() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, file) in [
        ("a-00001-of-00001.gguf", Gguf::model("apertus").part(0, 1, 2)),
        ("a-00002-of-00003.gguf", Gguf::model("apertus")),
        ("a.gguf", Gguf::model("apertus").part(0, 0, 2)),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, file.bytes()).expect("the folder is writable");
        assert_eq!(Header::read(&path).expect("it is whole").files, [path], "{name}");
    }
    let many = folder.path().join("b-00001-of-60000.gguf");
    fs::write(&many, Gguf::model("apertus").part(0, 60_000, 2).bytes()).expect("the folder is writable");
    assert!(matches!(Header::read(&many), Err(GgufError::Damaged(_))));
}

#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(matches!(Header::read(folder.path()), Err(GgufError::Folder)));
    assert!(matches!(Header::read(&folder.path().join("none")), Err(GgufError::Io(_))));
    #[cfg(unix)]
    assert!(matches!(Header::read(Path::new("/dev/zero")), Err(GgufError::NotGguf)), "it has no end");
}

#[test]
fn a_header_is_read_in_bounded_memory_and_time() {
    let file = |keys: Vec<(String, Vec<u8>)>| {
        let file = keys.iter().fold(Gguf::new(), |file, (key, value)| file.value(key, TEXT, value));
        let bytes = file.bytes();
        Header::parse(Cursor::new(&bytes), bytes.len() as u64)
    };
    let strings = (0..20).map(|number| (format!("k{number:02}"), text(&vec![b'x'; 4 << 20]))).collect();
    let header = file(strings).expect("many long strings are no damage");
    let read: usize = (0..20).filter_map(|number| header.text(&format!("k{number:02}"))).map(str::len).sum();
    assert!(read <= 64 << 20, "{read} bytes are kept");
    assert!(read > 56 << 20, "those that fit are read");
    assert!(file(vec![("k".repeat(1 << 16), text(b""))]).is_err(), "a key that the format does not allow");
    let keys = (0..1100).map(|number| (format!("{number:065000}"), text(b""))).collect();
    assert!(file(keys).is_err(), "keys are kept, so there must not be too much of them");
    // An array of strings that is as long as it says, in a stream that costs nothing: it is given up.
    let length = 1u64 << 40;
    let mut bytes = [b"GGUF", &3u32.to_le_bytes()[..], &0u64.to_le_bytes(), &1u64.to_le_bytes(), &text(b"k")].concat();
    bytes.extend([&9u32.to_le_bytes()[..], &8u32.to_le_bytes(), &(length / 8).to_le_bytes()].concat());
    let endless = Zeros { beginning: bytes, at: 0 };
    assert!(matches!(Header::parse(std::io::BufReader::new(endless), 2 * length), Err(GgufError::Damaged(_))));
    let name = LONGEST_TEXT * 8;
    let bytes = Gguf::new().tensor(&"n".repeat(name), &[1], 0, 4).bytes();
    assert!(Header::parse(Cursor::new(&bytes), bytes.len() as u64).is_err(), "a name that the format does not allow");
}

/// A stream of zeros without an end, after a beginning.
struct Zeros {
    beginning: Vec<u8>,
    at: u64,
}

impl std::io::Read for Zeros {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(0);
        let left = self.beginning.get(self.at as usize..).unwrap_or_default();
        let length = left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&left[..length]);
        self.at += buffer.len() as u64;
        Ok(buffer.len())
    }
}

impl std::io::Seek for Zeros {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        let at = match to {
            std::io::SeekFrom::Start(at) => Some(at),
            std::io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
            std::io::SeekFrom::End(_) => None,
        };
        self.at = at.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
