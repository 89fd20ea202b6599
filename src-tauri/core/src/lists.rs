//! Lists and the filter that they make.

pub mod facts;
pub mod file;
pub mod filter;
pub mod library;
pub mod publish;
pub mod watch;
