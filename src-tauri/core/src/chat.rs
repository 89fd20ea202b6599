//! Conversations: the turn, the history, and what becomes of both.

pub mod backup;
pub mod export;
pub mod history;
pub mod receipt;
pub mod report;
pub mod sweep;
pub mod turn;
