//! Every shape in every form, converted and read back with the Python package gguf: all tensors and keys.

mod support;

use lethe_convert::tiny::{Head, Scales, Tiny, Vocabulary, WeightForm};
use lethe_convert::{Exact, Format, Note, Options, Rope, Source, convert};
use serde_json::Value;
use std::ops::ControlFlow;
use std::path::Path;
use support::{Repository, UP, change_header, change_json, change_weight, put, python, reference, remove};

const LLAMA3: Rope = Rope::Llama3 { theta: 12e6, factor: 8.0, low: 1.0, high: 4.0, original: 64 };

/// Whether a conversion has to keep every bit, or rounds to the type that was asked for.
#[derive(Clone, Copy, PartialEq)]
enum Loss {
    None,
    Rounds,
}

struct Row {
    tiny: Tiny,
    kind: Exact,
    format: Format,
    matrices: &'static str,
    loss: Loss,
}

fn row(tiny: Tiny, kind: Exact, format: Format, matrices: &'static str, loss: Loss) -> Row {
    Row { tiny, kind, format, matrices, loss }
}

fn rows() -> Vec<Row> {
    use Exact::{Bf16, F32, Native};
    use Loss::{None, Rounds};
    let base = Tiny::default;
    let of = |stored| Tiny { stored, ..base() };
    let mlx = |bits, group| of(WeightForm::Mlx { bits, group });
    vec![
        row(base(), Bf16, Format::Bf16, "BF16", None),
        row(base(), Native, Format::Bf16, "BF16", None),
        row(base(), F32, Format::Bf16, "F32", None),
        row(Tiny { kv_heads: 1, layers: 3, ..base() }, Bf16, Format::Bf16, "BF16", None),
        row(Tiny { kv_heads: 4, output: Head::Tied, ..base() }, Bf16, Format::Bf16, "BF16", None),
        row(Tiny { output: Head::TiedAndCopied, ..base() }, Bf16, Format::Bf16, "BF16", None),
        row(Tiny { output: Head::TiedAndOther, ..base() }, Bf16, Format::Bf16, "BF16", None),
        row(Tiny { rope: LLAMA3, head: 32, ..base() }, Bf16, Format::Bf16, "BF16", None),
        row(Tiny { files: 3, head: 8, ..base() }, Bf16, Format::Bf16, "BF16", None),
        row(of(WeightForm::F16), Native, Format::F16, "F16", None),
        row(of(WeightForm::F16), F32, Format::F16, "F32", None),
        row(of(WeightForm::F16), Bf16, Format::F16, "BF16", Rounds),
        row(of(WeightForm::F32), Native, Format::F32, "F32", None),
        row(of(WeightForm::F32), Bf16, Format::F32, "BF16", Rounds),
        row(mlx(4, 32), Native, Format::Mlx { bits: 4, group: 32 }, "Q4_1", None),
        row(Tiny { feed_forward: 128, ..mlx(4, 64) }, Native, Format::Mlx { bits: 4, group: 64 }, "Q4_1", None),
        row(mlx(4, 32), F32, Format::Mlx { bits: 4, group: 32 }, "F32", None),
        row(mlx(4, 32), Bf16, Format::Mlx { bits: 4, group: 32 }, "BF16", Rounds),
        row(mlx(3, 32), Native, Format::Mlx { bits: 3, group: 32 }, "Q4_1", None),
        row(mlx(3, 32), Bf16, Format::Mlx { bits: 3, group: 32 }, "BF16", Rounds),
        row(mlx(6, 32), Native, Format::Mlx { bits: 6, group: 32 }, "F32", None),
        row(mlx(6, 32), Bf16, Format::Mlx { bits: 6, group: 32 }, "BF16", Rounds),
        row(
            Tiny { output: Head::Tied, rope: LLAMA3, files: 2, ..mlx(6, 32) },
            F32,
            Format::Mlx { bits: 6, group: 32 },
            "F32",
            None,
        ),
        row(of(WeightForm::Fp8(Scales::Tensor)), F32, Format::Fp8, "F32", None),
        row(of(WeightForm::Fp8(Scales::Row)), Native, Format::Fp8, "F32", None),
        row(of(WeightForm::Fp8(Scales::Row)), Bf16, Format::Fp8, "BF16", Rounds),
        row(Tiny { feed_forward: 200, ..of(WeightForm::Fp8(Scales::Block)) }, F32, Format::Fp8, "F32", None),
    ]
}

#[test]
fn every_form_of_every_shape_arrives_bit_by_bit() {
    let out = tempfile::tempdir().expect("a folder for files");
    let mut pairs = Vec::new();
    let mut reports = Vec::new();
    let rows = rows();
    let repositories: Vec<_> = rows.iter().map(|row| Repository::of(&row.tiny)).collect();
    for (number, (row, repository)) in rows.iter().zip(&repositories).enumerate() {
        let file = out.path().join(format!("{number}.gguf"));
        let source = repository.open();
        assert_eq!(source.format(), row.format);
        let report = convert(&source, &file, &Options::new(row.kind), &mut |_| ControlFlow::Continue(()));
        let report = report.expect("the repository is whole");
        let size = std::fs::metadata(&file).expect("the file is there").len();
        assert_eq!(report.bytes, size, "the report says the size");
        assert!(size.abs_diff(source.output_bytes(row.kind)) < 65_536, "the size was known before");
        pairs.extend([repository.path().to_owned(), file]);
        reports.push(report);
    }
    let printed = python("compare.py", &pairs);
    assert_eq!(printed.lines().count(), rows.len());
    for (line, (row, report)) in printed.lines().zip(rows.iter().zip(&reports)) {
        let compared: Value = serde_json::from_str(line).expect("the script prints JSON");
        check(&compared, row);
        let is_rounded = report.notes.iter().any(|note| matches!(note, Note::Rounded { .. }));
        assert_eq!(is_rounded, row.loss == Loss::Rounds, "losses are told: {:?}", report.notes);
    }
}

fn check(compared: &Value, row: &Row) {
    let tiny = &row.tiny;
    let tensors = compared["tensors"].as_object().expect("tensors");
    let expected = 3 + 10 * tiny.layers as usize + usize::from(tiny.rope == LLAMA3);
    assert_eq!(tensors.len(), expected, "every tensor and no other: {tiny:?}");
    for (name, tensor) in tensors {
        if name == "rope_freqs.weight" {
            let divisors: Vec<f64> = serde_json::from_value(tensor["values"].clone()).expect("numbers");
            assert_eq!(divisors.len(), tiny.head as usize / 2);
            assert_eq!((divisors[0], divisors[divisors.len() - 1]), (1.0, 8.0), "fast ones stay, slow ones slow down");
            assert!(divisors.is_sorted(), "slower rotations slow down more: {divisors:?}");
            continue;
        }
        let is_vector = name.contains("norm");
        let is_end = name.starts_with("token_embd") || name.starts_with("output.");
        // 8-bit repositories have the ends of the model in 16 bits.
        let is_plain_end = row.format == Format::Fp8 && is_end && row.kind == Exact::Native;
        let weight_type = if is_vector {
            "F32"
        } else if is_plain_end {
            "BF16"
        } else {
            row.matrices
        };
        assert_eq!(tensor["type"], weight_type, "{name} of {tiny:?}");
        assert_eq!(tensor["equal"], true, "{name} of {tiny:?} as {weight_type}");
        assert!(tensor["exact"] == true || row.loss == Loss::Rounds, "{name} of {tiny:?} lost something");
    }
    assert_eq!(tensors["blk.1.ffn_down.weight"]["shape"], serde_json::json!([tiny.feed_forward, tiny.width]));
    let keys = &compared["keys"];
    let theta = tiny.rope.theta();
    let numbers = [
        ("general.architecture", Value::from("apertus")),
        ("general.license", "apache-2.0".into()),
        ("lethe.license.text", "Apache License, Version 2.0\n".into()),
        ("general.quantization_version", 2.into()),
        ("apertus.vocab_size", tiny.vocabulary_size().into()),
        ("apertus.context_length", tiny.context.into()),
        ("apertus.embedding_length", tiny.width.into()),
        ("apertus.block_count", tiny.layers.into()),
        ("apertus.feed_forward_length", tiny.feed_forward.into()),
        ("apertus.attention.head_count", tiny.heads.into()),
        ("apertus.attention.head_count_kv", tiny.kv_heads.into()),
        ("apertus.attention.key_length", tiny.head.into()),
        ("apertus.attention.value_length", tiny.head.into()),
        ("apertus.rope.dimension_count", tiny.head.into()),
        ("apertus.rope.freq_base", theta.into()),
        ("tokenizer.ggml.model", "gpt2".into()),
        ("tokenizer.ggml.pre", "tekken".into()),
        ("tokenizer.ggml.bos_token_id", 1.into()),
        ("tokenizer.ggml.eos_token_id", 68.into()),
        ("tokenizer.ggml.eot_token_id", 68.into()),
        ("tokenizer.ggml.padding_token_id", 3.into()),
        ("tokenizer.ggml.add_bos_token", true.into()),
    ];
    for (name, value) in numbers {
        assert_eq!(keys[name], value, "{name}");
    }
    let epsilon = keys["apertus.attention.layer_norm_rms_epsilon"].as_f64().expect("a number");
    assert!((epsilon - 1e-5).abs() < 1e-12, "{epsilon}");
    for name in ["alpha_p", "alpha_n", "beta", "eps"] {
        let list = keys[&format!("xielu.{name}")].as_array().expect("a list");
        assert_eq!(list.len(), tiny.layers as usize, "one {name} for each block");
    }
    assert_eq!(keys["xielu.beta"][0], 0.5);
    for name in ["tokens", "token_type"] {
        assert_eq!(keys[&format!("tokenizer.ggml.{name}")]["length"], tiny.vocabulary_size(), "{name}");
    }
    assert!(keys["tokenizer.chat_template"].as_str().is_some_and(|template| template.contains("_start|>")));
    let whole = keys["tokenizer.huggingface.json"].as_str().expect("the whole file is inside");
    assert!(serde_json::from_str::<Value>(whole).is_ok());
}

#[test]
fn the_real_vocabulary_arrives_whole() {
    let vocabulary = Vocabulary::Real(reference("tekken_240718.json"));
    let tiny = Tiny { vocabulary, rope: LLAMA3, width: 32, heads: 2, kv_heads: 1, ..Tiny::default() };
    let repository = Repository::of(&tiny);
    let out = tempfile::tempdir().expect("a folder for files");
    let file = out.path().join("real.gguf");
    let report = repository.convert(Exact::Bf16, &file).expect("the repository is whole");
    assert_eq!(report.notes, [], "nothing is missing");
    let compared: Value = serde_json::from_str(&python("compare.py", [repository.path(), &file])).expect("JSON");
    check(&compared, &row(tiny, Exact::Bf16, Format::Bf16, "BF16", Loss::None));
    assert_eq!(compared["keys"]["tokenizer.ggml.merges"]["length"], 131_072 - 1000 - 256);
}

#[test]
fn where_a_model_comes_from_is_written_into_the_file() {
    let cache = tempfile::tempdir().expect("a folder for a cache");
    let revision = "0123456789abcdef0123456789abcdef01234567";
    let folder = cache.path().join("models--swiss-ai--Apertus-v1.1-0.5B-Instruct").join("snapshots").join(revision);
    std::fs::create_dir_all(&folder).expect("a folder in the cache");
    Tiny { files: 2, ..Tiny::default() }.write(&folder).expect("a repository");
    // In the cache every file is a link to one that is named by its digest.
    #[cfg(unix)]
    for (number, file) in std::fs::read_dir(&folder).expect("the folder").enumerate() {
        let (path, blob) = (file.expect("a file").path(), cache.path().join(format!("blob-{number}")));
        std::fs::rename(&path, &blob).expect("moved");
        std::os::unix::fs::symlink(blob, path).expect("linked");
    }
    let source = Source::open(&folder).expect("links into the cache are followed");
    assert_eq!(source.name(), "Apertus-v1.1-0.5B-Instruct");
    assert_eq!(source.repository(), Some("swiss-ai/Apertus-v1.1-0.5B-Instruct"));
    let (known, given) = (cache.path().join("known.gguf"), cache.path().join("given.gguf"));
    let mut options = Options::new(Exact::Bf16);
    convert(&source, &known, &options, &mut |_| ControlFlow::Continue(())).expect("whole");
    options.repository = Some("example/other".to_owned());
    options.revision = Some("main".to_owned());
    convert(&source, &given, &options, &mut |_| ControlFlow::Continue(())).expect("whole");
    let printed = python("compare.py", [&folder, &known, &folder, &given]);
    let keys: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let rows = [
        (0, "lethe.source.repository", "swiss-ai/Apertus-v1.1-0.5B-Instruct"),
        (0, "lethe.source.revision", revision),
        (0, "general.name", "Apertus-v1.1-0.5B-Instruct"),
        (0, "general.basename", "Apertus"),
        (0, "general.version", "v1.1"),
        (0, "general.size_label", "0.5B"),
        (0, "general.finetune", "Instruct"),
        (1, "lethe.source.repository", "example/other"),
        (1, "lethe.source.revision", "main"),
    ];
    for (file, key, value) in rows {
        assert_eq!(keys[file]["keys"][key], value, "{key}");
    }
}

/// Recognises the note that a conversion must leave.
type Expected = fn(&Note) -> bool;

#[test]
fn what_a_person_should_know_is_noted() {
    let rows: [(Tiny, Exact, Expected); 5] = [
        (Tiny { output: Head::TiedAndCopied, ..Tiny::default() }, Exact::Bf16, |note| {
            *note == Note::OutputEqualsEmbedding
        }),
        (Tiny { output: Head::TiedAndOther, ..Tiny::default() }, Exact::Bf16, |note| *note == Note::OutputDiffers),
        (Tiny::default(), Exact::Bf16, |note| matches!(note, Note::Placeholders(1..))),
        (
            Tiny { stored: WeightForm::F32, ..Tiny::default() },
            Exact::Bf16,
            |note| matches!(note, Note::Rounded { weights: 1.., largest } if *largest < 1.0 / 256.0),
        ),
        (Tiny { stored: WeightForm::Mlx { bits: 6, group: 32 }, ..Tiny::default() }, Exact::Native, |note| {
            *note == Note::Widened(14)
        }),
    ];
    let out = tempfile::tempdir().expect("a folder for files");
    for (number, (tiny, kind, is_noted)) in rows.into_iter().enumerate() {
        let repository = Repository::of(&tiny);
        let report = repository.convert(kind, &out.path().join(format!("{number}.gguf"))).expect("whole");
        assert!(report.notes.iter().any(is_noted), "row {number}: {:?}", report.notes);
        for note in &report.notes {
            assert!(!note.to_string().is_empty() && !note.to_string().contains('\n'), "{note}");
        }
    }
}

fn compare(repository: &Repository, file: &Path) -> Value {
    let printed = python("compare.py", [repository.path(), file]);
    serde_json::from_str(&printed).expect("the script prints JSON")
}

/// Changes a repository.
type Change = fn(&Path);

#[test]
fn scales_that_do_not_fit_16_bits_cost_size_and_no_bits() {
    const SCALES: &str = "model.layers.0.mlp.up_proj.scales";
    const BIASES: &str = "model.layers.0.mlp.up_proj.biases";
    // The smallest number above zero that MLX gives a group of equal weights; no F16.
    const TINY: [u8; 2] = [0xd7, 0x33];
    let rows: [(&str, Change, &str); 3] = [
        ("a small scale", |folder| change_weight(folder, SCALES, 10, &TINY), "F32"),
        ("a small bias", |folder| change_weight(folder, BIASES, 10, &TINY), "F32"),
        (
            "a small scale of equal weights",
            |folder| {
                change_weight(folder, SCALES, 0, &TINY);
                change_weight(folder, BIASES, 0, &[0, 0]);
                change_weight(folder, UP, 0, &[0; 16]);
            },
            "Q4_1",
        ),
    ];
    let out = tempfile::tempdir().expect("a folder for files");
    for (number, (name, change, weight_type)) in rows.into_iter().enumerate() {
        let repository = Repository::of(&Tiny { stored: WeightForm::Mlx { bits: 4, group: 32 }, ..Tiny::default() });
        change(repository.path());
        let file = out.path().join(format!("{number}.gguf"));
        let report = repository.convert(Exact::Native, &file).expect("whole");
        assert_eq!(report.notes.contains(&Note::Widened(1)), weight_type == "F32", "{name}: {:?}", report.notes);
        let compared = compare(&repository, &file);
        assert_eq!(compared["tensors"]["blk.0.ffn_up.weight"]["type"], weight_type, "{name}");
        for (tensor, found) in compared["tensors"].as_object().expect("tensors") {
            assert_eq!(found["exact"], true, "{name}: {tensor}");
        }
    }
}

#[test]
fn scales_of_activations_are_left_out_and_told() {
    let repository = Repository::of(&Tiny { stored: WeightForm::Fp8(Scales::Tensor), ..Tiny::default() });
    change_header(repository.path(), |header| {
        for part in ["mlp.up_proj.input_scale", "self_attn.k_scale"] {
            let name = format!("model.layers.0.{part}");
            header[name] = serde_json::json!({"dtype": "BF16", "shape": [0], "data_offsets": [0, 0]});
        }
    });
    let out = tempfile::tempdir().expect("a folder for files");
    let report = repository.convert(Exact::F32, &out.path().join("F.gguf")).expect("whole");
    assert!(report.notes.contains(&Note::ActivationScales(2)), "{:?}", report.notes);
}

#[test]
fn single_tensors_may_be_grouped_in_another_way() {
    let repository = Repository::of(&Tiny { stored: WeightForm::Mlx { bits: 3, group: 32 }, ..Tiny::default() });
    let modules: Vec<String> =
        repository.weights.keys().filter_map(|name| name.strip_suffix(".weight")).map(Into::into).collect();
    change_json(repository.path(), "config.json", |config| {
        config["quantization"] = serde_json::json!({"bits": 6, "group_size": 64, "model.norm": false});
        for module in modules.iter().filter(|module| !module.contains("norm")) {
            config["quantization"][module] = serde_json::json!({"bits": 3, "group_size": 32});
        }
    });
    let out = tempfile::tempdir().expect("a folder for files");
    let file = out.path().join("F.gguf");
    repository.convert(Exact::Native, &file).expect("whole");
    for (tensor, found) in compare(&repository, &file)["tensors"].as_object().expect("tensors") {
        assert_eq!(found["exact"], true, "{tensor}");
    }
}

#[test]
fn a_template_decides_how_an_answer_ends() {
    let out = tempfile::tempdir().expect("a folder for files");
    let keys = |name: &str, change: fn(&Path)| {
        let repository = Repository::of(&Tiny::default());
        change_json(repository.path(), "config.json", |config| config["eos_token_id"] = 2.into());
        change(repository.path());
        let file = out.path().join(name);
        let report = repository.convert(Exact::Bf16, &file).expect("whole");
        (compare(&repository, &file)["keys"].clone(), report.notes.contains(&Note::NoTemplate))
    };
    let (base, is_noted) = keys("base", |folder| remove(folder, "chat_template.jinja"));
    assert!(is_noted, "a person is told that it is no model for chats");
    assert_eq!(base["tokenizer.ggml.eos_token_id"], 2, "a base model ends its text as config.json says");
    assert_eq!(base["tokenizer.ggml.eot_token_id"], Value::Null);
    let (older, is_noted) = keys("older", |folder| {
        remove(folder, "chat_template.jinja");
        let named = serde_json::json!([{"name": "tools", "template": "b"}, {"name": "default", "template": "a"}]);
        put(folder, "tokenizer_config.json", serde_json::json!({"chat_template": named}).to_string());
    });
    assert!(!is_noted);
    assert_eq!(older["tokenizer.chat_template"], "a", "older repositories have it in tokenizer_config.json");
    assert_eq!(older["tokenizer.ggml.eos_token_id"], 68);
}
