//! `lethe-cli` as scripts use it.

#[cfg(target_os = "linux")]
use lethe_tests::endpoint::{FakeEndpoint, end, said, stream};
use lethe_tests::{Data, failed, starter_model, succeeded, with_input};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn with_model() -> Data {
    let data = Data::default();
    succeeded(&data.cli().args(["model", "import"]).arg(starter_model()).output().expect("it runs"));
    data
}

#[test]
fn ask_answers_with_speed_and_receipt() {
    let data = with_model();
    let question = "Why do apples fall to the ground? Name the force.";
    let ask = ["ask", "--json", "--temperature", "0", "--max-tokens", "64", question];
    let answer = json(&succeeded(&data.cli().args(ask).output().expect("it runs")));
    let text = answer["text"].as_str().expect("text");
    assert!(text.to_lowercase().contains("gravity"), "{text}");
    assert!(answer["tokens_per_s"].as_f64().is_some_and(|rate| rate > 0.0), "{answer}");
    assert!(answer["prompt_tokens"].as_u64() > Some(10) && answer["completion_tokens"].as_u64() > Some(5), "{answer}");
    assert_eq!(answer["receipt"]["model"]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(answer["stop"], "end");

    let list = data.file("forces.jsonl", "{\"id\":\"f1\",\"kind\":\"text\",\"text\":\"gravity\"}\n");
    let filtered = json(&succeeded(&data.cli().args(ask).arg("--list").arg(list).output().expect("it runs")));
    let whole = filtered.to_string().to_lowercase();
    assert!(!whole.contains("gravity"), "{whole}");
    assert_eq!(filtered["redactions"][0]["entry"], "f1");
    assert_eq!(filtered["redactions"][0]["kind"], "text");
}

#[test]
fn ask_without_history_stores_nothing() {
    let data = with_model();
    let ask = ["ask", "--no-history", "--max-tokens", "8", "A word: Quillfeather."];
    assert!(!succeeded(&data.cli().args(ask).output().expect("it runs")).trim().is_empty());
    assert_eq!(succeeded(&data.cli().args(["history", "ls"]).output().expect("it runs")), "");
    assert!(data.files_with(b"Quillfeather").is_empty());
}

#[test]
fn each_line_of_a_pipe_is_answered() {
    let data = with_model();
    let chat = ["chat", "--temperature", "0", "--max-tokens", "12"];
    let answers = succeeded(&with_input(data.cli().args(chat), b"Name a colour.\n\nName another."));
    assert!(answers.lines().filter(|line| !line.trim().is_empty()).count() >= 2, "{answers}");
    let listed = json(&succeeded(&data.cli().args(["history", "ls", "--json"]).output().expect("it runs")));
    assert_eq!(listed[0]["messages"], 4, "both lines are one conversation: {listed}");
    let id = listed[0]["id"].to_string();
    let shown = succeeded(&data.cli().args(["history", "show", &id]).output().expect("it runs"));
    assert!(shown.contains("Name another."), "{shown}");
    let exported =
        succeeded(&data.cli().args(["history", "export", &id, "--format", "json"]).output().expect("it runs"));
    assert_eq!(json(&exported)[0]["messages"].as_array().map(Vec::len), Some(4));
}

#[test]
fn models_are_listed_inspected_and_forgotten() {
    let data = with_model();
    let imported = succeeded(&data.cli().args(["model", "import"]).arg(starter_model()).output().expect("it runs"));
    assert_eq!(imported.trim(), "SmolLM2-135M-Instruct.Q4_1", "a second import changes nothing");
    let listed = json(&succeeded(&data.cli().args(["model", "ls", "--json"]).output().expect("it runs")));
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0]["quantization"], "Q4_1");
    let inspected =
        succeeded(&data.cli().args(["model", "inspect", "--json"]).arg(starter_model()).output().expect("it runs"));
    let inspected = json(&inspected);
    assert_eq!((&inspected["architecture"], &inspected["template"]), (&Value::from("llama"), &Value::from(true)));
    succeeded(&data.cli().args(["model", "rm", imported.trim()]).output().expect("it runs"));
    let sentence = failed(&data.cli().args(["ask", "hello"]).output().expect("it runs"));
    assert!(sentence.contains("import"), "{sentence}");
    assert!(starter_model().is_file(), "the file itself stays");
}

#[test]
fn wrong_usage_is_exit_code_two() {
    let data = Data::default();
    for arguments in [&["ask"][..], &["nonsense"], &["redact", "--chunk", "0"], &["ask", "--temperature", "warm", "x"]]
    {
        let output = data.cli().args(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_given_nothing_that_it_would_obey() {
    let data = with_model();
    let words = "Say \u{1b}]52;c;aGk=\u{7} and \u{202e}txt, please";
    succeeded(&data.cli().args(["ask", "--max-tokens", "4", words]).output().expect("it runs"));
    let listed = |json: &[&str]| {
        let mut command = data.cli();
        command.args(["history", "ls"]).args(json);
        command
    };
    // What is piped on stays as it is, but for a line in a table; and JSON means the same.
    let exported = succeeded(&data.cli().args(["history", "export"]).output().expect("it runs"));
    assert!(exported.contains("\u{1b}]52;c;aGk=\u{7} and \u{202e}txt"), "{exported:?}");
    let piped = succeeded(&listed(&["--json"]).output().expect("it runs"));
    assert!(!piped.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{piped:?}");
    assert!(json(&piped)[0]["title"].as_str().expect("a title").contains("\u{202e}txt"));

    let mut export = data.cli();
    export.args(["history", "export"]);
    for command in [listed(&[]), export] {
        let shown = in_a_terminal(&command);
        assert!(shown.contains("␛]52;c;aGk=\\u{7} and \\u{202e}txt"), "{shown:?}");
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_model_and_a_file_say_is_obeyed_by_no_terminal() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = data.open().await.expect("it opens");
    lethe.models().remotes().add("Cluster", &fake.address, "tiny", None).await.expect("the server lists the model");
    lethe.close().await;
    fake.answers(stream([said("Here\u{1b}]52;c;aGk=\u{7} and \u{202e}txt."), end()]));
    let mut ask = data.cli();
    ask.args(["ask", "--model", "Cluster", "Who is the keeper?"]);
    let folder = data.path().join("odd");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("a\u{202e}b\u{1b}[2J.gguf"), "no model").expect("it is written");
    let mut import = data.cli();
    import.args(["model", "import"]).arg(&folder);
    let shown = tokio::task::spawn_blocking(move || [in_a_terminal(&ask), in_a_terminal(&import)]).await;
    let [answer, sentence] = shown.expect("they run");
    assert!(answer.contains("Here␛]52;c;aGk=\\u{7} and \\u{202e}txt."), "{answer:?}");
    assert!(sentence.contains("a\\u{202e}b␛[2J.gguf"), "{sentence:?}");
    for shown in [answer, sentence] {
        assert!(!shown.contains(['\u{7}', '\u{202e}']) && !shown.contains("\u{1b}]52"), "{shown:?}");
    }
}

/// What a command prints to a terminal.
#[cfg(target_os = "linux")]
fn in_a_terminal(command: &std::process::Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| format!("'{}'", word.to_string_lossy())).collect::<Vec<_>>().join(" ");
    let mut terminal = std::process::Command::new("script");
    terminal.args(["--quiet", "--command", &line, "/dev/null"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    succeeded(&terminal.stdin(std::process::Stdio::null()).output().expect("it runs"))
}
