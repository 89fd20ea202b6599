//! `lethe-cli bench --harm`: what the filter removes from text that others wrote, counted.

use std::path::Path;
use std::process::Output;

use lethe_tests::{Data, failed, succeeded};
use serde_json::{Value, json};

/// `Call +41 44 668 18 00 today.` and a line break, packed by gzip.
const PACKED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03sN\xcc\xc9Q\xd061T01Q03\xb3P0\xb4P00P(\xc9OI\xac\xd4\xe3\x02\x00:\x9f\x8c\xe5\x1d\x00\x00\x00";
const PACKED_TEXT: &str = "Call +41 44 668 18 00 today.\n";
const CODE: &str = "// one\nfn mail() -> &str { \"wanda@example.org\" }\n";

/// A folder with everything that may lie in one.
fn folder(data: &Data) -> std::path::PathBuf {
    let folder = data.path().join("texts");
    std::fs::create_dir_all(folder.join("man/deep")).expect("a folder");
    let write = |name: &str, content: &[u8]| std::fs::write(folder.join(name), content).expect("it is writable");
    write("a.rs", CODE.as_bytes());
    write("man/deep/call.1.gz", PACKED);
    write("man/latin1.txt", b"J\xf6rg, an der alten M\xfchle 7, im Dorf hinter dem Berg\n");
    write("man/broken.gz", &PACKED[..20]);
    write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write("noise", &[0xfe; 100]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&folder, folder.join("man/round")).expect("a link");
        std::os::unix::fs::symlink(folder.join("a.rs"), folder.join("b.rs")).expect("a link");
    }
    folder
}

fn harm(data: &Data, folder: &Path, more: &[&str]) -> Output {
    data.cli().args(["bench", "--harm"]).arg(folder).args(more).output().expect("it runs")
}

fn printed(output: &Output) -> Value {
    serde_json::from_str(&succeeded(output)).expect("JSON")
}

#[test]
fn removals_are_counted_by_kind_and_by_megabyte() {
    let data = Data::default();
    let folder = folder(&data);
    let mut counted = printed(&harm(&data, &folder, &["--json"]));
    // Each byte that is no UTF-8 became three.
    let latin1 = "J\u{fffd}rg, an der alten M\u{fffd}hle 7, im Dorf hinter dem Berg\n";
    let bytes = CODE.len() + PACKED_TEXT.len() + latin1.len();
    let each = 1e6 / f64::from(u32::try_from(bytes).expect("small"));
    for (at, times) in [("/per_megabyte", 2.0), ("/kinds/0/per_megabyte", 1.0), ("/kinds/1/per_megabyte", 1.0)] {
        let rate = counted.pointer_mut(at).map(Value::take).and_then(|rate| rate.as_f64()).expect("a rate");
        assert!((rate - times * each).abs() < 1e-6 * each, "{at}: {rate}, not {times} in {bytes} bytes");
    }
    let wanted = json!({
        "version": 1, "files": 3, "bytes": bytes, "left_out": {"no_text": 2, "too_large": 0, "unreadable": 1},
        "kinds": [{"kind": "email", "removed": 1, "per_megabyte": null}, {"kind": "phone", "removed": 1, "per_megabyte": null}],
        "removed": 2, "per_megabyte": null,
    });
    assert_eq!(counted, wanted, "links count nothing twice");
    let table = succeeded(&harm(&data, &folder, &[]));
    for part in [
        "3 files, ",
        "no list, all detectors",
        "2 no text, 0 too large, 1 unreadable",
        "\nemail ",
        "\nphone ",
        "\nall ",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    assert!(!table.contains("wanda"), "what was removed is shown only where that is asked for: {table}");
    assert!(!data.data().exists(), "a measure needs no data folder");
}

#[test]
fn each_removal_is_shown_to_those_who_judge_it() {
    let data = Data::default();
    let folder = folder(&data);
    let shown = succeeded(&harm(&data, &folder, &["--show"]));
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].ends_with("a.rs:2\temail\t// one fn mail() -> &str { \"⟦wanda@example.org⟧\" } "), "{shown}");
    assert!(lines[1].ends_with("call.1.gz:1\tphone\tCall ⟦+41 44 668 18 00⟧ today. "), "{shown}");
    let places = printed(&harm(&data, &folder, &["--show", "--json"]))["places"].take();
    let place = &places[0];
    assert_eq!((&place["line"], &place["text"]), (&json!(2), &json!("wanda@example.org")), "{places}");
    assert_eq!(place["before"], "// one\nfn mail() -> &str { \"");
    std::fs::write(folder.join("a.rs"), "\u{1b}[2Jw@example.org\u{202e}").expect("it is writable");
    let shown = succeeded(&harm(&data, &folder, &["--show"]));
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "a terminal would obey: {shown:?}");
}

#[test]
fn lists_and_detectors_can_be_chosen() {
    let data = Data::default();
    let folder = folder(&data);
    let list = data.file("l.jsonl", "{\"id\":\"w\",\"kind\":\"text\",\"text\":\"alten\"}\n");
    let list = list.to_str().expect("a path");
    let counted = printed(&harm(&data, &folder, &["--json", "--show", "--detectors", "none", "--list", list]));
    assert_eq!(counted["kinds"][0]["kind"], "text", "{counted}");
    assert_eq!((&counted["removed"], &counted["places"][0]["entry"]), (&json!(1), &json!("w")));
    let nowhere = data.path().join("nowhere");
    assert!(failed(&harm(&data, &nowhere, &[])).contains("nowhere can't be read"));
    assert!(failed(&harm(&data, &folder, &["--detectors", "emial"])).contains("email, iban"));
    for arguments in [&["bench", "--show"][..], &["bench", "--list", list], &["bench", "--harm", "x", "--rounds", "2"]]
    {
        let output = data.cli().args(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}
