//! Dates of birth as people and models write them, in six languages.
//!
//! An entry is read as day, month and year; one that is none is found as it is written only. Of
//! `3/5/1974` nobody knows which is the month, so it is taken for both. A hyphen parts words and
//! white space is free, so `3.5.1974` and `3. 5. 1974` are one form, and `1974-05-03` has no signs.

use std::collections::BTreeSet;

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::variants::{Forms, given_words};
use crate::word::words;

/// The names of the months in canonical form: the first of each is not shortened.
type Months = [&'static [&'static str]; 12];

#[rustfmt::skip]
const GERMAN: Months = [
    &["januar", "janner", "jan"], &["februar", "feb"], &["marz", "maerz"], &["april", "apr"], &["mai"], &["juni"],
    &["juli"], &["august", "aug"], &["september", "sept", "sep"], &["oktober", "okt"], &["november", "nov"],
    &["dezember", "dez"],
];
#[rustfmt::skip]
const ENGLISH: Months = [
    &["january", "jan"], &["february", "feb"], &["march", "mar"], &["april", "apr"], &["may"], &["june", "jun"],
    &["july", "jul"], &["august", "aug"], &["september", "sept", "sep"], &["october", "oct"], &["november", "nov"],
    &["december", "dec"],
];
#[rustfmt::skip]
const FRENCH: Months = [
    &["janvier", "janv"], &["fevrier", "fevr"], &["mars"], &["avril", "avr"], &["mai"], &["juin"],
    &["juillet", "juil"], &["aout"], &["septembre", "sept"], &["octobre", "oct"], &["novembre", "nov"],
    &["decembre", "dec"],
];
#[rustfmt::skip]
const ITALIAN: Months = [
    &["gennaio", "gen"], &["febbraio", "feb"], &["marzo", "mar"], &["aprile", "apr"], &["maggio", "mag"],
    &["giugno", "giu"], &["luglio", "lug"], &["agosto", "ago"], &["settembre", "set"], &["ottobre", "ott"],
    &["novembre", "nov"], &["dicembre", "dic"],
];
#[rustfmt::skip]
const SPANISH: Months = [
    &["enero"], &["febrero"], &["marzo"], &["abril"], &["mayo"], &["junio"], &["julio"], &["agosto"],
    &["septiembre"], &["octubre"], &["noviembre"], &["diciembre"],
];
#[rustfmt::skip]
const ROMANSH: Months = [
    &["schaner"], &["favrer"], &["mars"], &["avrigl"], &["matg"], &["zercladur"], &["fanadur"], &["avust"],
    &["settember"], &["october"], &["november"], &["december"],
];
const ALL: [&Months; 6] = [&GERMAN, &ENGLISH, &FRENCH, &ITALIAN, &SPANISH, &ROMANSH];

/// Words and signs that an entry may have beside the numbers and the month.
const BETWEEN: [&str; 15] = [".", ",", "/", "de", "del", "da", "of", "the", "den", "le", "il", "ils", "年", "月", "日"];
/// What is written behind the number of a day.
const ORDINALS: [&str; 6] = ["st", "nd", "rd", "th", "er", "o"];
/// Of years in two digits, these and those before may be of this century.
const YOUNGEST: u16 = 30;

/// A day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Forms {
    pub(super) fn add_birth_date(&mut self, text: &str) {
        for date in dates(&words(&Canonical::of(text))) {
            date.add_numbers(self);
            date.add_names(self);
        }
    }

    fn add_date(&mut self, form: &str) {
        self.add(given_words(form), Traits::default());
    }
}

impl Date {
    fn of(year: u16, month: u16, day: u16) -> Option<Date> {
        let days = match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let valid = (1000..=2999).contains(&year) && (1..=days).contains(&day);
        valid.then_some(Date { year, month: month as u8, day: day as u8 })
    }

    fn add_numbers(self, forms: &mut Forms) {
        let Date { year, month, day } = self;
        for (d, m) in [(day.to_string(), month.to_string()), (format!("{day:02}"), format!("{month:02}"))] {
            for form in [
                format!("{d} . {m} . {year}"),
                format!("{d} / {m} / {year}"),
                format!("{d} {m} {year}"),
                format!("{m} / {d} / {year}"),
                format!("{year} {m} {d}"),
                format!("{year} . {m} . {d}"),
                format!("{year} / {m} / {d}"),
                format!("{year} 年 {m} 月 {d} 日"),
                format!("{d} . {m} . {:02}", year % 100),
                format!("{d} / {m} / {:02}", year % 100),
            ] {
                forms.add_date(&form);
            }
        }
        forms.add_date(&format!("{day} . {month:02} . {year}"));
        forms.add_date(&format!("{year}{month:02}{day:02}"));
    }

    fn add_names(self, forms: &mut Forms) {
        let Date { year, day, .. } = self;
        let ordinal = ordinal(day);
        let of = |months: &Months| months[usize::from(self.month) - 1];
        for (name, short) in ALL.iter().flat_map(|months| names(of(months))) {
            forms.add_date(&format!("{day} {name} {year}"));
            if short {
                forms.add_date(&format!("{day} {name} . {year}"));
            }
        }
        for (name, short) in names(of(&GERMAN)) {
            forms.add_date(&format!("{day} . {name} {year}"));
            forms.add_date(&format!("{day:02} . {name} {year}"));
            if short {
                forms.add_date(&format!("{day} . {name} . {year}"));
            }
        }
        for (name, short) in names(of(&ENGLISH)) {
            forms.add_date(&format!("{day:02} {name} {year}"));
            let mut fronts = vec![format!("{name} {day}"), format!("{name} {day:02}"), format!("{day} {name}")];
            if short {
                fronts.push(format!("{name} . {day}"));
            } else {
                fronts.extend([
                    format!("{name} {ordinal}"),
                    format!("{ordinal} {name}"),
                    format!("{ordinal} of {name}"),
                ]);
            }
            for front in fronts {
                forms.add_date(&format!("{front} {year}"));
                forms.add_date(&format!("{front} , {year}"));
            }
        }
        if day == 1 {
            forms.add_date(&format!("1er {} {year}", of(&FRENCH)[0]));
        }
        forms.add_date(&format!("{day} de {} de {year}", of(&SPANISH)[0]));
        forms.add_date(&format!("{day} da {} {year}", of(&ROMANSH)[0]));
    }
}

/// The names of a month, and of each whether it is shortened, so that a dot may stand behind it.
fn names(of_month: &'static [&'static str]) -> impl Iterator<Item = (&'static str, bool)> {
    of_month.iter().enumerate().map(|(place, name)| (*name, place > 0 && name.len() <= 4))
}

fn ordinal(day: u8) -> String {
    let ending = match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

/// The dates that the words of an entry may stand for: one, several if it can't be told, or none.
fn dates(words: &[String]) -> BTreeSet<Date> {
    let (mut numbers, mut months) = (Vec::new(), Vec::new());
    for word in words {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.len() <= 8 {
            if digits.len() < word.len() && !ORDINALS.contains(&&word[digits.len()..]) {
                return BTreeSet::new();
            }
            numbers.push(digits);
        } else if let Some(month) = month(word) {
            months.push(month);
        } else if !BETWEEN.contains(&word.as_str()) {
            return BTreeSet::new();
        }
    }
    let slashes = words.iter().any(|word| word == "/");
    match (numbers.as_slice(), months.as_slice()) {
        ([day, year], [month]) if day.len() <= 2 => all(years(year), &[(*month, value(day))]),
        ([whole], []) if whole.len() == 8 => {
            let (year_first, year_last) = (value(&whole[..4]), value(&whole[4..]));
            let found = all(vec![year_first], &[(value(&whole[4..6]), value(&whole[6..]))]);
            if found.is_empty() { all(vec![year_last], &[(value(&whole[2..4]), value(&whole[..2]))]) } else { found }
        }
        ([year, month, day], []) if year.len() == 4 => either(vec![value(year)], value(month), value(day), false),
        ([day, month, year], []) => either(years(year), value(month), value(day), slashes),
        _ => BTreeSet::new(),
    }
}

/// A date whose day and month may be changed round: always if it is none otherwise, and also then
/// if both may be meant.
fn either(years: Vec<u16>, month: u16, day: u16, both: bool) -> BTreeSet<Date> {
    let mut found = all(years.clone(), &[(month, day)]);
    if both || found.is_empty() {
        found.extend(all(years, &[(day, month)]));
    }
    found
}

fn all(years: Vec<u16>, days: &[(u16, u16)]) -> BTreeSet<Date> {
    years.iter().flat_map(|year| days.iter().filter_map(|(month, day)| Date::of(*year, *month, *day))).collect()
}

fn years(digits: &str) -> Vec<u16> {
    match (digits.len(), value(digits)) {
        (4, year) => vec![year],
        (2, year) if year <= YOUNGEST => vec![1900 + year, 2000 + year],
        (2, year) => vec![1900 + year],
        _ => Vec::new(),
    }
}

fn value(digits: &str) -> u16 {
    digits.parse().unwrap_or(u16::MAX)
}

fn month(word: &str) -> Option<u16> {
    let place = |months: &&Months| months.iter().position(|names| names.contains(&word));
    ALL.iter().find_map(place).map(|place| place as u16 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_dates() {
        for (text, expected) in [
            ("3.5.1974", "1974-5-3"),
            ("03. 05. 1974", "1974-5-3"),
            ("1974-05-03", "1974-5-3"),
            ("19740503", "1974-5-3"),
            ("03051974", "1974-5-3"),
            ("3/5/1974", "1974-3-5 1974-5-3"),
            ("5/23/1974", "1974-5-23"),
            ("3. Mai 1974", "1974-5-3"),
            ("3rd of May, 1974", "1974-5-3"),
            ("1er août 1974", "1974-8-1"),
            ("3 de mayo de 1974", "1974-5-3"),
            ("ils 3 da matg 1974", "1974-5-3"),
            ("1974年5月3日", "1974-5-3"),
            ("3.5.74", "1974-5-3"),
            ("3.5.04", "1904-5-3 2004-5-3"),
            ("31.2.1974", ""),
            ("May 1974", ""),
            ("Version 3.5.1974", ""),
            ("3.5.1974.2", ""),
        ] {
            let dates = dates(&words(&Canonical::of(text)));
            let found: Vec<_> = dates.iter().map(|date| format!("{}-{}-{}", date.year, date.month, date.day)).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
