//! The queue without engine, window and network: what each action makes of each state, and what a run leaves behind.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use lethe_network::Client;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::row::{DownloadRow, StoredFile, StoredState};
use super::*;
use crate::base::key::KeyWish;
use crate::base::secrets::Secrets;
use crate::models::remote::Remotes;

const ID: &str = "acorn/small@0123456789abcdef0123456789abcdef01234567/Q4_1";

struct Queue {
    downloads: Downloads,
    _folder: TempDir,
}

impl Queue {
    /// With these downloads in the database when it is opened, and no network.
    async fn with(rows: &[DownloadRow]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(&folder.path().join("data"), &folder.path().join("engine")).expect("a folder");
        let store = Arc::new(Store::open(&paths, KeyWish::None).await.expect("a fresh database"));
        for row in rows {
            row.insert(&store).await.expect("it is kept");
            if row.state == StoredState::Failed {
                DownloadRow::set_failed(&store, &row.id, "the server answered with 500").await.expect("it is kept");
            }
        }
        let client = Client::offline();
        let secrets = Secrets::new(store.clone(), &paths);
        let models = Models::new(store.clone(), Remotes::new(store.clone(), secrets.clone(), client.clone()));
        let terms = Terms::new(store.clone());
        let parts = Parts {
            hub: ModelHub::new(secrets, client.clone(), models.clone()),
            converter: Arc::new(Converter::new(paths.clone(), models.clone(), terms.clone())),
            store,
            paths,
            client,
            terms,
            models,
            closing: CancellationToken::new(),
        };
        Self { downloads: Downloads::open(parts, None).await.expect("it is readable"), _folder: folder }
    }

    fn state(&self) -> Option<DownloadState> {
        self.downloads.get(ID).ok().map(|view| view.state)
    }

    async fn stored(&self) -> Option<DownloadRow> {
        DownloadRow::get(&self.downloads.parts.store, ID).await.expect("it is readable")
    }

    async fn run(&self) -> Code {
        self.downloads.run(ID).await.expect_err("there is no network").code
    }
}

fn row(state: StoredState) -> DownloadRow {
    DownloadRow {
        id: ID.to_owned(),
        name: "Small Q4_1".to_owned(),
        repository: "acorn/small".to_owned(),
        revision: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        variant: "Q4_1".to_owned(),
        files: vec![StoredFile {
            path: "small.gguf".to_owned(),
            bytes: 4,
            sha256: Some("ab".repeat(32)),
            oid: "cd".repeat(20),
        }],
        converts: false,
        state,
        problem: None,
        model: None,
    }
}

/// What an action makes of a download that nobody works on.
#[tokio::test]
async fn table_of_actions() {
    use DownloadState as View;
    let rows = [
        (StoredState::Queued, "pause", View::Paused, StoredState::Paused),
        (StoredState::Queued, "resume", View::Queued, StoredState::Queued),
        (StoredState::Paused, "pause", View::Paused, StoredState::Paused),
        (StoredState::Paused, "resume", View::Queued, StoredState::Queued),
        (StoredState::Failed, "pause", View::Failed, StoredState::Failed),
        (StoredState::Failed, "resume", View::Queued, StoredState::Queued),
        (StoredState::Done, "pause", View::Done, StoredState::Done),
        (StoredState::Done, "resume", View::Done, StoredState::Done),
    ];
    for (before, action, view, after) in rows {
        let queue = Queue::with(&[row(before)]).await;
        match action {
            "pause" => queue.downloads.pause(ID).await.expect("it is there"),
            _ => queue.downloads.resume(ID).await.expect("it is there"),
        }
        let stored = queue.stored().await.map(|row| row.state);
        assert_eq!((queue.state(), stored), (Some(view), Some(after)), "{action} of {before:?}");
        let view = queue.downloads.get(ID).expect("it is there");
        assert_eq!(view.error.is_some(), view.state == View::Failed, "{action} of {before:?}: {:?}", view.error);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let queue = Queue::with(&[]).await;
    let downloads = &queue.downloads;
    let outcomes = [downloads.pause(ID).await, downloads.resume(ID).await, downloads.cancel(ID).await];
    for outcome in outcomes {
        assert_eq!(outcome.map_err(|error| error.code), Err(Code::NotFound));
    }
    assert_eq!(queue.run().await, Code::NotFound);
}

#[tokio::test]
async fn a_download_that_another_program_removed_leaves_the_list() {
    let queue = Queue::with(&[row(StoredState::Queued)]).await;
    DownloadRow::delete(&queue.downloads.parts.store, ID).await.expect("the other program does this");
    assert_eq!(queue.run().await, Code::NotFound);
    assert_eq!(queue.state(), None, "there is nothing to show");
}

#[tokio::test]
async fn without_network_it_waits_in_the_queue() {
    let queue = Queue::with(&[row(StoredState::Queued)]).await;
    for _ in 0..2 {
        assert_eq!(queue.run().await, Code::Offline);
        let view = queue.downloads.get(ID).expect("it is there");
        assert_eq!(view.state, DownloadState::Queued);
        assert!(view.text.is_some_and(|text| text.contains("when requests are allowed")), "it says what it waits for");
    }
    assert_eq!(queue.stored().await.map(|row| row.state), Some(StoredState::Queued), "and goes on at the next start");
}

#[tokio::test]
async fn a_paused_one_is_not_worked_on() {
    let queue = Queue::with(&[row(StoredState::Queued)]).await;
    DownloadRow::set_state(&queue.downloads.parts.store, ID, StoredState::Paused)
        .await
        .expect("another program paused it");
    assert_eq!(queue.run().await, Code::Busy);
    assert_eq!(queue.state(), Some(DownloadState::Paused));
}

#[tokio::test]
async fn one_that_another_program_works_on_waits() {
    let queue = Queue::with(&[row(StoredState::Queued)]).await;
    let claim = row(StoredState::Queued).claim(&queue.downloads.parts.paths).expect("nobody works on it");
    assert_eq!(queue.run().await, Code::Busy);
    assert_eq!(queue.state(), Some(DownloadState::Queued));
    assert_eq!(queue.downloads.cancel(ID).await.map_err(|error| error.code), Err(Code::Busy), "not under its hands");
    drop(claim);
    assert_eq!(queue.run().await, Code::Offline, "now it is worked on here");
}

#[tokio::test]
async fn a_damaged_one_fails_and_says_so_after_a_restart() {
    let queue = Queue::with(&[DownloadRow { files: Vec::new(), ..row(StoredState::Queued) }]).await;
    assert_eq!(queue.run().await, Code::Store);
    let view = queue.downloads.get(ID).expect("it is there");
    assert_eq!(view.state, DownloadState::Failed);
    assert!(view.error.is_some_and(|error| error.message.contains("damaged")));
    let stored = queue.stored().await.expect("it is there");
    assert!(stored.view().text.is_some_and(|text| text.contains("damaged")), "the reason is kept");
}

#[tokio::test]
async fn a_run_that_is_given_up_leaves_the_download_free() {
    let queue = Queue::with(&[row(StoredState::Queued)]).await;
    {
        let mut running = pin!(queue.downloads.run(ID));
        tokio::select! {
            biased;
            _ = &mut running => panic!("it waits for the database first"),
            () = std::future::ready(()) => {}
        }
        assert_eq!(queue.run().await, Code::Busy, "one run at a time");
    }
    assert_eq!(queue.run().await, Code::Offline, "the next one is not told that another is under way");
}

#[tokio::test]
async fn what_is_cancelled_leaves_no_file() {
    let queue = Queue::with(&[row(StoredState::Paused)]).await;
    let paths = queue.downloads.parts.paths.clone();
    let folder = row(StoredState::Paused).folder(&paths);
    std::fs::create_dir_all(&folder).expect("a folder");
    let parts = lethe_hub::download::leftovers(&folder.join("small.gguf"));
    assert!(!parts.is_empty(), "a download has parts");
    for part in &parts {
        std::fs::write(part, "half").expect("it is written");
    }
    queue.downloads.cancel(ID).await.expect("nobody works on it");
    assert_eq!((queue.state(), queue.stored().await), (None, None));
    let left = |path: &Path| std::fs::read_dir(path).map_or(0, Iterator::count);
    assert_eq!(left(&paths.models_folder()), 0, "its folders go as well");
}
