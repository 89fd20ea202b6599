//! What filtering again does to what was filtered.

use lethe_filters::{Filter, FilteredText};

/// The most rounds after which a text must stay as it is.
const MOST_ROUNDS: usize = 6;

/// Panics unless filtering again comes to an end, as plain text and as what comes back from storage, and there keeps
/// every redaction, so that nothing of what was removed comes back. More may go than at first: `v84.72.131.17` is a version and no address as long as
/// the `v` is there, and where it was removed with what stood before it nobody can tell.
pub fn filter_again(filter: &Filter, once: &FilteredText) {
    let mut text = once.as_str().to_owned();
    let settles = (0..MOST_ROUNDS).any(|_| {
        let again = filter.filter(&text).as_str().to_owned();
        std::mem::replace(&mut text, again) == text
    });
    assert!(settles, "filtering again comes to no end");

    let mut once = once.clone();
    let settles = (0..MOST_ROUNDS).any(|_| {
        let (text, redactions) = once.clone().into_parts();
        let again = filter.restore(&text, redactions).expect("parts of one text");
        let mut all = again.redactions().iter();
        for redaction in once.redactions() {
            assert!(
                all.any(|later| later.input == redaction.input && later.kind == redaction.kind),
                "restoring loses a redaction"
            );
        }
        std::mem::replace(&mut once, again) == once
    });
    assert!(settles, "restoring comes to no end");
}
