//! The hub of models: what there is, what belongs together, and what is on this disk already.
//!
//! [`hub`] asks the Hugging Face Hub, or a server that speaks like it, through the one client of the product.
//! [`variants`] groups the files of a repository into what a person chooses between, and [`cache`] finds files that
//! other programs have fetched. [`download`] brings the others to the disk, whole and right. Names that come from people or servers are checked once, in [`name`].
//!
//! Deliberately not in it: a look into model files, and where Lethe keeps them.

pub mod cache;
pub mod download;
pub mod error;
#[cfg(feature = "fake")]
pub mod fake;
#[cfg(feature = "fake")]
pub mod fake_files;
pub mod hub;
pub mod name;
pub mod variants;

pub use error::HubError;
