//! Models on servers that speak the protocol of OpenAI: vLLM, llama-server, and many that are rented.
//!
//! An [`Endpoint`] is such a server, and the key for it. It lists its models, and [`Endpoint::chat`] has one of them
//! continue a conversation; the answer comes as [`AnswerStep`]s, however the server cuts it. What a model says is a
//! [`Piece`](lethe_models::text::Piece), which can't be printed. Every request goes through [`lethe_network::Client`],
//! and dropping a [`Chat`] ends its request.
//!
//! Errors are sentences of this crate: what a server writes into its own may quote the conversation, so none of it is
//! shown or logged. Thoughts come as [`AnswerStep::Thinking`], also where a server leaves them within the answer, between
//! tags. Deliberately not in it: the filter, storage, retries, tools and pictures.
//!
//! The protocol is that of <https://platform.openai.com/docs/api-reference/chat/create-streaming>, with what vLLM
//! (<https://docs.vllm.ai/en/latest/serving/openai_compatible_server/>) and llama-server
//! (`tools/server/README.md` of llama.cpp) add to it.

mod address;
mod answer;
mod chat;
mod endpoint;
mod error;
mod list;
mod refusal;
mod request;
mod sse;

pub use chat::{AnswerStep, Chat, Ending, Usage};
pub use endpoint::Endpoint;
pub use error::{Error, Result};
pub use list::{RemoteModel, Software};
pub use request::ChatRequest;
