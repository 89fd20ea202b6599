//! Servers that misbehave, over a real socket.

#[path = "../../../tests/support/endpoint.rs"]
mod fake;

use std::time::Duration;

use fake::{Act, FakeEndpoint, end, event, reply, said, stream, thought};
use lethe_models::prompt::{Message, Role};
use lethe_models::wire::Sampling;
use lethe_network::{Client, Secret, Switch, Timeouts, Trouble};
use lethe_remote::{AnswerStep, Chat, ChatRequest, Ending, Endpoint, Error, Result, Software, Usage};

fn client() -> Client {
    Client::new(Timeouts::default(), Switch::on(), |_| ()).expect("a client")
}

fn endpoint(fake: &FakeEndpoint) -> Endpoint {
    Endpoint::new(&fake.address, Some(Secret::new("sk-1234"))).expect("an address")
}

fn request() -> ChatRequest {
    ChatRequest {
        model: "tiny".to_owned(),
        messages: vec![Message { role: Role::User, content: "Whom should I ask?".to_owned() }],
        sampling: Sampling::default(),
        longest: None,
        stops: Vec::new(),
        software: Software::Vllm,
    }
}

/// All that an answer says: the thoughts, the words, and the end.
async fn all(mut chat: Chat) -> (String, String, Result<(Ending, Option<Usage>)>) {
    let (mut thinking, mut words) = (String::new(), String::new());
    loop {
        match chat.next().await {
            Ok(AnswerStep::Thinking(piece)) => thinking.push_str(piece.unfiltered()),
            Ok(AnswerStep::Said(piece)) => words.push_str(piece.unfiltered()),
            Ok(AnswerStep::Done { ending, usage }) => return (thinking, words, Ok((ending, usage))),
            Err(error) => return (thinking, words, Err(error)),
        }
    }
}

/// What one answer of the server becomes.
async fn heard(acts: Vec<Act>) -> (String, String, Result<(Ending, Option<Usage>)>) {
    let fake = FakeEndpoint::start(4096).await;
    fake.answers(acts);
    match endpoint(&fake).chat(&client(), &request()).await {
        Ok(chat) => all(chat).await,
        Err(error) => (String::new(), String::new(), Err(error)),
    }
}

#[tokio::test]
async fn an_answer_is_the_same_however_it_is_cut() {
    let text = concat!(
        "\u{feff}: welcome\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"so \u{1f600}\"}}]}\n\n",
        ": ping\n\n",
        "event: message\nid: 3\ndata: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"gr\u{fc}n \"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\u{0928}\u{092e}\u{0938}\u{094d}\u{0924}\u{0947}\"}}]}\r\r",
        "data:{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n",
        "data: [DONE]\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"after the end\"}}]}\n\n",
    );
    let usage = Usage { prompt_tokens: 9, cached_tokens: 0, completion_tokens: 4 };
    for size in [1, 2, 3, 5, 16, 61, text.len()] {
        let parts = text.as_bytes().chunks(size).map(|part| Act::Send(part.to_vec()));
        let (thinking, words, ended) = heard(stream(parts)).await;
        assert_eq!(thinking, "so \u{1f600}", "thoughts in parts of {size}");
        assert_eq!(words, "gr\u{fc}n \u{0928}\u{092e}\u{0938}\u{094d}\u{0924}\u{0947}", "words in parts of {size}");
        assert_eq!(ended, Ok((Ending::Length, Some(usage))), "the end in parts of {size}");
    }
}

/// What a row of the table below expects at the end.
#[derive(Debug)]
enum Expected {
    Ends(Ending),
    Fails(&'static str),
}

#[tokio::test]
async fn every_misbehaviour_ends_in_words_that_were_said_and_one_sentence() {
    use Expected::{Ends, Fails};
    let json = "content-type: application/json\r\n";
    let html = "content-type: text/html; charset=utf-8\r\n";
    let too_long = r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"Wanda","n_ctx":64}}"#;
    let whole = r#"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
    let finish = |reason: &str| event(&format!(r#"{{"choices":[{{"delta":{{}},"finish_reason":"{reason}"}}]}}"#));
    let rows: Vec<(&str, Vec<Act>, &str, Expected)> = vec![
        ("a good answer", stream([thought("so"), said("wo"), said("rds"), end()]), "words", Ends(Ending::End)),
        ("no words at all", stream([end()]), "", Ends(Ending::End)),
        ("no [DONE]", stream([said("words"), finish("stop")]), "words", Ends(Ending::End)),
        ("no reason for the end", stream([said("words"), event("[DONE]")]), "words", Ends(Ending::End)),
        ("no end", stream([said("words")]), "words", Fails("broke off")),
        (
            "half an event at the end",
            stream([said("words"), Act::Send(b"data: {\"choi".to_vec())]),
            "words",
            Fails("broke off"),
        ),
        ("a fault in the server", stream([said("words"), finish("abort")]), "words", Fails("broke off")),
        ("broken after the end", stream([said("words"), finish("stop"), Act::Reset]), "words", Ends(Ending::End)),
        ("rules of the server", stream([said("words"), finish("content_filter")]), "words", Fails("rules of its own")),
        ("nothing", stream([]), "", Fails("protocol")),
        ("no answer to the request", vec![Act::Reset], "", Fails("can't be reached")),
        (
            "an error in the stream",
            stream([said("words"), event(r#"{"error":{"message":"Wanda","code":500}}"#)]),
            "words",
            Fails("fault"),
        ),
        (
            "an error in a field of its own",
            stream([Act::Send(b"error: {\"code\":503,\"message\":\"Wanda\"}\n\n".to_vec())]),
            "",
            Fails("fault"),
        ),
        ("no JSON", stream([said("words"), event("Wanda")]), "words", Fails("protocol")),
        (
            "bytes that are no text",
            stream([Act::Send(b"data: {\"choices\":[{\"delta\":{\"content\":\"wo\xffrds\"}}]}\n\n".to_vec()), end()]),
            "wo\u{fffd}rds",
            Ends(Ending::End),
        ),
        (
            "an endless line",
            stream([said("words"), Act::Send(vec![b'x'; 6 << 20])]),
            "words",
            Fails("more than it should"),
        ),
        ("an answer as one", reply(200, json, whole), "whole", Ends(Ending::End)),
        ("other JSON", reply(200, json, "{\"ok\":true}"), "", Fails("protocol")),
        ("a web page", reply(200, html, "<html>Wanda</html>"), "", Fails("protocol")),
        ("text", reply(200, "content-type: text/plain\r\n", "Wanda"), "", Fails("protocol")),
        ("a wrong key", reply(401, json, "{\"error\":\"Wanda\"}"), "", Fails("does not accept the key")),
        (
            "an unknown model",
            reply(404, json, "{\"error\":{\"message\":\"Wanda\"}}"),
            "",
            Fails("does not know this model"),
        ),
        ("a wrong address", reply(404, html, "<html></html>"), "", Fails("protocol")),
        ("too many requests", reply(429, "retry-after: 7\r\n", ""), "", Fails("alone for 7 s")),
        ("a long conversation", reply(400, json, too_long), "", Fails("(64 tokens)")),
        (
            "an unknown setting",
            reply(422, json, "{\"detail\":\"Wanda\"}"),
            "",
            Fails("refuses the request (status 422)"),
        ),
        ("a server that starts", reply(503, json, "{\"error\":{\"message\":\"Wanda\"}}"), "", Fails("just starting")),
    ];
    for (name, acts, expected_words, expected) in rows {
        let (_, words, ended) = heard(acts).await;
        assert_eq!(words, expected_words, "{name}: what was said counts");
        match (&ended, &expected) {
            (Ok((ending, _)), Ends(expected)) => assert_eq!(ending, expected, "{name}"),
            (Err(error), Fails(sentence)) => {
                let text = error.to_string();
                assert!(text.contains(sentence), "{name}: {text}");
                assert!(!text.contains("Wanda"), "{name}: what a server writes may quote the conversation: {text}");
            }
            _ => panic!("{name}: {ended:?} and not {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_keeps_what_came() {
    let fake = FakeEndpoint::start(4096).await;
    fake.answers(stream([said("words"), Act::Wait, Act::Reset]));
    let mut chat = endpoint(&fake).chat(&client(), &request()).await.expect("it begins");
    let Ok(AnswerStep::Said(piece)) = chat.next().await else { panic!("the first words come at once") };
    assert_eq!(piece.unfiltered(), "words");
    fake.go_on();
    let error = chat.next().await.expect_err("the connection is broken");
    assert!(matches!(error, Error::Network(lethe_network::Error::Unreachable { trouble: Trouble::BrokeOff, .. })));
    assert_eq!(chat.next().await, Err(error), "it stays broken");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let patience = Duration::from_millis(50);
    let client = Client::new(Timeouts { patience, ..Timeouts::default() }, Switch::on(), |_| ()).expect("a client");
    for (words, acts) in [("", vec![Act::Hang]), ("words", stream([said("words"), Act::Hang]))] {
        let fake = FakeEndpoint::start(4096).await;
        fake.answers(acts);
        let (_, got, ended) = match endpoint(&fake).chat(&client, &request()).await {
            Ok(chat) => all(chat).await,
            Err(error) => (String::new(), String::new(), Err(error)),
        };
        assert_eq!(got, words);
        let stalled = Error::Network(lethe_network::Error::Unreachable {
            host: endpoint(&fake).host(),
            trouble: Trouble::Stalled,
        });
        assert_eq!(ended, Err(stalled));
        fake.left().await;
    }
}

#[tokio::test]
async fn dropping_an_answer_ends_its_request() {
    let fake = FakeEndpoint::start(4096).await;
    fake.answers(stream([said("words"), Act::Hang]));
    let mut chat = endpoint(&fake).chat(&client(), &request()).await.expect("it begins");
    assert!(matches!(chat.next().await, Ok(AnswerStep::Said(_))));
    drop(chat);
    fake.left().await;
    fake.answers(vec![Act::Hang]);
    let (endpoint, client, request) = (endpoint(&fake), client(), request());
    tokio::select! {
        _ = endpoint.chat(&client, &request) => panic!("no answer was given"),
        () = async { while fake.conversations().len() < 2 { tokio::task::yield_now().await } } => {}
    }
    fake.left().await;
}

#[tokio::test]
async fn switching_requests_off_ends_an_answer() {
    let fake = FakeEndpoint::start(4096).await;
    fake.answers(stream([said("words"), Act::Hang]));
    let switch = Switch::on();
    let client = Client::new(Timeouts::default(), switch.clone(), |_| ()).expect("a client");
    let mut chat = endpoint(&fake).chat(&client, &request()).await.expect("it begins");
    assert!(matches!(chat.next().await, Ok(AnswerStep::Said(_))));
    switch.forbid();
    assert_eq!(chat.next().await, Err(Error::Network(lethe_network::Error::Offline)));
    fake.left().await;
    let refused = endpoint(&fake).chat(&client, &request()).await.err();
    assert_eq!(refused, Some(Error::Network(lethe_network::Error::Offline)));
}

#[tokio::test]
async fn models_are_listed_or_the_reason_is_told() {
    let fake = FakeEndpoint::start(4096).await;
    let models = endpoint(&fake).models(&client()).await.expect("a list");
    assert_eq!(models.len(), 1);
    assert_eq!((models[0].id.as_str(), models[0].context, models[0].software), ("tiny", Some(4096), Software::Vllm));
    assert!(fake.heard()[0].head.contains("authorization: bearer sk-1234"), "the key is sent to whom it is for");
    for (acts, sentence) in [
        (reply(200, "", "<html></html>"), "protocol"),
        (reply(404, "", "{}"), "protocol"),
        (reply(401, "", ""), "does not accept the key"),
        (reply(429, "", ""), "no more requests now: ask"),
        (reply(500, "", ""), "fault"),
        (vec![Act::Reset], "can't be reached"),
    ] {
        fake.lists(acts);
        let error = endpoint(&fake).models(&client()).await.expect_err("no list").to_string();
        assert!(error.contains(sentence), "{error}");
    }
}

#[tokio::test]
async fn neither_key_nor_conversation_follows_a_redirect() {
    let (fake, other) = (FakeEndpoint::start(4096).await, FakeEndpoint::start(2048).await);
    let location = format!("location: {}/v1/models\r\n", other.address);
    fake.lists(reply(302, &location, ""));
    let models = endpoint(&fake).models(&client()).await.expect("a list may be elsewhere");
    assert_eq!(models[0].context, Some(2048));
    assert!(!other.heard()[0].head.contains("authorization"), "the key is for another server");
    for status in [301, 302, 307, 308] {
        let location = format!("location: {}/v1/chat/completions\r\n", other.address);
        fake.answers(reply(status, &location, ""));
        let refused = endpoint(&fake).chat(&client(), &request()).await.err();
        assert!(matches!(refused, Some(Error::NotCompatible { .. })), "{status}: {refused:?}");
    }
    assert!(other.conversations().is_empty(), "the conversation went where the user did not send it");
}
