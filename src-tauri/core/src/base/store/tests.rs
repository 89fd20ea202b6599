use std::path::PathBuf;

use keyring_core::mock;

use super::*;

struct Folder {
    folder: tempfile::TempDir,
    paths: Paths,
    keychain: Keychain,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), &folder.path().join("engine")).expect("a data folder");
        Self { folder, paths, keychain: Keychain::Other(mock::Store::new().expect("a keychain")) }
    }

    async fn open(&self, wish: KeyWish) -> Result<Store> {
        Store::open_with(&self.paths, wish, self.keychain.clone()).await
    }

    /// With a history that has one conversation.
    async fn with_history(wish: KeyWish) -> Self {
        let folder = Self::new();
        let store = folder.open(wish).await.expect("a new folder opens");
        sqlx::query("INSERT INTO conversation (title, created_at, updated_at) VALUES ('apples', 0, 0)")
            .execute(store.pool())
            .await
            .expect("it is written");
        store.close().await;
        folder
    }

    async fn refused(&self, wish: KeyWish) -> String {
        match self.open(wish).await {
            Ok(_) => panic!("it was opened"),
            Err(error) => error.message,
        }
    }

    fn database(&self) -> PathBuf {
        self.paths.database()
    }

    /// Every file of the folder with its bytes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = std::fs::read_dir(self.folder.path()).expect("the folder").flatten().map(|file| file.path());
        let is_lock = |path: &PathBuf| path.extension().is_some_and(|end| end == "lock");
        let mut files: Vec<_> = files
            .filter(|path| path.is_file() && !is_lock(path))
            .map(|path| (path.clone(), std::fs::read(path).expect("it is readable")))
            .collect();
        files.sort();
        files
    }
}

async fn titles(store: &Store) -> u32 {
    let (count,): (u32,) =
        sqlx::query_as("SELECT count(*) FROM conversation").fetch_one(store.pool()).await.expect("it is readable");
    count
}

#[tokio::test]
async fn a_history_that_was_put_aside_opens_again() {
    for wish in [KeyWish::Best, KeyWish::File] {
        let folder = Folder::with_history(wish).await;
        let aside = folder.folder.path().join("aside.db");
        std::fs::rename(folder.database(), &aside).expect("it is moved");
        let new = folder.open(wish).await.expect("a folder without a history opens");
        assert_eq!(titles(&new).await, 0);
        new.close().await;
        drop(new);
        std::fs::rename(&aside, folder.database()).expect("it is moved back");
        let old = folder.open(wish).await.expect("its key is still there");
        assert_eq!(titles(&old).await, 1, "{wish:?}");
    }
}

#[tokio::test]
async fn a_key_in_a_file_does_not_hide_the_one_in_the_keychain() {
    let folder = Folder::with_history(KeyWish::Best).await;
    std::fs::write(folder.paths.key_file(), "0".repeat(64)).expect("it is written");
    let store = folder.open(KeyWish::Best).await.expect("the keychain has its key");
    assert_eq!((titles(&store).await, store.key_place()), (1, KeyPlace::Keychain));
}

/// What can lie in the place of a history, and what is said of it.
#[tokio::test]
async fn what_is_no_history_is_refused_and_left_alone() {
    type Spoil = fn(&Path);
    let rows: &[(&str, &str, Spoil)] = &[
        ("empty", "is empty", |path| std::fs::write(path, "").expect("it is written")),
        ("ten bytes", "is cut off", |path| std::fs::write(path, [7; 10]).expect("it is written")),
        ("a folder", "is a folder", |path| {
            std::fs::remove_file(path).expect("it goes");
            std::fs::create_dir(path).expect("it is made");
        }),
        ("noise", "can't be opened with the key at hand", |path| {
            std::fs::write(path, [0x5a; 8192]).expect("it is written");
        }),
        ("the first page", "can't be opened with the key at hand", |path| {
            let mut bytes = std::fs::read(path).expect("it is readable");
            bytes[100..4096].fill(0xaa);
            std::fs::write(path, bytes).expect("it is written");
        }),
        ("a history in clear", "is not encrypted", |path| {
            let mut bytes = b"SQLite format 3\0".to_vec();
            bytes.resize(4096, 0);
            std::fs::write(path, bytes).expect("it is written");
        }),
        ("a journal alone", "its journal is there", |path| {
            std::fs::rename(path, path.with_extension("db-wal")).expect("it is moved");
        }),
        ("a rollback journal alone", "its journal is there", |path| {
            std::fs::rename(path, path.with_extension("db-journal")).expect("it is moved");
        }),
        #[cfg(unix)]
        ("a link", "leads nowhere", |path| {
            std::fs::remove_file(path).expect("it goes");
            std::os::unix::fs::symlink("/nowhere/lethe.db", path).expect("it is made");
        }),
    ];
    for wish in [KeyWish::Best, KeyWish::File] {
        for (name, wanted, spoil) in rows {
            let folder = Folder::with_history(wish).await;
            spoil(&folder.database());
            let before = folder.files();
            for again in [wish, KeyWish::None] {
                let said = folder.refused(again).await;
                // In the keychain's place nobody asks for the key of a file that is wanted in clear.
                if *name != "a history in clear" || wish == KeyWish::File || again == wish {
                    assert!(said.contains(wanted), "{name}, {wish:?}: {said}");
                }
                assert!(!said.contains("(code") && !said.contains("internal"), "{name}: {said}");
                if *name == "a history in clear" && wish == KeyWish::Best {
                    break;
                }
            }
            assert_eq!(folder.files(), before, "{name}, {wish:?}: something was changed");
        }
    }
}

#[tokio::test]
async fn a_backup_without_its_history_is_no_new_folder() {
    let folder = Folder::with_history(KeyWish::File).await;
    std::fs::remove_file(folder.database()).expect("it goes");
    std::fs::create_dir(folder.paths.backups()).expect("it is made");
    std::fs::write(folder.paths.backups().join("2026-11-29.backup"), "x").expect("it is written");
    let said = folder.refused(KeyWish::Best).await;
    assert!(said.contains("restore a backup"), "{said}");
    assert!(!folder.database().exists());
}

#[tokio::test]
async fn a_history_in_clear_opens_where_it_was_meant_to_be() {
    let folder = Folder::with_history(KeyWish::None).await;
    for wish in [KeyWish::None, KeyWish::Best, KeyWish::File] {
        let store = folder.open(wish).await.expect("it was made like that");
        assert_eq!((titles(&store).await, store.key_place()), (1, KeyPlace::None));
        store.close().await;
    }
    // Versions before this one made no mark.
    std::fs::remove_file(folder.paths.plain_mark()).expect("it goes");
    let said = folder.refused(KeyWish::Best).await;
    assert!(said.contains("LETHE_KEY=none"), "{said}");
    folder.open(KeyWish::None).await.expect("it is wanted").close().await;
    folder.open(KeyWish::Best).await.expect("it is marked now").close().await;
    // An encrypted history in its place.
    let other = Folder::with_history(KeyWish::File).await;
    std::fs::copy(other.database(), folder.database()).expect("it is copied");
    let said = folder.refused(KeyWish::None).await;
    assert!(said.contains("not the one of this folder"), "{said}");
}

#[tokio::test]
async fn starts_at_once_find_one_key_and_one_database() {
    for wish in [KeyWish::Best, KeyWish::File, KeyWish::None] {
        let folder = Folder::new();
        let open = || {
            let (paths, keychain) = (folder.paths.clone(), folder.keychain.clone());
            tokio::spawn(async move { Store::open_with(&paths, wish, keychain).await })
        };
        let opening: Vec<_> = (0..8).map(|_| open()).collect();
        for opened in opening {
            let store = opened.await.expect("no panic").expect("it opens");
            assert_eq!(titles(&store).await, 0);
        }
    }
}

#[tokio::test]
async fn a_start_that_was_killed_leaves_a_folder_that_opens() {
    let folder = Folder::new();
    std::fs::write(folder.paths.data().join("lethe.db.new"), [1; 4096]).expect("it is written");
    std::fs::write(folder.paths.data().join("lethe.db.new-wal"), [1; 4096]).expect("it is written");
    let store = folder.open(KeyWish::File).await.expect("nothing is lost by that");
    assert_eq!(titles(&store).await, 0);
    assert!(!folder.paths.data().join("lethe.db.new").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn rights_are_tightened_at_the_start() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with_history(KeyWish::File).await;
    let wide = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let list = folder.paths.lists().join("some.list");
    let foreign = folder.paths.data().join("letter.txt");
    let measured = folder.paths.data().join("kernels.json");
    for file in [&list, &foreign, &measured] {
        std::fs::write(file, "x").expect("it is written");
        wide(file, 0o644);
    }
    for file in [folder.database(), folder.paths.lock_file(), folder.paths.key_file()] {
        wide(&file, 0o666);
    }
    wide(folder.paths.data(), 0o777);
    wide(&folder.paths.lists(), 0o755);
    let store = folder.open(KeyWish::Best).await.expect("it opens");
    for private in [&folder.database(), &folder.paths.lock_file(), &folder.paths.key_file(), &list, &measured] {
        assert_eq!(mode(private), 0o600, "{}", private.display());
    }
    for lock in [folder.paths.open_lock(), folder.paths.opening_lock()] {
        assert_eq!(mode(&lock), 0o600, "{}", lock.display());
    }
    assert_eq!(mode(folder.paths.data()), 0o700);
    assert_eq!(mode(&folder.paths.lists()), 0o700);
    assert_eq!(mode(&foreign), 0o644, "a file that is not Lethe's was changed");
    store.close().await;
}

/// A process of an older version goes on while a newer one adds to the database, and is refused at its next start.
#[tokio::test]
async fn an_older_program_outlives_a_migration() {
    let folder = Folder::with_history(KeyWish::File).await;
    let older = folder.open(KeyWish::File).await.expect("it opens");
    let newer = folder.open(KeyWish::File).await.expect("it opens");
    for statement in [
        "ALTER TABLE conversation ADD COLUMN of_the_future TEXT",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'of the future', 1, x'00', 0)",
    ] {
        sqlx::query(statement).execute(newer.pool()).await.expect("it migrates");
    }
    assert_eq!(titles(&older).await, 1);
    sqlx::query("INSERT INTO conversation (title, created_at, updated_at) VALUES ('pears', 0, 0)")
        .execute(older.pool())
        .await
        .expect("it goes on");
    assert_eq!(titles(&newer).await, 2);
    let said = folder.refused(KeyWish::File).await;
    assert!(said.contains("newer Lethe"), "{said}");
    older.close().await;
    newer.close().await;
}

#[tokio::test]
async fn a_history_that_another_program_has_open_is_not_cleaned_up() {
    let folder = Folder::new();
    let first = folder.open(KeyWish::File).await.expect("a new folder opens");
    let second = folder.open(KeyWish::File).await.expect("two at once");
    assert!(first.cleans_up() && !second.cleans_up());
    first.close().await;
    drop(first);
    // The second is writing an answer, say: it must not be taken for one that a crash left.
    let third = folder.open(KeyWish::File).await.expect("two at once");
    assert!(!third.cleans_up(), "the second has it open");
    drop((second, third));
    assert!(folder.open(KeyWish::File).await.expect("it opens").cleans_up());
}
