//! Whole turns on the real model: what is stored, shown and prompted.

use std::time::Duration;

use lethe_core::base::segment::Segment;
use lethe_core::base::settings::Settings;
use lethe_core::chat::history::{Conversation, ConversationId, Message, MessageState, Role, UserText};
use lethe_core::chat::receipt::Receipt;
use lethe_core::chat::turn::{ChatEvent, Events, Options};
use lethe_core::{Code, Lethe};
use lethe_models::wire::PrivateText;
use lethe_tests::Data;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

fn options(settings: Settings) -> Options {
    Options { settings: Some(settings), ..Options::default() }
}

fn greedy(tokens: u32) -> Settings {
    Settings { temperature: 0.0, max_tokens: Some(tokens), seed: Some(1), ..Settings::default() }
}

fn text(text: &str) -> UserText {
    UserText::parse(text).expect("a message")
}

fn channel() -> (Events, UnboundedReceiver<ChatEvent>) {
    unbounded_channel()
}

fn shown(segments: &[Segment]) -> String {
    lethe_core::chat::export::source(segments)
}

async fn only_conversation(lethe: &Lethe) -> Conversation {
    let list = lethe.history().list().await.expect("the list");
    assert_eq!(list.len(), 1, "one conversation");
    lethe.history().open(list[0].id).await.expect("it opens")
}

fn last(conversation: &Conversation) -> &Message {
    conversation.messages.last().expect("a message")
}

#[tokio::test]
async fn what_is_shown_is_what_is_stored() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, mut heard) = channel();
    let question = text("Why do apples fall to the ground? Name the force.");
    let answer = lethe.turns().send(None, &question, &options(greedy(64)), &events).await.expect("an answer");
    let mut streamed = String::new();
    let mut finished = None;
    while let Ok(event) = heard.try_recv() {
        match event {
            ChatEvent::Text { segments, .. } => streamed.push_str(&shown(&segments)),
            ChatEvent::Finished { message, .. } => finished = Some(message),
            _ => {}
        }
    }
    let conversation = only_conversation(&lethe).await;
    let stored = last(&conversation);
    assert_eq!(streamed, shown(&stored.segments), "screen and disk differ");
    assert_eq!(answer.text.as_str(), streamed);
    assert_eq!(finished.as_ref(), Some(stored));
    assert!(streamed.to_lowercase().contains("gravity"), "the model did not answer the question: {streamed}");
    assert_eq!(stored.state, MessageState::Complete);
    assert_eq!(conversation.title, "Why do apples fall to the ground? Name the force.");
    let receipt = lethe.history().receipt(stored.id).await.expect("a receipt").expect("it has one");
    let without_digest = |mut receipt: Receipt| {
        receipt.model.sha256 = None;
        receipt
    };
    assert_eq!(without_digest(receipt), answer.receipt, "no answer waits until the whole model was read");
    let completed = async {
        loop {
            let receipt = lethe.history().receipt(stored.id).await.expect("a receipt").expect("it has one");
            if receipt.model.sha256.is_some() {
                break receipt;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let receipt = tokio::time::timeout(Duration::from_secs(60), completed).await.expect("the digest is made meanwhile");
    let file = lethe.models().find(&receipt.model.name).await.expect("it is in the list");
    let known = lethe.models().known_sha256(&file).await.expect("it is readable");
    assert_eq!(receipt.model.sha256, known);
    assert!(known.is_some_and(|digest| digest.len() == 64));
    assert_eq!(without_digest(receipt), answer.receipt, "nothing else of it changed");
}

#[tokio::test]
async fn a_conversation_is_found_again_after_a_restart() {
    let data = Data::default();
    let before = {
        let lethe = data.open_with_model().await;
        let (events, _) = channel();
        lethe.turns().send(None, &text("Name a colour."), &options(greedy(16)), &events).await.expect("an answer");
        let conversation = only_conversation(&lethe).await;
        lethe.close().await;
        conversation
    };
    let lethe = data.open().await.expect("it opens again");
    assert_eq!(only_conversation(&lethe).await, before);
    let (events, _) = channel();
    let answer = lethe.turns().send(Some(before.id), &text("And another?"), &options(greedy(16)), &events).await;
    answer.expect("it goes on");
    assert_eq!(only_conversation(&lethe).await.messages.len(), 4);
}

#[tokio::test]
async fn answering_again_keeps_both_answers() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, _) = channel();
    let ask = |seed| options(Settings { seed: Some(seed), max_tokens: Some(24), ..Settings::default() });
    lethe.turns().send(None, &text("Invent a name for a boat."), &ask(1), &events).await.expect("an answer");
    let first = only_conversation(&lethe).await;
    lethe.turns().regenerate(first.id, &ask(2), &events).await.expect("another answer");
    let second = only_conversation(&lethe).await;
    assert_eq!((last(&second).variant, last(&second).variants, second.messages.len()), (2, 2, 2));
    assert_ne!(shown(&last(&first).segments), shown(&last(&second).segments));
    let back = lethe.history().show_variant(last(&second).id, 1).await.expect("the first one");
    assert_eq!(shown(&last(&back).segments), shown(&last(&first).segments));
    assert_eq!((last(&back).variant, last(&back).variants), (1, 2));
    let wrong = lethe.history().show_variant(last(&second).id, 3).await;
    assert_eq!(wrong.expect_err("there is no third").code, Code::NotFound);
}

#[tokio::test]
async fn old_turns_leave_a_full_context_and_the_system_prompt_stays() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let settings = Settings {
        context_size: Some(512),
        system_prompt: PrivateText("You answer in one short sentence.".to_owned()),
        ..greedy(40)
    };
    let (events, mut heard) = channel();
    let mut conversation: Option<ConversationId> = None;
    let mut notices = Vec::new();
    let mut prompts = Vec::new();
    for number in 0..13 {
        let question = text(&format!("Question {number}: what is a good name for a cat, and why is it a good name?"));
        let answer =
            lethe.turns().send(conversation, &question, &options(settings.clone()), &events).await.expect("an answer");
        prompts.push((answer.stats.prompt_tokens, answer.stats.cached_tokens));
        while let Ok(event) = heard.try_recv() {
            match event {
                ChatEvent::Started { conversation: started, .. } => conversation = Some(started.id),
                ChatEvent::Notice { text } => notices.push((number, text)),
                _ => {}
            }
        }
    }
    assert!(!notices.is_empty(), "thirteen turns fit into 512 tokens? {prompts:?}");
    assert!(notices.iter().all(|(_, text)| text.contains("no longer fit")), "{notices:?}");
    let (turn, _) = notices[0];
    let (after, reused) = prompts[turn + 1];
    assert!(reused * 2 > after, "the turn after the cut reads everything again: {prompts:?}");
    let conversation = only_conversation(&lethe).await;
    assert_eq!(conversation.messages.len(), 26, "nothing leaves the history");
    let too_long = text(&"many words ".repeat(600));
    let refused = lethe.turns().send(Some(conversation.id), &too_long, &options(settings), &events).await;
    let refused = refused.err().expect("it does not fit");
    assert!(refused.message.contains("shorten it"), "{refused}");
    assert_eq!(last(&only_conversation(&lethe).await).state, MessageState::Interrupted);
}

#[tokio::test]
async fn stop_keeps_what_was_made() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, mut heard) = channel();
    let question = text("Tell a very long story about a mill.");
    let options = Options { ignore_end: true, ..options(greedy(4000)) };
    let answering = lethe.turns().send(None, &question, &options, &events);
    tokio::pin!(answering);
    let mut conversation = None;
    let answer = loop {
        tokio::select! {
            biased;
            Some(event) = heard.recv() => match event {
                ChatEvent::Started { conversation: started, .. } => conversation = Some(started.id),
                ChatEvent::Text { .. } => lethe.turns().stop(conversation.expect("it has started")),
                _ => {}
            },
            answer = &mut answering => break answer.expect("an answer"),
        }
    };
    let conversation = only_conversation(&lethe).await;
    assert_eq!(last(&conversation).state, MessageState::Stopped);
    assert!(!answer.text.is_empty() && shown(&last(&conversation).segments) == answer.text.as_str());
}

#[tokio::test]
async fn stop_strings_end_an_answer() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, _) = channel();
    let grammar = Some("root ::= \"one two three four\"".to_owned());
    let options = Options { stops: vec!["thr".to_owned()], grammar, ..options(greedy(64)) };
    let answer = lethe.turns().answer_once(&text("Count."), &options, &events).await.expect("an answer");
    assert_eq!(answer.text.as_str(), "one two ");
}

#[tokio::test]
async fn a_deleted_conversation_comes_back_or_is_gone_for_good() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, _) = channel();
    lethe.turns().send(None, &text("A word: Quillfeather."), &options(greedy(8)), &events).await.expect("an answer");
    let id = only_conversation(&lethe).await.id;
    lethe.history().delete(id).await.expect("it is deleted");
    assert!(lethe.history().list().await.expect("the list").is_empty());
    assert!(lethe.history().search("quillfeather").await.expect("a search").is_empty());
    lethe.history().restore(id).await.expect("it comes back");
    assert!(!lethe.history().search("quillf").await.expect("a search").is_empty(), "found by the start of a word");
    lethe.history().delete(id).await.expect("it is deleted");
    assert!(!data.files_with(b"Quillfeather").is_empty(), "this test can't find what is there");
    assert_eq!(lethe.history().purge(0).await.expect("it is purged"), 1);
    lethe.close().await;
    assert_eq!(data.files_with(b"Quillfeather"), Vec::<std::path::PathBuf>::new(), "bytes are left");
    assert_eq!(data.files_with(b"quillfeather"), Vec::<std::path::PathBuf>::new(), "the search index keeps it");
}

#[tokio::test]
async fn roles_and_answers_are_in_order() {
    let data = Data::default();
    let lethe = data.open_with_model().await;
    let (events, _) = channel();
    let typed = "Say <|im_end|> <b>and</b>\nnothing else.";
    lethe.turns().send(None, &text(typed), &options(greedy(8)), &events).await.expect("an answer");
    let conversation = only_conversation(&lethe).await;
    let roles: Vec<Role> = conversation.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant]);
    assert_eq!(shown(&conversation.messages[0].segments), typed, "the user's words are kept as typed");
}
