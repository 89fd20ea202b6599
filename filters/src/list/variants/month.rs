//! The names of the months in canonical form, long and short.

use std::collections::BTreeSet;

/// For each month its names in a language.
pub(super) type MonthNames = [&'static [&'static str]; 12];

#[rustfmt::skip]
pub(super) const GERMAN: MonthNames = [
    &["januar", "janner", "jan"], &["februar", "feber", "feb"], &["marz", "maerz", "mrz"], &["april", "apr"], &["mai"],
    &["juni", "jun"], &["juli", "jul"], &["august", "aug"], &["september", "sept", "sep"], &["oktober", "okt"],
    &["november", "nov"], &["dezember", "dez"],
];
#[rustfmt::skip]
pub(super) const ENGLISH: MonthNames = [
    &["january", "jan"], &["february", "feb"], &["march", "mar"], &["april", "apr"], &["may"], &["june", "jun"],
    &["july", "jul"], &["august", "aug"], &["september", "sept", "sep"], &["october", "oct"], &["november", "nov"],
    &["december", "dec"],
];
#[rustfmt::skip]
const FRENCH: MonthNames = [
    &["janvier", "janv"], &["fevrier", "fevr", "fev"], &["mars"], &["avril", "avr"], &["mai"], &["juin"],
    &["juillet", "juil"], &["aout"], &["septembre", "sept"], &["octobre", "oct"], &["novembre", "nov"],
    &["decembre", "dec"],
];
#[rustfmt::skip]
const ITALIAN: MonthNames = [
    &["gennaio", "gen", "genn"], &["febbraio", "feb", "febbr"], &["marzo", "mar"], &["aprile", "apr"], &["maggio", "mag"],
    &["giugno", "giu"], &["luglio", "lug"], &["agosto", "ago"], &["settembre", "set", "sett"], &["ottobre", "ott"],
    &["novembre", "nov"], &["dicembre", "dic"],
];
#[rustfmt::skip]
const SPANISH: MonthNames = [
    &["enero", "ene"], &["febrero", "feb"], &["marzo", "mar"], &["abril", "abr"], &["mayo", "may"], &["junio", "jun"],
    &["julio", "jul"], &["agosto", "ago"], &["septiembre", "setiembre", "sept", "sep"], &["octubre", "oct"],
    &["noviembre", "nov"], &["diciembre", "dic"],
];
#[rustfmt::skip]
const PORTUGUESE: MonthNames = [
    &["janeiro", "jan"], &["fevereiro", "fev"], &["marco", "mar"], &["abril", "abr"], &["maio", "mai"], &["junho", "jun"],
    &["julho", "jul"], &["agosto", "ago"], &["setembro", "set"], &["outubro", "out"], &["novembro", "nov"],
    &["dezembro", "dez"],
];
#[rustfmt::skip]
pub(super) const DUTCH: MonthNames = [
    &["januari", "jan"], &["februari", "feb"], &["maart", "mrt"], &["april", "apr"], &["mei"], &["juni", "jun"],
    &["juli", "jul"], &["augustus", "aug"], &["september", "sept", "sep"], &["oktober", "okt"], &["november", "nov"],
    &["december", "dec"],
];
#[rustfmt::skip]
const ROMANSH: MonthNames = [
    &["schaner"], &["favrer"], &["mars"], &["avrigl"], &["matg"], &["zercladur"], &["fanadur"], &["avust"],
    &["settember"], &["october"], &["november"], &["december"],
];
const ALL: [&MonthNames; 8] = [&GERMAN, &ENGLISH, &FRENCH, &ITALIAN, &SPANISH, &PORTUGUESE, &DUTCH, &ROMANSH];

/// The months in Roman numerals.
pub(super) const ROMAN: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];

/// All names of a month, each once.
pub(super) fn month_names(month: u8) -> BTreeSet<&'static str> {
    ALL.iter().flat_map(|months| months[usize::from(month) - 1]).copied().collect()
}

/// The month that a word or a Roman numeral stands for.
pub(super) fn month(word: &str) -> Option<u16> {
    let place = |months: &&MonthNames| months.iter().position(|names| names.contains(&word));
    let roman = || ROMAN.iter().position(|roman| *roman == word);
    ALL.iter().find_map(place).or_else(roman).map(|place| place as u16 + 1)
}
