//! Models on disk, prompts, and the client of the engine process.
//!
//! A [`gguf::Header`] says what a file is without loading it. An [`engine::Engine`] is a child process that runs one
//! model; [`prompt`] turns a conversation into its tokens, [`kernels`] chooses the CPU kernels that this machine can
//! run, and [`text`] turns the bytes of tokens into text that is whole.
//!
//! What a model says is a [`text::Piece`]: it can be neither printed nor serialised, only handed to the filter.
//! Deliberately not here: the filter, storage, and llama.cpp itself, which only the engine's program names.
#![allow(missing_docs, reason = "most of what is public is plain data, whose fields say by their names what they are")]

mod cache_file;
pub mod cards;
pub mod catalog;
pub mod devices;
pub mod dumps;
pub mod elsewhere;
pub mod engine;
pub mod fit;
pub mod gguf;
pub mod inspect;
pub mod kernels;
pub mod load;
pub mod logits;
pub mod memory;
pub mod outline;
pub mod plain;
pub mod program;
pub mod prompt;
pub mod quantizer;
pub mod speeds;
pub mod text;
pub mod tokens;
pub mod weight_type;
pub mod wire;
