//! Every shape of a file: what fits is read, what does not fit is refused whole and says why.

use lethe_filters::Kind;
use lethe_filters::foreign::{Descriptor, ForeignDigest};
use lethe_import::{FILE_LIMIT, ImportError, Imported, import};

const ONE: &str = "ac7bc60fdd8b177dfdcf352c403db0746c322d9540117383775940f8d3057130";
const TWO: &str = "007bc60fdd8b177dfdcf352c403db0746c322d9540117383775940f8d3057130";

/// A descriptor of SHA-256 with these further fields and this `[source]`.
fn descriptor(fields: &str, source: &str) -> Descriptor {
    let text = format!(
        "format = \"lethe-descriptor-1\"\nname = \"n\"\nalgorithm = \"sha256\"\nforms = [\"lower\"]\n{fields}\n\
        [source]\n{source}\n[kinds]\ndefault = \"text\"\nmap = {{ PER = \"person\" }}\n"
    );
    Descriptor::parse(&text).expect("the descriptor is usable")
}

fn read(descriptor: &Descriptor, file: impl AsRef<[u8]>) -> Result<Imported, ImportError> {
    import(descriptor, file.as_ref(), FILE_LIMIT)
}

fn digest(hex: &str, kind: Kind, id: Option<&str>) -> ForeignDigest {
    ForeignDigest { digest: hex::decode(hex).expect("hex").into(), kind, id: id.map(Into::into) }
}

/// What is expected of files with both digests, of which the first has a kind and an id.
fn both() -> Vec<ForeignDigest> {
    vec![digest(TWO, Kind::Text, None), digest(ONE, Kind::Person, Some("r-1"))]
}

fn problem(result: Result<Imported, ImportError>) -> String {
    let error = result.expect_err("the file does not fit");
    let message = error.to_string();
    assert!(!message.contains("ac7b") && !message.contains("secret"), "{message} repeats the file");
    message
}

#[test]
fn lines() {
    let lines = descriptor("", "shape = \"lines\"");
    let file = format!("\u{feff}# secret\n\n{ONE}\r\n  {}  \n{ONE}", TWO.to_uppercase());
    let imported = read(&lines, file).expect("the file fits");
    let expected = [digest(TWO, Kind::Text, None), digest(ONE, Kind::Text, None)];
    assert_eq!((imported.digests.as_slice(), imported.duplicates), (&expected[..], 1));
    for (file, expected) in [
        ("".to_owned(), "the file has no digest: get it again, or correct `source` in the descriptor"),
        ("# secret\n\n".to_owned(), "the file has no digest"),
        (format!("{ONE}\nsecret"), "line 2: the digest is not in hex: correct the file, or `encoding`"),
        (format!("{ONE}\n\n{}", &ONE[1..]), "line 3: the digest has 63 hex digits and should have 64"),
        (format!("{ONE}00"), "line 1: the digest has 66 hex digits and should have 64"),
        (format!("{ONE} {TWO}"), "line 1: the digest is not in hex"),
    ] {
        let message = problem(read(&lines, &file));
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn shortened_digests_and_base64() {
    let odd = descriptor("truncate = { hex_digits = 17 }", "shape = \"lines\"");
    let imported = read(&odd, "ac7bc60fdd8b177df").expect("the file fits");
    assert_eq!(imported.digests[0], digest("ac7bc60fdd8b177df0", Kind::Text, None));
    assert!(problem(read(&odd, "ac7bc60fdd8b177d")).contains("16 hex digits and should have 17"));
    let base64 = descriptor("encoding = \"base64\"", "shape = \"lines\"");
    for written in ["rHvGD92LF339zzUsQD2wdGwyLZVAEXODd1lA+NMFcTA=", "rHvGD92LF339zzUsQD2wdGwyLZVAEXODd1lA+NMFcTA"] {
        assert_eq!(read(&base64, written).expect("the file fits").digests[0], digest(ONE, Kind::Text, None));
    }
    assert!(problem(read(&base64, "rHvGD92LF339zzUsQD2wdGwyLZVAEXODd1lA+NMF")).contains("30 bytes and should have 32"));
    assert!(problem(read(&base64, "rHvGD92LF339zzUsQD2wdGwyLZVAEXODd1lA+NMFcT!")).contains("not in base64"));
}

#[test]
fn tables() {
    let named = "shape = \"csv\"\nseparator = \";\"\ncolumn = \"hash\"\nkind_column = \"type\"\nid_column = 1";
    let named = descriptor("", named);
    let file = format!("id;\"type\"; hash\nr-1;PER;{ONE}\n;;\"{TWO}\"\n");
    assert_eq!(read(&named, file).expect("the file fits").digests, both());
    let file = format!("id;type;hash\nr-1;ORG;{ONE}\nr-2;email;{TWO}");
    let imported = read(&named, file).expect("the file fits");
    assert_eq!((imported.unknown_kinds, imported.digests[0].kind.clone()), (1, Kind::Email), "our own names are known");
    let bare = descriptor("", "shape = \"csv\"\nheader = false\ncolumn = 2");
    assert_eq!(read(&bare, format!("secret,{ONE}\nsecret,{TWO}")).expect("the file fits").digests.len(), 2);
    for (descriptor, file, expected) in [
        (&named, format!("id;type;digest\nr;PER;{ONE}"), "the file has no \"hash\": correct `source.column`"),
        (&named, format!("id;kind;hash\nr;PER;{ONE}"), "the file has no \"type\": correct `source.kind_column`"),
        (
            &named,
            format!("id;type;hash\nr;PER;{ONE}\nr;PER"),
            "the file is no CSV with as many columns in each row, line 3",
        ),
        (&named, "id;type;hash\nr;PER;".to_owned(), "line 2: there is no digest"),
        (&named, "id;type;hash\nr;PER;secret".to_owned(), "line 2: the digest is not in hex"),
        (&named, format!("id;type;hash\n{};PER;{ONE}", "r".repeat(129)), "line 2: the id has more than 128 characters"),
        (&named, "id;type;hash\n".to_owned(), "the file has no digest"),
        (&bare, format!("{ONE}\n"), "line 1: there is no digest"),
    ] {
        let message = problem(read(descriptor, &file));
        assert!(message.starts_with(expected), "{message}");
    }
    let mut bytes = format!("id;type;hash\nr;PER;{ONE}\n").into_bytes();
    bytes[13] = 0xff;
    assert!(problem(read(&named, bytes)).starts_with("line 2: the id is no text"));
}

#[test]
fn json() {
    let fields = "field = \"hash\"\nkind_field = \"type\"\nid_field = \"id\"";
    let nested = descriptor("", &format!("shape = \"json\"\npath = \"data.entries\"\n{fields}"));
    let objects = format!(
        "{{\"hash\": \"{ONE}\", \"type\": \"PER\", \"id\": \"r-1\", \"x\": [1, {{}}]}}, {{\"id\": null, \"hash\": \"{TWO}\"}}"
    );
    let file = format!("{{\"version\": [1], \"data\": {{\"entries\": [{objects}], \"entries\": 3}}, \"more\": null}}");
    assert_eq!(read(&nested, file).expect("the file fits").digests, both());
    let array = descriptor("", "shape = \"json\"");
    assert_eq!(read(&array, format!("[\"{ONE}\", \"{TWO}\"]")).expect("the file fits").digests.len(), 2);
    let lines = descriptor("", &format!("shape = \"json\"\nlines = true\n{fields}"));
    let file = format!("{}\r\n\n", objects.replace("}, {", "}\n{"));
    assert_eq!(read(&lines, file).expect("the file fits").digests, both());
    let numbered = read(&lines, format!("{{\"hash\": \"{ONE}\", \"id\": 17}}")).expect("the file fits");
    assert_eq!(numbered.digests[0].id.as_deref(), Some("17"));
    for (descriptor, file, expected) in [
        (&nested, "{\"data\": {}}".to_owned(), "the file has no \"entries\": correct `source.path`"),
        (&nested, "{\"data\": []}".to_owned(), "the file is no JSON as the descriptor says, line 1"),
        (&nested, "{\"data\": {\"entries\": [{}]}}".to_owned(), "element 1: there is no digest"),
        (&nested, "{\"data\": {\"entries\": []}}".to_owned(), "the file has no digest"),
        (&nested, "{\"data\": {\"entries\": [\n3]}}".to_owned(), "the file is no JSON as the descriptor says, line 2"),
        (&array, format!("[\"{ONE}\""), "the file is no JSON as the descriptor says, line 1"),
        (&array, format!("[\"{ONE}\"] secret"), "the file is no JSON as the descriptor says, line 1"),
        (&array, format!("[\"{ONE}\", [\"secret\"]]"), "element 2: the digest is no text"),
        (&array, format!("[\"{ONE}\", \"secret\"]"), "element 2: the digest is not in hex"),
        (&array, "[".repeat(100_000), "element 1: the digest is no text"),
        (&lines, format!("{{\"hash\": \"{ONE}\"}}\nsecret"), "the file is no JSON as the descriptor says, line 2"),
        (&lines, format!("{{\"hash\": \"{ONE}\"}}\n{{\"id\": 1}}"), "line 2: there is no digest"),
        (&lines, format!("{{\"hash\": \"{ONE}\", \"type\": {{}}}}"), "line 1: the kind is no text"),
    ] {
        let message = problem(read(descriptor, &file));
        let deep = file.starts_with("[[") && message.starts_with("the file is no JSON");
        assert!(message.starts_with(expected) || deep, "{message}");
    }
}

#[test]
fn files_of_other_shapes_are_named_with_what_is_read() {
    for source in
        ["shape = \"lines\"", "shape = \"csv\"\ncolumn = 1", "shape = \"json\"", "shape = \"json\"\nlines = true"]
    {
        let descriptor = descriptor("", source);
        for (beginning, expected) in [
            (&b"PAR1\x15\x04"[..], "the file is Parquet, which is not supported: convert it to lines, CSV or JSON"),
            (b"\x1f\x8b\x08", "the file is packed with gzip, which is not supported: unpack it to lines, CSV or JSON"),
            (
                b"\x28\xb5\x2f\xfd",
                "the file is packed with Zstandard, which is not supported: unpack it to lines, CSV or JSON",
            ),
            (
                b"PK\x03\x04",
                "the file is a ZIP archive or a spreadsheet, which is not supported: unpack or save it as lines, CSV or JSON",
            ),
        ] {
            assert_eq!(problem(read(&descriptor, [beginning, b"secret"].concat())), expected);
        }
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let lines = descriptor("", "shape = \"lines\"");
    assert!(import(&lines, ONE.as_bytes(), 64).is_ok());
    assert!(matches!(import(&lines, ONE.as_bytes(), 63), Err(ImportError::TooLarge { limit: 63 })));
}
