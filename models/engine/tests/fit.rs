//! Estimates of memory, held against what the engine takes: by its own count, and by the system's.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lethe_convert::tiny::{Tiny, Vocabulary};
use lethe_convert::{Exact, Options, Source};
use lethe_models::engine::{Engine, GenerateOptions, Step};
use lethe_models::fit::{self, Shape};
use lethe_models::gguf::Header;
use lethe_models::kernels::{self, Choice};
use lethe_models::quantizer;
use lethe_models::weight_type::WeightType;
use lethe_models::wire::{LoadRequest, LoadedModel, Sampling};

/// The most by which an estimate may be off, in per cent.
const TOLERANCE: u64 = 10;

fn engine() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_lethe-engine"))
}

fn named(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from);
    let path = path.unwrap_or_else(|| panic!("{variable} is not set: run npm test -- --only rust, which sets it"));
    assert!(path.exists(), "{} is missing: run npm test -- --only rust", path.display());
    path
}

/// A random model of this shape, quantised.
async fn made(folder: &Path, name: &str, tiny: &Tiny, weight_type: WeightType, choice: &Choice) -> PathBuf {
    let repository = folder.join(name);
    std::fs::create_dir(&repository).expect("there is room");
    tiny.write(&repository).expect("the repository is written");
    let source = Source::open(&repository).expect("the repository is whole");
    let (exact, quantised) = (folder.join(format!("{name}.bf16.gguf")), folder.join(format!("{name}.gguf")));
    lethe_convert::convert(&source, &exact, &Options::new(Exact::Bf16), &mut |_| ControlFlow::Continue(()))
        .expect("it converts");
    quantizer::quantize(&engine(), choice, &exact, &quantised, weight_type, |_| ()).await.expect("it quantises");
    quantised
}

/// Loads a model and has it read a batch and a little more, so that its buffers have been used.
async fn used(engine: &Arc<Engine>, path: &Path, context: u32) -> LoadedModel {
    let request = LoadRequest { path: path.to_owned(), context, threads: 2, prompt_threads: 2, offload: None };
    let model = engine.load(request, |_| ()).await.expect("the model loads");
    let prompt: Vec<u32> = (0..context.min(600) - 8).map(|token| 100 + token % 200).collect();
    let how = GenerateOptions {
        sampling: Sampling { temperature: 0.0, ..Sampling::default() },
        longest: 2,
        ..GenerateOptions::default()
    };
    let mut generation = model.generate(prompt, &how).expect("it begins");
    while !matches!(generation.next().await.expect("it computes"), Step::Done { .. }) {}
    model.facts().clone()
}

fn near(estimated: u64, taken: u64, per_cent: u64) -> bool {
    estimated.abs_diff(taken) * 100 <= taken * per_cent
}

#[tokio::test]
async fn an_estimate_is_within_a_tenth_of_what_the_engine_takes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let choice = kernels::choose(&engine(), folder.path(), |_| ()).await.expect("some kernels run on this machine");
    let starter = named("LETHE_STARTER_MODEL");
    let wide = Tiny {
        width: 256,
        feed_forward: 512,
        vocabulary: Vocabulary::Real(named("LETHE_REFERENCE").join("tekken_240718.json")),
        ..Tiny::default()
    };
    let wide = made(folder.path(), "wide", &wide, WeightType::Q8_0, &choice).await;
    let long = Tiny {
        layers: 8,
        width: 256,
        feed_forward: 512,
        heads: 8,
        kv_heads: 8,
        head: 64,
        context: 8192,
        ..Tiny::default()
    };
    let long = made(folder.path(), "long", &long, WeightType::Q4_0, &choice).await;
    // What dominates: weights and cache alike, weights, the vocabulary, the cache.
    for (path, context) in [(&starter, 4096), (&starter, 512), (&wide, 512), (&long, 8192)] {
        let shape = Shape::of(&Header::read(path).expect("the file is whole"));
        let estimate = fit::estimate(&shape, context, 0);
        let simulated = fit::simulate(&engine(), choice.module.as_deref(), path, context, None).await;
        let simulated = simulated.expect("the engine plans the model");
        let engine = Engine::start(&engine(), choice.module.as_deref()).await.expect("the engine starts");
        let before = resident(engine.process());
        let model = used(&engine, path, context).await;
        let after = resident(engine.process());
        let what = format!("{} with {context} tokens: {estimate:?}, loaded {:?}", path.display(), model.memory);
        println!("{what}, by the system {:?}", before.zip(after).map(|(before, after)| after.saturating_sub(before)));
        assert!(near(estimate.total(), model.memory.total(), TOLERANCE), "{what}");
        // The engine's log has two digits of a MiB.
        let exact = estimate.memory.cache.abs_diff(model.memory.cache) <= model.memory.cache / 100 + (16 << 10);
        assert!(exact, "the cache is known exactly: {what}");
        assert!(near(simulated.total(), model.memory.total(), 1), "planned {simulated:?}: {what}");
        assert_eq!(model.device_memory.total(), 0, "nothing was offloaded: {what}");
        if let (Some(before), Some(after)) = (before, after) {
            let grown = after.saturating_sub(before);
            assert!(near(estimate.total(), grown, TOLERANCE), "the process grew by {grown}: {what}");
        }
    }
}

/// The process's share of the memory in bytes, where the system tells: pages that are its own, and mapped ones once.
fn resident(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = text.lines().find(|line| line.starts_with("Pss:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
