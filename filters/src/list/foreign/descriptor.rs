//! What a foreign file of hash values is, told in TOML: `lethe-descriptor-1`.
//!
//! ```toml
//! format = "lethe-descriptor-1"
//! name = "requests-2026-1"          # of the list that is made of it
//! title = "Requests, spring 2026"   # for people; the name, if left out
//! algorithm = "hmac-sha256"         # or sha256
//! hmac_key = { hex = "00ff" }       # of an HMAC: a text, or bytes in hex
//! prefix = "salt:"                  # before the text that is hashed; a text, or bytes in hex
//! suffix = ":pepper"                # behind it
//! encoding = "hex"                  # hex (any case), or base64 (any alphabet and padding)
//! truncate = { bytes = 16 }         # or { hex_digits = 20 }: what is kept of a digest, from 8 bytes on
//! forms = ["lower", "ascii"]        # what is hashed of the text, in the order it is tried
//! longest_window = 4                # in words, 1 to 8
//! country = "CH"                    # whose telephone numbers have no + (only with the form e164)
//!
//! [source]
//! shape = "csv"                     # lines, csv, json; see `FileShape`
//! column = "hash"
//!
//! [kinds]
//! default = "person"
//! map = { EMAIL = "email" }         # the file's names of kinds, and ours
//! ```
//!
//! A descriptor that says anything this version does not know is refused, since it could be what the
//! hashes depend on. A salt or a key in it is not secret: it is in every list made with it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use toml::Value;

use super::fields::Fields;
use super::hash::{Algorithm, DIGEST_BYTES, Hasher};
use super::numbers::{COUNTRIES, Country};
use super::shape::{Encoding, FileShape};
use crate::Kind;
use crate::list::foreign::Form;

/// The name of the format.
pub const DESCRIPTOR_FORMAT: &str = "lethe-descriptor-1";

/// The fewest bytes of a digest that a file may keep. With fewer, innocent words would match.
const FEWEST_BYTES: usize = 8;
/// The most bytes that a salt or a key has.
const LONGEST_SALT: usize = 1024;

/// How a file of hash values was made and is to be read. Cheap to clone.
#[derive(Clone)]
pub struct Descriptor {
    facts: Arc<Facts>,
}

struct Facts {
    text: Box<str>,
    name: String,
    title: String,
    algorithm: Algorithm,
    key: Vec<u8>,
    prefix: Vec<u8>,
    suffix: Vec<u8>,
    encoding: Encoding,
    hex_digits: usize,
    shape: FileShape,
    forms: Vec<Form>,
    longest_window: usize,
    country: Option<Country>,
    default_kind: Kind,
    kinds: BTreeMap<String, Kind>,
}

/// Why a descriptor was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DescriptorError {
    /// It is no TOML.
    #[error("descriptor, line {line}: {message}")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A field is missing, unknown or wrong.
    #[error("descriptor, `{field}`: {remedy}")]
    Field {
        /// The field, with the tables it is in: `source.column`.
        field: String,
        /// What to write.
        remedy: String,
    },
    /// A field names something that other versions may know, and this one does not: a hash function, a shape.
    #[error("descriptor, `{field}`: {found:?} is not supported: write {known}")]
    Unsupported {
        /// The field, with the tables it is in: `source.shape`.
        field: String,
        /// What it says.
        found: String,
        /// What is supported, as it stands in a sentence.
        known: String,
    },
}

impl Descriptor {
    /// Reads a descriptor.
    ///
    /// # Errors
    /// Names the field that is missing, unknown or wrong, and what to write.
    pub fn parse(text: &str) -> Result<Descriptor, DescriptorError> {
        let mut fields = Fields::of(text)?;
        let format = fields.text("format", &format!("write {DESCRIPTOR_FORMAT:?}"))?;
        if format != DESCRIPTOR_FORMAT {
            return Err(fields.error("format", format!("this version knows {DESCRIPTOR_FORMAT:?} only: update Lethe")));
        }
        let name = fields.text("name", "write a short name for the list")?;
        let title = fields.optional_text("title", "write a title, or leave it out")?.unwrap_or_else(|| name.clone());
        let algorithm = fields.choice("algorithm", &Algorithm::ALL.map(|it| (it.name(), it)), None)?;
        let key = bytes(&mut fields, "hmac_key")?;
        if algorithm.has_key() != key.is_some() {
            let remedy = match algorithm.has_key() {
                true => "is missing: write the key as a text or as { hex = \"…\" }",
                false => "leave it out, or choose an algorithm that begins with `hmac-`",
            };
            return Err(fields.error("hmac_key", remedy));
        }
        let (prefix, suffix) = (bytes(&mut fields, "prefix")?, bytes(&mut fields, "suffix")?);
        let encoding = Encoding::read(&mut fields)?;
        let hex_digits = truncate(&mut fields, encoding)?;
        let forms = fields.choices("forms", &Form::ALL.map(|form| (form.name(), form)))?;
        let longest_window = fields.number("longest_window", 1..=8)?.unwrap_or(4);
        let country = country(&mut fields, &forms)?;
        let shape = FileShape::read(&mut fields)?;
        let (default_kind, kinds) = kinds(&mut fields)?;
        fields.end()?;
        let facts = Facts {
            text: text.into(),
            name,
            title,
            algorithm,
            key: key.unwrap_or_default(),
            prefix: prefix.unwrap_or_default(),
            suffix: suffix.unwrap_or_default(),
            encoding,
            hex_digits,
            shape,
            forms,
            longest_window,
            country,
            default_kind,
            kinds,
        };
        Ok(Descriptor { facts: Arc::new(facts) })
    }

    /// The descriptor as it was written.
    pub fn as_str(&self) -> &str {
        &self.facts.text
    }

    /// The name of the list.
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// What people call the list.
    pub fn title(&self) -> &str {
        &self.facts.title
    }

    /// The hash function.
    pub fn algorithm(&self) -> Algorithm {
        self.facts.algorithm
    }

    /// How the digests are written.
    pub fn encoding(&self) -> Encoding {
        self.facts.encoding
    }

    /// Where in the file they are.
    pub fn shape(&self) -> &FileShape {
        &self.facts.shape
    }

    /// What is hashed, in the order it is tried.
    pub fn forms(&self) -> &[Form] {
        &self.facts.forms
    }

    /// How many words an entry has at most.
    pub fn longest_window(&self) -> usize {
        self.facts.longest_window
    }

    /// How many bytes of a digest the file keeps. Of an odd number of hexadecimal digits the last byte
    /// holds one, in its upper half.
    pub fn digest_bytes(&self) -> usize {
        self.facts.hex_digits.div_ceil(2)
    }

    /// How many hexadecimal digits of a digest the file keeps.
    pub fn hex_digits(&self) -> usize {
        self.facts.hex_digits
    }

    /// The kind of an entry of which the file says nothing.
    pub fn default_kind(&self) -> &Kind {
        &self.facts.default_kind
    }

    /// The kind that the file calls by this name, if it is known: by the descriptor, or as one of ours.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.facts.kinds.get(name).cloned().or_else(|| Kind::named(name))
    }

    pub(crate) fn country(&self) -> Option<Country> {
        self.facts.country
    }

    pub(crate) fn hasher(&self) -> Hasher {
        Hasher::new(self.facts.algorithm, &self.facts.key, &self.facts.prefix, &self.facts.suffix)
    }
}

/// Bytes that are given as a text, or as `{ hex = "…" }`.
fn bytes(fields: &mut Fields, name: &'static str) -> Result<Option<Vec<u8>>, DescriptorError> {
    let bytes = match fields.take(name) {
        None => return Ok(None),
        Some(Value::String(text)) => Some(text.into_bytes()),
        Some(Value::Table(table)) if table.len() == 1 => {
            table.get("hex").and_then(Value::as_str).and_then(|text| hex::decode(text).ok())
        }
        Some(_) => None,
    };
    let bytes = bytes.filter(|bytes| !bytes.is_empty() && bytes.len() <= LONGEST_SALT);
    let remedy = format!("write a text, or {{ hex = \"00ff\" }}, of 1 to {LONGEST_SALT} bytes");
    bytes.map(Some).ok_or_else(|| fields.error(name, remedy))
}

/// How many hexadecimal digits of a digest are kept.
fn truncate(fields: &mut Fields, encoding: Encoding) -> Result<usize, DescriptorError> {
    let mut table = fields.table("truncate")?;
    if table.is_empty() {
        return Ok(DIGEST_BYTES * 2);
    }
    let bytes = table.number("bytes", FEWEST_BYTES..=DIGEST_BYTES)?;
    let digits = table.number("hex_digits", FEWEST_BYTES * 2..=DIGEST_BYTES * 2)?;
    let kept = match (bytes, digits) {
        (Some(bytes), None) => bytes * 2,
        (None, Some(digits)) if encoding == Encoding::Hex => digits,
        (None, Some(_)) => return Err(table.error("hex_digits", "write `bytes`, or encoding = \"hex\"")),
        _ => return Err(table.error("bytes", "write either `bytes` or `hex_digits`")),
    };
    table.end()?;
    Ok(kept)
}

fn country(fields: &mut Fields, forms: &[Form]) -> Result<Option<Country>, DescriptorError> {
    let codes: Vec<&str> = COUNTRIES.iter().map(|country| country.code).collect();
    let remedy = format!("write one of {}, or leave it out", codes.join(", "));
    let Some(code) = fields.optional_text("country", &remedy)? else { return Ok(None) };
    if !forms.contains(&Form::E164) {
        return Err(fields.error("country", "leave it out, or add \"e164\" to `forms`"));
    }
    let country = COUNTRIES.iter().find(|country| country.code == code);
    country.copied().map(Some).ok_or_else(|| fields.error("country", remedy))
}

fn kinds(fields: &mut Fields) -> Result<(Kind, BTreeMap<String, Kind>), DescriptorError> {
    let mut table = fields.table("kinds")?;
    let remedy = "write a kind, such as \"person\" or \"text\"";
    let default = table.text("default", remedy)?.parse().map_err(|_| table.error("default", remedy))?;
    let mut map = table.table("map")?;
    let mut kinds = BTreeMap::new();
    for (name, kind) in map.take_all() {
        let kind = kind.as_str().and_then(|kind| kind.parse().ok());
        let kind = kind.ok_or_else(|| map.error(&name, "write one of our kinds, such as \"person\""))?;
        kinds.insert(name, kind);
    }
    table.end()?;
    Ok((default, kinds))
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Descriptor")
            .field("name", &self.name())
            .field("algorithm", &self.algorithm())
            .field("forms", &self.forms())
            .finish_non_exhaustive()
    }
}
