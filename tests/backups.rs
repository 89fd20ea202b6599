//! Backups through `lethe-cli`: made, taken along, checked, put back, and never a way past the lists of now.

use std::process::Output;

use lethe_core::chat::history::UserText;
use lethe_filters::{Detectors, Filter};
use lethe_tests::{Data, failed, succeeded};

const ANSWER: &str = "It is Zephyrine Quillfeather.";
const LIST: &str = "{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"Zephyrine Quillfeather\"}\n";

/// A history with one answer, which nothing has filtered yet.
async fn with_answer() -> Data {
    let data = Data::default();
    let lethe = data.open().await.expect("a new folder opens");
    let question = UserText::parse("Who is the keeper?").expect("a question");
    let (_, mut answer) = lethe.history().begin(None, &question, "model").await.expect("it is begun");
    let filter = Filter::new(Vec::new(), Detectors::default()).expect("a filter");
    answer.append(&filter.filter(ANSWER)).await.expect("it is written");
    drop(answer);
    lethe.close().await;
    data
}

fn backup(data: &Data, words: &[&str]) -> Output {
    let mut command = data.cli();
    command.arg("backup").args(words).env("LETHE_PASSPHRASE", "correct horse").output().expect("it runs")
}

fn exported(data: &Data) -> String {
    succeeded(&data.cli().args(["history", "export"]).output().expect("it runs"))
}

#[tokio::test]
async fn what_a_list_names_comes_back_from_no_backup() {
    let data = with_answer().await;
    assert!(exported(&data).contains(ANSWER));
    // One that no sweep reaches, and one that it does.
    let along = data.path().join("along.lethe");
    let along = along.to_str().expect("a path in Unicode");
    succeeded(&backup(&data, &["create", "--to", along, "--passphrase"]));
    succeeded(&backup(&data, &["create"]));
    let list = data.file("people.jsonl", LIST);
    succeeded(&data.cli().args(["list", "add"]).arg(&list).output().expect("it runs"));
    assert!(data.files_with(b"Quillfeather").is_empty(), "backups are swept too");
    for from in [Some(along), None] {
        succeeded(&backup(&data, &["restore"].into_iter().chain(from).collect::<Vec<_>>()));
        assert!(data.files_with(b"Quillfeather").is_empty(), "it is swept before anybody looks: {from:?}");
        let text = exported(&data);
        assert!(text.contains("It is [removed: person].") && !text.contains("Quillfeather"), "{from:?}: {text}");
    }
}

#[tokio::test]
async fn backups_are_listed_checked_and_put_back() {
    let data = with_answer().await;
    let made = succeeded(&backup(&data, &["create"]));
    let (path, name) = (made.trim(), made.trim().rsplit(['/', '\\']).next().expect("a name"));
    assert!(succeeded(&backup(&data, &["ls"])).contains(name), "it is listed");
    assert_eq!(succeeded(&backup(&data, &["verify"])), format!("{path}: good\n"));

    let lethe = data.open().await.expect("it opens");
    let conversation = lethe.history().list().await.expect("the list")[0].id;
    lethe.delete(conversation).await.expect("it is there");
    lethe.close().await;
    assert!(!exported(&data).contains("keeper"), "nothing is left");
    succeeded(&backup(&data, &["restore", name]));
    assert!(exported(&data).contains(ANSWER), "it is back");
    assert_eq!(succeeded(&backup(&data, &["ls"])).lines().count(), 2, "what was replaced is a backup too");

    let mut bytes = std::fs::read(path).expect("it is readable");
    let half = bytes.len() / 2;
    bytes[half..half + 4096].fill(0xaa);
    std::fs::write(path, bytes).expect("it is written");
    let bad = failed(&backup(&data, &["verify", name]));
    assert!(bad.contains("a backup is not good"), "{bad}");
    let refused = failed(&backup(&data, &["restore", name]));
    assert!(refused.contains("damaged") || refused.contains("not good"), "{refused}");
    assert!(exported(&data).contains(ANSWER), "a bad one takes nothing away");
}

#[tokio::test]
async fn a_file_to_take_along_needs_its_passphrase() {
    let data = with_answer().await;
    let along = data.path().join("along.lethe");
    let along = along.to_str().expect("a path in Unicode");
    succeeded(&backup(&data, &["create", "--to", along, "--passphrase"]));
    assert!(!std::fs::read(along).expect("it is there").windows(12).any(|bytes| bytes == b"Quillfeather"));
    let again = failed(&backup(&data, &["create", "--to", along, "--passphrase"]));
    assert!(again.contains("already"), "nothing is written over: {again}");
    let mut wrong = data.cli();
    wrong.args(["backup", "restore", along]).env("LETHE_PASSPHRASE", "incorrect horse");
    let wrong = failed(&wrong.output().expect("it runs"));
    assert!(wrong.contains("passphrase"), "{wrong}");
    let elsewhere = Data::default();
    succeeded(&backup(&elsewhere, &["restore", along]));
    assert!(exported(&elsewhere).contains(ANSWER), "on another computer");
}
