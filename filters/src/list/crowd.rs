//! Words in which many entries end.
//!
//! A list may hold one name a hundred thousand times, or one context for as many entries. To look at all of them
//! wherever the name stands would cost the text times the list. So:
//!
//! - Of entries that need no context only the first one of each traits can name a redaction, so only that is kept.
//! - Entries that need one are looked at neither when their name is read nor when their context is. Both places are
//!   remembered, and joined when they are near each other: from the side on which few entries are, by a search in the
//!   other. Where both sides are crowded the answer was computed when the list was compiled.
//!
//! So a pair of places costs [`FEW`] entries at most, however many the list has. Nothing is lost by it: some entry
//! is found wherever looking at all of them would find one.

use std::collections::HashMap;

use crate::list::index::{Ending, Index, Node, Passed, Traits};

/// So many endings of a node are looked at one by one.
pub(crate) const FEW: usize = 32;

/// The nodes of a list in which more than [`FEW`] forms end.
#[derive(Default)]
pub(crate) struct Crowds {
    nodes: HashMap<u64, Crowd>,
    /// Of a crowded name and a crowded context: of each traits the first entry that has both.
    pairs: HashMap<(u64, u64), Vec<Ending>>,
}

/// What ends in one node, sorted for being asked.
#[derive(Default)]
struct Crowd {
    /// Entries that need no context: of each traits the first, by entry.
    free: Vec<Ending>,
    /// Entries that need one, in order.
    bound: Vec<Ending>,
    /// The traits that these have, each once.
    bound_traits: Vec<Traits>,
    /// Entries whose context this is, in order.
    contexts: Vec<u32>,
}

/// What was read with the last word of a node.
pub(crate) struct Arrival {
    /// The first entry that needs no context.
    pub free: Option<Ending>,
    /// Whether there may be one that needs a context.
    pub bound: bool,
    /// Whether it is a context.
    pub context: bool,
}

impl Crowds {
    /// Of nodes and all that ends in each.
    pub fn of(nodes: impl Iterator<Item = (Node, Vec<Ending>)>, needs_context: impl Fn(u32) -> bool) -> Crowds {
        let nodes: HashMap<u64, Crowd> =
            nodes.map(|(node, endings)| (node.0, Crowd::of(endings, &needs_context))).collect();
        let mut names: HashMap<u32, Vec<(u64, Traits)>> = HashMap::new();
        if nodes.values().any(|crowd| !crowd.contexts.is_empty()) {
            for (node, crowd) in &nodes {
                for ending in &crowd.bound {
                    names.entry(ending.entry).or_default().push((*node, ending.traits));
                }
            }
        }
        let mut pairs: HashMap<(u64, u64), Vec<Ending>> = HashMap::new();
        for (context, crowd) in nodes.iter().filter(|_| !names.is_empty()) {
            for entry in &crowd.contexts {
                for (name, traits) in names.get(entry).into_iter().flatten() {
                    let pair = pairs.entry((*name, *context)).or_default();
                    // Entries come in order, so the first of each traits is there already.
                    if pair.iter().all(|kept| kept.traits != *traits) {
                        pair.push(Ending { entry: *entry, traits: *traits });
                    }
                }
            }
        }
        Crowds { nodes, pairs }
    }

    fn get(&self, node: Node) -> Option<&Crowd> {
        if self.nodes.is_empty() { None } else { self.nodes.get(&node.0) }
    }
}

impl Crowd {
    fn of(mut endings: Vec<Ending>, needs_context: &impl Fn(u32) -> bool) -> Crowd {
        let mut crowd = Crowd::default();
        endings.sort_unstable();
        endings.dedup();
        for ending in endings {
            let firsts = match (ending.traits.context, needs_context(ending.entry)) {
                (true, _) => {
                    if crowd.contexts.last() != Some(&ending.entry) {
                        crowd.contexts.push(ending.entry);
                    }
                    continue;
                }
                (false, true) => {
                    crowd.bound.push(ending);
                    if !crowd.bound_traits.contains(&ending.traits) {
                        crowd.bound_traits.push(ending.traits);
                    }
                    continue;
                }
                (false, false) => &mut crowd.free,
            };
            if firsts.iter().all(|kept| kept.traits != ending.traits) {
                firsts.push(ending);
            }
        }
        crowd
    }

    /// What ends here of one entry that needs a context.
    fn of_entry(&self, entry: u32) -> impl Iterator<Item = Ending> {
        let first = self.bound.partition_point(|ending| ending.entry < entry);
        self.bound[first..].iter().copied().take_while(move |ending| ending.entry == entry)
    }
}

/// What ends in a node that was reached like this.
pub(crate) fn arrive<I: Index>(index: &I, node: Node, passed: Passed) -> Arrival {
    // A context is found as it is written, and so are its forms.
    let plain = Traits::default().allow(passed);
    if let Some(crowd) = index.crowds().get(node) {
        return Arrival {
            free: crowd.free.iter().copied().find(|ending| ending.traits.allow(passed)),
            bound: crowd.bound_traits.iter().any(|traits| traits.allow(passed)),
            context: plain && !crowd.contexts.is_empty(),
        };
    }
    let mut arrival = Arrival { free: None, bound: false, context: false };
    index.ends(node, &mut |ending| {
        if ending.traits.context {
            arrival.context |= plain;
        } else if ending.traits.allow(passed) {
            match index.needs_context(ending.entry) {
                true => arrival.bound = true,
                false => arrival.free = earlier(arrival.free, Some(ending)),
            }
        }
    });
    arrival
}

/// The first entry of a name that was reached like this to which a context belongs.
pub(crate) fn join<I: Index>(index: &I, name: Node, passed: Passed, context: Node) -> Option<Ending> {
    let crowds = index.crowds();
    let allowed = |ending: &Ending| ending.traits.allow(passed);
    let mut first = None;
    match (crowds.get(name), crowds.get(context)) {
        (Some(_), Some(_)) => {
            let pair = crowds.pairs.get(&(name.0, context.0));
            first = pair.into_iter().flatten().copied().filter(allowed).min();
        }
        (Some(name), None) => index.ends(context, &mut |ending| {
            if ending.traits.context {
                first = earlier(first, name.of_entry(ending.entry).find(allowed));
            }
        }),
        (None, crowd) => index.ends(name, &mut |ending| {
            let bound = !ending.traits.context && allowed(&ending) && index.needs_context(ending.entry);
            if bound && belongs(index, crowd, context, ending.entry) {
                first = earlier(first, Some(ending));
            }
        }),
    }
    first
}

/// Whether a context is one of an entry.
fn belongs<I: Index>(index: &I, crowd: Option<&Crowd>, context: Node, entry: u32) -> bool {
    if let Some(crowd) = crowd {
        return crowd.contexts.binary_search(&entry).is_ok();
    }
    let mut belongs = false;
    index.ends(context, &mut |ending| belongs |= ending.traits.context && ending.entry == entry);
    belongs
}

/// Of two the one whose entry stands first in the list.
pub(crate) fn earlier(one: Option<Ending>, other: Option<Ending>) -> Option<Ending> {
    one.into_iter().chain(other).min()
}
