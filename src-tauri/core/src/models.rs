//! Models: on this machine, on servers and on hubs, and the engine that runs them.

pub mod card;
pub mod catalog;
pub(crate) mod context;
pub mod conversion;
pub mod deletion;
pub mod downloads;
pub mod fit;
pub mod fits;
pub mod hub;
pub mod inspection;
pub mod library;
pub mod model;
pub mod page;
pub mod remote;
pub mod running;
pub mod tuning;
pub mod verify;
