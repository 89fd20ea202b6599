//! Removes personal data from text, whole or streamed, before anyone sees it.
//!
//! A [`Filter`] is compiled from [`List`]s of what has to go and from [`Detectors`] for what can be
//! recognised without a list (e-mail and IP addresses, IBANs, numbers of telephones, payment cards,
//! social security and tax). It turns text into
//! [`FilteredText`], in which each removed piece is a marker such as `[removed: person]`. A
//! [`Redactor`] does the same for text that arrives piece by piece, as a language model writes it.
//!
//! ```
//! use lethe_filters::{Detectors, Filter, List};
//!
//! let list = r#"{"id": "r-17", "kind": "person", "text": "Jürg Müller"}"#;
//! let list = List::from_jsonl("requests", list)?;
//! let filter = Filter::new(vec![list], Detectors::all())?;
//!
//! let mut redactor = filter.redactor();
//! let mut answer = redactor.push("Ask **Juerg** M");
//! assert_eq!(answer.as_str(), "Ask ", "what may become a name waits");
//! answer.append(redactor.push("üller (jm@example.org) or An"));
//! answer.append(redactor.finish());
//! assert_eq!(answer.as_str(), "Ask [removed: person] ([removed: email]) or An");
//! # Ok::<(), lethe_filters::ListError>(())
//! ```
//!
//! # What holds
//!
//! - For any way of cutting a text, what a [`Redactor`] gives out is what [`Filter::filter`] makes of
//!   the whole, redactions included. It never holds back more than [`HOLD_BACK`] bytes, and of plain
//!   text rarely more than the word that is being written.
//! - Names are found however they are written: see [`canonical`] for what makes no difference, and
//!   `list/variants.rs` for the forms that are added when a list is compiled. Only whole words match.
//! - What is not removed comes out byte for byte. Text that was filtered is not changed by filtering
//!   it again, with this exception: `version 84.72.131.17` is no address and `order 0446681800` no telephone
//!   number, and they are once `version` or `order` itself was removed; so is what something beside it made another
//!   thing (`12, 3011 Bern`, `12 06 52 34 16 78`), once that was removed.
//! - A marker in the input is text like any other and is not looked into; only
//!   [`FilteredText::redactions`] says what was removed.
//! - Nothing that holds text shows it in `Debug`, and no error repeats it.
//!
//! # What it costs
//!
//! Linear time and bounded memory for every input, hostile ones included. A word costs one look-up
//! in a hash table, whatever the size of the lists; numbers are in `benches/redact.rs`.
//!
//! The page of the crate has a table of it, and examples for a stream and for a file.
//!
//! # What it does not do
//!
//! No input or output, no clock, no threads, no `unsafe`. It does not guess: no model, no names
//! without a list. It reads escapes (`%40`, `\u0040`, `{\"u}`, HTML's entities: see [`canonical`]) and undoes no other
//! encodings (Base64, reversed text), and a piece that is spread over more invisible characters than the hold-back has room for
//! gets through. Hashed lists that others made ([`foreign`]) find what their makers' spelling finds,
//! not every way to write a name, and make the last few words of a stream wait.

#![forbid(unsafe_code)]

/// Rises whenever the same lists and detectors remove something else than before, so that what was
/// filtered by an earlier version is filtered again.
pub const REVISION: u32 = 5;

pub mod canonical;
mod detect;
mod edge;
mod filter;
mod filtered;
mod kind;
mod known;
mod list;
mod redactor;
mod scan;
mod word;

pub use detect::{Detectors, UnknownDetector};
pub use filter::{Filter, ListSummary, RestoreError};
pub use filtered::{FilteredText, Redaction, RedactionSource, Segment};
pub use kind::{Kind, KindError, MAX_KIND_NAME};
pub use list::file::{Difference, FileError, Hashing, LIST_FORMAT, ListFile, ListMeta, ListSummaryOfFile};
pub use list::foreign;
pub use list::{CONTEXT_WORDS, Entry, EntryProblem, List, ListError, MAX_ENTRY, MAX_ID, is_usable_id};
pub use redactor::{HOLD_BACK, Redactor};

/// The page of the crate, so that its example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Page;
