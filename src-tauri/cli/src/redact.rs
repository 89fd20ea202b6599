//! `redact`: the filter alone, from standard input to standard output.
//!
//! Input is UTF-8. Each invalid sequence becomes one U+FFFD, whatever the chunks, and offsets count bytes of the
//! input as it came in.

use lethe_core::lists::file::read_list;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use lethe_core::{Error, Result};
use lethe_filters::{Detectors, Filter, RedactionSource};
use lethe_models::text::Utf8Stream;
use serde::Serialize;

use crate::output::{print, print_json};

/// What to remove.
#[derive(Args)]
pub struct Redact {
    /// A list of what to remove, JSON Lines or compiled; may be given several times
    #[arg(long, value_name = "F")]
    list: Vec<PathBuf>,
    /// all, none, or names with commas between: email, iban, ip, phone, card, ahv, national_id, special_ip
    #[arg(long, default_value = "all", value_name = "NAMES")]
    detectors: String,
    /// Feed the filter so many bytes at a time; the output is the same
    #[arg(long, default_value = "65536", value_name = "BYTES")]
    chunk: NonZeroUsize,
}

#[derive(Serialize)]
struct Printed {
    text: String,
    redactions: Vec<Removed>,
}

/// A removal; `start` and `end` are byte offsets into the input.
#[derive(Serialize)]
struct Removed {
    kind: String,
    list: Option<String>,
    entry: Option<String>,
    start: usize,
    end: usize,
}

/// Runs `redact`.
///
/// # Errors
/// `BadInput` for a list or a detector that can't be used, and for input that can't be read.
pub fn run(redact: &Redact, json: bool) -> Result<()> {
    let detectors = detectors(&redact.detectors)?;
    let lists = redact.list.iter().map(|path| read_list(path).map(|read| read.list())).collect::<Result<_>>()?;
    let filter = Filter::new(lists, detectors)?;
    let mut redactor = filter.redactor();
    let mut utf8 = Utf8Stream::default();
    let mut all = lethe_filters::FilteredText::default();
    let mut input = std::io::stdin().lock();
    let mut buffer = vec![0; redact.chunk.get().min(1 << 24)];
    loop {
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(Error::bad_input(format!(
                    "standard input can't be read ({}): check where it comes from",
                    error.kind()
                )));
            }
        };
        let filtered = redactor.push(&utf8.push(&buffer[..read]));
        if json { all.append(filtered) } else { print(filtered.as_str())? }
    }
    let mut filtered = redactor.push(&utf8.finish());
    filtered.append(redactor.finish());
    if !json {
        return print(filtered.as_str());
    }
    all.append(filtered);
    let (text, redactions) = all.into_parts();
    let removed = redactions.into_iter().map(|redaction| {
        let (list, entry) = match redaction.source {
            RedactionSource::Detector => (None, None),
            RedactionSource::List { list, entry } => (Some(list.to_string()), Some(entry.to_string())),
        };
        Removed {
            kind: redaction.kind.to_string(),
            list,
            entry,
            start: utf8.input_offset(redaction.input.start),
            end: utf8.input_offset(redaction.input.end),
        }
    });
    print_json(&Printed { text, redactions: removed.collect() })
}

fn detectors(names: &str) -> Result<Detectors> {
    match names {
        "all" => Ok(Detectors::all()),
        "none" => Ok(Detectors::none()),
        names => {
            Detectors::from_names(names.split(',').map(str::trim)).map_err(|error| Error::bad_input(error.to_string()))
        }
    }
}
