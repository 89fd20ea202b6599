//! What people choose between, from the lists of files that real repositories have. Sizes are invented.

use lethe_hub::hub::{Format, RemoteFile, Repository};
use lethe_hub::variants::{Variant, variants};

use crate::repo;

fn of(files: &[(&str, u64)]) -> Vec<Variant> {
    let file = |(path, bytes): &(&str, u64)| {
        let path = path.parse().expect("a path");
        RemoteFile { path, bytes: *bytes, sha256: None, oid: "ab".repeat(20) }
    };
    let commit = "ab".repeat(20).parse().expect("a commit");
    let files = files.iter().map(file).collect();
    let repo = repo("ada/Tiny-Instruct");
    variants(&Repository { repo, commit, gated: false, license: None, tags: Vec::new(), files })
}

/// Model, quantisation, files and bytes of each variant.
fn shown(files: &[(&str, u64)]) -> Vec<(String, String, usize, u64)> {
    let show = |variant: &Variant| {
        let quantization = match variant.format {
            Format::Safetensors => "official".to_owned(),
            Format::Gguf => variant.quantization.clone().unwrap_or_default(),
        };
        (variant.model.clone(), quantization, variant.files.len(), variant.bytes)
    };
    of(files).iter().map(show).collect()
}

fn row(model: &str, quantization: &str, files: usize, bytes: u64) -> (String, String, usize, u64) {
    (model.to_owned(), quantization.to_owned(), files, bytes)
}

#[test]
fn files_become_what_a_person_chooses_between() {
    for (files, expected, why) in [
        (
            vec![
                (".gitattributes", 1),
                ("README.md", 2),
                ("SmolLM2-135M-Instruct-Q8_0.gguf", 145),
                ("SmolLM2-135M-Instruct-Q4_K_M.gguf", 105),
                ("SmolLM2-135M-Instruct-IQ4_XS.gguf", 90),
                ("SmolLM2-135M-Instruct-f16.gguf", 271),
                ("SmolLM2-135M-Instruct.imatrix", 9),
                ("SmolLM2-135M-Instruct-imatrix.gguf", 9),
            ],
            vec![
                row("SmolLM2-135M-Instruct", "IQ4_XS", 1, 90),
                row("SmolLM2-135M-Instruct", "Q4_K_M", 1, 105),
                row("SmolLM2-135M-Instruct", "Q8_0", 1, 145),
                row("SmolLM2-135M-Instruct", "F16", 1, 271),
            ],
            "one file for each quantisation",
        ),
        (
            vec![
                ("Apertus-8B-Instruct-2509.i1-Q4_K_S.gguf", 4),
                ("Apertus-8B-Instruct-2509.Q4_K_S.gguf", 5),
                ("Apertus-8B-Instruct-2509.i1-IQ2_XXS.gguf", 2),
            ],
            vec![
                row("Apertus-8B-Instruct-2509", "IQ2_XXS", 1, 2),
                row("Apertus-8B-Instruct-2509", "Q4_K_S", 1, 4),
                row("Apertus-8B-Instruct-2509", "Q4_K_S", 1, 5),
            ],
            "dots instead of hyphens",
        ),
        (
            vec![
                ("Apertus-70B-BF16/Apertus-70B-BF16-00002-of-00003.gguf", 40),
                ("Apertus-70B-BF16/Apertus-70B-BF16-00001-of-00003.gguf", 41),
                ("Apertus-70B-BF16/Apertus-70B-BF16-00003-of-00003.gguf", 42),
                ("Apertus-70B-UD-Q4_K_XL.gguf", 44),
                ("Apertus-70B-Q4_K_M.gguf", 43),
                ("Q8_0/Apertus-70B-Q8_0-00001-of-00002.gguf", 30),
            ],
            vec![
                row("Apertus-70B", "Q4_K_M", 1, 43),
                row("Apertus-70B", "UD-Q4_K_XL", 1, 44),
                row("Apertus-70B", "BF16", 3, 123),
            ],
            "parts belong together, and a model without one of them is none",
        ),
        (
            vec![
                ("gemma-3-4b-it-Q4_0.gguf", 3),
                ("mmproj-gemma-3-4b-it-f16.gguf", 1),
                ("mmproj-model-F16.gguf", 1),
                ("gemma-3-4b-it.mmproj-Q8_0.gguf", 1),
            ],
            vec![row("gemma-3-4b-it", "Q4_0", 1, 3)],
            "what reads pictures is no model by itself",
        ),
        (
            vec![
                ("model_q4_k_m.gguf", 1),
                ("qwen2.5-0.5b-instruct-fp16.gguf", 5),
                ("Q2_K/ggml-model.gguf", 2),
                ("tiny.gguf", 3),
                ("tiny-Q9_Z.gguf", 4),
                ("gpt-oss-20b-mxfp4.GGUF", 6),
                ("ggml-vocab-tiny.gguf", 1),
                ("tiny.gguf.part1of2", 1),
            ],
            vec![
                row("model", "Q4_K_M", 1, 1),
                row("ggml-model", "Q2_K", 1, 2),
                row("tiny", "", 1, 3),
                row("tiny-Q9_Z", "", 1, 4),
                row("qwen2.5-0.5b-instruct", "F16", 1, 5),
                row("gpt-oss-20b", "MXFP4", 1, 6),
            ],
            "names are written in many ways, and some say nothing",
        ),
        (
            vec![
                ("LICENSE", 1),
                ("README.md", 2),
                ("chat_template.jinja", 4),
                ("config.json", 8),
                ("generation_config.json", 16),
                ("model-00001-of-00002.safetensors", 32),
                ("model-00002-of-00002.safetensors", 64),
                ("model.safetensors.index.json", 128),
                ("special_tokens_map.json", 256),
                ("tokenizer.json", 512),
                ("tokenizer_config.json", 1024),
                ("consolidated.safetensors", 1 << 20),
                ("original/model.safetensors", 1 << 21),
                ("pytorch_model.bin", 1 << 22),
                ("figures/logo.png", 1 << 23),
            ],
            vec![row("Tiny-Instruct", "official", 11, 2047)],
            "official weights come with what belongs to them, and nothing else",
        ),
        (
            vec![
                ("config.json", 1),
                ("model.safetensors", 2),
                ("model.safetensors.index.json", 4),
                ("tokenizer.json", 8),
                ("tiny-Q4_0.gguf", 100),
            ],
            vec![row("tiny", "Q4_0", 1, 100), row("Tiny-Instruct", "official", 3, 11)],
            "one file of weights needs no index; both forms may be there",
        ),
        (
            vec![
                ("config.json", 1),
                ("model-00001-of-00002.safetensors", 2),
                ("model.safetensors.index.json", 4),
                ("tokenizer.json", 8),
            ],
            vec![],
            "half of the weights are none",
        ),
        (vec![("model.safetensors", 2), ("tokenizer.json", 8)], vec![], "weights without measures are none"),
        (vec![("config.json", 1), ("adapter_model.safetensors", 2), ("tokenizer.json", 1)], vec![], "nor an adapter"),
        (vec![("é.gguf", 1), (".gguf", 1)], vec![row("", "", 1, 1), row("é", "", 1, 1)], "odd names break nothing"),
        (vec![], vec![], "nothing is nothing"),
    ] {
        assert_eq!(shown(&files), expected, "{why}");
    }
}

#[test]
fn parts_are_in_their_order_and_the_first_is_what_is_opened() {
    let gguf = of(&[("x-Q4_0-00002-of-00002.gguf", 1), ("x-Q4_0-00001-of-00002.gguf", 1)]);
    let paths: Vec<_> = gguf[0].files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["x-Q4_0-00001-of-00002.gguf", "x-Q4_0-00002-of-00002.gguf"]);
    assert_eq!(gguf[0].first().as_str(), paths[0]);
    let official = of(&[("config.json", 1), ("tokenizer.json", 1), ("model.safetensors", 1)]);
    assert_eq!(official[0].first().as_str(), "model.safetensors");
    let endless = of(&[("x-00001-of-99999.gguf", 1), ("x-00000-of-00001.gguf", 1)]);
    assert_eq!(endless.len(), 1, "a part number zero is a name like any other");
}
