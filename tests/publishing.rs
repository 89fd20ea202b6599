//! A publisher's bad days, through the whole product: stolen keys, old lists served again, a full disk, a kill.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lethe_core::lists::publish::publish;
use lethe_tests::{Data, failed, program, succeeded};
use serde_json::Value;

/// Entries with these words, one each.
fn entries(data: &Data, words: &[&str]) -> PathBuf {
    let line = |(id, word): (usize, &&str)| format!("{{\"id\":\"e{id}\",\"kind\":\"text\",\"text\":\"{word}\"}}\n");
    data.file("requests.jsonl", words.iter().enumerate().map(line).collect::<String>())
}

/// A publisher, a folder that stands for the web server, and a subscriber.
struct Scene {
    data: Data,
}

impl Scene {
    /// A list of one entry, published and subscribed to.
    fn new() -> Self {
        let scene = Self { data: Data::default() };
        scene.publish("keys", "site", &["Losung"]);
        scene.serve("site");
        succeeded(&scene.subscribe("served", "1.root.json"));
        succeeded(&scene.update());
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    fn publish(&self, keys: &str, site: &str, words: &[&str]) -> u64 {
        let published = publish(&self.path(keys), &self.path(site), &entries(&self.data, words), 30);
        published.expect("the entries are usable").version
    }

    /// A thief copies everything and has another list in force.
    fn rob(&self) {
        copy(&self.path("keys"), &self.path("stolen-keys"));
        copy(&self.path("site"), &self.path("stolen"));
        for _ in 0..6 {
            self.publish("stolen-keys", "stolen", &["Falsch"]);
        }
        self.serve("stolen");
        succeeded(&self.update());
        assert_eq!(self.list()["version"], "7", "nobody can see the theft yet");
    }

    fn rotate(&self, more: &[&str]) -> Output {
        let mut command = Command::new(program("lethe-cli"));
        command.args(["list", "rotate", "--keys"]).arg(self.path("keys")).arg("--repo").arg(self.path("site"));
        command.args(more).output().expect("it runs")
    }

    fn serve(&self, site: &str) {
        copy(&self.path(site), &self.path("served"));
    }

    fn subscribe(&self, place: &str, root: &str) -> Output {
        let (url, root) = (self.path(place).display().to_string(), self.path("site/metadata").join(root));
        let mut command = self.data.cli();
        command.args(["list", "subscribe", "--name", "requests", "--url", &url, "--root"]).arg(root);
        command.output().expect("it runs")
    }

    fn update(&self) -> Output {
        self.data.cli().args(["list", "update"]).output().expect("it runs")
    }

    fn update_from(&self, path: &str) -> Output {
        let mut command = self.data.cli();
        command.args(["list", "update", "requests", "--from"]).arg(self.path(path)).output().expect("it runs")
    }

    fn remove(&self) {
        succeeded(&self.data.cli().args(["list", "remove", "requests"]).output().expect("it runs"));
    }

    fn list(&self) -> Value {
        let output = self.data.cli().args(["--json", "list", "status"]).output().expect("it runs");
        let status: Value = serde_json::from_str(&succeeded(&output)).expect("JSON");
        status["lists"][0].clone()
    }

    /// What the file of the list in force does to a text.
    fn redacted(&self, text: &str) -> String {
        let kept = std::fs::read_dir(self.data.data().join("lists")).expect("the folder").flatten();
        let kept = kept.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "list"));
        let input = std::fs::File::open(self.data.file("input.txt", text)).expect("it was just written");
        let mut command = self.data.cli();
        command.args(["redact", "--detectors", "none", "--only-lists"]).arg(kept.expect("a list was kept"));
        succeeded(&command.stdin(input).output().expect("it runs"))
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(std::fs::copy(&from, &to).expect("a copied file")),
        }
    }
}

#[test]
fn subscribers_come_back_from_stolen_keys() {
    type Come = fn(&Scene) -> Output;
    let ways: [(&str, &[&str], Come); 6] = [
        ("by the address", &[], Scene::update),
        ("by the address, with the keys of daily work new", &["--only", "targets,snapshot,timestamp"], Scene::update),
        ("by a copy of the folder", &[], |scene| scene.update_from("site")),
        ("by an archive", &[], |scene| scene.update_from("site.tar")),
        ("from another address with the old root file", &[], |scene| {
            scene.remove();
            succeeded(&scene.subscribe("site", "1.root.json"));
            scene.update()
        }),
        ("from another address with the new root file", &[], |scene| {
            scene.remove();
            succeeded(&scene.subscribe("site", "2.root.json"));
            scene.update()
        }),
    ];
    for (way, more, come) in ways {
        let scene = Scene::new();
        scene.rob();
        let said = succeeded(&scene.rotate(more));
        assert!(said.contains("version 2 of the keys") && said.contains("2.root.json"), "{said}");
        assert_eq!(scene.publish("keys", "site", &["Losung", "Parole"]), 3, "far below the thief's");
        lethe_core::lists::publish::pack(&scene.path("site"), &scene.path("site.tar")).expect("an archive");
        scene.serve("site");
        succeeded(&come(&scene));
        let list = scene.list();
        assert_eq!(
            (&list["version"], &list["failure"], &list["entries"]),
            (&"3".into(), &Value::Null, &2.into()),
            "{way}"
        );
        let redacted = scene.redacted("Losung, Parole, Falsch");
        assert_eq!(redacted, "[removed: text], [removed: text], Falsch", "{way}: the thief's list is not in force");

        scene.serve("stolen");
        failed(&scene.update_from("served"));
        assert_eq!(scene.list()["version"], "3", "{way}: the thief is shut out");
        assert_eq!(scene.publish("keys", "site", &["Losung"]), 4, "{way}: the list goes on");
        succeeded(&scene.update_from("site"));
    }
}

#[tokio::test]
async fn a_list_that_is_off_comes_back_too() {
    let scene = Scene::new();
    scene.rob();
    let lethe = scene.data.open().await.expect("it opens");
    let id = lethe.lists().all().await.expect("the lists")[0].id.clone();
    lethe.lists().enable(&id, false).await.expect("it is off");
    succeeded(&scene.rotate(&[]));
    scene.serve("site");
    let updated = lethe.lists().update(Some(&id)).await.expect("it is a subscription");
    assert!(updated[0].1.is_none(), "the refresh was refused: {:?}", updated[0].1);
    let view = lethe.lists().enable(&id, true).await.expect("it is on");
    assert_eq!((view.version.as_deref(), view.problem), (Some("2"), None));
    lethe.close().await;
}

#[test]
fn without_new_keys_no_older_list_is_taken() {
    let scene = Scene::new();
    copy(&scene.path("site"), &scene.path("old"));
    scene.publish("keys", "site", &["Losung", "Parole"]);
    scene.serve("site");
    succeeded(&scene.update());
    assert_eq!(scene.list()["version"], "2");
    scene.serve("old");
    let said = failed(&scene.update());
    assert!(said.contains("older than one that came before"), "{said}");

    // To remove a list and subscribe to it again is no way round.
    scene.remove();
    succeeded(&scene.subscribe("served", "1.root.json"));
    let said = failed(&scene.update());
    assert!(said.contains("older list than you had") && said.contains("version 1, and version 2"), "{said}");
    assert_eq!(scene.list()["entries"], 0, "nothing of it is taken");
    scene.remove();
    succeeded(&scene.subscribe("old", "1.root.json"));
    failed(&scene.update());
    scene.serve("site");
    succeeded(&scene.update_from("served"));
    assert_eq!(scene.list()["version"], "2", "the newest one is");
}

#[test]
fn old_keys_are_no_way_back_either() {
    let scene = Scene::new();
    copy(&scene.path("site"), &scene.path("old"));
    succeeded(&scene.rotate(&[]));
    scene.serve("site");
    succeeded(&scene.update());
    scene.remove();
    scene.serve("old");
    succeeded(&scene.subscribe("served", "1.root.json"));
    let said = failed(&scene.update());
    assert!(said.contains("keys of version 1, and version 2"), "{said}");
    scene.serve("site");
    succeeded(&scene.update());
}

#[test]
fn keys_are_replaced_only_where_there_is_a_list() {
    let data = Data::default();
    let scene = Scene { data };
    let said = failed(&scene.rotate(&[]));
    assert!(said.contains("there is no folder"), "{said}");
    assert!(!scene.path("keys").exists() && !scene.path("site").exists(), "nothing was made");
    scene.publish("keys", "site", &["Losung"]);
    succeeded(&scene.rotate(&["--add-root"]));
    let said = failed(&scene.rotate(&["--add-root"]));
    assert!(said.contains("already"), "{said}");
    for key in ["root.key", "root-2.key"] {
        std::fs::rename(scene.path("keys").join(key), scene.path(key)).expect("a key in a safe");
    }
    let said = failed(&scene.rotate(&[]));
    assert!(said.contains("root.key is missing"), "{said}");
}

#[test]
fn keys_are_never_published() {
    let scene = Scene { data: Data::default() };
    let requests = entries(&scene.data, &["Losung"]);
    for (keys, site) in [("site", "site"), ("site/keys", "site"), ("keys", "keys/site")] {
        let mut command = Command::new(program("lethe-cli"));
        command.current_dir(scene.data.path()).args(["list", "publish", "--keys", keys, "--repo", site, "--in"]);
        let said = failed(&command.arg(&requests).output().expect("it runs"));
        assert!(said.contains("have to be apart"), "{said}");
        assert!(!scene.path("site").exists() && !scene.path("keys").exists(), "nothing was written");
    }
    let photo = scene.path("site/photo.jpg");
    std::fs::create_dir(scene.path("site")).expect("a folder");
    std::fs::write(&photo, b"mine").expect("a file");
    let error =
        publish(&scene.path("keys"), &scene.path("site"), &requests, 30).expect_err("a folder with other files");
    assert!(error.message.contains("choose an empty folder"), "{error}");
    assert!(!scene.path("keys").exists() && !scene.path("site/metadata").exists(), "nothing was written");
}

/// Each file that is longer than a limit ends the publisher in the middle of it: by a signal, as a kill does, or by an
/// error of the disk.
#[cfg(unix)]
#[test]
fn a_publication_that_breaks_off_leaves_the_last_one() {
    for (name, begin) in [("a kill", ""), ("a full disk", "trap '' XFSZ;")] {
        let scene = Scene::new();
        let mut version = 1;
        let mut broken = 0;
        // In blocks of 512 bytes; the largest of the files is the list of segments.
        for blocks in 0..40 {
            let words: Vec<String> = (0..=blocks).map(|number| format!("Losung {number}")).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut command = Command::new("sh");
            command.arg("-c").arg(format!("{begin} ulimit -c 0; ulimit -f {blocks}; exec \"$@\"")).arg("sh");
            command.arg(program("lethe-cli")).args(["list", "publish", "--keys"]).arg(scene.path("keys"));
            command.arg("--repo").arg(scene.path("site")).arg("--in").arg(entries(&scene.data, &words));
            let output = command.output().expect("it runs");
            if output.status.success() {
                version += 1;
            } else {
                broken += 1;
                if !begin.is_empty() {
                    let said = failed(&output);
                    assert!(said.contains("can't be read or written"), "{said}");
                }
            }
            succeeded(&scene.update_from("site"));
            let list = scene.list();
            assert_eq!(list["version"], version.to_string(), "{name} at {blocks} blocks: {list}");
        }
        assert!(broken > 1 && version > 2, "{name}: some break off, some end: {broken} and {version}");
        let site = scene.path("site/targets");
        let left = |folder: &Path| {
            let names = std::fs::read_dir(folder).expect("a folder").flatten();
            names.filter(|entry| entry.file_name().to_string_lossy().starts_with(".tmp")).count()
        };
        scene.publish("keys", "site", &["Losung"]);
        assert_eq!(left(&site) + left(&scene.path("site/metadata")), 0, "{name}: no halves are left");
    }
}

/// The same before there is any list.
#[cfg(unix)]
#[test]
fn a_first_publication_that_breaks_off_can_be_made_again() {
    for blocks in 0..5 {
        let scene = Scene { data: Data::default() };
        let words: Vec<String> = (0..100).map(|number| format!("Losung {number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -c 0; ulimit -f {blocks}; exec \"$@\"")).arg("sh");
        command.arg(program("lethe-cli")).args(["list", "publish", "--keys"]).arg(scene.path("keys"));
        command.arg("--repo").arg(scene.path("site")).arg("--in").arg(entries(&scene.data, &words));
        let output = command.output().expect("it runs");
        assert!(!output.status.success(), "at {blocks} blocks the list is too long");
        scene.publish("keys", "site", &words);
        scene.serve("site");
        succeeded(&scene.subscribe("served", "1.root.json"));
        succeeded(&scene.update());
        assert_eq!(scene.list()["entries"], 100, "at {blocks} blocks");
    }
}
