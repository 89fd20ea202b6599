//! Writes the seeds: `cargo run --example write_seeds`, in this folder.
//!
//! Texts and entries are those of the tables in `tests/cases`, descriptors those in `docs/descriptors`,
//! files are made of both. A seed that a fuzzer found is put beside them by hand, under a name that
//! says what it did; nothing is removed here.

use std::fs;
use std::path::{Path, PathBuf};

use lethe_filters::foreign::{Descriptor, ForeignDigest};
use lethe_filters::{Entry, Hashing, Kind, ListFile, ListMeta};
use lethe_fuzz::mutations::TOKENS;
use serde::Deserialize;

/// How much of a table becomes a seed, in bytes.
const SEED: usize = 500;
/// Two digests, in hex.
const ONE: &str = "ac7bc60fdd8b177dfdcf352c403db0746c322d9540117383775940f8d3057130";
const TWO: &str = "007bc60fdd8b177dfdcf352c403db0746c322d9540117383775940f8d3057130";

#[derive(Deserialize)]
struct Table {
    #[serde(default)]
    terms: Vec<String>,
    kind: Option<String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    entries: Vec<toml::Table>,
    input: String,
}

fn main() {
    for (name, table) in tables() {
        let text = joined(table.case.iter().map(|case| case.input.as_str()), "\n");
        write("canonical", &name, text.as_bytes());
        // Two lengths of pieces that differ from table to table; not repeated.
        let lengths = [2, 0, 1 + name.len() as u8, 130 + name.len() as u8];
        write("redactor", &name, &[&lengths[..], text.as_bytes()].concat());
        write("foreign", &name, &[&lengths[..], text.as_bytes()].concat());
        let lines = lines(&table);
        if !lines.is_empty() {
            write("list_lines", &name, joined(lines.iter().map(String::as_str), "\n").as_bytes());
        }
    }
    for target in ["redactor", "foreign"] {
        write(target, "repeated-name", b"\x00\xffAnna Keller, ");
        write(target, "repeated-beginning", b"\x01\xf0\x05Anna ");
        write(target, "repeated-digits", b"\x03\xf4\x01\x02\xff044 ");
    }
    write(
        "list_lines",
        "byte-order-mark",
        "\u{feff}\n {\"id\":\"a\",\"kind\":\"x-1\",\"text\":\"b\",\"z\":[]}".as_bytes(),
    );
    write(
        "list_lines",
        "same-id",
        b"{\"id\":\"a\",\"kind\":\"ip\",\"text\":\"b\"}\n{\"id\":\"a\",\"kind\":\"ip\",\"text\":\"c\"}",
    );
    write("list_lines", "no-words", br#"{"id": "a", "kind": "text", "text": "\u200b*"}"#);
    write("list_lines", "null-context", br#"{"id": "a", "kind": "person", "text": "Bo Lind", "context": null}"#);
    let descriptors = descriptors();
    for (name, text) in &descriptors {
        write("descriptor", name, text.as_bytes());
    }
    write_lists(&descriptors);
    write_imports();
    write_dictionary();
}

fn write_lists(descriptors: &[(String, String)]) {
    let meta = ListMeta { name: "requests".to_owned(), issued_at: Some(1_700_000_000_000), generator: "x".to_owned() };
    let entries = [
        Entry::new("r-1", Kind::Person, "Anna Keller").with_initials(),
        Entry::new("r-2", Kind::Email, "anna@example.org"),
        Entry::new("r-3", Kind::Phone, "+41 44 668 18 00"),
        Entry::new("r-4", Kind::Address, "Seestrasse 7, Zug"),
        Entry::new("r-5", Kind::Person, "Bo Lind").with_context(vec!["Chur".to_owned()]),
    ];
    let made = "the entries are usable";
    write("list_opener", "clear", &ListFile::build_clear(&meta, &entries).expect(made));
    write("list_opener", "clear-one", &ListFile::build_clear(&meta, &entries[4..]).expect(made));
    for (name, count, inner_bits) in [
        ("hashed", 5, None),
        ("hashed-few-bits", 5, Some(4)),
        ("hashed-many-bits", 1, Some(16)),
        ("hashed-mail", 2, None),
    ] {
        let hashing = Hashing { key: *b"sixteen bytes of", inner_bits };
        write("list_opener", name, &ListFile::build(&meta, &entries[..count], hashing).expect(made));
    }
    for (number, (name, text)) in descriptors.iter().enumerate() {
        // Some are descriptors that are refused.
        let Ok(descriptor) = Descriptor::parse(text) else { continue };
        let digest = |byte: u8| ForeignDigest {
            digest: vec![byte; descriptor.digest_bytes()].into(),
            kind: if byte > 1 { Kind::Person } else { descriptor.default_kind().clone() },
            id: (number % 2 == 0).then(|| format!("r-{byte}").into()),
        };
        let bytes = ListFile::build_foreign(&meta, &descriptor, &[digest(1), digest(2)]).expect("two digests");
        write("list_opener", &format!("foreign-{name}"), &bytes);
    }
}

fn write_imports() {
    let base64 = "rHvGD92LF339zzUsQD2wdGwyLZVAEXODd1lA+NMFcTA";
    for (shape, name, file) in [
        (0, "lines", format!("\u{feff}# x\n\n{ONE}\r\n  {}  \n{ONE}", TWO.to_uppercase())),
        (0, "lines-short", format!("{ONE}\n{}", &ONE[1..])),
        (1, "lines-base64", format!("{base64}=\n{base64}\n")),
        (2, "lines-odd", "ac7bc60fdd8b177df\n".to_owned()),
        (3, "csv", format!("id;\"type\"; hash\nr-1;PER;{ONE}\n;;\"{TWO}\"\n")),
        (3, "csv-ragged", format!("id;type;hash\nr;PER;{ONE}\nr;PER")),
        (4, "csv-bare", format!("x,{ONE}\ny,{TWO}")),
        (5, "json", format!("[\"{ONE}\", \"{TWO}\"]")),
        (5, "json-deep", "[[[[[[[[{}]]]]]]]]".to_owned()),
        (
            6,
            "json-path",
            format!("{{\"data\": {{\"x\": 1, \"rows\": [{{\"id\": 7, \"type\": \"PER\", \"hash\": \"{ONE}\"}}]}}}}"),
        ),
        (7, "json-lines", format!("{{\"hash\": \"{ONE}\"}}\n\n{{\"type\": null, \"hash\": \"{TWO}\"}}\n")),
        (8, "json-lines-base64", format!("\"{base64}\"\n")),
    ] {
        write("import", name, &[&[shape], file.as_bytes()].concat());
    }
}

/// The entries of a table as lines of a list.
fn lines(table: &Table) -> Vec<String> {
    let of_cases = table.case.iter().flat_map(|case| &case.terms);
    let terms = table.terms.iter().chain(of_cases).enumerate();
    let kind = table.kind.as_deref().unwrap_or("text");
    let terms = terms.map(|(number, term)| format!(r#"{{"id": "t{number}", "kind": "{kind}", "text": {term:?}}}"#));
    let entries = table.case.iter().flat_map(|case| &case.entries).map(|entry| {
        let fields: Vec<String> = entry.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
        format!("{{{}}}", fields.join(", "))
    });
    terms.chain(entries).collect()
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>, between: &str) -> String {
    let mut joined = String::new();
    for text in texts.filter(|text| text.len() < SEED) {
        if joined.len() + text.len() > SEED {
            break;
        }
        joined.extend([text, between]);
    }
    joined
}

fn tables() -> Vec<(String, Table)> {
    let read = |(name, text): (String, String)| (name, toml::from_str(&text).expect("the tables are TOML"));
    files(&folder("../tests/cases")).into_iter().map(read).collect()
}

fn descriptors() -> Vec<(String, String)> {
    let mut descriptors = files(&folder("../../docs/descriptors"));
    let all = "format = \"lethe-descriptor-1\"\nname = \"n\"\nalgorithm = \"hmac-sha256\"\nhmac_key = { hex = \"00ff\" }\n\
        prefix = \"a\"\nsuffix = { hex = \"3a\" }\nencoding = \"base64\"\ntruncate = { bytes = 8 }\ncountry = \"CH\"\n\
        longest_window = 8\nforms = [\"raw\", \"nfc\", \"lower\", \"upper\", \"casefold\", \"ascii\", \"canonical\", \
        \"joined\", \"compact\", \"digits\", \"e164\", \"email\"]\n[source]\nshape = \"csv\"\ncolumn = 2\nheader = false\n\
        separator = \"\\t\"\n[kinds]\ndefault = \"x-1\"\nmap = { A = \"email\" }\n";
    let odd = all.replace("base64", "hex").replace("bytes = 8", "hex_digits = 17");
    for (name, text) in [
        ("all", all.to_owned()),
        ("odd-digits", odd),
        ("unknown-field", all.replace("suffix", "salt")),
        ("unknown-algorithm", all.replace("sha256", "sha512")),
        ("not-toml", "format = \"x\"\nprefix = \"y".to_owned()),
        ("deep", format!("a = {}", "[".repeat(60))),
    ] {
        descriptors.push((name.to_owned(), text));
    }
    descriptors
}

/// The TOML files of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("the file is text"))
    };
    paths.iter().map(read).collect()
}

/// The tokens as libFuzzer reads them.
fn write_dictionary() {
    let escape = |byte: &u8| format!("\\x{byte:02x}");
    let lines = TOKENS.iter().map(|token| format!("\"{}\"\n", token.iter().map(escape).collect::<String>()));
    fs::write(folder("tokens.dict"), lines.collect::<String>()).expect("the dictionary can be written");
}

fn write(target: &str, name: &str, content: &[u8]) {
    assert!(content.len() < 4096, "{target}/{name} has {} bytes", content.len());
    let folder = folder("seeds").join(target);
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join(name), content).expect("the seed can be written");
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
