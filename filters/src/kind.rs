//! What sort of personal data a redaction stands for.
//!
//! A kind never decides whether something is removed, only what the marker says. So an entry of a kind that this
//! version does not know is removed like any other, as [`Kind::Other`]. Its name goes no further: a marker with a
//! name of the list's own choice would be a way to write into answers.

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
    /// The number of an identity document, a permit or a number plate.
    Document,
    /// An account or customer number, a user name.
    Account,
    /// A national identity or tax number.
    NationalId,
    /// Any other text that has to be removed.
    Text,
    /// A kind that this version does not know, or that has no name.
    Other,
}

impl Kind {
    /// Every kind, in the order of the declaration.
    pub const ALL: [Kind; 14] = [
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
        Kind::Other,
    ];

    /// The snake_case name, as lists, markers and JSON write it.
    pub fn name(&self) -> &'static str {
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
            Kind::Other => "other",
        }
    }

    /// Its place in the order of the declaration.
    pub(crate) fn order(&self) -> u32 {
        (0..).zip(&Kind::ALL).find_map(|(place, kind)| (kind == self).then_some(place)).unwrap_or(u32::MAX)
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The names of all kinds, for people to choose from.
    pub fn names() -> String {
        Kind::ALL.map(|kind| kind.name()).join(", ")
    }

    /// Whether a text is this kind's marker. For [`Kind::Other`] that of any kind will do, since earlier versions
    /// wrote the names that lists chose.
    pub(crate) fn is_marker(&self, text: &str) -> bool {
        let name = text.strip_prefix(MARKER_HEAD).and_then(|rest| rest.strip_suffix(MARKER_TAIL));
        name.is_some_and(|name| name == self.name() || *self == Kind::Other && name.parse::<Kind>().is_ok())
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

    /// A name that this version does not know is [`Kind::Other`].
    fn from_str(name: &str) -> Result<Kind, KindError> {
        if let Some(kind) = Kind::named(name) {
            return Ok(kind);
        }
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if name.is_empty() || name.len() > MAX_KIND_NAME || !name.bytes().all(plain) {
            return Err(KindError);
        }
        Ok(Kind::Other)
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
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind.clone()), "{kind}");
            let json = serde_json::to_string(&kind).expect("a string");
            assert_eq!(serde_json::from_str::<Kind>(&json).ok(), Some(kind));
        }
    }

    #[test]
    fn unknown_names_still_filter_and_say_nothing_of_their_own() {
        for name in ["licence-plate", "convicted-fraudster", "0", "person-"] {
            let kind: Kind = name.parse().expect("a plain name");
            assert_eq!(kind.marker(), "[removed: other]", "{name}");
        }
    }

    #[test]
    fn markers_are_known_again() {
        for (kind, text, expected) in [
            (Kind::Person, "[removed: person]", true),
            (Kind::Person, "[removed: other]", false),
            (Kind::Other, "[removed: other]", true),
            (Kind::Other, "[removed: licence-plate]", true),
            (Kind::Other, "[removed: a b]", false),
            (Kind::Other, "removed", false),
            (Kind::Other, "[removed: ]", false),
        ] {
            assert_eq!(kind.is_marker(text), expected, "{text}");
        }
    }

    #[test]
    fn names_that_could_break_a_marker_are_refused() {
        for name in ["", "Person", "a b", "x]", "é", &"x".repeat(33)] {
            assert_eq!(name.parse::<Kind>(), Err(KindError), "{name:?}");
        }
    }
}
