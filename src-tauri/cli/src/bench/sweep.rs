//! How long it takes to clean what was stored when a list changes.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use lethe_core::chat::history::{End, MessageState, UserText};
use lethe_core::{Code, Error, Lethe, Result};
use lethe_filters::{Detectors, Filter};
use serde::Serialize;

use super::invented_name;

/// A sweep of stored answers.
#[derive(Serialize)]
pub(super) struct SweepRow {
    /// Answers that were looked at.
    pub answers: u32,
    /// Answers that were changed.
    pub changed: u32,
    /// Entries of the list.
    pub entries: usize,
    /// What it took.
    pub seconds: f64,
}

/// Stores answers of about 700 bytes, every hundredth with a listed name, then puts the list in force and sweeps.
///
/// # Errors
/// `Store`.
pub(super) async fn measure(lethe: &Lethe, folder: &Path, answers: u32, entries: usize) -> Result<SweepRow> {
    let unfiltered = Filter::new(Vec::new(), Detectors::none())?;
    let text = "Nobody in the village remembered who had planted the trees behind the mill, or when. ".repeat(8);
    let question = UserText::parse("Who planted the trees?")?;
    for number in 0..answers {
        let (_, mut answer) = lethe.history().begin(None, &question, "none").await?;
        let name = if number % 100 == 0 { invented_name(number as usize) } else { String::new() };
        answer.append(&unfiltered.filter(&format!("{text}{name}"))).await?;
        answer.finish(End { state: MessageState::Complete, note: None, stats: None, receipt: None }).await?;
    }
    let mut lines = String::new();
    for number in 0..entries {
        let name = invented_name(number);
        let _ = writeln!(lines, "{{\"id\":\"e{number}\",\"kind\":\"person\",\"text\":\"{name}\"}}");
    }
    let list = folder.join("invented.jsonl");
    std::fs::write(&list, lines).map_err(|error| {
        Error::new(Code::Store, format!("there is no room for temporary files ({error}): free some space"))
    })?;
    lethe.lists().import(&list).await?;
    let start = Instant::now();
    let swept = lethe.sweeper().sweep().await?;
    Ok(SweepRow { answers: swept.done, changed: swept.changed, entries, seconds: start.elapsed().as_secs_f64() })
}
