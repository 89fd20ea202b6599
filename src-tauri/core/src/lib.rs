//! Lethe without a window: chat turn, history, lists, sweep, report, settings.
//!
//! [`Lethe`] is the whole: it opens a data folder and gives access to the parts. The window and the terminal are thin
//! users of it. Only this crate speaks to the database; it names neither Tauri nor llama.cpp.

pub mod arguments;
pub mod backup;
pub mod card;
pub mod catalog;
pub mod conversion;
pub mod downloads;
pub mod error;
pub mod export;
pub mod filter;
pub mod fit;
pub mod history;
pub mod hub;
pub mod inspection;
pub mod key;
pub mod ledger;
mod lethe;
pub mod lists;
pub mod log;
pub mod models;
pub mod network;
pub mod page;
pub mod paths;
pub mod publish;
pub mod receipt;
pub mod remote;
pub mod report;
pub mod running;
pub mod secrets;
pub mod settings;
pub mod store;
pub mod sweep;
pub mod turn;
pub mod upkeep;
pub mod user_file;
pub mod verify;
pub mod view;
pub mod visible;
pub mod watch;

pub use error::{Code, Error, Result};
pub use lethe::Lethe;
/// A key or a token; it can't be printed.
pub use lethe_network::Secret;
