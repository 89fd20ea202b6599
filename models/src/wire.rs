//! The frames between Lethe and its engine process.
//!
//! Requests travel on the engine's standard input, events on its standard output. A frame is the length of its
//! body (unsigned 32 bit, little endian, bytes) and the body: one [`Request`] or [`Event`] in the
//! [postcard](https://postcard.jamesmunns.com/wire-format) format. Both programs are built together, so the
//! format carries no version but [`PROTOCOL`], which the first event states. The end of standard input is the
//! order to stop. Token bytes are not text yet: a character may be split over several tokens.
//!
//! Every request for a model names the [`Load`] that it means. The engine answers a request for another one with
//! [`Event::OtherLoad`], so tokens of one model are never read by another, however requests and loads follow each other.
//!
//! Deliberately not in it: any text of an answer in a log or an error, and any knowledge of llama.cpp.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Raised with every change of a frame.
pub const PROTOCOL: u32 = 4;

/// Longest body of a frame in bytes; a longer one means that the two sides are out of step.
pub const LONGEST_FRAME: usize = 64 << 20;

/// Names one tokenisation or generation; its events carry it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call(pub u32);

/// Names one loading of a model: the same file loaded again has another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Load(pub u32);

/// Index of a token in the vocabulary of the loaded model.
pub type Token = u32;

/// What Lethe asks of the engine.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Load a model; a loaded one is dropped first. Answered by `Loading`, then `Loaded` or `LoadFailed`.
    Load {
        /// By what later requests name it.
        load: Load,
        request: LoadRequest,
    },
    /// Turn plain text into tokens; control tokens in the text stay text. Answered by `Tokens`, `Failed` or `OtherLoad`.
    Tokenize {
        /// The model whose tokens are wanted.
        load: Load,
        /// Comes back in the answer.
        call: Call,
        /// Plain text.
        text: PrivateText,
    },
    /// Continue a prompt. Answered by `Reading`, `Token`, and at last `Done`, `Failed` or `OtherLoad`.
    Generate(Box<GenerateRequest>),
    /// End a generation early; it answers `Done` with [`StopReason::Stopped`].
    Stop {
        /// The generation to end; one that has ended is ignored.
        call: Call,
    },
    /// Free the model, whichever it is. Answered by `Unloaded`.
    Unload {
        /// Comes back in the answer.
        call: Call,
    },
    /// Answered by `Status`.
    Status {
        /// Comes back in the answer.
        call: Call,
    },
}

/// A string that may hold words of a user; its `Debug` shows the length only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateText(pub String);

impl fmt::Debug for PrivateText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateText({} bytes)", self.0.len())
    }
}

/// Which model to load and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadRequest {
    /// A GGUF file.
    pub path: PathBuf,
    /// Context size in tokens.
    pub context: u32,
    /// Threads that generate.
    pub threads: u32,
    /// Threads that read the prompt.
    pub prompt_threads: u32,
    /// The device that computes beside the processor; none: the processor alone.
    pub offload: Option<Offload>,
}

/// Which part of a model a graphics processor takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offload {
    /// The module of llama.cpp that drives the device.
    pub module: PathBuf,
    /// The device's name in llama.cpp, such as `Vulkan0`.
    pub device: String,
    /// How many layers it takes, counted from the end of the model. The output matrix is one of them, so a model of 24
    /// layers has 25 to take.
    pub layers: u32,
}

/// A prompt and how to continue it.
#[derive(Clone, Serialize, Deserialize)]
pub struct GenerateRequest {
    /// The model whose tokens the prompt holds.
    pub load: Load,
    /// Comes back in every event of this generation.
    pub call: Call,
    /// The whole prompt; what the engine still holds of it is not read again.
    pub prompt: Vec<Token>,
    /// How the next token is chosen.
    pub sampling: Sampling,
    /// Ends the generation after so many tokens; the end of the context ends it too.
    pub longest: u32,
    /// A GBNF grammar that the answer must follow.
    pub grammar: Option<String>,
    /// Tokens that end the answer beside those that the model's file names.
    pub ends: Vec<Token>,
    /// Go on after the model's own end token: only for measuring.
    pub ignore_end: bool,
}

impl fmt::Debug for GenerateRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "GenerateRequest({:?}, {} prompt tokens)", self.call, self.prompt.len())
    }
}

/// The sampler chain: repetition penalty, top-k, top-p, min-p, temperature, in llama.cpp's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 takes the likeliest token always.
    pub temperature: f32,
    /// Nucleus: keep the likeliest tokens that together reach this probability; 1 is off.
    pub top_p: f32,
    /// Keep the k likeliest tokens; 0 is off.
    pub top_k: u32,
    /// Drop tokens less likely than this share of the likeliest; 0 is off.
    pub min_p: f32,
    /// Divides the logits of the last 64 tokens; 1 is off.
    pub repeat_penalty: f32,
    /// The same seed, prompt and engine build give the same answer.
    pub seed: u32,
}

impl Default for Sampling {
    /// The values that the Apertus model card gives: temperature 0.8, top-p 0.9.
    fn default() -> Self {
        Self { temperature: 0.8, top_p: 0.9, top_k: 0, min_p: 0.0, repeat_penalty: 1.0, seed: 0 }
    }
}

/// What the engine tells Lethe. Its `Debug` shows no token, since tokens are text.
#[derive(Serialize, Deserialize)]
pub enum Event {
    /// The first event of a process.
    Hello {
        /// [`PROTOCOL`] of the engine.
        protocol: u32,
        /// Versions of the engine and of llama.cpp's bindings.
        build: String,
    },
    /// A model is being loaded.
    Loading {
        /// Of the request.
        load: Load,
        /// What is done of it, 0 to 1.
        share: f32,
    },
    /// The model is ready.
    Loaded {
        /// Of the request.
        load: Load,
        /// What is known of it now.
        model: Box<LoadedModel>,
    },
    /// The model was not loaded.
    LoadFailed {
        /// Of the request.
        load: Load,
        /// One sentence.
        reason: String,
    },
    /// The model was dropped.
    Unloaded {
        /// Of the request.
        call: Call,
    },
    /// A request for a model that is not loaded, or not any more. Nothing was done for it.
    OtherLoad {
        /// Of the request.
        call: Call,
    },
    /// Answer to `Tokenize`.
    Tokens {
        /// Of the request.
        call: Call,
        /// The text as tokens, without begin or end tokens.
        tokens: Vec<Token>,
    },
    /// The prompt is being read.
    Reading {
        /// Of the request.
        call: Call,
        /// Tokens of the prompt that are in the cache now.
        done: u32,
        /// How many of them were there from an earlier turn.
        cached: u32,
        /// Tokens of the prompt.
        total: u32,
    },
    /// One more token of the answer.
    Token {
        /// Of the request.
        call: Call,
        /// Its number in the vocabulary.
        token: Token,
        /// What it stands for: UTF-8, perhaps a part of a character.
        bytes: Vec<u8>,
    },
    /// The answer has ended.
    Done {
        /// Of the request.
        call: Call,
        reason: StopReason,
        timings: Timings,
    },
    /// This call can't be answered; one sentence says why.
    Failed {
        /// Of the request.
        call: Call,
        /// Without any text of prompt or answer.
        reason: String,
    },
    /// Answer to `Status`.
    Status {
        /// Of the request.
        call: Call,
        /// The model that is loaded.
        loaded: Option<Load>,
        /// Tokens in the cache.
        cached: u32,
    },
}

impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello { protocol, build } => write!(formatter, "Hello({protocol}, {build})"),
            Self::Loading { load, share } => write!(formatter, "Loading({load:?}, {share})"),
            Self::Loaded { load, .. } => write!(formatter, "Loaded({load:?})"),
            Self::LoadFailed { load, reason } => write!(formatter, "LoadFailed({load:?}, {} bytes)", reason.len()),
            Self::Unloaded { .. } => formatter.write_str("Unloaded"),
            Self::OtherLoad { call } => write!(formatter, "OtherLoad({call:?})"),
            Self::Tokens { call, tokens } => write!(formatter, "Tokens({call:?}, {} tokens)", tokens.len()),
            Self::Reading { call, done, total, .. } => write!(formatter, "Reading({call:?}, {done} of {total})"),
            Self::Token { call, bytes, .. } => write!(formatter, "Token({call:?}, {} bytes)", bytes.len()),
            Self::Done { call, reason, timings } => write!(formatter, "Done({call:?}, {reason:?}, {timings:?})"),
            Self::Failed { call, reason } => write!(formatter, "Failed({call:?}, {} bytes)", reason.len()),
            Self::Status { call, loaded, cached } => write!(formatter, "Status({call:?}, {loaded:?}, {cached})"),
        }
    }
}

/// What is known of a model once it is loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadedModel {
    /// Context size in tokens as the engine made it, perhaps rounded up.
    pub context: u32,
    /// Context size the model was trained for.
    pub context_trained: u32,
    /// Number of tokens in the vocabulary.
    pub vocabulary: u32,
    /// The model's chat template, Jinja source.
    pub template: Option<String>,
    /// Begin-of-text token, if the vocabulary has one.
    pub begin: Option<Token>,
    /// Whether a prompt begins with it.
    pub add_begin: bool,
    /// End-of-text token, if the vocabulary has one.
    pub end: Option<Token>,
    /// Tokens that no text of a person may turn into.
    pub control: Vec<ControlToken>,
    /// Size of the weights in bytes.
    pub bytes: u64,
    /// What it takes of the machine's own memory.
    pub memory: MemoryUse,
    /// What it takes of the memory of the device that it is offloaded to.
    pub device_memory: MemoryUse,
}

/// What a model takes of a memory, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryUse {
    /// Weights, each counted once: what was rearranged for the kernels is also mapped from the file, and the system can
    /// drop that copy.
    pub weights: u64,
    /// Keys and values of the context.
    pub cache: u64,
    /// What a computation needs besides: its buffers, and the tables of the vocabulary.
    pub compute: u64,
}

impl MemoryUse {
    /// All of it.
    pub fn total(self) -> u64 {
        self.weights.saturating_add(self.cache).saturating_add(self.compute)
    }
}

/// A token with a meaning beyond its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlToken {
    pub token: Token,
    /// How templates write it.
    pub text: String,
    /// A token that a model's own answer may write out, such as `<think>`.
    pub user_defined: bool,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model ended it, or a stop string did.
    End,
    /// The token limit of the request.
    Length,
    ContextFull,
    /// The user ended it.
    Stopped,
}

/// What an answer took, measured in the engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    pub prompt_tokens: u32,
    /// Tokens of it that were in the cache already.
    pub cached_tokens: u32,
    /// Seconds from the request to the last token of the prompt.
    pub prompt_seconds: f64,
    /// Tokens generated.
    pub answer_tokens: u32,
    /// Seconds from the first to the last token generated.
    pub answer_seconds: f64,
}

/// A frame as bytes, its length first.
///
/// # Errors
/// `InvalidData` for a body over [`LONGEST_FRAME`].
pub fn frame_bytes(frame: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = postcard::to_stdvec(frame).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= LONGEST_FRAME);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "frame too long"))?;
    let mut bytes = Vec::with_capacity(body.len() + 4);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Reads one frame; `None` at the end of the stream.
///
/// # Errors
/// Those of the stream, an end within a frame included; `InvalidData` for a length over [`LONGEST_FRAME`] or a
/// body that is no frame.
pub fn read_frame<T: DeserializeOwned>(stream: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0u8; 4];
    match stream.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = checked_length(length)?;
    let mut body = vec![0u8; length];
    stream.read_exact(&mut body)?;
    parse_body(&body).map(Some)
}

/// The length of the body that follows.
///
/// # Errors
/// `InvalidData` when it is over [`LONGEST_FRAME`].
pub fn checked_length(bytes: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(bytes) as usize;
    if length > LONGEST_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "frame too long"));
    }
    Ok(length)
}

/// The frame in a body.
///
/// # Errors
/// `InvalidData` when it is none.
pub fn parse_body<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    postcard::from_bytes(body).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was_sent() {
        let mut bytes = frame_bytes(&Request::Stop { call: Call(7) }).expect("a short frame");
        bytes.extend(frame_bytes(&Request::Unload { call: Call(8) }).expect("a short frame"));
        let mut stream = bytes.as_slice();
        let first: Option<Request> = read_frame(&mut stream).expect("first frame");
        assert!(matches!(first, Some(Request::Stop { call: Call(7) })));
        let second: Option<Request> = read_frame(&mut stream).expect("second frame");
        assert!(matches!(second, Some(Request::Unload { call: Call(8) })));
        let end: Option<Request> = read_frame(&mut stream).expect("clean end");
        assert!(end.is_none());
    }

    #[test]
    fn nonsense_is_refused_and_not_allocated() {
        for bytes in [&[0xff, 0xff, 0xff, 0xff, 1][..], &[2, 0, 0, 0, 9], &[1, 0, 0, 0, 0xee]] {
            let mut stream = bytes;
            let frame: io::Result<Option<Request>> = read_frame(&mut stream);
            assert!(frame.is_err(), "{bytes:?} was taken for a frame");
        }
    }

    #[test]
    fn debug_of_frames_shows_no_text() {
        let request = Request::Tokenize { call: Call(1), load: Load(1), text: PrivateText("Wanda Beispiel".into()) };
        assert!(!format!("{request:?}").contains("Wanda"));
        let bytes = b"Wanda Beispiel".to_vec();
        let tokens = vec![87, 97, 110, 100, 97];
        for event in [
            Event::Token { call: Call(1), token: 87, bytes },
            Event::Tokens { call: Call(1), tokens },
            Event::Failed { call: Call(1), reason: "Wanda Beispiel".to_owned() },
        ] {
            let shown = format!("{event:?}");
            assert!(!shown.contains("Wanda") && !shown.contains("87") && !shown.contains("97"), "{shown}");
        }
    }
}
