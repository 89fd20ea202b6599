//! Where a redaction begins and ends in Markdown.
//!
//! A match covers what lies between its first and last letter, marks of emphasis included. If it
//! covers only one of a pair, as in `**Anna** Keller`, the other one would be left over and turn
//! what follows into emphasis. So the span is widened over the other one if it stands directly
//! before or behind. A pair that lies outside as a whole stays (`**[removed: person]**`), and so does
//! a mark that is further away: it then shows as it is.

use std::ops::Range;

/// How many bytes of marks a redaction may take in on either side.
pub(crate) const MAX_EDGE: usize = 4;

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'*' | b'_' | b'`' | b'~')
}

/// The place, at most [`MAX_EDGE`] bytes before `place`, from which on there are only marks.
pub(crate) fn before_marks(raw: &str, place: usize) -> usize {
    let marks = raw.as_bytes()[..place].iter().rev().take(MAX_EDGE);
    place - marks.take_while(|byte| is_mark(**byte) || **byte == b'[').count()
}

/// The span with the marks beside it whose counterparts it covers. `None` if that depends on what
/// follows `raw`, which is never so if this is the `last` piece.
pub(crate) fn widen(raw: &str, span: Range<usize>, last: bool) -> Option<Range<usize>> {
    let mut unpaired = unpaired(raw, &span);
    let mut wide = with_bracket(raw, span.clone());
    if unpaired.is_empty() {
        return Some(wide);
    }
    let behind = raw.as_bytes()[span.end..].iter().take(MAX_EDGE);
    let behind = behind.take_while(|byte| is_mark(**byte)).count();
    if behind < MAX_EDGE && span.end + behind == raw.len() && !last {
        return None;
    }
    let floor = before_marks(raw, span.start);
    unpaired.retain(|run| {
        let fits = raw[floor..wide.start].ends_with(run);
        wide.start -= if fits { run.len() } else { 0 };
        !fits
    });
    for run in unpaired.iter().rev() {
        if raw[wide.end..span.end + behind].starts_with(run) {
            wide.end += run.len();
        }
    }
    Some(with_bracket(raw, wide))
}

/// The span with the `[` directly before it, if it covers the `](` that belongs to it: of a link on
/// a part of a name nothing is left then.
fn with_bracket(raw: &str, span: Range<usize>) -> Range<usize> {
    let covered = &raw[span.clone()];
    let target = covered.find("](").into_iter().chain(covered.find("][")).min();
    let halved = target.is_some_and(|at| !covered[..at].contains('['));
    let escaped = raw[..span.start].ends_with("\\[");
    let start = if halved && !escaped && raw[..span.start].ends_with('[') { span.start - 1 } else { span.start };
    start..span.end
}

/// The runs of marks within the span that have no counterpart of the same length there.
fn unpaired<'a>(raw: &'a str, span: &Range<usize>) -> Vec<&'a str> {
    let bytes = raw.as_bytes();
    let mut open: Vec<&str> = Vec::new();
    let mut at = span.start;
    while at < span.end {
        let start = at;
        while at < span.end && bytes[at] == bytes[start] && is_mark(bytes[start]) {
            at += 1;
        }
        if at == start {
            at += 1;
            continue;
        }
        let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        let within_word = bytes[start] == b'_' && word(before) && word(bytes.get(at));
        if within_word || before == Some(&b'\\') || at - start > MAX_EDGE {
            continue;
        }
        let run = &raw[start..at];
        if open.last() == Some(&run) { open.pop().map_or((), |_| ()) } else { open.push(run) }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_edges() {
        // The brackets show the match, the output what is left of the text around the marker.
        for (text, left) in [
            ("**<Anna** Keller> x", "# x"),
            ("<Anna **Keller>** x", "# x"),
            ("**<Anna Keller>** x", "**#** x"),
            ("**<Anna** **Keller>** x", "**#** x"),
            ("*<Anna **Keller>*** x", "*#* x"),
            ("**Frau <Anna** Keller> x", "**Frau # x"),
            ("_<anna_k@example.org>_", "_#_"),
            ("`<Anna` Keller>", "#"),
            ("<Anna\\* Keller>*", "#*"),
            ("x [<Anna](y) Keller> z", "x # z"),
            ("x [<Anna Keller>](y) z", "x [#](y) z"),
        ] {
            let start = text.find('<').expect("a match begins");
            let end = text.find('>').expect("a match ends") - 1;
            let raw = text.replace(['<', '>'], "");
            let wide = widen(&raw, start..end, true).expect("nothing follows");
            assert_eq!(format!("{}#{}", &raw[..wide.start], &raw[wide.end..]), left, "{text}");
        }
    }

    #[test]
    fn an_edge_that_may_go_on_is_not_decided() {
        assert_eq!(widen("Anna **Keller", 0..13, false), None);
        assert_eq!(widen("Anna **Keller**", 0..13, false), None, "a third one may follow");
        assert_eq!(widen("Anna **Keller** ", 0..13, false), Some(0..15));
        assert_eq!(widen("Anna Keller", 0..11, false), Some(0..11));
    }
}
