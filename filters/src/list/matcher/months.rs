//! Months of languages that no form is made in: Polish, Czech, Slovene, Croatian, Hungarian, Turkish, Danish, Swedish,
//! Norwegian, Catalan, Romanian, Finnish, Maltese, Albanian, Ukrainian, Russian, Greek.
//!
//! Between the parts of a date such a word is read as the month's English name, which the forms of every date have. One
//! that is a month in one language and another in the next is read as both.

use std::sync::LazyLock;

use crate::canonical::Canonical;

/// The English names, and those of other languages.
#[rustfmt::skip]
const MONTHS: [(&str, &[&str]); 12] = [
    ("january", &[
        "stycznia", "styczen", "ledna", "leden", "januarja", "sijecnja", "januara", "ocak", "gener", "ianuarie",
        "tammikuuta", "jannar", "januari", "janar", "січня", "января", "ιανουαριου",
    ]),
    ("february", &[
        "lutego", "luty", "unora", "unor", "februarja", "veljace", "februara", "subat", "februar", "febrer",
        "februarie", "helmikuuta", "frar", "februari", "shkurt", "лютого", "февраля", "φεβρουαριου",
    ]),
    ("march", &[
        "marca", "marzec", "brezna", "brezen", "ozujka", "marta", "mart", "marts", "mars", "marc", "martie",
        "maaliskuuta", "березня", "марта", "μαρτιου",
    ]),
    ("april", &[
        "kwietnia", "kwiecien", "dubna", "duben", "aprila", "travnja", "nisan", "abril", "aprilie",
        "huhtikuuta", "prill", "квітня", "апреля", "απριλιου",
    ]),
    ("may", &[
        "maja", "maj", "kvetna", "kveten", "svibnja", "mayis", "maig", "mai", "toukokuuta", "mejju", "травня",
        "мая", "μαιου",
    ]),
    ("june", &[
        "czerwca", "czerwiec", "cervna", "cerven", "junija", "junij", "lipnja", "juna", "haziran", "juny",
        "iunie", "kesakuuta", "gunju", "qershor", "червня", "июня", "ιουνιου",
    ]),
    ("july", &[
        "lipca", "lipiec", "cervence", "cervenec", "julija", "julij", "srpnja", "jula", "temmuz", "juliol",
        "iulie", "heinakuuta", "lulju", "korrik", "липня", "июля", "ιουλιου",
    ]),
    ("august", &[
        "sierpnia", "sierpien", "srpna", "srpen", "avgusta", "avgust", "kolovoza", "augusta", "agustos",
        "agost", "elokuuta", "awwissu", "gusht", "augusti", "серпня", "августа", "αυγουστου",
    ]),
    ("september", &[
        "wrzesnia", "wrzesien", "zari", "septembra", "rujna", "eylul", "setembre", "septembrie", "syyskuuta",
        "settembru", "shtator", "вересня", "сентября", "σεπτεμβριου",
    ]),
    ("october", &[
        "pazdziernika", "pazdziernik", "rijna", "rijen", "oktobra", "listopada", "ekim", "octubre", "octombrie",
        "lokakuuta", "ottubru", "tetor", "жовтня", "октября", "οκτωβριου",
    ]),
    ("november", &[
        "listopada", "listopad", "listopadu", "novembra", "studenoga", "studenog", "kasim", "novembre",
        "noiembrie", "marraskuuta", "novembru", "nentor", "листопада", "ноября", "νοεμβριου",
    ]),
    ("december", &[
        "grudnia", "grudzien", "prosince", "prosinec", "decembra", "prosinca", "aralik", "desembre",
        "decembrie", "joulukuuta", "dicembru", "dhjetor", "desember", "грудня", "декабря", "δεκεμβριου",
    ]),
];

/// Each name in canonical form, and the English one.
static NAMES: LazyLock<Vec<(String, &str)>> = LazyLock::new(|| {
    let canonical = |name: &str| Canonical::of(name).as_str().to_owned();
    MONTHS.iter().flat_map(|(english, names)| names.iter().map(move |name| (canonical(name), *english))).collect()
});

/// The English names of the months that a word stands for in other languages.
pub(super) fn foreign_months(word: &str) -> impl Iterator<Item = &'static str> + '_ {
    NAMES.iter().filter(move |(name, _)| name == word).map(|(_, english)| *english)
}

/// Whether a word that begins like this may be such a month.
pub(super) fn begins_foreign_month(half_word: &str) -> bool {
    NAMES.iter().any(|(name, _)| name.starts_with(half_word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::words;

    #[test]
    fn every_month_is_one_word() {
        for name in MONTHS.iter().flat_map(|(_, names)| *names) {
            assert_eq!(words(&Canonical::of(name)).len(), 1, "{name}");
        }
    }

    #[test]
    fn a_word_may_be_two_months() {
        assert_eq!(foreign_months("listopada").collect::<Vec<_>>(), ["october", "november"]);
        assert_eq!(foreign_months("june").count(), 0);
    }
}
