//! `lethe-cli redact` on files: in their place, beside them, and what is refused. Whatever fails leaves them as they were.

use std::path::{Path, PathBuf};
use std::process::Output;

use lethe_tests::{Data, failed, succeeded, with_input};
use serde_json::Value;

const LETTER: &str = "Dear Wanda Beispiel,\nwrite to wanda@example.org.\n";
const CLEAN: &str = "Dear [removed: person],\nwrite to [removed: email].\n";

/// A list and a folder for documents.
struct Desk {
    data: Data,
    list: PathBuf,
    folder: PathBuf,
}

impl Desk {
    fn new() -> Desk {
        let data = Data::default();
        let list = data.file("l.jsonl", "{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"Wanda Beispiel\"}\n");
        let folder = data.path().join("documents");
        std::fs::create_dir(&folder).expect("a folder");
        Desk { data, list, folder }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, content).expect("it is writable");
        path
    }

    fn redact(&self, options: &[&str], files: &[&Path]) -> Output {
        let mut command = self.data.cli();
        command.arg("redact").arg("--only-lists").arg(&self.list).args(options).args(files);
        with_input(&mut command, LETTER.as_bytes())
    }

    /// The names in the folder: nothing half made may be among them.
    fn names(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.folder).expect("the folder").flatten();
        let mut names: Vec<String> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it is there")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn files_are_replaced_in_place_and_counted() {
    let desk = Desk::new();
    let letter = desk.file("letter.txt", LETTER);
    let plain = desk.file("plain.txt", "Nobody is named here.\n");
    let before = std::fs::metadata(&plain).expect("the file");
    let output = desk.redact(&["--in-place"], &[&letter, &plain]);
    assert_eq!(succeeded(&output), "", "the text is in the files");
    assert_eq!((text(&letter).as_str(), text(&plain).as_str()), (CLEAN, "Nobody is named here.\n"));
    let lines: Vec<String> = said(&output).lines().map(str::to_owned).collect();
    assert!(lines[0].ends_with("letter.txt: 1 email, 1 person"), "{lines:?}");
    assert!(lines[1].ends_with("plain.txt: nothing"), "{lines:?}");
    assert_eq!(lines[2], "Removed: 1 email, 1 person; in force: 1 list (l), all detectors");
    let after = std::fs::metadata(&plain).expect("the file");
    assert_eq!(after.modified().ok(), before.modified().ok(), "a file from which nothing goes is not written");
    succeeded(&desk.redact(&["--in-place"], &[&letter, &plain]));
    assert_eq!(text(&letter), CLEAN, "the second time finds nothing new");
    assert_eq!(desk.names(), ["letter.txt", "plain.txt"]);
}

#[test]
fn a_large_file_is_replaced_too() {
    let desk = Desk::new();
    // More than is kept in memory, and letters of two bytes across the blocks that are read.
    let count = 400_000;
    let letter = desk.file("letter.txt", "\u{fc}".to_owned() + &LETTER.repeat(count));
    succeeded(&desk.redact(&["--in-place"], &[&letter]));
    assert!(text(&letter) == "\u{fc}".to_owned() + &CLEAN.repeat(count), "every letter is clean");
    assert_eq!(desk.names(), ["letter.txt"]);
}

#[cfg(unix)]
#[test]
fn the_mode_of_a_file_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let mode = |path: &Path| std::fs::metadata(path).expect("the file").permissions().mode() & 0o7777;
    for wanted in [0o600, 0o640, 0o644, 0o755, 0o444] {
        let letter = desk.file("letter.txt", LETTER);
        std::fs::set_permissions(&letter, PermissionsExt::from_mode(wanted)).expect("it is ours");
        let out = desk.data.path().join(format!("{wanted:o}"));
        succeeded(&desk.redact(&["--out", out.to_str().expect("a path")], &[&letter]));
        let copy = out.join("letter.txt");
        assert_eq!((text(&copy).as_str(), mode(&copy)), (CLEAN, wanted), "{wanted:o}");
        succeeded(&desk.redact(&["--in-place"], &[&letter]));
        assert_eq!((text(&letter).as_str(), mode(&letter)), (CLEAN, wanted), "{wanted:o}");
        std::fs::remove_file(letter).expect("it is ours");
    }
}

#[test]
fn what_is_no_plain_text_is_refused_and_nothing_is_written() {
    let desk = Desk::new();
    let letter = desk.file("letter.txt", LETTER);
    let missing = desk.folder.join("missing.txt");
    let deep = "\u{e4}".repeat(100_000) + "\n";
    let rows: Vec<(PathBuf, &str)> = vec![
        (desk.file("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "is no text"),
        (desk.file("utf16.txt", b"\xff\xfeW\0a\0n\0d\0a\0"), "UTF-16"),
        (desk.file("latin1.txt", b"one\ntwo\nJ\xf6rg\n"), "not UTF-8 text (line 3)"),
        (desk.file("cut.txt", b"one\n\xe2\x82"), "not UTF-8 text (line 2)"),
        (desk.file("late.txt", [deep.as_bytes(), b"\xc3"].concat()), "not UTF-8 text (line 2)"),
        (desk.folder.clone(), "is a folder"),
        (missing, "is not there"),
    ];
    let out = desk.data.path().join("out");
    for (file, wanted) in &rows {
        for options in [&["--in-place"][..], &["--out", out.to_str().expect("a path")], &[]] {
            let output = desk.redact(options, &[&letter, file]);
            let sentence = failed(&output);
            assert!(sentence.contains(wanted), "{}, {options:?}: {sentence}", file.display());
            assert!(output.stdout.is_empty(), "{}, {options:?}", file.display());
            assert_eq!(text(&letter), LETTER, "the other file is written, though this run failed: {}", file.display());
            assert!(!out.exists(), "{}, {options:?}", file.display());
        }
    }
    let all: Vec<&Path> = rows.iter().map(|(file, _)| file.as_path()).collect();
    let output = desk.redact(&["--in-place"], &all);
    assert!(failed(&output).starts_with("7 files can't be filtered, so nothing was written"), "{}", said(&output));
    for (file, _) in &rows {
        assert!(said(&output).contains(&file.display().to_string()), "each is named: {}", said(&output));
    }
    for options in [&["--in-place"][..], &["--out", "out"]] {
        let sentence = failed(&desk.redact(options, &[Path::new("-")]));
        assert!(sentence.contains("standard input has no place"), "{sentence}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_a_pipe_and_a_file_with_two_names_are_not_replaced() {
    let desk = Desk::new();
    let letter = desk.file("letter.txt", LETTER);
    let (link, pipe) = (desk.folder.join("link.txt"), desk.folder.join("pipe"));
    std::os::unix::fs::symlink(&letter, &link).expect("a link");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    for (file, wanted) in [(&link, "is a link"), (&pipe, "a pipe"), (&PathBuf::from("/dev/null"), "a device")] {
        let sentence = failed(&desk.redact(&["--in-place"], &[file]));
        assert!(sentence.contains(wanted), "{}: {sentence}", file.display());
    }
    let hard = desk.folder.join("hard.txt");
    std::fs::hard_link(&letter, &hard).expect("a hard link");
    for file in [&letter, &hard] {
        let sentence = failed(&desk.redact(&["--in-place"], &[file]));
        assert!(sentence.contains("another name"), "{sentence}");
    }
    assert_eq!(text(&letter), LETTER);
    // What the link leads to is read all the same, and a pipe as the stream that it is.
    assert_eq!(succeeded(&desk.redact(&[], &[&link])), CLEAN);
    let writer = pipe.clone();
    let writing = std::thread::spawn(move || std::fs::write(writer, LETTER));
    assert_eq!(succeeded(&desk.redact(&[], &[&pipe])), CLEAN);
    writing.join().expect("it ends").expect("it is read");
}

#[test]
fn copies_go_into_a_folder_and_over_nothing() {
    let desk = Desk::new();
    let (letter, plain) = (desk.file("letter.txt", LETTER), desk.file("plain.txt", "Nobody.\n"));
    let out = desk.data.path().join("clean/today");
    let to = |folder: &Path, more: &[&str], files: &[&Path]| {
        let options = [&["--out", folder.to_str().expect("a path")], more].concat();
        desk.redact(&options, files)
    };
    succeeded(&to(&out, &[], &[&letter, &plain]));
    assert_eq!((text(&out.join("letter.txt")).as_str(), text(&out.join("plain.txt")).as_str()), (CLEAN, "Nobody.\n"));
    assert_eq!(text(&letter), LETTER, "the file itself stays");
    std::fs::write(out.join("letter.txt"), "something else").expect("it is writable");
    assert!(failed(&to(&out, &[], &[&letter])).contains("--force"));
    assert_eq!(text(&out.join("letter.txt")), "something else");
    succeeded(&to(&out, &["--force"], &[&letter]));
    assert_eq!(text(&out.join("letter.txt")), CLEAN);
    for more in [&[][..], &["--force"]] {
        let sentence = failed(&to(&desk.folder, more, &[&letter]));
        assert!(sentence.contains("the file that is read"), "{sentence}");
    }
    // One file, in the place of another that is read as well.
    let deep = desk.folder.join("deep");
    std::fs::create_dir(&deep).expect("a folder");
    std::fs::write(deep.join("plain.txt"), LETTER).expect("it is writable");
    let sentence = failed(&to(&desk.folder, &["--force"], &[&deep.join("plain.txt"), &plain]));
    assert!(sentence.contains("that is read"), "{sentence}");
    assert_eq!(text(&plain), "Nobody.\n");
    let other = desk.folder.join("other");
    std::fs::create_dir(&other).expect("a folder");
    std::fs::write(other.join("letter.txt"), LETTER).expect("it is writable");
    let sentence = failed(&to(&desk.data.path().join("two"), &[], &[&letter, &other.join("letter.txt")]));
    assert!(sentence.contains("name of another file"), "{sentence}");
    assert_eq!(text(&letter), LETTER);
    let sentence = failed(&to(&plain, &[], &[&letter]));
    assert!(sentence.contains("plain.txt"), "a file is no folder: {sentence}");
}

#[test]
fn several_files_are_printed_one_after_the_other() {
    let desk = Desk::new();
    let one = desk.file("one.txt", "Wanda");
    let two = desk.file("two.txt", " Beispiel wrote to Wanda Beispiel\n");
    let output = desk.redact(&[], &[&one, Path::new("-"), &two]);
    assert_eq!(
        succeeded(&output),
        format!("Wanda{CLEAN} Beispiel wrote to [removed: person]\n"),
        "no name spans two files"
    );
    assert!(said(&output).contains("standard input: 1 email, 1 person\n"), "{}", said(&output));
}

#[test]
fn json_is_a_line_for_each_file() {
    let desk = Desk::new();
    let (letter, plain) = (desk.file("letter.txt", LETTER), desk.file("plain.txt", "Nobody.\n"));
    let lines = |output: &Output| -> Vec<Value> {
        succeeded(output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let name = |path: &Path| Value::from(path.display().to_string());
    let printed = lines(&desk.redact(&["--json"], &[&letter, &plain]));
    assert_eq!(printed.len(), 2);
    assert_eq!((&printed[0]["file"], &printed[0]["text"]), (&name(&letter), &Value::from(CLEAN)));
    assert_eq!((&printed[1]["file"], &printed[1]["text"]), (&name(&plain), &Value::from("Nobody.\n")));
    let out = desk.data.path().join("out");
    let printed = lines(&desk.redact(&["--json", "--out", out.to_str().expect("a path")], &[&letter, &plain]));
    assert_eq!((&printed[0]["written"], &printed[0]["text"]), (&name(&out.join("letter.txt")), &Value::Null));
    assert_eq!(printed[1]["written"], name(&out.join("plain.txt")));
    let printed = lines(&desk.redact(&["--json", "--in-place"], &[&letter, &plain]));
    assert_eq!(
        (&printed[0]["written"], &printed[1]["written"]),
        (&name(&letter), &Value::Null),
        "one stayed as it was"
    );
    let redaction = &printed[0]["redactions"][0];
    assert_eq!(
        (&redaction["start"], &redaction["end"], &redaction["marker_end"]),
        (&Value::from(5), &Value::from(19), &Value::from(22))
    );
}
