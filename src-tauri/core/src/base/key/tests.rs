use keyring_core::mock;

use super::*;

struct Folder {
    _folder: tempfile::TempDir,
    paths: Paths,
    keychain: Keychain,
}

fn folder() -> Folder {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::new(folder.path(), &folder.path().join("engine")).expect("a data folder");
    Folder { _folder: folder, paths, keychain: Keychain::Other(mock::Store::new().expect("a keychain")) }
}

impl Folder {
    fn entry(&self) -> keyring_core::Entry {
        self.keychain.entry("lethe", &self.paths.data().to_string_lossy()).expect("an entry")
    }

    fn new_key(&self, wish: KeyWish) -> Result<(Option<Key>, KeyPlace)> {
        for_new_history(&self.paths, wish, &self.keychain)
    }

    /// The next question to the keychain gets this answer.
    fn keychain_answers(&self, error: keyring_core::Error) {
        let entry = self.entry();
        entry.as_any().downcast_ref::<mock::Cred>().expect("an entry of the mock").set_error(error);
    }
}

#[test]
fn a_key_in_the_keychain_is_reused_and_never_overwritten() {
    let folder = folder();
    let (first, place) = folder.new_key(KeyWish::Best).expect("a key");
    assert_eq!(place, KeyPlace::Keychain);
    // The database was moved away: the folder looks new.
    let (second, place) = folder.new_key(KeyWish::Best).expect("a key");
    assert_eq!((second, place), (first.clone(), KeyPlace::Keychain), "the key of the history that was here is lost");
    assert_eq!(in_keychain(&folder.paths, &folder.keychain).expect("it is readable"), first);
    assert!(!folder.paths.key_file().exists());
}

#[test]
fn what_else_is_in_the_keychain_is_left_alone() {
    let folder = folder();
    folder.entry().set_password("the password of something else").expect("it is kept");
    let error = folder.new_key(KeyWish::Best).expect_err("this is no key");
    assert!(error.message.contains("no key of Lethe"), "{error}");
    assert_eq!(folder.entry().get_password().expect("it is there"), "the password of something else");
    assert!(!folder.paths.key_file().exists(), "a new key was made beside it");
}

#[test]
fn a_keychain_that_does_not_say_makes_no_new_key() {
    let locked = || keyring_core::Error::NoStorageAccess("it is locked".into());
    let broken = || keyring_core::Error::PlatformFailure("the bus is gone".into());
    for answer in [locked(), broken()] {
        let folder = folder();
        folder.keychain_answers(answer);
        let error = folder.new_key(KeyWish::Best).expect_err("there may be a key");
        assert!(error.message.contains("unlock it"), "{error}");
        assert!(matches!(folder.entry().get_password(), Err(keyring_core::Error::NoEntry)), "a key was made");
        assert!(!folder.paths.key_file().exists(), "a key was made");
    }
}

#[test]
fn without_a_keychain_the_key_is_in_a_file() {
    let folder = folder();
    for answer in [keyring_core::Error::NoDefaultStore, keyring_core::Error::NotSupportedByStore(String::new())] {
        folder.keychain_answers(answer);
        assert_eq!(in_keychain(&folder.paths, &folder.keychain).expect("there is none"), None);
    }
    let (first, place) = folder.new_key(KeyWish::File).expect("a key");
    assert_eq!(place, KeyPlace::File);
    let (second, _) = folder.new_key(KeyWish::Best).expect("a key");
    assert_eq!(first, second, "a file goes before the keychain");
}

#[test]
fn a_key_file_that_is_no_key_stops_everything() {
    type Spoil = fn(&std::path::Path);
    let rows: [(&str, Spoil); 6] = [
        ("damaged", |path| std::fs::write(path, "").expect("it is written")),
        ("damaged", |path| std::fs::write(path, "0123").expect("it is written")),
        ("damaged", |path| std::fs::write(path, [0xff; 64]).expect("it is written")),
        ("damaged", |path| std::fs::write(path, "z".repeat(64)).expect("it is written")),
        ("can't be read", |path| std::fs::create_dir(path).expect("it is made")),
        #[cfg(unix)]
        ("leads nowhere", |path| std::os::unix::fs::symlink("/nowhere/store.key", path).expect("it is made")),
        #[cfg(not(unix))]
        ("damaged", |path| std::fs::write(path, "0").expect("it is written")),
    ];
    for (wanted, spoil) in rows {
        for wish in [KeyWish::Best, KeyWish::File, KeyWish::None] {
            let folder = folder();
            spoil(&folder.paths.key_file());
            let error = folder.new_key(wish).expect_err("there is no key, and one is meant to be");
            assert!(error.message.contains(wanted), "{wanted}: {error}");
            assert!(in_file(&folder.paths).is_err(), "{wanted}");
            assert!(matches!(folder.entry().get_password(), Err(keyring_core::Error::NoEntry)), "a key was made");
        }
    }
}

#[test]
fn a_folder_with_a_key_makes_no_history_in_clear() {
    let folder = folder();
    folder.new_key(KeyWish::File).expect("a key");
    let error = folder.new_key(KeyWish::None).expect_err("histories of this folder are encrypted");
    assert!(error.message.contains("LETHE_KEY is none"), "{error}");
}

#[test]
fn a_key_file_is_never_replaced() {
    let folder = folder();
    let path = folder.paths.key_file();
    let first = file::keep_new(&path, Key::random().expect("a key")).expect("it is kept");
    let second = file::keep_new(&path, Key::random().expect("a key")).expect("there is one");
    assert_eq!(first, second, "who comes second takes the key of who came first");
    assert_eq!(in_file(&folder.paths).expect("it is readable"), Some(first));
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).expect("the file"));
        assert_eq!(mode & 0o777, 0o600);
    }
    let left = std::fs::read_dir(folder.paths.data()).expect("the folder").flatten();
    assert!(!left.into_iter().any(|file| file.file_name().to_string_lossy().starts_with(".store")), "a leftover");
}

#[test]
fn a_key_shows_nothing_of_itself() {
    let key = Key::random().expect("a key");
    assert_eq!(format!("{key:?}"), "Key");
    assert_eq!(key.text().len(), 64);
}
