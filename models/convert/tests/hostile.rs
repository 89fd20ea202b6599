//! Repositories that are broken or made to do harm: each costs one sentence, little time and no file.

mod support;

use lethe_convert::tiny::{Head, Scales, Tiny, WeightForm};
use lethe_convert::{Exact, Source};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::{
    Repository, UP, WEIGHTS, bytes, change_header, change_json, change_weight, header, put, put_header, remove,
};

/// Does the damage to a whole repository.
type Damage = fn(&Path);

fn check(tiny: &Tiny, rows: &[(&str, Damage)]) {
    for (words, damage) in rows {
        let repository = Repository::of(tiny);
        damage(repository.path());
        let out = tempfile::tempdir().expect("a folder for files");
        for kind in [Exact::F32, Exact::Bf16, Exact::Native] {
            let error = repository.convert(kind, &out.path().join("F.gguf")).expect_err(words).to_string();
            assert!(error.contains(words), "{words:?} is not in: {error}");
            assert!(error.len() < 400 && !error.contains('\n') && !error.ends_with('.'), "one sentence: {error}");
            let path = repository.path().display().to_string();
            assert!(!error.contains(&path), "no path is shown: {error}");
            let left = fs::read_dir(out.path()).expect("the folder").count();
            assert_eq!(left, 0, "{words}: something was left behind");
        }
    }
}

#[test]
fn broken_weight_files_are_refused() {
    check(
        &Tiny::default(),
        &[
            ("it has 200454 of 200464 bytes", |folder| {
                let file = bytes(folder, WEIGHTS);
                put(folder, WEIGHTS, &file[..file.len() - 10]);
            }),
            ("ends within its header", |folder| {
                let file = bytes(folder, WEIGHTS);
                put(folder, WEIGHTS, &file[..100]);
            }),
            ("shorter than any header", |folder| put(folder, WEIGHTS, [1, 2, 3])),
            ("shorter than any header", |folder| put(folder, WEIGHTS, [])),
            ("header would be 9223372036854775808 bytes", |folder| {
                let mut file = bytes(folder, WEIGHTS);
                file[..8].copy_from_slice(&(1u64 << 63).to_le_bytes());
                put(folder, WEIGHTS, file);
            }),
            ("header would be 18446744073709551615 bytes", |folder| put(folder, WEIGHTS, [0xff; 64])),
            ("longer than its tensors", |folder| {
                let mut file = bytes(folder, WEIGHTS);
                file.push(0);
                put(folder, WEIGHTS, file);
            }),
            ("no table of tensors", |folder| put_header(folder, "{\"a\": ", &[])),
            ("no table of tensors", |folder| put_header(folder, &"[".repeat(1 << 20), &[])),
            ("no table of tensors", |folder| {
                put_header(folder, &format!("{{\"a\":{}", "{\"a\":".repeat(1 << 18)), &[])
            }),
            ("no table of tensors", |folder| put_header(folder, "[]", &[])),
            ("overlaps another tensor or leaves a gap", |folder| {
                // The next tensor begins before this one ends.
                change_header(folder, |header| {
                    let offsets = &mut header[UP]["data_offsets"];
                    *offsets = json!([offsets[0].as_u64().expect("a number") - 64, offsets[1]]);
                });
            }),
            ("overlaps another tensor or leaves a gap", |folder| {
                change_header(folder, |header| {
                    let other = header["model.layers.0.mlp.down_proj.weight"]["data_offsets"].clone();
                    header[UP]["data_offsets"] = other;
                });
            }),
            ("overlaps another tensor or leaves a gap", |folder| {
                change_header(folder, |header| header[UP]["data_offsets"] = json!([0, u64::MAX]));
            }),
            ("impossible size", |folder| {
                let tensor = json!({"dtype": "BF16", "shape": [1u64 << 40, 1u64 << 40], "data_offsets": [0, 0]});
                put_header(folder, &json!({"a": tensor}).to_string(), &[]);
            }),
            ("is there twice", |folder| {
                let (text, data) = header(folder);
                let value: Value = serde_json::from_str(&text).expect("JSON");
                let again = format!("{{\"{UP}\":{},{}", value[UP], &text[1..]);
                put_header(folder, &again, &data);
            }),
            ("has the type BF17", |folder| change_header(folder, |header| header[UP]["dtype"] = "BF17".into())),
            ("no table of tensors", |folder| change_header(folder, |header| header[UP]["shape"] = json!([-1, 64]))),
            ("it is no file", |folder| {
                remove(folder, WEIGHTS);
                fs::create_dir(folder.join(WEIGHTS)).expect("a folder");
            }),
            ("model.safetensors is missing", |folder| remove(folder, WEIGHTS)),
        ],
    );
}

#[test]
fn tensors_that_are_not_those_of_an_apertus_are_refused() {
    check(
        &Tiny::default(),
        &[
            ("the tensor model.layers.0.mlp.up_proj.weight has the shape 64 x 96 instead of 96 x 64", |folder| {
                change_header(folder, |header| header[UP]["shape"] = json!([64, 96]));
            }),
            ("the tensor model.norm.weight has the shape 1 x 64", |folder| {
                change_header(folder, |header| header["model.norm.weight"]["shape"] = json!([1, 64]));
            }),
            ("has the shape", |folder| change_json(folder, "config.json", |config| config["vocab_size"] = 383.into())),
            ("the tensor model.layers.2.attention_layernorm.weight is missing", |folder| {
                change_json(folder, "config.json", |config| config["num_hidden_layers"] = 3.into());
            }),
            ("belongs to no Apertus", |folder| {
                change_json(folder, "config.json", |config| config["num_hidden_layers"] = 1.into());
            }),
            ("the tensor model.layers.0.mlp.gate?[31m.weight belongs to no Apertus", |folder| {
                change_header(folder, |header| {
                    let mut norm = header["model.norm.weight"].clone();
                    let end = norm["data_offsets"][0].clone();
                    norm["data_offsets"] = json!([end, end]);
                    norm["shape"] = json!([0]);
                    header["model.layers.0.mlp.gate\u{1b}[31m.weight"] = norm;
                });
            }),
            ("the tensor lm_head.weight is missing", |folder| {
                change_header(folder, |header| {
                    let head = header.as_object_mut().expect("a table").remove("lm_head.weight");
                    header["other"] = head.expect("it was there");
                });
            }),
            ("has the type I16", |folder| change_header(folder, |header| header[UP]["dtype"] = "I16".into())),
            ("has the type U16", |folder| {
                change_header(folder, |header| header["model.norm.weight"]["dtype"] = "U16".into());
            }),
        ],
    );
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    const NAN: [u8; 2] = [0xc0, 0x7f];
    const INFINITE: [u8; 2] = [0x80, 0xff];
    check(
        &Tiny::default(),
        &[
            ("the tensor model.layers.0.mlp.up_proj.weight holds", |folder| change_weight(folder, UP, 222, &NAN)),
            ("the tensor model.layers.0.mlp.up_proj.weight holds", |folder| change_weight(folder, UP, 0, &INFINITE)),
            ("the tensor lm_head.weight holds", |folder| {
                change_weight(folder, "lm_head.weight", 384 * 64 * 2 - 2, &NAN);
            }),
            ("the tensor model.norm.weight holds", |folder| change_weight(folder, "model.norm.weight", 4, &NAN)),
            ("the tensor model.layers.1.mlp.act_fn.alpha_n holds", |folder| {
                change_weight(folder, "model.layers.1.mlp.act_fn.alpha_n", 0, &NAN);
            }),
        ],
    );
    check(
        &Tiny { stored: WeightForm::Mlx { bits: 4, group: 32 }, ..Tiny::default() },
        &[
            ("the tensor model.layers.0.mlp.up_proj.weight holds", |folder| {
                change_weight(folder, "model.layers.0.mlp.up_proj.scales", 6, &NAN);
            }),
            ("the tensor model.layers.0.mlp.up_proj.weight holds", |folder| {
                change_weight(folder, "model.layers.0.mlp.up_proj.biases", 0, &INFINITE);
            }),
        ],
    );
    check(
        &Tiny { stored: WeightForm::Fp8(Scales::Row), ..Tiny::default() },
        &[
            ("the tensor model.layers.0.mlp.up_proj.weight holds", |folder| change_weight(folder, UP, 7, &[0x7f])),
            ("the tensor model.layers.0.mlp.up_proj.weight holds", |folder| {
                change_weight(folder, "model.layers.0.mlp.up_proj.weight_scale", 0, &NAN);
            }),
        ],
    );
}

#[test]
fn settings_and_tokenizers_that_do_not_fit_are_refused() {
    check(
        &Tiny::default(),
        &[
            ("config.json is missing", |folder| remove(folder, "config.json")),
            ("config.json is damaged", |folder| put(folder, "config.json", "{")),
            ("config.json is damaged", |folder| put(folder, "config.json", "\u{0}")),
            ("config.json is damaged (it would be 5000000 bytes long)", |folder| {
                put(folder, "config.json", vec![b' '; 5_000_000]);
            }),
            ("NVFP4", |folder| {
                change_json(folder, "config.json", |config| {
                    config["quantization_config"] =
                        json!({"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"});
                });
            }),
            ("NVFP4 or another packed form", |folder| {
                change_header(folder, |header| {
                    let weight = header.as_object_mut().expect("a table").remove(UP).expect("it was there");
                    header["model.layers.0.mlp.up_proj.weight_packed"] = weight;
                });
            }),
            ("tokenizer.json is missing", |folder| remove(folder, "tokenizer.json")),
            ("has tekken.json and no tokenizer.json", |folder| {
                fs::rename(folder.join("tokenizer.json"), folder.join("tekken.json")).expect("renamed");
            }),
            ("tokenizer.json does not fit this model (line 1", |folder| put(folder, "tokenizer.json", "{}")),
            ("it is no text", |folder| put(folder, "tokenizer.json", [0xff, 0xfe])),
            ("a token with the number 384", |folder| {
                change_json(folder, "tokenizer.json", |file| file["model"]["vocab"]["beyond"] = 384.into());
            }),
            ("a token with the number 4000000000", |folder| {
                change_json(folder, "tokenizer.json", |file| file["added_tokens"][0]["id"] = 4_000_000_000u32.into());
            }),
            ("two tokens have the number 100", |folder| {
                change_json(folder, "tokenizer.json", |file| file["model"]["vocab"]["other"] = 100.into());
            }),
            ("two tokens are spelled alike", |folder| {
                change_json(folder, "tokenizer.json", |file| {
                    let again = json!({"id": 380, "content": "<s>", "special": true});
                    file["added_tokens"].as_array_mut().expect("a list").push(again);
                });
            }),
            ("a merge is not of two parts", |folder| {
                change_json(folder, "tokenizer.json", |file| file["model"]["merges"][0] = "abc".into());
            }),
            ("its kind is not BPE", |folder| {
                change_json(folder, "tokenizer.json", |file| file["model"]["type"] = "Unigram".into());
            }),
            ("chat_template.jinja is damaged", |folder| put(folder, "chat_template.jinja", [0xff])),
        ],
    );
}

#[test]
fn an_index_that_does_not_fit_its_files_is_refused() {
    const INDEX: &str = "model.safetensors.index.json";
    const FIRST: &str = "model-00001-of-00002.safetensors";
    const SECOND: &str = "model-00002-of-00002.safetensors";
    let tiny = Tiny { files: 2, output: Head::Tied, ..Tiny::default() };
    check(
        &tiny,
        &[
            ("../other.safetensors is no name of a file here", |folder| {
                change_json(folder, INDEX, |index| index["weight_map"][UP] = "../other.safetensors".into());
            }),
            ("is no name of a file here", |folder| {
                change_json(folder, INDEX, |index| index["weight_map"][UP] = "/etc/passwd".into());
            }),
            ("is no name of a file here", |folder| {
                change_json(folder, INDEX, |index| index["weight_map"][UP] = "..".into());
            }),
            ("model-00002-of-00002.safetensors is missing", |folder| remove(folder, SECOND)),
            ("the tensor absent is missing", |folder| {
                change_json(folder, INDEX, |index| index["weight_map"]["absent"] = FIRST.into());
            }),
            ("lies in another file", |folder| {
                change_json(folder, INDEX, |index| {
                    let entry = &mut index["weight_map"][UP];
                    *entry = if *entry == FIRST { SECOND } else { FIRST }.into();
                });
            }),
            ("is in two files", |folder| {
                fs::copy(folder.join(FIRST), folder.join("copy.safetensors")).expect("copied");
                change_json(folder, INDEX, |index| {
                    index["weight_map"]["model.norm.weight"] = "copy.safetensors".into()
                });
            }),
            ("it names no files", |folder| put(folder, INDEX, "{\"weight_map\": {}}")),
            ("it names too many files", |folder| {
                let map: serde_json::Map<_, _> =
                    (0..600).map(|at| (format!("t{at}"), format!("f{at}").into())).collect();
                put(folder, INDEX, json!({"weight_map": map}).to_string());
            }),
            ("is no valid index", |folder| put(folder, INDEX, "[1]")),
        ],
    );
}

#[test]
fn no_changed_byte_of_a_header_leads_to_a_panic() {
    let repository = Repository::of(&Tiny { layers: 1, ..Tiny::default() });
    let whole = bytes(repository.path(), WEIGHTS);
    let length = u64::from_le_bytes(whole[..8].try_into().expect("eight bytes")) as usize;
    for at in (0..8).chain((8..8 + length).step_by(7)) {
        for value in [0, b'9', b'"', 0xff] {
            let mut changed = whole.clone();
            changed[at] = value;
            put(repository.path(), WEIGHTS, changed);
            // Any answer is right as long as there is one.
            let _ = Source::open(repository.path());
        }
    }
}

#[test]
#[cfg(unix)]
fn a_pipe_in_place_of_a_file_does_not_make_it_wait() {
    let repository = Repository::of(&Tiny::default());
    for name in ["config.json", "tokenizer.json", WEIGHTS] {
        let (path, aside) = (repository.path().join(name), repository.path().join("aside"));
        fs::rename(&path, &aside).expect("moved");
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo can be started");
        assert!(made.success());
        let error = Source::open(repository.path()).expect_err("a pipe is no file").to_string();
        assert!(error.contains("it is no file"), "{error}");
        fs::rename(&aside, &path).expect("moved back");
    }
    Source::open(repository.path()).expect("it is whole again");
}

#[test]
fn what_is_no_folder_is_said_to_be_none() {
    let error = Source::open(Path::new("no/such/folder")).expect_err("it does not exist").to_string();
    assert_eq!(error, "this is not a folder: choose the folder of a downloaded repository");
}
