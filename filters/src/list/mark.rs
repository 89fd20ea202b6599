//! Places in a form where a text may have more words than the entry.
//!
//! Each way to part the words of a date or an address as a form of its own would make hundreds of forms, and a hash
//! can't be fuzzy. So a form says where its parts meet: with two words that no text has, [`Mark::GAP`] and one for
//! what may stand there. What that is the matcher knows, see `matcher/between.rs`. A form that ends with a mark is found unless
//! what follows makes it another thing, see `matcher/doubt.rs`.

/// What may stand at a place of a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    /// Between a street and the number of a house: `n.`, `Nr.`, a comma.
    House,
    /// Between a street and a place: signs, a floor, `c/o`, `in`.
    Place,
    /// Between a day, the name of a month and a year: a dot, a comma, `of`, `de`.
    Date,
    /// At the end of a number that may be a part of a longer one.
    Alone,
    /// Behind a name without what tells it from that of the father or the son.
    Suffix,
    /// For the `@` of an e-mail address: that, or what is written for it, with a tag before it (`+news`) or without.
    At,
    /// For a dot of an e-mail address.
    Dot,
}

/// Words before the number of a house.
pub(crate) const HOUSE_WORDS: [&str; 11] =
    ["nr", "no", "n", "num", "nro", "numero", "nummer", "number", "hausnummer", "hausnr", "numer"];

impl Mark {
    /// The first word of every mark. A look-up of this one tells whether any mark stands at a place.
    pub const GAP: &str = "<gap>";

    pub const ALL: [Mark; 7] = [Mark::House, Mark::Place, Mark::Date, Mark::Alone, Mark::Suffix, Mark::At, Mark::Dot];

    /// Its second word.
    pub fn word(self) -> &'static str {
        match self {
            Mark::House => "<house>",
            Mark::Place => "<place>",
            Mark::Date => "<date>",
            Mark::Alone => "<alone>",
            Mark::Suffix => "<suffix>",
            Mark::At => "<at>",
            Mark::Dot => "<dot>",
        }
    }

    /// Both words, as a form has them.
    pub fn words(self) -> [String; 2] {
        [Mark::GAP.to_owned(), self.word().to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Canonical;
    use crate::word::words;

    #[test]
    fn no_text_has_the_words_of_a_mark() {
        for word in Mark::ALL.iter().flat_map(|mark| mark.words()) {
            assert!(!words(&Canonical::of(&word)).contains(&word), "{word}");
        }
    }
}
