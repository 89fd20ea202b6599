//! Dates of birth as people, programs and models write them, in eight languages.
//!
//! An entry is read as day, month and year; one that is none is found as it is written only. Of
//! `3/5/1974` and `3-5-1974` nobody knows which is the month, so it is taken for both. A hyphen parts words and
//! white space is free, so `3.5.1974` and `3. 5. 1974` are one form, and `1974-05-03` has no signs.
//!
//! Beside the name of a month the signs and words between are free (a [`Mark`]). Eight digits are found where they are no
//! part of a longer number. Left alone are years of two digits between hyphens, which could be any three numbers, and
//! six digits.

use std::collections::BTreeSet;

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::mark::Mark;
use crate::list::variants::month::{DUTCH, ENGLISH, GERMAN, MonthNames, ROMAN, month, month_names};
use crate::list::variants::{Forms, given_words};
use crate::word::words;

/// Words and signs that an entry may have beside the numbers and the month.
#[rustfmt::skip]
const BETWEEN: [&str; 18] = [
    ".", ",", "/", "\u{b0}", "d", "de", "del", "da", "di", "of", "the", "den", "le", "il", "ils", "年", "月", "日",
];
/// What is written behind the number of a day.
const ORDINALS: [&str; 7] = ["st", "nd", "rd", "th", "er", "o", "e"];
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

    /// Parts of a date between which signs and small words are free.
    fn add_dated(&mut self, parts: [&str; 3]) {
        let gap = Mark::Date.words().join(" ");
        self.add_date(&parts.join(&format!(" {gap} ")));
    }

    /// Digits that could be a part of a longer number.
    fn add_digits(&mut self, digits: String) {
        self.add([&[digits], &Mark::Alone.words()[..]].concat(), Traits::default());
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
        let short = year % 100;
        for (d, m) in [(day.to_string(), month.to_string()), (format!("{day:02}"), format!("{month:02}"))] {
            for form in [
                format!("{d} . {m} . {year}"),
                format!("{d} / {m} / {year}"),
                format!("{d} {m} {year}"),
                format!("{m} / {d} / {year}"),
                format!("{m} {d} {year}"),
                format!("{d} / {m} {year}"),
                format!("{year} {m} {d}"),
                format!("{year} . {m} . {d}"),
                format!("{year} / {m} / {d}"),
                format!("{year} 年 {m} 月 {d} 日"),
                format!("{d} . {m} . {short:02}"),
                format!("{d} / {m} / {short:02}"),
                format!("{m} / {d} / {short:02}"),
            ] {
                forms.add_date(&form);
            }
            // With dots the day stands first, if that makes a date.
            if day > 12 {
                forms.add_date(&format!("{m} . {d} . {year}"));
                forms.add_date(&format!("{m} {d} {short:02}"));
            }
        }
        forms.add_date(&format!("{day} . {month:02} . {year}"));
        forms.add_digits(format!("{year}{month:02}{day:02}"));
        forms.add_digits(format!("{day:02}{month:02}{year}"));
        if day > 12 {
            forms.add_digits(format!("{month:02}{day:02}{year}"));
        }
        self.add_roman(forms);
    }

    /// A month in Roman numerals. A single letter is one between signs only: `5 x 1974` is none.
    fn add_roman(self, forms: &mut Forms) {
        let Date { year, month, day } = self;
        let (roman, short) = (ROMAN[usize::from(month) - 1], year % 100);
        for form in [
            format!("{day} . {roman} . {year}"),
            format!("{day} . {roman} {year}"),
            format!("{day} / {roman} / {year}"),
            format!("{day} / {roman} / {short:02}"),
            format!("{day:02} . {roman} . {year}"),
            format!("{day} . {roman} . {short:02}"),
            format!("{year} . {roman} . {day}"),
        ] {
            forms.add_date(&form);
        }
        if roman.len() > 1 {
            forms.add_date(&format!("{day} {roman} {year}"));
        }
    }

    fn add_names(self, forms: &mut Forms) {
        let Date { year, day, .. } = self;
        let (year, short, day) = (year.to_string(), format!("{:02}", year % 100), day.to_string());
        let (padded, ordinal) = (format!("{day:0>2}"), ordinal(self.day));
        for name in month_names(self.month) {
            forms.add_dated([&day, name, &year]);
            forms.add_dated([&day, name, &short]);
            if self.day == 1 {
                for first in ["1er", "1o"] {
                    forms.add_dated([first, name, &year]);
                    forms.add_dated([first, name, &short]);
                }
            }
        }
        let of = |months: &MonthNames| months[usize::from(self.month) - 1];
        for name in of(&GERMAN).iter().chain(of(&ENGLISH)) {
            forms.add_dated([&padded, name, &year]);
        }
        for name in of(&DUTCH) {
            forms.add_dated([&format!("{day}e"), name, &year]);
        }
        for name in of(&ENGLISH) {
            for year in [&year, &short] {
                forms.add_dated([&ordinal, name, year]);
                for day in [&day, &padded, &ordinal] {
                    forms.add_dated([name, day, year]);
                }
            }
            forms.add_dated([&year, name, &day]);
            forms.add_dated([&year, name, &padded]);
            forms.add_date(&format!("{padded}{name}{year}"));
        }
    }
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
            ("17.VI.1976", "1976-6-17"),
            ("17 jun. 1976", "1976-6-17"),
            ("17 de junho de 1976", "1976-6-17"),
            ("17e juni 1976", "1976-6-17"),
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
