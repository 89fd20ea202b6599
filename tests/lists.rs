//! The road of a list: compiled, published, subscribed to, refreshed, refused, and applied to what was stored before.

use lethe_core::lists::facts::ListSource;
use std::path::{Path, PathBuf};

use lethe_core::chat::history::{End, MessageState, UserText};
use lethe_core::chat::sweep::SweepState;
use lethe_core::lists::library::Subscription;
use lethe_core::lists::publish::publish;
use lethe_core::{Lethe, chat::export};
use lethe_filters::{Detectors, Filter, FilteredText};
use lethe_tests::{Data, failed, succeeded};
use serde_json::Value;

const ENTRIES: &str = concat!(
    "{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"Wanda Beispiel\"}\n",
    "{\"id\":\"p2\",\"kind\":\"person\",\"text\":\"Jörg Muster\",\"context\":\"Olten\"}\n",
    "{\"id\":\"p3\",\"kind\":\"phone\",\"text\":\"+41 44 668 18 00\"}\n",
);
const TEXT: &str = "Wanda Beispiel, Joerg Muster (Olten), 0446681800 und Jörg Muster.";
const REDACTED: &str = "[removed: person], [removed: person] (Olten), [removed: phone] und [removed: person].";

/// A repository on the same disk.
struct Site {
    keys: PathBuf,
    repository: PathBuf,
}

impl Site {
    fn beside(data: &Data) -> Site {
        Site { keys: data.path().join("keys"), repository: data.path().join("site") }
    }

    fn publish(&self, entries: &Path) -> lethe_core::lists::publish::Published {
        publish(&self.keys, &self.repository, entries, 30).expect("the entries are usable")
    }

    fn root(&self) -> PathBuf {
        self.repository.join("metadata/1.root.json")
    }

    fn url(&self) -> String {
        self.repository.display().to_string()
    }
}

fn redact(data: &Data, lists: &[&Path], text: &str) -> String {
    let input = data.file("input.txt", text);
    let mut command = data.cli();
    command.arg("redact").args(["--detectors", "none"]);
    for list in lists {
        command.arg("--only-lists").arg(list);
    }
    let input = std::fs::File::open(input).expect("it was just written");
    succeeded(&command.stdin(input).output().expect("it runs"))
}

fn json(output: &std::process::Output) -> Value {
    serde_json::from_str(&succeeded(output)).expect("JSON")
}

#[test]
fn a_list_is_compiled_and_inspected_without_its_text() {
    let data = Data::default();
    let entries = data.file("requests.jsonl", ENTRIES);
    let (hashed, clear) = (data.path().join("hashed.list"), data.path().join("clear.list"));
    let build = |out: &Path, more: &[&str]| {
        let mut command = data.cli();
        command.args(["list", "build", "--in"]).arg(&entries).arg("--out").arg(out).args(more);
        succeeded(&command.output().expect("it runs"))
    };
    build(&hashed, &[]);
    build(&clear, &["--clear"]);
    for list in [&entries, &hashed, &clear] {
        assert_eq!(redact(&data, &[list], TEXT), REDACTED, "{}", list.display());
        let inspected = succeeded(&data.cli().args(["list", "inspect"]).arg(list).output().expect("it runs"));
        assert!(inspected.contains("3 entries"), "{inspected}");
        assert!(!inspected.to_lowercase().contains("wanda"), "inspect shows an entry: {inspected}");
    }
    let summary = json(&data.cli().args(["--json", "list", "inspect"]).arg(&hashed).output().expect("it runs"));
    assert_eq!((&summary["hashed"], &summary["entries"]), (&Value::Bool(true), &Value::from(3)));
    assert_eq!(summary["kinds"]["person"], 2);
    let bytes = std::fs::read(&hashed).expect("it was written");
    assert!(!bytes.windows(5).any(|window| window.eq_ignore_ascii_case(b"wanda")), "the hashed list holds a name");
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    let damaged = data.file("damaged.list", damaged);
    let said = failed(&data.cli().arg("redact").arg("--list").arg(damaged).output().expect("it runs"));
    assert!(said.contains("damaged"), "{said}");
}

#[test]
fn a_list_is_never_written_over_what_it_is_made_from() {
    let data = Data::default();
    let entries = data.file("requests.jsonl", ENTRIES);
    let sub = data.path().join("sub");
    std::fs::create_dir(&sub).expect("a folder");
    let other = data.file("other.list", "something else");
    let build = |out: &Path, more: &[&str]| {
        let mut command = data.cli();
        command.args(["list", "build", "--in"]).arg(&entries).arg("--out").arg(out).args(more);
        command.output().expect("it runs")
    };
    for out in [entries.clone(), sub.join("../requests.jsonl")] {
        for more in [&[][..], &["--force"]] {
            assert!(failed(&build(&out, more)).contains("the file that is read"), "{}", out.display());
        }
    }
    assert_eq!(std::fs::read_to_string(&entries).expect("it is there"), ENTRIES);
    assert!(failed(&build(&other, &[])).contains("--force"));
    assert_eq!(std::fs::read_to_string(&other).expect("it is there"), "something else");
    succeeded(&build(&other, &["--force"]));
    let output = build(Path::new("-"), &[]);
    assert!(output.status.success() && output.stdout.starts_with(b"LETHLIST"), "- is standard output");
    let unknown = data.file("kinds.jsonl", "\n{\"id\":\"p1\",\"kind\":\"fraudster\",\"text\":\"Wanda Beispiel\"}\n");
    let output = data.cli().args(["list", "build", "--out", "-", "--in"]).arg(unknown).output().expect("it runs");
    let error = failed(&output);
    assert!(error.contains("line 2") && error.contains("person, email, phone"), "{error}");
}

#[test]
fn building_a_list_names_those_who_are_found_in_full_only() {
    let data = Data::default();
    let build = |entries: &str| {
        let entries = data.file("people.jsonl", entries);
        let mut command = data.cli();
        command.args(["list", "build", "--force", "--in"]).arg(&entries).arg("--out").arg(data.path().join("p.list"));
        let output = command.output().expect("it runs");
        assert!(output.status.success());
        String::from_utf8(output.stderr).expect("text")
    };
    let long = "{\"id\":\"q-7\",\"kind\":\"person\",\"text\":\"Wanda Maria Beispiel\"}\n";
    let said = build(long);
    assert!(said.contains("q-7") && said.contains("\"short\": true") && !said.contains("Wanda"), "{said}");
    assert_eq!(build(&long.replace("}\n", ",\"short\":true}\n")), "");
    assert_eq!(redact(&data, &[&data.path().join("p.list")], "Wanda Beispiel"), "[removed: person]");
}

#[test]
fn a_second_list_of_the_same_name_replaces_the_first_only_if_that_is_asked_for() {
    let data = Data::default();
    let place = |folder: &str, entries: &str| {
        std::fs::create_dir(data.path().join(folder)).expect("a folder");
        data.file(&format!("{folder}/people.jsonl"), entries)
    };
    let first = place("a", ENTRIES);
    let second = place("b", "{\"id\":\"q\",\"kind\":\"person\",\"text\":\"Otto Probe\"}\n");
    let add =
        |file: &Path, more: &[&str]| data.cli().args(["list", "add"]).arg(file).args(more).output().expect("it runs");
    succeeded(&add(&first, &[]));
    succeeded(&add(&first, &[]));
    let error = failed(&add(&second, &[]));
    assert!(error.contains("--name") && error.contains("--replace"), "{error}");
    let status = || succeeded(&data.cli().args(["list", "status"]).output().expect("it runs"));
    assert_eq!(status().lines().count(), 1);
    assert!(status().starts_with("people\t3 entries"), "{}", status());
    succeeded(&add(&second, &["--name", "others"]));
    assert_eq!(status().lines().count(), 2);
    succeeded(&add(&second, &["--replace"]));
    assert!(status().contains("people\t1 entry,"), "{}", status());
}

#[test]
fn a_published_list_is_refreshed_by_difference() {
    let data = Data::default();
    let site = Site::beside(&data);
    let first = site.publish(&data.file("requests.jsonl", ENTRIES));
    assert_eq!((first.added, first.segments, first.rewritten), (3, 1, false));
    let root = site.root();
    let subscribe = data
        .cli()
        .args(["list", "subscribe", "--name", "requests", "--url", &site.url(), "--root"])
        .arg(&root)
        .output();
    succeeded(&subscribe.expect("it runs"));
    let status = || json(&data.cli().args(["--json", "list", "status"]).output().expect("it runs"));
    assert!(status()["problem"].as_str().is_some_and(|text| text.contains("not fetched yet")), "{}", status());

    succeeded(&data.cli().args(["list", "update"]).output().expect("it runs"));
    let list = status()["lists"][0].clone();
    assert_eq!((&list["entries"], &list["signed"], &list["hashed"]), (&3.into(), &true.into(), &true.into()), "{list}");
    assert_eq!(status()["warning"], Value::Null, "{}", status());

    let changed = ENTRIES.replace("Wanda Beispiel", "Wanda Anders").replace("\"p3\"", "\"p4\"");
    let second = site.publish(&data.file("requests.jsonl", changed));
    assert_eq!((second.added, second.changed, second.removed), (1, 1, 1), "{second:?}");
    assert_eq!(second.segments, 3, "one more with entries and one with removals");
    let updated = json(&data.cli().args(["--json", "list", "update", "requests"]).output().expect("it runs"));
    assert_eq!((&updated[0]["change"]["added"], &updated[0]["change"]["removed"]), (&2.into(), &1.into()), "{updated}");

    let third = site.publish(&data.file("requests.jsonl", ENTRIES));
    assert_eq!((third.added, third.changed, third.removed), (1, 1, 1), "what went comes again");
    succeeded(&data.cli().args(["list", "update"]).output().expect("it runs"));
    let kept = std::fs::read_dir(data.data().join("lists")).expect("the folder").flatten();
    let kept = kept.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "list"));
    assert_eq!(redact(&data, &[&kept.expect("a list was kept")], TEXT), REDACTED);
}

#[test]
fn a_segment_that_was_damaged_on_the_disk_is_fetched_anew() {
    let data = Data::default();
    let site = Site::beside(&data);
    site.publish(&data.file("requests.jsonl", ENTRIES));
    let mut subscribe = data.cli();
    subscribe.args(["list", "subscribe", "--name", "requests", "--url", &site.url(), "--root"]).arg(site.root());
    succeeded(&subscribe.output().expect("it runs"));
    let update = || data.cli().args(["list", "update"]).output().expect("it runs");
    succeeded(&update());
    let kept = std::fs::read_dir(data.data().join("lists")).expect("the folder").flatten().map(|entry| entry.path());
    let feeds = kept.filter(|path| path.extension().is_some_and(|end| end == "feed"));
    let segments = feeds.flat_map(|feed| std::fs::read_dir(feed.join("segments")).expect("its segments"));
    let segments: Vec<PathBuf> = segments.flatten().map(|entry| entry.path()).collect();
    assert!(!segments.is_empty(), "the list has segments");
    for segment in segments {
        let mut bytes = std::fs::read(&segment).expect("a segment");
        bytes[20] ^= 1;
        std::fs::write(&segment, bytes).expect("a damaged segment");
    }
    let more = format!("{ENTRIES}{{\"id\":\"p5\",\"kind\":\"person\",\"text\":\"Otto Probe\"}}\n");
    site.publish(&data.file("requests.jsonl", more));
    assert!(!update().status.success(), "damage is never taken for a list");
    succeeded(&update());
    let status = json(&data.cli().args(["--json", "list", "status"]).output().expect("it runs"));
    assert_eq!(status["lists"][0]["entries"], 4, "{status}");
}

#[test]
fn a_list_of_many_segments_is_written_anew() {
    let data = Data::default();
    let site = Site::beside(&data);
    let mut lines = String::new();
    let mut last = None;
    for number in 0..30 {
        lines += &format!("{{\"id\":\"e{number}\",\"kind\":\"text\",\"text\":\"Losung {number}\"}}\n");
        last = Some(site.publish(&data.file("requests.jsonl", &lines)));
    }
    let last = last.expect("it was published");
    assert!(last.segments <= 24, "{last:?}");
    assert_eq!(last.entries, 30);
}

#[test]
fn a_refused_refresh_leaves_the_last_good_list_in_force() {
    let data = Data::default();
    let site = Site::beside(&data);
    site.publish(&data.file("requests.jsonl", ENTRIES));
    let subscribe = data
        .cli()
        .args(["list", "subscribe", "--name", "requests", "--url", &site.url(), "--root"])
        .arg(site.root())
        .output();
    succeeded(&subscribe.expect("it runs"));
    succeeded(&data.cli().args(["list", "update"]).output().expect("it runs"));
    let timestamp = site.repository.join("metadata/timestamp.json");
    let good = std::fs::read_to_string(&timestamp).expect("it was published");
    std::fs::write(
        &timestamp,
        good.replace("\"version\": 1", "\"version\": 9").replace("\"version\":1", "\"version\":9"),
    )
    .expect("writable");
    let said = failed(&data.cli().args(["list", "update"]).output().expect("it runs"));
    assert!(said.starts_with("requests: ") && said.contains("not signed by the publisher"), "{said}");
    let status = json(&data.cli().args(["--json", "list", "status"]).output().expect("it runs"));
    assert_eq!(status["lists"][0]["entries"], 3, "{status}");
    assert!(
        status["lists"][0]["failure"].as_str().is_some_and(|text| text.contains("not signed by the publisher")),
        "{status}"
    );
    assert!(status["warning"].as_str().is_some_and(|text| text.contains("still filters")), "{status}");
    let said = failed(&data.cli().args(["--offline", "list", "update", "nobody"]).output().expect("it runs"));
    assert!(said.contains("not there"), "{said}");
    std::fs::write(&timestamp, good).expect("writable");
    succeeded(&data.cli().args(["list", "update"]).output().expect("it runs"));
}

#[test]
fn a_machine_without_network_is_refreshed_from_one_file() {
    let data = Data::default();
    let site = Site::beside(&data);
    let archive = data.path().join("requests.tar");
    let entries = data.file("requests.jsonl", ENTRIES);
    let mut command = data.cli();
    command.args(["list", "publish", "--expires", "7", "--keys"]).arg(&site.keys).arg("--repo").arg(&site.repository);
    command.arg("--in").arg(&entries).arg("--pack").arg(&archive);
    succeeded(&command.output().expect("it runs"));
    let url = "https://lists.example/requests/";
    let mut command = data.cli();
    command.args(["--offline", "list", "subscribe", "--name", "requests", "--url", url, "--root"]).arg(site.root());
    succeeded(&command.output().expect("it runs"));
    let said = failed(&data.cli().args(["--offline", "list", "update"]).output().expect("it runs"));
    assert!(said.contains("switched off"), "{said}");
    succeeded(
        &data
            .cli()
            .args(["--offline", "list", "update", "requests", "--from"])
            .arg(&archive)
            .output()
            .expect("it runs"),
    );
    let status = json(&data.cli().args(["--json", "list", "status"]).output().expect("it runs"));
    assert_eq!((&status["lists"][0]["entries"], &status["warning"]), (&3.into(), &Value::Null), "{status}");
    succeeded(&data.cli().args(["list", "remove", "requests"]).output().expect("it runs"));
    let left = std::fs::read_dir(data.data().join("lists")).expect("the folder").count();
    assert_eq!(left, 0, "a removed list leaves nothing");
}

/// SHA-256 of `wanda beispiel` and of `jörg muster`.
const HASHES: &str = concat!(
    "4943302305da7f1dd501015f1d949f4c4a457c8fa2333b6ad491abbfaa778d5e\n",
    "9c974c65f45e753686d8c9ddba8426aeca9414d591639eca9e7b060fd1ed8b99\n",
);

fn descriptor() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/descriptors/hex-lines.toml")
}

#[test]
fn somebody_elses_hash_values_need_a_descriptor_and_no_code() {
    let data = Data::default();
    let (hashes, out) = (data.file("hashes.txt", HASHES), data.path().join("foreign.list"));
    let mut command = data.cli();
    command.args(["--json", "list", "import", "--descriptor"]).arg(descriptor()).arg("--in").arg(&hashes);
    let summary = json(&command.arg("--out").arg(&out).output().expect("it runs"));
    assert_eq!((&summary["entries"], &summary["algorithm"]), (&2.into(), &"sha256".into()), "{summary}");
    let redacted = redact(&data, &[&out], "Es war **Wanda** Beispiel; Jörg\nMuster und Wanda Beispielhaft nicht.");
    assert_eq!(redacted, "Es war [removed: text]; [removed: text] und Wanda Beispielhaft nicht.");
    let short = data.file("short.txt", &HASHES[..100]);
    let mut command = data.cli();
    command.args(["list", "import", "--descriptor"]).arg(descriptor()).arg("--in").arg(&short);
    let said = failed(&command.arg("--out").arg(data.path().join("none.list")).output().expect("it runs"));
    assert!(said.contains("line 2"), "{said}");
    assert!(!data.path().join("none.list").exists(), "half a list was written");
    // Nothing else that holds digests is taken for lines that are too long.
    let parquet = data.file("hashes.parquet", [&b"PAR1"[..], &vec![b'x'; 32 << 20]].concat());
    let mut command = data.cli();
    command.args(["list", "import", "--descriptor"]).arg(descriptor()).arg("--in").arg(&parquet);
    let said = failed(&command.arg("--out").arg(data.path().join("none.list")).output().expect("it runs"));
    assert!(said.contains("the file is Parquet, which is not supported: convert it to lines, CSV or JSON"), "{said}");
}

/// Serves one file over HTTP until the end of the process; gives back its address.
fn serve(body: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut request = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut request);
            let answer =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
            let _ = std::io::Write::write_all(&mut stream, answer.as_bytes());
        }
    });
    format!("http://{address}/hashes.txt")
}

#[test]
fn an_unsigned_file_on_the_web_is_refreshed_and_labelled() {
    let data = Data::default();
    let url = serve(HASHES);
    let mut command = data.cli();
    command.args(["list", "subscribe", "--name", "apertus", "--unsigned", "--url", &url, "--descriptor"]);
    succeeded(&command.arg(descriptor()).output().expect("it runs"));
    succeeded(&data.cli().args(["list", "update"]).output().expect("it runs"));
    let list = json(&data.cli().args(["--json", "list", "status"]).output().expect("it runs"))["lists"][0].clone();
    assert_eq!(
        (&list["entries"], &list["signed"], &list["hashed"]),
        (&2.into(), &false.into(), &true.into()),
        "{list}"
    );
    assert_eq!(list["source"]["type"], "url");
    let mut command = data.cli();
    command.args(["list", "subscribe", "--name", "other", "--unsigned", "--url", "http://lists.example/x"]);
    let said = failed(&command.output().expect("it runs"));
    assert!(said.contains("https"), "{said}");
}

fn unfiltered(text: &str) -> FilteredText {
    Filter::new(Vec::new(), Detectors::none()).expect("no lists").filter(text)
}

/// An answer that says `text`, as an older Lethe without the list would have stored it.
async fn store_answer(lethe: &Lethe, question: &str, text: &str) {
    let question = UserText::parse(question).expect("a question");
    let (_, mut answer) = lethe.history().begin(None, &question, "a model").await.expect("it is stored");
    answer.append(&unfiltered(text)).await.expect("it is stored");
    let end = End { state: MessageState::Complete, note: None, stats: None, receipt: None };
    answer.finish(end).await.expect("it is stored");
}

#[tokio::test]
async fn a_new_list_cleans_the_past() {
    let data = Data::default();
    let list = data.file("requests.jsonl", ENTRIES);
    let lethe = data.open().await.expect("a fresh folder opens");
    for number in 0..600 {
        let text = if number % 3 == 0 { "Es war **Wanda** Beispiel, sagt man." } else { "Es war niemand." };
        store_answer(&lethe, &format!("Wer war es, Nummer {number}?"), text).await;
    }
    store_answer(&lethe, "Kennst du Wanda Beispiel?", "Nein.").await;
    lethe.close().await;
    assert!(!data.files_with(b"Beispiel, sagt").is_empty(), "it was stored in clear first");

    succeeded(&data.cli().args(["list", "add"]).arg(&list).output().expect("it runs"));
    let lethe = data.open().await.expect("it opens");
    let sweep = lethe.sweeper().last();
    assert_eq!((sweep.state, sweep.done, sweep.changed, sweep.removed), (SweepState::Done, 601, 201, 201));
    assert!(!lethe.sweeper().is_due().await.expect("it is known"), "nothing is swept twice for the same lists");
    assert!(
        lethe.history().search("Beispiel").await.expect("a search").iter().all(|hit| hit.title.contains("[removed"))
    );
    let conversations = lethe.history().list().await.expect("the list");
    assert_eq!(conversations[0].title, "Kennst du [removed: person]?");
    let oldest = lethe.history().open(conversations.last().expect("there are some").id).await.expect("it opens");
    assert_eq!(export::source(&oldest.messages[1].segments), "Es war [removed: person], sagt man.");
    let report = lethe.report().await.expect("a report");
    assert_eq!((report.answers, report.answers_with_removals), (601, 200));
    assert_eq!(report.by_entry[0].entry.as_deref(), Some("p1"));
    let page = report.page();
    assert!(page.contains("requests") && page.contains("p1") && !page.contains("Wanda"), "{page}");
    lethe.close().await;
    for bytes in ["**Wanda**", "Beispiel, sagt", "beispiel, sagt"] {
        assert!(
            data.files_with(bytes.as_bytes()).is_empty(),
            "{bytes} is still in {:?}",
            data.files_with(bytes.as_bytes())
        );
    }
    let left = data.files_with(b"Wanda Beispiel");
    assert_eq!(left.len(), 1, "only what the user typed is left, in the database: {left:?}");
}

#[tokio::test]
async fn words_that_were_removed_are_not_left_in_the_search_index() {
    let data = Data::default();
    let word = |number: u32| format!("zqx{:05}w", number.wrapping_mul(40_503) % 99_991);
    let removed: Vec<String> = (0..3_000).step_by(97).map(word).collect();
    let lines = removed
        .iter()
        .enumerate()
        .map(|(id, word)| format!("{{\"id\":\"w{id}\",\"kind\":\"text\",\"text\":\"{word}\"}}\n"));
    let list = data.file("words.jsonl", lines.collect::<String>());
    let lethe = data.open().await.expect("a fresh folder opens");
    for number in 0..3_000 {
        store_answer(&lethe, "Welches Wort?", &format!("Es war {} am Abend.", word(number))).await;
    }
    lethe.lists().import(&list).await.expect("the list is good");
    let swept = lethe.sweeper().sweep().await.expect("it ends");
    assert_eq!((swept.state, swept.changed as usize), (SweepState::Done, removed.len()));
    for word in &removed {
        let files = data.files_with(word.as_bytes());
        assert!(files.is_empty(), "{word} is still in {files:?}, with the program open");
    }
    assert_eq!(lethe.history().search(&word(1)).await.expect("a search").len(), 1, "what stays is still found");
    lethe.close().await;
}

#[tokio::test]
async fn another_program_s_change_takes_effect_here() {
    let data = Data::default();
    let list = data.file("requests.jsonl", ENTRIES);
    let lethe = data.open().await.expect("a fresh folder opens");
    store_answer(&lethe, "Wer?", "Wanda Beispiel").await;
    succeeded(&data.cli().args(["list", "add"]).arg(&list).output().expect("it runs"));
    assert_eq!(lethe.filters().status().lists, 0, "nobody has told this one yet");
    assert!(!lethe.sweeper().is_due().await.expect("it is known"), "the other one has swept");
    assert_eq!(lethe.filters().status().lists, 1, "looking is enough to hear of it");
    lethe.close().await;
}

#[test]
fn a_lost_file_stops_answers_until_the_list_is_refreshed() {
    let data = Data::default();
    let site = Site::beside(&data);
    site.publish(&data.file("requests.jsonl", ENTRIES));
    let mut command = data.cli();
    command.args(["list", "subscribe", "--name", "requests", "--url", &site.url(), "--root"]).arg(site.root());
    succeeded(&command.output().expect("it runs"));
    succeeded(&data.cli().args(["list", "update"]).output().expect("it runs"));
    let kept = std::fs::read_dir(data.data().join("lists")).expect("the folder").flatten();
    let kept = kept.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "list"));
    std::fs::remove_file(kept.expect("a list was kept")).expect("it can be deleted");
    let status = || json(&data.cli().args(["--json", "list", "status"]).output().expect("it runs"));
    assert!(status()["problem"].as_str().is_some_and(|text| text.contains("damaged: update it")), "{}", status());
    succeeded(&data.cli().args(["list", "update"]).output().expect("it runs"));
    assert_eq!(status()["problem"], Value::Null, "what is unchanged at its publisher is made anew: {}", status());
}

#[tokio::test]
async fn a_cancelled_sweep_goes_on_where_it_ended() {
    let data = Data::default();
    let list = data.file("requests.jsonl", ENTRIES);
    let lethe = data.open().await.expect("a fresh folder opens");
    for number in 0..700 {
        store_answer(&lethe, &format!("Frage {number}"), "Wanda Beispiel").await;
    }
    lethe.lists().import(&list).await.expect("the list is good");
    assert!(lethe.sweeper().is_due().await.expect("it is known"));
    let mut progress = lethe.sweeper().watch();
    let cancel = async {
        while progress.borrow_and_update().done == 0 {
            progress.changed().await.expect("the sweeper lives");
        }
        lethe.sweeper().cancel();
    };
    let (swept, ()) = tokio::join!(lethe.sweeper().sweep(), cancel);
    let swept = swept.expect("it ends");
    assert_eq!(swept.state, SweepState::Cancelled);
    assert!((1..700).contains(&swept.done), "{swept:?}");
    lethe.close().await;

    let lethe = data.open().await.expect("it opens");
    assert_eq!(lethe.sweeper().last(), swept, "where it stands survives the end of the program");
    let done = lethe.sweeper().sweep().await.expect("it goes on");
    assert_eq!((done.state, done.done, done.total, done.changed), (SweepState::Done, 700, 700, 700));
    let report = lethe.report().await.expect("a report");
    assert_eq!(report.sweeps.len(), 1, "it was one sweep");
    lethe.close().await;
}

#[tokio::test]
async fn a_list_that_changes_while_an_answer_is_written_applies_to_it() {
    let data = Data::default();
    let list = data.file("requests.jsonl", ENTRIES);
    let lethe = data.open().await.expect("a fresh folder opens");
    let question = UserText::parse("Wer?").expect("a question");
    let (_, mut answer) = lethe.history().begin(None, &question, "a model").await.expect("it is stored");
    answer.append(&unfiltered("Es war Wanda ")).await.expect("it is stored");
    lethe.lists().import(&list).await.expect("the list is good");
    answer.append(&unfiltered("Beispiel.")).await.expect("it is stored");
    let end = End { state: MessageState::Complete, note: None, stats: None, receipt: None };
    let ended = answer.finish(end).await.expect("it is stored");
    assert_eq!(export::source(&ended.message.segments), "Es war [removed: person].");
    lethe.close().await;
    assert!(data.files_with(b"Wanda Beispiel").is_empty());
}

#[tokio::test]
async fn subscribing_to_what_is_not_there_leaves_nothing_behind() {
    let data = Data::default();
    let site = Site::beside(&data);
    site.publish(&data.file("requests.jsonl", ENTRIES));
    let lethe = data.open().await.expect("a fresh folder opens");
    let root = site.root();
    let nowhere = data.path().join("nowhere").display().to_string();
    let what = Subscription::Feed { url: &nowhere, root: &root };
    lethe.lists().subscribe_and_fetch("requests", what).await.expect_err("there is nothing");
    assert!(lethe.lists().all().await.expect("the lists").is_empty());
    let what = Subscription::Feed { url: &site.url(), root: &root };
    let view = lethe.lists().subscribe_and_fetch("requests", what).await.expect("it is there");
    assert!(matches!(view.source, ListSource::Feed { .. }) && view.signed && view.entries == 3, "{view:?}");
    let what = Subscription::Feed { url: &site.url(), root: &root };
    let error = lethe.lists().subscribe("requests", what).await.expect_err("the name is taken");
    assert!(error.message.contains("already"), "{error}");
    lethe.close().await;
}
