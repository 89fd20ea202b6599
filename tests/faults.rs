//! What goes wrong, and what then holds: one clear sentence, nothing lost, no process left behind.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lethe_tests::{Data, failed, starter_model, succeeded};

fn with_model() -> Data {
    let data = Data::default();
    succeeded(&data.cli().args(["model", "import"]).arg(starter_model()).output().expect("it runs"));
    data
}

fn kill(process: u32) {
    let status = Command::new("kill").arg("-9").arg(process.to_string()).status().expect("kill runs");
    assert!(status.success(), "process {process} could not be killed");
}

/// Waits for what must come; the deadline is generous and ends only a broken run.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A long answer that has begun to appear on standard output.
fn answering(data: &Data) -> (Child, BufReader<impl Read + use<>>) {
    let mut command = data.cli();
    command.args(["ask", "--temperature", "0", "--grammar"]);
    command.arg(data.file("long.gbnf", "root ::= (\"word \")+"));
    command.arg("Go on for ever.").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut begin = [0u8; 10];
    stdout.read_exact(&mut begin).expect("the answer begins");
    assert_eq!(&begin, b"word word ");
    (child, stdout)
}

fn engine_of(parent: u32) -> Option<u32> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=,ppid=,comm="]).output().expect("ps runs");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut rows = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row.len() > 2 && row[1] == parent.to_string() && row[2].starts_with("lethe-engine"))?;
    row[0].parse().ok()
}

fn runs(process: u32) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().expect("ps runs");
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn the_engine_does_not_outlive_a_killed_parent_and_the_text_is_kept() {
    let data = with_model();
    let (mut child, mut stdout) = answering(&data);
    let engine = until("the engine", || engine_of(child.id()));
    kill(child.id());
    child.wait().expect("it ended");
    until("the end of the engine", || (!runs(engine)).then_some(()));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("the rest");
    let shown = format!("word word {rest}");
    let stored = succeeded(&data.cli().args(["history", "show", "1"]).output().expect("it runs"));
    assert!(stored.contains(shown.trim()), "shown {} bytes, stored: {stored}", shown.len());
    assert!(stored.contains("(interrupted)"), "{stored}");
    let listed = succeeded(&data.cli().args(["history", "show", "1", "--json"]).output().expect("it runs"));
    assert!(listed.contains("Lethe was closed while this answer was being written"), "{listed}");
}

#[test]
fn a_killed_engine_leaves_an_interrupted_answer_and_the_next_one_works() {
    let data = with_model();
    let (mut child, mut stdout) = answering(&data);
    kill(until("the engine", || engine_of(child.id())));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("the rest");
    let mut said = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_to_string(&mut said).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(1), "{said}");
    assert!(said.contains("engine stopped unexpectedly (signal 9)"), "{said}");
    let stored = succeeded(&data.cli().args(["history", "show", "1"]).output().expect("it runs"));
    assert!(stored.contains(format!("word word {rest}").trim()) && stored.contains("(interrupted)"), "{stored}");
    let next = data.cli().args(["ask", "--max-tokens", "4", "Hello"]).output().expect("it runs");
    assert!(!succeeded(&next).trim().is_empty());
}

#[test]
fn one_killed_engine_does_not_end_a_conversation() {
    let data = with_model();
    let mut command = data.cli();
    command.args(["chat", "--max-tokens", "6"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    std::io::Write::write_all(&mut stdin, b"Hello\n").expect("it listens");
    stdout.read_line(&mut line).expect("an answer");
    // Between two answers: the next one starts a new engine without a word.
    kill(until("the engine", || engine_of(child.id())));
    until("the end of the engine", || engine_of(child.id()).is_none().then_some(()));
    std::io::Write::write_all(&mut stdin, b"Hello again\n").expect("it listens");
    let mut second = String::new();
    stdout.read_line(&mut second).expect("another answer");
    assert!(!second.trim().is_empty(), "no answer after the engine was killed");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn bad_files_get_one_clear_sentence() {
    let data = with_model();
    let whole = std::fs::read(starter_model()).expect("the starter model");
    let mut unknown = whole.clone();
    let at = unknown.windows(5).position(|window| window == b"llama").expect("the architecture");
    unknown[at..at + 5].copy_from_slice(b"Quill");
    let rows: [(&str, Vec<u8>, &str); 4] = [
        ("text.gguf", b"I am a letter to the editor.".to_vec(), "not a GGUF file"),
        ("header.gguf", whole[..100_000].to_vec(), "download it again"),
        ("cut.gguf", whole[..whole.len() - 1].to_vec(), "incomplete"),
        ("unknown.gguf", unknown, "its architecture is not known here: look for a newer version"),
    ];
    for (name, bytes, wanted) in rows {
        let path = data.file(name, bytes);
        let output = data.cli().args(["ask", "--model"]).arg(&path).arg("Hello").output().expect("it runs");
        let sentence = failed(&output);
        assert!(sentence.contains(wanted), "{name}: {sentence}");
        assert!(!sentence.contains("Quill"), "{name}: what a file says of itself goes round the filter: {sentence}");
    }
    let logs = std::fs::read_dir(data.data().join("logs")).expect("the folder of logs").flatten();
    let logs: Vec<String> = logs.map(|log| std::fs::read_to_string(log.path()).expect("it is readable")).collect();
    assert!(logs.iter().any(|log| !log.is_empty()), "there is a log");
    assert!(logs.iter().all(|log| !log.contains("Quill")), "a log holds what a file says of itself");
    let missing = failed(&data.cli().args(["model", "import", "/nowhere/model.gguf"]).output().expect("it runs"));
    assert!(missing.contains("can't be read"), "{missing}");
    let folder = failed(&data.cli().args(["model", "import"]).arg(data.path()).output().expect("it runs"));
    assert!(
        folder.contains("cut.gguf") && folder.contains("download it again"),
        "a folder names what is bad: {folder}"
    );
    let empty = tempfile::tempdir().expect("a temporary folder");
    let empty = failed(&data.cli().args(["model", "import"]).arg(empty.path()).output().expect("it runs"));
    assert!(empty.contains("no model file in this folder"), "{empty}");
}

#[test]
fn a_model_larger_than_memory_is_refused_before_it_is_loaded() {
    let data = with_model();
    let path = data.file("large.gguf", large_header());
    let file = std::fs::File::options().write(true).open(&path).expect("it is writable");
    // Sparse: it takes no room on disk.
    file.set_len(2 << 40).expect("a sparse file");
    let sentence = failed(&data.cli().args(["ask", "--model"]).arg(&path).arg("Hello").output().expect("it runs"));
    assert!(sentence.contains("of memory") && sentence.contains("choose a smaller model"), "{sentence}");
}

/// A header that promises one tensor of 1 TiB.
fn large_header() -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut bytes = [&b"GGUF"[..], &3u32.to_le_bytes(), &1u64.to_le_bytes(), &1u64.to_le_bytes()].concat();
    bytes.extend([text("general.architecture"), 8u32.to_le_bytes().to_vec(), text("llama")].concat());
    bytes.extend([text("token_embd.weight"), 2u32.to_le_bytes().to_vec()].concat());
    bytes.extend([(1u64 << 20).to_le_bytes(), (1u64 << 18).to_le_bytes()].concat());
    bytes.extend([&0u32.to_le_bytes()[..], &0u64.to_le_bytes()].concat());
    bytes
}

#[test]
fn bad_lists_are_named_and_change_nothing() {
    let data = with_model();
    for (name, text, wanted) in [
        ("empty.jsonl", "", "empty"),
        ("broken.jsonl", "{\"id\":\"a\",\"kind\":\"person\",\"text\":\"Wanda Beispiel\"}\n{\"id\":\n", "line 2"),
        ("short.jsonl", "{\"id\":\"a\",\"kind\":\"person\"}\n", "line 1"),
    ] {
        let path = data.file(name, text);
        let sentence = failed(&data.cli().args(["ask", "Hello", "--list"]).arg(&path).output().expect("it runs"));
        assert!(sentence.contains(wanted) && !sentence.contains("Beispiel"), "{name}: {sentence}");
    }
    let binary = data.file("binary.jsonl", b"\xff\xfe\x00");
    let sentence = failed(&data.cli().args(["ask", "Hello", "--list"]).arg(&binary).output().expect("it runs"));
    assert!(sentence.contains("UTF-8"), "{sentence}");
    assert_eq!(succeeded(&data.cli().args(["history", "ls"]).output().expect("it runs")), "", "nothing was asked");
}

#[test]
fn an_unusable_data_folder_is_said() {
    let data = Data::default();
    std::fs::write(data.data(), "a file is in the way").expect("it is writable");
    let sentence = failed(&data.cli().args(["history", "ls"]).output().expect("it runs"));
    assert!(sentence.contains("can't be written") && sentence.contains("--data-dir"), "{sentence}");
}

#[test]
fn a_history_of_a_newer_version_is_left_alone() {
    let data = with_model();
    let database = data.data().join("lethe.db");
    sql(&database, "UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1");
    let before = std::fs::read(&database).expect("the database");
    let sentence = failed(&data.cli().args(["history", "ls"]).output().expect("it runs"));
    assert!(sentence.contains("newer Lethe") && sentence.contains("update"), "{sentence}");
    assert_eq!(std::fs::read(&database).expect("the database"), before, "it was changed");
}

#[test]
fn a_damaged_history_is_said_and_left_alone() {
    let data = with_model();
    let database = data.data().join("lethe.db");
    let mut bytes = std::fs::read(&database).expect("the database");
    bytes[100..4096].fill(0xaa);
    std::fs::write(&database, &bytes).expect("it is writable");
    let sentence = failed(&data.cli().args(["history", "ls"]).output().expect("it runs"));
    assert!(sentence.contains("damaged"), "{sentence}");
    assert!(std::fs::read(&database).expect("the database") == bytes, "not a byte of it is changed");
}

/// Python's SQLite stands in for a newer Lethe.
fn sql(database: &Path, statement: &str) {
    let script = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()";
    let status =
        Command::new("python3").args(["-c", script]).arg(database).arg(statement).status().expect("python3 runs");
    assert!(status.success(), "{statement}");
}
