//! `lethe-cli redact`: what decides what goes, what JSON says of it, and streams. Files: `redact_files.rs`.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use lethe_core::Lethe;
use lethe_core::base::settings::{DetectorSettings, Settings};
use lethe_tests::{Data, failed, succeeded, with_input};
use serde_json::{Value, json};

const TEXT: &str = "Wanda Beispiel, Jörg Muster, wanda@example.org";

fn entry(id: &str, name: &str) -> String {
    format!("{{\"id\":\"{id}\",\"kind\":\"person\",\"text\":\"{name}\"}}\n")
}

/// A data folder in which a list with Wanda Beispiel is in force, and a file with a list of Jörg Muster.
fn with_lists() -> (Data, PathBuf) {
    let data = Data::default();
    let kept = data.file("kept.jsonl", entry("p1", "Wanda Beispiel"));
    succeeded(&data.cli().args(["list", "add"]).arg(kept).output().expect("it runs"));
    let other = data.file("other.jsonl", entry("p2", "Jörg Muster"));
    (data, other)
}

fn redact(data: &Data, more: &[&str], input: &str) -> Output {
    with_input(&mut redacting(data, more), input.as_bytes())
}

fn redacting(data: &Data, more: &[&str]) -> Command {
    let mut command = data.cli();
    command.arg("redact").args(more);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&succeeded(output)).expect("JSON")
}

/// No detector.
const OFF: DetectorSettings = DetectorSettings {
    email: false,
    iban: false,
    ip: false,
    phone: false,
    card: false,
    ahv: false,
    national_id: false,
    special_ip: false,
};

async fn set_detectors(lethe: &Lethe, detectors: DetectorSettings) {
    lethe.set_settings(Settings { detectors, ..lethe.settings() }).await.expect("they are stored");
}

#[test]
fn the_lists_in_force_decide_and_options_say_otherwise() {
    let (data, other) = with_lists();
    let other = other.to_str().expect("a path");
    for (options, wanted, in_force) in [
        (&[][..], "[removed: person], Jörg Muster, [removed: email]", "1 list (kept), all detectors"),
        (&["--list", other], "[removed: person], [removed: person], [removed: email]", "2 lists (kept, other)"),
        (&["--only-lists", other], "Wanda Beispiel, [removed: person], [removed: email]", "1 list (other)"),
        (&["--no-lists"], "Wanda Beispiel, Jörg Muster, [removed: email]", "no list, all detectors"),
        (&["--detectors", "none"], "[removed: person], Jörg Muster, wanda@example.org", "1 list (kept), no detectors"),
    ] {
        let output = redact(&data, options, TEXT);
        assert_eq!(succeeded(&output), wanted, "{options:?}");
        assert!(said(&output).contains(&format!("in force: {in_force}")), "{options:?}: {}", said(&output));
    }
    // A list that is switched off or removed is in force no more.
    succeeded(&data.cli().args(["list", "remove", "kept"]).output().expect("it runs"));
    let output = redact(&data, &[], TEXT);
    assert_eq!(succeeded(&output), "Wanda Beispiel, Jörg Muster, [removed: email]");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_beside_a_running_lethe_and_takes_its_detectors() {
    let (data, _) = with_lists();
    let lethe = data.open().await.expect("it opens");
    set_detectors(&lethe, OFF).await;
    let output = redact(&data, &[], TEXT);
    assert_eq!(succeeded(&output), "[removed: person], Jörg Muster, wanda@example.org", "{}", said(&output));
    set_detectors(&lethe, DetectorSettings { email: true, ..OFF }).await;
    let number = "wanda@example.org 0446681800";
    assert_eq!(succeeded(&redact(&data, &[], number)), "[removed: email] 0446681800");
    for options in [&["--detectors", "all"][..], &["--no-lists"]] {
        assert_eq!(succeeded(&redact(&data, options, number)), "[removed: email] [removed: phone]", "{options:?}");
    }
    lethe.close().await;
}

#[test]
fn a_list_in_force_that_can_t_be_read_stops_it() {
    let (data, other) = with_lists();
    let lists = std::fs::read_dir(data.data().join("lists")).expect("the folder").flatten();
    let list = lists.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "list"));
    std::fs::write(list.expect("it was kept"), "damaged").expect("it is writable");
    let output = redact(&data, &[], TEXT);
    let sentence = failed(&output);
    assert!(sentence.contains("\"kept\" is damaged") && sentence.contains("--no-lists"), "{sentence}");
    assert!(output.stdout.is_empty(), "text went out without a list that is in force");
    let output = redact(&data, &["--only-lists", other.to_str().expect("a path")], TEXT);
    assert_eq!(succeeded(&output), "Wanda Beispiel, [removed: person], [removed: email]");
    succeeded(&redact(&data, &["--no-lists"], TEXT));
}

#[test]
#[cfg(unix)]
fn a_folder_that_does_not_say_what_is_in_force_stops_it() {
    type Spoil = fn(&Data);
    let rows: [(&str, Spoil); 5] = [
        ("key of the history is not at hand", |data| {
            std::fs::remove_file(data.data().join("store.key")).expect("the key");
        }),
        ("can't be opened with the key at hand", |data| {
            std::fs::write(data.data().join("store.key"), "0".repeat(64)).expect("it is writable");
        }),
        ("is empty", |data| std::fs::write(data.data().join("lethe.db"), "").expect("it is writable")),
        ("no history that says which", |data| {
            for file in ["lethe.db", "lethe.db-wal", "lethe.db-shm"] {
                let _ = std::fs::remove_file(data.data().join(file));
            }
        }),
        ("a link that leads nowhere", |data| {
            std::fs::rename(data.data(), data.path().join("aside")).expect("it is moved");
            std::os::unix::fs::symlink(data.path().join("gone"), data.data()).expect("a link");
        }),
    ];
    for (wanted, spoil) in rows {
        let data = Data::default();
        let kept = data.file("kept.jsonl", entry("p1", "Wanda Beispiel"));
        // No keychain, as in a container.
        let cli = |arguments: &[&str]| {
            let mut command = data.cli();
            command.env("LETHE_KEY", "file").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus").args(arguments);
            command
        };
        succeeded(&cli(&["list", "add"]).arg(kept).output().expect("it runs"));
        let encrypted = with_input(&mut cli(&["redact"]), TEXT.as_bytes());
        assert_eq!(succeeded(&encrypted), "[removed: person], Jörg Muster, [removed: email]", "{wanted}");
        spoil(&data);
        let output = with_input(&mut cli(&["redact"]), TEXT.as_bytes());
        let sentence = failed(&output);
        assert!(sentence.contains(wanted) && sentence.contains("--no-lists"), "{wanted}: {sentence}");
        assert!(output.stdout.is_empty(), "{wanted}: text went out");
        let output = with_input(&mut cli(&["redact", "--no-lists"]), TEXT.as_bytes());
        assert_eq!(succeeded(&output), "Wanda Beispiel, Jörg Muster, [removed: email]", "{wanted}");
    }
}

#[test]
fn without_a_data_folder_none_is_made() {
    let data = Data::default();
    let output = redact(&data, &[], TEXT);
    assert_eq!(succeeded(&output), "Wanda Beispiel, Jörg Muster, [removed: email]");
    assert!(said(&output).contains("no history in the data folder yet"), "{}", said(&output));
    let output = redact(&data, &["--no-lists"], TEXT);
    assert!(!said(&output).contains("no history"), "{}", said(&output));
    assert!(!data.data().exists(), "a filter makes no data folder");
    let folder = data.path().join("somewhere");
    std::fs::create_dir(&folder).expect("a folder");
    let mut command = data.cli();
    succeeded(&with_input(command.args(["redact", "--data-dir"]).arg(&folder), b""));
    assert_eq!(
        std::fs::read_dir(&folder).expect("it is there").count(),
        0,
        "a folder that holds no data was written to"
    );
}

#[test]
fn lists_of_one_name_are_told_apart() {
    let (data, _) = with_lists();
    let folder = data.path().join("sub");
    std::fs::create_dir(&folder).expect("a folder");
    let again = folder.join("kept.jsonl");
    std::fs::write(&again, entry("p9", "Jörg Muster")).expect("a file");
    let again = again.to_str().expect("a path");
    let output = redact(&data, &["--json", "--list", again, "--list", again], TEXT);
    let printed = json(&output);
    assert_eq!(printed["lists"].as_array().map(Vec::len), Some(3), "{printed}");
    let places: Vec<_> =
        [0, 1].map(|at| (&printed["redactions"][at]["list"], &printed["redactions"][at]["entry"])).into();
    assert_eq!(places, [(&json!("kept"), &json!("p1")), (&json!("kept 2"), &json!("p9"))], "{printed}");
}

#[test]
fn json_says_where_and_by_what_and_never_what() {
    let (data, other) = with_lists();
    let input = format!("\u{e4} {TEXT}!");
    let output = redact(&data, &["--json", "--list", other.to_str().expect("a path")], &input);
    let mut printed = json(&output);
    let text = "\u{e4} [removed: person], [removed: person], [removed: email]!";
    for list in printed["lists"].as_array_mut().expect("lists") {
        let sha256 = list.as_object_mut().and_then(|list| list.remove("sha256"));
        assert_eq!(sha256.and_then(|sha256| sha256.as_str().map(str::len)), Some(64));
    }
    let piece = |kind: &str, list: &str, entry: &str, place: [usize; 4]| {
        let name = |name: &str| if name.is_empty() { Value::Null } else { Value::from(name) };
        json!({"kind": kind, "list": name(list), "entry": name(entry), "start": place[0], "end": place[1],
               "marker_start": place[2], "marker_end": place[3]})
    };
    let wanted = json!({
        "version": 1, "file": null, "written": null, "text": text,
        "removed": {"email": 1, "person": 2},
        "redactions": [
            piece("person", "kept", "p1", [3, 17, 3, 20]),
            piece("person", "other", "p2", [19, 31, 22, 39]),
            piece("email", "", "", [33, 50, 41, 57]),
        ],
        "replaced": 0,
        "lists": [
            {"name": "kept", "entries": 1, "version": null, "signed": false},
            {"name": "other", "entries": 1, "version": null, "signed": false},
        ],
        "detectors": ["email", "iban", "ip", "phone", "card", "ahv", "national_id"],
    });
    assert_eq!(printed, wanted);
    for marker in wanted["redactions"].as_array().expect("places") {
        let place = |name: &str| usize::try_from(marker[name].as_u64().expect("a place")).expect("small");
        assert!(text[place("marker_start")..place("marker_end")].starts_with("[removed: "), "{marker}");
    }
    let whole = succeeded(&output) + &said(&output);
    for name in ["Wanda", "wanda", "Muster"] {
        assert!(!whole.contains(name), "{name} was removed and is said: {whole}");
    }
}

#[test]
fn a_summary_by_kind_is_on_standard_error_unless_unwanted() {
    let (data, _) = with_lists();
    let output = redact(&data, &[], "Wanda Beispiel (w@example.org), Wanda Beispiel");
    assert_eq!(said(&output), "Removed: 1 email, 2 person; in force: 1 list (kept), all detectors\n");
    assert!(said(&redact(&data, &[], "nobody")).starts_with("Removed: nothing; "));
    for option in ["--quiet", "-q"] {
        assert_eq!(said(&redact(&data, &[option], TEXT)), "");
    }
    let output = with_input(&mut redacting(&data, &[]), b"a\xffb\xfec");
    assert!(said(&output).starts_with("2 places that are not UTF-8 became U+FFFD\n"), "{}", said(&output));
}

#[test]
fn a_stream_is_written_as_it_comes() {
    let (data, _) = with_lists();
    let mut command = redacting(&data, &[]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let (mut stdin, mut stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let mut whole = String::new();
    for (piece, wanted) in [
        ("The first line is here, and more words follow.\n", "The first line is here, and more"),
        ("Wanda Beispiel was here, and more words follow.\n", " words follow.\n[removed: person] was here, and more"),
        ("The last line has no end", " words follow.\nThe last line"),
    ] {
        stdin.write_all(piece.as_bytes()).expect("it reads");
        let mut read = vec![0; wanted.len()];
        stdout.read_exact(&mut read).expect("it writes before the input ends");
        let read = String::from_utf8(read).expect("text");
        assert_eq!(read, wanted);
        whole.push_str(&read);
    }
    drop(stdin);
    stdout.read_to_string(&mut whole).expect("it writes to the end");
    let wanted = "The first line is here, and more words follow.\n[removed: person] was here, and more words follow.\n";
    assert_eq!(whole, format!("{wanted}The last line has no end"));
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn the_output_does_not_depend_on_chunks() {
    let data = Data::default();
    let list = data.file("l.jsonl", "{\"id\":\"a\",\"kind\":\"person\",\"text\":\"J\u{fc}rg M\u{fc}ller\"}\n");
    let list = list.to_str().expect("a path");
    let inputs: &[&[u8]] = &[
        "Frag J\u{fc}rg M\u{fc}ller oder **Juerg Mueller** (jm@example.org), 84.72.13.5.".as_bytes(),
        b"bad \xff\xfe J\xc3\xbcrg M\xc3\xbcller \xe2\x82 end \xf0\x9f",
        b"",
        b"\n\n",
        b"zero\0bytes\0",
        "zero\u{200b}width J\u{fc}r\u{ad}g\nM\u{fc}ller".as_bytes(),
    ];
    for input in inputs {
        let outputs = ["1", "2", "3", "7", "4096"].map(|chunk| {
            let output = with_input(&mut redacting(&data, &["--chunk", chunk, "--list", list]), input);
            succeeded(&output);
            output.stdout
        });
        assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]), "{}", String::from_utf8_lossy(input));
    }
    let removed = json(&with_input(&mut redacting(&data, &["--json", "--list", list]), inputs[1]));
    let redaction = &removed["redactions"][0];
    assert_eq!(
        (&redaction["start"], &redaction["end"]),
        (&Value::from(7), &Value::from(20)),
        "offsets count input bytes: {removed}"
    );
    assert_eq!(removed["text"], "bad \u{fffd}\u{fffd} [removed: person] \u{fffd} end \u{fffd}");
    assert_eq!(removed["replaced"], 4);
}

#[test]
fn detectors_are_taken_by_name() {
    let data = Data::default();
    let input = "wanda@example.org 84.72.13.5 CH9300762011623852957";
    for (names, wanted) in [
        ("none", "wanda@example.org 84.72.13.5 CH9300762011623852957"),
        ("email", "[removed: email] 84.72.13.5 CH9300762011623852957"),
        ("ip,iban", "wanda@example.org [removed: ip] [removed: iban]"),
        ("all", "[removed: email] [removed: ip] [removed: iban]"),
    ] {
        assert_eq!(succeeded(&redact(&data, &["--detectors", names], input)), wanted, "{names}");
    }
    let sentence = failed(&redact(&data, &["--detectors", "emial"], input));
    assert!(sentence.contains("email, iban, ip, phone"), "{sentence}");
}

#[test]
fn what_contradicts_itself_is_not_understood() {
    let (data, other) = with_lists();
    let other = other.to_str().expect("a path");
    for options in [
        &["--list", other, "--no-lists"][..],
        &["--list", other, "--only-lists", other],
        &["--only-lists", other, "--no-lists"],
        &["--in-place"],
        &["--out", "clean"],
        &["--in-place", "--out", "clean", "letter.txt"],
        &["--force", "letter.txt"],
    ] {
        assert_eq!(redact(&data, options, TEXT).status.code(), Some(2), "{options:?}");
    }
}
