//! By what is filtered: what is in force in the data folder, or what the command line names instead.

use std::fmt;
use std::path::{Path, PathBuf};

use lethe_core::base::network::Network;
use lethe_core::lists::facts::ListFacts;
use lethe_core::lists::file::{NamedList, read_list};
use lethe_core::lists::filter::Filters;
use lethe_core::{Error, Lethe, Result};
use lethe_filters::{Detectors, Filter, UnknownDetector};

use crate::backup;
use crate::output::plural;

/// A filter, and what it was made of.
pub struct InForce {
    /// The filter.
    pub filter: Filter,
    /// Its lists.
    pub lists: Vec<ListFacts>,
}

impl InForce {
    /// The names of its detectors.
    pub fn detectors(&self) -> Vec<&'static str> {
        self.filter.detectors().names().collect()
    }
}

/// `2 lists (people, requests), all detectors`.
impl fmt::Display for InForce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.lists.iter().map(|list| list.name.as_str()).collect();
        match names.len() {
            0 => formatter.write_str("no list")?,
            count => write!(formatter, "{} ({})", plural(count as u64, "list", "lists"), names.join(", "))?,
        }
        match self.filter.detectors() {
            detectors if detectors == Detectors::all() => formatter.write_str(", all detectors"),
            detectors if detectors == Detectors::none() => formatter.write_str(", no detectors"),
            _ => write!(formatter, ", detectors {}", self.detectors().join(", ")),
        }
    }
}

/// These list files and no others; all detectors, if none are named.
///
/// # Errors
/// `BadInput` for a file that is no usable list.
pub fn of_files(files: &[PathBuf], detectors: Option<Detectors>) -> Result<InForce> {
    made(&Filters::default(), &read(files)?, detectors)
}

/// The lists in force in the data folder and these list files; its detectors, if none are named. Where there is no data
/// folder yet, none is made.
///
/// # Errors
/// `Filter` for a list in force that can't be applied, `Store` and `Damaged` for a folder that does not say what is in
/// force, `BadInput` for a file that is no usable list.
pub async fn of_folder(
    data: Option<&Path>,
    network: Network,
    files: &[PathBuf],
    detectors: Option<Detectors>,
) -> Result<InForce> {
    let further = read(files)?;
    let opened = Lethe::open_existing(data, network).await.map_err(|error| backup::with_way_out(error, data));
    let Some(lethe) = opened.map_err(with_way_round)? else {
        say!(
            "There is no history in the data folder yet, so no list of it is in force; --no-lists says that it is meant so"
        );
        return made(&Filters::default(), &further, detectors);
    };
    let in_force = made(lethe.filters(), &further, detectors);
    let warning = lethe.filters().status().warning;
    // What follows may take hours, and needs nothing of the folder.
    lethe.close().await;
    if let Some(warning) = warning {
        say!("{warning}");
    }
    in_force.map_err(with_way_round)
}

/// Detectors by their names.
///
/// # Errors
/// `BadInput` with the names that there are.
pub fn detectors(names: &str) -> Result<Detectors> {
    names.parse().map_err(|error: UnknownDetector| Error::bad_input(error.to_string()))
}

fn made(filters: &Filters, further: &[NamedList], detectors: Option<Detectors>) -> Result<InForce> {
    let (filter, lists) = filters.ready_with(further, detectors)?;
    Ok(InForce { filter, lists })
}

fn read(files: &[PathBuf]) -> Result<Vec<NamedList>> {
    files.iter().map(|file| read_list(file)).collect()
}

/// What can be done without the lists of the data folder: that is for the user to say.
fn with_way_round(error: Error) -> Error {
    Error::new(
        error.code,
        format!("{}; --no-lists and --only-lists leave the lists of the data folder out", error.message),
    )
}
