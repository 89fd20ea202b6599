//! Titles: the beginning of a text, short enough for a list.

/// Longest title in characters.
const LONGEST_TITLE: usize = 80;

/// The first line, cut at a word.
pub(crate) fn shorten(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= LONGEST_TITLE {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LONGEST_TITLE - 1).collect();
    let at_word = cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(start, _)| start);
    format!("{}…", at_word.trim_end())
}
