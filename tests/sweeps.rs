//! A list that comes into force while an answer runs: in another program on the same data folder, and with a server
//! that says exactly what is wanted, exactly when.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};

use lethe_core::base::key::KeyWish;
use lethe_core::base::network::Network;
use lethe_core::base::paths::Paths;
use lethe_core::base::settings::Settings;
use lethe_core::chat::history::{MessageState, UserText};
use lethe_core::chat::turn::{ChatEvent, Options};
use lethe_core::{Lethe, chat::export};
use lethe_tests::endpoint::{Act, FakeEndpoint, end, said, stream, thought};
use lethe_tests::{Data, succeeded};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const LIST: &str = "{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"Zephyrine Quillfeather\"}\n\
    {\"id\":\"p2\",\"kind\":\"person\",\"text\":\"Uma Steinbeck\"}\n";
const CANARIES: &[&str] = &["Quillfeather", "quillfeather", "Zephyrine", "Steinbeck"];

/// The product without an engine: nothing here needs one.
async fn open(data: &Data) -> Lethe {
    let paths = Paths::new(&data.data(), Path::new("no-engine-is-needed")).expect("a fresh folder");
    Lethe::open_at(paths, KeyWish::None, Network::On).await.expect("a fresh folder opens")
}

fn options() -> Options {
    let settings = Settings { model: Some("Cluster".to_owned()), seed: Some(1), ..Settings::default() };
    Options { settings: Some(settings), ..Options::default() }
}

fn words(text: &str) -> UserText {
    UserText::parse(text).expect("it says something")
}

/// Another program puts the list in force and sweeps.
async fn add_list(data: &Data) {
    let mut command = data.cli();
    command.args(["list", "add"]).arg(data.file("people.jsonl", LIST));
    let output = tokio::task::spawn_blocking(move || command.output().expect("it runs"));
    succeeded(&output.await.expect("it ends"));
}

fn assert_clean(data: &Data, when: &str) {
    for canary in CANARIES {
        let files = data.files_with(canary.as_bytes());
        assert!(files.is_empty(), "{canary} is in {files:?} {when}");
    }
}

/// Waits for an event, and gives back what the screen shows then.
async fn until(
    heard: &mut UnboundedReceiver<ChatEvent>,
    screen: &mut (String, String),
    wanted: impl Fn(&ChatEvent, &str) -> bool,
) {
    while let Some(event) = heard.recv().await {
        match &event {
            ChatEvent::Text { segments, thinking, .. } => {
                screen.0.push_str(&export::source(segments));
                screen.1.push_str(&export::source(thinking));
            }
            ChatEvent::Redrawn { segments, thinking } => {
                *screen = (export::source(segments), export::source(thinking));
            }
            _ => {}
        }
        if wanted(&event, &screen.0) {
            return;
        }
    }
    panic!("it did not happen");
}

#[tokio::test]
async fn a_list_of_another_program_reaches_what_was_shown_what_is_stored_and_what_comes() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    lethe.models().remotes().add("Cluster", &fake.address, "tiny", None).await.expect("the server lists the model");
    fake.answers(stream([said("Yes."), end()]));
    let (events, _) = unbounded_channel();
    lethe.turns().send(None, &words("Is anybody there?"), &options(), &events).await.expect("an answer");
    let id = lethe.history().list().await.expect("the list")[0].id;
    lethe.history().rename(id, "On Uma Steinbeck").await.expect("it gets a name");

    fake.answers(stream([
        thought("Zephyrine Quillfeather, surely, and nobody else in the house. "),
        said("It is Zephyrine Quillfeather, I think, and nobody else in the house. Or Zephyrine"),
        Act::Wait,
        said(" Quillfeather. Yes, "),
        said("Zephyrine Quill"),
        said("feather."),
        end(),
    ]));
    let (events, mut heard) = unbounded_channel();
    let (question, options) = (words("Who is the keeper?"), options());
    let answering = lethe.turns().send(Some(id), &question, &options, &events);
    let driving = async {
        let mut screen = (String::new(), String::new());
        until(&mut heard, &mut screen, |_, shown| shown.contains("Quillfeather, I think")).await;
        assert!(!data.files_with(b"Quillfeather").is_empty(), "the search finds nothing at all");
        add_list(&data).await;
        // The server is silent, and the screen is drawn anew all the same; half a name waits for its rest.
        until(&mut heard, &mut screen, |event, _| matches!(event, ChatEvent::Redrawn { .. })).await;
        assert!(screen.0.starts_with("It is [removed: person], I think, and nobody"), "{}", screen.0);
        assert!(screen.1.starts_with("[removed: person], surely"), "{}", screen.1);
        assert!(!screen.0.contains("Zephyrine") && !screen.1.contains("Zephyrine"), "{} {}", screen.0, screen.1);
        assert_clean(&data, "while the answer is written");
        fake.go_on();
        until(&mut heard, &mut screen, |event, _| matches!(event, ChatEvent::Finished { .. })).await;
        screen
    };
    let (answer, screen) = tokio::join!(answering, driving);
    let answer = answer.expect("an answer");
    let expected = "It is [removed: person], I think, and nobody else in the house. Or [removed: person]. \
        Yes, [removed: person].";
    assert_eq!((answer.text.as_str(), screen.0.as_str()), (expected, expected));
    assert_eq!(answer.thinking.as_str(), "[removed: person], surely, and nobody else in the house. ");
    assert_eq!(screen.1, answer.thinking.as_str());
    let conversation = lethe.history().open(id).await.expect("it opens");
    assert_eq!(conversation.title, "On [removed: person]");
    let message = conversation.messages.last().expect("the answer");
    assert_eq!(export::source(&message.segments), expected);
    let receipt = lethe.history().receipt(message.id).await.expect("a receipt").expect("it has one");
    assert_eq!((receipt.redactions.len(), receipt.thinking.len()), (3, 1), "each removal is on the receipt");
    assert_eq!(receipt.filter.lists.len(), 1, "the list is on the receipt");
    for canary in CANARIES {
        assert!(lethe.history().search(canary).await.expect("a search").is_empty(), "{canary} is found by search");
    }
    assert!(!lethe.sweeper().is_due().await.expect("it is known"), "nothing is left to sweep");
    assert_clean(&data, "after the answer");
    lethe.close().await;
    assert_clean(&data, "at the end");
}

#[tokio::test]
async fn what_is_stored_nowhere_follows_the_lists_as_well() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    lethe.models().remotes().add("Cluster", &fake.address, "tiny", None).await.expect("the server lists the model");
    fake.answers(stream([
        said("Zephyrine Quillfeather was here, and in the garden. "),
        Act::Wait,
        said("Uma Stein"),
        said("beck"),
        end(),
    ]));
    let (events, mut heard) = unbounded_channel();
    let (question, options) = (words("Who is the keeper?"), options());
    let answering = lethe.turns().answer_once(&question, &options, &events);
    let driving = async {
        let mut screen = (String::new(), String::new());
        until(&mut heard, &mut screen, |_, shown| shown.contains("was here")).await;
        add_list(&data).await;
        until(&mut heard, &mut screen, |event, _| matches!(event, ChatEvent::Redrawn { .. })).await;
        fake.go_on();
    };
    let (answer, ()) = tokio::join!(answering, driving);
    assert_eq!(
        answer.expect("an answer").text.as_str(),
        "[removed: person] was here, and in the garden. [removed: person]"
    );
    lethe.close().await;
}

/// Reads what a program prints until it has printed this.
fn read_until(child: &mut Child, wanted: &str) -> String {
    let stdout = child.stdout.as_mut().expect("a pipe");
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !String::from_utf8_lossy(&text).ends_with(wanted) {
        let read = stdout.read(&mut byte).expect("it is readable");
        assert_eq!(read, 1, "it ended with {}", String::from_utf8_lossy(&text));
        text.push(byte[0]);
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn two_terminals_agree_on_what_is_in_force() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    lethe.models().remotes().add("Cluster", &fake.address, "tiny", None).await.expect("the server lists the model");
    lethe.close().await;
    fake.answers(stream([
        said("It is Zephyrine Quillfeather, I think, and nobody else in the house. "),
        Act::Wait,
        said("Zephyrine Quillfeather, "),
        said("forty times."),
        end(),
    ]));
    let mut ask = data.cli();
    ask.args(["ask", "--model", "Cluster", "Who is the keeper?"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut ask = ask.spawn().expect("it starts");
    let (ask, before) = tokio::task::spawn_blocking(move || {
        let before = read_until(&mut ask, "I think");
        (ask, before)
    })
    .await
    .expect("it is read");
    assert_eq!(before, "It is Zephyrine Quillfeather, I think");
    add_list(&data).await;
    fake.go_on();
    let output = tokio::task::spawn_blocking(move || ask.wait_with_output().expect("it ends")).await.expect("it ends");
    let after = succeeded(&output);
    let expected = "It is [removed: person], I think, and nobody else in the house. [removed: person], forty times.";
    assert!(after.trim_end().ends_with(&format!("\n{expected}")), "the answer is printed anew: {after}");
    assert!(!after.contains("Quillfeather"), "{after}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("lists have changed"), "and it is said why");
    assert_clean(&data, "at the end");
    let shown = succeeded(&data.cli().args(["history", "export"]).output().expect("it runs"));
    assert!(shown.contains(expected), "{shown}");
}

#[tokio::test]
async fn an_answer_whose_program_was_killed_is_swept_while_another_has_the_folder_open() {
    let (data, fake) = (Data::default(), FakeEndpoint::start(4096).await);
    let lethe = open(&data).await;
    lethe.models().remotes().add("Cluster", &fake.address, "tiny", None).await.expect("the server lists the model");
    fake.answers(stream([said("It is Zephyrine Quillfeather, I think, and nobody else. "), Act::Hang]));
    let mut ask = data.cli();
    ask.args(["ask", "--model", "Cluster", "Who is the keeper?"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut ask = ask.spawn().expect("it starts");
    tokio::task::spawn_blocking(move || {
        read_until(&mut ask, "I think");
        ask.kill().expect("it can be killed");
        ask.wait().expect("it ends");
    })
    .await
    .expect("it is killed");
    assert!(!data.files_with(b"Quillfeather").is_empty(), "the search finds nothing at all");
    add_list(&data).await;
    assert_clean(&data, "while the answer is open still");
    lethe.close().await;
    let lethe = open(&data).await;
    let id = lethe.history().list().await.expect("the list")[0].id;
    let message = lethe.history().open(id).await.expect("it opens").messages.remove(1);
    assert_eq!(message.state, MessageState::Interrupted);
    let kept = export::source(&message.segments);
    assert!(kept.starts_with("It is [removed: person], I think"), "{kept}");
    lethe.close().await;
    assert_clean(&data, "at the end");
}
