//! The JSON of an answer, whole or a part of it.

use std::fmt;

use lethe_models::text::Piece;
use serde::de::{IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};

use crate::chat::Usage;

/// What one JSON object says.
#[derive(Debug)]
pub(crate) enum Part {
    /// More of the answer, or its end.
    Answer(Answer),
    /// Something went wrong; [`crate::refusal`] reads what.
    Error,
}

/// More of an answer, or its end.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// What the model thinks.
    pub thinking: Piece,
    /// What it says.
    pub said: Piece,
    /// Why it ended.
    pub finish: Option<Finish>,
    /// What it took.
    pub usage: Option<Usage>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The model ended it, or a stop string did.
    End,
    /// It is as long as it may be.
    Length,
    /// Rules of the server.
    Filter,
    /// A fault of the server.
    Fault,
}

/// A chunk of a stream or a whole answer: they differ in the name of one field.
#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    error: Option<IgnoredAny>,
    object: Option<String>,
    /// Of an error that stands alone.
    message: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: u32,
    delta: Option<Delta>,
    /// In the place of `delta` where an answer comes as one.
    message: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Delta {
    content: Option<Words>,
    /// What some servers send in the place of `content` when the model refuses to answer.
    refusal: Option<Words>,
    /// vLLM until 2025, llama-server, DeepSeek.
    reasoning_content: Option<Words>,
    /// vLLM since, OpenRouter.
    reasoning: Option<Words>,
}

#[derive(Deserialize)]
struct Tokens {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u32>,
}

/// A JSON string as bytes: an emoji that was cut in two is no text of Rust, and no reason to end an answer.
#[derive(Default)]
struct Words(Vec<u8>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Words;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("text")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Words, E> {
                Ok(Words(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// What one JSON object says; none when it is none of this protocol.
pub(crate) fn parse(json: &[u8]) -> Option<Part> {
    let chunk: Chunk = serde_json::from_slice(json).ok()?;
    let alone = chunk.message.is_some() && chunk.choices.is_none();
    if chunk.error.is_some() || alone || chunk.object.as_deref() == Some("error") {
        return Some(Part::Error);
    }
    if chunk.choices.is_none() && chunk.usage.is_none() {
        return None;
    }
    let mut answer = Answer { usage: chunk.usage.and_then(Tokens::usage), ..Answer::default() };
    // One answer was asked for.
    if let Some(choice) = chunk.choices.into_iter().flatten().find(|choice| choice.index == 0) {
        let delta = choice.delta.or(choice.message).unwrap_or_default();
        answer.thinking = first([delta.reasoning_content, delta.reasoning]);
        answer.said = first([delta.content, delta.refusal]);
        answer.finish = choice.finish_reason.map(|reason| match reason.as_str() {
            "length" => Finish::Length,
            "content_filter" => Finish::Filter,
            "abort" | "error" => Finish::Fault,
            _ => Finish::End,
        });
    }
    Some(Part::Answer(answer))
}

/// The first that says something: servers send the same under two names.
fn first(words: [Option<Words>; 2]) -> Piece {
    let said = words.into_iter().flatten().find(|words| !words.0.is_empty());
    said.map_or_else(Piece::default, |words| Piece::from_server(&words.0))
}

impl Tokens {
    fn usage(self) -> Option<Usage> {
        Some(Usage {
            prompt_tokens: self.prompt_tokens?,
            cached_tokens: self.prompt_tokens_details.and_then(|details| details.cached_tokens).unwrap_or(0),
            completion_tokens: self.completion_tokens.unwrap_or(0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_parts() {
        type Row = (&'static [u8], (&'static str, &'static str), Option<Finish>);
        let rows: &[Row] = &[
            (br#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#, ("", ""), None),
            (br#"{"choices":[{"delta":{"content":"gr\u00fcn"}}]}"#, ("", "gr\u{fc}n"), None),
            (br#"{"choices":[{"delta":{"reasoning_content":"so"}}]}"#, ("so", ""), None),
            (br#"{"choices":[{"delta":{"reasoning":"so","reasoning_content":"so"}}]}"#, ("so", ""), None),
            (br#"{"choices":[{"delta":{"reasoning":"so","reasoning_content":""}}]}"#, ("so", ""), None),
            (br#"{"choices":[{"delta":{"refusal":"no","content":null}}]}"#, ("", "no"), None),
            (br#"{"choices":[{"index":1,"delta":{"content":"x"}}]}"#, ("", ""), None),
            (br#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, ("", ""), Some(Finish::End)),
            (br#"{"choices":[{"finish_reason":"length"}]}"#, ("", ""), Some(Finish::Length)),
            (br#"{"choices":[{"delta":{"content":"x"},"finish_reason":"content_filter"}]}"#, ("", "x"), Some(Finish::Filter)),
            (br#"{"choices":[{"delta":{},"finish_reason":"abort"}]}"#, ("", ""), Some(Finish::Fault)),
            (br#"{"choices":[{"message":{"content":"whole","reasoning":"so"},"finish_reason":"stop"}],"error":null}"#, ("so", "whole"), Some(Finish::End)),
            (br#"{"choices":[{"delta":{"content":"\ud83d"}}]}"#, ("", "\u{fffd}\u{fffd}\u{fffd}"), None),
            (b"{\"choices\":[{\"delta\":{\"content\":\"a\xff\xfeb\"}}]}", ("", "a\u{fffd}\u{fffd}b"), None),
        ];
        for (json, (thinking, said), finish) in rows {
            let shown = String::from_utf8_lossy(json);
            let Some(Part::Answer(answer)) = parse(json) else { panic!("{shown} is a part of an answer") };
            let got = (answer.thinking.unfiltered(), answer.said.unfiltered(), answer.finish);
            assert_eq!(got, (*thinking, *said, *finish), "{shown}");
        }
    }

    #[test]
    fn usage_is_read() {
        let json = br#"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":8}}}"#;
        let Some(Part::Answer(answer)) = parse(json) else { panic!("usage is a part of an answer") };
        assert_eq!(answer.usage, Some(Usage { prompt_tokens: 12, cached_tokens: 8, completion_tokens: 3 }));
    }

    #[test]
    fn errors_and_other_things_are_told_apart() {
        for json in
            [r#"{"error":{"message":"x"}}"#, r#"{"error":"x"}"#, r#"{"object":"error","message":"x","code":400}"#]
        {
            assert!(matches!(parse(json.as_bytes()), Some(Part::Error)), "{json}");
        }
        for json in ["<html>", "{}", "[]", "\"x\"", r#"{"choices":"x"}"#, r#"{"choices":[{"delta":{"content":7}}]}"#] {
            assert!(parse(json.as_bytes()).is_none(), "{json}");
        }
    }
}
