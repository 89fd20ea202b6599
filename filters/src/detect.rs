//! Detectors: what is recognised by its shape and its checksum, without a list.
//!
//! One file a kind. A detector is a [`Scan`](crate::scan::Scan) over canonical glyphs; it never
//! sees raw text, so Markdown, zero-width characters and full-width digits are no concern of it.

mod email;
mod iban;
mod ip;

use std::str::FromStr;

pub(crate) use email::EmailScan;
pub(crate) use iban::IbanScan;
pub(crate) use ip::IpScan;

use crate::scan::Scan;

/// Which detectors are on. All of them, unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detectors {
    /// E-mail addresses.
    pub email: bool,
    /// Bank account numbers whose country, length and checksum are right.
    pub iban: bool,
    /// IPv4 and IPv6 addresses.
    pub ip: bool,
}

/// A detector's name that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no detector is named {name:?}: use `all`, `none`, or some of email, iban, ip")]
pub struct UnknownDetector {
    /// The name as given.
    pub name: String,
}

impl Detectors {
    /// Every detector.
    pub const fn all() -> Detectors {
        Detectors { email: true, iban: true, ip: true }
    }

    /// No detector: only lists decide.
    pub const fn none() -> Detectors {
        Detectors { email: false, iban: false, ip: false }
    }

    /// The detectors with these names, and no others.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Detectors, UnknownDetector> {
        let mut detectors = Detectors::none();
        for name in names {
            match name {
                "email" => detectors.email = true,
                "iban" => detectors.iban = true,
                "ip" => detectors.ip = true,
                _ => return Err(UnknownDetector { name: name.to_owned() }),
            }
        }
        Ok(detectors)
    }

    /// The names of the detectors that are on.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let switches = [(self.email, "email"), (self.iban, "iban"), (self.ip, "ip")];
        switches.into_iter().filter_map(|(on, name)| on.then_some(name))
    }

    pub(crate) fn scans(self) -> Vec<Box<dyn Scan>> {
        let mut scans: Vec<Box<dyn Scan>> = Vec::new();
        if self.email {
            scans.push(Box::new(EmailScan::default()));
        }
        if self.iban {
            scans.push(Box::new(IbanScan::default()));
        }
        if self.ip {
            scans.push(Box::new(IpScan::default()));
        }
        scans
    }
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
        assert!("email,phone".parse::<Detectors>().is_err(), "a detector that would not run");
        assert!("".parse::<Detectors>().is_err(), "forgetting the names must not switch all off");
    }
}
