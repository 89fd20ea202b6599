//! What a client of TUF meets, step by step, signed by another implementation: see `independent/cases.py`.
//!
//! The rows cover what the suite of the TUF project asks of clients. What a row calls unsupported is refused by design.

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use lethe_feeds::{Error, Feed};
use lethe_network::Client;
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    /// Contents of files.
    texts: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    /// The root file that a person trusts, as a number in the texts.
    root: usize,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    files: BTreeMap<String, usize>,
    /// Of root, timestamp, snapshot and targets, where the list is good.
    versions: Option<[u64; 4]>,
    /// Names of errors, any of which tells what is wrong.
    error: Option<String>,
    #[serde(default)]
    unsupported: bool,
}

/// A role's file that calls itself another role's and is signed as the right one is taken: `tough` verifies what it has
/// understood, in which the role is the right one again. Whoever changes the word on the way gains nothing.
const TAKEN: [&str; 3] = ["timestamp is of another role", "snapshot is of another role", "targets is of another role"];

#[tokio::test]
async fn a_client_of_tuf_does_what_is_expected_of_one() {
    let table: Table = serde_json::from_str(include_str!("independent/cases.json")).expect("a table");
    let now: Timestamp = "2026-06-01T00:00:00Z".parse().expect("a time");
    let mut wrong = Vec::new();
    let mut unsupported = Vec::new();
    for case in &table.cases {
        let folder = tempfile::tempdir().expect("a folder");
        let site = folder.path().join("site");
        let address = site.to_str().expect("text").parse().expect("an address");
        let root = table.texts[case.root].as_bytes();
        let feed = Feed::subscribe(&folder.path().join("feed"), "cases", address, root).expect("a subscription");
        for (number, step) in case.steps.iter().enumerate() {
            let _ = fs::remove_dir_all(&site);
            for (file, text) in &step.files {
                let path = site.join(file);
                fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
                fs::write(path, &table.texts[*text]).expect("a written file");
            }
            let before = fs::read(folder.path().join("feed/current.json")).ok();
            let outcome = feed.refresh(&Client::offline(), now).await;
            let found = match &outcome {
                Ok(refreshed) => {
                    let versions = refreshed.current.versions;
                    format!("{:?}", [versions.root, versions.timestamp, versions.snapshot, versions.targets])
                }
                Err(error) => name(error),
            };
            let expected = match (&step.versions, &step.error) {
                (Some(versions), _) => format!("{versions:?}"),
                (None, error) => error.clone().unwrap_or_default(),
            };
            if TAKEN.contains(&case.name.as_str()) && step.versions.is_none() {
                assert!(outcome.is_ok(), "{}: it is refused now, so it is no exception any more", case.name);
            } else if !expected.split('|').any(|one| one == found) {
                wrong.push(format!("{}, step {}: {found}, not {expected}", case.name, number + 1));
            }
            if outcome.is_err() {
                let after = fs::read(folder.path().join("feed/current.json")).ok();
                assert_eq!(before, after, "{}, step {}: the last good list stays", case.name, number + 1);
            }
            if step.unsupported {
                unsupported.push(case.name.as_str());
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), table.cases.len(), wrong.join("\n"));
    assert_eq!(unsupported, ["hashes of another kind", "a segment in a folder"], "and nothing else is refused");
    assert!(table.cases.len() > 100, "the table is whole");
}

/// The variant, which is what a caller acts on.
fn name(error: &Error) -> String {
    let text = format!("{error:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}
