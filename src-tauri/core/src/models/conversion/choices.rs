//! What official weights can become on this machine.

use lethe_convert::{Exact, Format, Source};
use lethe_models::memory::{self, Memory};
use lethe_models::speeds::TypeSpeed;
use lethe_models::weight_type::WeightType;
use serde::Serialize;
use ts_rs::TS;

use crate::models::card::CardView;

/// Room beside the weights for a cache of 4096 tokens and for computing, bytes.
const BESIDE_WEIGHTS: u64 = 640 << 20;

/// A type of weights as a choice.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WeightChoice {
    /// Its name on the command line.
    #[serde(rename = "type")]
    pub weight_type: String,
    /// Its name in texts.
    pub label: String,
    /// Size of the file, about.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether it suits this machine best.
    pub recommended: bool,
    /// Whether nothing of the published weights is lost.
    pub exact: bool,
    /// Whether the model has room in this machine's memory.
    pub fits: bool,
    /// One sentence.
    pub why: String,
}

/// Official weights in a folder.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficialWeights {
    pub path: String,
    pub name: String,
    /// How the weights are stored, such as `BF16`.
    pub format: String,
    /// Number of weights.
    #[ts(type = "number")]
    pub parameters: u64,
    /// Size of the weights in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// What the makers say of the model, if Lethe knows it.
    pub card: Option<CardView>,
    /// The repository it came from, where the folder tells.
    pub repository: Option<String>,
    /// What it can become.
    pub choices: Vec<WeightChoice>,
}

/// What is offered: finest first, and what is exact only where it is.
pub(super) fn choices(source: &Source, speeds: &[TypeSpeed], recommended: WeightType) -> Vec<WeightChoice> {
    let fastest = speeds.iter().map(TypeSpeed::turn_seconds).fold(f64::INFINITY, f64::min);
    let offered = WeightType::ALL.into_iter().filter(|weight_type| match weight_type {
        WeightType::F32 | WeightType::Q3KM => false,
        WeightType::Q4_1 => direct(source.format(), WeightType::Q4_1).is_some(),
        _ => true,
    });
    let choice = |weight_type: WeightType| {
        let exact = direct(source.format(), weight_type).is_some()
            && (weight_type != WeightType::Bf16 || source.format() == Format::Bf16);
        let fits = fits(source, weight_type);
        let speed = speeds.iter().find(|speed| speed.weight_type == weight_type);
        let slower = speed.map_or(1.0, |speed| speed.turn_seconds() / fastest);
        let speed = match slower {
            slower if slower < 1.15 => "the fastest here".to_owned(),
            slower => format!("takes {slower:.1} times as long as the fastest type here"),
        };
        let loss = match weight_type {
            _ if exact => "Nothing of the published weights is lost",
            WeightType::Bf16 | WeightType::Q8_0 | WeightType::Q6K => "Hardly differs from the published weights",
            WeightType::Q5KM | WeightType::Q4KM => "Answers a little less exactly",
            _ => "Answers less exactly",
        };
        WeightChoice {
            weight_type: weight_type.name().to_owned(),
            label: weight_type.label(),
            bytes: estimated_bytes(source, weight_type),
            recommended: weight_type == recommended,
            exact,
            fits,
            why: format!("{loss}; {speed}."),
        }
    };
    offered.map(choice).collect()
}

/// How a type is written without the quantiser; none where it takes it.
pub(super) fn direct(format: Format, weight_type: WeightType) -> Option<Exact> {
    match (weight_type, format) {
        (WeightType::F32, _) => Some(Exact::F32),
        (WeightType::Bf16, _) => Some(Exact::Bf16),
        (WeightType::Q4_1, Format::Mlx { bits: ..=4, .. }) => Some(Exact::Native),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
pub(super) fn estimated_bytes(source: &Source, weight_type: WeightType) -> u64 {
    match direct(source.format(), weight_type) {
        Some(kind) => source.output_bytes(kind),
        None => (source.parameters() as f64 * weight_type.bits() / 8.0) as u64,
    }
}

pub(super) fn fits(source: &Source, weight_type: WeightType) -> bool {
    memory::refusal(estimated_bytes(source, weight_type), BESIDE_WEIGHTS, Memory::now()).is_none()
}
