//! Thoughts that a server leaves in the text of an answer: between `<think>` and `</think>`, at its very beginning.
//!
//! A server that knows its model tells them apart itself. The marks are those of Qwen3, DeepSeek-R1 and SmolLM3, as
//! their chat templates write them. Further on in an answer the marks are text: somebody may have asked about them.

use super::Piece;

const BEGIN: &str = "<think>";
const END: &str = "</think>";

/// A part of what a model says.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// What it thinks before it answers.
    Thinking(Piece),
    /// What it answers.
    Said(Piece),
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// It may still begin with a thought.
    #[default]
    Start,
    Thinking,
    /// Between thought and answer: blanks.
    Gap,
    Answer,
}

/// Tells thoughts and answer apart while they come. What may be half a mark waits.
#[derive(Default)]
pub struct Thoughts {
    state: State,
    held: String,
}

impl Thoughts {
    /// What more of the text makes certain.
    pub fn push(&mut self, piece: &Piece) -> Vec<Told> {
        self.held.push_str(&piece.0);
        let mut told = Vec::new();
        loop {
            match self.state {
                State::Start => match self.held.trim_start() {
                    text if text.starts_with(BEGIN) => {
                        self.held = text[BEGIN.len()..].to_owned();
                        self.state = State::Thinking;
                    }
                    text if BEGIN.starts_with(text) => return told,
                    _ => self.state = State::Answer,
                },
                State::Thinking => match self.held.find(END) {
                    Some(at) => {
                        let rest = self.held.split_off(at);
                        told.extend(self.take().map(Told::Thinking));
                        self.held = rest[END.len()..].to_owned();
                        self.state = State::Gap;
                    }
                    None => {
                        let open = (0..END.len()).rev().find(|open| self.held.ends_with(&END[..*open])).unwrap_or(0);
                        let waits = self.held.split_off(self.held.len() - open);
                        told.extend(self.take().map(Told::Thinking));
                        self.held = waits;
                        return told;
                    }
                },
                State::Gap => {
                    self.held = self.held.trim_start().to_owned();
                    if self.held.is_empty() {
                        return told;
                    }
                    self.state = State::Answer;
                }
                State::Answer => {
                    told.extend(self.take().map(Told::Said));
                    return told;
                }
            }
        }
    }

    /// What waited, when nothing more comes.
    pub fn finish(&mut self) -> Option<Told> {
        let is_thought = self.state == State::Thinking;
        self.take().map(if is_thought { Told::Thinking } else { Told::Said })
    }

    fn take(&mut self) -> Option<Piece> {
        let text = std::mem::take(&mut self.held);
        (!text.is_empty()).then_some(Piece(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thought and answer of a text that comes in these parts.
    fn told<'a>(parts: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let (mut thoughts, mut thinking, mut said) = (Thoughts::default(), String::new(), String::new());
        let mut all: Vec<Told> = parts.into_iter().flat_map(|part| thoughts.push(&Piece(part.to_owned()))).collect();
        all.extend(thoughts.finish());
        for told in all {
            match told {
                Told::Thinking(piece) => thinking.push_str(&piece.0),
                Told::Said(piece) => said.push_str(&piece.0),
            }
        }
        (thinking, said)
    }

    #[test]
    fn table_of_answers_however_they_are_cut() {
        for (text, thinking, said) in [
            ("<think>Who?</think>Nobody.", "Who?", "Nobody."),
            ("\n<think>\nWho?\n</think>\n\nNobody.", "\nWho?\n", "Nobody."),
            ("<think></think>Nobody.", "", "Nobody."),
            ("<think>Who", "Who", ""),
            ("<think>a < b, </thin", "a < b, </thin", ""),
            ("Nobody. <think>x</think>", "", "Nobody. <think>x</think>"),
            ("<think", "", "<think"),
            ("<thinking>", "", "<thinking>"),
            ("  Nobody.", "", "  Nobody."),
            (" ", "", " "),
            ("<think>王</think>小<think>", "王", "小<think>"),
            ("", "", ""),
        ] {
            let expected = (thinking.to_owned(), said.to_owned());
            assert_eq!(told([text]), expected, "{text:?} as one");
            let letters: Vec<String> = text.chars().map(String::from).collect();
            assert_eq!(told(letters.iter().map(String::as_str)), expected, "{text:?} letter by letter");
            for (cut, _) in text.char_indices() {
                assert_eq!(told([&text[..cut], &text[cut..]]), expected, "{text:?} cut at {cut}");
            }
        }
    }
}
