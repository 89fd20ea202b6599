//! Segments: the immutable parts of a list, known by name and SHA-256, with whatever data their publisher adds.
//!
//! What a segment's bytes mean is not this crate's business.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256 as Hasher};

use crate::error::{Error, Result};

/// A segment that a publisher has signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its name, unique in its list.
    pub name: SegmentName,
    /// What its bytes hash to.
    pub sha256: Sha256,
    /// In bytes.
    pub length: u64,
    /// What the publisher says about it, signed like the rest.
    #[serde(default)]
    pub custom: Custom,
}

/// A segment to publish. Its bytes may hold entries in clear, so `Debug` shows their length only.
#[derive(Clone)]
pub struct NewSegment {
    /// Its name. One that is published already is replaced.
    pub name: SegmentName,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What to say about it.
    pub custom: Custom,
}

impl fmt::Debug for NewSegment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewSegment({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// A segment's name: 1 to 100 letters, digits, `.`, `_` and `-`, not starting with a dot. Safe as a file's name and in
/// an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct SegmentName(String);

impl SegmentName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for SegmentName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if is_safe_name(text) && text.len() <= 100 {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::Unpublishable { what: "name segments with up to 100 letters, digits, dots, _ and -" })
    }
}

impl<'de> Deserialize<'de> for SegmentName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Whether a name can't lead out of its folder, nor mean something else on another system.
pub(crate) fn is_safe_name(name: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name.len() <= 200 && name.bytes().all(is_safe) && !name.starts_with('.')
}

/// The SHA-256 of some bytes. As text: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Hasher::digest(bytes).into())
    }

    /// Of everything that can be read, with its number of bytes.
    pub(crate) fn of_reader(reader: impl Read) -> std::io::Result<(Self, u64)> {
        let (hasher, length) = Self::hash(reader)?;
        Ok((Self::finish(hasher), length))
    }

    /// Begins a hash with everything that can be read, and counts its bytes.
    pub(crate) fn hash(mut reader: impl Read) -> std::io::Result<(Hasher, u64)> {
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 128 * 1024];
        let mut length = 0;
        loop {
            let count = reader.read(&mut buffer)?;
            if count == 0 {
                return Ok((hasher, length));
            }
            hasher.update(&buffer[..count]);
            length += count as u64;
        }
    }

    pub(crate) fn finish(hasher: Hasher) -> Self {
        Self(hasher.finalize().into())
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| D::Error::custom("not a SHA-256"))?;
        Ok(Self(bytes))
    }
}

/// Data that a publisher adds to a segment: any type of serde that becomes an object, without floating-point numbers,
/// which signed metadata can't hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Custom(Map<String, Value>);

impl Custom {
    /// From a struct or a map.
    ///
    /// # Errors
    ///
    /// [`Error::Unpublishable`] for anything else.
    pub fn new<T: Serialize>(data: &T) -> Result<Self> {
        match serde_json::to_value(data) {
            Ok(Value::Object(map)) if !map.values().any(holds_float) => Ok(Self(map)),
            _ => Err(Error::Unpublishable { what: "custom data has to be a map without floating-point numbers" }),
        }
    }

    /// As the type that it was made from, or nothing where it is none.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(Value::Object(self.0.clone())).ok()
    }

    pub(crate) fn from_signed(map: &HashMap<String, Value>) -> Self {
        // Sorted, because a hash map has another order each time and the state should not change with it.
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        Self(entries.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    pub(crate) fn to_signed(&self) -> HashMap<String, Value> {
        self.0.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

fn holds_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(holds_float),
        Value::Object(map) => map.values().any(holds_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        for good in ["a", "people-0001.seg", "A_b.c"] {
            assert!(good.parse::<SegmentName>().is_ok(), "{good} is a fine file name everywhere");
        }
        let long = "a".repeat(101);
        for bad in ["", ".", "..", ".hidden", "a/b", "..\\x", "a b", "ä", "a%2f", "c:x", long.as_str()] {
            assert!(bad.parse::<SegmentName>().is_err(), "{bad:?} could lead out of the folder");
        }
    }

    #[test]
    fn custom_data_comes_back_as_its_type() {
        let custom = Custom::new(&HashMap::from([("entries", 7)])).expect("a map");
        assert_eq!(custom.read::<HashMap<String, u32>>(), Some(HashMap::from([("entries".to_owned(), 7)])));
        assert!(Custom::new(&5).is_err(), "only objects fit into signed metadata");
        assert!(Custom::new(&HashMap::from([("weight", 0.5)])).is_err(), "canonical JSON has no fractions");
    }

    #[test]
    fn hashes_are_read_as_written() {
        let hash = Sha256::of(b"segment");
        let text = serde_json::to_string(&hash).expect("text");
        assert_eq!(serde_json::from_str::<Sha256>(&text).expect("its own text"), hash);
        for bad in ["\"\"", "\"zz\"", &text.replacen('"', "\"+", 1).replace("\"+", "\"+0")] {
            assert!(serde_json::from_str::<Sha256>(bad).is_err(), "{bad} is no hash");
        }
    }
}
