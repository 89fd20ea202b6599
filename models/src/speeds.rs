//! How fast this machine computes with each type of weights, and which type suits a model on it.
//!
//! Measured once for each machine and build by running a tiny model of each type in the engine's process; what a type
//! costs is decided by the kernels of the processor, and not by its size alone. What was measured while other programs
//! kept the machine busy is measured again at a later start.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cache_file;
use crate::engine::EngineError;
use crate::kernels::{Choice, no_scratch};
use crate::load::{Conditions, Tries};
use crate::program::{Program, Scratch};
use crate::weight_type::WeightType;

/// The reference turn that types are compared by: a prompt of so many tokens …
const PROMPT: f64 = 600.0;
/// … and an answer of so many.
const ANSWER: f64 = 200.0;

/// A type may take this much longer for the reference turn than the fastest one, if it is finer.
const BEARABLE: f64 = 1.6;

/// A measurement that takes longer is taken for dead; it takes some seconds.
const PATIENCE: Duration = Duration::from_secs(300);

/// Types that lose so much that nobody should get them without asking.
const COARSEST: WeightType = WeightType::Q4_0;

/// The speed of the tiny model with one type of weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TypeSpeed {
    /// The type of nearly all its weights.
    pub weight_type: WeightType,
    /// Prompt tokens a second.
    pub prompt_rate: f64,
    /// Answer tokens a second.
    pub answer_rate: f64,
    /// What else the machine did meanwhile.
    #[serde(default)]
    pub conditions: Conditions,
}

impl TypeSpeed {
    /// Seconds for the reference turn with the tiny model.
    pub fn turn_seconds(&self) -> f64 {
        PROMPT / self.prompt_rate.max(f64::MIN_POSITIVE) + ANSWER / self.answer_rate.max(f64::MIN_POSITIVE)
    }
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    fingerprint: String,
    speeds: Vec<TypeSpeed>,
    #[serde(default)]
    busy: Tries,
}

/// The remembered speeds of this machine, or new ones; kept in `folder`.
///
/// # Errors
/// `Start`, `NoRoom`, or `Died` when the measurement fails.
pub async fn measure(engine: &Path, choice: &Choice, folder: &Path) -> Result<Vec<TypeSpeed>, EngineError> {
    let memory = folder.join("speeds.json");
    let known = std::fs::read(&memory).ok().and_then(|bytes| serde_json::from_slice::<Remembered>(&bytes).ok());
    let known = known.filter(|known| known.fingerprint == choice.fingerprint && !known.speeds.is_empty());
    let before = match known {
        Some(known) if !known.busy.again(&memory) => return Ok(known.speeds),
        Some(known) => known.busy,
        None => Tries::default(),
    };
    Tries::done(&memory);
    let scratch = Scratch::new(folder, "speeds").map_err(|error| no_scratch(error).of(engine))?;
    let program = Program::new(engine, "types").with("--scratch", scratch.path());
    let program = program.with("--threads", choice.threads.to_string()).with_some("--module", choice.module.as_ref());
    let speeds: Vec<TypeSpeed> = program.ask(PATIENCE).await.map_err(|error| error.of(engine))?;
    let worst = speeds.iter().fold(Conditions::default(), |worst, speed| worst.or_worse(speed.conditions));
    let busy = before.after(worst);
    let remembered = Remembered { fingerprint: choice.fingerprint.clone(), speeds: speeds.clone(), busy };
    // Not being able to remember costs some seconds the next time.
    let json = serde_json::to_vec_pretty(&remembered).unwrap_or_default();
    if let Err(error) = cache_file::write(&memory, &json) {
        tracing::warn!(%error, "the speeds of weight types can't be kept");
    }
    Ok(speeds)
}

/// Tokens a second of llama.cpp's kernels alone, without frames and sampling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KernelRates {
    /// Prompt tokens a second.
    pub prompt_rate: f64,
    /// Answer tokens a second.
    pub answer_rate: f64,
}

/// Has the kernels alone read `prompt` tokens and generate `answer` ones with the model in `path`.
///
/// # Errors
/// `Load` with the reason, `Start`, or `Died`.
pub async fn kernels_alone(
    engine: &Path,
    choice: &Choice,
    path: &Path,
    prompt: u32,
    answer: u32,
) -> Result<KernelRates, EngineError> {
    let program = Program::new(engine, "bench").with("--model", path).with("--threads", choice.threads.to_string());
    let program = program.with("--prompt", prompt.to_string()).with("--answer", answer.to_string());
    let program = program.with("--rounds", "1").with_some("--module", choice.module.as_ref());
    let patience = PATIENCE.saturating_add(Duration::from_secs(u64::from(prompt.saturating_add(answer))));
    program.ask(patience).await.map_err(|error| error.of(engine))
}

/// The type for a machine: the finest that fits and whose turn is not much longer than that of the fastest that fits.
/// `fits` says whether a model of that type has room in memory. Where nothing fits, the smallest.
pub fn recommend(speeds: &[TypeSpeed], fits: impl Fn(WeightType) -> bool) -> WeightType {
    let mut possible: Vec<&TypeSpeed> =
        speeds.iter().filter(|speed| speed.weight_type <= COARSEST && fits(speed.weight_type)).collect();
    // F32 holds nothing that BF16 does not: the weights are published in 16 bits.
    possible.retain(|speed| speed.weight_type != WeightType::F32);
    let fastest = possible.iter().map(|speed| speed.turn_seconds()).fold(f64::INFINITY, f64::min);
    let mut bearable = possible.iter().filter(|speed| speed.turn_seconds() <= fastest * BEARABLE);
    bearable.next().map_or(COARSEST, |speed| speed.weight_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speeds(rows: &[(WeightType, f64, f64)]) -> Vec<TypeSpeed> {
        rows.iter()
            .map(|&(weight_type, prompt_rate, answer_rate)| TypeSpeed {
                weight_type,
                prompt_rate,
                answer_rate,
                conditions: Conditions::default(),
            })
            .collect()
    }

    #[test]
    fn the_finest_type_that_is_fast_enough_is_recommended() {
        use WeightType::{Bf16, F32, Q4_0, Q4_1, Q4KM, Q8_0};
        let measured = speeds(&[
            (F32, 300.0, 25.0),
            (Bf16, 572.0, 65.0),
            (Q8_0, 604.0, 90.0),
            (Q4KM, 600.0, 120.0),
            (Q4_0, 786.0, 140.0),
        ]);
        type Row = (&'static str, fn(WeightType) -> bool, WeightType);
        let rows: [Row; 4] = [
            ("all fit", |_| true, Q8_0),
            ("four bits fit", |weight_type| weight_type.bits() < 5.0, Q4KM),
            ("only the smallest fits", |weight_type| weight_type == Q4_0, Q4_0),
            ("nothing fits", |_| false, Q4_0),
        ];
        for (name, fits, wanted) in rows {
            assert_eq!(recommend(&measured, fits), wanted, "{name}");
        }
        let slow_to_read = speeds(&[(Q4_1, 300.0, 100.0), (Q4_0, 786.0, 140.0)]);
        assert_eq!(recommend(&slow_to_read, |_| true), Q4_0, "Q4_1 reads prompts 2.6 times as slowly");
    }
}
