//! What a model computes, position by position: for comparing it with a reference.

use std::io::Write;
use std::path::Path;

use lethe_models::wire::{Sampling, Token};

use crate::llama::{Cache, Context, ContextSize, Model, Placement, Sampler};

/// Writes the logits behind each of `tokens` to `output`, as 32-bit floats, little endian, `tokens × vocabulary`; then
/// goes on with the likeliest token `greedy` times. Gives back these tokens.
///
/// # Errors
/// One sentence.
pub fn run(model: &Path, tokens: &[Token], output: &Path, greedy: u32, threads: u32) -> Result<Vec<Token>, String> {
    let model = Model::load(model, Placement::Processor, |_| ())?;
    let vocabulary = model.vocabulary().size();
    if tokens.is_empty() || tokens.iter().any(|token| *token >= vocabulary) {
        return Err("the tokens are not of this model's vocabulary".to_owned());
    }
    let room = u32::try_from(tokens.len()).unwrap_or(u32::MAX).saturating_add(greedy).saturating_add(8);
    let mut context =
        Context::new(&model, ContextSize { tokens: room, threads, prompt_threads: threads, cache: Cache::Exact })?;
    let written = |error: std::io::Error| format!("{} can't be written: {error}", output.display());
    let mut file = std::io::BufWriter::new(std::fs::File::create(output).map_err(written)?);
    let failed = |error| format!("the model can't be computed: {error:?}");
    for token in tokens {
        context.decode(&[*token]).map_err(failed)?;
        for logit in context.logits() {
            file.write_all(&logit.to_le_bytes()).map_err(written)?;
        }
    }
    file.flush().map_err(written)?;
    let sampling = Sampling { temperature: 0.0, ..Sampling::default() };
    let mut sampler = Sampler::new(&model, &sampling, None, tokens)?;
    let mut chosen = Vec::new();
    for _ in 0..greedy {
        let token = sampler.sample(&mut context);
        chosen.push(token);
        context.decode(&[token]).map_err(failed)?;
    }
    Ok(chosen)
}
