//! llama.cpp's kernels called directly, for comparison with the whole path: what `llama-bench` calls pp and tg.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::llama::{Cache, Context, ContextSize, Model, Placement};

/// Tokens a second.
#[derive(Serialize)]
pub struct Rates {
    /// Reading a prompt.
    pub prompt_rate: f64,
    /// Generating, with no sampling.
    pub answer_rate: f64,
}

/// Reads `prompt` tokens, then generates `answer` tokens, `rounds` times; the best of each.
///
/// # Errors
/// When the model can't be loaded.
pub fn run(path: &Path, threads: u32, prompt: u32, answer: u32, rounds: u32) -> Result<Rates, String> {
    let model = Model::load(path, Placement::Processor, |_| ())?;
    let vocabulary = model.vocabulary().size().max(2);
    let size = ContextSize { tokens: prompt + answer + 8, threads, prompt_threads: threads, cache: Cache::Usual };
    let mut context = Context::new(&model, size)?;
    let tokens: Vec<u32> = (0..prompt).map(|number| 1 + (number * 7919) % (vocabulary - 1)).collect();
    let failed = |error| format!("the benchmark failed: {error:?}");
    let mut best = Rates { prompt_rate: 0.0, answer_rate: 0.0 };
    for _ in 0..=rounds {
        context.forget_all();
        let start = Instant::now();
        for batch in tokens.chunks(context.batch()) {
            context.decode(batch).map_err(failed)?;
        }
        let prompt_rate = f64::from(prompt) / start.elapsed().as_secs_f64();
        let start = Instant::now();
        for number in 0..answer {
            context.decode(&[1 + number % (vocabulary - 1)]).map_err(failed)?;
        }
        let answer_rate = f64::from(answer) / start.elapsed().as_secs_f64();
        best.prompt_rate = best.prompt_rate.max(prompt_rate);
        best.answer_rate = best.answer_rate.max(answer_rate);
    }
    Ok(best)
}
