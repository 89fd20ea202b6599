//! What a prompt holds, without an engine: a token here is a letter.

use std::cell::RefCell;

use super::*;

fn text(text: &str) -> Segment {
    Segment::Text { text: text.to_owned() }
}

fn message(id: i64, role: Role, segments: Vec<Segment>) -> Message {
    Message {
        id: MessageId(id),
        role,
        segments,
        thinking: vec![text("a thought")],
        summary: false,
        state: MessageState::Complete,
        created_at: 0,
        variant: 1,
        variants: 1,
        model: None,
        stats: None,
        note: None,
    }
}

fn user(id: i64, words: &str) -> Message {
    message(id, Role::User, vec![text(words)])
}

fn assistant(id: i64, words: &str) -> Message {
    message(id, Role::Assistant, vec![text(words)])
}

fn summary(id: i64, state: MessageState) -> Message {
    Message { summary: true, state, ..assistant(id, "in short") }
}

fn removed() -> Segment {
    Segment::Removed { kind: "person".to_owned(), list: None, entry: None }
}

/// Each message with its number, its role and its text.
fn shown(said: &[PromptTurn]) -> String {
    let line = |said: &PromptTurn| {
        let id = said.id.map_or("-".to_owned(), |id| id.0.to_string());
        format!("{id}{} {}", if said.role == Role::User { '?' } else { '!' }, said.text)
    };
    said.iter().map(line).collect::<Vec<_>>().join(" | ")
}

#[test]
fn table_of_what_was_said() {
    let rows = [
        ("a talk", vec![user(1, "a"), assistant(2, "b"), user(3, "c")], None, "1? a | 2! b | 3? c"),
        (
            "what was removed",
            vec![user(1, "a"), message(2, Role::Assistant, vec![text("It is "), removed()])],
            None,
            "1? a | 2! It is [removed: person]",
        ),
        ("a question without an answer", vec![user(1, "a"), user(2, "b")], None, "2? b"),
        ("an answer without text", vec![user(1, "a"), assistant(2, " \n"), user(3, "b")], None, "3? b"),
        (
            "the answer that is made",
            vec![user(1, "a"), assistant(2, "b"), user(3, "c"), assistant(4, "")],
            Some(4),
            "1? a | 2! b | 3? c",
        ),
        (
            "a summary",
            vec![user(1, "a"), assistant(2, "b"), summary(3, MessageState::Complete), user(4, "c")],
            None,
            "3? What have we said so far? | -! in short | 4? c",
        ),
        (
            "a summary that was stopped",
            vec![user(1, "a"), assistant(2, "b"), summary(3, MessageState::Stopped), user(4, "c")],
            None,
            "1? a | 2! b | 4? c",
        ),
        (
            "an answer before a summary, made anew",
            vec![user(1, "a"), assistant(2, "b"), summary(3, MessageState::Complete)],
            Some(2),
            "1? a",
        ),
        ("nothing", vec![], None, ""),
    ];
    for (name, messages, open, wanted) in rows {
        assert_eq!(shown(&said(&messages, open.map(MessageId))), wanted, "{name}");
    }
}

/// Turns of ten letters each: a question of four, and an answer of six.
fn talk(turns: usize) -> Vec<PromptTurn> {
    let turn = |number: usize| {
        let id = |place: usize| Some(MessageId(i64::try_from(number * 2 + place).expect("a small number")));
        [
            PromptTurn::user(id(1), "abcd".to_owned()),
            PromptTurn { id: id(2), role: Role::Assistant, text: "abcdef".to_owned() },
        ]
    };
    (0..turns).flat_map(turn).collect()
}

/// Where the prompt of these messages begins, how many tokens it has, and how often one was rendered.
async fn planned(context: Option<u32>, said: &[PromptTurn], start: usize) -> (Option<(usize, u32)>, usize) {
    let renderings = RefCell::new(0);
    let render = async |at: usize| {
        *renderings.borrow_mut() += 1;
        let tokens = said[at..].iter().map(|said| said.text.len()).sum();
        Ok(Rendered::Tokens { tokens: vec![0; tokens], opens_thinking: false })
    };
    let plan = plan(context, said, start, render).await.expect("nothing fails here");
    (plan.map(|plan| (plan.start, plan.rendered.count())), *renderings.borrow())
}

#[tokio::test]
async fn table_of_prompts_that_fit() {
    let mut said = talk(9);
    said.push(PromptTurn::user(None, "now?".to_owned()));
    for (name, context, start, wanted) in [
        ("all of it", Some(1000), 0, Some((0, 94))),
        ("nobody knows the context", None, 0, Some((0, 94))),
        ("just what may be full", Some(111), 0, Some((0, 94))),
        ("one more than that, so half of the context stays", Some(110), 0, Some((8, 54))),
        ("a place that was found before", Some(1000), 4, Some((4, 74))),
        ("a place that was found before, and is too early by now", Some(60), 4, Some((14, 24))),
        ("the last question alone, which may fill it", Some(5), 0, Some((18, 4))),
        ("not even that", Some(4), 0, None),
    ] {
        assert_eq!(planned(context, &said, start).await.0, wanted, "{name}");
    }
}

#[tokio::test]
async fn a_long_talk_is_rendered_a_few_times_only() {
    let (plan, renderings) = planned(Some(1000), &talk(5000), 0).await;
    assert_eq!(plan, Some((9900, 500)), "half of the context stays");
    assert!(renderings <= 15, "{renderings} renderings of 5,000 turns");
}

#[test]
fn a_prompt_begins_where_it_did_as_long_as_that_is_there() {
    let said = talk(3);
    for (from, wanted) in [(None, 0), (Some(3), 2), (Some(99), 0)] {
        assert_eq!(start(&said, from.map(MessageId)), wanted, "{from:?}");
    }
}

#[test]
fn a_digest_tells_prompts_apart() {
    let message = |role, content: &str| PromptMessage { role, content: content.to_owned() };
    let of = |messages| Rendered::Messages { messages, about: 1 }.sha256();
    let one = of(vec![message(PromptRole::User, "ab"), message(PromptRole::User, "c")]);
    assert_eq!(one.len(), 64);
    assert_eq!(one, of(vec![message(PromptRole::User, "ab"), message(PromptRole::User, "c")]));
    assert_ne!(one, of(vec![message(PromptRole::User, "a"), message(PromptRole::User, "bc")]));
    assert_ne!(one, of(vec![message(PromptRole::User, "ab"), message(PromptRole::Assistant, "c")]));
}
