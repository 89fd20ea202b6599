//! The canary: the model is made to say something listed, and every byte that the product wrote is searched for it.

use lethe_core::base::settings::Settings;
use lethe_core::chat::history::UserText;
use lethe_core::chat::turn::{ChatEvent, Options};
use lethe_core::{Code, chat::export};
use lethe_tests::{Data, succeeded};
use tokio::sync::mpsc::unbounded_channel;

/// What the model says, word for word. All of it is invented.
const SAID: &str =
    "Ask Wanda Beispiel in Musterhausen, wanda@example.org, 84.72.131.17 or CH9300762011623852957. Not Wandas.";
const LIST: &str = "{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"Wanda Beispiel\"}\n";
const CANARIES: &[&str] = &[
    "Wanda Beispiel",
    "Beispiel",
    "wanda@example.org",
    "CH9300762011623852957",
    "84.72.131.17",
    "beispiel",
    "ch93007620",
];

fn options(lists: Vec<lethe_core::lists::file::NamedList>) -> Options {
    let settings = Settings { temperature: 0.0, seed: Some(1), ..Settings::default() };
    let grammar = Some(format!("root ::= \"{SAID}\""));
    Options { settings: Some(settings), grammar, lists, ..Options::default() }
}

fn question() -> UserText {
    UserText::parse("Whom should I ask?").expect("a question")
}

#[tokio::test]
async fn what_is_listed_is_nowhere() {
    let data = Data::default();
    let list = data.file("people.jsonl", LIST);
    let lethe = data.open_with_model().await;
    lethe_core::base::log::begin(lethe.paths());
    lethe.lists().import(&list).await.expect("the list is good");
    let (events, mut heard) = unbounded_channel();
    lethe.turns().send(None, &question(), &options(Vec::new()), &events).await.expect("an answer");
    let mut streamed = String::new();
    let mut all = String::new();
    while let Ok(event) = heard.try_recv() {
        if let ChatEvent::Text { segments, .. } = &event {
            streamed.push_str(&export::source(segments));
        }
        all.push_str(&serde_json::to_string(&event).expect("JSON"));
    }
    assert_eq!(
        streamed,
        "Ask [removed: person] in Musterhausen, [removed: email], [removed: ip] or [removed: iban]. Not Wandas."
    );
    let id = lethe.history().list().await.expect("the list")[0].id;
    let conversation = lethe.history().open(id).await.expect("it opens");
    all.push_str(&export::markdown(&conversation));
    all.push_str(&export::json(&conversation).expect("JSON"));
    let receipt = lethe.history().receipt(conversation.messages[1].id).await.expect("a receipt").expect("it has one");
    all.push_str(&format!("{receipt:?}"));
    assert_eq!(receipt.redactions.len(), 4, "each removal is on the receipt");
    assert_eq!(receipt.redactions[0].entry.as_deref(), Some("p1"));
    for canary in CANARIES {
        assert!(!all.contains(canary), "{canary} reached the screen, an export or a receipt");
        assert!(lethe.history().search(canary).await.expect("a search").is_empty(), "{canary} is found by search");
        let files = data.files_with(canary.as_bytes());
        assert!(files.is_empty(), "{canary} is in {files:?}");
    }
    lethe.close().await;
    for canary in CANARIES {
        assert!(data.files_with(canary.as_bytes()).is_empty(), "{canary} came to disk at the end");
    }
    let text = succeeded(&data.cli().args(["history", "export"]).output().expect("it runs"));
    assert!(text.contains("[removed: person]") && CANARIES.iter().all(|canary| !text.contains(canary)), "{text}");
}

#[tokio::test]
async fn without_the_list_it_would_be_found() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, _) = unbounded_channel();
    let answer = lethe.turns().send(None, &question(), &options(Vec::new()), &events).await.expect("an answer");
    assert!(answer.text.as_str().contains("Wanda Beispiel"), "{}", answer.text.as_str());
    lethe.close().await;
    assert!(!data.files_with(b"Wanda Beispiel").is_empty(), "the search of the canary test finds nothing at all");
}

#[tokio::test]
async fn a_list_that_comes_later_covers_what_was_stored() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, _) = unbounded_channel();
    lethe.turns().send(None, &question(), &options(Vec::new()), &events).await.expect("an answer");
    let list = data.file("people.jsonl", LIST);
    let view = lethe.lists().import(&list).await.expect("the list is good");
    let id = lethe.history().list().await.expect("the list")[0].id;
    let shown = export::markdown(&lethe.history().open(id).await.expect("it opens"));
    assert!(!shown.contains("Beispiel") && shown.contains("[removed: person]"), "{shown}");
    let hits = lethe.history().search("Musterhausen").await.expect("a search");
    assert!(hits.iter().all(|hit| hit.snippet.iter().all(|part| !part.text.contains("Beispiel"))));
    lethe.lists().enable(&view.id, false).await.expect("it is switched off");
    let shown = export::markdown(&lethe.history().open(id).await.expect("it opens"));
    assert!(shown.contains("Beispiel"), "a list that is off does nothing: {shown}");
}

#[tokio::test]
async fn a_damaged_list_stops_answers_and_says_why() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let list = data.file("people.jsonl", LIST);
    let view = lethe.lists().import(&list).await.expect("the list is good");
    let copy = std::fs::read_dir(lethe.paths().lists()).expect("the folder").flatten().next().expect("a copy").path();
    std::fs::write(&copy, LIST.replace("Wanda", "Wonda")).expect("it can be damaged");
    lethe.close().await;
    let lethe = data.open().await.expect("it opens");
    let (events, _) = unbounded_channel();
    let refused = lethe
        .turns()
        .send(None, &question(), &options(Vec::new()), &events)
        .await
        .err()
        .expect("no answer without the list");
    assert_eq!(refused.code, Code::Filter);
    assert!(refused.message.contains("people") && refused.message.contains("import it again"), "{refused}");
    assert!(lethe.history().list().await.expect("the list").is_empty(), "nothing was begun");
    lethe.lists().enable(&view.id, false).await.expect("it is switched off");
    lethe.turns().send(None, &question(), &options(Vec::new()), &events).await.expect("an answer");
}

#[tokio::test]
async fn an_encrypted_store_shows_nothing_at_all() {
    let data = Data::default();
    let mut command = data.cli();
    command.env("LETHE_KEY", "file");
    let model = lethe_tests::starter_model();
    let said = |command: &mut std::process::Command| succeeded(&command.output().expect("it runs"));
    said(command.args(["model", "import"]).arg(model));
    let mut command = data.cli();
    said(command.args(["ask", "--max-tokens", "8", "A word: Quillfeather."]));
    assert!(data.files_with(b"Quillfeather").is_empty(), "the store is readable");
    assert!(data.files_with(b"SQLite format 3").is_empty(), "the store is no ciphertext");
    let found = said(data.cli().args(["history", "search", "quillfeather"]));
    assert!(found.contains("Quillfeather"), "{found}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = std::fs::metadata(data.data().join("store.key")).expect("the key").permissions().mode();
        assert_eq!(rights & 0o077, 0, "others can read the key");
    }
    std::fs::write(data.data().join("store.key"), "0".repeat(64)).expect("it is writable");
    let output = data.cli().args(["history", "ls"]).output().expect("it runs");
    let sentence = lethe_tests::failed(&output);
    assert!(sentence.contains("store.key"), "{sentence}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.trim().lines().count(), 1, "SQLCipher writes lines of its own: {said}");
}
