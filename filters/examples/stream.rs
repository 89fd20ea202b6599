//! Filters what a language model writes, piece by piece: `cargo run --example stream`.

use std::io::Write as _;

use lethe_filters::{Detectors, Filter, List, ListError};

fn main() -> Result<(), ListError> {
    let entries = r#"{"id": "r-17", "kind": "person", "text": "Wanda Beispiel"}"#;
    let filter = Filter::new(vec![List::from_jsonl("requests", entries)?], Detectors::all())?;

    let mut redactor = filter.redactor();
    for token in ["The", " chair", " is", " Wan", "da", " Bei", "spiel", ",", " 044", " 668", " 18", " 00", "."] {
        // Only what nothing can change any more comes out; a name that has begun waits.
        print!("{}", redactor.push(token).as_str());
        let _ = std::io::stdout().flush();
    }
    // Also where the answer is given up: what is held back is lost otherwise. `cut` leaves out half a name.
    println!("{}", redactor.finish().as_str());
    Ok(())
}
