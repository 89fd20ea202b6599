//! Arrays and long strings of a header: where they are, and how to read them when they are needed.
//!
//! What was checked when the header was read is checked again, because the file may have changed since. Of a model in
//! several files all of them lie in the first ([`super::first_part`]). An array is read up to 4 194 304 elements and 128 MiB, a string up to 64 MiB: far more than any vocabulary needs.

use std::io::{BufReader, Read, Seek};

use super::reader::Reader;
use super::{GgufError, Header, Value};

const MOST_ELEMENTS: u64 = 1 << 22;
const MOST_ARRAY_BYTES: u64 = 128 << 20;
const MOST_TEXT_BYTES: u64 = 64 << 20;

/// A stretch of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Bytes from the beginning of the file.
    pub offset: u64,
    /// Length in bytes.
    pub bytes: u64,
}

/// An array that was not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Array {
    pub kind: ElementKind,
    pub length: u64,
    /// Where its elements lie.
    pub place: Place,
}

/// What the elements of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementKind {
    /// Whole numbers without a sign, of so many bytes; booleans are one byte.
    Unsigned(u64),
    /// Whole numbers with a sign, of so many bytes.
    Signed(u64),
    /// Floating-point numbers of so many bytes.
    Float(u64),
    Text,
}

impl ElementKind {
    /// By the number of the type in the format.
    pub(super) fn of(number: u32) -> Option<Self> {
        Some(match number {
            0 | 7 => Self::Unsigned(1),
            1 => Self::Signed(1),
            2 => Self::Unsigned(2),
            3 => Self::Signed(2),
            4 => Self::Unsigned(4),
            5 => Self::Signed(4),
            6 => Self::Float(4),
            8 => Self::Text,
            10 => Self::Unsigned(8),
            11 => Self::Signed(8),
            12 => Self::Float(8),
            _ => return None,
        })
    }

    /// Size of an element in bytes, if all have the same.
    pub(super) fn bytes(self) -> Option<u64> {
        match self {
            Self::Unsigned(bytes) | Self::Signed(bytes) | Self::Float(bytes) => Some(bytes),
            Self::Text => None,
        }
    }
}

impl Header {
    /// An array by its key; nothing of it is read.
    pub fn array(&self, key: &str) -> Option<Array> {
        match self.values.get(key) {
            Some(Value::Array(array)) => Some(*array),
            _ => None,
        }
    }

    /// The strings of an array, from a stream of the same file; invalid UTF-8 is replaced. `None` if there is no array
    /// of strings under this key.
    ///
    /// # Errors
    /// When the array is too long, or the file can't be read or is another one by now.
    pub fn texts(&self, key: &str, stream: impl Read + Seek) -> Result<Option<Vec<String>>, GgufError> {
        let Some(array) = self.array(key).filter(|array| array.kind == ElementKind::Text) else { return Ok(None) };
        let mut reader = self.reader(array, stream)?;
        (0..array.length).map(|_| reader.string()).collect::<Result<_, _>>().map(Some)
    }

    /// The whole numbers of an array, from a stream of the same file. `None` if there is no array of whole numbers
    /// under this key.
    ///
    /// # Errors
    /// As for [`Header::texts`], and for a number above 2^63.
    pub fn numbers(&self, key: &str, stream: impl Read + Seek) -> Result<Option<Vec<i64>>, GgufError> {
        let Some(array) = self.array(key) else { return Ok(None) };
        let mut reader = match array.kind {
            ElementKind::Unsigned(_) | ElementKind::Signed(_) => self.reader(array, stream)?,
            ElementKind::Float(_) | ElementKind::Text => return Ok(None),
        };
        let number = |reader: &mut Reader<_>| {
            Ok(match array.kind {
                ElementKind::Unsigned(1) => i64::from(reader.array::<1>()?[0]),
                ElementKind::Unsigned(2) => i64::from(u16::from_le_bytes(reader.array()?)),
                ElementKind::Unsigned(4) => i64::from(reader.u32()?),
                ElementKind::Signed(1) => i64::from(i8::from_le_bytes(reader.array()?)),
                ElementKind::Signed(2) => i64::from(i16::from_le_bytes(reader.array()?)),
                ElementKind::Signed(4) => i64::from(i32::from_le_bytes(reader.array()?)),
                ElementKind::Signed(_) => i64::from_le_bytes(reader.array()?),
                _ => i64::try_from(reader.u64()?).map_err(|_| GgufError::Damaged("a number is impossibly large"))?,
            })
        };
        (0..array.length).map(|_| number(&mut reader)).collect::<Result<_, _>>().map(Some)
    }

    /// The floating-point numbers of an array, from a stream of the same file. `None` if there is no array of them
    /// under this key.
    ///
    /// # Errors
    /// As for [`Header::texts`].
    pub fn floats(&self, key: &str, stream: impl Read + Seek) -> Result<Option<Vec<f64>>, GgufError> {
        let Some(array) = self.array(key) else { return Ok(None) };
        let ElementKind::Float(bytes) = array.kind else { return Ok(None) };
        let mut reader = self.reader(array, stream)?;
        let number = |reader: &mut Reader<_>| {
            Ok(if bytes == 4 {
                f64::from(f32::from_le_bytes(reader.array()?))
            } else {
                f64::from_le_bytes(reader.array()?)
            })
        };
        (0..array.length).map(|_| number(&mut reader)).collect::<Result<_, _>>().map(Some)
    }

    /// The bytes of a string of any length up to 64 MiB, from a stream of the same file. `None` if there is no string
    /// under this key.
    ///
    /// # Errors
    /// As for [`Header::texts`].
    pub fn long_text(&self, key: &str, stream: impl Read + Seek) -> Result<Option<Vec<u8>>, GgufError> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Ok(Some(text.clone().into_bytes())),
            Some(Value::LongText(place)) if place.bytes > MOST_TEXT_BYTES => {
                Err(GgufError::Damaged("a string is impossibly long"))
            }
            Some(Value::LongText(place)) => self.within(*place, stream)?.bytes(place.bytes).map(Some),
            _ => Ok(None),
        }
    }

    fn reader<R: Read + Seek>(&self, array: Array, stream: R) -> Result<Reader<BufReader<R>>, GgufError> {
        if array.length > MOST_ELEMENTS || array.place.bytes > MOST_ARRAY_BYTES {
            return Err(GgufError::Damaged("an array is impossibly long"));
        }
        self.within(array.place, stream)
    }

    fn within<R: Read + Seek>(&self, place: Place, stream: R) -> Result<Reader<BufReader<R>>, GgufError> {
        let end = place.offset.checked_add(place.bytes).filter(|end| *end <= self.first_bytes);
        Reader::within(
            BufReader::new(stream),
            place.offset,
            end.ok_or(GgufError::Damaged("it ends within its header"))?,
        )
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const TEXT: u32 = 8;
    const ARRAY: u32 = 9;

    fn text(text: &[u8]) -> Vec<u8> {
        [&(text.len() as u64).to_le_bytes()[..], text].concat()
    }

    fn array(kind: u32, length: u64, elements: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), elements].concat()
    }

    /// A file with one key, and 64 bytes of nothing after the header.
    fn file(kind: u32, value: &[u8]) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(0u64.to_le_bytes());
        bytes.extend(1u64.to_le_bytes());
        bytes.extend(text(b"key"));
        bytes.extend(kind.to_le_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(32) + 64, 0);
        bytes
    }

    fn parse(bytes: &[u8]) -> Result<Header, GgufError> {
        Header::parse(Cursor::new(bytes), bytes.len() as u64)
    }

    #[test]
    fn arrays_are_read_when_they_are_needed() {
        let texts = file(ARRAY, &array(TEXT, 3, &[text(b"a"), text(b""), text(b"\xffb")].concat()));
        let header = parse(&texts).expect("the file is whole");
        let found = header.texts("key", Cursor::new(&texts)).expect("it can be read");
        assert_eq!(found, Some(vec!["a".to_owned(), String::new(), "\u{fffd}b".to_owned()]));
        assert_eq!(header.texts("other", Cursor::new(&texts)).expect("nothing to read"), None);
        assert_eq!(header.numbers("key", Cursor::new(&texts)).expect("nothing to read"), None);
        assert_eq!(header.floats("key", Cursor::new(&texts)).expect("nothing to read"), None);
        for kind in [0, 1, 2, 3, 4, 5, 7, 10, 11] {
            let size = ElementKind::of(kind).and_then(ElementKind::bytes).expect("a number") as usize;
            let elements: Vec<u8> =
                [1, 100].iter().flat_map(|number: &u64| number.to_le_bytes()[..size].to_vec()).collect();
            let bytes = file(ARRAY, &array(kind, 2, &elements));
            let header = parse(&bytes).expect("the file is whole");
            assert_eq!(
                header.numbers("key", Cursor::new(&bytes)).expect("it can be read"),
                Some(vec![1, 100]),
                "{kind}"
            );
        }
        for (kind, elements) in [(6, 0.5f32.to_le_bytes().to_vec()), (12, 0.5f64.to_le_bytes().to_vec())] {
            let bytes = file(ARRAY, &array(kind, 1, &elements));
            let header = parse(&bytes).expect("the file is whole");
            assert_eq!(header.floats("key", Cursor::new(&bytes)).expect("it can be read"), Some(vec![0.5]), "{kind}");
        }
        let negative = file(ARRAY, &array(5, 1, &(-7i32).to_le_bytes()));
        let header = parse(&negative).expect("the file is whole");
        assert_eq!(header.numbers("key", Cursor::new(&negative)).expect("it can be read"), Some(vec![-7]));
    }

    #[test]
    fn a_long_string_is_remembered_by_its_place() {
        for length in [4 << 20, (4 << 20) + 1, 20 << 20] {
            let long = vec![b'x'; length];
            let bytes = file(TEXT, &text(&long));
            let header = parse(&bytes).expect("a long string is no damage");
            assert_eq!(header.text("key").is_some(), length <= 4 << 20, "{length}");
            let found = header.long_text("key", Cursor::new(&bytes)).expect("it can be read");
            assert!(found.as_ref() == Some(&long), "{length}");
            let cut = header.long_text("key", Cursor::new(&bytes[..length / 2]));
            assert_eq!(cut.is_err(), length > 4 << 20, "a file that was cut since then");
        }
        let bytes = file(TEXT, &text(&vec![b'x'; (64 << 20) + 1]));
        let header = parse(&bytes).expect("the file is whole");
        assert!(header.long_text("key", Cursor::new(&bytes)).is_err(), "there is a limit");
    }

    #[test]
    fn impossible_lengths_are_damage() {
        let lengths = [1 << 22, 1 << 32, 1 << 61, (1 << 61) + 1, 1 << 63, u64::MAX - 7, u64::MAX];
        for length in lengths {
            for kind in [0, 5, 6, 8, 10, 12, 9, 13] {
                let bytes = file(ARRAY, &array(kind, length, b""));
                assert!(matches!(parse(&bytes), Err(GgufError::Damaged(_))), "{length} elements of type {kind}");
            }
            let bytes = file(TEXT, &length.to_le_bytes());
            assert!(matches!(parse(&bytes), Err(GgufError::Damaged(_))), "a string of {length} bytes");
            let bytes = file(ARRAY, &array(TEXT, 1, &length.to_le_bytes()));
            assert!(matches!(parse(&bytes), Err(GgufError::Damaged(_))), "a string of {length} bytes in an array");
        }
        let most = file(ARRAY, &array(0, (1 << 22) + 1, &vec![0; (1 << 22) + 1]));
        let header = parse(&most).expect("the file is whole");
        assert!(header.numbers("key", Cursor::new(&most)).is_err(), "more than is read at once");
        let large = file(ARRAY, &array(10, 1, &u64::MAX.to_le_bytes()));
        let header = parse(&large).expect("the file is whole");
        assert!(header.numbers("key", Cursor::new(&large)).is_err(), "larger than a number can be");
    }

    #[test]
    fn a_file_that_was_replaced_is_an_error_or_other_text_and_never_a_panic() {
        let whole = file(ARRAY, &array(TEXT, 2, &[text(b"abc"), text(b"def")].concat()));
        let header = parse(&whole).expect("the file is whole");
        for length in 0..whole.len() - 96 {
            assert!(header.texts("key", Cursor::new(&whole[..length])).is_err(), "{length}");
        }
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                let _ = header.texts("key", Cursor::new(&changed));
                if let Ok(header) = parse(&changed) {
                    let _ = header.texts("key", Cursor::new(&changed));
                    let _ = header.numbers("key", Cursor::new(&changed));
                    let _ = header.floats("key", Cursor::new(&changed));
                }
            }
        }
    }
}
