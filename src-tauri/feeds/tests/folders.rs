//! Where a publisher may be told to work: keys and published files apart, and nothing of anybody else's.

use std::fs;
use std::path::Path;

use lethe_feeds::{Error, KeyRole, Lifetime, Publisher, pack};
use tempfile::TempDir;

use crate::site::{Site, days_later, files, segment, start};

/// What lies there before, and which folders are named then.
type Row = (&'static str, fn(&Path), &'static str, &'static str);

fn make(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
}

#[cfg(unix)]
fn link(to: &str, at: &Path) {
    std::os::unix::fs::symlink(to, at).expect("a link");
}

fn check(rows: &[Row], is_expected: fn(&Error) -> bool) {
    for (name, prepare, keys, repository) in rows {
        let folder = TempDir::new().expect("a folder");
        prepare(folder.path());
        let before = files(folder.path());
        let opened = Publisher::open_or_create(&folder.path().join(keys), &folder.path().join(repository));
        let error = opened.expect_err(name);
        assert!(is_expected(&error), "{name}: the publisher was told {error:?}");
        assert_eq!(files(folder.path()), before, "{name}: nothing is written first");
    }
}

#[test]
fn keys_are_never_in_what_is_published() {
    let rows: [Row; 7] = [
        ("the same folder", |_| {}, "site", "site"),
        ("the same folder, which is there", |at| make(&at.join("site")), "site", "site"),
        ("keys in the repository", |_| {}, "site/keys", "site"),
        ("keys deep in the repository", |at| make(&at.join("site")), "site/targets/a/b", "site"),
        ("the repository in the keys", |_| {}, "keys", "keys/site"),
        ("by way of the folder above", |at| make(&at.join("site/x")), "site/x/../keys", "site"),
        ("above what is not there", |_| {}, "site/x/y/../../keys", "other/../site"),
    ];
    check(&rows, |error| matches!(error, Error::Together { .. }));
}

#[cfg(unix)]
#[test]
fn links_do_not_bring_keys_into_what_is_published() {
    fn both(at: &Path) {
        make(&at.join("site"));
        make(&at.join("keys"));
    }
    let rows: [Row; 8] = [
        ("a link to the repository", |at| (both(at), link("site", &at.join("other"))).1, "other", "site"),
        ("a link into the repository", |at| (both(at), link("site", &at.join("other"))).1, "other/keys", "site"),
        ("a link to the keys", |at| (both(at), link("keys", &at.join("other"))).1, "keys", "other"),
        ("a link to what is not there yet", |at| (both(at), link("site/new", &at.join("other"))).1, "other", "site"),
        (
            "a link to a link",
            |at| {
                link("b", &at.join("a"));
                link("site/k", &at.join("b"));
            },
            "a",
            "site",
        ),
        ("a link in the repository", |at| (both(at), link("../keys", &at.join("site/targets"))).1, "keys", "site"),
        ("a link beside its files", |at| (both(at), link("../keys", &at.join("site/old"))).1, "keys", "site"),
        ("a link to all", |at| (both(at), link("..", &at.join("site/all"))).1, "keys", "site"),
    ];
    check(&rows, |error| matches!(error, Error::Together { .. }));
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    fn write(at: &Path, name: &str) {
        make(at.join(name).parent().expect("a folder above"));
        fs::write(at.join(name), b"mine").expect("a file");
    }
    let rows: [Row; 8] = [
        ("photographs", |at| write(at, "site/photo.jpg"), "keys", "site"),
        ("a hidden file", |at| write(at, "site/.profile"), "keys", "site"),
        ("a folder", |at| write(at, "site/album/photo.jpg"), "keys", "site"),
        ("metadata of something else", |at| write(at, "site/metadata/timestamp.json"), "keys", "site"),
        ("a root file in name only", |at| write(at, "site/metadata/my.root.json"), "keys", "site"),
        ("targets of something else", |at| write(at, "site/targets/goals.txt"), "keys", "site"),
        ("a folder of keys with other files", |at| write(at, "keys/letter.txt"), "keys", "site"),
        ("a folder of keys with folders", |at| write(at, "keys/.tmp/x"), "keys", "site"),
    ];
    check(&rows, |error| matches!(error, Error::NotOurs { .. }));
    let rows: [Row; 2] = [
        ("a file for the repository", |at| write(at, "site"), "keys", "site"),
        ("a file for the keys", |at| write(at, "keys"), "keys", "site"),
    ];
    check(&rows, |error| matches!(error, Error::Disk { .. }));
}

#[tokio::test]
async fn a_packed_list_replaces_nothing_but_a_packed_list() {
    let site = Site::new().await;
    let (archive, letter) = (site.path("list.tar"), site.path("letter.tar"));
    for _ in 0..2 {
        pack(&site.path("published"), &archive).expect("its own file is replaced");
    }
    fs::write(&letter, b"mine").expect("a file");
    let error = pack(&site.path("published"), &letter).expect_err("a file of somebody else");
    assert!(matches!(error, Error::Unpublishable { .. }), "not {error:?}");
    assert_eq!(fs::read(&letter).expect("a file"), b"mine", "and it is as it was");
}

#[tokio::test]
async fn what_stands_beside_a_published_list_stays() {
    let site = Site::new().await;
    for name in ["published/index.html", "published/metadata/notes.txt", "keys/readme.txt"] {
        fs::write(site.path(name), b"mine").expect("a file");
    }
    site.publish(vec![segment("third", b"three")], &["first"], 1);
    site.publisher().prune().expect("a pruned repository");
    site.publisher().rotate(&KeyRole::ALL, Lifetime::default(), days_later(1)).expect("new keys");
    for name in ["published/index.html", "published/metadata/notes.txt", "keys/readme.txt"] {
        assert_eq!(fs::read(site.path(name)).expect("a file"), b"mine", "{name}");
    }
}

#[test]
fn one_folder_of_keys_is_for_one_list() {
    let folder = TempDir::new().expect("a folder");
    let (keys, site) = (folder.path().join("keys"), folder.path().join("site"));
    let publish = |site: &Path| {
        let add = vec![segment("first", b"one")];
        Publisher::open_or_create(&keys, site)?.publish(add, &[], Lifetime::default(), start())
    };
    // Keys that a kill has left before the first root file are used.
    drop(Publisher::open_or_create(&keys, &site).expect("a publisher"));
    publish(&site).expect("a first version");
    let error = publish(&folder.path().join("other")).expect_err("a second list");
    assert!(matches!(error, Error::KeysInUse { .. }), "a server could hand out one for the other, not {error:?}");
    fs::rename(&site, folder.path().join("moved")).expect("a moved repository");
    publish(&folder.path().join("moved")).expect("the same list in another place");
}
