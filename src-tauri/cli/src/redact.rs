//! `redact`: the filter on documents and on streams, without a model. For people: `docs/redact.md`.
//!
//! The lists in force in the data folder decide, as everywhere in Lethe, unless other lists or none are asked for; one
//! that is in force and can't be read stops it. A stream is written as it comes. A file is looked at whole before
//! anything is written, and its filtered text is written whole or not at all. The text of no removal is kept or shown.
//!
//! Deliberately not in it: other formats than plain text, and folders within folders.

mod account;
mod document;
mod in_force;
mod stream;

use std::io::Read;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use lethe_core::base::network::Network;
use lethe_core::base::user_file::Existing;
use lethe_core::lists::facts::ListFacts;
use lethe_core::{Error, Result};
use lethe_filters::FilteredText;
use serde::Serialize;

use crate::output::{plural, print, print_json};

pub use account::Kinds;
pub use in_force::{InForce, detectors, of_files};

use account::{Account, Removal};
use document::{Document, Source};

/// The form of what `--json` prints: it rises when a field goes or means something else, not when one comes.
const JSON_VERSION: u32 = 1;

/// What to filter, and by what.
#[derive(Args)]
pub struct Redact {
    /// Text files; without any, and for -, standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A list to use beside those in force, JSON Lines or compiled; may be given several times
    #[arg(long, value_name = "F")]
    list: Vec<PathBuf>,
    /// A list to use instead of those in force; may be given several times
    #[arg(long, value_name = "F", conflicts_with_all = ["list", "no_lists"])]
    only_lists: Vec<PathBuf>,
    /// Use no list: detectors alone
    #[arg(long, conflicts_with = "list")]
    no_lists: bool,
    /// all, none, or names with commas between: email, iban, ip, phone, card, ahv, national_id, special_ip; without it
    /// those in force, and all with --only-lists or --no-lists
    #[arg(long, value_name = "NAMES")]
    detectors: Option<String>,
    /// Put the filtered text in the place of each file
    #[arg(long, conflicts_with = "out", requires = "files")]
    in_place: bool,
    /// Write the filtered text of each file into this folder, under the file's name
    #[arg(long, value_name = "DIR", requires = "files")]
    out: Option<PathBuf>,
    /// Replace files that are in that folder already
    #[arg(long, requires = "out")]
    force: bool,
    /// Don't say on standard error what was removed
    #[arg(long, short)]
    quiet: bool,
    /// Feed the filter so many bytes at a time; the output is the same
    #[arg(long, default_value = "65536", value_name = "BYTES")]
    chunk: NonZeroUsize,
}

/// What `--json` prints of each file, or of standard input.
#[derive(Serialize)]
struct Printed<'a> {
    version: u32,
    /// The file that was read; none for standard input.
    file: Option<String>,
    /// The file that was written; none where the text is given here, and where a file stayed as it was.
    written: Option<String>,
    /// The filtered text, where it was not to be written into a file.
    text: Option<&'a str>,
    removed: &'a Kinds,
    redactions: &'a [Removal],
    /// Sequences of the input that are not UTF-8, each of which became U+FFFD.
    replaced: u64,
    lists: &'a [ListFacts],
    detectors: &'a [&'static str],
}

/// Runs `redact`.
///
/// # Errors
/// `BadInput` for a list, a detector or a file that can't be used, `Filter` for a list in force that can't be applied,
/// `Store` for a data folder that can't be opened and for what can't be written.
pub async fn run(redact: &Redact, data: Option<&Path>, network: Network, json: bool) -> Result<()> {
    let in_force = redact.in_force(data, network).await?;
    let sources = redact.sources()?;
    if let Some(folder) = &redact.out {
        document::make_folder(folder)?;
    }
    let mut all = Account::default();
    let is_one = sources.len() == 1;
    for source in &sources {
        let account = redact.filter(&in_force, source, json)?;
        if !redact.quiet && !is_one {
            say!("{}: {}", source.name(), account.removed);
        }
        all.add(&account);
    }
    if !redact.quiet {
        if all.replaced > 0 {
            let places = plural(all.replaced, "place that is", "places that are");
            say!("{places} not UTF-8 became U+FFFD");
        }
        say!("Removed: {}; in force: {in_force}", all.removed);
    }
    Ok(())
}

impl Redact {
    async fn in_force(&self, data: Option<&Path>, network: Network) -> Result<InForce> {
        let detectors = self.detectors.as_deref().map(detectors).transpose()?;
        if self.no_lists || !self.only_lists.is_empty() {
            return of_files(&self.only_lists, detectors);
        }
        in_force::of_folder(data, network, &self.list, detectors).await
    }

    /// What is to be read. All of it is looked at first, so that nothing is written where a part of it can't be used.
    fn sources(&self) -> Result<Vec<Source>> {
        let standard = [PathBuf::from("-")];
        let files = if self.files.is_empty() { &standard[..] } else { &self.files };
        let sources: Vec<Result<Source>> = files.iter().map(|file| self.source(file)).collect();
        let mut problems: Vec<&Error> = sources.iter().filter_map(|source| source.as_ref().err()).collect();
        match (problems.len(), problems.pop()) {
            (_, None) => {
                let sources = sources.into_iter().collect::<Result<Vec<Source>>>()?;
                document::check_places(&sources).map(|()| sources)
            }
            (1, Some(problem)) => Err(problem.clone()),
            (count, Some(last)) => {
                problems.into_iter().chain([last]).for_each(|problem| say!("{problem}"));
                Err(Error::bad_input(format!(
                    "{count} files can't be filtered, so nothing was written: leave them out"
                )))
            }
        }
    }

    fn source(&self, file: &Path) -> Result<Source> {
        if self.in_place {
            return Document::replaced(file).map(Source::Document);
        }
        let Some(folder) = &self.out else { return Source::streamed(file) };
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        Document::copied(file, folder, existing).map(Source::Document)
    }

    /// Filters one source to where it belongs.
    fn filter(&self, in_force: &InForce, source: &Source, json: bool) -> Result<Account> {
        let mut account = if json { Account::listing() } else { Account::default() };
        let mut text = String::new();
        let mut written = None;
        let mut filter = |input: &mut dyn Read, write: &mut dyn FnMut(&FilteredText) -> Result<()>| {
            stream::redact(&in_force.filter, self.chunk.get(), &source.name(), input, &mut account, write)
        };
        match source {
            Source::Standard => filter(&mut std::io::stdin().lock(), &mut |piece| give(piece, json, &mut text))?,
            Source::Streamed(path) => {
                filter(&mut document::open(path)?, &mut |piece| give(piece, json, &mut text))?;
            }
            Source::Document(document) => {
                let (mut file, mut draft) = document.begin()?;
                filter(&mut file, &mut |piece| draft.write(piece))?;
                // Not every system replaces a file that is open.
                drop(file);
                written = draft.finish(&account)?;
            }
        }
        if json {
            let is_text = !matches!(source, Source::Document(_));
            print_json(&Printed {
                version: JSON_VERSION,
                file: (!matches!(source, Source::Standard)).then(|| source.name()),
                written: written.map(|path| path.display().to_string()),
                text: is_text.then_some(text.as_str()),
                removed: &account.removed,
                redactions: account.removals(),
                replaced: account.replaced,
                lists: &in_force.lists,
                detectors: &in_force.detectors(),
            })?;
        }
        Ok(account)
    }
}

/// A piece of filtered text: printed at once, or kept for JSON, which is one value.
fn give(piece: &FilteredText, json: bool, text: &mut String) -> Result<()> {
    if json {
        text.push_str(piece.as_str());
        return Ok(());
    }
    print(piece.as_str())
}
