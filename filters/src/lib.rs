//! lethe-filters removes personal data from text, whole or streamed, before anyone sees it.
#![forbid(unsafe_code)]

pub mod canonical;
mod detect;
mod edge;
mod filter;
mod filtered;
mod kind;
mod list;
mod redactor;
mod scan;
mod word;

pub use detect::{Detectors, UnknownDetector};
pub use filter::{Filter, ListSummary, RestoreError};
pub use filtered::{FilteredText, Redaction, Segment, Source};
pub use kind::{Kind, KindError, MAX_KIND_NAME};
pub use list::{Entry, EntryProblem, List, ListError, MAX_ENTRY};
pub use redactor::{HOLD_BACK, Redactor};
