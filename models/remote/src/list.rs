//! The models that a server lists.

use serde::Deserialize;

/// Names longer than this are left out: they would be sent back with every request.
const LONGEST_NAME: usize = 512;

/// A model on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteModel {
    /// As requests name it.
    pub id: String,
    /// Tokens that fit, if the server says so.
    pub context: Option<u32>,
    /// What serves it.
    pub software: Software,
}

/// What serves a model: which samplers it knows beside those of the protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Software {
    /// <https://docs.vllm.ai>, which names the repetition penalty `repetition_penalty`.
    Vllm,
    /// llama.cpp's server, which names it `repeat_penalty`.
    LlamaServer,
    /// Anything else: it gets what the protocol names, and nothing more.
    #[default]
    Other,
}

/// `{"data": […]}` as the protocol has it, or the bare list that some servers send.
#[derive(Deserialize)]
#[serde(untagged)]
enum List {
    Data { data: Vec<Entry> },
    Bare(Vec<Entry>),
}

/// One model; where the context is differs from server to server.
#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    owned_by: Option<String>,
    /// vLLM.
    #[serde(default)]
    max_model_len: Option<u64>,
    /// Some that are rented, each in its own word.
    #[serde(default)]
    context_length: Option<u64>,
    #[serde(default)]
    context_window: Option<u64>,
    #[serde(default)]
    max_context_length: Option<u64>,
    /// llama-server.
    #[serde(default)]
    meta: Option<Meta>,
}

/// What llama-server tells of a model: the context of one conversation, and the one that it was trained for.
#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    n_ctx: Option<u64>,
    #[serde(default)]
    n_ctx_train: Option<u64>,
}

/// The models of an answer, in its order; none when it is no list of models.
pub(crate) fn parse(json: &[u8]) -> Option<Vec<RemoteModel>> {
    let entries = match serde_json::from_slice(json).ok()? {
        List::Data { data } => data,
        List::Bare(entries) => entries,
    };
    let usable = |entry: &Entry| {
        !entry.id.is_empty() && entry.id.len() <= LONGEST_NAME && !entry.id.chars().any(char::is_control)
    };
    Some(entries.into_iter().filter(usable).map(Entry::into_model).collect())
}

impl Entry {
    fn into_model(self) -> RemoteModel {
        let meta = self.meta.as_ref();
        let rented = self.context_length.or(self.context_window).or(self.max_context_length);
        let served = self.max_model_len.or(rented).or(meta.and_then(|meta| meta.n_ctx));
        let context = served.or(meta.and_then(|meta| meta.n_ctx_train)).filter(|context| *context > 0);
        let software = match self.owned_by.as_deref() {
            Some("vllm") => Software::Vllm,
            Some("llamacpp") => Software::LlamaServer,
            _ => Software::Other,
        };
        RemoteModel {
            id: self.id,
            context: context.map(|context| u32::try_from(context).unwrap_or(u32::MAX)),
            software,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_servers_are_read() {
        let model = |id: &str, context, software| RemoteModel { id: id.to_owned(), context, software };
        for (json, expected) in [
            (
                r#"{"object":"list","data":[{"id":"swiss-ai/Apertus-8B","object":"model","owned_by":"vllm","root":"x","max_model_len":65536}]}"#,
                vec![model("swiss-ai/Apertus-8B", Some(65536), Software::Vllm)],
            ),
            (
                r#"{"models":[{"name":"x"}],"data":[{"id":"x.gguf","owned_by":"llamacpp","meta":{"n_ctx":2048,"n_ctx_train":8192}}]}"#,
                vec![model("x.gguf", Some(2048), Software::LlamaServer)],
            ),
            (
                r#"{"data":[{"id":"old.gguf","owned_by":"llamacpp","meta":{"n_ctx_train":8192}},{"id":"y","meta":null}]}"#,
                vec![model("old.gguf", Some(8192), Software::LlamaServer), model("y", None, Software::Other)],
            ),
            (
                r#"[{"id":"rented","context_length":131072},{"id":"z","context_window":0}]"#,
                vec![model("rented", Some(131_072), Software::Other), model("z", None, Software::Other)],
            ),
            (r#"{"data":[{"id":""},{"id":"a\nb"}]}"#, vec![]),
        ] {
            assert_eq!(parse(json.as_bytes()), Some(expected), "{json}");
        }
    }

    #[test]
    fn what_is_no_list_is_not_read_as_one() {
        for json in ["<html></html>", "{}", "\"ok\"", r#"{"data":[{"name":"x"}]}"#, ""] {
            assert_eq!(parse(json.as_bytes()), None, "{json}");
        }
    }
}
