//! Which model is ready: switching, stopping and quitting while one loads or answers.
//!
//! No test waits for a time: each waits for a state, and what must not hang is ended by the test runner if it does.

use std::sync::Arc;

use lethe_core::base::settings::Settings;
use lethe_core::chat::history::{MessageState, UserText};
use lethe_core::chat::turn::{Answer, ChatEvent, Events, Options};
use lethe_core::models::deletion::DeletionScope;
use lethe_core::models::running::{Backend, EngineState};
use lethe_core::{Code, Lethe, Result};
use lethe_tests::{Data, model_called};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

/// The starter model under these names, in an engine that misbehaves as they say.
async fn open(data: &Data, names: &[&str]) -> Arc<Lethe> {
    let lethe = data.open_with_faulty_engine().await;
    for name in names {
        lethe.models().import(&model_called(data, name)).await.expect("the starter model is whole");
    }
    Arc::new(lethe)
}

fn options(model: &str, tokens: u32) -> Options {
    let settings = Settings { temperature: 0.0, max_tokens: Some(tokens), ..Settings::default() };
    Options { model: Some(model.to_owned()), settings: Some(settings), ignore_end: true, ..Options::default() }
}

fn send(lethe: &Arc<Lethe>, options: Options) -> (JoinHandle<Result<Answer>>, UnboundedReceiver<ChatEvent>) {
    let (events, heard): (Events, _) = unbounded_channel();
    let (lethe, text) = (lethe.clone(), UserText::parse("Count to one thousand.").expect("a message"));
    (tokio::spawn(async move { lethe.turns().send(None, &text, &options, &events).await }), heard)
}

fn select(lethe: &Arc<Lethe>, model: &'static str) -> JoinHandle<Result<()>> {
    let lethe = lethe.clone();
    tokio::spawn(async move { lethe.select_model(model).await })
}

async fn until(lethe: &Lethe, wanted: impl Fn(&EngineState) -> bool) {
    lethe.running().watch().wait_for(|state| wanted(state)).await.expect("the product is open");
}

fn loading(model: &str) -> impl Fn(&EngineState) -> bool {
    move |state| matches!(state, EngineState::Loading { model: name, fraction } if name == model && *fraction > 0.0)
}

fn ready(model: &str) -> impl Fn(&EngineState) -> bool {
    move |state| matches!(state, EngineState::Ready { model: name, .. } if name == model)
}

fn waiting(model: &str) -> impl Fn(&EngineState) -> bool {
    move |state| matches!(state, EngineState::Waiting { model: name } if name == model)
}

async fn next_text(heard: &mut UnboundedReceiver<ChatEvent>) {
    while !matches!(heard.recv().await.expect("the answer goes on"), ChatEvent::Text { .. }) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_the_model_loads_ends_the_turn_and_the_load() {
    let data = Data::default();
    let lethe = open(&data, &["endless", "good"]).await;
    let (turn, mut heard) = send(&lethe, options("endless", 8));
    let Some(ChatEvent::Started { conversation, .. }) = heard.recv().await else { panic!("it starts") };
    until(&lethe, loading("endless")).await;
    lethe.turns().stop(conversation.id);
    let Err(error) = turn.await.expect("no panic") else { panic!("nothing can answer") };
    assert_eq!(error.code, Code::Stopped, "{error}");
    let Some(ChatEvent::Finished { message, .. }) = heard.recv().await else { panic!("a stop is no failure") };
    assert_eq!((message.state, message.note), (MessageState::Stopped, None));
    until(&lethe, |state| *state == EngineState::None).await;
    let (turn, _heard) = send(&lethe, options("good", 8));
    turn.await.expect("no panic").expect("another model answers at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_does_not_wait_for_a_load() {
    let data = Data::default();
    let lethe = open(&data, &["endless"]).await;
    let selected = select(&lethe, "endless");
    let (turn, _heard) = send(&lethe, options("endless", 8));
    until(&lethe, loading("endless")).await;
    lethe.close().await;
    selected.await.expect("no panic").expect("a wish that is given up is no failure");
    assert!(turn.await.expect("no panic").is_err(), "nothing can answer");
    assert_eq!(*lethe.running().watch().borrow(), EngineState::None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_deleted_is_loaded_no_further() {
    let data = Data::default();
    let lethe = open(&data, &["endless"]).await;
    let selected = select(&lethe, "endless");
    until(&lethe, loading("endless")).await;
    lethe.deletions().delete("endless", DeletionScope::ListOnly).await.expect("it is taken from the list");
    let _ = selected.await.expect("no panic");
    assert_eq!(*lethe.running().watch().borrow(), EngineState::None);
    assert!(!lethe.running().uses("endless"), "nothing of it goes on");
    assert!(lethe.models().all().await.expect("the list").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_choice_ends_a_load_that_nobody_waits_for() {
    let data = Data::default();
    let lethe = open(&data, &["endless", "good", "better"]).await;
    let first = select(&lethe, "endless");
    until(&lethe, loading("endless")).await;
    let second = select(&lethe, "good");
    first.await.expect("no panic").expect("the newer wish counts");
    second.await.expect("no panic").expect("the newest wish is loaded");
    until(&lethe, ready("good")).await;
    // The model that is ready makes room, and comes back when it is chosen again.
    for model in ["better", "good"] {
        let endless = select(&lethe, "endless");
        until(&lethe, loading("endless")).await;
        assert!(lethe.running().current().is_none(), "nothing is ready while a model loads");
        select(&lethe, model).await.expect("no panic").expect("the newest wish is loaded");
        endless.await.expect("no panic").expect("the newer wish counts");
        until(&lethe, ready(model)).await;
        assert_eq!(lethe.running().current().expect("it is ready").file().id, model);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_wanted_twice_at_once_is_loaded_once() {
    let data = Data::default();
    let lethe = open(&data, &["good"]).await;
    let file = lethe.models().find("good").await.expect("it was imported");
    let settings = Settings::default();
    let (one, other, ahead) = tokio::join!(
        lethe.running().ready(&file, &settings),
        lethe.running().ready(&file, &settings),
        lethe.running().prepare(&file, &settings),
    );
    let (Ok(Backend::Engine(one)), Ok(Backend::Engine(other)), Ok(())) = (one, other, ahead) else {
        panic!("it loads")
    };
    assert!(Arc::ptr_eq(&one, &other), "it was loaded twice");
    let again = lethe.running().ready(&file, &settings).await.and_then(Backend::here).expect("it is ready");
    assert!(Arc::ptr_eq(&one, &again), "it was loaded again");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_up_leaves_the_load_to_the_others() {
    let data = Data::default();
    let lethe = open(&data, &["good"]).await;
    let file = lethe.models().find("good").await.expect("it was imported");
    let settings = Settings::default();
    let (turn, mut heard) = send(&lethe, options("good", 8));
    let Some(ChatEvent::Started { conversation, .. }) = heard.recv().await else { panic!("it starts") };
    let wanted = Settings { temperature: 0.0, max_tokens: Some(8), ..settings };
    let (ready, ()) = tokio::join!(lethe.running().ready(&file, &wanted), async {
        until(&lethe, |state| matches!(state, EngineState::Loading { .. } | EngineState::Ready { .. })).await;
        lethe.turns().stop(conversation.id);
    });
    ready.expect("the load went on for whoever still waited");
    drop(turn.await.expect("no panic"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_switch_waits_for_the_answer_and_mixes_nothing() {
    let data = Data::default();
    let lethe = open(&data, &["good", "better"]).await;
    let (turn, mut heard) = send(&lethe, options("good", 2000));
    let Some(ChatEvent::Started { conversation, .. }) = heard.recv().await else { panic!("it starts") };
    next_text(&mut heard).await;
    let switch = select(&lethe, "better");
    until(&lethe, waiting("better")).await;
    // Meanwhile nothing goes out: the gauge measures, and the answer goes on.
    assert_eq!(lethe.running().current().expect("it still answers").file().id, "good");
    assert!(lethe.turns().measure(Some(conversation.id), "More?").await.expect("it measures").is_some());
    next_text(&mut heard).await;
    lethe.turns().stop(conversation.id);
    let answer = turn.await.expect("no panic").expect("it is stopped, which is no failure");
    assert_eq!(answer.receipt.model.name, "good");
    assert!(answer.stats.completion_tokens > 0);
    switch.await.expect("no panic").expect("it loads when the answer has ended");
    until(&lethe, ready("better")).await;
    let (turn, _heard) = send(&lethe, options("better", 8));
    let answer = turn.await.expect("no panic").expect("an answer");
    assert_eq!(answer.receipt.model.name, "better");
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_to_the_model_that_answers_changes_nothing() {
    let data = Data::default();
    let lethe = open(&data, &["good", "better"]).await;
    let (turn, mut heard) = send(&lethe, options("good", 1000));
    next_text(&mut heard).await;
    let Some(Backend::Engine(before)) = lethe.running().current() else { panic!("it answers") };
    let request = before.request.clone();
    drop(before);
    let away = select(&lethe, "better");
    until(&lethe, waiting("better")).await;
    let back = select(&lethe, "good");
    away.await.expect("no panic").expect("a newer wish is no failure");
    back.await.expect("no panic").expect("it is still ready");
    until(&lethe, ready("good")).await;
    let answer = turn.await.expect("no panic").expect("it went on");
    assert_eq!(answer.stats.completion_tokens, 1000, "the answer was cut");
    let current = lethe.running().current().and_then(|ready| ready.here().ok()).expect("it is ready");
    assert_eq!(current.request, request);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_two_models_wanted_at_once_are_each_given_by_their_own() {
    let data = Data::default();
    let lethe = open(&data, &["good", "better"]).await;
    let turns: Vec<_> = ["good", "better", "good", "better"]
        .into_iter()
        .map(|model| (model, send(&lethe, options(model, 24))))
        .collect();
    for (model, (turn, _heard)) in turns {
        let answer = turn.await.expect("no panic").expect("each is answered");
        assert_eq!(answer.receipt.model.name, model);
        assert_eq!(answer.stats.completion_tokens, 24);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_hears_no_stop_does_not_keep_the_product_open() {
    let data = Data::default();
    let lethe = open(&data, &["deaf"]).await;
    let (_turn, mut heard) = send(&lethe, options("deaf", 8000));
    next_text(&mut heard).await;
    lethe.close().await;
    assert!(lethe.running().current().is_none());
}
