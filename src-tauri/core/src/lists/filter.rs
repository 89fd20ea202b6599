//! The filter in force: the enabled lists and the detectors, compiled.
//!
//! A list that is enabled and can't be read makes [`Filters::ready`] fail, so that nothing is answered without it:
//! Lethe never fails open. A list whose refresh failed stays in force as it was, and [`FilterStatus::warning`] says so.

use crate::lists::facts::{Age, ListFacts};
use crate::lists::file::NamedList;
use arc_swap::ArcSwap;
use lethe_filters::{Detectors, Filter, List};
use serde::Serialize;
use tokio::sync::watch;
use ts_rs::TS;

use crate::base::clock::now;
use crate::base::error::{Code, Error, Result, sentence};
use crate::base::segment::{Segment, segments};

/// What is in force, shared by all that show or store text.
pub struct Filters {
    state: ArcSwap<State>,
    changes: watch::Sender<()>,
}

/// One moment's lists and detectors.
pub(crate) struct State {
    pub filter: Filter,
    pub loaded: Vec<Loaded>,
    /// By the id of the list: why it can't be applied.
    pub problems: Vec<(String, String)>,
    /// Every enabled list.
    pub ages: Vec<Age>,
    /// Whether answers may repeat what detectors find in the user's own words of the same conversation.
    pub echo: bool,
    /// Of all that changes what is removed: another one means that what is stored has to be swept.
    pub digest: String,
}

/// A list in force.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub id: String,
    pub list: List,
    pub facts: ListFacts,
}

/// The filter in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FilterStatus {
    /// Lists in force.
    pub lists: u32,
    /// Their entries together.
    pub entries: u32,
    /// Detectors in force.
    pub detectors: Vec<String>,
    /// Why nothing is answered now.
    pub problem: Option<String>,
    /// What should be done about a list that is still in force.
    pub warning: Option<String>,
    /// The oldest of the last successful checks of lists that are refreshed, milliseconds since 1970.
    #[ts(type = "number | null")]
    pub checked_at: Option<i64>,
}

impl Default for Filters {
    fn default() -> Self {
        Self { state: ArcSwap::from_pointee(State::bare(Detectors::default())), changes: watch::Sender::new(()) }
    }
}

impl State {
    /// Detectors alone.
    pub fn bare(detectors: Detectors) -> Self {
        let filter = Filter::new(Vec::new(), detectors).expect("a filter without lists always compiles");
        Self { filter, loaded: Vec::new(), problems: Vec::new(), ages: Vec::new(), echo: false, digest: String::new() }
    }

    /// The filter for answers of a conversation in which the user said this.
    pub fn filter_for<'a>(&self, said: impl IntoIterator<Item = &'a str>) -> Filter {
        if self.echo { self.filter.echoing(said) } else { self.filter.clone() }
    }

    /// The facts of all lists in force.
    pub fn facts(&self) -> Vec<ListFacts> {
        self.loaded.iter().map(|loaded| loaded.facts.clone()).collect()
    }
}

impl Filters {
    /// The filter of now. Text that was filtered before may be shown by it even where [`Filters::ready`] fails.
    pub fn current(&self) -> Filter {
        self.state.load().filter.clone()
    }

    /// The filter of now with further lists, and the facts of all; for an answer that begins or goes on.
    ///
    /// # Errors
    /// `Filter` when an enabled list can't be applied.
    pub fn ready(&self, further: &[NamedList]) -> Result<(Filter, Vec<ListFacts>)> {
        self.ready_with(further, None)
    }

    /// The same with these detectors, if some are given, in place of those in force. A further list whose name is taken
    /// gets a number behind it, since a removal names its list.
    ///
    /// # Errors
    /// As [`Filters::ready`].
    pub fn ready_with(&self, further: &[NamedList], detectors: Option<Detectors>) -> Result<(Filter, Vec<ListFacts>)> {
        let state = self.state.load();
        if let Some((_, problem)) = state.problems.first() {
            return Err(Error::new(Code::Filter, problem.clone()));
        }
        let mut facts = state.facts();
        let detectors = detectors.unwrap_or(state.filter.detectors());
        if further.is_empty() && detectors == state.filter.detectors() {
            return Ok((state.filter.clone(), facts));
        }
        let mut lists: Vec<List> = state.loaded.iter().map(|loaded| loaded.list.clone()).collect();
        for list in further {
            let list = list.numbered(&facts)?;
            facts.push(list.facts);
            lists.push(list.list);
        }
        Ok((Filter::new(lists, detectors)?, facts))
    }

    /// Hears whenever something else is in force, whoever has changed it.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// What would be removed from a text.
    pub fn test(&self, text: &str) -> Vec<Segment> {
        segments(&self.current().filter(text))
    }

    /// In one line.
    pub fn status(&self) -> FilterStatus {
        let state = self.state.load();
        FilterStatus {
            lists: u32::try_from(state.loaded.len()).unwrap_or(u32::MAX),
            entries: state.loaded.iter().map(|loaded| loaded.facts.entries).sum(),
            detectors: state.filter.detectors().names().map(str::to_owned).collect(),
            problem: state.problems.first().map(|(_, problem)| sentence(problem)),
            warning: state.ages.iter().find_map(|age| age.warning(now())),
            checked_at: state.ages.iter().filter_map(|age| age.checked_at).min(),
        }
    }

    pub(crate) fn state(&self) -> std::sync::Arc<State> {
        self.state.load_full()
    }

    pub(crate) fn set(&self, state: State) {
        self.state.store(std::sync::Arc::new(state));
        self.changes.send_replace(());
    }
}
