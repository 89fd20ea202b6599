//! What is asked of a model.

use std::fmt;

use lethe_models::prompt::Message;
use lethe_models::wire::Sampling;
use serde::Serialize;

use crate::list::Software;

/// More are refused by OpenAI and those who follow it. Who asks looks for the others in the answer.
const MOST_STOPS: usize = 4;

/// A conversation that a model is to continue, and how.
#[derive(Clone)]
pub struct ChatRequest {
    /// The model, as the server lists it.
    pub model: String,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// How tokens are chosen; see [`ChatRequest::sampling_sent`].
    pub sampling: Sampling,
    /// Longest answer in tokens; none: as the server has it.
    pub longest: Option<u32>,
    /// Strings that end the answer. Four of them are sent.
    pub stops: Vec<String>,
    /// What serves the model.
    pub software: Software,
}

/// Shows no word of the conversation.
impl fmt::Debug for ChatRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ChatRequest({} messages for {:?})", self.messages.len(), self.model)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Words<'a>>,
    stream: bool,
    stream_options: StreamOptions,
    temperature: f32,
    top_p: f32,
    seed: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<&'a str>,
    #[serde(flatten)]
    further: Option<Further>,
}

#[derive(Serialize)]
struct Words<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// Samplers that the protocol does not name. Servers that know them have values of their own where none is sent, so
/// they are sent even where they are off.
#[derive(Serialize)]
struct Further {
    top_k: i64,
    min_p: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    repetition_penalty: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_penalty: Option<f32>,
}

impl ChatRequest {
    /// The samplers that the server is told of. The others are off as far as is known.
    pub fn sampling_sent(&self) -> Sampling {
        match self.software {
            Software::Vllm | Software::LlamaServer => self.sampling.clone(),
            Software::Other => Sampling { top_k: 0, min_p: 0.0, repeat_penalty: 1.0, ..self.sampling.clone() },
        }
    }

    /// The body of the request.
    pub(crate) fn json(&self) -> Vec<u8> {
        let words = |message: &'_ Message| -> &'static str { message.role.name() };
        let Sampling { temperature, top_p, top_k, min_p, repeat_penalty, seed } = self.sampling;
        let further = match self.software {
            Software::Vllm => Some(Further {
                // Old versions refuse 0.
                top_k: if top_k == 0 { -1 } else { i64::from(top_k) },
                min_p,
                repetition_penalty: Some(repeat_penalty),
                repeat_penalty: None,
            }),
            Software::LlamaServer => Some(Further {
                top_k: i64::from(top_k),
                min_p,
                repetition_penalty: None,
                repeat_penalty: Some(repeat_penalty),
            }),
            Software::Other => None,
        };
        let body = Body {
            model: &self.model,
            messages: self
                .messages
                .iter()
                .map(|message| Words { role: words(message), content: &message.content })
                .collect(),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            temperature,
            top_p,
            seed,
            max_tokens: self.longest,
            stop: self.stops.iter().map(String::as_str).filter(|stop| !stop.is_empty()).take(MOST_STOPS).collect(),
            further,
        };
        serde_json::to_vec(&body).expect("numbers and strings are JSON")
    }
}

#[cfg(test)]
mod tests {
    use lethe_models::prompt::Role;

    use super::*;

    fn request(software: Software) -> ChatRequest {
        ChatRequest {
            model: "tiny".to_owned(),
            messages: vec![Message { role: Role::User, content: "Wanda \"Beispiel\"\n".to_owned() }],
            sampling: Sampling { top_k: 0, min_p: 0.05, seed: 7, ..Sampling::default() },
            longest: None,
            stops: Vec::new(),
            software,
        }
    }

    #[test]
    fn each_software_is_told_what_it_knows() {
        const START: &str = r#"{"model":"tiny","messages":[{"role":"user","content":"Wanda \"Beispiel\"\n"}],"stream":true,"stream_options":{"include_usage":true},"temperature":0.8,"top_p":0.9,"seed":7"#;
        for (software, rest) in [
            (Software::Other, "}"),
            (Software::Vllm, r#","top_k":-1,"min_p":0.05,"repetition_penalty":1.0}"#),
            (Software::LlamaServer, r#","top_k":0,"min_p":0.05,"repeat_penalty":1.0}"#),
        ] {
            let request = request(software);
            assert_eq!(String::from_utf8_lossy(&request.json()), format!("{START}{rest}"));
            let told = if software == Software::Other { 0.0 } else { 0.05 };
            assert_eq!(request.sampling_sent().min_p, told, "a receipt must not claim what {software:?} was not told");
        }
    }

    #[test]
    fn stops_and_the_longest_answer_are_sent() {
        let stops = ["", "a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let request = ChatRequest { stops, longest: Some(12), ..request(Software::Other) };
        let json = request.json();
        let json = String::from_utf8_lossy(&json);
        assert!(json.ends_with(r#""max_tokens":12,"stop":["a","b","c","d"]}"#), "{json}");
    }

    #[test]
    fn no_word_of_a_conversation_is_printed() {
        let printed = format!("{:?}", request(Software::Vllm));
        assert_eq!(printed, "ChatRequest(1 messages for \"tiny\")");
    }
}
