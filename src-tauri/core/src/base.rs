//! What every part stands on: the data folder and its database, keys, settings, errors, the ledger of requests.

pub mod arguments;
pub mod backup_files;
pub(crate) mod blocking;
pub mod clock;
pub mod error;
pub mod files;
pub mod key;
pub mod ledger;
pub mod log;
pub mod network;
pub mod paths;
pub mod secrets;
pub mod segment;
pub mod settings;
pub mod store;
pub(crate) mod title;
pub mod user_file;
pub mod visible;
