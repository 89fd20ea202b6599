//! Official Apertus weights, as their makers publish them, turned into one GGUF file.
//!
//! [`Source::open`] checks a downloaded repository as a whole; [`convert`] writes it as GGUF 3 with its vocabulary,
//! chat template, licence and origin inside. [`mod@reference`] computes what the model answers straight from the
//! repository, so that a file can be held against its source.
//!
//! Guarantees: a file under its final name is whole; failure leaves nothing behind; memory does not grow with the
//! model; weights that are no finite numbers, tensors that do not belong there and forms that would have to be guessed
//! are refused with a sentence. Deliberately not here: quantisation, which llama.cpp does in its own process from the
//! file that this writes, downloads, and llama.cpp itself.
#![allow(missing_docs, reason = "most of what is public is plain data, whose fields say by their names what they are")]

mod archive;
mod card;
mod config;
mod convert;
mod error;
pub mod reference;
mod report;
mod rope;
mod source;
#[cfg(feature = "tiny")]
pub mod tiny;
mod tokenizer;
mod weights;
pub mod writer;

pub use config::Shape;
pub use config::readable;
pub use convert::{Options, convert, remove_leftover};
pub use error::ConvertError;
pub use report::{Note, Progress, Report};
pub use rope::Rope;
pub use source::{Exact, Format, Source};
