//! The tests of the whole product, in one program: what the core does when it is waited for is compiled anew for each
//! program, and takes longest of all.

mod apertus;
mod arguments;
mod backups;
mod chat;
mod corpus;
mod engine;
#[cfg(unix)]
mod faults;
mod harm;
mod hub;
mod leaks;
mod lists;
mod models;
#[cfg(target_os = "linux")]
mod network;
mod proxy;
mod publishing;
mod redact;
mod redact_files;
mod remote;
mod running;
mod store;
mod sweeps;
mod terminal;
mod thinking;
