//! Detectors: what is recognised by its shape and its checksum, without a list.
//!
//! One file a kind. A detector is a [`Scan`](crate::scan::Scan) over canonical glyphs; it never
//! sees raw text, so Markdown, zero-width characters and full-width digits are no concern of it.

mod email;
mod iban;
mod ip;
mod number;
mod short;
mod spelled_email;
mod top_level;
mod vocabulary;

use std::str::FromStr;

pub(crate) use email::EmailScan;
pub(crate) use iban::IbanScan;
pub(crate) use ip::IpScan;
pub(crate) use number::NumberScan;
pub(crate) use spelled_email::SpelledEmailScan;

use crate::canonical::{Class, Glyph};
use crate::scan::Scan;

/// Which detectors are on. All of them, unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detectors {
    /// E-mail addresses, also with `[at]` and `[dot]`.
    pub email: bool,
    /// Bank account numbers whose country, length and checksum are right.
    pub iban: bool,
    /// IPv4 and IPv6 addresses that can be somebody's.
    pub ip: bool,
    /// Telephone numbers: with `+` or `00`, in the national forms of CH, DE, AT, FR, IT and North America, and of any
    /// country behind a word such as `Tel.`.
    pub phone: bool,
    /// Payment cards whose issuer, length and checksum are right.
    pub card: bool,
    /// Swiss social security numbers whose checksum is right.
    pub ahv: bool,
    /// National identity, tax and pension numbers of DE, FR, IT, AT, ES, BE, NL, PL, LU, UK and US, and behind a word
    /// that says so the numbers of passports, permits and number plates.
    pub national_id: bool,
    /// IP addresses that are nobody's: loopback, private, link-local, documentation and all other special-use ranges,
    /// and the well-known public resolvers. Off unless asked for by name: for an organisation whose own network is
    /// nobody's business. It works with [`ip`](Self::ip) and without it.
    pub special_ip: bool,
}

/// A detector's name that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no detector is named {name:?}: use `all`, `none`, or some of email, iban, ip, phone, card, ahv, national_id, special_ip"
)]
pub struct UnknownDetector {
    /// The name as given.
    pub name: String,
}

impl Detectors {
    /// Every detector of what can be somebody's: all but [`special_ip`](Self::special_ip).
    pub const fn all() -> Detectors {
        Detectors {
            email: true,
            iban: true,
            ip: true,
            phone: true,
            card: true,
            ahv: true,
            national_id: true,
            special_ip: false,
        }
    }

    /// No detector: only lists decide.
    pub const fn none() -> Detectors {
        Detectors {
            email: false,
            iban: false,
            ip: false,
            phone: false,
            card: false,
            ahv: false,
            national_id: false,
            special_ip: false,
        }
    }

    /// The detectors with these names, and no others. `all` among them adds [`Detectors::all`], so that
    /// `all,special_ip` is everything there is.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Detectors, UnknownDetector> {
        let mut detectors = Detectors::none();
        for name in names {
            match name {
                "all" => detectors = Detectors { special_ip: detectors.special_ip, ..Detectors::all() },
                "email" => detectors.email = true,
                "iban" => detectors.iban = true,
                "ip" => detectors.ip = true,
                "phone" => detectors.phone = true,
                "card" => detectors.card = true,
                "ahv" => detectors.ahv = true,
                "national_id" => detectors.national_id = true,
                "special_ip" => detectors.special_ip = true,
                _ => return Err(UnknownDetector { name: name.to_owned() }),
            }
        }
        Ok(detectors)
    }

    /// The names of the detectors that are on.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let switches = [
            (self.email, "email"),
            (self.iban, "iban"),
            (self.ip, "ip"),
            (self.phone, "phone"),
            (self.card, "card"),
            (self.ahv, "ahv"),
            (self.national_id, "national_id"),
            (self.special_ip, "special_ip"),
        ];
        switches.into_iter().filter_map(|(on, name)| on.then_some(name))
    }

    pub(crate) fn scans(self) -> Vec<Box<dyn Scan>> {
        let mut scans: Vec<Box<dyn Scan>> = Vec::new();
        if self.email {
            scans.push(Box::new(EmailScan::default()));
            scans.push(Box::new(SpelledEmailScan::default()));
        }
        if self.iban {
            scans.push(Box::new(IbanScan::default()));
        }
        if let Some(scan) = IpScan::new(self) {
            scans.push(Box::new(scan));
        }
        if self.phone || self.card || self.ahv || self.national_id {
            scans.push(Box::new(NumberScan::new(self)));
        }
        scans
    }
}

/// The glyphs cut behind each run of digits, so that there are none in a part but at its end. Text is
/// for the most part words, and most of what is looked for has digits in it.
fn parts_to_digits(glyphs: &[Glyph]) -> impl Iterator<Item = &[Glyph]> {
    glyphs.chunk_by(|glyph, next| !glyph.c.is_ascii_digit() || next.c.is_ascii_digit())
}

/// What follows the last word of letters alone, with white space on both sides, that `is_last`
/// accepts: for a detector that remembers nothing of what is before such a word.
fn behind_word(glyphs: &[Glyph], is_last: impl Fn(&[Glyph]) -> bool) -> Option<&[Glyph]> {
    let mut end = None;
    for (place, glyph) in glyphs.iter().enumerate().rev() {
        if glyph.class == Class::Space
            && let Some(end) = end.replace(place)
        {
            let word = &glyphs[place + 1..end];
            if !word.is_empty() && word.iter().all(|glyph| glyph.class == Class::Letter) && is_last(word) {
                return Some(&glyphs[end + 1..]);
            }
        }
    }
    None
}

/// The word of small letters of ASCII at the beginning, and the rest, which begins with what ends the
/// word. `None` if there is none, or if it may go on.
fn first_word(glyphs: &[Glyph]) -> Option<(&[Glyph], &[Glyph])> {
    let count = glyphs.iter().take_while(|glyph| glyph.c.is_ascii_lowercase()).count();
    let next = glyphs.get(count)?;
    let whole = count > 0 && !next.class.joins() && next.class != Class::Extend;
    whole.then(|| glyphs.split_at(count))
}

impl Default for Detectors {
    fn default() -> Detectors {
        Detectors::all()
    }
}

/// Reads `all`, `none` or names with commas between, as the command line writes them.
impl FromStr for Detectors {
    type Err = UnknownDetector;

    fn from_str(text: &str) -> Result<Detectors, UnknownDetector> {
        match text.trim() {
            "all" => Ok(Detectors::all()),
            "none" => Ok(Detectors::none()),
            names => Detectors::from_names(names.split(',').map(str::trim)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_unknown_ones_are_refused() {
        assert_eq!("all".parse(), Ok(Detectors::all()));
        assert_eq!("none".parse(), Ok(Detectors::none()));
        let some: Detectors = "ip, email".parse().expect("two known names");
        assert_eq!(some.names().collect::<Vec<_>>(), ["email", "ip"]);
        let everything: Detectors = "special_ip,all".parse().expect("known names");
        assert_eq!(everything, Detectors { special_ip: true, ..Detectors::all() });
        assert!("email,faces".parse::<Detectors>().is_err(), "a detector that would not run");
        assert!("".parse::<Detectors>().is_err(), "forgetting the names must not switch all off");
    }
}
