//! All entries of all lists, compiled for looking words up.
//!
//! A trie over whole words. Words are numbered in the order of their letters, so the words that
//! begin with some letters are a range of numbers, and whether a half-read word may still lead
//! anywhere is two binary searches. This is what lets plain words pass without delay.
//!
//! Built in O(n log n) of the words of all variants; one node and one edge per distinct prefix.
//! Aho-Corasick was not chosen: at a million patterns it takes seconds to build and its automaton
//! can't tell a half-read word from a dead end at a word boundary.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::list::List;
use crate::list::numbers::keys as keys_of;
use crate::list::variants::{MIDDLE, SPELLED, variants};
use crate::{Kind, Source};

const NONE: u32 = u32::MAX;

/// The trie, and what its ends stand for.
pub(crate) struct Index {
    numbers: HashMap<Box<str>, u32>,
    /// The same words in order: a word's number is its place here.
    words: Vec<Box<str>>,
    /// For each node its first edge; its last is the one before the next node's first.
    first_edges: Vec<u32>,
    /// For each node the entry that ends there, or `NONE`.
    ends: Vec<u32>,
    edges: Vec<Edge>,
    /// For each word the node it leads to from the root, or `NONE`.
    from_root: Vec<u32>,
    entries: Vec<Target>,
    /// The number of [`MIDDLE`], if some form has it.
    middle: Option<u32>,
    /// The letters and digits of entries that are numbers, in order.
    keys: Vec<(Box<str>, u32)>,
}

#[derive(Clone, Copy)]
struct Edge {
    word: u32,
    node: u32,
}

/// What an entry's redactions say.
struct Target {
    list: Arc<str>,
    entry: Arc<str>,
    kind: Kind,
}

/// A node of the trie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node(u32);

const ROOT: Node = Node(0);

impl Index {
    /// Compiles lists. If two entries have a form in common, the first of the first list wins.
    pub fn new(lists: &[List]) -> Index {
        let mut numbers: HashMap<Box<str>, u32> = HashMap::new();
        let mut entries = Vec::new();
        let mut keys: Vec<(Box<str>, u32)> = Vec::new();
        // All forms one behind the other, as numbers in the order of first appearance.
        let mut sequences: Vec<u32> = Vec::new();
        let mut forms: Vec<(Range<usize>, u32)> = Vec::new();
        for list in lists {
            let name: Arc<str> = list.name().into();
            for entry in list.entries() {
                let number = entries.len() as u32;
                entries.push(Target { list: name.clone(), entry: entry.id().into(), kind: entry.kind().clone() });
                keys.extend(keys_of(entry).into_iter().map(|key| (key.into(), number)));
                for form in variants(entry) {
                    let start = sequences.len();
                    for word in form {
                        let next = numbers.len() as u32;
                        sequences.push(*numbers.entry(word.into()).or_insert(next));
                    }
                    forms.push((start..sequences.len(), number));
                }
            }
        }
        let words = number_in_order(&mut numbers, &mut sequences);
        forms.sort_unstable_by(|(a, first), (b, second)| {
            (&sequences[a.clone()], first).cmp(&(&sequences[b.clone()], second))
        });
        forms.dedup_by(|(later, _), (kept, _)| sequences[later.clone()] == sequences[kept.clone()]);

        keys.sort_unstable();
        keys.dedup_by(|later, kept| later.0 == kept.0);

        let mut index = Index {
            keys,
            middle: numbers.get(MIDDLE).copied(),
            from_root: vec![NONE; words.len()],
            numbers,
            words,
            first_edges: Vec::new(),
            ends: Vec::new(),
            edges: Vec::new(),
            entries,
        };
        index.grow(&sequences, &forms);
        index
    }

    /// Makes the nodes from sorted forms, breadth first, so that the edges of a node lie together.
    fn grow(&mut self, sequences: &[u32], forms: &[(Range<usize>, u32)]) {
        let mut waiting = std::collections::VecDeque::from([(0..forms.len(), 0_usize)]);
        let mut nodes = 1;
        while let Some((range, depth)) = waiting.pop_front() {
            let at = |form: usize| sequences[forms[form].0.clone()].get(depth).copied();
            let mut form = range.start;
            // The shortest form sorts first: it is the one that ends here.
            let mut end = NONE;
            if form < range.end && at(form).is_none() {
                end = forms[form].1;
                form += 1;
            }
            self.ends.push(end);
            self.first_edges.push(self.edges.len() as u32);
            while form < range.end {
                let word = at(form).expect("only the first form of a node ends in it");
                let first = form;
                while form < range.end && at(form) == Some(word) {
                    form += 1;
                }
                if depth == 0 {
                    self.from_root[word as usize] = nodes;
                }
                self.edges.push(Edge { word, node: nodes });
                waiting.push_back((first..form, depth + 1));
                nodes += 1;
            }
        }
        self.first_edges.push(self.edges.len() as u32);
    }

    /// The number of a whole word that occurs in some entry.
    pub fn word(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The numbers of the words that begin with `text`.
    pub fn beginning_with(&self, text: &str) -> Range<u32> {
        let first = self.words.partition_point(|word| **word < *text);
        let count = self.words[first..].partition_point(|word| word.starts_with(text));
        first as u32..(first + count) as u32
    }

    /// Where a word leads from the beginning of an entry.
    pub fn begin(&self, word: u32) -> Option<Node> {
        let node = self.from_root[word as usize];
        (node != NONE).then_some(Node(node))
    }

    /// Where a word leads from within an entry.
    pub fn step(&self, node: Node, word: u32) -> Option<Node> {
        let edges = self.edges_of(node);
        let place = edges.binary_search_by_key(&word, |edge| edge.word).ok()?;
        Some(Node(edges[place].node))
    }

    /// Whether any of these words leads on from `node`, or from the beginning if it is `None`.
    pub fn may_step(&self, node: Option<Node>, words: &Range<u32>) -> bool {
        let edges = self.edges_of(node.unwrap_or(ROOT));
        let place = edges.partition_point(|edge| edge.word < words.start);
        edges.get(place).is_some_and(|edge| edge.word < words.end)
    }

    /// Where any one word leads from within an entry, if it does.
    pub fn step_over(&self, node: Node) -> Option<Node> {
        self.step(node, self.middle?)
    }

    /// The entry whose letters, one by one, are these, and whether more of them may make another.
    pub fn spelled(&self, letters: &str) -> (Option<u32>, bool) {
        let mut text = String::from(SPELLED);
        text.push_str(letters);
        let words = self.beginning_with(&text);
        let whole = self.word(&text).and_then(|word| self.end(self.begin(word)?));
        (whole, words.len() > usize::from(whole.is_some()))
    }

    /// The letters and digits of entries that are numbers, in order, without repetitions.
    pub fn numbers_of_entries(&self) -> &[(Box<str>, u32)] {
        &self.keys
    }

    /// Whether no entry goes on behind `node`.
    pub fn is_leaf(&self, node: Node) -> bool {
        self.edges_of(node).is_empty()
    }

    /// The entry that ends in `node`.
    pub fn end(&self, node: Node) -> Option<u32> {
        let entry = self.ends[node.0 as usize];
        (entry != NONE).then_some(entry)
    }

    /// What a redaction says of an entry.
    pub fn describe(&self, entry: u32) -> (Kind, Source) {
        let target = &self.entries[entry as usize];
        let source = Source::List { list: target.list.clone(), entry: target.entry.clone() };
        (target.kind.clone(), source)
    }

    /// The kinds of all entries, with repetitions.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.entries.iter().map(|target| &target.kind)
    }

    fn edges_of(&self, node: Node) -> &[Edge] {
        let node = node.0 as usize;
        &self.edges[self.first_edges[node] as usize..self.first_edges[node + 1] as usize]
    }
}

/// Numbers words in the order of their letters, and says so in the map and in the sequences.
fn number_in_order(numbers: &mut HashMap<Box<str>, u32>, sequences: &mut [u32]) -> Vec<Box<str>> {
    let mut words: Vec<Box<str>> = numbers.keys().cloned().collect();
    words.sort_unstable();
    let mut renumbered = vec![0; words.len()];
    for (place, word) in words.iter().enumerate() {
        let number = numbers.get_mut(word).expect("the words are the keys of the map");
        renumbered[*number as usize] = place as u32;
        *number = place as u32;
    }
    sequences.iter_mut().for_each(|number| *number = renumbered[*number as usize]);
    words
}
