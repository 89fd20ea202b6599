//! What the filter takes out of text that holds no personal data: program code, manuals, change logs.
//!
//! All text files of a folder are filtered, those in folders below too, in the order of their names, each as one text.
//! Packed ones (`.gz`) are unpacked. What is removed is counted by kind; how much of it is no data of its kind is for a
//! person to judge, who is shown each place with `--show`. That prints what was removed: it is meant for public text.
//!
//! Left out and counted: what is no text, what is larger than [`LARGEST_FILE`], and what can't be read. Links are not
//! followed, so no file counts twice.

use std::fmt::Write as _;
use std::fs::{DirEntry, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::read::MultiGzDecoder;
use lethe_core::base::visible::visible_line;
use lethe_core::{Error, Result};
use lethe_filters::{Filter, Kind, Redaction, RedactionSource};
use serde::Serialize;

use crate::output::{plural, print, print_json};
use crate::redact::{InForce, Kinds, detectors, of_files};

/// The form of what `--json` prints.
const JSON_VERSION: u32 = 1;
/// The largest file that is looked at, unpacked, in bytes.
const LARGEST_FILE: u64 = 64 << 20;
/// Letters that are shown on each side of a removal.
const AROUND: usize = 40;
/// One of so many characters may be no UTF-8 in a text, as in an old one in Latin-1.
const INVALID: usize = 10;

/// Where to look, and by what to filter.
#[derive(Args)]
pub struct Harm {
    /// Measure nothing of this machine, but count what the filter removes from all text files of this folder; may be
    /// given several times
    #[arg(long = "harm", value_name = "DIR", conflicts_with_all = ["model", "rounds", "answers", "entries", "tokens"])]
    folders: Vec<PathBuf>,
    /// Print each removal with what stands around it, in clear
    #[arg(long, requires = "folders")]
    show: bool,
    /// A list to filter by as well; may be given several times
    #[arg(long, value_name = "F", requires = "folders")]
    list: Vec<PathBuf>,
    /// all, none, or names with commas between; without it all
    #[arg(long, value_name = "NAMES", requires = "folders")]
    detectors: Option<String>,
}

/// What was left out, in files.
#[derive(Clone, Copy, Default, Serialize)]
struct LeftOut {
    no_text: u64,
    too_large: u64,
    unreadable: u64,
}

/// What was found in all files.
#[derive(Default)]
struct Found {
    files: u64,
    bytes: u64,
    left_out: LeftOut,
    removed: Kinds,
    places: Vec<Place>,
}

/// A removal with its surroundings, for people who judge it.
#[derive(Serialize)]
struct Place {
    file: String,
    line: usize,
    kind: Kind,
    list: Option<String>,
    entry: Option<String>,
    before: String,
    text: String,
    after: String,
}

#[derive(Serialize)]
struct KindRow {
    kind: &'static str,
    removed: u64,
    per_megabyte: f64,
}

#[derive(Serialize)]
struct Printed<'a> {
    version: u32,
    files: u64,
    /// Of text, unpacked.
    bytes: u64,
    left_out: LeftOut,
    kinds: Vec<KindRow>,
    removed: u64,
    per_megabyte: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<&'a [Place]>,
}

impl Harm {
    /// Whether this is what was asked for.
    pub fn is_wanted(&self) -> bool {
        !self.folders.is_empty()
    }
}

/// Runs `bench --harm`.
///
/// # Errors
/// `BadInput` for a folder, a list or a detector that can't be used.
pub fn run(harm: &Harm, json: bool) -> Result<()> {
    let detectors = harm.detectors.as_deref().map(detectors).transpose()?;
    let in_force = of_files(&harm.list, detectors)?;
    let mut found = Found::default();
    for folder in &harm.folders {
        for file in files(folder)? {
            look(&in_force.filter, &file, harm.show, &mut found);
            if !json {
                found.places.drain(..).try_for_each(|place| print(&line(&place)))?;
            }
        }
    }
    if json { print_json(&printed(&found, harm.show)) } else { print(&table(&found, &in_force)) }
}

/// All files of a folder and of those below, by name; what is no file is left out.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |error: io::Error| {
        Error::bad_input(format!("the folder {} can't be read ({}): check its path", folder.display(), error.kind()))
    };
    // The one that was named must be there; one below it that can't be read is like a file that can't.
    std::fs::read_dir(folder).map_err(unreadable)?;
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let is_folder = path == folder || std::fs::symlink_metadata(&path).is_ok_and(|path| path.is_dir());
        let entries = if is_folder { std::fs::read_dir(&path).ok() } else { None };
        // A folder that can't be read counts as a file that can't.
        let Some(entries) = entries else {
            files.push(path);
            continue;
        };
        let is_wanted = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_file());
        let mut inside: Vec<PathBuf> = entries.flatten().filter(is_wanted).map(|entry| entry.path()).collect();
        // The last one is taken first.
        inside.sort_unstable_by(|one, other| other.cmp(one));
        waiting.append(&mut inside);
    }
    Ok(files)
}

/// Filters a file, if it is text.
fn look(filter: &Filter, file: &Path, show: bool, found: &mut Found) {
    let text = match read(file) {
        Ok(bytes) if bytes.len() as u64 > LARGEST_FILE => {
            found.left_out.too_large += 1;
            return;
        }
        Ok(bytes) => text(bytes),
        Err(_) => {
            found.left_out.unreadable += 1;
            return;
        }
    };
    let Some(text) = text else {
        found.left_out.no_text += 1;
        return;
    };
    found.files += 1;
    found.bytes += text.len() as u64;
    let filtered = filter.filter(&text);
    let (mut line, mut counted) = (1, 0);
    for redaction in filtered.redactions() {
        found.removed.count(&redaction.kind);
        if show {
            let start = redaction.input.start;
            line += text[counted..start].bytes().filter(|byte| *byte == b'\n').count();
            counted = start;
            found.places.push(place(file, line, &text, redaction));
        }
    }
}

/// A file, unpacked; of one that is too large a byte more than is looked at.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(file)?;
    let is_packed = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    if is_packed {
        MultiGzDecoder::new(opened).take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    } else {
        opened.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The text of a file; none where it is none: zero bytes, or much that is not UTF-8.
fn text(bytes: Vec<u8>) -> Option<String> {
    if bytes.contains(&0) {
        return None;
    }
    String::from_utf8(bytes).map_or_else(
        |error| {
            let bytes = error.into_bytes();
            let invalid = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
            (invalid * INVALID <= bytes.len()).then(|| String::from_utf8_lossy(&bytes).into_owned())
        },
        Some,
    )
}

fn place(file: &Path, line: usize, text: &str, redaction: &Redaction) -> Place {
    let (start, end) = (redaction.input.start, redaction.input.end);
    let before = text[..start].char_indices().rev().take(AROUND).last().map_or(start, |(at, _)| at);
    let after = text[end..].char_indices().nth(AROUND).map_or(text.len(), |(at, _)| end + at);
    let (list, entry) = match &redaction.source {
        RedactionSource::Detector => (None, None),
        RedactionSource::List { list, entry } => (Some(list.to_string()), Some(entry.to_string())),
    };
    Place {
        file: file.display().to_string(),
        line,
        kind: redaction.kind.clone(),
        list,
        entry,
        before: text[before..start].to_owned(),
        text: text[start..end].to_owned(),
        after: text[end..after].to_owned(),
    }
}

/// `file:12<tab>phone<tab>before⟦removed⟧after`, in one line.
fn line(place: &Place) -> String {
    let Place { file, line, kind, before, text, after, .. } = place;
    let around = format!("{before}⟦{text}⟧{after}").replace(['\n', '\r', '\t'], " ");
    format!("{}:{line}\t{kind}\t{}\n", visible_line(file), visible_line(&around))
}

#[expect(clippy::cast_precision_loss, reason = "counts of removals and of bytes on one machine")]
fn per_megabyte(removed: u64, bytes: u64) -> f64 {
    if bytes == 0 { 0.0 } else { removed as f64 / (bytes as f64 / 1e6) }
}

fn printed(found: &Found, show: bool) -> Printed<'_> {
    let row = |(kind, removed)| KindRow { kind, removed, per_megabyte: per_megabyte(removed, found.bytes) };
    Printed {
        version: JSON_VERSION,
        files: found.files,
        bytes: found.bytes,
        left_out: found.left_out,
        kinds: found.removed.iter().map(row).collect(),
        removed: found.removed.total(),
        per_megabyte: per_megabyte(found.removed.total(), found.bytes),
        places: show.then_some(&found.places),
    }
}

fn table(found: &Found, in_force: &InForce) -> String {
    let Printed { files, bytes, left_out, kinds, removed, per_megabyte, .. } = printed(found, false);
    let mut table =
        format!("{}, {:.1} MB of text; in force: {in_force}\n", plural(files, "file", "files"), megabytes(bytes));
    let LeftOut { no_text, too_large, unreadable } = left_out;
    if no_text + too_large + unreadable > 0 {
        // Writing into a string does not fail.
        let _ = writeln!(table, "left out: {no_text} no text, {too_large} too large, {unreadable} unreadable");
    }
    table.push_str("\nkind           removed     per MB\n");
    let all = KindRow { kind: "all", removed, per_megabyte };
    for KindRow { kind, removed, per_megabyte } in kinds.iter().chain([&all]) {
        let _ = writeln!(table, "{kind:12} {removed:9} {per_megabyte:10.2}");
    }
    table
}

#[expect(clippy::cast_precision_loss, reason = "bytes on one machine")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
