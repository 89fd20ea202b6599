//! What sort of personal data a redaction stands for.
//!
//! A kind never decides whether something is removed, only what the marker says. A list may
//! therefore use names that this version does not know; they are kept as [`Kind::Other`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest name of a kind, in bytes.
pub const MAX_KIND_NAME: usize = 32;

/// The sort of a piece of personal data. Written and read as a snake_case name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A person's name.
    Person,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A postal address.
    Address,
    /// An international bank account number.
    Iban,
    /// A payment card number.
    Card,
    /// A Swiss social security (AHV/AVS) number.
    Ahv,
    /// An IPv4 or IPv6 address.
    Ip,
    /// A date of birth.
    BirthDate,
    /// The number of an identity document.
    Document,
    /// An account or customer number, a user name.
    Account,
    /// A national identity or tax number.
    NationalId,
    /// Any other text that has to be removed.
    Text,
    /// A kind that this version does not know: 1 to 32 of `a-z`, `0-9`, `_` and `-`.
    /// Made by [`Kind::from_str`], which never returns a known name in this form.
    Other(Box<str>),
}

impl Kind {
    /// Every kind that has a name of its own, in the order of the declaration.
    pub const KNOWN: [Kind; 13] = [
        Kind::Person,
        Kind::Email,
        Kind::Phone,
        Kind::Address,
        Kind::Iban,
        Kind::Card,
        Kind::Ahv,
        Kind::Ip,
        Kind::BirthDate,
        Kind::Document,
        Kind::Account,
        Kind::NationalId,
        Kind::Text,
    ];

    /// The snake_case name, as lists, markers and JSON write it.
    pub fn name(&self) -> &str {
        match self {
            Kind::Person => "person",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Address => "address",
            Kind::Iban => "iban",
            Kind::Card => "card",
            Kind::Ahv => "ahv",
            Kind::Ip => "ip",
            Kind::BirthDate => "birth_date",
            Kind::Document => "document",
            Kind::Account => "account",
            Kind::NationalId => "national_id",
            Kind::Text => "text",
            Kind::Other(name) => name,
        }
    }

    /// What stands in the text in place of a removed piece: `[removed: person]`.
    pub fn marker(&self) -> String {
        format!("{MARKER_HEAD}{}{MARKER_TAIL}", self.name())
    }
}

/// How every marker begins.
pub(crate) const MARKER_HEAD: &str = "[removed: ";
/// How every marker ends.
pub(crate) const MARKER_TAIL: &str = "]";

/// A name that can't be a kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kind is 1 to {MAX_KIND_NAME} of the characters a-z, 0-9, `_` and `-`")]
pub struct KindError;

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(name: &str) -> Result<Kind, KindError> {
        if let Some(kind) = Kind::KNOWN.iter().find(|kind| kind.name() == name) {
            return Ok(kind.clone());
        }
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if name.is_empty() || name.len() > MAX_KIND_NAME || !name.bytes().all(plain) {
            return Err(KindError);
        }
        Ok(Kind::Other(name.into()))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_read_back_as_themselves() {
        for kind in Kind::KNOWN {
            assert_eq!(kind.name().parse(), Ok(kind.clone()), "{kind}");
            let json = serde_json::to_string(&kind).expect("a string");
            assert_eq!(serde_json::from_str::<Kind>(&json).ok(), Some(kind));
        }
    }

    #[test]
    fn unknown_names_are_kept_so_that_their_entries_still_filter() {
        let kind: Kind = "licence-plate".parse().expect("a plain name");
        assert_eq!(kind.marker(), "[removed: licence-plate]");
    }

    #[test]
    fn names_that_could_break_a_marker_are_refused() {
        for name in ["", "Person", "a b", "x]", "é", &"x".repeat(33)] {
            assert_eq!(name.parse::<Kind>(), Err(KindError), "{name:?}");
        }
    }
}
