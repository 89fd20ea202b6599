//! An answer and the thinking before it while they grow.

use std::time::{Duration, Instant};

use lethe_filters::{Filter, FilteredText, Redactor};
use lethe_models::prompt::Inner;
use lethe_models::text::{AnswerText, Piece};
use lethe_models::wire::{Timings, Token};
use lethe_remote::Usage;

use super::{Job, Sink};
use crate::base::error::Result;
use crate::base::segment::segments;
use crate::chat::history::Stats;
use crate::chat::turn::{ChatEvent, Events};
use crate::models::running::Backend;

/// The answer while it grows.
pub(super) struct Growing<'a, 'b> {
    sink: &'a mut Sink<'b>,
    pub events: &'a Events,
    answer: Text,
    thinking: Text,
    /// The tokens that begin and end thinking, if the model has them.
    inner: Option<Inner>,
    thinks: bool,
    pub flushed: Instant,
    pub first_token: Option<Instant>,
    tokens: u32,
    prompt_tokens: u32,
    /// Tokens of the prompt that a server had computed before.
    cached_tokens: u32,
    context: u32,
    /// Of the lists whose filter it passes.
    pub digest: String,
}

/// One of the two texts: bytes in, filtered text out.
struct Text {
    decoder: AnswerText,
    /// None once the text has ended.
    redactor: Option<Redactor>,
    /// Written to disk and shown.
    all: FilteredText,
    /// Filtered, and neither written nor shown yet.
    waiting: FilteredText,
    /// A filter that is to take over, since lists have changed.
    next: Option<Filter>,
    /// Whether it has seen all that was shown.
    looked: bool,
    /// Whether anything but white space came: what stands before the first word is left out.
    begun: bool,
}

impl Text {
    fn new(filter: &Filter, stops: &[String]) -> Self {
        Self {
            decoder: AnswerText::new(stops),
            redactor: Some(filter.redactor()),
            all: FilteredText::default(),
            waiting: FilteredText::default(),
            next: None,
            looked: false,
            begun: false,
        }
    }

    fn push(&mut self, bytes: &[u8], trims: bool) {
        let piece = self.decoder.push(bytes);
        let mut text = piece.unfiltered();
        if trims && !self.begun {
            text = text.trim_start();
        }
        self.begun |= !text.trim().is_empty();
        if let Some(redactor) = &mut self.redactor {
            self.waiting.append(redactor.push(text));
        }
    }

    /// From here on another filter is to remove more, also of what came before.
    fn go_on_with(&mut self, filter: &Filter) {
        self.next = Some(filter.clone());
        self.looked = false;
    }

    /// Lets the next filter take over, unless something is being removed just now; what came before is filtered by it
    /// even then. What stands in the place of all that came, if it is something else.
    fn taken_over(&mut self) -> Option<FilteredText> {
        let filter = self.next.as_ref()?;
        let mut given = self.all.clone();
        given.append(self.waiting.clone());
        let instead = match self.redactor.as_mut().and_then(|redactor| redactor.go_on_with(filter, &given)) {
            Some(instead) => {
                self.next = None;
                instead
            }
            None if self.looked && self.waiting.is_empty() => return None,
            None => filter.again(&given),
        };
        self.looked = true;
        (instead.as_str() != given.as_str()).then_some(instead)
    }

    fn end(&mut self, whole: bool) {
        let Some(mut redactor) = self.redactor.take() else { return };
        let rest = self.decoder.finish();
        self.waiting.append(redactor.push(rest.unfiltered()));
        self.waiting.append(if whole { redactor.finish() } else { redactor.cut() });
    }
}

impl<'a, 'b> Growing<'a, 'b> {
    pub fn new(sink: &'a mut Sink<'b>, events: &'a Events, job: &Job<'_>) -> Self {
        Self {
            sink,
            events,
            answer: Text::new(&job.filter, &job.options.stops),
            thinking: Text::new(&job.filter, &[]),
            inner: match job.backend {
                Backend::Engine(loaded) => loaded.prompter.inner(),
                Backend::Server(_) => None,
            },
            thinks: job.prompt.rendered.opens_thinking(),
            flushed: Instant::now(),
            first_token: None,
            tokens: 0,
            prompt_tokens: job.prompt.rendered.count(),
            cached_tokens: 0,
            context: job.backend.context_shown(),
            digest: job.digest.clone(),
        }
    }

    /// Takes one more token and the bytes that it stands for.
    pub fn push(&mut self, token: Token, bytes: &[u8]) {
        self.count_token();
        match self.inner {
            Some(inner) if token == inner.begin => self.begin_thought(),
            Some(inner) if token == inner.end => self.thinks = false,
            _ if self.thinks => self.thinking.push(bytes, true),
            // Templates put empty lines between the thoughts and the answer; they belong to neither.
            _ => self.answer.push(bytes, self.thinking.begun),
        }
    }

    /// Takes more of what a model on a server thinks; servers send a token at a time, most of them.
    pub fn think(&mut self, piece: &Piece) {
        self.count_token();
        self.begin_thought();
        self.thinking.push(piece.unfiltered().as_bytes(), true);
    }

    /// Takes more of the answer of a model on a server.
    pub fn say(&mut self, piece: &Piece) {
        self.count_token();
        self.thinks = false;
        self.answer.push(piece.unfiltered().as_bytes(), self.thinking.begun);
    }

    /// What a server counted itself.
    pub fn took(&mut self, usage: Option<Usage>) {
        if let Some(Usage { prompt_tokens, cached_tokens, completion_tokens }) = usage {
            (self.prompt_tokens, self.cached_tokens, self.tokens) = (prompt_tokens, cached_tokens, completion_tokens);
        }
    }

    fn count_token(&mut self) {
        self.first_token.get_or_insert_with(Instant::now);
        self.tokens = self.tokens.saturating_add(1);
    }

    fn begin_thought(&mut self) {
        // A second thought is a paragraph of its own.
        if self.thinking.begun && !self.thinks {
            self.thinking.push(b"\n\n", false);
        }
        self.thinks = true;
    }

    /// Goes on with the filter of other lists.
    pub fn go_on_with(&mut self, filter: &Filter, digest: String) {
        self.answer.go_on_with(filter);
        self.thinking.go_on_with(filter);
        self.digest = digest;
    }

    /// Draws the whole anew, to disk and then to the screen, where another filter takes something out of what came
    /// before. Whether it did.
    async fn redraw(&mut self) -> Result<bool> {
        let (thinking, answer) = (self.thinking.taken_over(), self.answer.taken_over());
        if thinking.is_none() && answer.is_none() {
            return Ok(false);
        }
        let whole = |text: &Text, instead: Option<FilteredText>| {
            instead.unwrap_or_else(|| {
                let mut whole = text.all.clone();
                whole.append(text.waiting.clone());
                whole
            })
        };
        let (thinking, answer) = (whole(&self.thinking, thinking), whole(&self.answer, answer));
        if let Sink::Stored(open) = self.sink {
            open.replace(&answer, &thinking).await?;
        }
        let _ = self.events.send(ChatEvent::Redrawn { thinking: segments(&thinking), segments: segments(&answer) });
        for (text, whole) in [(&mut self.thinking, thinking), (&mut self.answer, answer)] {
            (text.all, text.waiting) = (whole, FilteredText::default());
        }
        Ok(true)
    }

    /// Whether a stop string was found.
    pub fn stopped(&self) -> bool {
        self.answer.decoder.stopped()
    }

    /// Whether there is text that is not shown yet.
    pub fn waits(&self) -> bool {
        !self.answer.waiting.is_empty() || !self.thinking.waiting.is_empty()
    }

    /// The end of the answer: `whole` when the model has ended it.
    pub fn end(&mut self, whole: bool) {
        self.thinking.end(whole || self.answer.begun);
        self.answer.end(whole);
    }

    /// To disk, then to the screen.
    pub async fn flush(&mut self) -> Result<()> {
        self.flushed = Instant::now();
        if self.redraw().await? || !self.waits() {
            return Ok(());
        }
        // A piece that the disk refuses stays waiting, so that no later one is written without it.
        let mut event = (Vec::new(), Vec::new());
        if !self.thinking.waiting.is_empty() {
            if let Sink::Stored(open) = self.sink {
                open.append_thinking(&self.thinking.waiting).await?;
            }
            let piece = std::mem::take(&mut self.thinking.waiting);
            event.0 = segments(&piece);
            self.thinking.all.append(piece);
        }
        if !self.answer.waiting.is_empty() {
            if let Sink::Stored(open) = self.sink {
                open.append(&self.answer.waiting).await?;
            }
            let piece = std::mem::take(&mut self.answer.waiting);
            event.1 = segments(&piece);
            self.answer.all.append(piece);
        }
        let _ = self.events.send(ChatEvent::Text {
            thinking: event.0,
            segments: event.1,
            completion_tokens: self.tokens,
            tokens_per_s: self.rate(),
            context_used: self.prompt_tokens.saturating_add(self.tokens),
            context_size: self.context,
        });
        Ok(())
    }

    fn rate(&self) -> f64 {
        let seconds = self.first_token.map_or(0.0, |first| first.elapsed().as_secs_f64());
        if self.tokens > 1 && seconds > 0.0 { f64::from(self.tokens - 1) / seconds } else { 0.0 }
    }

    /// What it took; `timings` as the engine measured them, unless it ended in an error.
    pub fn stats(&self, timings: Option<Timings>, ttft: Duration) -> Stats {
        let timings = timings.unwrap_or(Timings { cached_tokens: self.cached_tokens, ..Timings::default() });
        let rate = if timings.answer_seconds > 0.0 && timings.answer_tokens > 0 {
            f64::from(timings.answer_tokens) / timings.answer_seconds
        } else {
            self.rate()
        };
        Stats {
            prompt_tokens: self.prompt_tokens,
            cached_tokens: timings.cached_tokens,
            completion_tokens: self.tokens,
            ttft_ms: ttft.as_secs_f64() * 1000.0,
            tokens_per_s: rate,
            context_used: self.prompt_tokens.saturating_add(self.tokens),
            context_size: self.context,
        }
    }

    /// The answer and the thinking before it, as far as they were shown.
    pub fn into_texts(self) -> (FilteredText, FilteredText) {
        (self.answer.all, self.thinking.all)
    }
}

#[cfg(test)]
mod tests {
    use lethe_filters::{Detectors, Entry, Kind, List};

    use super::*;

    fn naming(names: &[&str]) -> Filter {
        let entries = names.iter().zip(1..).map(|(name, number)| Entry::new(format!("e{number}"), Kind::Person, *name));
        let list = List::from_entries("house", entries.collect::<Vec<_>>()).expect("usable entries");
        Filter::new(vec![list], Detectors::none()).expect("one list")
    }

    /// What was given out so far.
    fn given(text: &mut Text) -> String {
        let piece = std::mem::take(&mut text.waiting);
        text.all.append(piece);
        text.all.as_str().to_owned()
    }

    #[test]
    fn a_name_in_pieces_is_not_given_out_and_half_a_name_is_left_out_at_a_cut() {
        for (whole, wanted) in
            [(true, "It is [removed: person] and Zephyrine"), (false, "It is [removed: person] and ")]
        {
            let mut text = Text::new(&naming(&["Zephyrine Quillfeather"]), &[]);
            for byte in "It is Zephyrine Quillfeather and Zephyrine".bytes() {
                text.push(&[byte], false);
                assert!(!given(&mut text).contains("Zeph"), "it may be the beginning of the name");
            }
            text.end(whole);
            assert_eq!(given(&mut text), wanted);
            text.end(whole);
            assert_eq!(given(&mut text), wanted, "it has ended");
        }
    }

    #[test]
    fn space_before_the_first_word_is_left_out_where_that_is_wished() {
        for (trims, wanted) in [(true, "Yes. \n"), (false, "\n\n Yes. \n")] {
            let mut text = Text::new(&naming(&["Zephyrine"]), &[]);
            for piece in ["\n", "\n ", "Yes.", " \n"] {
                text.push(piece.as_bytes(), trims);
            }
            text.end(true);
            assert_eq!(given(&mut text), wanted);
        }
    }

    #[test]
    fn another_filter_takes_over_what_was_given_out_and_what_comes() {
        let mut text = Text::new(&naming(&["Zephyrine"]), &[]);
        text.push(b"It is Uma, with Zephyrine, and Uma again, ", false);
        assert_eq!(given(&mut text), "It is Uma, with [removed: person], and Uma again,", "a space may lead on");
        assert!(text.taken_over().is_none(), "nothing has changed");
        text.go_on_with(&naming(&["Zephyrine", "Uma"]));
        let instead = text.taken_over().expect("what was given out is something else now");
        assert_eq!(instead.as_str(), "It is [removed: person], with [removed: person], and [removed: person] again,");
        assert_eq!(instead.redactions().len(), 3);
        text.all = instead;
        assert!(text.taken_over().is_none(), "it has taken over");
        text.push(b"and Uma.", false);
        text.end(true);
        assert!(given(&mut text).ends_with("and [removed: person]."));
    }

    #[test]
    fn a_filter_that_takes_nothing_more_out_changes_nothing() {
        let mut text = Text::new(&naming(&["Zephyrine"]), &[]);
        text.push(b"It is Uma, ", false);
        assert_eq!(given(&mut text), "It is Uma,");
        text.go_on_with(&naming(&["Someone Else"]));
        assert!(text.taken_over().is_none(), "the same text stands");
        text.push(b"and Someone Else.", false);
        text.end(true);
        assert_eq!(given(&mut text), "It is Uma, and [removed: person].");
    }
}
