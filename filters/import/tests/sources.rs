//! Every shape of a file: what fits is read, what does not fit is refused whole and says why.

use std::sync::Arc;

use lethe_filters::Kind;
use lethe_filters::foreign::{Descriptor, ForeignDigest};
use lethe_import::{FILE_LIMIT, ImportError, Imported, Place, RowProblem, import};
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int64Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

const ONE: &str = "e6e1049c11617f7eb58aad792d89fa14";
const TWO: &str = "00e1049c11617f7eb58aad792d89fa14";

/// A descriptor of MD5 with these further fields and this `[source]`.
fn descriptor(fields: &str, source: &str) -> Descriptor {
    let text = format!(
        "format = \"lethe-descriptor-1\"\nname = \"n\"\nalgorithm = \"md5\"\nforms = [\"lower\"]\n{fields}\n\
        [source]\n{source}\n[kinds]\ndefault = \"text\"\nmap = {{ PER = \"person\" }}\n"
    );
    Descriptor::parse(&text).expect("the descriptor is usable")
}

fn read(descriptor: &Descriptor, file: impl AsRef<[u8]>) -> Result<Imported, ImportError> {
    import(descriptor, file.as_ref(), FILE_LIMIT)
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

fn digest(hex: &str, kind: Kind, id: Option<&str>) -> ForeignDigest {
    ForeignDigest { digest: bytes(hex).into(), kind, id: id.map(Into::into) }
}

/// What is expected of files with both digests, of which the first has a kind and an id.
fn both() -> Vec<ForeignDigest> {
    vec![digest(TWO, Kind::Text, None), digest(ONE, Kind::Person, Some("r-1"))]
}

fn problem(result: Result<Imported, ImportError>) -> String {
    let error = result.expect_err("the file does not fit");
    let message = error.to_string();
    assert!(!message.contains("e6e1") && !message.contains("secret"), "{message} repeats the file");
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
        (format!("{ONE}\n\n{}", &ONE[1..]), "line 3: the digest has 31 hex digits and should have 32"),
        (format!("{ONE}00"), "line 1: the digest has 34 hex digits and should have 32"),
        (format!("{ONE} {TWO}"), "line 1: the digest is not in hex"),
    ] {
        let message = problem(read(&lines, &file));
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn shortened_digests_and_base64() {
    let odd = descriptor("truncate = { hex_digits = 17 }", "shape = \"lines\"");
    let imported = read(&odd, "e6e1049c11617f7eb").expect("the file fits");
    assert_eq!(imported.digests[0], digest("e6e1049c11617f7eb0", Kind::Text, None));
    assert!(problem(read(&odd, "e6e1049c11617f7e")).contains("16 hex digits and should have 17"));
    let base64 = descriptor("encoding = \"base64\"", "shape = \"lines\"");
    for written in ["5uEEnBFhf361iq15LYn6FA==", "5uEEnBFhf361iq15LYn6FA"] {
        assert_eq!(read(&base64, written).expect("the file fits").digests[0], digest(ONE, Kind::Text, None));
    }
    assert!(problem(read(&base64, "5uEEnBFhf361iq15LYn6")).contains("15 bytes and should have 16"));
    assert!(problem(read(&base64, "5uEEnBFhf361iq15LYn6F!")).contains("not in base64"));
}

#[test]
fn bytes_one_behind_the_other() {
    let raw = descriptor("encoding = \"raw\"", "shape = \"raw\"");
    let file = [bytes(ONE), bytes(TWO)].concat();
    assert_eq!(read(&raw, &file).expect("the file fits").digests.len(), 2);
    assert!(matches!(
        read(&raw, &file[..31]),
        Err(ImportError::Row {
            place: Place::Digest(2),
            problem: RowProblem::Length { found: 15, expected: 16, unit: "bytes" }
        })
    ));
    assert!(matches!(read(&raw, []), Err(ImportError::Empty)));
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

/// A Parquet file of both digests: as text in `hash`, as bytes in `raw`, with `type` and `id`.
fn parquet_file(compression: Compression, version: WriterVersion) -> Vec<u8> {
    let schema = "message list { required binary hash (UTF8); required fixed_len_byte_array(16) raw; \
        optional binary type (UTF8); optional int64 id; optional group deep { optional binary hash; } \
        repeated binary many; }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = WriterProperties::builder().set_compression(compression).set_writer_version(version).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).expect("a writer");
    for (hash, kind, id) in [(ONE, Some("PER"), Some(7)), (TWO, None, None)] {
        let mut group = file.next_row_group().expect("a group");
        let mut number = 0;
        while let Some(mut column) = group.next_column().expect("a column") {
            match number {
                0 => {
                    let values = [ByteArray::from(hash)];
                    column.typed::<ByteArrayType>().write_batch(&values, None, None)
                }
                1 => {
                    let values = [FixedLenByteArray::from(bytes(hash))];
                    column.typed::<FixedLenByteArrayType>().write_batch(&values, None, None)
                }
                2 => {
                    let values: Vec<ByteArray> = kind.into_iter().map(ByteArray::from).collect();
                    column.typed::<ByteArrayType>().write_batch(&values, Some(&[values.len() as i16]), None)
                }
                3 => {
                    let values: Vec<i64> = id.into_iter().collect();
                    column.typed::<Int64Type>().write_batch(&values, Some(&[values.len() as i16]), None)
                }
                4 => column.typed::<ByteArrayType>().write_batch(&[], Some(&[0]), None),
                _ => column.typed::<ByteArrayType>().write_batch(&[], Some(&[0]), Some(&[0])),
            }
            .expect("a row");
            column.close().expect("a column");
            number += 1;
        }
        group.close().expect("a group");
    }
    file.into_inner().expect("a file")
}

fn compressions() -> [Compression; 4] {
    let (gzip, zstd) = (Compression::GZIP(GzipLevel::default()), Compression::ZSTD(ZstdLevel::default()));
    [Compression::UNCOMPRESSED, Compression::SNAPPY, gzip, zstd]
}

#[test]
fn parquet() {
    let columns = "kind_column = \"type\"\nid_column = \"id\"";
    let text = descriptor("", &format!("shape = \"parquet\"\ncolumn = \"hash\"\n{columns}"));
    let raw = descriptor("encoding = \"raw\"", &format!("shape = \"parquet\"\ncolumn = \"raw\"\n{columns}"));
    let expected = [digest(TWO, Kind::Text, None), digest(ONE, Kind::Person, Some("7"))];
    for compression in compressions() {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let file = parquet_file(compression, version);
            for descriptor in [&text, &raw] {
                assert_eq!(read(descriptor, &file).expect("the file fits").digests, expected, "{compression:?}");
            }
        }
    }
    let file = parquet_file(Compression::SNAPPY, WriterVersion::PARQUET_2_0);
    for (column, message) in [
        ("digest", "the file has no \"digest\": correct `source.column`"),
        ("id", "the column \"id\" holds no single texts or bytes: correct `source.column`"),
        ("many", "the column \"many\" holds no single texts or bytes"),
        ("deep.hash", "the column \"deep.hash\" holds no single texts"),
        ("type", "row 1: the digest is not in hex"),
    ] {
        let other = descriptor("", &format!("shape = \"parquet\"\ncolumn = \"{column}\""));
        let found = problem(read(&other, &file));
        assert!(found.starts_with(message), "{found}");
    }
    assert!(problem(read(&text, "no parquet")).starts_with("the file is no Parquet that can be read: get it again"));
    assert!(problem(read(&text, &file[..file.len() / 2])).starts_with("the file is no Parquet"));
    let swapped = descriptor("", "shape = \"parquet\"\ncolumn = \"raw\"");
    assert!(problem(read(&swapped, &file)).starts_with("row 1: the digest is not in hex"));
}

#[test]
fn damaged_parquet_does_no_harm() {
    let text = descriptor("", "shape = \"parquet\"\ncolumn = \"hash\"\nkind_column = \"type\"\nid_column = \"id\"");
    for compression in compressions() {
        let file = parquet_file(compression, WriterVersion::PARQUET_2_0);
        for at in 0..file.len() {
            for value in [0, 1, 127, 128, 255] {
                let mut changed = file.clone();
                changed[at] = value;
                let _ = import(&text, &changed[..], 1 << 20);
            }
        }
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let lines = descriptor("", "shape = \"lines\"");
    assert!(import(&lines, ONE.as_bytes(), 32).is_ok());
    assert!(matches!(import(&lines, ONE.as_bytes(), 31), Err(ImportError::TooLarge { limit: 31 })));
    let text = descriptor("", "shape = \"parquet\"\ncolumn = \"hash\"");
    for compression in compressions() {
        // Sixteen million equal digests: small when packed.
        let schema = parse_message_type("message list { required binary hash (UTF8); }").expect("a schema");
        let properties = WriterProperties::builder().set_compression(compression).set_dictionary_enabled(false);
        let properties = Arc::new(properties.build());
        let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).expect("a writer");
        let mut group = file.next_row_group().expect("a group");
        let mut column = group.next_column().expect("a column").expect("one column");
        let values = vec![ByteArray::from(ONE); 100_000];
        column.typed::<ByteArrayType>().write_batch(&values, None, None).expect("rows");
        column.close().expect("a column");
        group.close().expect("a group");
        let file = file.into_inner().expect("a file");
        let error = import(&text, &file[..], 3_000_000).expect_err("three megabytes are too few");
        assert!(matches!(error, ImportError::TooLarge { limit: 3_000_000 }), "{error} for {compression:?}");
        assert_eq!(import(&text, &file[..], 4_000_000).expect("four are enough").duplicates, 99_999);
    }
}
