//! The publisher's side: what it writes, what it keeps, and what it refuses to sign.

use std::collections::BTreeSet;
use std::fs;

use lethe_feeds::{Error, KeyRole, Lifetime, Publisher};
use lethe_network::Client;

use crate::site::{DAILY, Site, days_later, files, segment};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_can_be_asked_for() {
    let site = Site::new().await;
    let published = site.publish(vec![segment("first", b"another one"), segment("third", b"three")], &["second"], 1);
    let publisher = site.publisher();
    let current = publisher.current().expect("a verified list");
    assert_eq!(current, published.segments, "a caller computes the difference from it");
    let names: Vec<&str> = current.iter().map(|segment| segment.name.as_str()).collect();
    assert_eq!(names, ["first", "third"], "added, replaced and removed");
    assert_eq!((published.versions.targets, published.versions.timestamp), (2, 2), "versions rise by one");
    assert_eq!(published.expires, days_later(31), "30 days from the day of publishing");
    let refreshed = site.refresh(1).await.expect("the list");
    assert_eq!(refreshed.current.segments, current, "subscribers see the same, custom data too");
    assert_eq!(refreshed.current.issued, Some(days_later(1)), "and when it was signed");
    assert_eq!(refreshed.current.expires, published.expires, "and how long it is good");
}

#[cfg(unix)]
#[tokio::test]
async fn keys_are_for_their_owner_only_and_the_list_is_for_everyone() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::new().await;
    let mode = |path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    for (path, _) in
        files(&site.path("keys")).into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "key"))
    {
        assert_eq!(mode(path.clone()), 0o600, "{} can sign", path.display());
    }
    for (path, _) in files(&site.path("published")) {
        assert_eq!(mode(path.clone()) & 0o444, 0o444, "a web server reads {}", path.display());
    }
    let files = files(&site.path("published"));
    let secrets = files.values().filter(|bytes| bytes.windows(11).any(|window| window == b"PRIVATE KEY"));
    assert_eq!(secrets.count(), 0, "no key is published");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_in_the_midst_of_a_publish_see_a_whole_list() {
    let site = Site::new().await;
    let root = site.root();
    let address: lethe_feeds::Address = site.path("published").to_str().expect("text").parse().expect("an address");
    let feed = lethe_feeds::Feed::subscribe(&site.path("reader"), "reader", address, &root).expect("a subscription");
    let mut publisher = site.publisher();
    let publishing = tokio::task::spawn_blocking(move || {
        for number in 0..30_u32 {
            let add = vec![segment("first", &number.to_le_bytes()), segment(&format!("s{number}"), b"x")];
            publisher.publish(add, &[], Lifetime::default(), days_later(1)).expect("a version");
        }
    });
    let mut seen = BTreeSet::new();
    loop {
        let was_over = publishing.is_finished();
        let refreshed = feed.refresh(&Client::offline(), days_later(1)).await.expect("a whole list");
        seen.insert(refreshed.current.versions.timestamp);
        if was_over {
            break;
        }
    }
    publishing.await.expect("all versions");
    assert!(seen.contains(&31), "the last version is seen in the end");
    feed.verified().expect("whole segments");
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_keeps_what_readers_of_the_last_version_need() {
    let site = Site::new().await;
    for day in 1..4 {
        site.publish(vec![segment("first", format!("version {day}").as_bytes())], &[], day);
    }
    site.upload();
    let pruned = site.publisher().prune().expect("a pruned repository");
    // Two versions of the segment, and list and snapshot of each of the two.
    assert_eq!(pruned.files, 6, "what only older versions name is gone");
    let left = files(&site.path("published"));
    let name = |text: &str| left.keys().filter(|path| path.to_str().is_some_and(|path| path.ends_with(text))).count();
    assert_eq!((name(".first"), name(".targets.json"), name(".root.json")), (2, 2, 1), "this version and the last");
    site.upload();
    site.refresh(4).await.expect("a whole list");
    assert_eq!(site.publisher().prune().expect("a pruned repository").files, 0, "nothing is left to remove");
}

#[tokio::test]
async fn a_repository_without_its_keys_or_with_foreign_ones_is_refused() {
    let site = Site::new().await;
    let error = Publisher::open_or_create(&site.path("no-keys"), &site.path("published")).expect_err("no keys");
    assert!(matches!(error, Error::Key { .. }), "new keys would lose every subscriber, not {error:?}");
    drop(Publisher::open_or_create(&site.path("other-keys"), &site.path("other")).expect("another publisher"));
    let error = Publisher::open_or_create(&site.path("other-keys"), &site.path("published")).expect_err("other keys");
    assert!(matches!(error, Error::Key { .. }), "nobody signs for someone else's root, not {error:?}");
}

#[tokio::test]
async fn a_tampered_repository_is_not_signed_again() {
    let site = Site::new().await;
    let path = site.path("published/metadata/1.targets.json");
    let text = fs::read_to_string(&path).expect("a list").replace("second", "sekond");
    fs::write(&path, text).expect("a changed list");
    let error = site.publisher().publish(Vec::new(), &[], Lifetime::default(), days_later(1));
    assert!(matches!(error, Err(Error::StateDamaged { .. })), "a web server must not get its changes signed");
}

#[tokio::test(flavor = "multi_thread")]
async fn daily_work_needs_no_root_key_until_the_root_expires() {
    let site = Site::new().await;
    fs::rename(site.path("keys/root.key"), site.path("safe.key")).expect("a key in a safe");
    site.publish(vec![segment("third", b"three")], &[], 30);
    // More than half of the year is over.
    site.publish(Vec::new(), &[], 200);
    let error = site.publisher().publish(Vec::new(), &[], Lifetime::default(), days_later(366));
    assert!(matches!(error, Err(Error::Key { .. })), "the root file has to be renewed");
    fs::rename(site.path("safe.key"), site.path("keys/root.key")).expect("the key is back");
    let published = site.publish(Vec::new(), &[], 366);
    assert_eq!(published.versions.root, 2, "the root file was renewed with its own key");
    site.refresh(366).await.expect("subscribers follow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_rotation_is_finished() {
    type Rotate = fn(&mut Publisher);
    let rotations: [(&str, Rotate); 4] = [
        ("root", |publisher| {
            publisher.rotate(&[KeyRole::Root], Lifetime::default(), days_later(1)).expect("a new root key");
        }),
        ("targets", rotate_keys),
        ("snapshot", rotate_keys),
        ("timestamp", rotate_keys),
    ];
    for (name, rotate) in rotations {
        let site = Site::new().await;
        let (key, next) = (site.path(&format!("keys/{name}.key")), site.path(&format!("keys/{name}-next.key")));
        let old = fs::read(&key).expect("a key");
        rotate(&mut site.publisher());
        // As if it had been killed before the new key got its name.
        fs::rename(&key, &next).expect("a renamed key");
        fs::write(&key, old).expect("the old key");
        rotate(&mut site.publisher());
        assert!(!next.exists(), "{name}: nothing is left over");
        site.upload();
        site.refresh(1).await.unwrap_or_else(|error| panic!("{name}: subscribers follow, but: {error:?}"));
    }
}

fn rotate_keys(publisher: &mut Publisher) {
    publisher.rotate(&DAILY, Lifetime::default(), days_later(1)).expect("new daily keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_in_the_midst_of_a_key_change_see_a_whole_list() {
    let site = Site::new().await;
    let first_root = fs::read(site.path("published/metadata/1.root.json")).expect("a root file");
    let address: lethe_feeds::Address = site.path("published").to_str().expect("text").parse().expect("an address");
    let mut publisher = site.publisher();
    let publishing = tokio::task::spawn_blocking(move || {
        for _ in 0..10 {
            rotate_keys(&mut publisher);
        }
    });
    for reader in 0.. {
        let was_over = publishing.is_finished();
        let folder = site.path(&format!("reader-{reader}"));
        let feed = lethe_feeds::Feed::subscribe(&folder, "reader", address.clone(), &first_root);
        let refreshed = feed.expect("a subscription").refresh(&Client::offline(), days_later(1)).await;
        match refreshed {
            Ok(refreshed) if was_over => {
                assert_eq!(refreshed.current.versions.root, 11, "all keys are followed in the end");
                break;
            }
            Ok(_) => {}
            // The keys changed between its looks at the timestamp and at the root files: the next refresh is good.
            Err(Error::Forged { .. }) if !was_over => {}
            Err(error) => panic!("a reader was told {error:?}"),
        }
    }
    publishing.await.expect("all keys");
}

#[tokio::test]
async fn what_a_kill_has_left_is_swept_away() {
    let site = Site::new().await;
    let left = [".tmp-a", "../published/metadata/.tmp-b", "../published/targets/.tmp-c"];
    for name in left {
        fs::write(site.path("keys").join(name), b"half").expect("a half file");
    }
    drop(site.publisher());
    for name in left {
        assert!(!site.path("keys").join(name).exists(), "{name} could be half a key");
    }
    fs::create_dir_all(site.path("feed/trusted/.tmp-d/x")).expect("a half folder");
    fs::write(site.path("feed/.tmp-e"), b"half").expect("a half file");
    site.refresh(0).await.expect("a list");
    let left = files(&site.path("feed")).into_keys().filter(|path| path.to_string_lossy().contains(".tmp-"));
    assert_eq!(left.count(), 0, "the folder does not grow");
    assert!(!site.path("feed/trusted/.tmp-d").exists(), "folders too");
}

#[test]
fn lifetimes_are_days() {
    for days in [0, 3651] {
        assert!(Lifetime::days(days).is_err(), "{days} days are no sensible lifetime");
    }
    assert_eq!(Lifetime::days(30).expect("a lifetime"), Lifetime::default(), "the default is a month");
}

#[tokio::test]
async fn one_publisher_at_a_time() {
    let site = Site::new().await;
    let _publisher = site.publisher();
    let second = Publisher::open_or_create(&site.path("keys"), &site.path("published"));
    assert!(matches!(second, Err(Error::Busy)), "two would use one version twice");
}
