//! The list of models: what is the same file twice, and what deleting one means.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lethe_core::base::settings::Settings;
use lethe_core::models::deletion::DeletionScope;
use lethe_core::models::inspection::inspect;
use lethe_core::upkeep::Rhythm;
use lethe_core::view::AppEvent;
use lethe_core::{Code, Lethe};
use lethe_tests::{Data, starter_model};
use tokio::sync::mpsc::unbounded_channel;

/// No round comes while a test runs.
const NEVER: Rhythm = Rhythm { first: Duration::from_secs(3600), round: Duration::from_secs(3600) };

fn copied(data: &Data, name: &str) -> PathBuf {
    data.file(name, std::fs::read(starter_model()).expect("readable"))
}

/// The same model with other weights: as long, and another file.
fn altered(data: &Data, name: &str) -> PathBuf {
    let mut bytes = std::fs::read(starter_model()).expect("readable");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    data.file(name, bytes)
}

async fn import(lethe: &Lethe, path: &Path) -> String {
    lethe.models().import(path).await.expect("it is whole").id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_twice_is_named_by_its_content_and_not_by_its_size() {
    let data = Data::default();
    let lethe = Arc::new(data.open().await.expect("a fresh folder opens"));
    let one = import(&lethe, &copied(&data, "one.gguf")).await;
    let (events, mut heard) = unbounded_channel();
    let upkeep = tokio::spawn(lethe.clone().upkeep(NEVER, move |event| {
        let _ = events.send(event);
    }));
    let other = import(&lethe, &altered(&data, "other.gguf")).await;
    let again = import(&lethe, &copied(&data, "again.gguf")).await;
    let twins = loop {
        // The window reads the list anew when it hears of it.
        match heard.recv().await.expect("upkeep goes on") {
            AppEvent::Models => {}
            _ => continue,
        }
        let models = lethe.models().all().await.expect("the list");
        let of = |id: &str| models.iter().find(|model| model.id == id).expect("it is there").duplicates.clone();
        if !of(&one).is_empty() {
            break [of(&one), of(&other), of(&again)];
        }
    };
    assert_eq!(twins, [vec![again.clone()], vec![], vec![one]]);
    upkeep.abort();
    lethe.close().await;
}

#[tokio::test]
async fn deleting_says_what_it_frees_and_leaves_what_is_not_its_own() {
    let data = Data::default();
    let lethe = data.open().await.expect("a fresh folder opens");
    let foreign = copied(&data, "foreign.gguf");
    let own = data.data().join("models/acorn/Small/own.gguf");
    std::fs::create_dir_all(own.parent().expect("a folder")).expect("there is room");
    std::fs::copy(&foreign, &own).expect("there is room");
    let size = std::fs::metadata(&own).expect("it is there").len();
    for (path, frees, stays) in [(&foreign, 0, true), (&own, size, false)] {
        let id = import(&lethe, path).await;
        let deletion = lethe.deletions().preview(&id).await.expect("it is known");
        assert_eq!((deletion.frees, deletion.own), (frees, !stays), "{}", path.display());
        assert_eq!(deletion.note.is_some(), stays, "what stays is said");
        lethe.deletions().delete(&id, DeletionScope::Files).await.expect("it is deleted");
        assert_eq!(path.exists(), stays, "{}", path.display());
    }
    assert!(!data.data().join("models/acorn").exists(), "no empty folders are left");
    assert!(data.data().join("models").is_dir());
    assert_eq!(lethe.models().all().await.expect("the list"), []);

    std::fs::create_dir_all(own.parent().expect("a folder")).expect("there is room");
    std::fs::copy(&foreign, &own).expect("there is room");
    let kept = import(&lethe, &own).await;
    lethe.deletions().delete(&kept, DeletionScope::ListOnly).await.expect("it is forgotten");
    assert!(own.is_file(), "who only forgets it deletes nothing");
    lethe.close().await;
}

#[tokio::test]
async fn only_a_terminal_takes_in_a_file_by_its_path() {
    let data = Data::default();
    let lethe = data.open().await.expect("a fresh folder opens");
    let path = copied(&data, "somewhere.gguf").display().to_string();
    let error = lethe.select_model(&path).await.expect_err("no model of the list");
    assert_eq!(error.code, Code::NoModel);
    assert!(inspect(lethe.models(), &path).await.is_err() && lethe.pages().page(&path).await.is_err());
    let named = Settings { model: Some(path.clone()), ..lethe.settings() };
    lethe.set_settings(named).await.expect("settings may name what is gone");
    assert_eq!(lethe.warm_up().await.expect_err("there is no model").code, Code::NoModel);
    assert_eq!(lethe.models().all().await.expect("the list"), []);
    lethe.models().find_or_import(&path).await.expect("what a person typed is taken in");
    assert_eq!(lethe.models().all().await.expect("the list").len(), 1);
    lethe.models().find(&path).await.expect("and is found by its path then");
    lethe.close().await;
}
