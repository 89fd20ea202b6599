//! The bodies of the fuzz targets for lethe-import: any bytes, read as a descriptor says.

use std::sync::LazyLock;

use lethe_filters::foreign::Descriptor;
use lethe_filters::{ListFile, ListMeta};

/// The limit for a file, in bytes.
const LIMIT: u64 = 1 << 18;

/// What the first byte of an input chooses from: fields of a descriptor, and its source.
pub const SHAPES: [(&str, &str); 9] = [
    ("", "shape = \"lines\""),
    ("encoding = \"base64\"", "shape = \"lines\""),
    ("truncate = { hex_digits = 17 }", "shape = \"lines\""),
    ("", "shape = \"csv\"\nseparator = \";\"\ncolumn = \"hash\"\nkind_column = \"type\"\nid_column = 1"),
    ("", "shape = \"csv\"\nheader = false\ncolumn = 2"),
    ("", "shape = \"json\""),
    ("", "shape = \"json\"\npath = \"data.rows\"\nfield = \"hash\"\nkind_field = \"type\"\nid_field = \"id\""),
    ("", "shape = \"json\"\nlines = true\nfield = \"hash\"\nkind_field = \"type\""),
    ("encoding = \"base64\"", "shape = \"json\"\nlines = true"),
];

static SHAPED: LazyLock<Vec<Descriptor>> = LazyLock::new(|| SHAPES.map(descriptor).into());

/// Files of lines, CSV and JSON. What can be read makes a list.
pub fn import(data: &[u8]) {
    let Some((first, file)) = data.split_first() else { return };
    let descriptor = &SHAPED[usize::from(*first) % SHAPED.len()];
    let imported = match lethe_import::import(descriptor, file, LIMIT) {
        Ok(imported) => imported,
        Err(error) => return drop(error.to_string()),
    };
    let digests = &imported.digests;
    assert!(!digests.is_empty(), "a file without digests is refused");
    assert!(digests.windows(2).all(|pair| pair[0].digest < pair[1].digest), "digests are out of order");
    let meta = ListMeta { name: "fuzz".to_owned(), issued_at: None, generator: String::new() };
    let bytes = ListFile::build_foreign(&meta, descriptor, digests).expect("what was read makes a list");
    let file = ListFile::open(bytes).expect("the list is whole");
    assert!(file.len() == digests.len() && file.ids().len() == digests.len(), "digests are lost");
}

fn descriptor((fields, source): (&str, &str)) -> Descriptor {
    let text = format!(
        "format = \"lethe-descriptor-1\"\nname = \"n\"\nalgorithm = \"sha256\"\nforms = [\"lower\"]\n{fields}\n\
        [source]\n{source}\n[kinds]\ndefault = \"text\"\nmap = {{ PER = \"person\" }}\n"
    );
    Descriptor::parse(&text).expect("the descriptor is usable")
}
