//! Lists in one file: the same verification, and archives that want to do harm.

use std::fs;
use std::io::Write;
use std::path::Path;

use lethe_feeds::{Error, pack};
use tar::{EntryType, Header};

use crate::site::{Site, copy, days_later, files, is_unchanged, segment};

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_list_is_read_like_a_server() {
    let site = Site::new().await;
    let archive = site.path("list.tar");
    pack(&site.path("published"), &archive).expect("an archive");
    let refreshed = site.feed.refresh_from_archive(&archive, days_later(0)).await.expect("a list from a file");
    assert_eq!(refreshed.added.len(), 2, "everything is new");
    assert_eq!(site.names(), ["first", "second"], "the segments are whole");
    assert!(site.server.seen().is_empty(), "no request was made");
    assert!(is_unchanged(&site.refresh(1).await.expect("the server has the same")), "both are one list");

    site.publish(vec![segment("third", b"three")], &[], 2);
    pack(&site.path("published"), &site.path("again.tar")).expect("an archive");
    let refreshed = site.feed.refresh_from_archive(&site.path("again.tar"), days_later(2)).await.expect("a new list");
    assert_eq!(refreshed.added.len(), 1, "only what is new is added");
    let error = site.feed.refresh_from_archive(&archive, days_later(2)).await.expect_err("an old archive");
    assert!(matches!(error, Error::RolledBack { .. }), "an old file is no way back, not {error:?}");
    let error = site.feed.refresh_from_archive(&site.path("again.tar"), days_later(40)).await;
    assert!(matches!(error, Err(Error::Expired { .. })), "an archive expires too");
    assert_eq!(site.names(), ["first", "second", "third"], "the newest list is in force");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_list_makes_the_same_archive() {
    let site = Site::new().await;
    for name in ["one.tar", "other.tar"] {
        pack(&site.path("published"), &site.path(name)).expect("an archive");
    }
    let read = |name| fs::read(site.path(name)).expect("an archive");
    assert_eq!(read("one.tar"), read("other.tar"), "it holds no times and no users");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_folder_is_verified_and_its_links_are_not_followed() {
    let site = Site::new().await;
    let folder = site.path("stick");
    copy(&site.path("published"), &folder);
    let refreshed = site.feed.refresh_from_archive(&folder, days_later(0)).await.expect("a list from a folder");
    assert_eq!(refreshed.added.len(), 2, "everything is new");

    site.publish(vec![segment("third", b"three")], &[], 1);
    copy(&site.path("served"), &folder);
    let third = folder.join(site.served_segment("third"));
    fs::rename(&third, site.path("elsewhere")).expect("a moved segment");
    #[cfg(unix)]
    std::os::unix::fs::symlink(site.path("elsewhere"), &third).expect("a link");
    let before = site.good_state();
    let error = site.feed.refresh_from_archive(&folder, days_later(1)).await.expect_err("a link");
    assert!(matches!(&error, Error::Missing { file } if file == "third"), "a link is no file, not {error:?}");
    assert_eq!(site.good_state(), before, "the last good list stays");
}

/// Adds an entry as it is, which the library would refuse.
fn entry(archive: &mut Vec<u8>, name: &str, kind: EntryType, size: u64, content: &[u8]) {
    let mut header = Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("/etc/passwd").expect("a link");
    }
    header.set_cksum();
    archive.extend_from_slice(header.as_bytes());
    archive.extend_from_slice(content);
    archive.extend(vec![0; content.len().next_multiple_of(512) - content.len()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_archives_are_refused_and_write_nothing() {
    use EntryType as Kind;
    let file = Kind::Regular;
    let rows: [(&str, &str, Kind, u64, &[u8]); 15] = [
        ("a path upwards", "targets/../../evil", file, 1, b"x"),
        ("a path upwards inside", "metadata/..", file, 1, b"x"),
        ("an absolute path", "/tmp/evil", file, 1, b"x"),
        ("another folder", "evil/timestamp.json", file, 1, b"x"),
        ("a deeper folder", "targets/a/b", file, 1, b"x"),
        ("a file on top", "evil", file, 1, b"x"),
        ("a symbolic link", "metadata/timestamp.json", Kind::Symlink, 0, b""),
        ("a hard link", "metadata/timestamp.json", Kind::Link, 0, b""),
        ("a device", "metadata/timestamp.json", Kind::Char, 0, b""),
        ("a pipe", "metadata/timestamp.json", Kind::Fifo, 0, b""),
        ("a sparse file", "metadata/timestamp.json", Kind::GNUSparse, 0, b""),
        ("a size beyond the end", "metadata/timestamp.json", file, 1 << 40, b"x"),
        ("a size that ends behind the end", "metadata/root.json", file, 3000, b"x"),
        ("an endless name", "metadata/timestamp.json", Kind::GNULongName, 1 << 20, &[b'x'; 1 << 20]),
        ("a file twice", "metadata/timestamp.json", file, 1, b"x"),
    ];
    let site = Site::new().await;
    site.refresh(0).await.expect("a first list");
    let everything = files(site.path("feed").as_path());
    for (name, path, kind, size, content) in rows {
        let mut archive = Vec::new();
        entry(&mut archive, "metadata/timestamp.json", file, 1, b"x");
        entry(&mut archive, path, kind, size, content);
        archive.extend([0; 1024]);
        check_refused(&site, name, &archive).await;
    }
    for (name, archive) in [("no archive", &b"\x1f\x8b no archive at all"[..]), ("nothing", b""), ("zeros", &[0; 1024])]
    {
        check_refused(&site, name, archive).await;
    }
    assert_eq!(files(site.path("feed").as_path()), everything, "nothing was written");
    assert!(!Path::new("/tmp/evil").exists(), "nowhere");
}

async fn check_refused(site: &Site, name: &str, archive: &[u8]) {
    let path = site.path("hostile.tar");
    fs::File::create(&path).and_then(|mut file| file.write_all(archive)).expect("an archive");
    let error = site.feed.refresh_from_archive(&path, days_later(0)).await.expect_err(name);
    assert!(matches!(error, Error::BadArchive { .. }), "{name}: the whole archive is refused, but was told {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_archive_is_refused_like_a_server() {
    let site = Site::new().await;
    let segment_file = site.served(&site.served_segment("first"));
    fs::write(segment_file, b"two").expect("a changed segment");
    pack(&site.path("served"), &site.path("bad.tar")).expect("an archive");
    let error = site.feed.refresh_from_archive(&site.path("bad.tar"), days_later(0)).await.expect_err("other bytes");
    assert!(matches!(&error, Error::WrongHash { file } if file == "first"), "not {error:?}");
}
