//! `model convert` and `model quantize`: official weights as a model file.

use std::path::PathBuf;

use clap::Args;
use lethe_core::models::conversion::{Conversion, ConversionStep, Job};
use lethe_core::{Error, Lethe, Result};
use lethe_models::gguf::Header;
use lethe_models::weight_type::WeightType;

use super::ended;
use crate::output::{print, print_json, size};

/// Official weights to a file.
#[derive(Args)]
pub struct Convert {
    /// The folder of a downloaded repository
    folder: PathBuf,
    /// The file to write; it must not exist yet
    #[arg(long, value_name = "F")]
    out: PathBuf,
    /// bf16, q8_0, q6_k, q5_k_m, q4_k_m, q4_1, q4_0, q3_k_m or f32; without it what suits this machine
    #[arg(long = "type", value_name = "T")]
    weight_type: Option<WeightType>,
    /// The repository, such as swiss-ai/Apertus-8B-Instruct-2509, where the folder does not tell
    #[arg(long, value_name = "R")]
    repository: Option<String>,
    /// Its revision, where the folder does not tell
    #[arg(long, value_name = "V")]
    revision: Option<String>,
}

/// A file to another one.
#[derive(Args)]
pub struct Quantize {
    /// A GGUF file with weights of 16 or 32 bits
    input: PathBuf,
    /// The file to write; it must not exist yet
    #[arg(long, value_name = "F")]
    out: PathBuf,
    /// q8_0, q6_k, q5_k_m, q4_k_m, q4_1, q4_0, q3_k_m, bf16 or f32
    #[arg(long = "type", value_name = "T")]
    weight_type: WeightType,
}

/// Runs `model convert`. Ctrl-C cancels it, and no file is left.
///
/// # Errors
/// `BadInput` or `ModelUnusable` with the reason.
pub async fn convert(lethe: &Lethe, job: &Convert, json: bool) -> Result<()> {
    let job = Job {
        folder: job.folder.clone(),
        out: Some(job.out.clone()),
        weight_type: job.weight_type,
        repository: job.repository.clone(),
        revision: job.revision.clone(),
    };
    let progress = tokio::spawn(report(lethe.converter().watch()));
    let converting = lethe.converter().convert(&job);
    tokio::pin!(converting);
    let converted = loop {
        tokio::select! {
            converted = &mut converting => break converted,
            () = ended() => lethe.converter().cancel(),
        }
    };
    progress.abort();
    let converted = converted?;
    if json {
        return print_json(&converted);
    }
    for note in &converted.notes {
        say!("Note: {note}.");
    }
    print(&format!("{}\t{}\t{}\n", converted.path.display(), converted.weight_type.label(), size(converted.bytes)))
}

/// Runs `model quantize`.
///
/// # Errors
/// `BadInput` or `ModelUnusable` with the reason.
pub async fn quantize(lethe: &Lethe, job: &Quantize, json: bool) -> Result<()> {
    if job.out.exists() {
        return Err(Error::bad_input("the output file exists already: choose another name or remove it first"));
    }
    let mut shown = 0;
    let quantizing = lethe.converter().quantize(&job.input, &job.out, job.weight_type, |fraction| {
        let percent = percent(fraction);
        if percent / 10 > shown / 10 {
            shown = percent;
            say!("{}: {percent} %", job.weight_type.label());
        }
    });
    tokio::select! {
        done = quantizing => done?,
        () = ended() => {
            return Err(Error::bad_input("ended by the user, and nothing was left behind"));
        }
    }
    let header = Header::read(&job.out)?;
    if json {
        return print_json(
            &serde_json::json!({ "path": job.out, "type": job.weight_type, "bytes": header.file_bytes }),
        );
    }
    print(&format!("{}\t{}\t{}\n", job.out.display(), job.weight_type.label(), size(header.file_bytes)))
}

/// Says on standard error how far a conversion is, in steps of ten percent.
async fn report(mut state: tokio::sync::watch::Receiver<Conversion>) {
    let mut said = (None, 0);
    while state.changed().await.is_ok() {
        let Conversion::Running { step, fraction, .. } = *state.borrow_and_update() else { continue };
        let now = (Some(step), percent(fraction) / 10);
        if now != said {
            said = now;
            let what = match step {
                ConversionStep::Measuring => "Measuring types of weights",
                ConversionStep::Converting => "Converting",
                ConversionStep::Quantizing => "Quantising",
                ConversionStep::Checking => "Checking",
            };
            say!("{what}: {} %", percent(fraction));
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
fn percent(fraction: f32) -> u32 {
    (fraction.clamp(0.0, 1.0) * 100.0) as u32
}
