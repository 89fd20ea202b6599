//! The descriptors of `docs/descriptors`: each can be read, and finds what a file made as it says holds.

use std::fs;
use std::path::Path;

use lethe_filters::foreign::Descriptor;
use lethe_filters::{Detectors, Filter, List, ListFile, ListMeta};
use lethe_import::{FILE_LIMIT, import};
use sha2::{Digest as _, Sha256};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/descriptors");

fn hex(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// A file as a descriptor says, and a text with what is found in it. Digests that are written out were
/// made with Python's hashlib, hmac and base64.
fn sample(name: &str) -> (Vec<u8>, &'static str, &'static str) {
    match name {
        "hex-lines" => (
            format!("# spring\n{}\n{}\n", hex("anna keller"), hex("jurg muller")).into_bytes(),
            "Anna Keller und Jürg Müller",
            "[removed: text] und [removed: text]",
        ),
        "csv-with-types" => {
            let rows = [
                ("NAME", "anna keller"),
                ("EMAIL", "anna@example.org"),
                ("PHONE", "+41446681800"),
                ("IBAN", "CH9300762011623852957"),
                ("OTHER", "kd-4711"),
            ];
            let rows = rows.map(|(kind, text)| format!("{kind};{};r-{kind}\n", hex(text)));
            (
                format!("type;hash;reference\n{}", rows.concat()).into_bytes(),
                "Keller, Anna: Anna@example.org, 044 668 18 00, CH93 0076 2011 6238 5295 7, KD-4711.",
                "[removed: person]: [removed: email], [removed: phone], [removed: iban], [removed: text].",
            )
        }
        "salted-lines" => (b"92af805d0300e3ea0159e51d95b5dfdb\n".to_vec(), "Jürg Straßer", "[removed: person]"),
        "json-objects" => (
            br#"{"version": 1, "data": {"entries": [{"digest": "rHvGD92LF339zzUsQD2wdGwyLZVAEXODd1lA+NMFcTA=", "type": "person", "id": 17}]}}"#.to_vec(),
            "Frau Anna Kellers Hund",
            "Frau [removed: person] Hund",
        ),
        "hmac-lines" => (b"49a52867b9046e91d62446049891b56b9c113a520fe1e155ee1a427025fca51d\n".to_vec(), "Anna-Maria Keller!", "[removed: person]!"),
        _ => panic!("{name}.toml has no sample here"),
    }
}

#[test]
fn every_descriptor_reads_a_file_and_finds_what_it_holds() {
    let mut count = 0;
    for file in fs::read_dir(Path::new(FOLDER)).expect("the folder is there") {
        let path = file.expect("a file").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a descriptor is text");
        let descriptor = Descriptor::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (file, input, expected) = sample(&name);
        let imported = import(&descriptor, &file[..], FILE_LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"));
        let meta = ListMeta { name: descriptor.name().to_owned(), issued_at: None, generator: String::new() };
        let bytes = ListFile::build_foreign(&meta, &descriptor, &imported.digests).expect("the digests are usable");
        let list = ListFile::open(bytes).expect("the list is whole");
        assert_eq!(list.descriptor().map(Descriptor::as_str), Some(text.as_str()), "the list has its descriptor");
        let lists = vec![List::from_file(descriptor.name(), &list)];
        let filter = Filter::new(lists, Detectors::none()).expect("one list");
        assert_eq!(filter.filter(input).as_str(), expected, "{name}");
        count += 1;
    }
    assert!(count >= 5, "only {count} descriptors were found");
}
