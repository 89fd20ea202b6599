//! What makes a listed thing another thing by what follows it.
//!
//! A street with its number is found without its place, but not `Bahnhofstrasse 12a`, `12/14` or `12, 3011 Bern` for
//! `Bahnhofstrasse 12` of Zürich: another letter, number, postcode or place tells of another house. Eight digits are
//! found as a date, but not as a part of a longer number. A name with the surname first is another one in
//! `Keller, Hans-Peter` and in `Anna Keller, Jörg Müller`. Read word by word without looking at the list, and decided after a
//! few words.

use crate::list::mark::Mark;
use crate::list::matcher::beside::is_letter;
use crate::list::matcher::gap::{Gap, is_initial};
use crate::list::matcher::vocabulary::is_given_name;
use crate::list::variants::CANTONS;
use crate::word::Word;

/// What is still open of a match.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    Marked(Marked),
    Reversed(Reversed),
    /// Of a whole address.
    Address(Tail),
    /// Of a date, behind whose numbers more may stand: `17.6.1976.2`. Whether a full stop was read.
    Dotted(bool),
}

/// What was read behind a whole address that may be of its place: `SG`, `(SG)`, `/Main`, the dot of `i. Br.`
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    /// Whether the last word is short for something.
    is_short: bool,
    state: TailState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TailState {
    Start,
    Stroke,
    Bracket,
    InBracket,
    Over,
}

/// Of a form that ends with a mark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked {
    about: About,
    state: State,
    words: u8,
    /// Words with a capital letter, as of a place that is not ours.
    capitals: u8,
}

/// Of a name with the surname first. A word with a capital letter behind a hyphen always undoes it, a further first name
/// is of it: `Keller, Anna Maria`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Reversed {
    order: Order,
    /// Whether it ends with an initial, behind which a full stop may stand.
    after_initial: bool,
    /// Whether an initial was read behind it: `Keller, Anna C.` goes with its full stop.
    extends: bool,
    /// Whether first names were read behind it, and where it ends without them if a surname may follow these.
    has_grown: bool,
    short_end: Option<usize>,
    /// Behind the semicolon of an address card, where further first names stand.
    in_card: bool,
}

/// How a name with the surname first is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    /// Whether every word with a capital letter undoes it, but behind a title no first name.
    pub by_capital: bool,
    pub after_title: bool,
    /// Whether an initial or a first name does that the entry does not have there.
    pub by_initial: bool,
    /// Whether a comma or the edge of a field stands behind the surname.
    pub has_comma: bool,
    /// Whether the first name is a field, which what follows directly is of.
    pub is_field: bool,
    /// Whether the fields are those of an address card: `N:Keller;Anna;Maria;;`.
    pub is_card: bool,
}

/// What ends with the match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// The number of a house; `loose` if a comma stands before it.
    House { loose: bool },
    /// A street or a place.
    Name,
    /// A number that may be part of a longer one.
    Digits,
    /// A name without its `Jr.`
    Person,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    /// Behind a sign that may join digits to those before.
    Joint,
    /// Behind a letter that may be of the house or the word `e`.
    Letter,
    /// Behind digits like a postcode.
    Postcode,
    /// Behind the first half of a British postcode.
    Outward,
    /// Behind two capital letters, as of an American state.
    Region,
    /// Behind `in` and the like.
    In,
    /// Behind a sign between parts.
    Sign,
}

/// What a word says of a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Open,
    Stands,
    /// It stands, and the next word may be of it.
    Holds,
    /// It stands and the word is of it. What follows may be another thing still.
    Grows,
    /// It stands, up to here.
    Ends(usize),
    Falls,
}

use Verdict::{Ends, Falls, Grows, Holds, Open, Stands};

const MOST_WORDS: u8 = 10;
const MOST_CAPITALS: u8 = 3;
/// Words between a street and its place in a sentence.
const IN: [&str; 5] = ["a", "en", "in", "im", "te"];
/// What stands behind them with a capital letter and is no other place.
#[rustfmt::skip]
const NO_PLACES: [&str; 78] = [
    "angriff", "april", "arrest", "auftrag", "august", "bau", "begleitung", "besitz", "betrieb", "bezug",
    "brand", "dachgeschoss", "deutschland", "dezember", "eg", "eigentum", "einsatz", "erdgeschoss", "februar",
    "flammen", "france", "fruhjahr", "fruhling", "gebaude", "germany", "haus", "herbst", "hinterhaus", "hof",
    "innenhof", "italia", "italie", "jahr", "jahre", "januar", "juli", "juni", "keller", "kreis", "mai", "marz",
    "miete", "november", "obergeschoss", "og", "oktober", "osterreich", "pacht", "parterre", "quartier",
    "rahmen", "raum", "ruhe", "schweiz", "september", "sommer", "stock", "stockwerk", "suisse", "svizra",
    "svizzera", "switzerland", "ug", "umbau", "untergeschoss", "untermiete", "verkauf", "viertel", "vorderhaus",
    "wert", "wg", "winter", "wohneigentum", "wohngemeinschaft", "wohnung", "zentrum", "zimmer", "zusammenhang",
];
/// Large towns, by which a street is another one than that of a smaller place.
#[rustfmt::skip]
const CITIES: [&str; 46] = [
    "aarau", "amsterdam", "barcelona", "basel", "berlin", "bern", "berne", "biel", "bologna", "bruxelles",
    "chur", "dresden", "dusseldorf", "fribourg", "geneve", "genf", "graz", "hamburg", "innsbruck", "koln",
    "lausanne", "leipzig", "linz", "london", "lugano", "luzern", "lyon", "madrid", "marseille", "milano",
    "munchen", "neuchatel", "nurnberg", "olten", "paris", "roma", "salzburg", "sion", "solothurn", "stuttgart",
    "thun", "torino", "utrecht", "wien", "winterthur", "zurich",
];
/// What is counted behind a number that is of no house.
const UNITS: [&str; 12] =
    ["jahr", "jahre", "jahren", "kilometer", "km", "meter", "metern", "minuten", "monate", "stunden", "tage", "wochen"];
/// What tells fathers from sons.
const SUFFIXES: [&str; 12] = ["ii", "iii", "iv", "jnr", "jr", "jun", "junior", "sen", "senior", "snr", "sr", "pere"];
/// Rivers that tell places of one name apart.
const RIVERS: [&str; 10] = ["aare", "donau", "inn", "isar", "lahn", "main", "neckar", "oder", "rhein", "saale"];
#[rustfmt::skip]
const COUNTRIES: [&str; 18] = [
    "a", "at", "b", "be", "ch", "d", "de", "es", "f", "fl", "fr", "i", "it", "l", "li", "lu", "nl", "uk",
];

impl Doubt {
    /// Of a match whose form ends with a mark and whose last word is this. `loose` says that a comma stands before the
    /// number of the house.
    pub fn of_marked(mark: Mark, last: &str, loose: bool) -> Doubt {
        let about = match mark {
            Mark::Alone => About::Digits,
            Mark::Suffix => About::Person,
            _ if last.starts_with(|c: char| c.is_ascii_digit()) => About::House { loose },
            _ => About::Name,
        };
        Doubt::Marked(Marked { about, state: State::Plain, words: 0, capitals: 0 })
    }

    /// Of a name with the surname first, whose last word is this.
    pub fn of_reversed(last: &str, order: Order) -> Doubt {
        let (extends, has_grown, short_end, in_card) = (false, false, None, false);
        Doubt::Reversed(Reversed { order, after_initial: is_initial(last), extends, has_grown, short_end, in_card })
    }

    /// Of a whole address; whether its last word is short for something.
    pub fn of_address(is_short: bool) -> Doubt {
        Doubt::Address(Tail { is_short, state: TailState::Start })
    }

    /// Whether a first name behind it has to be one of the entry.
    pub fn asks_for_initial(&self) -> bool {
        matches!(self, Doubt::Reversed(reversed) if reversed.order.by_initial)
    }

    /// Reads a word behind the match, which ends at a place so far. `stays` says whether it may stand between a street and
    /// its place, or is a first name of the entry.
    pub fn read(&mut self, word: &Word<'_>, gap: Gap, end: usize, stays: bool) -> Verdict {
        match self {
            Doubt::Marked(marked) => marked.read(word, gap, stays),
            Doubt::Reversed(reversed) => reversed.read(word, gap, end, stays),
            Doubt::Address(tail) => tail.read(word, gap),
            Doubt::Dotted(has_stop) => match word.text {
                _ if gap.has_space() || gap.is_edge() => Stands,
                "." if !std::mem::replace(has_stop, true) => Open,
                digits if *has_stop && digits.starts_with(|c: char| c.is_ascii_digit()) => Falls,
                _ => Stands,
            },
        }
    }
}

impl Reversed {
    fn read(&mut self, word: &Word<'_>, gap: Gap, end: usize, is_known: bool) -> Verdict {
        let Order { by_capital, after_title, by_initial, has_comma, is_field, is_card } = self.order;
        let is_stop = word.text == ".";
        // `Anna Keller, J. Müller` is not `Keller, J.`
        if is_stop && self.after_initial && (by_capital || by_initial) {
            return Open;
        }
        let extends = std::mem::take(&mut self.extends);
        if is_stop && extends && gap.is_tight() {
            return Grows;
        }
        let is_letter = is_letter(word.text);
        let is_name = word.capital && !self.after_initial && is_further_name(word.text);
        let in_card = std::mem::take(&mut self.in_card);
        if is_card && word.text == ";" && gap.is_tight() {
            self.in_card = true;
            return Holds;
        }
        if in_card && is_name && gap.is_tight() && !by_initial {
            self.has_grown = true;
            return Grows;
        }
        if !word.capital || gap.parts() || !gap.joins() && !gap.is_blank() {
            return Stands;
        }
        // `Keller, Anna Maria-Luise`
        if self.has_grown && gap.joins() {
            return Grows;
        }
        let is_other = by_capital && !(after_title && is_name) || by_initial && (is_letter || is_name && !is_known);
        if gap.joins() || is_other || is_field && !is_letter && !is_name {
            return if self.has_grown { self.end_short() } else { Falls };
        }
        if is_name {
            self.has_grown = true;
            self.short_end = self.short_end.or(Some(end).filter(|_| !has_comma));
            return Grows;
        }
        self.extends = !extends && is_letter;
        if self.extends { Holds } else { self.end_short() }
    }

    /// `Keller Anna Martin Huber` are two.
    fn end_short(self) -> Verdict {
        self.short_end.map_or(Stands, Ends)
    }
}

impl Tail {
    fn read(&mut self, word: &Word<'_>, gap: Gap) -> Verdict {
        let is_tight = gap.is_tight();
        let is_region = word.capital && word.text.len() == 2 && CANTONS.contains(&word.text);
        let is_river = word.capital && RIVERS.contains(&word.text);
        let (state, verdict) = match (self.state, word.text) {
            (TailState::Start, ".") if self.is_short && is_tight => (TailState::Over, Grows),
            (TailState::Start, "/") if is_tight => (TailState::Stroke, Holds),
            (TailState::Start, "(") if gap.is_blank() => (TailState::Bracket, Holds),
            (TailState::Start, _) if is_region && gap.is_blank() && !is_tight => (TailState::Over, Grows),
            (TailState::Stroke, _) if is_river && is_tight => (TailState::Over, Grows),
            (TailState::Bracket, _) if (is_river || is_region) && is_tight => (TailState::InBracket, Holds),
            (TailState::InBracket, ")") if is_tight => (TailState::Over, Grows),
            _ => return Stands,
        };
        self.state = state;
        verdict
    }
}

impl Marked {
    fn read(&mut self, word: &Word<'_>, gap: Gap, stays: bool) -> Verdict {
        self.words += 1;
        if self.words > MOST_WORDS {
            return Stands;
        }
        match self.about {
            About::Digits => self.read_behind_digits(word, gap),
            About::Person => self.read_behind_person(word, gap),
            _ => self.read_behind_address(word, gap, stays),
        }
    }

    /// More digits directly behind, or a sign and more digits, make one number of both.
    fn read_behind_digits(&mut self, word: &Word<'_>, gap: Gap) -> Verdict {
        let is_number = word.text.contains(|c: char| c.is_ascii_digit());
        match self.state {
            State::Joint if is_number && !gap.has_space() => Falls,
            State::Joint => Stands,
            _ if is_number => {
                if gap.is_edge() {
                    Stands
                } else {
                    Falls
                }
            }
            _ if is_number_sign(word.text) && !gap.has_space() => self.turn(State::Joint),
            _ => Stands,
        }
    }

    /// `Robert Downing, Sr.` is the father of the entry.
    fn read_behind_person(&mut self, word: &Word<'_>, gap: Gap) -> Verdict {
        match word.text {
            "," if self.words == 1 && gap.is_blank() => self.turn(State::Sign),
            suffix if gap.is_blank() && SUFFIXES.contains(&suffix) => Falls,
            _ => Stands,
        }
    }

    fn read_behind_address(&mut self, word: &Word<'_>, gap: Gap, stays: bool) -> Verdict {
        let text = word.text;
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match self.state {
            State::Joint if is_digits && !gap.has_space() => return Falls,
            State::Joint => return Stands,
            State::Letter => return if !word.capital && text.len() > 1 && !is_digits { Stands } else { Falls },
            State::Postcode => return if word.capital { Falls } else { Stands },
            State::Outward => return if is_inward(text) { Falls } else { Stands },
            State::Region if is_digits && text.len() == 5 => return Falls,
            State::In if word.capital && NO_PLACES.binary_search(&text).is_ok() => return Stands,
            State::In if word.capital => return Falls,
            State::Sign if word.capital && CITIES.binary_search(&text).is_ok() => return Falls,
            State::In if !is_postcode(text) => return Stands,
            _ => {}
        }
        if let (1, About::House { loose }) = (self.words, self.about) {
            let is_letter = text.len() == 1 && ("a"..="h").contains(&text) && !gap.is_edge();
            match text {
                "e" if is_letter && !word.capital => return self.turn(State::Letter),
                _ if is_letter => return Falls,
                _ if is_digits && gap.has_dash() && !is_postcode(text) => return Falls,
                "/" | "." if !gap.has_space() => return self.turn(State::Joint),
                // `12 Meter` are not of a house.
                _ if word.capital && !gap.is_edge() && UNITS.contains(&text) => return Falls,
                _ if loose && text.starts_with(char::is_alphanumeric) && !gap.is_edge() => return Falls,
                _ => {}
            }
        }
        if is_postcode(text) {
            return self.turn(State::Postcode);
        }
        if (self.capitals > 0 || self.about == About::Name) && is_outward(text) {
            return self.turn(State::Outward);
        }
        if self.state == State::Sign && COUNTRIES.contains(&text) {
            return self.turn(State::Plain);
        }
        if IN.contains(&text) {
            return self.turn(State::In);
        }
        if word.capital {
            self.capitals += 1;
            let is_open = self.capitals <= MOST_CAPITALS;
            return if is_open {
                self.turn(if text.len() == 2 { State::Region } else { State::Plain })
            } else {
                Stands
            };
        }
        match text {
            "," | ";" | "(" | "|" | ":" => self.turn(State::Sign),
            _ if stays => self.turn(State::Plain),
            _ => Stands,
        }
    }

    fn turn(&mut self, state: State) -> Verdict {
        self.state = state;
        Open
    }
}

/// Whether a word behind a first name may be a further one; `August` is more often a month.
fn is_further_name(word: &str) -> bool {
    is_given_name(word) && word != "august"
}

/// Signs that join the digits of one number.
pub(super) fn is_number_sign(text: &str) -> bool {
    matches!(text, "." | "," | "/" | ":" | "+" | "=")
}

/// Whether a word may be a postcode of digits.
pub(super) fn is_postcode(text: &str) -> bool {
    (4..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first half of a British postcode: `QX4`.
fn is_outward(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
    (1..=2).contains(&(text.len() - digits.len()))
        && (1..=2).contains(&digits.len())
        && digits.starts_with(|c: char| c.is_ascii_digit())
}

/// The second half: `7ZB`.
fn is_inward(text: &str) -> bool {
    let letters = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.len() == 3 && letters.len() == 2 && letters.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order_for_being_looked_up() {
        assert!(NO_PLACES.is_sorted() && CITIES.is_sorted());
    }
}
