//! The part of a model card that says how to filter its output.
//!
//! A card is Markdown after a head of metadata. Only what is needed to find a section is understood: headings of both
//! kinds, and code blocks, in which a `#` begins no heading.

/// The section whose heading contains "Output Filter", from its heading to the next one of the same or a higher level,
/// or nothing. The first one, should there be several.
pub(crate) fn output_filter_section(card: &str) -> Option<String> {
    let lines: Vec<&str> = card.lines().collect();
    let headings = headings(&lines);
    let wanted = |(_, _, text): &&(usize, usize, String)| text.to_lowercase().contains("output filter");
    let position = headings.iter().position(|heading| wanted(&heading))?;
    let (first, level, _) = &headings[position];
    let next = headings[position + 1..].iter().find(|(_, other, _)| other <= level);
    let end = next.map_or(lines.len(), |(line, ..)| *line);
    Some(lines[*first..end].join("\n").trim_end().to_owned())
}

/// Line, level and text of each heading.
fn headings(lines: &[&str]) -> Vec<(usize, usize, String)> {
    let mut headings = Vec::new();
    let mut fence: Option<&str> = None;
    let head_end = lines
        .first()
        .filter(|line| line.trim_end() == "---")
        .and_then(|_| lines.iter().skip(1).position(|line| line.trim_end() == "---").map(|position| position + 2));
    for (number, line) in lines.iter().enumerate().skip(head_end.unwrap_or(0)) {
        let text = line.trim();
        if let Some(open) = fence {
            if text.starts_with(open) {
                fence = None;
            }
            continue;
        }
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark)) {
            fence = Some(mark);
            continue;
        }
        let level = text.bytes().take_while(|byte| *byte == b'#').count();
        let rest = &text[level..];
        if (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t'])) {
            headings.push((number, level, rest.trim().to_owned()));
            continue;
        }
        // A line that is underlined with = or - is a heading too.
        let underline = lines.get(number + 1).map_or("", |next| next.trim());
        let is_line_of = |mark: char| underline.len() > 1 && underline.chars().all(|letter| letter == mark);
        let is_prose = !text.is_empty() && !text.starts_with(['|', '-', '=', '>', '*']);
        if is_prose && (is_line_of('=') || is_line_of('-')) {
            headings.push((number, if is_line_of('=') { 1 } else { 2 }, text.to_owned()));
        }
    }
    headings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_ends_where_its_level_does() {
        let section = "## Output Filter for PII\ntext\n### Details\nmore";
        for (card, expected, why) in [
            (format!("# Card\n{section}\n## Next\nx"), Some(section), "a heading of the same level ends it"),
            (format!("# Card\n{section}\n\n# Next"), Some(section), "so does a higher one"),
            (format!("{section}\n"), Some(section), "or the end of the card"),
            (format!("---\nlicense: x\n# output filter\n---\n{section}"), Some(section), "the head is no Markdown"),
            (format!("```\n# Output Filter\n```\n{section}"), Some(section), "nor is code"),
            ("# Card\nno such thing\n#Output Filter\n".to_owned(), None, "a heading has a space after its marks"),
            (String::new(), None, "an empty card has no section"),
        ] {
            assert_eq!(output_filter_section(&card).as_deref(), expected, "{why}");
        }
        let underlined = "Output filter\n-------------\nx\n\nOther\n=====\ny";
        let expected = "Output filter\n-------------\nx";
        assert_eq!(output_filter_section(underlined).as_deref(), Some(expected), "underlined headings count too");
    }
}
