//! Entries in clear text, compiled.
//!
//! A trie over whole words. Words are numbered in the order of their letters, so the words that
//! begin with some letters are a range of numbers, and whether a half-read word may still lead
//! anywhere is two binary searches. This is what lets plain words pass without delay.
//!
//! Built in O(n log n) of the words of all forms; one node and one edge per distinct prefix.
//! Aho-Corasick was not chosen: at a million patterns it takes seconds to build and its automaton
//! can't tell a half-read word from a dead end at a word boundary.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use crate::list::alike::Alike;
use crate::list::crowd::{Crowds, FEW};
use crate::list::index::{Ending, Index, Node, Traits, WordKey};
use crate::list::variants::Forms;
use crate::{Entry, Kind};

const NONE: u32 = u32::MAX;
const ROOT: u32 = 0;

/// The trie, and what its ends stand for.
pub(crate) struct ClearIndex {
    numbers: HashMap<Box<str>, u32>,
    /// The same words in order: a word's number is its place here.
    words: Vec<Box<str>>,
    nodes: Vec<Place>,
    endings: Vec<Ending>,
    edges: Vec<Edge>,
    /// For each word the node it leads to from the root, or `NONE`.
    from_root: Vec<u32>,
    entries: Vec<Target>,
    crowds: Crowds,
    /// The letters of names, to be found one by one, in order, and the node in which they end.
    spelled: Vec<(Box<str>, u32)>,
    /// The letters and digits of entries that are numbers, in order.
    keys: Vec<(Box<str>, u32)>,
}

/// A node. Its edges and endings end where the next node's begin.
#[derive(Clone, Copy)]
struct Place {
    first_edge: u32,
    first_ending: u32,
    may_pause: bool,
    may_skip: bool,
}

#[derive(Clone, Copy)]
struct Edge {
    word: u32,
    node: u32,
}

/// What an entry's redactions say.
struct Target {
    id: Box<str>,
    kind: Kind,
    needs_context: bool,
}

/// The words of a form as a part of all sequences, and what it stands for.
struct Form {
    words: Range<usize>,
    ending: Ending,
}

impl ClearIndex {
    /// Compiles entries. If two have a form in common, the first wins; of two that are alike the second is not
    /// looked for.
    pub fn new(list: &[Entry]) -> ClearIndex {
        let mut numbers: HashMap<Box<str>, u32> = HashMap::new();
        let mut entries = Vec::with_capacity(list.len());
        let (mut keys, mut spelled) = (Vec::new(), Vec::new());
        // All forms one behind the other, as numbers in the order of first appearance.
        let mut sequences: Vec<u32> = Vec::new();
        let mut forms: Vec<Form> = Vec::new();
        let mut alike = Alike::of(list);
        for (entry, number) in list.iter().zip(0_u32..) {
            entries.push(Target {
                id: entry.id().into(),
                kind: entry.kind().clone(),
                needs_context: !entry.context().is_empty(),
            });
            if alike.first(number).is_some() {
                continue;
            }
            let found_by = Forms::of(entry);
            keys.extend(found_by.numbers.into_iter().map(|key| (key.into_boxed_str(), number)));
            spelled.extend(found_by.spelled.into_iter().map(|letters| (letters.into_boxed_str(), number)));
            for (form, traits) in found_by.sequences {
                let start = sequences.len();
                for word in form {
                    let next = numbers.len() as u32;
                    sequences.push(*numbers.entry(word.into()).or_insert(next));
                }
                forms.push(Form { words: start..sequences.len(), ending: Ending { entry: number, traits } });
            }
        }
        let words = number_in_order(&mut numbers, &mut sequences);
        forms.sort_unstable_by(|a, b| {
            (&sequences[a.words.clone()], a.ending).cmp(&(&sequences[b.words.clone()], b.ending))
        });
        keys.sort_unstable();
        keys.dedup_by(|later, kept| later.0 == kept.0);
        spelled.sort_unstable();
        let mut index = ClearIndex {
            from_root: vec![NONE; words.len()],
            numbers,
            words,
            nodes: Vec::new(),
            endings: Vec::new(),
            edges: Vec::new(),
            entries,
            crowds: Crowds::default(),
            spelled: Vec::new(),
            keys,
        };
        index.grow(&sequences, &forms, spelled);
        let crowded = (0..index.nodes.len() - 1).map(|node| (node, index.endings_of(node)));
        let crowded = crowded.filter(|(_, endings)| endings.len() > FEW);
        let crowded = crowded.map(|(node, endings)| (Node(node as u64), endings.to_vec()));
        index.crowds = Crowds::of(crowded, |entry| index.entries[entry as usize].needs_context);
        index
    }

    /// Makes the nodes from sorted forms, breadth first, so that the edges of a node lie together.
    /// Behind them come those of names letter by letter, which lead nowhere.
    fn grow(&mut self, sequences: &[u32], forms: &[Form], spelled: Vec<(Box<str>, u32)>) {
        let mut waiting = VecDeque::from([(0..forms.len(), 0_usize)]);
        let mut count = 1;
        while let Some((range, depth)) = waiting.pop_front() {
            let at = |form: usize| sequences[forms[form].words.clone()].get(depth).copied();
            let mut form = range.start;
            let through = &forms[range.clone()];
            let place = u8::try_from(depth).unwrap_or(0);
            self.nodes.push(Place {
                first_edge: self.edges.len() as u32,
                first_ending: self.endings.len() as u32,
                may_pause: place > 0 && through.iter().any(|form| form.ending.traits.comma == place),
                may_skip: place > 0 && through.iter().any(|form| form.ending.traits.middle == place),
            });
            // The shortest forms sort first: they are the ones that end here.
            while form < range.end && at(form).is_none() {
                self.endings.push(forms[form].ending);
                form += 1;
            }
            while form < range.end {
                let word = at(form).expect("only the first forms of a node end in it");
                let first = form;
                while form < range.end && at(form) == Some(word) {
                    form += 1;
                }
                if depth == 0 {
                    self.from_root[word as usize] = count;
                }
                self.edges.push(Edge { word, node: count });
                waiting.push_back((first..form, depth + 1));
                count += 1;
            }
        }
        let bare = |index: &ClearIndex| {
            let (first_edge, first_ending) = (index.edges.len() as u32, index.endings.len() as u32);
            Place { first_edge, first_ending, may_pause: false, may_skip: false }
        };
        for (letters, entry) in spelled {
            if self.spelled.last().is_none_or(|(last, _)| *last != letters) {
                self.spelled.push((letters, self.nodes.len() as u32));
                self.nodes.push(bare(self));
            }
            self.endings.push(Ending { entry, traits: Traits::default() });
        }
        self.nodes.push(bare(self));
    }

    /// The numbers of the words that begin with `text`.
    fn beginning_with(&self, text: &str) -> Range<u32> {
        let first = self.words.partition_point(|word| **word < *text);
        let count = self.words[first..].partition_point(|word| word.starts_with(text));
        first as u32..(first + count) as u32
    }

    /// Whether a word that begins like this leads on.
    fn leads_on(&self, node: u32, half_word: &str) -> bool {
        let words = self.beginning_with(half_word);
        let edges = self.edges_of(node);
        let place = edges.partition_point(|edge| edge.word < words.start);
        edges.get(place).is_some_and(|edge| edge.word < words.end)
    }

    fn endings_of(&self, node: usize) -> &[Ending] {
        &self.endings[self.nodes[node].first_ending as usize..self.nodes[node + 1].first_ending as usize]
    }

    fn edges_of(&self, node: u32) -> &[Edge] {
        let (this, next) = (self.nodes[node as usize], self.nodes[node as usize + 1]);
        &self.edges[this.first_edge as usize..next.first_edge as usize]
    }
}

impl Index for ClearIndex {
    fn word(&self, text: &str) -> Option<WordKey> {
        self.numbers.get(text).map(|number| WordKey(u64::from(*number)))
    }

    fn begin(&self, word: WordKey) -> Option<Node> {
        let node = self.from_root[word.0 as usize];
        (node != NONE).then_some(Node(u64::from(node)))
    }

    fn step(&self, node: Node, word: WordKey) -> Option<Node> {
        let edges = self.edges_of(node.0 as u32);
        let place = edges.binary_search_by_key(&(word.0 as u32), |edge| edge.word).ok()?;
        Some(Node(u64::from(edges[place].node)))
    }

    fn goes_on(&self, node: Node) -> bool {
        !self.edges_of(node.0 as u32).is_empty()
    }

    fn ends(&self, node: Node, report: &mut dyn FnMut(Ending)) {
        self.endings_of(node.0 as usize).iter().copied().for_each(report);
    }

    fn crowds(&self) -> &Crowds {
        &self.crowds
    }

    fn may_begin(&self, half_word: &str) -> bool {
        self.leads_on(ROOT, half_word)
    }

    fn may_step(&self, node: Node, half_word: &str) -> bool {
        self.leads_on(node.0 as u32, half_word)
    }

    fn may_pause(&self, node: Node) -> bool {
        self.nodes[node.0 as usize].may_pause
    }

    fn may_skip(&self, node: Node) -> bool {
        self.nodes[node.0 as usize].may_skip
    }

    fn spelled(&self, letters: &str) -> (Option<Node>, bool) {
        let (node, more) = look_up(&self.spelled, letters);
        (node.map(|node| Node(u64::from(node))), more)
    }

    fn has_numbers(&self) -> bool {
        !self.keys.is_empty()
    }

    fn number(&self, key: &str) -> Option<u32> {
        look_up(&self.keys, key).0
    }

    fn may_number(&self, beginning: &str) -> bool {
        look_up(&self.keys, beginning).1
    }

    fn needs_context(&self, entry: u32) -> bool {
        self.entries[entry as usize].needs_context
    }

    fn describe(&self, entry: u32) -> (Kind, &str) {
        let target = &self.entries[entry as usize];
        (target.kind.clone(), &target.id)
    }
}

/// What stands for `text` in an ordered table, and whether a longer text begins like it.
fn look_up(table: &[(Box<str>, u32)], text: &str) -> (Option<u32>, bool) {
    let place = table.partition_point(|(other, _)| **other < *text);
    let whole = table.get(place).filter(|(other, _)| **other == *text).map(|(_, entry)| *entry);
    let next = table.get(place + usize::from(whole.is_some()));
    (whole, next.is_some_and(|(other, _)| other.starts_with(text)))
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
