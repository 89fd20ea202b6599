//! What llama.cpp computes with a model, for comparing it with a reference: logits and the likeliest tokens.

use std::path::Path;
use std::time::Duration;

use crate::engine::EngineError;
use crate::kernels::Choice;
use crate::program::Program;
use crate::wire::Token;

/// For each token of the text; a large model on a slow machine takes seconds for one.
const PATIENCE_PER_TOKEN: Duration = Duration::from_secs(60);

/// The logits behind each token of a text, and how llama.cpp goes on when it takes the likeliest token always.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// One row for each token of the text, each with one number for each token of the vocabulary.
    pub rows: Vec<Vec<f32>>,
    /// The tokens that follow.
    pub greedy: Vec<Token>,
}

/// Computes with the model in `path`; `folder` is for files that are gone again afterwards.
///
/// # Errors
/// `Load` with the reason, `Start`, or `Died`.
pub async fn compute(
    engine: &Path,
    choice: &Choice,
    path: &Path,
    tokens: &[Token],
    greedy: u32,
    folder: &Path,
) -> Result<Computed, EngineError> {
    let number = std::process::id();
    let (input, output) = (folder.join(format!("tokens-{number}.json")), folder.join(format!("logits-{number}.f32")));
    let outcome = run(engine, choice, path, tokens, greedy, &input, &output).await;
    let _ = std::fs::remove_file(&input);
    let _ = std::fs::remove_file(&output);
    outcome
}

async fn run(
    engine: &Path,
    choice: &Choice,
    path: &Path,
    tokens: &[Token],
    greedy: u32,
    input: &Path,
    output: &Path,
) -> Result<Computed, EngineError> {
    let failed = |error: std::io::Error| EngineError::Load(format!("the logits can't be kept: {error}"));
    std::fs::write(input, serde_json::to_vec(tokens).unwrap_or_default()).map_err(failed)?;
    let program = Program::new(engine, "logits").with("--model", path).with("--tokens", input).with("--out", output);
    let program = program.with("--greedy", greedy.to_string()).with("--threads", choice.prompt_threads.to_string());
    let steps = u32::try_from(tokens.len()).unwrap_or(u32::MAX).saturating_add(greedy).saturating_add(1);
    let patience = PATIENCE_PER_TOKEN.saturating_mul(steps);
    let asked = program.with_some("--module", choice.module.as_ref()).ask(patience).await;
    let greedy = asked.map_err(|error| error.of(engine))?;
    let bytes = std::fs::read(output).map_err(failed)?;
    let numbers: Vec<f32> =
        bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
    let width = (numbers.len() / tokens.len().max(1)).max(1);
    Ok(Computed { rows: numbers.chunks(width).map(<[f32]>::to_vec).collect(), greedy })
}
