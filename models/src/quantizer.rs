//! A model file in another type of weights: llama.cpp's quantiser, in a process that may die.
//!
//! The output appears under its name only when it is whole. Dropping the future ends the process and removes what it
//! had written; a file that is whole already and is being written through gets its name all the same.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempPath;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::engine::EngineError;
use crate::kernels::Choice;
use crate::program::{Program, ProgramError, ended};
use crate::weight_type::WeightType;

/// A tensor that takes longer is taken for a process that hangs.
const PATIENCE_PER_TENSOR: Duration = Duration::from_secs(1800);

/// What the process says at most, bytes.
const LONGEST_LOG: u64 = 1 << 20;

#[derive(Deserialize)]
struct Progress {
    fraction: f32,
}

/// Writes the model `input` with weights of `weight_type` to `output`; a file of that name is replaced. `progress`
/// hears the share that is done, 0 to 1.
///
/// # Errors
/// `Load` with the reason, `Start`, or `Died`; then there is no new file.
pub async fn quantize(
    engine: &Path,
    choice: &Choice,
    input: &Path,
    output: &Path,
    weight_type: WeightType,
    mut progress: impl FnMut(f32),
) -> Result<(), EngineError> {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".quantizing");
    let unwritable = |error: std::io::Error| {
        EngineError::Load(format!("{} can't be written ({}): free some space", output.display(), error.kind()))
    };
    let unfinished = TempPath::try_from_path(output.with_file_name(name)).map_err(unwritable)?;
    let program = Program::new(engine, "quantize").with("--in", input).with("--out", &unfinished);
    let program = program.with("--type", weight_type.name()).with("--threads", choice.prompt_threads.to_string());
    let start = program.with_some("--module", choice.module.as_ref()).start();
    let mut child = start.map_err(|error| EngineError::Start { program: engine.to_owned(), error })?;
    // Its standard input stays open as long as this process lives, and it ends with it.
    let _stdin = child.stdin.take();
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        unreachable!("both streams were asked for as pipes");
    };
    let said = tokio::spawn(async move {
        let mut said = Vec::new();
        let mut stderr = stderr.take(LONGEST_LOG);
        let _ = stderr.read_to_end(&mut said).await;
        // More than that is read and forgotten, so that the process does not wait for it.
        let _ = tokio::io::copy(&mut stderr.into_inner(), &mut tokio::io::sink()).await;
        said
    });
    let silent = |_| ProgramError::Silent.of(engine);
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = tokio::time::timeout(PATIENCE_PER_TENSOR, lines.next_line()).await.map_err(silent)? {
        if let Ok(Progress { fraction }) = serde_json::from_str(&line) {
            progress(fraction);
        }
    }
    let status = tokio::time::timeout(PATIENCE_PER_TENSOR, child.wait()).await.map_err(silent)?;
    let status = status.map_err(|error| EngineError::Died(error.to_string()))?;
    let said = said.await.unwrap_or_default();
    ended(status, &said).map_err(|error| error.of(engine))?;
    let name = output.to_owned();
    let finished = tokio::task::spawn_blocking(move || {
        std::fs::File::open(&unfinished)?.sync_all()?;
        unfinished.persist(name).map_err(|error| error.error)
    });
    finished.await.map_err(std::io::Error::other).flatten().map_err(unwritable)?;
    progress(1.0);
    Ok(())
}
