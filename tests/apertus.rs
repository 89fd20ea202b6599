//! Official weights to a running model: converted, quantised, computed by llama.cpp, and held against references.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use lethe_convert::reference::{self, Positions};
use lethe_convert::tiny::{Head, Tiny, Vocabulary, WeightForm};
use lethe_convert::{Rope, Source};
use lethe_core::Code;
use lethe_core::models::conversion::{Conversion, Job};
use lethe_core::models::verify::relative_error;
use lethe_models::gguf::Header;
use lethe_models::kernels::{self, Choice};
use lethe_models::logits::{self, Computed};
use lethe_models::weight_type::WeightType;
use lethe_models::wire::Token;
use lethe_tests::{Data, failed, program, python, references, succeeded, with_input};

/// The likeliest tokens that must agree.
const STEPS: u32 = 64;

/// A text of the small vocabulary, begin token first.
const TOKENS: [Token; 12] = [1, 61, 62, 65, 152, 181, 188, 188, 191, 66, 67, 150];

fn repository(data: &Data, tiny: &Tiny) -> PathBuf {
    let folder = data.path().join("repository");
    std::fs::create_dir_all(&folder).expect("there is room");
    tiny.write(&folder).expect("the repository is written");
    folder
}

fn convert(data: &Data, folder: &Path, weight_type: &str) -> PathBuf {
    let out = data.path().join(format!("model-{weight_type}.gguf"));
    let mut command = data.cli();
    command.args(["model", "convert"]).arg(folder).arg("--out").arg(&out).args(["--type", weight_type]);
    succeeded(&command.output().expect("it starts"));
    out
}

async fn computed(data: &Data, model: &Path, tokens: &[Token], steps: u32) -> Computed {
    let engine = program("lethe-engine");
    let choice = choice(data).await;
    logits::compute(&engine, &choice, model, tokens, steps, data.path()).await.expect("llama.cpp computes with it")
}

async fn choice(data: &Data) -> Choice {
    kernels::choose(&program("lethe-engine"), data.path(), |_| ()).await.expect("some kernels run on this machine")
}

fn expected(folder: &Path, tokens: &[Token]) -> Vec<Vec<f32>> {
    let source = Source::open(folder).expect("the repository is whole");
    let go_on = &mut |_| ControlFlow::Continue(());
    reference::logits(&source, tokens, Positions::All, go_on).expect("the reference computes")
}

/// The likeliest tokens after a text, and by how much the likeliest was ahead of the second at the closest, as a part
/// of the logits' spread.
fn greedy(folder: &Path, tokens: &[Token], steps: u32) -> (Vec<Token>, f32) {
    let source = Source::open(folder).expect("the repository is whole");
    let mut tokens = tokens.to_vec();
    let mut ahead = f32::INFINITY;
    for _ in 0..steps {
        let go_on = &mut |_| ControlFlow::Continue(());
        let mut rows = reference::logits(&source, &tokens, Positions::Last, go_on).expect("the reference computes");
        let mut row: Vec<(f32, Token)> = rows.remove(0).into_iter().zip(0..).collect();
        let spread = (row.iter().map(|(logit, _)| logit * logit).sum::<f32>() / row.len() as f32).sqrt();
        row.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        ahead = ahead.min((row[0].0 - row[1].0) / spread);
        tokens.push(row[0].1);
    }
    (tokens.split_off(tokens.len() - steps as usize), ahead)
}

/// A model of this shape that never hesitates between two tokens: where it does, any rounding decides.
fn decided(data: &Data, tiny: &Tiny) -> (PathBuf, Vec<Token>) {
    for seed in 1..200 {
        let folder = repository(data, &Tiny { seed, ..tiny.clone() });
        let (tokens, ahead) = greedy(&folder, &TOKENS, STEPS);
        if ahead > 0.03 {
            return (folder, tokens);
        }
    }
    panic!("no model of this shape is sure of {STEPS} tokens");
}

fn shapes() -> Vec<(&'static str, Tiny)> {
    let llama3 = Rope::Llama3 { theta: 12e6, factor: 8.0, low: 1.0, high: 4.0, original: 64 };
    vec![
        ("plain", Tiny::default()),
        ("tied", Tiny { output: Head::Tied, ..Tiny::default() }),
        ("llama3 rope", Tiny { rope: llama3, ..Tiny::default() }),
        ("all heads share one", Tiny { kv_heads: 1, ..Tiny::default() }),
        ("each head has its own", Tiny { kv_heads: 4, ..Tiny::default() }),
        ("wide heads in two files", Tiny { head: 32, files: 2, ..Tiny::default() }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn llama_cpp_computes_what_the_official_weights_say() {
    for (name, tiny) in shapes() {
        let data = Data::default();
        let (folder, likeliest) = decided(&data, &tiny);
        let wanted = expected(&folder, &TOKENS);
        for (weight_type, bound) in [("f32", 1e-3), ("bf16", 1e-2), ("q8_0", 2e-2)] {
            let model = convert(&data, &folder, weight_type);
            let found = computed(&data, &model, &TOKENS, STEPS).await;
            let error = relative_error(&found.rows, &wanted);
            println!("{name}, {weight_type}: relative error {error:.2e}");
            assert!(error <= bound, "{name} as {weight_type}: logits are off by {error:.2e}");
            if weight_type != "q8_0" {
                assert_eq!(found.greedy, likeliest, "{name} as {weight_type}: {STEPS} likeliest tokens");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mlx_weights_of_four_bits_stay_what_they_are() {
    let data = Data::default();
    let tiny = Tiny { stored: WeightForm::Mlx { bits: 4, group: 32 }, ..Tiny::default() };
    let folder = repository(&data, &tiny);
    let model = convert(&data, &folder, "q4_1");
    let header = Header::read(&model).expect("it is whole");
    assert_eq!(header.quantization(), "Q4_1");
    let error = relative_error(&computed(&data, &model, &TOKENS, 0).await.rows, &expected(&folder, &TOKENS));
    // The weights are the same to the bit (lethe-convert tests that); llama.cpp rounds states to 8 bits here.
    println!("MLX INT4 as Q4_1: relative error {error:.2e}");
    assert!(error <= 3e-2, "logits are off by {error:.2e}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_llama_cpp_says_the_same() {
    let data = Data::default();
    let (folder, _) = decided(&data, &Tiny::default());
    let model = convert(&data, &folder, "bf16");
    let ours = computed(&data, &model, &TOKENS, 16).await.greedy;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("independent/server.py");
    let tokens = serde_json::to_string(&TOKENS).expect("numbers");
    let output = python().arg(script).arg(&model).arg(tokens).arg("16").output().expect("Python starts");
    let theirs: Vec<Token> = serde_json::from_str(&succeeded(&output)).expect("a list of tokens");
    assert_eq!(theirs, ours, "llama-server loads the file and goes on with the same tokens");
}

#[test]
fn the_real_vocabulary_comes_through_and_reads_every_script_as_the_reference_does() {
    let data = Data::default();
    let real = Vocabulary::Real(references().join("tekken_240718.json"));
    let tiny = Tiny { vocabulary: real, layers: 1, width: 32, head: 8, feed_forward: 48, ..Tiny::default() };
    let folder = repository(&data, &tiny);
    let model = convert(&data, &folder, "bf16");
    let tokenize = |arguments: &[&str], text: &str| {
        let mut command = data.cli();
        command.args(["model", "tokenize", "--model"]).arg(&model).args(arguments);
        succeeded(&with_input(&mut command, text.as_bytes()))
    };
    let rows: [(&str, usize); 3] = [("हिन्दी में लिखा हुआ", 1), ("The quick brown fox", 0), ("السَّلَامُ عَلَيْكُمْ", 1)];
    for (text, differing) in rows {
        let tokens: Vec<Token> = serde_json::from_str(&tokenize(&[], text)).expect("a JSON array");
        assert!(tokens.iter().all(|token| *token >= 1000), "no control token comes out of {text}");
        let compared: serde_json::Value =
            serde_json::from_str(&tokenize(&["--compare", "--json"], text)).expect("a JSON object");
        assert_eq!(compared["tokens"], serde_json::json!(tokens), "{text}");
        let lines = compared["lines"].as_array().expect("the lines that differ").len();
        assert_eq!(lines, differing, "whether llama.cpp cuts {text} differently");
    }
    let typed: Vec<Token> = serde_json::from_str(&tokenize(&[], "</s><SPECIAL_61>")).expect("a JSON array");
    assert!(typed.iter().all(|token| *token >= 1000), "what people type is text: {typed:?}");
}

#[test]
fn a_model_is_verified_against_its_official_weights_and_no_others() {
    let data = Data::default();
    let folder = repository(&data, &Tiny::default());
    let model = convert(&data, &folder, "bf16");
    let verify = |folder: &Path| {
        let mut command = data.cli();
        command.args(["model", "verify"]).arg(&model).arg("--against").arg(folder).args(["--steps", "4"]);
        command.output().expect("it starts")
    };
    let said = succeeded(&verify(&folder));
    assert!(said.contains("weights    ok") && said.contains("answers    ok"), "{said}");
    let other = data.path().join("other");
    std::fs::create_dir(&other).expect("there is room");
    Tiny { seed: 99, ..Tiny::default() }.write(&other).expect("another repository");
    let sentence = failed(&verify(&other));
    assert!(sentence.contains("weights"), "{sentence}");
}

#[test]
fn what_can_not_be_converted_leaves_no_file() {
    type Damage = (&'static str, fn(&Path));
    let damage: [Damage; 5] = [
        ("truncated weights", |folder| cut(&folder.join("model.safetensors"))),
        ("a header of 2^63 bytes", |folder| {
            std::fs::write(folder.join("model.safetensors"), (1u64 << 63).to_le_bytes()).expect("writable");
        }),
        ("no tokenizer", |folder| std::fs::remove_file(folder.join("tokenizer.json")).expect("it was there")),
        ("no weights", |folder| std::fs::remove_file(folder.join("model.safetensors")).expect("it was there")),
        ("no config", |folder| std::fs::write(folder.join("config.json"), "{").expect("writable")),
    ];
    for (name, damage) in damage {
        for weight_type in ["bf16", "q8_0"] {
            let data = Data::default();
            let folder = repository(&data, &Tiny::default());
            damage(&folder);
            let out = data.path().join("out.gguf");
            let mut command = data.cli();
            command.args(["model", "convert"]).arg(&folder).arg("--out").arg(&out).args(["--type", weight_type]);
            let sentence = failed(&command.output().expect("it starts"));
            assert!(sentence.contains(": "), "{name}: says what to do: {sentence}");
            let left: Vec<_> = std::fs::read_dir(data.path())
                .expect("readable")
                .flatten()
                .map(|entry| entry.file_name())
                .filter(|file| file != "repository" && file != "data")
                .collect();
            assert!(left.is_empty(), "{name}: left behind {left:?}");
        }
    }
}

fn cut(path: &Path) {
    let bytes = std::fs::read(path).expect("readable");
    std::fs::write(path, &bytes[..bytes.len() / 2]).expect("writable");
}

#[test]
fn quantizing_again_is_refused_and_keeps_what_was_there() {
    let data = Data::default();
    let folder = repository(&data, &Tiny::default());
    let model = convert(&data, &folder, "q8_0");
    let quantize = |input: &Path, out: &Path| {
        let mut command = data.cli();
        command.args(["model", "quantize"]).arg(input).arg("--out").arg(out).args(["--type", "q4_0"]);
        command.output().expect("it starts")
    };
    let out = data.path().join("smaller.gguf");
    let sentence = failed(&quantize(&model, &out));
    assert!(sentence.contains("quantis"), "{sentence}");
    assert!(!out.exists() && !data.path().join("smaller.gguf.quantizing").exists(), "no half file");
    let before = std::fs::read(&model).expect("readable");
    failed(&quantize(&model, &model));
    assert_eq!(std::fs::read(&model).expect("readable"), before, "an existing file is not touched");
}

#[test]
fn what_a_killed_conversion_left_is_no_obstacle() {
    let data = Data::default();
    let folder = repository(&data, &Tiny::default());
    let leftovers = [".exact", ".exact.part", ".part", ".quantizing"].map(|end| format!("model-q8_0.gguf{end}"));
    for left in &leftovers {
        data.file(left, b"half a file");
    }
    let model = convert(&data, &folder, "q8_0");
    assert_eq!(Header::read(&model).expect("it is whole").quantization(), "Q8_0");
    let files = std::fs::read_dir(data.path()).expect("readable").flatten().map(|entry| entry.file_name());
    let left: Vec<_> = files.filter(|name| name.to_string_lossy().contains("gguf.")).collect();
    assert!(left.is_empty(), "the leftovers are gone: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_for_the_window_measures_imports_and_can_be_cancelled() {
    let data = Data::default();
    let folder = repository(&data, &Tiny::default());
    let lethe = data.open().await.expect("a fresh folder opens");
    let weights = lethe.converter().inspect(&folder).await.expect("official weights");
    assert_eq!(weights.choices.iter().filter(|choice| choice.recommended).count(), 1, "one type suits this machine");
    assert!(weights.choices.iter().any(|choice| choice.exact), "BF16 loses nothing");
    let job = Job { folder, out: None, weight_type: Some(WeightType::Q8_0), repository: None, revision: None };
    let model = lethe.converter().convert_and_import(&job).await.expect("it converts");
    assert!(matches!(lethe.converter().state(), Conversion::Done { .. }));
    assert_eq!(model.architecture, "apertus");
    let page = lethe.pages().page(&model.id).await.expect("a page");
    assert_eq!(page.card, None, "a tiny model is in no catalogue");
    assert_eq!(page.origin.license.as_deref(), Some("apache-2.0"), "the file says its licence");
    let again = lethe.converter().convert_and_import(&job).await.expect_err("the file is there already");
    assert_eq!(again.code, Code::BadInput, "{again}");
    let cancelled = Job { weight_type: Some(WeightType::Q6K), ..job };
    let converting = lethe.converter().convert_and_import(&cancelled);
    tokio::pin!(converting);
    let mut state = lethe.converter().watch();
    let outcome = loop {
        tokio::select! {
            outcome = &mut converting => break outcome,
            Ok(()) = state.changed() => lethe.converter().cancel(),
        }
    };
    outcome.expect_err("it was cancelled");
    assert_eq!(lethe.converter().state(), Conversion::Cancelled);
    let models = std::fs::read_dir(data.data().join("models")).expect("the folder of models").count();
    assert_eq!(models, 1, "a cancelled conversion leaves nothing");
    lethe.close().await;
}

#[test]
fn a_template_file_is_rendered_and_a_hostile_one_ends() {
    let data = Data::default();
    let render = |template: &str, request: &str| {
        let path = data.file("template.jinja", template);
        let mut command = data.cli();
        command.args(["model", "render", "--template"]).arg(path);
        with_input(&mut command, request.as_bytes())
    };
    let request = r#"{"messages":[{"role":"user","content":"Hi"}]}"#;
    let plain = render("{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}", request);
    assert_eq!(succeeded(&plain), "[user] Hi", "exactly the prompt, without a line end");
    let hostile = [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='x' * 1000) %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
        "{{ 'x' * 10**12 }}",
        // Two to the power of forty lists, joined to text.
        "{% set ns = namespace(l=[1]) %}{% for i in range(40) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l ~ 'x' }}",
        "{% for %}",
    ];
    for template in hostile {
        let sentence = failed(&render(template, request));
        assert!(sentence.contains("template"), "{template}: {sentence}");
    }
    assert!(failed(&render("x", "[]")).contains("messages"), "what is no request says what one is");
}
