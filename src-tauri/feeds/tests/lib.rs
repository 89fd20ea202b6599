//! The tests of this crate, one topic a file, in one program: linking is what takes time.

mod archives;
mod attacks;
mod conformance;
mod costs;
mod downloads;
mod folders;
mod independent;
mod plain_files;
mod publishing;
mod server;
mod site;
mod troubles;
mod watching;
