//! What stands beside the words of a name: commas, titles, middle names, brackets, other names of the person, footnotes,
//! and the fields of a table or a record. It is passed over at one place of a form, between the first names and the
//! surname; footnotes at any, and so are fields with labels of their own: `"middle_name": "Maria"`.
//!
//! What may be passed over does not depend on the entry, and what a form allows of it is asked when it is whole: see
//! `Traits::allow`. Every chain of what is passed over is short, so a name waits for a few words only.
//!
//! Left alone are names between which anything else stands, fields of something else too.

use crate::list::index::{Passed, Traits};
use crate::list::matcher::doubt::is_postcode;
use crate::list::matcher::gap::{Before, Gap};
use crate::list::matcher::vocabulary::{
    LabelWord, begins_nickname, is_beside_brackets, is_birth_name, is_everyday, is_given_name, is_other_name,
    is_part_of_title, is_particle, is_plural, is_tag, is_title, label_word, may_be_beside, parts_people,
};
use crate::list::matcher::{Hole, Holes};
use crate::word::{OpenWord, Word};

/// The most middle names, and how many of them may be no frequent first names.
const MOST_MIDDLE_NAMES: u8 = 3;
const MOST_RARE: u8 = 1;
/// The most words in brackets, and the most words and signs between two fields.
const MOST_IN_BRACKETS: u8 = 4;
const MOST_BETWEEN_FIELDS: u8 = 24;
/// The most signs and digits of a footnote in a formula: `$^{12}$`.
const MOST_OF_NOTE: u8 = 6;
/// The most words of a nickname in quotation marks.
const MOST_OF_NICKNAME: u8 = 3;

/// What was read beside the words of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside {
    pub passed: Passed,
    /// What stands behind the last word of the entry.
    behind: Behind,
    middle_names: u8,
    rare: u8,
    /// Where the last word of the entry ends.
    pub end: usize,
    /// What stands between two parts and stays: a label between fields, words of a sentence.
    pub holes: Holes,
    /// Whether a hyphen joins a first name to the first word.
    joined: bool,
    /// Whether there was an empty line that is none of markup.
    empty_line: bool,
    /// Whether the last word of the entry may be a postcode.
    after_code: bool,
    /// The place of what was passed over before what stands behind the last word.
    place_before: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    Nothing,
    /// A comma, before which there is nothing or white space.
    Comma {
        tight: bool,
    },
    Title,
    /// A letter, behind which a full stop may stand.
    Initial,
    /// A middle name, or an initial and its full stop.
    Middle,
    /// Behind an opening bracket, so many words.
    Brackets(u8),
    /// Behind a closing bracket.
    Bracketed,
    /// In square brackets, behind so many words of a name at birth.
    Birth(u8),
    /// In quotation marks, behind so many words of a nickname.
    Nickname(u8),
    /// Behind `genannt`.
    Called,
    /// In the mark of a footnote, behind so many signs.
    Note {
        signs: u8,
        has_number: bool,
    },
    Fields(Fields),
}

/// What was read between two fields.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fields {
    label: Label,
    /// Whether there are signs only, and no white space.
    tight: bool,
    count: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    None,
    /// Words of one, without a sign behind them.
    Open,
    /// Words of one of a second first name, which is passed over.
    Second,
    /// The same with a sign behind them.
    SecondEnded,
    Whole,
}

/// What forms allow behind the words read so far, as far as the index knows.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// How many words they are.
    pub count: usize,
    /// Whether the surname may have ended.
    pub may_pause: bool,
    /// Whether the first names may have ended.
    pub may_skip: bool,
    /// Whether the word that follows begins the entry anew.
    pub begins_anew: bool,
}

impl Behind {
    fn of_middle_name(word: &Word<'_>) -> Behind {
        if is_letter(word.text) { Behind::Initial } else { Behind::Middle }
    }
}

/// The ways to pass over one word.
pub(super) type Ways = [Option<Beside>; 3];

impl Beside {
    /// What is known before the first word of an entry.
    pub fn of_first(word: &Word<'_>, gap: Gap, before: Before) -> Beside {
        let row = before.is_semicolon() && gap.is_tight();
        let passed =
            Passed { hyphen: gap.joins(), article: before.is_article(), everyday: true, row, ..Passed::default() };
        let behind = Behind::Nothing;
        let (holes, joined) = (Holes::default(), before.is_joined());
        let mut beside = Beside {
            passed,
            behind,
            middle_names: 0,
            rare: 0,
            end: word.end,
            holes,
            joined,
            empty_line: false,
            after_code: false,
            place_before: 0,
        };
        beside.note_case(word);
        beside
    }

    /// Reads a word of the entry; nothing if none may stand here.
    pub fn step(mut self, word: &Word<'_>, gap: Gap) -> Option<Beside> {
        match self.behind {
            // Behind a label a dash is a sign like a colon.
            Behind::Fields(Fields { label: Label::Whole | Label::SecondEnded, .. }) => self.begin_field(word)?,
            Behind::Fields(Fields { label: Label::Open, .. }) if gap.parts() => self.begin_field(word)?,
            Behind::Fields(fields) => {
                let is_tight = fields.label == Label::None && fields.tight && gap.is_tight();
                self.passed.fields |= is_tight;
                is_tight.then_some(())?;
            }
            Behind::Brackets(_) | Behind::Called | Behind::Note { has_number: false, .. } => return None,
            Behind::Birth(_) if !gap.bracket_end => return None,
            Behind::Nickname(_) if !gap.closes => return None,
            Behind::Initial | Behind::Middle if gap.joins() => return None,
            _ if gap.parts() => return None,
            Behind::Comma { tight } => self.passed.fields |= tight && gap.is_tight(),
            _ => {}
        }
        self.passed.joined = self.joined;
        self.passed.paragraph |= gap.paragraph;
        if !matches!(self.behind, Behind::Fields(_)) {
            self.passed.line |= gap.line;
            self.passed.paragraph |= gap.block;
        }
        self.behind = Behind::Nothing;
        self.end = word.end;
        self.after_code = is_postcode(word.text);
        self.note_case(word);
        Some(self)
    }

    /// Reads a word of the entry behind a mark of the form, between which and the last one there is a hole or none.
    pub fn step_behind_mark(self, word: &Word<'_>, hole: Option<Hole>) -> Beside {
        let holes = hole.and_then(|hole| self.holes.with(hole)).unwrap_or(self.holes);
        Beside { end: word.end, holes, after_code: is_postcode(word.text), ..self }
    }

    /// The ways to pass over a word.
    pub fn pass(self, word: &Word<'_>, gap: Gap, place: Place) -> Ways {
        let stay = [Some(self), None, None];
        match self.behind {
            _ if (is_footnote(word.text) || (gap.bracket || gap.raised) && is_number(word.text)) && !gap.parts() => {
                return stay;
            }
            Behind::Nothing if is_note_sign(word.text) && gap.is_tight() => {
                return [Some(self.at(Behind::Note { signs: 1, has_number: false })), None, None];
            }
            Behind::Note { signs, has_number } => return [self.in_note(signs, has_number, word, gap), None, None],
            Behind::Brackets(count) => return [self.in_brackets(count, word, gap), None, None],
            Behind::Birth(count) => {
                let goes_on = !gap.bracket_end && !gap.line && count < MOST_IN_BRACKETS;
                return [goes_on.then(|| self.at(Behind::Birth(count + 1))), None, None];
            }
            Behind::Nickname(count) => {
                let goes_on = !(gap.opens || gap.closes || gap.line) && count < MOST_OF_NICKNAME;
                return [goes_on.then(|| self.at(Behind::Nickname(count + 1))), None, None];
            }
            Behind::Called if word.text == "." => return stay,
            Behind::Called => {
                let is_name = word.capital && gap.is_blank() && !parts_people(word.text);
                return [is_name.then(|| self.at(Behind::Middle)), None, None];
            }
            Behind::Title if (word.text == "." || is_part_of_title(word.text)) && !gap.parts() => return stay,
            Behind::Initial if word.text == "." => return [Some(self.at(Behind::Middle)), None, None],
            // `Jörg Kurt-Max Keller` has a double middle name, `Jörg Meier-Keller` another surname.
            Behind::Initial | Behind::Middle if gap.joins() => {
                return [word.capital.then(|| self.at(Behind::of_middle_name(word))), None, None];
            }
            _ => {}
        }
        let is_here = self.passed.place == 0 || usize::from(self.passed.place) == place.count;
        let count = u8::try_from(place.count).ok().filter(|count| usize::from(*count) <= Traits::MAX_PLACE);
        let paragraph = self.passed.paragraph || gap.paragraph || gap.block;
        let empty_line = self.empty_line || gap.paragraph;
        let place_before = if self.behind == Behind::Nothing { self.passed.place } else { self.place_before };
        let beside = Beside { passed: Passed { paragraph, ..self.passed }, empty_line, place_before, ..self };
        let is_here = is_here && !self.after_code && (place.may_pause || place.may_skip);
        let Some(count) = count.filter(|_| is_here) else {
            return [beside.pass_between_fields(word, gap), beside.pass_label(word), None];
        };
        let here = Beside { passed: Passed { place: count, ..beside.passed }, ..beside };
        if gap.parts() {
            return [here.pass_label(word), None, None];
        }
        let sign = here.pass_sign(word, gap);
        let other = || here.pass_title(word, gap).or_else(|| here.pass_other_name(word, gap, place));
        [sign.or_else(other), here.pass_label(word), here.pass_middle_name(word, gap, place)]
    }

    /// What parts fields where the first names and the surname do not meet: a label has to follow, or, in a row of fields,
    /// the next field.
    fn pass_between_fields(self, word: &Word<'_>, gap: Gap) -> Option<Beside> {
        let is_sign = is_field_sign(word.text) && !gap.parts();
        match self.behind {
            Behind::Nothing if is_sign => {
                let is_edge = matches!(word.text, ";" | "<") && (self.passed.fields || self.after_code);
                let tight = (is_edge || word.text == "," && self.after_code) && gap.is_tight();
                Some(self.at_fields(Label::None, tight, 0))
            }
            Behind::Fields(_) => self.pass_sign(word, gap),
            _ => None,
        }
    }

    /// Whether a word that begins like this may be passed over.
    pub fn may_pass(self, word: &OpenWord<'_>, place: Place) -> bool {
        let is_sign = !word.text.starts_with(char::is_alphanumeric);
        let is_beside = |text| is_footnote(text) || is_number(text);
        match self.behind {
            Behind::Brackets(_) | Behind::Birth(_) | Behind::Nickname(_) | Behind::Note { .. } => true,
            Behind::Nothing if !place.may_pause && !place.may_skip => {
                is_sign || is_beside(word.text) || may_be_beside(word.text)
            }
            _ => is_sign || is_beside(word.text) || word.capital || may_be_beside(word.text),
        }
    }

    fn at(self, behind: Behind) -> Beside {
        Beside { behind, ..self }
    }

    /// `Anna (Anni) Keller`, `Anna (geb. Meier) Keller`.
    fn in_brackets(self, count: u8, word: &Word<'_>, gap: Gap) -> Option<Beside> {
        match word.text {
            ")" if count > 0 => Some(self.at(Behind::Bracketed)),
            "(" | ")" => None,
            _ if gap.line || gap.parts() || count == MOST_IN_BRACKETS => None,
            // `Anna (und Berta) Keller` are two.
            beside if count == 0 && !word.capital && is_beside_brackets(beside) => None,
            _ => Some(self.at(Behind::Brackets(count + 1))),
        }
    }

    /// `Anna^1^ Keller`, `Anna$^{1}$ Keller`.
    fn in_note(self, signs: u8, has_number: bool, word: &Word<'_>, gap: Gap) -> Option<Beside> {
        let is_sign = is_note_sign(word.text);
        let fits = gap.is_tight() && signs < MOST_OF_NOTE && (is_sign || !has_number && is_number(word.text));
        fits.then(|| self.at(Behind::Note { signs: signs + 1, has_number: has_number || !is_sign }))
    }

    /// A comma, a bracket, or what parts fields.
    fn pass_sign(mut self, word: &Word<'_>, gap: Gap) -> Option<Beside> {
        let behind_name = matches!(self.behind, Behind::Nothing | Behind::Bracketed);
        match (word.text, self.behind) {
            ("(", Behind::Nothing | Behind::Initial | Behind::Middle) if !gap.line => {
                self.passed.middle_name = true;
                Some(self.at(Behind::Brackets(0)))
            }
            (",", _) if behind_name => {
                self.passed.comma = true;
                self.passed.line |= gap.line;
                Some(self.at(Behind::Comma { tight: gap.is_tight() }))
            }
            (";" | "<", Behind::Nothing) => Some(self.at_fields(Label::None, gap.is_tight(), 0)),
            // The number of an item, of which a label follows.
            (number, Behind::Nothing) if gap.line && is_number(number) => Some(self.at_fields(Label::None, false, 0)),
            // `1. Vorname: …`, `Vorname ...... Anna`, `Vorname(n): Anna`
            ("." | "(" | ")", Behind::Fields(fields)) if fields.count < MOST_BETWEEN_FIELDS => {
                let fits = word.text == "." || fields.label != Label::None;
                fits.then(|| self.at_fields(fields.label, false, fields.count + 1))
            }
            (sign, Behind::Nothing) if is_field_sign(sign) => Some(self.at_fields(Label::None, false, 0)),
            (sign, Behind::Comma { .. }) if is_field_sign(sign) => Some(self.at_fields(Label::None, false, 1)),
            (sign, Behind::Fields(fields)) if is_field_sign(sign) => {
                let label = match (fields.label, sign) {
                    (Label::Open, ":" | "=" | ">") => Label::Whole,
                    (Label::Second, ":" | "=" | ">") => Label::SecondEnded,
                    (label, _) => label,
                };
                let tight = fields.tight && matches!(sign, ";" | "<") && gap.is_tight();
                (fields.count < MOST_BETWEEN_FIELDS).then(|| self.at_fields(label, tight, fields.count + 1))
            }
            _ => None,
        }
    }

    /// `Vorname: Anna`, `"first_name": "Anna"`, `<FirstName>Anna`.
    fn pass_label(self, word: &Word<'_>) -> Option<Beside> {
        let count = match self.behind {
            Behind::Nothing | Behind::Comma { .. } => 0,
            Behind::Fields(fields) => fields.count,
            _ => return None,
        };
        let before = if let Behind::Fields(fields) = self.behind { fields.label } else { Label::None };
        let label = match label_word(word.text) {
            Some(LabelWord::Second) => Label::Second,
            Some(_) if before == Label::Second => Label::Second,
            // The place behind a postcode: `"zip": "8001", "city": "Zürich"`.
            Some(LabelWord::Place) if !self.after_code => return None,
            Some(LabelWord::Whole | LabelWord::Place) => Label::Whole,
            Some(LabelWord::Part) => Label::Open,
            // What the label says: a second first name.
            None if matches!(before, Label::Second | Label::SecondEnded) && word.capital => Label::None,
            None if before == Label::None && count > 0 && is_tag(word.text) => Label::None,
            None if before != Label::None && is_plural(word.text) => before,
            None => return None,
        };
        (count < MOST_BETWEEN_FIELDS).then(|| self.at_fields(label, false, count + 1))
    }

    fn at_fields(self, label: Label, tight: bool, count: u8) -> Beside {
        self.at(Behind::Fields(Fields { label, tight, count }))
    }

    /// Another field begins: what stands between the two stays. Paragraphs of markup are fields as well.
    fn begin_field(&mut self, word: &Word<'_>) -> Option<()> {
        self.holes = self.holes.with(Hole { start: self.end, end: word.start })?;
        self.passed.fields = true;
        self.passed.labelled = !self.after_code;
        // A label says enough, whatever place it stands at.
        self.passed.place = self.place_before;
        self.passed.paragraph = self.empty_line;
        Some(())
    }

    /// `Keller, Dr. med. Anna`.
    fn pass_title(mut self, word: &Word<'_>, gap: Gap) -> Option<Beside> {
        let fits = matches!(self.behind, Behind::Nothing | Behind::Comma { .. } | Behind::Title);
        (fits && is_title(word.text)).then(|| {
            self.passed.title = true;
            self.passed.line |= gap.line;
            self.at(Behind::Title)
        })
    }

    /// `Anna [geb. Meier] Keller`, `Anna genannt Anni Keller`, `Anna "die Grosse" Keller`.
    fn pass_other_name(mut self, word: &Word<'_>, gap: Gap, place: Place) -> Option<Beside> {
        let fits = place.may_skip && self.behind == Behind::Nothing && gap.is_blank();
        let behind = match word.text {
            _ if !fits => return None,
            birth if gap.bracket && is_birth_name(birth) => Behind::Birth(0),
            called if is_other_name(called) => Behind::Called,
            article if gap.opens && begins_nickname(article) => Behind::Nickname(1),
            _ => return None,
        };
        self.passed.middle = true;
        self.passed.middle_name = true;
        Some(self.at(behind))
    }

    /// `Anna Maria Keller`, `Anna M. Keller`.
    fn pass_middle_name(mut self, word: &Word<'_>, gap: Gap, place: Place) -> Option<Beside> {
        let behind_names =
            matches!(self.behind, Behind::Nothing | Behind::Initial | Behind::Middle | Behind::Bracketed);
        self.passed.line |= gap.line;
        let is_initial = is_letter(word.text);
        let is_rare = !is_initial && !is_given_name(word.text);
        self.middle_names += 1;
        self.rare += u8::from(is_rare);
        let fits = behind_names
            && place.may_skip
            && word.capital
            // `Hans-Peter Keller` has another first name.
            && !gap.joins()
            && (!self.passed.line || is_initial)
            && self.middle_names <= MOST_MIDDLE_NAMES
            && self.rare <= MOST_RARE
            // The same word again begins the entry anew.
            && !place.begins_anew
            && !parts_people(word.text)
            && label_word(word.text) != Some(LabelWord::Whole);
        fits.then(|| {
            self.passed.middle = true;
            self.passed.middle_name |= !is_initial;
            self.at(Behind::of_middle_name(word))
        })
    }

    /// Notes how a word of the entry is written. Particles have small letters in any name.
    fn note_case(&mut self, word: &Word<'_>) {
        if word.text.starts_with(char::is_lowercase) && !is_particle(word.text) {
            let capital = word.capital || word.is_rest;
            self.passed.capitals |= capital;
            self.passed.small |= !capital;
            self.passed.everyday = self.passed.everyday && is_everyday(word.text);
        }
    }
}

/// Whether this is a word of one letter.
pub(super) fn is_letter(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// Whether a word is the sign of a footnote: `Anna¹ Keller`, `Anna† Keller`. A number in square brackets is one too.
fn is_footnote(word: &str) -> bool {
    let mut letters = word.chars();
    let is_sign = |c| matches!(c, '¹' | '²' | '³' | '†' | '‡' | '\u{2070}' | '\u{2074}'..='\u{2079}' | '\u{2080}'..='\u{2089}' | '\u{2460}'..='\u{2473}');
    letters.next().is_some_and(is_sign) && letters.next().is_none()
}

/// Signs of a formula that raise the number of a footnote.
fn is_note_sign(word: &str) -> bool {
    matches!(word, "^" | "$" | "{" | "}")
}

/// Whether this is the number of a footnote or of an item in a list.
fn is_number(word: &str) -> bool {
    matches!(word.len(), 1 | 2) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands between the fields of a record. Curly brackets stand between records.
fn is_field_sign(word: &str) -> bool {
    matches!(word, "," | ";" | ":" | "=" | "&" | "<" | ">" | "/" | "|")
}
