//! Finds the digests of a foreign file in a stream.
//!
//! Every window of one to n words that ends with the word just read is brought to each form and
//! hashed. Leftmost, then longest. Nothing is known of what entries begin with, so the last n-1 words
//! and the one being written always wait.
//!
//! Beyond the window as it stands: with a comma behind the first words it is also tried in natural
//! order (`Keller, Anna`), and with a Latin genitive `s` at its end also without. Numbers in groups
//! may have more groups than a window has words.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Form;
use super::email::Addresses;
use super::index::ForeignIndex;
use super::numbers::write_e164;
use super::words::{Between, Cutter, Piece, RawWord};
use crate::canonical::Glyph;
use crate::list::MAX_ENTRY;
use crate::scan::{Found, MATCH_SPAN, Raw, Scan, What};

/// The forms that are kept of each word; `e164` and `email` are made of others.
const WRITTEN: usize = 10;
/// The most groups of a number.
const GROUPS: usize = 9;
/// Digits and, for `compact`, letters and digits that a number has.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=20;
const LONGEST_COMPACT: usize = 64;
/// How much of what was written is kept before it is cut.
const WRITTEN_BYTES: usize = 16 * 1024;

/// The matcher of one stream.
pub(crate) struct ForeignMatcher {
    cutter: Cutter,
    windows: Windows,
    addresses: Option<Addresses>,
}

struct Windows {
    index: Arc<ForeignIndex>,
    /// The number of the list among those of the filter.
    list: u32,
    /// The forms that are written down, and the last words in each.
    forms: Vec<(Form, String)>,
    /// The forms that are tried, in order, with their places in `forms`.
    tried: Vec<(Form, usize)>,
    longest: usize,
    has_numbers: bool,
    /// The words that a window may still begin with.
    words: VecDeque<Word>,
    number: String,
}

/// A word of a window.
struct Word {
    start: usize,
    between: Between,
    /// Where it stands in each of `forms`.
    at: [(usize, usize); WRITTEN],
    digits: usize,
    /// Whether there is nothing but ASCII letters and digits in it.
    is_plain: bool,
    is_digits: bool,
    has_plus: bool,
    /// The longest match that begins with it: its end and its entry.
    best: Option<(usize, u32)>,
}

/// What is known of a window, which grows to the left.
struct Window {
    first: usize,
    last: usize,
    /// Whether all gaps are such as stand between words, or in numbers.
    has_no_sign: bool,
    is_number: bool,
    is_plain: bool,
    is_digits: bool,
    /// Whether each word has a digit.
    has_groups: bool,
    digits: usize,
    /// The word behind the comma, if there is just one.
    behind_comma: Option<usize>,
    commas: usize,
}

impl ForeignMatcher {
    pub fn new(index: Arc<ForeignIndex>, list: u32) -> ForeignMatcher {
        let descriptor = index.descriptor();
        let mut written: Vec<Form> = Vec::new();
        let mut tried = Vec::new();
        for form in descriptor.forms().iter().copied().filter(|form| *form != Form::Email) {
            let source = if form == Form::E164 { Form::Digits } else { form };
            let place = written.iter().position(|other| *other == source).unwrap_or(written.len());
            if place == written.len() {
                written.push(source);
            }
            tried.push((form, place));
        }
        let addresses = descriptor.forms().contains(&Form::Email).then(Addresses::default);
        let windows = Windows {
            list,
            forms: written.into_iter().map(|form| (form, String::new())).collect(),
            has_numbers: tried.iter().any(|(form, _)| form.is_number()),
            // Only addresses are looked for: no word has to wait.
            longest: if tried.is_empty() { 0 } else { descriptor.longest_window() },
            tried,
            words: VecDeque::new(),
            number: String::new(),
            index,
        };
        ForeignMatcher { cutter: Cutter::default(), windows, addresses }
    }
}

impl Scan for ForeignMatcher {
    fn feed(&mut self, glyphs: &[Glyph], found: &mut Vec<Found>) {
        self.feed_text(glyphs, Raw::default(), found);
    }

    fn feed_text(&mut self, glyphs: &[Glyph], raw: Raw<'_>, found: &mut Vec<Found>) {
        let ForeignMatcher { cutter, windows, addresses } = self;
        if let Some(addresses) = addresses {
            for glyph in glyphs {
                addresses.feed(glyph, raw, &mut |address| windows.read_address(&address, found));
            }
        }
        if windows.longest > 0 {
            for glyph in glyphs {
                cutter.feed(glyph, raw, &mut |piece| windows.read(piece, found));
            }
        }
    }

    fn open(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        self.windows.limit(position, found);
        let word = self.windows.words.front().map(|word| word.start).or_else(|| self.cutter.open());
        let address = self.addresses.as_ref().and_then(Addresses::open);
        word.into_iter().chain(address).filter(|start| position - start <= MATCH_SPAN).min()
    }

    fn begun(&mut self, position: usize, found: &mut Vec<Found>) -> Option<usize> {
        self.windows.limit(position, found);
        let word = self.windows.first_unmatched().or_else(|| self.cutter.open());
        let address = self.addresses.as_ref().and_then(Addresses::open);
        word.into_iter().chain(address).filter(|start| position - start <= MATCH_SPAN).min()
    }

    fn finish(&mut self, position: usize, found: &mut Vec<Found>) {
        let ForeignMatcher { cutter, windows, addresses } = self;
        if let Some(addresses) = addresses {
            addresses.close(position, &mut |address| windows.read_address(&address, found));
        }
        cutter.close(position, &mut |piece| windows.read(piece, found));
        windows.close(found);
    }
}

impl Windows {
    fn read(&mut self, piece: Piece<'_>, found: &mut Vec<Found>) {
        let Piece::Word(word) = piece else { return self.close(found) };
        self.limit(word.decided, found);
        if word.between.parts() {
            self.close(found);
        }
        if !word.is_apart {
            return self.close(found);
        }
        self.write(&word);
        let genitive = is_genitive(word.canonical);
        let last = self.words.len() - 1;
        let mut window: Option<Window> = None;
        for first in (0..=last).rev() {
            let grown = match window.take() {
                None => Window::of(last, &self.words[last]),
                Some(window) => window.grow(&self.words[first + 1].between, &self.words[first]),
            };
            if word.decided - self.words[first].start > MATCH_SPAN {
                break;
            }
            if let Some(entry) = self.look_up(&grown, genitive) {
                self.words[first].best = Some((word.end, entry));
            }
            window = Some(grown);
        }
        self.forget(found);
    }

    fn read_address(&mut self, address: &super::email::Address<'_>, found: &mut Vec<Found>) {
        if let Some(entry) = self.index.find(&[address.text]) {
            found.push(Found { start: address.start, end: address.end, what: What::Entry { list: self.list, entry } });
        }
    }

    /// Writes a word down in all forms.
    fn write(&mut self, word: &RawWord<'_>) {
        let mut at = [(0, 0); WRITTEN];
        for ((form, text), at) in self.forms.iter_mut().zip(&mut at) {
            let form = *form;
            match form {
                Form::Canonical if !word.gap.is_empty() => text.push(' '),
                form if form.is_spelling() => form.write(word.gap, text),
                _ => {}
            }
            let start = text.len();
            match form {
                Form::Canonical | Form::Joined => text.push_str(word.canonical),
                Form::Compact => text.extend(word.canonical.chars().map(|c| c.to_ascii_uppercase())),
                Form::Digits => text.extend(word.canonical.chars().filter(char::is_ascii_digit)),
                form => form.write(word.text, text),
            }
            *at = (start, text.len());
        }
        self.words.push_back(Word {
            start: word.start,
            between: word.between,
            at,
            digits: word.canonical.bytes().filter(u8::is_ascii_digit).count(),
            is_plain: word.canonical.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            is_digits: word.canonical.bytes().all(|byte| byte.is_ascii_digit()),
            has_plus: word.text.starts_with('+'),
            best: None,
        });
    }

    /// The entry that a window is, if it is one.
    fn look_up(&mut self, window: &Window, genitive: bool) -> Option<u32> {
        let Windows { index, forms, tried, words, number, .. } = self;
        let count = window.last - window.first + 1;
        let (first, last) = (&words[window.first], &words[window.last]);
        let mut hashed: [&str; WRITTEN] = [""; WRITTEN];
        for (place, (form, written)) in tried.iter().enumerate() {
            let text = &forms[*written].1[first.at[*written].0..last.at[*written].1];
            let is_word = !form.is_number();
            let fits = match form {
                Form::Canonical | Form::Joined => window.has_no_sign && count <= self.longest,
                Form::Compact => {
                    let is_short = count <= self.longest || window.has_groups;
                    is_short && window.is_number && window.is_plain && text.len() <= LONGEST_COMPACT
                }
                Form::Digits | Form::E164 => window.is_number && window.is_digits,
                _ => count <= self.longest,
            };
            let is_long_enough = if is_word { text.len() > 1 } else { window.digits >= *DIGITS.start() };
            if !fits || !is_long_enough || text.len() > MAX_ENTRY {
                continue;
            }
            let found = match form {
                Form::E164 => {
                    let is_number = write_e164(text, first.has_plus, index.descriptor().country(), number);
                    if is_number { index.find(&[number]) } else { None }
                }
                // Small letters are the same in most forms.
                _ if hashed[..place.min(WRITTEN)].contains(&text) => None,
                _ => {
                    let found = index.find(&[text]);
                    let stem = genitive.then(|| text.strip_suffix(['s', 'S'])).flatten();
                    found.or_else(|| index.find(&[stem.filter(|_| is_word)?]))
                }
            };
            if found.is_some() {
                return found;
            }
            if let Some(hashed) = hashed.get_mut(place).filter(|_| *form != Form::E164) {
                *hashed = text;
            }
            if let Some(middle) = window.behind_comma.filter(|_| is_word) {
                let part =
                    |from: usize, to: usize| &forms[*written].1[words[from].at[*written].0..words[to].at[*written].1];
                let space = if *form == Form::Joined { "" } else { " " };
                let found = index.find(&[part(middle, window.last), space, part(window.first, middle - 1)]);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// Reports and forgets words with which no window will begin any more.
    fn forget(&mut self, found: &mut Vec<Found>) {
        let mut kept = (self.words.len() + 1).saturating_sub(self.longest);
        if self.has_numbers {
            let is_group = |word: &Word| word.digits > 0 && word.is_plain;
            let mut run = self.words.len();
            while run > 0 && is_group(&self.words[run - 1]) && self.words.len() - run < GROUPS - 1 {
                run -= 1;
                if !self.words[run].between.is_in_number() {
                    break;
                }
            }
            kept = kept.min(run);
        }
        self.report_before(kept, found);
        let Some(first) = self.words.front() else {
            return self.forms.iter_mut().for_each(|(_, text)| text.clear());
        };
        if self.forms.iter().any(|(_, text)| text.len() > WRITTEN_BYTES) {
            let cuts = first.at.map(|(start, _)| start);
            for ((_, text), cut) in self.forms.iter_mut().zip(cuts) {
                text.drain(..cut);
            }
            for word in &mut self.words {
                for (at, cut) in word.at.iter_mut().zip(cuts) {
                    *at = (at.0 - cut, at.1 - cut);
                }
            }
        }
    }

    /// Reports the matches that begin before a word, and forgets the words up to it or to their ends.
    fn report_before(&mut self, place: usize, found: &mut Vec<Found>) {
        let mut left = place;
        while left > 0 {
            let Some(word) = self.words.pop_front() else { return };
            left -= 1;
            if let Some((end, entry)) = word.best {
                found.push(Found { start: word.start, end, what: What::Entry { list: self.list, entry } });
                while self.words.front().is_some_and(|word| word.start < end) {
                    self.words.pop_front();
                    left = left.saturating_sub(1);
                }
            }
        }
    }

    /// Reports and forgets words that are too far back.
    fn limit(&mut self, position: usize, found: &mut Vec<Found>) {
        let far = self.words.partition_point(|word| position - word.start > MATCH_SPAN);
        self.report_before(far, found);
    }

    fn close(&mut self, found: &mut Vec<Found>) {
        self.report_before(self.words.len(), found);
        self.forms.iter_mut().for_each(|(_, text)| text.clear());
    }

    /// The first word that is in no match.
    fn first_unmatched(&self) -> Option<usize> {
        let mut covered = 0;
        for word in &self.words {
            match word.best {
                _ if word.start < covered => {}
                Some((end, _)) => covered = end,
                None => return Some(word.start),
            }
        }
        None
    }
}

impl Window {
    fn of(place: usize, word: &Word) -> Window {
        Window {
            first: place,
            last: place,
            has_no_sign: true,
            is_number: true,
            is_plain: word.is_plain,
            is_digits: word.is_digits,
            has_groups: word.digits > 0,
            digits: word.digits,
            behind_comma: None,
            commas: 0,
        }
    }

    /// The same window with one word more before it; `between` are the two.
    fn grow(self, between: &Between, word: &Word) -> Window {
        let commas = self.commas + usize::from(between.is_comma());
        let behind_comma = if between.is_comma() { Some(self.first) } else { self.behind_comma };
        Window {
            first: self.first - 1,
            last: self.last,
            has_no_sign: self.has_no_sign && between.has_no_sign(),
            is_number: self.is_number && between.is_in_number(),
            is_plain: self.is_plain && word.is_plain,
            is_digits: self.is_digits && word.is_digits,
            has_groups: self.has_groups && word.digits > 0,
            digits: self.digits + word.digits,
            behind_comma: behind_comma.filter(|_| commas == 1),
            commas,
        }
    }
}

/// Whether a word may be a Latin name in the genitive.
fn is_genitive(word: &str) -> bool {
    let stem = word.strip_suffix('s').unwrap_or_default();
    stem.len() > 1 && stem.chars().all(|c| c.is_alphabetic() && c < '\u{250}')
}
