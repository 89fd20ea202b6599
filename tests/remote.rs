//! Models on servers: what they say takes the same road as what the engine says, and what leaves this machine is said.

use std::io::BufRead;
use std::path::Path;
use std::process::{Child, Stdio};

use lethe_core::base::key::KeyWish;
use lethe_core::base::network::Network;
use lethe_core::base::paths::Paths;
use lethe_core::base::settings::Settings;
use lethe_core::chat::history::{Conversation, ConversationId, MessageState, UserText};
use lethe_core::chat::turn::{ChatEvent, Options};
use lethe_core::models::model::ModelView;
use lethe_core::models::running::EngineState;
use lethe_core::{Code, Lethe, chat::export};
use lethe_network::Secret;
use lethe_tests::endpoint::{Act, FakeEndpoint, end, event, reply, said, stream, thought};
use lethe_tests::{Data, python, starter_model};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const LIST: &str = "{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"Wanda Beispiel\"}\n";
const CANARIES: &[&str] = &["Wanda", "Beispiel", "beispiel", "wanda@example.org", "84.72.131.17"];
const KEY: &str = "sk-quillfeather-1234";

/// The product without an engine: nothing here needs one.
async fn open(data: &Data) -> Lethe {
    let paths = Paths::new(&data.data(), Path::new("no-engine-is-needed")).expect("a fresh folder");
    Lethe::open_at(paths, KeyWish::None, Network::On).await.expect("a fresh folder opens")
}

async fn add(lethe: &Lethe, fake: &FakeEndpoint) -> ModelView {
    let added = lethe.models().remotes().add("Cluster", &fake.address, "tiny", Some(Secret::new(KEY))).await;
    added.expect("the server lists the model")
}

fn options() -> Options {
    let settings = Settings { model: Some("Cluster".to_owned()), seed: Some(1), ..Settings::default() };
    Options { settings: Some(settings), ..Options::default() }
}

fn words(text: &str) -> UserText {
    UserText::parse(text).expect("it says something")
}

async fn only(lethe: &Lethe) -> Conversation {
    let id = lethe.history().list().await.expect("the list")[0].id;
    lethe.history().open(id).await.expect("it opens")
}

/// What the screen was told: the answer, the thoughts, and all of it for a search.
fn shown(heard: &mut UnboundedReceiver<ChatEvent>) -> (String, String, String) {
    let (mut answer, mut thoughts, mut all) = (String::new(), String::new(), String::new());
    while let Ok(event) = heard.try_recv() {
        if let ChatEvent::Text { segments, thinking, .. } = &event {
            answer.push_str(&export::source(segments));
            thoughts.push_str(&export::source(thinking));
        }
        all.push_str(&serde_json::to_string(&event).expect("JSON"));
    }
    (answer, thoughts, all)
}

#[tokio::test]
async fn what_a_server_says_is_filtered_before_disk_and_screen() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let list = data.file("people.jsonl", LIST);
    let lethe = open(&data).await;
    lethe_core::base::log::begin(lethe.paths());
    lethe.lists().import(&list).await.expect("the list is good");
    add(&lethe, &fake).await;
    let parts = ["Ask Wan", "da Bei", "spiel, wanda@exa", "mple.o", "rg or 84.7", "2.131.17", ". Not Wand", "as."];
    fake.answers(stream(
        [thought("Who? Wanda B"), thought("eispiel!")].into_iter().chain(parts.map(said)).chain([end()]),
    ));
    let (events, mut heard) = unbounded_channel();
    let answer = lethe.turns().send(None, &words("Whom should I ask?"), &options(), &events).await.expect("an answer");
    let expected = "Ask [removed: person], [removed: email] or [removed: ip]. Not Wandas.";
    let (streamed, thoughts, mut all) = shown(&mut heard);
    assert_eq!(streamed, expected, "the screen");
    assert_eq!(thoughts, "Who? [removed: person]!", "thoughts have a redactor of their own");
    assert_eq!(answer.text.as_str(), expected, "the answer");
    let conversation = only(&lethe).await;
    all.push_str(&export::json(&conversation).expect("JSON"));
    let message = &conversation.messages[1];
    assert_eq!(export::source(&message.segments), expected, "the disk");
    assert_eq!(message.state, MessageState::Complete);
    let stats = message.stats.expect("it took something");
    assert_eq!((stats.prompt_tokens, stats.completion_tokens), (21, 7), "as the server counts them");

    let receipt = lethe.history().receipt(message.id).await.expect("a receipt").expect("it has one");
    let remote = receipt.remote.as_ref().expect("it was a server");
    assert_eq!(remote.model, "tiny");
    assert!(fake.address.ends_with(&remote.host), "{remote:?}");
    assert!(remote.text.contains("Another program on this machine"), "{remote:?}");
    assert_eq!((receipt.model.sha256.as_deref(), receipt.model.bytes), (None, 0), "nothing is known of its file");
    assert_eq!((receipt.redactions.len(), receipt.thinking.len()), (3, 1), "each removal is on the receipt");
    assert_eq!(receipt.redactions[0].entry.as_deref(), Some("p1"));
    all.push_str(&format!("{receipt:?}"));

    fake.answers(stream([said("Yes."), end()]));
    lethe.turns().send(Some(conversation.id), &words("Really?"), &options(), &events).await.expect("an answer");
    let asked = fake.conversations();
    let history = r#"{"role":"assistant","content":"Ask [removed: person], [removed: email]"#;
    assert!(asked[1].contains(history), "what was removed does not go back: {}", asked[1]);
    all.push_str(&asked.concat());
    for canary in CANARIES.iter().filter(|canary| **canary != "Wanda") {
        assert!(!all.contains(canary), "{canary} reached the screen, an export, a receipt or the server");
    }
    lethe.close().await;
    for canary in &CANARIES[1..] {
        let files = data.files_with(canary.as_bytes());
        assert!(files.is_empty(), "{canary} is in {files:?}");
    }
    assert!(!data.files_with(b"Not Wandas.").is_empty(), "the search finds nothing at all");
}

#[tokio::test]
async fn a_stop_keeps_what_was_filtered_and_ends_the_request() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let list = data.file("people.jsonl", LIST);
    let lethe = open(&data).await;
    lethe.lists().import(&list).await.expect("the list is good");
    add(&lethe, &fake).await;
    // Stopped in the middle of a name, and before the first word.
    let rows = [
        (stream([said("Ask Wanda Beispiel or Wanda Bei"), Act::Hang]), "Ask [removed: person]"),
        (vec![Act::Hang], ""),
    ];
    for (acts, expected) in rows {
        let waits_for_words = !expected.is_empty();
        fake.answers(acts);
        let (events, mut heard) = unbounded_channel();
        let asked = fake.conversations().len();
        let (question, options) = (words("Whom?"), options());
        let answering = lethe.turns().send(None, &question, &options, &events);
        let stopping = async {
            while let Some(event) = heard.recv().await {
                let begun = matches!(event, ChatEvent::Text { .. });
                if begun == waits_for_words && (begun || matches!(event, ChatEvent::Started { .. })) {
                    break;
                }
            }
            while fake.conversations().len() == asked {
                tokio::task::yield_now().await;
            }
            lethe.turns().stop(lethe.history().list().await.expect("the list")[0].id);
        };
        let (answer, ()) = tokio::join!(answering, stopping);
        answer.expect("a stopped answer is one");
        fake.left().await;
        let message = only(&lethe).await.messages.remove(1);
        assert_eq!(message.state, MessageState::Stopped);
        let kept = export::source(&message.segments);
        assert!(kept.starts_with(expected) && !kept.contains("Bei"), "{kept}");
    }
    lethe.close().await;
    assert!(data.files_with(b"Beispiel").is_empty() && data.files_with(b"Wanda Bei").is_empty(), "half a name is one");
}

#[tokio::test]
async fn a_failure_keeps_what_came_and_says_why() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    add(&lethe, &fake).await;
    let (events, _heard) = unbounded_channel();
    for (acts, kept, code, sentence) in [
        (stream([said("Half an ans")]), "Half an ans", Code::Network, "broke off"),
        (
            stream([said("Some "), event(r#"{"error":{"message":"Whom?","code":500}}"#)]),
            "Some ",
            Code::Network,
            "fault",
        ),
        (reply(401, "", ""), "", Code::BadInput, "does not accept the key"),
        (reply(404, "", "{}"), "", Code::ModelUnusable, "does not know this model"),
        (reply(429, "retry-after: 9\r\n", ""), "", Code::Network, "alone for 9 s"),
    ] {
        fake.answers(acts);
        let error = lethe.turns().send(None, &words("Whom?"), &options(), &events).await.err().expect("no answer");
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.contains(sentence) && !error.message.contains("Whom"), "{error}");
        let message = only(&lethe).await.messages.remove(1);
        assert_eq!(message.state, MessageState::Interrupted);
        assert_eq!(export::source(&message.segments), kept);
        assert!(message.note.expect("a reason").contains(sentence));
    }
}

#[tokio::test]
async fn summaries_and_further_answers_come_from_the_server_too() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    add(&lethe, &fake).await;
    let (events, _heard) = unbounded_channel();
    for text in ["One.", "Another."] {
        fake.answers(stream([said(text), end()]));
    }
    fake.answers(stream([said("We spoke of one."), end()]));
    fake.answers(stream([said("On."), end()]));
    lethe.turns().send(None, &words("Say one."), &options(), &events).await.expect("an answer");
    let id = only(&lethe).await.id;
    let again = lethe.turns().regenerate(id, &options(), &events).await.expect("another answer");
    assert_eq!(again.text.as_str(), "Another.");
    lethe.turns().summarise(id, &options(), &events).await.expect("a summary");
    lethe.turns().send(Some(id), &words("Go on."), &options(), &events).await.expect("an answer");
    let last = fake.conversations().pop().expect("it was asked");
    assert!(last.contains("We spoke of one.") && !last.contains("Say one."), "a summary stands for all before: {last}");
}

#[tokio::test]
async fn old_turns_leave_when_the_context_is_known() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(256).await);
    let lethe = open(&data).await;
    add(&lethe, &fake).await;
    let (events, mut heard) = unbounded_channel();
    let mut id: Option<ConversationId> = None;
    for turn in 0..4 {
        fake.answers(stream([said("Good."), end()]));
        let text = format!("Turn {turn}: {}", "word ".repeat(60));
        lethe.turns().send(id, &words(&text), &options(), &events).await.expect("an answer");
        id = Some(only(&lethe).await.id);
    }
    let last = fake.conversations().pop().expect("it was asked");
    assert!(last.contains("Turn 3") && !last.contains("Turn 0"), "{last}");
    let (_, _, all) = shown(&mut heard);
    assert!(all.contains("no longer fit"), "it is said when turns leave");
    let measure = lethe.turns().measure(id, "a draft").await.expect("a measure").expect("a model is ready");
    assert!(measure.about && measure.fits && measure.context_size == 256 && measure.left > 0, "{measure:?}");
    let long = words(&"word ".repeat(300));
    let refused = lethe.turns().send(id, &long, &options(), &events).await.err().expect("it is too long");
    assert_eq!(refused.code, Code::BadInput, "{refused}");
}

#[tokio::test]
async fn thoughts_that_a_server_leaves_in_the_text_are_kept_apart_and_filtered() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let list = data.file("people.jsonl", LIST);
    let lethe = open(&data).await;
    lethe.lists().import(&list).await.expect("the list is good");
    add(&lethe, &fake).await;
    let parts = ["<thi", "nk>Wanda Bei", "spiel?</thi", "nk>\\n\\nAsk her."];
    fake.answers(stream(parts.map(said).into_iter().chain([end()])));
    let (events, mut heard) = unbounded_channel();
    let answer = lethe.turns().send(None, &words("Whom should I ask?"), &options(), &events).await.expect("an answer");
    let (streamed, thoughts, all) = shown(&mut heard);
    assert_eq!((streamed.as_str(), answer.text.as_str()), ("Ask her.", "Ask her."));
    assert_eq!(thoughts, "[removed: person]?");
    assert!(!all.contains("Wanda") && data.files_with(b"Wanda").is_empty(), "nowhere in clear");
}

#[tokio::test]
async fn what_another_program_forbids_is_not_sent_and_settings_do_not_undo_each_other() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let (lethe, other) = (open(&data).await, open(&data).await);
    lethe.models().remotes().list(&fake.address, None).await.expect("a list");
    other.set_offline(true).await.expect("it is stored");
    let error = lethe.models().remotes().list(&fake.address, None).await.expect_err("it is forbidden");
    assert_eq!(error.code, Code::Offline, "{error}");
    assert_eq!(fake.heard().len(), 1, "the server was not asked again");

    // This program has not heard of it yet, as far as its own settings go.
    lethe.set_settings(Settings { seed: Some(7), ..lethe.settings() }).await.expect("they are stored");
    let third = open(&data).await;
    assert_eq!((third.settings().offline, third.settings().seed), (true, Some(7)), "both changes are there");
    assert!(lethe.settings().offline && lethe.state().await.expect("a state").network.offline, "and in force here");
    lethe.set_offline(false).await.expect("it is stored");
    lethe.models().remotes().list(&fake.address, None).await.expect("allowed again");
}

#[tokio::test]
async fn a_model_on_a_server_is_a_model_of_the_list() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    let listed = lethe.models().remotes().list(&fake.address, None).await.expect("a list");
    assert_eq!((listed.len(), listed[0].id.as_str()), (1, "tiny"));
    let unknown = lethe.models().remotes().add("x", &fake.address, "huge", None).await.expect_err("it is not listed");
    assert_eq!(unknown.code, Code::ModelUnusable, "{unknown}");
    let view = add(&lethe, &fake).await;
    assert_eq!((view.id.as_str(), view.context_trained, view.problem.as_deref()), ("Cluster", 4096, None));
    let remote = view.remote.clone().expect("it is on a server");
    assert_eq!((remote.url, remote.model.as_str()), (format!("{}/v1/", fake.address), "tiny"));
    assert!(remote.leaves.contains("a program on this machine"), "{}", remote.leaves);
    assert_eq!(add(&lethe, &fake).await.id, "Cluster-2", "a name is given once");
    assert_eq!(lethe.models().all().await.expect("the list").len(), 2);
    fake.lists(reply(404, "", "{}"));
    let unlisted =
        lethe.models().remotes().add("Quiet", &fake.address, "huge", None).await.expect("a server may have no list");
    assert_eq!(unlisted.remote.expect("it is on a server").model, "huge");
    lethe.models().remove("Quiet").await.expect("it is forgotten");
    let found = lethe.models().find("Cluster").await.expect("it is found");
    assert_eq!(found.id, "Cluster");
    lethe.select_model("Cluster").await.expect("it is chosen");
    let state = lethe.running().watch().borrow().clone();
    let EngineState::Ready { remote: true, device, context_size: 4096, .. } = &state else { panic!("{state:?}") };
    assert!(fake.address.ends_with(device.as_str()), "{device}");
    let asked = fake.heard().len();
    lethe.warm_up().await.expect("it is ready");
    assert_eq!(fake.heard().len(), asked, "a server is not asked before there is a reason");
    for refused in [
        lethe.pages().page("Cluster").await.map(drop),
        lethe.verifier().verify("Cluster", None, 0).await.map(drop),
        lethe.models().sha256(&found).await.map(drop),
    ] {
        let error = refused.expect_err("nothing is known of its file");
        assert!(
            error.code == Code::ModelUnusable && error.message.contains("choose a model on this machine"),
            "{error}"
        );
    }
    let json = serde_json::to_string(&lethe.state().await.expect("the state")).expect("JSON");
    assert!(json.contains("Cluster") && !json.contains(KEY), "a key is shown to nobody");
}

#[tokio::test]
async fn a_key_goes_to_its_server_only_and_is_forgotten_with_its_model() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    lethe_core::base::log::begin(lethe.paths());
    add(&lethe, &fake).await;
    fake.answers(stream([said("Good."), end()]));
    let (events, mut heard) = unbounded_channel();
    lethe.turns().send(None, &words("How is it?"), &options(), &events).await.expect("an answer");
    let heads: Vec<String> = fake.heard().into_iter().map(|heard| heard.head).collect();
    assert!(heads.iter().all(|head| head.contains(&format!("authorization: bearer {KEY}"))), "{heads:?}");
    let (_, _, all) = shown(&mut heard);
    assert!(!all.contains(KEY));
    assert!(!data.files_with(KEY.as_bytes()).is_empty(), "without a keychain the database keeps it");
    lethe.models().remove("Cluster").await.expect("it is removed");
    // Another server under the same name is another one.
    let other = FakeEndpoint::start(4096).await;
    lethe.models().remotes().add("Cluster", &other.address, "tiny", None).await.expect("it is added");
    other.answers(stream([said("Good."), end()]));
    lethe.turns().send(None, &words("How is it?"), &options(), &events).await.expect("an answer");
    assert!(other.heard().iter().all(|heard| !heard.head.contains("authorization")), "the key was for another server");
    lethe.close().await;
    assert!(data.files_with(KEY.as_bytes()).is_empty(), "the key is still on the disk or in the log");
}

#[tokio::test]
async fn text_never_leaves_because_another_model_is_gone() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    add(&lethe, &fake).await;
    for (chosen, expected) in [(None, Some("Cluster")), (Some("Cluster"), Some("Cluster")), (Some("gone"), None)] {
        let usual = lethe.models().default_model(chosen).await;
        assert_eq!(usual.ok().map(|file| file.id).as_deref(), expected, "chosen was {chosen:?}");
    }
    let model = lethe.models().import(&starter_model()).await.expect("the starter model is whole");
    for (chosen, expected) in
        [(None, model.id.as_str()), (Some("Cluster"), "Cluster"), (Some("gone"), model.id.as_str())]
    {
        assert_eq!(lethe.models().default_model(chosen).await.expect("a model").id, expected, "chosen was {chosen:?}");
    }
}

/// llama.cpp's server with the starter model; it ends with the test.
struct LlamaServer {
    process: Child,
    address: String,
}

impl LlamaServer {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("independent/endpoint.py");
        let mut command = python();
        command.arg(script).arg(starter_model()).args(["512", KEY]);
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let lines = std::io::BufReader::new(process.stdout.take().expect("it was asked for")).lines();
        let address = lines.map_while(Result::ok).find(|line| line.starts_with("http"));
        Self { process, address: address.expect("llama.cpp's server says its address") }
    }
}

impl Drop for LlamaServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn the_server_of_llama_cpp_lists_streams_and_stops() {
    let data = Data::default();
    let server = LlamaServer::start();
    let lethe = open(&data).await;
    let key = || Some(Secret::new(KEY));
    let wrong = lethe.models().remotes().list(&server.address, Some(Secret::new("wrong"))).await;
    let refused = wrong.expect_err("no list without the key");
    assert!(refused.message.contains("does not accept the key"), "{refused}");
    let listed = lethe.models().remotes().list(&server.address, key()).await.expect("a list");
    assert_eq!((listed.len(), listed[0].context), (1, Some(512)), "{listed:?}");
    lethe.models().remotes().add("Cluster", &server.address, &listed[0].id, key()).await.expect("it is added");

    let settings = Settings { temperature: 0.0, max_tokens: Some(24), ..options().settings.expect("they are there") };
    let short = Options { settings: Some(settings.clone()), ..Options::default() };
    let (events, mut heard) = unbounded_channel();
    let answer = lethe.turns().send(None, &words("Name three colours."), &short, &events).await.expect("an answer");
    assert!(answer.text.as_str().len() > 10, "{}", answer.text.as_str());
    assert_eq!((answer.stats.completion_tokens, only(&lethe).await.messages[1].state), (24, MessageState::Length));
    let (streamed, _, _) = shown(&mut heard);
    assert_eq!(streamed, answer.text.as_str(), "what is streamed is the answer");
    let again = lethe.turns().regenerate(only(&lethe).await.id, &short, &events).await.expect("an answer");
    assert_eq!(again.text.as_str(), answer.text.as_str(), "the settings and the seed reach the server");

    let long = Options { settings: Some(Settings { max_tokens: None, ..settings }), ..Options::default() };
    let (events, mut heard) = unbounded_channel();
    let question = words("Write a long story about a mill.");
    let answering = lethe.turns().send(None, &question, &long, &events);
    let stopping = async {
        let mut conversation = None;
        while let Some(event) = heard.recv().await {
            match event {
                ChatEvent::Started { conversation: started, .. } => conversation = Some(started.id),
                ChatEvent::Text { .. } => break,
                _ => {}
            }
        }
        lethe.turns().stop(conversation.expect("it has begun"));
    };
    let (answer, ()) = tokio::join!(answering, stopping);
    let answer = answer.expect("a stopped answer is one");
    assert!(!answer.text.as_str().is_empty(), "what came before the stop is kept");
    assert_eq!(only(&lethe).await.messages[1].state, MessageState::Stopped);
}
