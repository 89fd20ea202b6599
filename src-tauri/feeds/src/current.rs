//! The last good state of a feed, as it lies on the disk.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fetch::Validators;
use crate::segment::{Segment, Sha256};

/// How far a clock may go back before expiry means nothing any more.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_hours(24);
/// How long "unchanged" is believed: then the timestamp is asked for without a condition, in case a cache is stuck.
const WALK_RHYTHM: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What was verified last, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Current {
    /// Of the signed files.
    pub versions: Versions,
    /// When the publisher signed last, where it says so. For the age of a list.
    pub issued: Option<Timestamp>,
    /// When the first of the signed files expires. From then on a refresh fails until the publisher signs again.
    pub expires: Timestamp,
    /// When the source was last found to have this version.
    pub checked_at: Timestamp,
    /// Sorted by name.
    pub segments: Vec<Segment>,
    pub(crate) checked: Checked,
}

/// Versions of the signed files. Each only rises, as long as the keys are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Of the keys.
    pub root: u64,
    /// Of the last signature.
    pub timestamp: u64,
    /// Of the set of signed files.
    pub snapshot: u64,
    /// Of the list of segments.
    pub targets: u64,
}

/// What makes the next check cheap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checked {
    /// When all signed files were last asked for.
    pub(crate) walked_at: Timestamp,
    /// Of the timestamp file, which names all others.
    pub(crate) timestamp: Sha256,
    pub(crate) validators: Validators,
}

impl Current {
    /// Whether `now` is so early that the clock must have been set back.
    pub(crate) fn is_before(&self, now: Timestamp) -> bool {
        now < self.checked_at.saturating_sub(CLOCK_TOLERANCE).unwrap_or(Timestamp::MIN)
    }

    /// Whether it is time to ask for all signed files.
    pub(crate) fn wants_walk(&self, now: Timestamp) -> bool {
        now.duration_since(self.checked.walked_at) >= WALK_RHYTHM
    }
}
