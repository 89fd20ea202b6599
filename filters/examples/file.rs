//! Filters a file without reading it whole, and says what was removed: `cargo run --example file -- letter.txt`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader};

use lethe_filters::{Detectors, Filter, FilteredText, RedactionSource};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("name a text file")?;
    let filter = Filter::new(Vec::new(), Detectors::all())?;

    let mut redactor = filter.redactor();
    let mut removed = BTreeMap::new();
    let mut take = |piece: FilteredText| {
        print!("{}", piece.as_str());
        for redaction in piece.redactions() {
            let by = match &redaction.source {
                RedactionSource::Detector => "a detector".to_owned(),
                RedactionSource::List { list, entry } => format!("entry {entry} of {list}"),
            };
            *removed.entry((redaction.kind.to_string(), by)).or_insert(0) += 1;
        }
    };
    let mut file = BufReader::new(File::open(path)?);
    let mut line = String::new();
    // Lines of any length: how the text is cut makes no difference.
    while file.read_line(&mut line)? > 0 {
        take(redactor.push(&line));
        line.clear();
    }
    take(redactor.finish());
    for ((kind, by), count) in removed {
        eprintln!("{count} × {kind}, by {by}");
    }
    Ok(())
}
