//! Streams for properties: a text in pieces.

use lethe_filters::{Filter, FilteredText, HOLD_BACK};

/// Pushes `text` in pieces of these lengths, over and over, and checks the bound after each.
pub fn stream(filter: &Filter, text: &str, lengths: &[usize]) -> FilteredText {
    let mut redactor = filter.redactor();
    let mut joined = FilteredText::default();
    let mut rest = text;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, later) = rest.split_at(rest.ceil_char_boundary((*length).min(rest.len())));
        joined.append(redactor.push(piece));
        assert!(redactor.held() <= HOLD_BACK, "{} bytes are held back", redactor.held());
        rest = later;
    }
    joined.append(redactor.finish());
    joined
}
