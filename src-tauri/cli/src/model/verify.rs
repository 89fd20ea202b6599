//! `model verify`: a model checked on this machine.

use std::path::PathBuf;

use clap::Args;
use lethe_core::models::verify::Outcome;
use lethe_core::{Code, Error, Lethe, Result};

use crate::output::{print, print_json};

/// Which model, and against what.
#[derive(Args)]
pub struct Verify {
    /// Name or path of a model
    model: String,
    /// A folder with the official weights, whose logits are computed independently and compared
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// How many of the likeliest tokens to compare too; each takes the reference a pass over all weights
    #[arg(long, default_value_t = 0, value_name = "N", requires = "against")]
    steps: u32,
}

/// Runs `model verify`.
///
/// # Errors
/// `ModelUnusable` when a check failed; otherwise as [`Lethe::verify`].
pub async fn run(lethe: &Lethe, verify: &Verify, json: bool) -> Result<()> {
    let checks = lethe.verifier().verify(&verify.model, verify.against.as_deref(), verify.steps).await?;
    if json {
        print_json(&checks)?;
    } else {
        for check in &checks {
            let outcome = match check.outcome {
                Outcome::Passed => "ok",
                Outcome::Noted => "note",
                Outcome::Failed => "FAILED",
            };
            print(&format!("{:<10} {outcome:<7} {}\n", check.name, check.text))?;
        }
    }
    let failed: Vec<&str> =
        checks.iter().filter(|check| check.outcome == Outcome::Failed).map(|check| check.name).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Code::ModelUnusable,
        format!("{} not as it should be: use another file of this model", failed.join(", ")),
    ))
}
