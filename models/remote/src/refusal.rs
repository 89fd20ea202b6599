//! What a server means when it says no.
//!
//! Its message may quote the conversation, so it is read here and goes nowhere.

use serde_json::Value;

use crate::error::Error;

/// What servers call a conversation that is too long: OpenAI and those who follow it, and llama-server.
const TOO_LONG: [&str; 2] = ["context_length_exceeded", "exceed_context_size_error"];

/// What vLLM and LiteLLM write instead: they have no code for it.
const TOO_LONG_IN_WORDS: [&str; 3] = ["maximum context length", "context window", "contextwindow"];

/// The error that an answer stands for, whether it came as a status or in the middle of a stream.
pub(crate) fn refusal(host: &str, status: u16, retry_after: Option<&str>, body: &[u8]) -> Error {
    let host = host.to_owned();
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let said = json.as_ref().map(|json| json.get("error").filter(|error| !error.is_null()).unwrap_or(json));
    let text = |name: &str| said.and_then(|said| said.get(name)).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| said.and_then(|said| said.get(name)).and_then(Value::as_u64);
    let status = match status {
        // In the middle of a stream the status was one of success long ago.
        200..300 => number("code").or_else(|| text("code").parse().ok()).and_then(|code| u16::try_from(code).ok()),
        status => Some(status),
    };
    let status = status.unwrap_or(500);
    let codes = [text("code"), text("type")];
    let words = text("message").to_lowercase();
    let too_long =
        codes.iter().any(|code| TOO_LONG.contains(code)) || TOO_LONG_IN_WORDS.iter().any(|told| words.contains(told));
    match status {
        401 | 403 => Error::KeyRefused { host },
        404 if json.is_some() => Error::UnknownModel { host },
        404 | 405 => Error::NotCompatible { host },
        429 => Error::TooMany { host, seconds: retry_after.and_then(|seconds| seconds.trim().parse().ok()) },
        400 | 413 | 422 | 500 if too_long => {
            Error::TooLong { host, context: number("n_ctx").and_then(|context| u32::try_from(context).ok()) }
        }
        400 | 422 if codes.contains(&"model_not_found") => Error::UnknownModel { host },
        300..400 => Error::NotCompatible { host },
        408 | 500.. => Error::Server { host, status },
        status => Error::Refused { host, status },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_refusals() {
        let host = || "box:8000".to_owned();
        let too_long = |context| Error::TooLong { host: host(), context };
        let rows: Vec<(u16, Option<&str>, &str, Error)> = vec![
            (401, None, r#"{"error":{"message":"Invalid API Key","code":401}}"#, Error::KeyRefused { host: host() }),
            (403, None, "<html>no</html>", Error::KeyRefused { host: host() }),
            (
                404,
                None,
                r#"{"object":"error","message":"no such model","code":404}"#,
                Error::UnknownModel { host: host() },
            ),
            (404, None, "<html>nothing here</html>", Error::NotCompatible { host: host() }),
            (405, None, "", Error::NotCompatible { host: host() }),
            (301, None, "", Error::NotCompatible { host: host() }),
            (429, Some("17"), "{}", Error::TooMany { host: host(), seconds: Some(17) }),
            (429, Some("Wed, 21 Oct 2026 07:28:00 GMT"), "", Error::TooMany { host: host(), seconds: None }),
            (
                400,
                None,
                r#"{"error":{"code":400,"message":"the request exceeds","type":"exceed_context_size_error","n_prompt_tokens":99,"n_ctx":64}}"#,
                too_long(Some(64)),
            ),
            (400, None, r#"{"error":{"code":"context_length_exceeded","message":"x"}}"#, too_long(None)),
            (
                400,
                None,
                r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}"#,
                too_long(None),
            ),
            (400, None, r#"{"error":{"code":"model_not_found"}}"#, Error::UnknownModel { host: host() }),
            (400, None, r#"{"error":"seed is not known"}"#, Error::Refused { host: host(), status: 400 }),
            (402, None, "", Error::Refused { host: host(), status: 402 }),
            (
                503,
                None,
                r#"{"error":{"code":503,"message":"Loading model"}}"#,
                Error::Server { host: host(), status: 503 },
            ),
            (200, None, r#"{"error":{"code":429,"message":"slow"}}"#, Error::TooMany { host: host(), seconds: None }),
            (200, None, r#"{"error":{"code":"400","message":"x"}}"#, Error::Refused { host: host(), status: 400 }),
            (200, None, r#"{"error":{"message":"Wanda Beispiel"}}"#, Error::Server { host: host(), status: 500 }),
        ];
        for (status, retry_after, body, expected) in rows {
            let error = refusal("box:8000", status, retry_after, body.as_bytes());
            assert_eq!(error, expected, "{status} {body}");
            assert!(error.to_string().contains("box:8000"), "it says who: {error}");
            assert!(!error.to_string().contains("Wanda"), "what a server writes may quote the conversation: {error}");
        }
    }
}
