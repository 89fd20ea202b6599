//! The data folder: first starts at once, what lies in the place of a history, and what is said of it.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use lethe_core::chat::history::UserText;
use lethe_filters::{Detectors, Filter};
use lethe_tests::{Data, failed, program, succeeded};

/// Folders, and programs that start in each at once.
const FOLDERS: usize = 40;
const STARTS: usize = 8;

/// `lethe-cli` on a folder, with the key in its usual place.
fn cli(folder: &Path) -> Command {
    let mut command = Command::new(program("lethe-cli"));
    command.arg("--data-dir").arg(folder).env_remove("LETHE_KEY").stdin(Stdio::null());
    // No keychain, as in a container: the one of whoever runs the tests is left alone.
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus");
    command
}

fn history_ls(folder: &Path, key: &str) -> Command {
    let mut command = cli(folder);
    command.args(["history", "ls"]).env("LETHE_KEY", key);
    command
}

fn starting(folder: &Path, key: &str) -> Child {
    let mut command = history_ls(folder, key);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

#[test]
fn first_starts_at_once_find_one_history() {
    // On macOS and Windows the keychain is not a bus, and the real one is not for tests.
    let keys: &[&str] = if cfg!(target_os = "linux") { &["", "file", "none"] } else { &["file", "none"] };
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..FOLDERS {
        let key = keys[number % keys.len()];
        let data = folder.path().join(number.to_string());
        let starts: Vec<Child> = (0..STARTS).map(|_| starting(&data, key)).collect();
        for start in starts {
            let output = start.wait_with_output().expect("it ends");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "folder {number}, LETHE_KEY={key}: {said}");
            assert_eq!(said, "", "folder {number}, LETHE_KEY={key}");
        }
        succeeded(&history_ls(&data, key).output().expect("it runs"));
        assert_eq!(data.join("store.key").exists(), key != "none", "folder {number}, LETHE_KEY={key}");
    }
}

/// Damages that show only when pages are read.
#[test]
fn a_damaged_history_is_one_sentence_with_its_cause() {
    type Spoil = fn(&mut Vec<u8>);
    let rows: [(&str, Spoil); 6] = [
        ("the first page", |bytes| bytes[100..4096].fill(0xaa)),
        ("the second page", |bytes| bytes[5000..6000].fill(0xaa)),
        ("all pages but the first", |bytes| bytes[4096..].fill(0xaa)),
        ("cut after the first page", |bytes| bytes.truncate(4096)),
        ("cut within a page", |bytes| bytes.truncate(10_000)),
        ("empty", |bytes| bytes.clear()),
    ];
    for key in ["file", "none"] {
        for (name, spoil) in rows {
            let data = Data::default();
            succeeded(&history_ls(&data.data(), key).output().expect("it runs"));
            let database = data.data().join("lethe.db");
            let mut bytes = std::fs::read(&database).expect("the database");
            spoil(&mut bytes);
            std::fs::write(&database, &bytes).expect("it is writable");
            let output = history_ls(&data.data(), key).output().expect("it runs");
            // Without encryption pages have no checksums: what is wrong with this one shows when its rows are read.
            if (name, key) == ("the second page", "none") && output.status.success() {
                continue;
            }
            let said = failed(&output);
            assert!(said.contains("backup"), "{name}, {key}: no way out: {said}");
            for riddle in ["(code", "internal", "invalid data", "free some space"] {
                assert!(!said.contains(riddle), "{name}, {key}: {said}");
            }
            let lines = String::from_utf8_lossy(&output.stderr).lines().count();
            assert_eq!(lines, 1, "{name}, {key}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(std::fs::read(&database).expect("the database"), bytes, "{name}, {key}: it was changed");
        }
    }
}

#[test]
fn a_wrong_key_is_one_line_on_standard_error() {
    let data = Data::default();
    succeeded(&history_ls(&data.data(), "file").output().expect("it runs"));
    std::fs::write(data.data().join("store.key"), "0".repeat(64)).expect("it is writable");
    let output = history_ls(&data.data(), "file").output().expect("it runs");
    assert!(failed(&output).contains("can't be opened with the key at hand"));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
}

#[test]
fn no_log_level_writes_the_key_down() {
    for level in ["sqlx::query=trace", "trace", "sqlx=trace,sqlx_core=trace,sqlx_sqlite=trace", "[]=trace"] {
        let data = Data::default();
        for _ in 0..2 {
            succeeded(&history_ls(&data.data(), "file").env("LETHE_LOG", level).output().expect("it runs"));
        }
        let key = std::fs::read_to_string(data.data().join("store.key")).expect("the key");
        let log = std::fs::read_to_string(data.data().join("logs/lethe.log")).expect("the log");
        assert!(!log.to_lowercase().contains(key.trim()) && !log.contains("PRAGMA"), "{level}: {log}");
    }
}

#[test]
#[cfg(unix)]
fn an_odd_data_folder_is_said_or_used() {
    use std::os::unix::ffi::OsStrExt;
    let data = Data::default();
    let gone = data.path().join("gone");
    std::os::unix::fs::symlink("/nowhere/data", &gone).expect("a link");
    let not_text = data.path().join(std::ffi::OsStr::from_bytes(b"data-\xff"));
    for (folder, wanted) in [(&gone, "leads nowhere"), (&not_text, "not Unicode")] {
        let said = failed(&history_ls(folder, "none").output().expect("it runs"));
        assert!(said.contains(wanted) && said.contains("--data-dir"), "{said}");
    }
    assert!(!gone.exists() && !not_text.exists());

    // A home that is not Unicode, and an empty variable, which is one that is not set.
    let home = |home: &Path| {
        let mut command = Command::new(program("lethe-cli"));
        command.args(["history", "ls"]).env("LETHE_KEY", "none").env("LETHE_DATA_DIR", "").env("HOME", home);
        command.env_remove("XDG_DATA_HOME").output().expect("it runs")
    };
    assert!(failed(&home(&not_text)).contains("not Unicode"));
    let plain = data.path().join("home 'of' \"quotes\" $(id)\nand lines ü");
    std::fs::create_dir(&plain).expect("it is made");
    succeeded(&home(&plain));
}

#[test]
#[cfg(unix)]
fn links_in_the_data_folder_are_not_written_through() {
    let data = Data::default();
    let victim = data.file("victim", "untouched");
    std::fs::create_dir_all(data.data().join("logs")).expect("it is made");
    for name in ["lethe.lock", "opening.lock", "open.lock", "sweep.lock", "lethe.db.new", "logs/lethe.log"] {
        std::os::unix::fs::symlink(&victim, data.data().join(name)).expect("a link");
    }
    let list = data.file("people.jsonl", "{\"id\":\"a\",\"kind\":\"person\",\"text\":\"Wanda Beispiel\"}\n");
    succeeded(&history_ls(&data.data(), "none").output().expect("it runs"));
    succeeded(&data.cli().args(["list", "add"]).arg(list).output().expect("it runs"));
    assert_eq!(std::fs::read_to_string(&victim).expect("it is there"), "untouched");
}

/// Killed between a deletion, or a look at another answer, and the end of the answer that was being written.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_sees_any_more_do_not_keep_lethe_from_opening() {
    let data = Data::default();
    let text = UserText::parse("Who founded the society?").expect("a question");
    let piece = Filter::new(Vec::new(), Detectors::default()).expect("a filter").filter("It was founded ");
    let (deleted, hidden, seen) = {
        let lethe = data.open().await.expect("a new folder opens");
        let history = lethe.history();
        let mut conversations = Vec::new();
        for _ in 0..3 {
            let (_, mut answer) = history.begin(None, &text, "model").await.expect("it is begun");
            answer.append(&piece).await.expect("it is written");
            conversations.push((answer.conversation(), answer.message()));
        }
        history.delete(conversations[0].0).await.expect("it is there");
        let mut again = history.begin_again(conversations[1].0, "model").await.expect("it is begun");
        again.append(&piece).await.expect("it is written");
        // Nothing ends the answers, but the folder is free at once.
        lethe.close().await;
        (conversations[0].0, conversations[1], conversations[2].0)
    };
    let lethe = data.open().await.expect("a failed recovery of one answer is no reason not to open");
    assert!(lethe.history().open(deleted).await.is_err(), "a deleted conversation came back");
    let shown = lethe.history().show_variant(hidden.1, 1).await.expect("it is there");
    for conversation in [shown, lethe.history().open(seen).await.expect("it is there")] {
        let text = lethe_core::chat::export::markdown(&conversation);
        assert!(text.contains("It was founded") && text.contains("(interrupted)"), "{text}");
    }
}
