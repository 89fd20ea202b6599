//! Lethe without a window, in storeys: what stands on the data folder alone, then lists, models and conversations, then
//! the roof.
//!
//! [`Lethe`] is the roof: it opens a data folder and hands out the parts. The window and the terminal are thin users of
//! them. No part names the roof, and no two parts name each other. Only this crate speaks to the database; it names
//! neither Tauri nor llama.cpp.
#![allow(missing_docs, reason = "most of what is public is plain data, whose fields say by their names what they are")]

pub mod base;
pub mod chat;
mod lethe;
pub mod lists;
pub mod models;
pub mod upkeep;
pub mod view;

pub use base::error::{Code, Error, Result};
pub use lethe::Lethe;
/// A key or a token; it can't be printed.
pub use lethe_network::Secret;
