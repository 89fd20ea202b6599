//! A list of any sort, ready to be matched.

use std::borrow::Cow;
use std::sync::Arc;

use crate::Kind;
use crate::list::clear::ClearIndex;
use crate::list::foreign::index::ForeignIndex;
use crate::list::foreign::matcher::ForeignMatcher;
use crate::list::hashed::HashedIndex;
use crate::list::index::Index;
use crate::list::matcher::Matcher;
use crate::list::numbers::NumberMatcher;
use crate::scan::Scan;

/// What the streams of a filter share of a list.
#[derive(Clone)]
pub(crate) enum Compiled {
    Clear(Arc<ClearIndex>),
    Hashed(Arc<HashedIndex>),
    Foreign(Arc<ForeignIndex>),
}

impl Compiled {
    /// What reads a stream; `list` is the number of the list among those of the filter.
    pub fn scans(&self, list: u32) -> Vec<Box<dyn Scan>> {
        match self {
            Compiled::Clear(index) => scans(index, list),
            Compiled::Hashed(index) => scans(index, list),
            Compiled::Foreign(index) => vec![Box::new(ForeignMatcher::new(index.clone(), list))],
        }
    }

    /// The kind and the id of an entry.
    pub fn describe(&self, entry: u32) -> (Kind, Cow<'_, str>) {
        let (kind, id) = match self {
            Compiled::Clear(index) => index.describe(entry),
            Compiled::Hashed(index) => index.describe(entry),
            Compiled::Foreign(index) => return (index.kind(entry).clone(), index.id(entry)),
        };
        (kind, id.into())
    }
}

fn scans<I: Index>(index: &Arc<I>, list: u32) -> Vec<Box<dyn Scan>> {
    let mut scans: Vec<Box<dyn Scan>> = vec![Box::new(Matcher::new(index.clone(), list))];
    if index.has_numbers() {
        scans.push(Box::new(NumberMatcher::new(index.clone(), list)));
    }
    scans
}
