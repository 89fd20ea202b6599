//! Words that mean something to a detector.
//!
//! Each word of the text is asked for, and almost none is there. So a word is looked for only if
//! some word of the vocabulary has its length, its first letter and its last.

use crate::canonical::Glyph;

/// Words of ASCII letters, each with a meaning.
pub(super) struct Vocabulary<T: 'static> {
    words: &'static [(&'static str, T)],
    /// For each letter how many words begin with one before it in the alphabet.
    places: [u16; LETTERS + 1],
    /// For each first and last letter the lengths, as bits, of the words that have them.
    lengths: [[u32; LETTERS]; LETTERS],
}

const LETTERS: usize = 26;

/// The most letters of a word.
const MAX_WORD: usize = 31;

impl<T: Copy> Vocabulary<T> {
    /// A vocabulary of words in lower case, in alphabetical order as far as their first letters go.
    pub const fn new(words: &'static [(&'static str, T)]) -> Vocabulary<T> {
        let (mut places, mut lengths) = ([0; LETTERS + 1], [[0; LETTERS]; LETTERS]);
        let mut number = 0;
        while number < words.len() {
            let word = words[number].0.as_bytes();
            assert!(word.len() <= MAX_WORD);
            assert!(number == 0 || words[number - 1].0.as_bytes()[0] <= word[0]);
            let letter = (word[0] - b'a') as usize;
            lengths[letter][(word[word.len() - 1] - b'a') as usize] |= 1 << word.len();
            number += 1;
            places[letter + 1] = number as u16;
        }
        let mut letter = 0;
        while letter < LETTERS {
            if places[letter + 1] == 0 {
                places[letter + 1] = places[letter];
            }
            letter += 1;
        }
        Vocabulary { words, places, lengths }
    }

    /// The meaning of a word, if it has one.
    pub fn get(&self, word: &[u8]) -> Option<T> {
        self.find(word.len(), |place| char::from(word[place]))
    }

    /// The meaning of a word that is still spelled in glyphs.
    pub fn get_glyphs(&self, word: &[Glyph]) -> Option<T> {
        self.find(word.len(), |place| word[place].c)
    }

    /// The meaning of the word of so many characters.
    fn find(&self, length: usize, at: impl Fn(usize) -> char) -> Option<T> {
        if length == 0 || length > MAX_WORD {
            return None;
        }
        let (first, last) = (letter(at(0))?, letter(at(length - 1))?);
        if self.lengths[first][last] >> length & 1 == 0 {
            return None;
        }
        let words = &self.words[usize::from(self.places[first])..usize::from(self.places[first + 1])];
        let same = |known: &str| {
            known.len() == length && known.bytes().enumerate().all(|(place, byte)| at(place) == char::from(byte))
        };
        words.iter().find(|(known, _)| same(known)).map(|(_, meaning)| *meaning)
    }

    pub fn has(&self, word: &[u8]) -> bool {
        self.get(word).is_some()
    }
}

/// The place of a letter in the alphabet.
fn letter(c: char) -> Option<usize> {
    c.is_ascii_lowercase().then(|| usize::from(c as u8 - b'a'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_found_and_no_others() {
        const WORDS: &[(&str, u8)] =
            &[("a", 1), ("abcdefghijklmnopqrstuvwxyzabcde", 2), ("e-mail", 3), ("to", 4), ("zoo", 5), ("zo", 6)];
        let vocabulary = Vocabulary::new(WORDS);
        for (word, meaning) in WORDS {
            assert_eq!(vocabulary.get(word.as_bytes()), Some(*meaning), "{word}");
        }
        for word in ["", "t", "o", "ta", "too", "b", "é", "e.mail", "-", "0", "abcdefghijklmnopqrstuvwxyzabcdefghijk"]
        {
            assert!(!vocabulary.has(word.as_bytes()), "{word}");
        }
    }
}
