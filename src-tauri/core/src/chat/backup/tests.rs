use keyring_core::mock;
use lethe_filters::{Detectors, FilteredText};
use std::path::{Path, PathBuf};

use super::*;
use crate::base::key::KeyWish;
use crate::base::store::Presence;
use crate::chat::history::tests::without_lists;
use crate::chat::history::{End, MessageState, UserText};
use crate::lists::filter::State;

const DAY: i64 = 24 * 60 * 60 * 1000;
const NOW: i64 = 1_795_953_600_000;
/// What a list names later.
const NAME: &str = "Zephyrine Quillfeather";

struct Folder {
    folder: tempfile::TempDir,
    paths: Paths,
    keychain: Keychain,
    wish: KeyWish,
}

fn filtered(text: &str) -> FilteredText {
    lethe_filters::Filter::new(Vec::new(), Detectors::none()).expect("a filter").filter(text)
}

/// A list with one name in force.
fn naming() -> Arc<State> {
    let line = format!("{{\"id\":\"a\",\"kind\":\"person\",\"text\":\"{NAME}\"}}\n");
    let list = lethe_filters::List::from_jsonl("people", &line).expect("a list");
    let filter = lethe_filters::Filter::new(vec![list], Detectors::default()).expect("a filter");
    Arc::new(State { filter, ..State::bare(Detectors::default()) })
}

impl Folder {
    fn new(wish: KeyWish) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(&folder.path().join("data"), &folder.path().join("engine")).expect("a data folder");
        Self { folder, paths, keychain: Keychain::Other(mock::Store::new().expect("a keychain")), wish }
    }

    async fn open(&self) -> Arc<Store> {
        Arc::new(Store::open_with(&self.paths, self.wish, self.keychain.clone()).await.expect("it opens"))
    }

    fn backups(&self, store: &Arc<Store>) -> Backups {
        Backups::new(store.clone(), self.paths.clone())
    }

    async fn restore(&self, from: Option<&Path>) -> Result<Restored> {
        restore(&self.paths, self.wish, &self.keychain, from, None, NOW).await
    }

    /// Files of the data folder that hold some bytes.
    fn holding(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).expect("it is readable");
                    if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                        found.push(path);
                    }
                }
            }
        }
        found
    }
}

async fn say(store: &Arc<Store>, answer: &str) {
    let history = without_lists(store);
    let question = UserText::parse("Who founded the society?").expect("a question");
    let (_, mut open) = history.begin(None, &question, "model").await.expect("it is begun");
    open.append(&filtered(answer)).await.expect("it is written");
    let end = End { state: MessageState::Complete, note: None, stats: None, receipt: None };
    open.finish(end).await.expect("it is finished");
}

async fn texts(store: &Arc<Store>) -> Vec<String> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT text FROM message WHERE role = 'assistant' ORDER BY id")
        .fetch_all(store.pool())
        .await
        .expect("they are readable");
    rows.into_iter().map(|(text,)| text).collect()
}

#[tokio::test]
async fn a_backup_is_encrypted_whole_and_comes_back() {
    for wish in [KeyWish::Best, KeyWish::File, KeyWish::None] {
        let folder = Folder::new(wish);
        let store = folder.open().await;
        say(&store, "the first answer").await;
        let made = folder.backups(&store).create(BackupReason::Asked, NOW, None).await.expect("a backup");
        assert_eq!(crate::base::store::is_plain(&made.path).expect("it is readable"), wish == KeyWish::None);
        verify(&folder.paths, &folder.keychain, &made.path).await.expect("it is good");
        say(&store, "the second answer").await;

        let refused = folder.restore(None).await.expect_err("the folder is open");
        assert_eq!(refused.code, Code::Busy, "{refused}");
        store.close().await;
        drop(store);
        let restored = folder.restore(None).await.expect("it comes back");
        assert_eq!((restored.conversations, restored.settings_of_backup), (1, false), "{restored:?}");
        let store = folder.open().await;
        assert_eq!(texts(&store).await, ["the first answer"]);
        assert_eq!(without_lists(&store).search("first").await.expect("the index").len(), 1);
        store.close().await;
        drop(store);

        // What was replaced is a backup itself.
        let aside = restored.aside.expect("it was kept");
        folder.restore(Some(&aside)).await.expect("it comes back");
        assert_eq!(texts(&folder.open().await).await, ["the first answer", "the second answer"]);
    }
}

#[tokio::test]
async fn daily_backups_are_made_once_a_day_and_rotate() {
    let folder = Folder::new(KeyWish::File);
    let store = folder.open().await;
    let backups = folder.backups(&store);
    assert!(backups.daily(NOW).await.expect("it is due").is_some());
    assert!(backups.daily(NOW + DAY - 1).await.expect("it is not due").is_none());
    for day in 1..30 {
        assert!(backups.daily(NOW + day * DAY).await.expect("it is due").is_some(), "day {day}");
    }
    let kept = list(&folder.paths).expect("they are listed");
    assert!((folders::DAYS..=folders::DAYS + folders::WEEKS).contains(&kept.len()), "{kept:?}");
    assert_eq!(kept[0].name.at, NOW + 29 * DAY, "the newest first");
}

#[tokio::test]
async fn what_a_list_names_later_is_in_no_backup() {
    // Not encrypted, so that raw bytes can be searched; and encrypted, which takes the same way.
    for wish in [KeyWish::None, KeyWish::File] {
        let folder = Folder::new(wish);
        let elsewhere = folder.folder.path().join("elsewhere");
        let store = folder.open().await;
        say(&store, &format!("It was {NAME}, says the model.")).await;
        let backups = folder.backups(&store);
        backups.create(BackupReason::Asked, NOW, None).await.expect("a backup");
        backups.create(BackupReason::Asked, NOW, Some(&elsewhere)).await.expect("a backup elsewhere");
        // An answer that is being written while the backup is made.
        let question = UserText::parse("Who else?").expect("a question");
        let (_, mut open) = without_lists(&store).begin(None, &question, "model").await.expect("it is begun");
        open.append(&filtered(&format!("Also {NAME}"))).await.expect("it is written");
        backups.create(BackupReason::Daily, NOW, None).await.expect("a backup");
        open.finish(End { state: MessageState::Complete, note: None, stats: None, receipt: None }).await.expect("done");
        if wish == KeyWish::None {
            assert!(folder.holding(NAME).len() >= 3, "this search finds nothing at all");
        }
        let swept = backups.sweep(&naming(), &|| false).await.expect("it sweeps").expect("to the end");
        assert_eq!(swept, SweptBackups { checked: 3, rewritten: 3, ..SweptBackups::default() });
        let left = folder.holding(NAME);
        assert!(
            left.iter()
                .all(|path| path.starts_with(folder.paths.data()) && path.parent() != Some(&folder.paths.backups())),
            "{left:?}"
        );
        let again = backups.sweep(&naming(), &|| false).await.expect("it sweeps").expect("to the end");
        assert_eq!((again.checked, again.rewritten), (3, 0), "nothing is left to do");
        for file in list(&folder.paths).expect("they are listed") {
            verify(&folder.paths, &folder.keychain, &file.path).await.expect("it is good");
        }
        store.close().await;
        drop(store);
        folder.restore(None).await.expect("it comes back");
        let texts = texts(&folder.open().await).await;
        assert!(texts.iter().all(|text| !text.contains("Quillfeather")), "{texts:?}");
        assert!(texts[0].starts_with("It was [removed: person]"), "{texts:?}");
    }
}

#[tokio::test]
async fn damaged_backups_are_passed_over() {
    let folder = Folder::new(KeyWish::File);
    let store = folder.open().await;
    say(&store, "the first answer").await;
    let backups = folder.backups(&store);
    let good = backups.create(BackupReason::Asked, NOW, None).await.expect("a backup");
    let cut = backups.create(BackupReason::Asked, NOW + 1, None).await.expect("a backup");
    let torn = backups.create(BackupReason::Asked, NOW + 2, None).await.expect("a backup");
    let bytes = std::fs::read(&cut.path).expect("it is readable");
    std::fs::write(&cut.path, &bytes[..bytes.len() / 2]).expect("it is cut");
    let mut bytes = std::fs::read(&torn.path).expect("it is readable");
    let half = bytes.len() / 2;
    bytes[half..half + 4096].fill(0xaa);
    std::fs::write(&torn.path, bytes).expect("it is torn");
    for bad in [&cut, &torn] {
        verify(&folder.paths, &folder.keychain, &bad.path).await.expect_err("it is damaged");
    }
    store.close().await;
    drop(backups);
    drop(store);
    let restored = folder.restore(None).await.expect("an older one is good");
    assert_eq!(restored.from, good.path);
}

#[tokio::test]
async fn a_sweep_deletes_backups_that_it_can_not_clean_and_makes_one_of_now() {
    let folder = Folder::new(KeyWish::File);
    let store = folder.open().await;
    say(&store, &format!("It was {NAME}, says the model.")).await;
    let backups = folder.backups(&store);
    let torn = backups.create(BackupReason::Asked, NOW, None).await.expect("a backup");
    let bytes = std::fs::read(&torn.path).expect("it is readable");
    std::fs::write(&torn.path, &bytes[..bytes.len() / 2]).expect("it is cut");
    let swept = backups.sweep(&naming(), &|| false).await.expect("it sweeps").expect("to the end");
    assert_eq!(swept, SweptBackups { checked: 1, dropped: 1, ..SweptBackups::default() });
    assert!(!torn.path.exists(), "what can't be read can't be cleaned");
    let left = list(&folder.paths).expect("they are listed");
    assert_eq!(left.len(), 1, "one of now is there: {left:?}");
    let cut_off = backups.sweep(&naming(), &|| true).await.expect("it ends");
    assert_eq!(cut_off, None, "who is to end before the last was not through");
    verify(&folder.paths, &folder.keychain, &left[0].path).await.expect("it is good");
}

#[tokio::test]
async fn a_file_to_take_along_opens_with_its_passphrase_alone() {
    for wish in [KeyWish::File, KeyWish::None] {
        let here = Folder::new(wish);
        let store = here.open().await;
        say(&store, "the first answer").await;
        let file = here.folder.path().join("along.lethe");
        let passphrase = Passphrase::new("correct horse").expect("it is long enough");
        here.backups(&store).carry(&file, &passphrase).await.expect("it is written");
        here.backups(&store).carry(&file, &passphrase).await.expect_err("a file is not replaced");
        assert!(is_carried(&file));
        let leftovers = std::fs::read_dir(here.paths.backups()).expect("the folder").count();
        assert_eq!(leftovers, 0, "what it was made from is gone");

        let there = Folder::new(KeyWish::File);
        let restore = async |passphrase: &str| {
            let passphrase = Some(Passphrase::known(passphrase));
            restore(&there.paths, there.wish, &there.keychain, Some(&file), passphrase, NOW).await
        };
        let wrong = restore("incorrect horse").await.expect_err("that is another");
        assert!(wrong.message.contains("passphrase"), "{wrong}");
        assert_eq!(Presence::look(&there.paths).expect("a new folder"), Presence::Nothing);
        restore("correct horse\n").await.expect("it comes back");
        let store = there.open().await;
        assert_eq!(texts(&store).await, ["the first answer"]);
        assert_eq!(without_lists(&store).search("first").await.expect("the index").len(), 1);
        assert!(store.key().is_some(), "it has the key of its folder");

        let mut bytes = std::fs::read(&file).expect("it is readable");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let damaged = here.folder.path().join("damaged.lethe");
        std::fs::write(&damaged, bytes).expect("it is written");
        let other = Folder::new(KeyWish::File);
        let refused = super::restore(&other.paths, other.wish, &other.keychain, Some(&damaged), Some(passphrase), NOW);
        assert!(refused.await.expect_err("it is damaged").message.contains("damaged"));
    }
    Passphrase::new("short").expect_err("anybody can try that");
    assert_eq!(format!("{:?}", Passphrase::known("secret")), "Passphrase");
}

#[tokio::test]
async fn a_damaged_history_is_kept_and_what_can_be_read_is_read() {
    let folder = Folder::new(KeyWish::File);
    let store = folder.open().await;
    for number in 0..200 {
        say(&store, &format!("answer {number}: {}", "word ".repeat(60))).await;
    }
    folder.backups(&store).create(BackupReason::Daily, NOW, None).await.expect("a backup");
    store.close().await;
    drop(store);
    let database = folder.paths.database();
    let mut bytes = std::fs::read(&database).expect("it is readable");
    // Pages here and there: what each is for depends on the order in which they were written.
    for page in bytes.chunks_mut(4096).skip(12).step_by(24) {
        page.fill(0xaa);
    }
    std::fs::write(&database, &bytes).expect("it is damaged");

    let salvaged = salvage(&folder.paths, &folder.keychain, None, NOW + 1).await.expect("much can be read");
    assert!(salvaged.messages > 200 && salvaged.incomplete, "{salvaged:?}");
    assert_eq!(std::fs::read(&database).expect("it is readable"), bytes, "the damaged one was changed");
    let restored = folder.restore(Some(&salvaged.path)).await.expect("it is a backup like any other");
    let aside = restored.aside.expect("the damaged one is kept");
    assert_eq!(std::fs::read(aside).expect("it is readable"), bytes);
    let store = folder.open().await;
    assert_eq!(texts(&store).await.len() as u32 * 2, salvaged.messages / 2 * 2);
    store.close().await;
    drop(store);
    // A second damage does not replace what was kept of the first.
    std::fs::write(&database, &bytes).expect("it is damaged again");
    folder.restore(None).await.expect("it comes back");
    let kept = std::fs::read_dir(folder.paths.data()).expect("the folder").flatten();
    let kept = kept.filter(|file| file.file_name().to_string_lossy().starts_with("lethe.db.damaged-"));
    assert_eq!(kept.count(), 2);
}

#[tokio::test]
async fn a_history_is_backed_up_before_it_changes_its_form() {
    let folder = Folder::new(KeyWish::File);
    let store = folder.open().await;
    say(&store, "the first answer").await;
    let newest =
        crate::base::store::MIGRATIONS.iter().map(|migration| migration.version).max().expect("there are some");
    for statement in [
        "DROP INDEX message_digest".to_owned(),
        "ALTER TABLE message DROP COLUMN digest".to_owned(),
        format!("DELETE FROM _sqlx_migrations WHERE version = {newest}"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(store.pool()).await.expect("an older form");
    }
    store.close().await;
    drop(store);
    let store = folder.open().await;
    let backups = list(&folder.paths).expect("they are listed");
    assert_eq!(backups.len(), 1);
    assert_eq!(backups[0].name.reason, BackupReason::Migration);
    verify(&folder.paths, &folder.keychain, &backups[0].path).await.expect("it is good");
    assert_eq!(texts(&store).await, ["the first answer"]);
    folder.open().await;
    assert_eq!(list(&folder.paths).expect("they are listed").len(), 1, "only where something changes");
    store.close().await;
    drop(store);
    // It is of the older form, and comes back in the form of now.
    folder.restore(None).await.expect("it comes back");
    assert_eq!(texts(&folder.open().await).await, ["the first answer"]);
}

/// Only where a backup helps the window offers one.
#[tokio::test]
async fn damage_is_told_apart_from_other_failures_to_open() {
    type Spoil = fn(&Folder);
    fn change(folder: &Folder, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = std::fs::read(folder.paths.database()).expect("it is readable");
        change(&mut bytes);
        std::fs::write(folder.paths.database(), bytes).expect("it is written");
    }
    let rows: &[(&str, Code, Spoil)] = &[
        ("its beginning", Code::Damaged, |folder| change(folder, |bytes| bytes[..4096].fill(0xaa))),
        ("all but the first page", Code::Damaged, |folder| change(folder, |bytes| bytes[4096..].fill(0xaa))),
        ("cut off", Code::Damaged, |folder| change(folder, |bytes| bytes.truncate(4096))),
        ("cut in the first page", Code::Damaged, |folder| change(folder, |bytes| bytes.truncate(10))),
        ("empty", Code::Damaged, |folder| change(folder, Vec::clear)),
        ("gone", Code::Damaged, |folder| std::fs::remove_file(folder.paths.database()).expect("it goes")),
        ("a folder in its place", Code::Store, |folder| {
            std::fs::remove_file(folder.paths.database()).expect("it goes");
            std::fs::create_dir(folder.paths.database()).expect("it is made");
        }),
        ("another key", Code::Store, |folder| {
            std::fs::write(folder.paths.key_file(), "0".repeat(64)).expect("it is written");
        }),
        ("no key", Code::Store, |folder| std::fs::remove_file(folder.paths.key_file()).expect("it goes")),
    ];
    for wish in [KeyWish::File, KeyWish::None] {
        for (name, code, spoil) in rows.iter().filter(|(name, ..)| wish == KeyWish::File || !name.ends_with("key")) {
            let folder = Folder::new(wish);
            let store = folder.open().await;
            say(&store, "the first answer").await;
            folder.backups(&store).create(BackupReason::Asked, NOW, None).await.expect("a backup");
            store.close().await;
            spoil(&folder);
            let opened = Store::open_with(&folder.paths, folder.wish, folder.keychain.clone()).await;
            let error = opened.err().expect("it does not open");
            assert_eq!(error.code, *code, "{name}, {wish:?}: {error}");
            let newest = newest_good(&folder.paths, &folder.keychain).await;
            // Without the key no backup can be read either.
            let found = newest.is_ok_and(|newest| newest.is_some());
            assert_eq!(found, !name.ends_with("key"), "{name}, {wish:?}");
        }
    }
}

#[tokio::test]
async fn a_damaged_beginning_without_a_backup_is_perhaps_another_key() {
    let folder = Folder::new(KeyWish::File);
    folder.open().await.close().await;
    std::fs::write(folder.paths.database(), [0xaa; 8192]).expect("it is damaged");
    let opened = Store::open_with(&folder.paths, folder.wish, folder.keychain.clone()).await;
    assert_eq!(opened.err().expect("it does not open").code, Code::Store);
}

#[tokio::test]
async fn a_closed_history_can_be_replaced_while_something_still_holds_it() {
    let folder = Folder::new(KeyWish::File);
    let store = folder.open().await;
    say(&store, "the first answer").await;
    folder.backups(&store).create(BackupReason::Asked, NOW, None).await.expect("a backup");
    let waiting = without_lists(&store);
    store.close().await;
    folder.restore(None).await.expect("nobody has it open");
    waiting.purge(0).await.expect_err("it is closed");
    let anew = folder.open().await;
    assert!(anew.cleans_up(), "nor does the old one keep this from cleaning up");
    assert_eq!(texts(&anew).await, ["the first answer"]);
}

#[tokio::test]
async fn the_newest_good_backup_is_found() {
    let folder = Folder::new(KeyWish::File);
    let store = folder.open().await;
    assert_eq!(newest_good(&folder.paths, &folder.keychain).await.expect("none is no error"), None);
    let good = folder.backups(&store).create(BackupReason::Asked, NOW, None).await.expect("a backup");
    let bad = folder.backups(&store).create(BackupReason::Asked, NOW + 1, None).await.expect("a backup");
    std::fs::write(&bad.path, [0xaa; 8192]).expect("it is damaged");
    assert_eq!(newest_good(&folder.paths, &folder.keychain).await.expect("they are listed"), Some(good));
}
