//! Models from the hub in a terminal: found, fetched, used, removed; and what happens when that is broken off.
//!
//! The hub is one on this machine that speaks the real protocol over real sockets, with its large files on another
//! port, as the real one has them on another host.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use lethe_convert::tiny::Tiny;
use lethe_hub::download::Throttle;
use lethe_hub::fake::{Fake, FakeRepository, Gate};
use lethe_hub::fake_files::{FakeFiles, Manner};
use lethe_tests::{Data, failed, starter_model, succeeded, with_input};

const REPOSITORY: &str = "acorn/SmolLM2-135M-Instruct-GGUF";
const FILE: &str = "SmolLM2-135M-Instruct-Q4_1.gguf";
const CARD: &str = "---\nlicense: apache-2.0\n---\n# A small model\n";
const TOKEN: &str = "hf_quillfeather1234";

/// A hub with the starter model, and an empty data folder.
struct World {
    data: Data,
    hub: Fake,
    files: FakeFiles,
    model: Vec<u8>,
}

impl World {
    async fn new(gate: Gate, manner: Manner) -> Self {
        let hub = Fake::start().await.expect("two free ports");
        let files = FakeFiles::start(manner).await.expect("a free port");
        hub.set_content_base(files.base());
        let repository = FakeRepository::new(REPOSITORY).expect("a name").gate(gate).file("README.md", CARD);
        let repository = repository.file_from(FILE, &starter_model()).expect("the starter model is readable");
        let model = std::fs::read(starter_model()).expect("the starter model is readable");
        files.put(&format!("{REPOSITORY}/{}/{FILE}", repository.commit()), model.clone(), Some("\"model\""));
        hub.add(repository);
        Self { data: Data::default(), hub, files, model }
    }

    fn cli(&self, args: &[&str]) -> Command {
        let mut command = self.data.cli();
        command.env("HF_ENDPOINT", self.hub.endpoint().as_str()).env("HF_HOME", self.data.path().join("no-cache"));
        command.env_remove("HF_TOKEN").env_remove("HF_HUB_CACHE").env_remove("LETHE_OFFLINE").args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.cli(args).output().expect("lethe-cli starts")
    }

    fn says(&self, args: &[&str]) -> String {
        succeeded(&self.run(args))
    }

    /// The files in the folder of models, whole or not.
    fn kept(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.data.data().join("models")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found
    }

    fn assert_whole(&self, why: &str) {
        let kept = self.kept();
        assert_eq!(kept.len(), 1, "{why}: only the model is left of {kept:?}");
        assert!(std::fs::read(&kept[0]).expect("readable") == self.model, "{why}: another content");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_searched_pulled_used_and_removed() {
    let world = World::new(Gate::Open, Manner::default()).await;
    let hits = world.says(&["model", "search", "smollm2"]);
    assert!(hits.starts_with(&format!("{REPOSITORY}\tGGUF\t")), "{hits}");
    assert_eq!(world.says(&["model", "search", "no-such-thing"]), "", "nothing is found, and that is no failure");

    let variants = world.says(&["model", "pull", REPOSITORY, "--list"]);
    assert!(variants.starts_with("Q4_1\t") && variants.contains("98"), "{variants}");
    assert!(world.kept().is_empty(), "--list only says what there is");
    let sentence = failed(&world.run(&["model", "pull", REPOSITORY, "Q9_9"]));
    assert!(sentence.contains("Q9_9") && sentence.contains("Q4_1"), "{sentence}");

    let pulled = world.run(&["model", "pull", REPOSITORY, "q4_1"]);
    let name = succeeded(&pulled).trim().to_owned();
    let progress = String::from_utf8_lossy(&pulled.stderr).into_owned();
    assert!(progress.contains(" of 98"), "progress is told without a terminal too: {progress}");
    world.assert_whole("pulled");
    let fetched = world.files.sent();
    assert_eq!(world.says(&["model", "pull", REPOSITORY]).trim(), name, "a model that is here is not fetched again");
    assert_eq!(world.files.sent(), fetched, "not a byte of it");

    assert!(world.says(&["model", "ls"]).starts_with(&format!("{name}\t")));
    assert!(!world.says(&["ask", "--model", &name, "--max-tokens", "8", "Name a colour."]).trim().is_empty());

    let ledger = world.says(&["network", "ledger"]);
    let hosts = [world.hub.endpoint(), world.files.base()].map(|url| url.port().expect("a port").to_string());
    assert!(hosts.iter().all(|port| ledger.contains(port.as_str())), "both hosts are in the ledger: {ledger}");
    let others = ledger.lines().filter(|line| !hosts.iter().any(|port| line.contains(port.as_str())));
    assert_eq!(others.count(), 0, "and no other: {ledger}");
    let received: u64 = world.files.sent();
    assert!(received >= world.model.len() as u64);

    let removed = world.run(&["model", "rm", &name]);
    succeeded(&removed);
    let said = String::from_utf8_lossy(&removed.stderr).into_owned();
    assert!(said.contains("98") && said.contains("free"), "it says what it frees: {said}");
    assert!(world.kept().is_empty(), "the file is gone: {:?}", world.kept());
    assert_eq!(world.says(&["model", "ls"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gated_model_needs_a_token_which_only_the_hub_sees() {
    let world = World::new(Gate::Gated, Manner::default()).await;
    world.hub.add_token(TOKEN, &[REPOSITORY.parse().expect("a name")]);
    let sentence = failed(&world.run(&["model", "pull", REPOSITORY]));
    assert!(sentence.contains("token") || sentence.contains("condition"), "it says what is missing: {sentence}");
    assert!(world.kept().iter().all(|path| path.extension().is_none_or(|end| end != "gguf")), "{:?}", world.kept());

    assert!(failed(&world.run(&["model", "token"])).contains("standard input"), "no token is no token");
    let kept = with_input(&mut world.cli(&["model", "token"]), format!("{TOKEN}\n").as_bytes());
    assert_eq!(succeeded(&kept), "A token is kept.\n");
    world.says(&["model", "pull", REPOSITORY]);
    world.assert_whole("with a token");
    assert!(world.hub.requests().iter().any(|request| request.token() == Some(TOKEN)), "the hub saw it");
    assert!(world.hub.content_requests().is_empty(), "contents came from the other server");
    let logs = std::fs::read_dir(world.data.data().join("logs")).into_iter().flatten().flatten();
    for log in logs {
        assert!(!String::from_utf8_lossy(&std::fs::read(log.path()).expect("readable")).contains(TOKEN));
    }

    assert_eq!(world.says(&["model", "token", "--forget"]), "No token is kept.\n");
    assert_eq!(world.data.files_with(TOKEN.as_bytes()), Vec::<PathBuf>::new(), "a forgotten token is nowhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_environment_goes_to_the_hub_of_the_same_environment_only() {
    let world = World::new(Gate::Gated, Manner::default()).await;
    world.hub.add_token(TOKEN, &[REPOSITORY.parse().expect("a name")]);
    let pull = ["model", "pull", REPOSITORY];
    succeeded(&world.cli(&pull).env("HF_TOKEN", TOKEN).output().expect("lethe-cli starts"));
    world.assert_whole("with a token of the environment");
    let asked = world.hub.requests();
    assert!(asked[0].token().is_none(), "nobody gets it unasked");
    assert!(asked.iter().any(|request| request.token() == Some(TOKEN)), "the hub of HF_ENDPOINT asked for it");
    assert_eq!(world.data.files_with(TOKEN.as_bytes()), Vec::<PathBuf>::new(), "it is kept nowhere");

    // One that was kept for another hub stays there.
    let other = World::new(Gate::Gated, Manner::default()).await;
    other.hub.add_token(TOKEN, &[REPOSITORY.parse().expect("a name")]);
    let mut keep = other.cli(&["model", "token"]);
    succeeded(&with_input(keep.env("HF_ENDPOINT", world.hub.endpoint().as_str()), format!("{TOKEN}\n").as_bytes()));
    failed(&other.run(&pull));
    assert!(other.hub.requests().iter().all(|request| request.token().is_none()), "another origin never sees it");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_switch_off_the_hub_hears_nothing() {
    let world = World::new(Gate::Open, Manner::default()).await;
    assert_eq!(world.says(&["network", "off"]), "Nothing is sent over the network.\n");
    for command in [vec!["model", "search", "smollm2"], vec!["model", "pull", REPOSITORY]] {
        let sentence = failed(&world.run(&command));
        assert!(sentence.contains("switched off"), "{sentence}");
    }
    assert!(world.hub.requests().is_empty() && world.files.asked().is_empty());
    assert_eq!(world.says(&["network", "on"]), "Requests are allowed.\n");
    assert!(world.says(&["model", "search", "smollm2"]).contains(REPOSITORY));
}

/// Bytes a second at which a download takes long enough to be killed often.
const LINE: u64 = 60 << 20;
const KILLS: u64 = 20;
/// What a range of a download holds, as `Limits::default` says.
const PART: u64 = 16 << 20;

fn pull(world: &World) -> Child {
    let mut command = world.cli(&["model", "pull", REPOSITORY]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lethe-cli starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn lethe_killed_at_random_moments_of_a_download_goes_on_and_ends_with_the_whole_file() {
    let line = Throttle::new(Some(LINE));
    let world = World::new(Gate::Open, Manner { line, ..Manner::default() }).await;
    let size = world.model.len() as u64;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut kills = 0;
    while kills < KILLS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let moment = world.files.sent() + random % (size / 16);
        let mut child = pull(&world);
        let ended = loop {
            if let Some(ended) = child.try_wait().expect("a child") {
                break Some(ended);
            }
            tokio::select! {
                () = world.files.has_sent(moment) => break None,
                () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
            }
        };
        if let Some(ended) = ended {
            assert!(ended.success(), "a pull after {kills} kills fails");
            break;
        }
        child.kill().expect("it runs");
        child.wait().expect("it is gone");
        kills += 1;
        let whole = world.kept().into_iter().filter(|path| path.extension().is_some_and(|end| end == "gguf"));
        for path in whole {
            assert!(std::fs::read(&path).expect("readable") == world.model, "half a file after {kills} kills");
        }
    }
    assert!(kills >= KILLS / 2, "only {kills} kills before the end: the line is too fast for this test");
    let name = world.says(&["model", "pull", REPOSITORY]);
    world.assert_whole("after the kills");
    assert!(world.says(&["model", "ls"]).starts_with(name.trim()), "it is in the list, once");
    assert_eq!(world.says(&["model", "ls"]).lines().count(), 1);
    let sent = world.files.sent();
    println!("{kills} kills: {:.3} of the size", sent as f64 / size as f64);
    let lethe = world.data.open().await.expect("it opens after all that");
    let page = lethe.ledger().page(None).await.expect("the ledger is read");
    let content = lethe_network::host(&world.files.base());
    let noted = page.totals.iter().find(|total| total.host == content).expect("the contents' host is in the ledger");
    let asked = world.files.asked().len();
    assert!(
        noted.requests >= i64::try_from(asked).expect("a number"),
        "{asked} requests, and {} of them noted",
        noted.requests
    );
    assert!(page.entries.iter().any(|entry| !entry.over), "those that a kill cut off are there as well");
    lethe.close().await;
    assert!(sent <= size + size / 20 + kills * PART, "{sent} bytes for {size} and {kills} kills");
}

const TINY: &str = "acorn/Tiny-Apertus-Instruct";

/// Puts official weights on the hub: of the right form, and random.
fn publish_tiny(world: &World) {
    let folder = world.data.path().join("official");
    std::fs::create_dir(&folder).expect("there is room");
    Tiny { context: 512, ..Tiny::default() }.write(&folder).expect("the repository is written");
    let mut repository = FakeRepository::new(TINY).expect("a name").tags(&["safetensors", "apertus"]);
    for entry in std::fs::read_dir(&folder).expect("readable").flatten() {
        let content = std::fs::read(entry.path()).expect("readable");
        let path = entry.file_name().to_string_lossy().into_owned();
        world.files.put(&format!("{TINY}/{}/{path}", repository.commit()), content.clone(), Some("\"tiny\""));
        repository = repository.file(&path, content);
    }
    world.hub.add(repository);
}

#[tokio::test(flavor = "multi_thread")]
async fn official_weights_are_fetched_converted_and_their_files_removed() {
    let world = World::new(Gate::Open, Manner::default()).await;
    let name = TINY;
    publish_tiny(&world);

    let variants = world.says(&["model", "pull", name, "--list"]);
    assert!(variants.contains("is converted here"), "{variants}");
    let model = world.says(&["model", "pull", name]);
    let kept = world.kept();
    assert!(kept.len() == 1 && kept[0].extension().is_some_and(|end| end == "gguf"), "only the model: {kept:?}");
    assert!(world.says(&["model", "inspect", &kept[0].to_string_lossy()]).contains("apertus"));
    // Its weights are random, so that what it says is nothing; that it says it, is.
    let answer = world.says(&["ask", "--json", "--model", model.trim(), "--max-tokens", "4", "Hello"]);
    assert!(answer.contains("\"completion_tokens\""), "{answer}");
    let fetched = world.files.sent();
    assert_eq!(world.says(&["model", "pull", name]), model, "it is here already");
    assert_eq!(world.files.sent(), fetched, "and not fetched again");
    // As after a crash between the file and its entry.
    world.says(&["model", "rm", "--keep", model.trim()]);
    assert_eq!(world.says(&["model", "pull", name]), model, "what was made is found");
    assert_eq!(world.kept(), kept, "and not made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_that_is_killed_costs_no_download() {
    let world = World::new(Gate::Open, Manner::default()).await;
    publish_tiny(&world);
    let mut command = world.cli(&["model", "pull", TINY]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("lethe-cli starts");
    let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let converting = stderr.lines().map_while(Result::ok).any(|line| line.contains("converting"));
    assert!(converting, "it said so before it ended");
    child.kill().expect("it runs, or has ended just now");
    child.wait().expect("it is gone");
    let fetched = world.files.sent();
    let model = world.says(&["model", "pull", TINY]);
    assert_eq!(world.files.sent(), fetched, "the weights had been kept");
    let kept = world.kept();
    let name = kept.first().and_then(|path| path.file_name()).and_then(|name| name.to_str()).unwrap_or_default();
    assert!(kept.len() == 1 && name.starts_with("Tiny-Apertus-Instruct-"), "only the model, by its name: {kept:?}");
    assert!(model.starts_with("Tiny-Apertus-Instruct-"), "{model}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_the_same_name_is_told_apart_by_its_path() {
    let world = World::new(Gate::Open, Manner::default()).await;
    let name = "acorn/Twins-GGUF";
    let repository = FakeRepository::new(name).expect("a name");
    world.hub.add(repository.file("a/m-Q4_K_M.gguf", "one").file("b/m-Q4_K_M.gguf", "other"));
    let listed = world.says(&["model", "pull", name, "--list"]);
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(names, ["a/m-Q4_K_M.gguf", "b/m-Q4_K_M.gguf"], "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_that_can_not_be_converted_are_refused_before_they_are_fetched() {
    let world = World::new(Gate::Open, Manner::default()).await;
    let name = "acorn/Other-Model";
    let repository = FakeRepository::new(name).expect("a name").tags(&["safetensors"]);
    let config = r#"{"architectures":["LlamaForCausalLM"],"hidden_size":64}"#;
    let repository = repository.file("config.json", config).file("tokenizer.json", "{}").file("model.safetensors", "x");
    world.hub.add(repository);
    let listed = world.run(&["model", "pull", name, "--list"]);
    assert_eq!(succeeded(&listed), "", "nothing of it can be had");
    assert!(String::from_utf8_lossy(&listed.stderr).contains("LlamaForCausalLM"), "and why is said");
    failed(&world.run(&["model", "pull", name]));
    assert!(world.files.asked().is_empty() && world.hub.content_requests().is_empty(), "no weight was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_is_given_up_leaves_nothing() {
    let line = Throttle::new(Some(LINE));
    let world = World::new(Gate::Open, Manner { line, ..Manner::default() }).await;
    assert!(failed(&world.run(&["model", "pull", REPOSITORY, "--cancel"])).contains("broken off"));
    let mut child = pull(&world);
    world.files.has_sent(world.model.len() as u64 / 4).await;
    child.kill().expect("it runs");
    child.wait().expect("it is gone");
    assert!(!world.kept().is_empty(), "what arrived is kept");
    let asked = world.hub.requests().len();
    world.says(&["model", "pull", REPOSITORY, "--cancel"]);
    assert_eq!(world.kept(), Vec::<PathBuf>::new());
    assert_eq!(world.hub.requests().len(), asked, "nobody is asked for that");
    failed(&world.run(&["model", "pull", REPOSITORY, "--cancel"]));
    world.says(&["model", "pull", REPOSITORY]);
    world.assert_whole("from the beginning");
}

#[tokio::test(flavor = "multi_thread")]
async fn models_of_other_programs_and_folders_are_used_where_they_lie() {
    let world = World::new(Gate::Open, Manner::default()).await;
    let home = world.data.path().join("home");
    let folder = home.join(".lmstudio/models/acorn/SmolLM2-GGUF");
    std::fs::create_dir_all(&folder).expect("there is room");
    let file = folder.join("smollm2-q4_1.gguf");
    std::fs::hard_link(starter_model(), &file)
        .or_else(|_| std::fs::copy(starter_model(), &file).map(|_| ()))
        .expect("there is room");
    let in_home = |args: &[&str]| {
        let mut command = world.cli(args);
        command.env("HOME", &home).env("USERPROFILE", &home).env_remove("XDG_CACHE_HOME").env_remove("XDG_CONFIG_HOME");
        succeeded(&command.output().expect("lethe-cli starts"))
    };
    let found = in_home(&["model", "found"]);
    assert!(found.contains("LM Studio") && found.contains("smollm2-q4_1.gguf"), "{found}");
    let imported = in_home(&["model", "import", &folder.to_string_lossy()]);
    assert_eq!(imported.lines().count(), 1, "{imported}");
    assert!(world.kept().is_empty(), "it is not copied");
    world.says(&["model", "rm", imported.trim()]);
    assert!(file.is_file(), "what belongs to another program stays");
}

/// Room for the database and a part of the model, on a disk of its own that only this command sees.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_in_one_sentence_and_with_room_the_download_goes_on() {
    let world = World::new(Gate::Open, Manner::default()).await;
    let data = world.data.data();
    std::fs::create_dir_all(&data).expect("there is room");
    let script = r#"
        mount -t tmpfs -o size=60m none "$1" || exit 90
        "$0" --data-dir "$1" model pull "$2"; echo "too small: $?" >&2
        mount -o remount,size=300m "$1" || exit 91
        head -c 240000000 /dev/zero > "$1/ballast"
        "$0" --data-dir "$1" model pull "$2"; echo "with ballast: $?" >&2
        rm "$1/ballast"
        "$0" --data-dir "$1" model pull "$2" || exit 92
        find "$1/models" -type f -exec cksum {} +
    "#;
    let program = world.cli(&[]).get_program().to_owned();
    let run = |options: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(options).args(["sh", "-c", script]).arg(&program).arg(&data).arg(REPOSITORY);
        command.env("LETHE_KEY", "none").env("HF_ENDPOINT", world.hub.endpoint().as_str());
        command
            .env("HF_HOME", world.data.path().join("no-cache"))
            .env_remove("HF_HUB_CACHE")
            .env_remove("LETHE_OFFLINE");
        command.stdin(Stdio::null()).output().expect("util-linux is installed: it has unshare")
    };
    let mut output = run(&["--mount"]);
    if String::from_utf8_lossy(&output.stderr).contains("unshare failed") {
        // Without being root, a namespace for users makes one.
        output = run(&["--mount", "--map-root-user"]);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let listing = succeeded(&output);
    assert!(said.contains("too small: 1") && said.contains("with ballast: 1"), "{said}");
    let sentences: Vec<&str> = said.lines().filter(|line| line.starts_with("lethe-cli: ")).collect();
    assert_eq!(sentences.len(), 2, "one sentence each: {said}");
    for sentence in sentences {
        assert!(sentence.contains("room") || sentence.contains("free"), "it says what to do: {sentence}");
    }
    assert!(!said.contains("panicked"), "{said}");
    let sizes: Vec<&str> = listing.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    assert!(sizes.contains(&world.model.len().to_string().as_str()), "the whole model is there at the end: {listing}");
    assert!(!listing.contains(".part"), "and nothing of the way there: {listing}");
    let sent = world.files.sent();
    assert!(sent <= world.model.len() as u64 * 21 / 20, "nothing was fetched in vain: {sent} bytes");
}
