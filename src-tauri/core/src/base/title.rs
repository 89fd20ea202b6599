//! Titles: the beginning of a text, short enough for a list. Those of conversations are words of a user that are shown
//! where nobody may expect a name, so that they are filtered.

use lethe_filters::Filter;

/// Longest title in characters.
const LONGEST: usize = 80;

/// What stands where a title was cut.
const CUT: char = '…';

/// The first line, cut at a word.
pub(crate) fn shorten(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LONGEST - 1).collect();
    let at_word = cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(start, _)| start);
    format!("{}{CUT}", at_word.trim_end())
}

/// A title without what a filter removes. Of one that was cut, the beginning of a listed name at its end goes as well,
/// until what ends it begins none: so a title that is filtered again stays as it is.
pub(crate) fn filtered(filter: &Filter, title: &str) -> String {
    let Some(mut title) = title.strip_suffix(CUT).map(str::to_owned) else {
        return filter.filter(title).as_str().to_owned();
    };
    loop {
        let mut redactor = filter.redactor();
        let mut text = redactor.push(&title);
        text.append(redactor.cut());
        let shorter = text.as_str().trim_end();
        if shorter == title {
            return format!("{title}{CUT}");
        }
        title = shorter.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use lethe_filters::{Detectors, Entry, Kind, List};

    use super::*;

    #[test]
    fn no_title_holds_a_name_or_half_of_one() {
        let entries = vec![Entry::new("e1", Kind::Person, "Zephyrine Quillfeather")];
        let list = List::from_entries("requests", entries).expect("a name");
        let filter = Filter::new(vec![list], Detectors::all()).expect("one list");
        let filling = "what is known of the founders of the society in the valley, and ";
        for (text, expected) in [
            ("Zephyrine Quillfeather?", "[removed: person]?".to_owned()),
            ("Zephyrine?", "Zephyrine?".to_owned()),
            (&format!("{filling} of Zephyrine Quillfeather"), format!("{filling} of…")),
            (&format!("{filling}\nof Zephyrine Quillfeather"), filling.trim().to_owned()),
            (&format!("{filling} of Zephyrus and many more"), format!("{filling} of Zephyrus…")),
            ("", String::new()),
        ] {
            let title = filtered(&filter, &shorten(text));
            assert_eq!(title, expected, "{text}");
            assert_eq!(filtered(&filter, &title), title, "{text}, twice");
        }
    }
}
