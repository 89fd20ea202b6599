//! Reads raw text and writes glyphs.
//!
//! Plain bytes, which are most, are looked up and nothing else is asked about them. All others are looked at one by
//! one, with what follows where their meaning depends on it; if that has not come yet, they wait.

use unicode_normalization::char::is_combining_mark;

use crate::Kind;
use crate::scan::{Found, What};

use super::entity::{Entity, entity_at};
use super::escape::{Ahead, Before, Miss, escape_at};
use super::seam::{Seam, seam_at};
use super::shape::{PLAIN_BYTES, Shape, class_of, is_raised, shapes};
use super::tag::{Tag, tag_at};
use super::{BARRIER, Class, DROPPED_RUN, Glyph, Hint};

/// Text pieces with a meaning of their own, recognised in raw text.
#[derive(Default)]
pub(crate) struct Literals {
    /// Markers of this filter: never looked into, so filtering twice changes nothing.
    pub markers: Vec<String>,
    /// What Apertus was trained to write in place of personal data, and the kind it stands for.
    pub stand_ins: Vec<(&'static str, Kind)>,
}

/// Turns a stream into glyphs, piece by piece.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// Bytes of the stream that were turned into glyphs.
    position: usize,
    /// Whether the glyph before is white space, so that more of it adds nothing.
    after_space: bool,
    /// Raw bytes since the last glyph that left no trace.
    dropped: usize,
    line: Line,
    /// The end of the `|` read last.
    bar: usize,
    /// Where the tag with attributes ends that was begun.
    tag_end: usize,
    /// Whether the piece before ended with a letter.
    behind_letter: bool,
    /// Whether it ended with one of a script whose letters have no marks that tell words apart.
    behind_bare: bool,
    /// The end of the `~` read last.
    tilde: usize,
    math: Math,
    /// What the piece before ended with.
    before: Before,
    /// The end of the escape read last.
    escape_end: usize,
    /// Whether a `?` or `&` was read and no white space behind it: this may be the query of an address on the web.
    in_query: bool,
}

/// What was read of a formula.
#[derive(Clone, Copy, Default)]
struct Math {
    /// Curly brackets of a command or a group that are open.
    braces: u8,
    /// Whether this may be a formula, where white space is not drawn.
    is_open: bool,
    /// Whether it may go on in the next line.
    has_lines: bool,
    /// The end of the dollar read last.
    end: usize,
}

impl Math {
    fn open(&mut self, has_lines: bool) {
        self.is_open = true;
        self.has_lines |= has_lines;
    }

    fn close(&mut self) {
        (self.is_open, self.has_lines) = (false, false);
    }

    /// Whether a dollar begins a formula or ends one depends on those before, which may have been removed with a name. So each
    /// begins one: up to the end of the line, or of the paragraph if there are two.
    fn read_dollar(&mut self, position: usize) {
        self.open(self.end == position && position > 0);
        self.end = position + 1;
    }

    fn end_line(&mut self, is_empty: bool) {
        if is_empty {
            *self = Math { end: self.end, ..Math::default() };
        }
        self.is_open &= self.has_lines;
        self.has_lines = self.is_open;
    }
}

/// What was read of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// White space.
    Begun,
    /// White space, behind an empty line.
    AfterEmpty,
    /// Also a `>`.
    Quote,
    Text,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader {
            position: 0,
            after_space: false,
            dropped: 0,
            line: Line::Begun,
            bar: 0,
            tag_end: 0,
            // What stands before may have been removed.
            behind_letter: true,
            behind_bare: false,
            tilde: 0,
            math: Math::default(),
            before: Before::Other,
            escape_end: 0,
            in_query: false,
        }
    }
}

impl Reader {
    /// How many bytes of the stream have been read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Reads `raw`, which is the stream from [`Reader::position`] on. Stops before the end if what
    /// stands there can only be understood with what follows, unless this is the `last` piece; that
    /// is at most white space, or the beginning of a marker, a tag, an entity, an escape or a seam. Stand-ins are reported as `found`.
    pub fn read(
        &mut self,
        raw: &str,
        last: bool,
        literals: &Literals,
        glyphs: &mut Vec<Glyph>,
        found: &mut Vec<Found>,
    ) {
        glyphs.reserve(raw.len());
        self.read_pieces(raw, last, literals, glyphs, found);
        self.behind_letter = self.is_behind_letter(glyphs);
        self.behind_bare = self.is_behind_bare(glyphs);
        self.before = self.before(glyphs);
    }

    fn read_pieces(
        &mut self,
        raw: &str,
        last: bool,
        literals: &Literals,
        glyphs: &mut Vec<Glyph>,
        found: &mut Vec<Found>,
    ) {
        let mut rest = raw;
        while !rest.is_empty() {
            rest = &rest[self.put_plain(rest.as_bytes(), glyphs)..];
            let Some(c) = rest.chars().next() else { return };
            self.in_query = self.in_query && !c.is_whitespace();
            let is_run = self.escape_end == self.position && self.position > 0;
            match escape_at(Ahead::new(rest, last), || self.before(glyphs), is_run) {
                Ok((c, length)) => {
                    rest = &rest[self.put_folded(c, length, glyphs)..];
                    self.escape_end = self.position;
                    continue;
                }
                Err(Miss::Open) => return,
                Err(Miss::Text) => {}
            }
            let unseen = if begins_seam(c) { self.mark_seam(rest, last, literals, glyphs) } else { Some(0) };
            let Some(unseen) = unseen else { return };
            if unseen > 0 {
                rest = &rest[self.skip(unseen, glyphs)..];
                continue;
            }
            let length = match c {
                ' ' => {
                    let glyph = self.pass(PLAIN_BYTES[usize::from(b' ')].shape, 1);
                    glyphs.push(glyph);
                    1
                }
                '~' if self.is_single_tilde(rest, glyphs) => self.put('~', Class::Joint, Hint::None, 1, glyphs),
                '*' | '`' | '~' => {
                    self.tilde = if c == '~' { self.position + 1 } else { self.tilde };
                    self.skip(1, glyphs)
                }
                '[' | '<' => match literals.at(rest, last) {
                    Literal::Open => return,
                    Literal::None if c == '<' => match tag_at(rest, last) {
                        Tag::Open => return,
                        tag => self.put_tag(tag, glyphs),
                    },
                    Literal::None => self.put(c, class_of(c), Hint::None, 1, glyphs),
                    Literal::Whole { length, kind } => {
                        let (start, end) = (self.position, self.position + length);
                        // What was removed may have ended a formula.
                        self.math = Math::default();
                        self.in_query = false;
                        found.extend(kind.map(|kind| Found { start, end, what: What::Detected(kind) }));
                        self.put(BARRIER, Class::Barrier, Hint::None, length, glyphs)
                    }
                },
                '\\' => match rest[1..].chars().next() {
                    None if !last => return,
                    None => self.skip(1, glyphs),
                    Some(escaped @ ('*' | '`' | '~' | '\\')) => {
                        self.skip(1, glyphs);
                        rest = &rest[1..];
                        self.put(escaped, Class::Sign, Hint::None, 1, glyphs)
                    }
                    Some(next) if next.is_ascii_punctuation() || matches!(next, ' ' | '\n') => self.skip(1, glyphs),
                    _ => self.put('\\', Class::Sign, Hint::None, 1, glyphs),
                },
                '&' => match entity_at(rest, last) {
                    Entity::Open => return,
                    Entity::None => {
                        self.in_query = true;
                        self.put(c, Class::Sign, Hint::None, 1, glyphs)
                    }
                    Entity::Whole { c, length } => {
                        self.in_query |= c == '&';
                        self.put_folded(c, length, glyphs)
                    }
                },
                '?' => {
                    self.in_query = true;
                    self.put(c, Class::Sign, Hint::None, 1, glyphs)
                }
                '+' if self.in_query => match (rest.as_bytes().get(1), self.before(glyphs)) {
                    (None, _) if !last => return,
                    (Some(b'0'..=b'9'), Before::Digit) => self.put(' ', Class::Space, Hint::None, 1, glyphs),
                    // A Joint, since it may be part of an address of e-mail.
                    (Some(b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'%' | 0x80..), before)
                        if before != Before::Other =>
                    {
                        self.put('+', Class::Joint, Hint::None, 1, glyphs)
                    }
                    _ => self.put('+', Class::Sign, Hint::None, 1, glyphs),
                },
                '>' => self.put_greater_than(glyphs),
                '|' => self.put_bar(glyphs),
                _ => self.put_folded(c, c.len_utf8(), glyphs),
            };
            rest = &rest[length..];
        }
    }

    /// Adds glyphs for the plain bytes that `raw` begins with, and says how many they are.
    fn put_plain(&mut self, raw: &[u8], glyphs: &mut Vec<Glyph>) -> usize {
        let count = self.count_plain(raw);
        self.in_query = self.in_query && !raw[..count].contains(&b' ');
        if self.line != Line::Text && raw[..count].iter().any(|byte| *byte != b' ') {
            self.line = Line::Text;
        }
        let plain = raw[..count].iter().map(|byte| PLAIN_BYTES[usize::from(*byte)].shape);
        // A copy, since what is known to be nobody else's is kept in registers.
        let mut reader = *self;
        glyphs.extend(plain.map(|shape| reader.pass(shape, 1)));
        *self = reader;
        count
    }

    /// How many plain bytes `raw` begins with. White space is none where it may be a seam: where more of it may follow, as
    /// before the end of a line, and within a formula.
    fn count_plain(&self, raw: &[u8]) -> usize {
        let is_plain = |byte: &u8| PLAIN_BYTES[usize::from(*byte)].is_plain;
        if self.math.is_open {
            return raw.iter().take_while(|byte| is_plain(byte) && **byte != b' ').count();
        }
        let mut before = 0;
        let runs_on = |byte: &&u8| {
            let goes_on = is_plain(byte) && (**byte != b' ' || before != b' ');
            before = if goes_on { **byte } else { before };
            goes_on
        };
        let count = raw.iter().take_while(runs_on).count();
        let more = raw.get(count).is_none_or(|next| *next == b' ');
        if before == b' ' && more { count - 1 } else { count }
    }

    /// Marks the seam that begins here, if one does. Gives back how many bytes are to be left out; nothing if that depends
    /// on what follows.
    fn mark_seam(&mut self, rest: &str, last: bool, literals: &Literals, glyphs: &mut Vec<Glyph>) -> Option<usize> {
        let first = rest.as_bytes()[0];
        let seam = match first {
            b'\\' | 0x1b if rest[1..].starts_with('[') => match literals.at(&rest[1..], last) {
                Literal::Open => return None,
                Literal::None => seam_at(rest, last),
                Literal::Whole { .. } => return Some(0),
            },
            b'}' if self.math.braces > 0 => Seam::Whole(1),
            _ => seam_at(rest, last),
        };
        let is_open = self.math.is_open;
        let is_blank = first == b' ' || first == b'\n' && self.math.has_lines;
        match (first, &seam) {
            (_, Seam::Open) => return None,
            (b'{', Seam::Whole(_)) => self.math.braces = self.math.braces.saturating_add(1),
            (b'}', Seam::Whole(_)) => self.math.braces -= 1,
            (b'$', _) => self.math.read_dollar(self.position),
            (b'\\', _) => match rest.as_bytes().get(1) {
                Some(opens @ (b'(' | b'[')) => self.math.open(*opens == b'['),
                Some(b')' | b']') => self.math.close(),
                _ => {}
            },
            _ => {}
        }
        match seam {
            Seam::Whole(length) => glyphs.push(Glyph::seam(self.position, length, Hint::Seam)),
            Seam::Within(length) => glyphs.push(Glyph::seam(self.position, length, Hint::SeamWithin)),
            Seam::Unseen(length) => return Some(length),
            Seam::None if is_blank && is_open => glyphs.push(Glyph::seam(self.position, 1, Hint::SeamWithin)),
            _ => {}
        }
        Some(0)
    }

    /// Whether a `~` in a formula or behind a letter stands alone: TeX's space, and not Markdown's mark.
    fn is_single_tilde(&self, rest: &str, glyphs: &[Glyph]) -> bool {
        let stands_alone = self.tilde != self.position && !rest[1..].starts_with('~');
        stands_alone && (self.math.is_open || self.is_behind_letter(glyphs))
    }

    /// Adds a glyph for the next `length` raw bytes, which are then read.
    fn put(&mut self, c: char, class: Class, hint: Hint, length: usize, glyphs: &mut Vec<Glyph>) -> usize {
        let glyph = self.pass(Shape { c, class, hint }, length);
        glyphs.push(glyph);
        self.line = Line::Text;
        length
    }

    fn put_tag(&mut self, tag: Tag, glyphs: &mut Vec<Glyph>) -> usize {
        match tag {
            Tag::Space { length, .. } => glyphs.push(Glyph::seam(self.position, length, Hint::SeamWithin)),
            Tag::Aside(length) => glyphs.push(Glyph::seam(self.position, length, Hint::Seam)),
            _ => {}
        }
        match tag {
            Tag::Unseen(length) => self.skip(length, glyphs),
            Tag::Space { length, hint } => self.put(' ', Class::Space, hint, length, glyphs),
            Tag::Aside(length) => {
                self.tag_end = self.position + length;
                self.put('<', Class::Sign, Hint::Opens, 1, glyphs)
            }
            Tag::None | Tag::Open => self.put('<', Class::Sign, Hint::None, 1, glyphs),
        }
    }

    /// A `>`: the end of a tag, the mark of a quoted line, or a sign. That of a paragraph's first line is a sign too
    /// if an empty line is before it.
    fn put_greater_than(&mut self, glyphs: &mut Vec<Glyph>) -> usize {
        let (hint, line) = match self.line {
            _ if self.position + 1 == self.tag_end => (Hint::Closes, Line::Text),
            Line::Begun | Line::Quote => (Hint::Parts, Line::Quote),
            Line::AfterEmpty => (Hint::None, Line::Quote),
            Line::Text => (Hint::None, Line::Text),
        };
        self.put('>', Class::Sign, hint, 1, glyphs);
        self.line = line;
        1
    }

    /// A `|`: between cells it only parts words. Rows begin with a sign, and so does an empty cell.
    fn put_bar(&mut self, glyphs: &mut Vec<Glyph>) -> usize {
        let within_row = self.line == Line::Text && self.bar != self.position;
        let hint = if within_row { Hint::Parts } else { Hint::None };
        self.put('|', Class::Sign, hint, 1, glyphs);
        self.bar = self.position;
        1
    }

    /// The glyph that the next `length` raw bytes stand for, which are then read.
    fn pass(&mut self, shape: Shape, length: usize) -> Glyph {
        let (start, end) = (self.position, self.position + length);
        let class = match shape.class {
            Class::Space if self.after_space => Class::Extend,
            class => class,
        };
        self.after_space = shape.c == ' ';
        self.dropped = 0;
        self.position = end;
        Glyph { c: shape.c, class, start, end, hint: shape.hint }
    }

    /// Passes over the next `length` raw bytes, which leave no trace.
    fn skip(&mut self, length: usize, glyphs: &mut Vec<Glyph>) -> usize {
        let before = self.dropped;
        self.dropped += length;
        self.position += length;
        if before <= DROPPED_RUN && self.dropped > DROPPED_RUN {
            let (start, end) = (self.position, self.position);
            self.after_space = false;
            glyphs.push(Glyph { c: BARRIER, class: Class::Barrier, start, end, hint: Hint::None });
        }
        length
    }

    /// Whether a raised digit that follows is one of a footnote: behind a letter, another such digit, or what was
    /// removed, which may have ended with a letter.
    fn is_behind_letter(&self, glyphs: &[Glyph]) -> bool {
        let last = glyphs.iter().rfind(|glyph| glyph.class != Class::Extend);
        last.map_or(self.behind_letter, |last| match last.class {
            Class::Sign => is_raised(last.c),
            class => class == Class::Barrier || class.is_word() && class != Class::Digit,
        })
    }

    /// Whether a letter stands before of a script that tells no words apart by marks: Latin, Greek, Cyrillic, Hebrew,
    /// Arabic. A mark of another script has no meaning behind it.
    fn is_behind_bare(&self, glyphs: &[Glyph]) -> bool {
        let last = glyphs.iter().rfind(|glyph| glyph.class != Class::Extend);
        last.map_or(self.behind_bare, |last| last.class == Class::Letter && last.c < '\u{700}')
    }

    /// What stands directly before an escape.
    fn before(&self, glyphs: &[Glyph]) -> Before {
        let last = glyphs.iter().rfind(|glyph| glyph.class != Class::Extend);
        last.map_or(self.before, |last| match last.class {
            Class::Letter | Class::Mark => Before::of_letter(last.hint),
            Class::Hangul | Class::Spaceless => Before::OtherLetter,
            Class::Digit => Before::Digit,
            Class::Sign if matches!(last.c, '.' | ',') => Before::Stop,
            _ => Before::Other,
        })
    }

    /// Adds glyphs for a character that the next `length` raw bytes stand for.
    fn put_folded(&mut self, c: char, length: usize, glyphs: &mut Vec<Glyph>) -> usize {
        if is_raised(c) && self.is_behind_letter(glyphs) {
            return self.put(c, Class::Sign, Hint::None, length, glyphs);
        }
        let start = self.position;
        let mut any = false;
        let is_lost = is_combining_mark(c) && self.is_behind_bare(glyphs);
        let shapes = |emit: &mut dyn FnMut(Shape)| {
            if !is_lost {
                shapes(c, emit);
            }
        };
        shapes(&mut |shape| {
            self.position = start;
            glyphs.push(self.pass(shape, length));
            any = true;
            if shape.class != Class::Space {
                self.line = Line::Text;
            }
        });
        if c == '\n' {
            let is_empty = matches!(self.line, Line::Begun | Line::AfterEmpty | Line::Quote);
            if is_empty && let Some(glyph) = glyphs.last_mut() {
                glyph.hint = Hint::EmptyLine;
            }
            self.line = if is_empty { Line::AfterEmpty } else { Line::Begun };
            self.math.end_line(is_empty);
        }
        if any {
            return length;
        }
        // A mark belongs to what it follows. If it closed a run that is too long, nothing does.
        let end = start + length;
        glyphs.push(Glyph { c: '\0', class: Class::Extend, start, end, hint: Hint::None });
        self.skip(length, glyphs)
    }
}

/// Whether a seam may begin with this, or its meaning depends on what follows in another way.
fn begins_seam(c: char) -> bool {
    matches!(
        c,
        '[' | ']' | '!' | '{' | '}' | '$' | '^' | '=' | ' ' | '\n' | '~' | '\\' | '\u{1b}' | '\u{80}'..='\u{9f}'
    )
}

enum Literal {
    None,
    /// It may become one with what follows.
    Open,
    Whole {
        length: usize,
        kind: Option<Kind>,
    },
}

impl Literals {
    fn at(&self, rest: &str, last: bool) -> Literal {
        let markers = self.markers.iter().map(|marker| (marker.as_str(), None));
        let stand_ins = self.stand_ins.iter().map(|(token, kind)| (*token, Some(kind)));
        let mut open = false;
        for (literal, kind) in markers.chain(stand_ins) {
            if rest.starts_with(literal) {
                return Literal::Whole { length: literal.len(), kind: kind.cloned() };
            }
            open |= !last && literal.starts_with(rest);
        }
        if open { Literal::Open } else { Literal::None }
    }
}
