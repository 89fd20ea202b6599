//! Thinking, marks of Apertus, end tokens, and long talks: with a real engine and models that say what they are told.

use std::path::{Path, PathBuf};

use lethe_core::base::segment::Segment;
use lethe_core::base::settings::Settings;
use lethe_core::chat::history::{ConversationId, MessageState, UserText};
use lethe_core::chat::turn::{Answer, ChatEvent, Options};
use lethe_core::{Code, Lethe};
use lethe_models::prompt::Deliberation;
use lethe_models::wire::{StopReason, Token};
use lethe_tests::Data;
use lethe_tests::scripted::{self, byte, text};
use tokio::sync::mpsc::unbounded_channel;

const EMAIL: Token = 37;
const ASSISTANT: Token = 67;
const END: Token = 68;
const INNER: Token = 69;
const OUTER: Token = 70;

/// Thinks "Zora", answers "Hey <email-pii>." and ends, without end token or otherwise.
fn script() -> Vec<Token> {
    [vec![ASSISTANT, INNER], text("Zora"), vec![OUTER], text("Hey "), vec![EMAIL], text("."), vec![END]].concat()
}

fn model(data: &Data, context: u32, script: &[Token]) -> PathBuf {
    let path = data.path().join("scripted.gguf");
    scripted::write(&path, context, script);
    path
}

async fn open(data: &Data, model: &Path) -> Lethe {
    let lethe = data.open().await.expect("a fresh folder opens");
    lethe.models().import(model).await.expect("the model is whole");
    lethe
}

fn options() -> Options {
    Options { settings: Some(Settings { temperature: 0.0, ..Settings::default() }), ..Options::default() }
}

fn question(text: &str) -> UserText {
    UserText::parse(text).expect("a question")
}

async fn ask(lethe: &Lethe, conversation: Option<ConversationId>, text: &str) -> (Answer, Vec<ChatEvent>) {
    let (events, mut heard) = unbounded_channel();
    let answer = lethe.turns().send(conversation, &question(text), &options(), &events).await.expect("an answer");
    drop(events);
    let mut all = Vec::new();
    while let Some(event) = heard.recv().await {
        all.push(event);
    }
    (answer, all)
}

fn plain(segments: &[Segment]) -> String {
    let shown = |segment: &Segment| match segment {
        Segment::Text { text } => text.clone(),
        Segment::Removed { kind, .. } => format!("[removed: {kind}]"),
    };
    segments.iter().map(shown).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn thinking_is_kept_apart_filtered_shown_and_not_fed_back() {
    let data = Data::default();
    let lethe = open(&data, &model(&data, 512, &script())).await;
    let list = data.file("people.jsonl", r#"{"id":"p1","kind":"person","text":"Zora"}"#);
    lethe.lists().import(&list).await.expect("a list");
    let (answer, events) = ask(&lethe, None, "Say hello").await;
    assert_eq!(answer.thinking.as_str(), "[removed: person]", "thinking passes the filter like all else");
    assert_eq!(answer.text.as_str(), "Hey [removed: email].", "Apertus' own mark becomes Lethe's");
    assert_eq!(answer.reason, StopReason::End, "token 68 ends the answer");
    let (mut thought, mut said) = (String::new(), String::new());
    let mut conversation = None;
    for event in &events {
        match event {
            ChatEvent::Text { thinking, segments, .. } => {
                thought += &plain(thinking);
                said += &plain(segments);
            }
            ChatEvent::Started { conversation: started, .. } => conversation = Some(started.id),
            _ => {}
        }
    }
    assert_eq!((thought.as_str(), said.as_str()), ("[removed: person]", "Hey [removed: email]."), "what was streamed");
    let id = conversation.expect("it began");
    let kept = lethe.history().open(id).await.expect("it is stored");
    let message = kept.messages.last().expect("an answer");
    assert_eq!(plain(&message.thinking), "[removed: person]", "what is stored");
    assert_eq!(plain(&message.segments), "Hey [removed: email].");
    assert_eq!(kept.messages.len(), 2, "thinking is no message of its own");
    assert_eq!(data.files_with(b"Zora"), Vec::<PathBuf>::new(), "not even the model's thoughts get round the filter");
    let receipt = lethe.history().receipt(message.id).await.expect("readable").expect("there is one");
    assert_eq!((receipt.thinking.len(), receipt.redactions.len()), (1, 1));
    let (second, _) = ask(&lethe, Some(id), "Again").await;
    // Begin, system, developer, two questions, one answer without its thinking; a thought would add tokens.
    let without = lethe.turns().measure(Some(id), "").await.expect("countable").expect("a model is loaded");
    assert!(second.stats.prompt_tokens < without.used, "the prompt grows by what was said");
    let thought = "[removed: person]".len() as u32;
    let said = "Hey [removed: email].".len() as u32;
    let grown = without.used - second.stats.prompt_tokens;
    assert!(grown >= said && grown < said + thought, "an answer adds its own {said} tokens and no thought: {grown}");
    lethe.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_list_sweeps_old_thoughts_too() {
    let data = Data::default();
    let lethe = open(&data, &model(&data, 512, &script())).await;
    let (answer, _) = ask(&lethe, None, "Say hello").await;
    assert_eq!(answer.thinking.as_str(), "Zora");
    let list = data.file("people.jsonl", r#"{"id":"p1","kind":"person","text":"Zora"}"#);
    lethe.lists().import(&list).await.expect("a list");
    std::fs::remove_file(&list).expect("the list is not needed any more");
    lethe.sweeper().sweep().await.expect("a sweep");
    lethe.close().await;
    assert_eq!(data.files_with(b"Zora"), Vec::<PathBuf>::new(), "the bytes of the old thought are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_within_a_thought_keeps_it() {
    let data = Data::default();
    let lethe = open(&data, &model(&data, 512, &script())).await;
    let settings = Settings { temperature: 0.0, max_tokens: Some(4), ..Settings::default() };
    let options = Options { settings: Some(settings), ..Options::default() };
    let (events, _heard) = unbounded_channel();
    let answer = lethe.turns().send(None, &question("Say hello"), &options, &events).await.expect("an answer");
    assert_eq!((answer.thinking.as_str(), answer.text.as_str()), ("Zor", ""), "what was thought by then");
    assert_eq!(answer.reason, StopReason::Length);
    lethe.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deliberation_is_remembered_and_changes_the_prompt() {
    let data = Data::default();
    let lethe = open(&data, &model(&data, 512, &script())).await;
    let (events, mut heard) = unbounded_channel();
    let options = Options { deliberation: Some(Deliberation::On), ..options() };
    let on = lethe.turns().send(None, &question("Say hello"), &options, &events).await.expect("an answer");
    let ChatEvent::Started { conversation, .. } = heard.recv().await.expect("it began") else {
        panic!("the first event says that it began")
    };
    assert!(lethe.history().open(conversation.id).await.expect("stored").deliberation, "the switch is kept");
    lethe.history().deliberate(conversation.id, Deliberation::Off).await.expect("it can be switched");
    let off = lethe.turns().regenerate(conversation.id, &self::options(), &events).await.expect("another answer");
    let digests = [&on, &off].map(|answer| &answer.receipt.prompt.tokens_sha256);
    assert_ne!(digests[0], digests[1], "the developer block says enabled or disabled");
    lethe.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_talk_leaves_the_prompt_in_steps_and_goes_on_from_a_summary() {
    let data = Data::default();
    // "So" and the end: what the model says to everything, summaries too.
    let script = [vec![ASSISTANT], vec![byte(b'S'), byte(b'o')], vec![END]].concat();
    let lethe = open(&data, &model(&data, 512, &script)).await;
    let (first, events) = ask(&lethe, None, "The first question of a long talk").await;
    let ChatEvent::Started { conversation, .. } = &events[0] else { panic!("it began") };
    let id = conversation.id;
    assert_eq!(first.text.as_str(), "So");
    let empty = lethe.turns().measure(Some(id), "").await.expect("countable").expect("loaded");
    let draft = lethe.turns().measure(Some(id), "abcde").await.expect("countable").expect("loaded");
    assert_eq!(draft.draft, 5, "the small vocabulary has a token for each byte");
    assert!(draft.used > empty.used && draft.fits && draft.left == 0, "{draft:?}");
    let mut cached = Vec::new();
    let mut left = 0;
    for number in 0..12 {
        let long = format!("Question {number} of a long talk, with some words to fill the context quickly");
        let (answer, _) = ask(&lethe, Some(id), &long).await;
        let measure = lethe.turns().measure(Some(id), "").await.expect("countable").expect("loaded");
        assert!(measure.used <= measure.context_size, "a prompt never outgrows the context: {measure:?}");
        if measure.left == left {
            // The end token of the last answer and what follows is new; all before is in the cache.
            cached.push(f64::from(answer.stats.cached_tokens) / f64::from(answer.stats.prompt_tokens));
        }
        left = measure.left;
    }
    assert!(left > 0, "old turns left the prompt");
    let opened = lethe.history().open(id).await.expect("stored");
    let from = opened.prompt_from.expect("the window can show from where on the model sees");
    assert_eq!(opened.messages.iter().filter(|message| message.id < from).count(), left as usize);
    assert!(cached.iter().all(|share| *share > 0.2), "the prefix is not read again: {cached:?}");
    let before = lethe.turns().measure(Some(id), "").await.expect("countable").expect("loaded");
    let (events, _heard) = unbounded_channel();
    let summary = lethe.turns().summarise(id, &options(), &events).await.expect("a summary");
    assert_eq!(summary.text.as_str(), "So");
    let after = lethe.turns().measure(Some(id), "").await.expect("countable").expect("loaded");
    assert!(after.used < before.used, "prompts begin with the summary now: {before:?} {after:?}");
    assert_eq!(after.left as usize, opened.messages.len(), "all messages before are out of it: {after:?}");
    let opened = lethe.history().open(id).await.expect("stored");
    let last = opened.messages.last().expect("the summary is a message");
    assert!(last.summary && last.state == MessageState::Complete);
    let again = lethe.turns().summarise(id, &options(), &events).await.err().expect("nothing to summarise");
    assert_eq!(again.code, Code::BadInput, "{again}");
    let (next, _) = ask(&lethe, Some(id), "And now?").await;
    assert!(next.stats.prompt_tokens < before.used, "it goes on from the summary: {}", next.stats.prompt_tokens);
    let huge = lethe.turns().measure(Some(id), &"x".repeat(600)).await.expect("countable").expect("loaded");
    assert!(!huge.fits, "a draft that can't fit says so before it is sent");
    let refused = lethe.turns().send(Some(id), &question(&"x".repeat(600)), &options(), &events).await.err();
    assert_eq!(refused.expect("it does not fit").code, Code::BadInput, "a sentence and no crash");
    lethe.close().await;
}
