//! The published tables of the filter, run through programs as `filters/tests/cases/README.md` says.

use std::path::Path;
use std::process::Output;

use lethe_tests::{program, python, succeeded};

fn run_tables(options: &[&str], program: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/corpus.py");
    let tables = ["--table", "special_ip", "--table", "fields"];
    python().arg(script).args(tables).args(options).arg("--").args(program).output().expect("it runs")
}

#[test]
fn the_tables_hold_for_the_command() {
    let cli = program("lethe-cli");
    let cli = cli.to_str().expect("a path in UTF-8");
    let arguments = ["redact", "--quiet", "--only-lists", "{list}", "--detectors", "{detectors}"];
    let output = succeeded(&run_tables(&[], &[&[cli][..], &arguments].concat()));
    let (held, of) = output.trim().split_once(" of ").expect("a count");
    assert_eq!(of.split_once(' ').map(|(count, _)| count), Some(held), "{output}");
}

#[test]
fn a_program_that_removes_nothing_fails_them() {
    let output = run_tables(&["--marks", "<[A-Z]+>"], &["sort"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("fields: ") && said.contains(" rows hold"), "{said}");
}
