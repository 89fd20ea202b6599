//! Why a server gave no answer.

/// Short for results with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Why a server gave no answer, or half of one. No text holds words of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is none.
    #[error("this is no address of a server: give one such as https://host/v1")]
    Address,
    /// The key has letters that can't be sent.
    #[error("this key can't be one: copy it again, without spaces and line breaks in it")]
    BadKey,
    /// The server does not accept the key, or wants one.
    #[error("{host} does not accept the key: check it, or get a new one there")]
    KeyRefused {
        /// Host and port.
        host: String,
    },
    /// No such model, or no such address on the server.
    #[error("{host} does not know this model: choose one that it lists, and check the address")]
    UnknownModel {
        /// Host and port.
        host: String,
    },
    /// The server has had enough for now.
    #[error("{host} takes no more requests now{}: ask again then", later(.seconds))]
    TooMany {
        /// Host and port.
        host: String,
        /// How long it wants to be left alone, if it says so, seconds.
        seconds: Option<u32>,
    },
    /// The conversation is longer than what the model can read.
    #[error("the conversation is longer than what the model on {host} reads{}: begin a new one, or set a context size in the settings so that old turns leave", at_most(.context))]
    TooLong {
        /// Host and port.
        host: String,
        /// Tokens that fit, if it says so.
        context: Option<u32>,
    },
    /// The server refuses what it was asked.
    #[error("{host} refuses the request (status {status}): change the settings of the answer, or choose another model")]
    Refused {
        /// Host and port.
        host: String,
        /// The HTTP status, or what stands for it in the answer.
        status: u16,
    },
    /// The server has a fault, or its model is being loaded.
    #[error("{host} has a fault or is just starting (status {status}): ask again in a while")]
    Server {
        /// Host and port.
        host: String,
        /// The HTTP status, or what stands for it in the answer.
        status: u16,
    },
    /// A filter of the server's own ended the answer.
    #[error("{host} ended the answer by rules of its own: ask in another way")]
    CutByServer {
        /// Host and port.
        host: String,
    },
    /// Something else than this protocol is spoken there.
    #[error("{host} does not speak the protocol of OpenAI at this address: check it, often it ends in /v1")]
    NotCompatible {
        /// Host and port.
        host: String,
    },
    /// No request, no connection, or an answer that broke off.
    #[error(transparent)]
    Network(#[from] lethe_network::Error),
}

fn later(seconds: &Option<u32>) -> String {
    seconds.map_or_else(String::new, |seconds| format!(" and wants to be left alone for {seconds} s"))
}

fn at_most(context: &Option<u32>) -> String {
    context.map_or_else(String::new, |context| format!(" ({context} tokens)"))
}
