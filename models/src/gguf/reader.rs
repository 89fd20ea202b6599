//! Reads the parts of a header, each length checked against the file before anything is allocated or skipped.

use std::io::{Read, Seek, SeekFrom};

use super::arrays::{Array, ElementKind, Place};
use super::weights::weight_type;
use super::{GgufError, Tensor, Value};

/// Longest string that is read with the header; templates are about 10 kB, licences about 30 kB.
const LONGEST_STRING: u64 = 4 << 20;
/// Longest key in bytes, as the format has it.
const LONGEST_KEY: u64 = (1 << 16) - 1;
/// Longest name of a tensor in bytes; the format allows 64.
const LONGEST_NAME: u64 = 1024;
/// All keys and strings that are read with one header, in bytes. Strings beyond it are remembered by their place.
const MOST_READ: u64 = 64 << 20;
/// All strings in arrays of one header, in bytes; they are walked through, so this bounds the time.
const MOST_WALKED: u64 = 512 << 20;

/// Reads a stream of known length and never past its end.
pub(super) struct Reader<R> {
    stream: R,
    at: u64,
    end: u64,
    read: u64,
    walked: u64,
}

impl<R: Read + Seek> Reader<R> {
    /// A reader of the first `end` bytes of a stream that stands at its beginning.
    pub(super) fn new(stream: R, end: u64) -> Self {
        Self { stream, at: 0, end, read: 0, walked: 0 }
    }

    /// A reader of the bytes from `at` to `end` of a stream, wherever it stands.
    pub(super) fn within(mut stream: R, at: u64, end: u64) -> Result<Self, GgufError> {
        stream.seek(SeekFrom::Start(at))?;
        Ok(Self { stream, at, end, read: 0, walked: 0 })
    }

    /// Bytes from the beginning of the file to here.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let mut bytes = [0; N];
        self.take(N as u64)?;
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn take(&mut self, bytes: u64) -> Result<(), GgufError> {
        let after = self.at.checked_add(bytes).filter(|after| *after <= self.end);
        self.at = after.ok_or(GgufError::Damaged("it ends within its header"))?;
        Ok(())
    }

    fn skip(&mut self, bytes: u64) -> Result<(), GgufError> {
        self.take(bytes)?;
        let bytes = i64::try_from(bytes).map_err(|_| GgufError::Damaged("a length is impossible"))?;
        self.stream.seek_relative(bytes)?;
        Ok(())
    }

    pub(super) fn u32(&mut self) -> Result<u32, GgufError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, GgufError> {
        self.array().map(u64::from_le_bytes)
    }

    /// A key of the header.
    pub(super) fn key(&mut self) -> Result<String, GgufError> {
        let length = self.u64()?;
        self.read = self.read.saturating_add(length);
        if length > LONGEST_KEY || self.read > MOST_READ {
            return Err(GgufError::Damaged("a key is impossibly long"));
        }
        self.text(length)
    }

    /// An element of an array.
    pub(super) fn string(&mut self) -> Result<String, GgufError> {
        let length = self.u64()?;
        if length > LONGEST_STRING {
            return Err(GgufError::Damaged("a string is impossibly long"));
        }
        self.text(length)
    }

    /// So many bytes as text; invalid UTF-8 is replaced. The caller has limited the length.
    pub(super) fn text(&mut self, length: u64) -> Result<String, GgufError> {
        let bytes = self.bytes(length)?;
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// So many bytes. The caller has limited the length.
    pub(super) fn bytes(&mut self, length: u64) -> Result<Vec<u8>, GgufError> {
        self.take(length)?;
        let length = usize::try_from(length).map_err(|_| GgufError::Damaged("a string is impossibly long"))?;
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// A string that is a value: a long one is remembered by its place.
    fn text_value(&mut self) -> Result<Value, GgufError> {
        let length = self.u64()?;
        if length <= LONGEST_STRING && self.read.saturating_add(length) <= MOST_READ {
            self.read += length;
            return self.text(length).map(Value::Text);
        }
        let place = Place { offset: self.at, bytes: length };
        self.skip(length)?;
        Ok(Value::LongText(place))
    }

    pub(super) fn value(&mut self, kind: u32) -> Result<Value, GgufError> {
        Ok(match kind {
            0 | 7 => Value::Number(u64::from(self.array::<1>()?[0])),
            1 => signed(i64::from(i8::from_le_bytes(self.array()?))),
            2 => Value::Number(u64::from(u16::from_le_bytes(self.array()?))),
            3 => signed(i64::from(i16::from_le_bytes(self.array()?))),
            4 => Value::Number(u64::from(self.u32()?)),
            5 => signed(i64::from(i32::from_le_bytes(self.array()?))),
            6 => Value::Float(f64::from(f32::from_le_bytes(self.array()?))),
            8 => self.text_value()?,
            9 => Value::Array(self.skip_array()?),
            10 => Value::Number(self.u64()?),
            11 => signed(i64::from_le_bytes(self.array()?)),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            _ => return Err(GgufError::Damaged("a value has an unknown type")),
        })
    }

    fn skip_array(&mut self) -> Result<Array, GgufError> {
        let kind = self.u32()?;
        let length = self.u64()?;
        let kind = ElementKind::of(kind).ok_or(GgufError::Damaged("an array has an unknown type"))?;
        let offset = self.at;
        match kind.bytes() {
            Some(size) => {
                let bytes = length.checked_mul(size).ok_or(GgufError::Damaged("an array is impossibly long"))?;
                self.skip(bytes)?;
            }
            None => {
                for _ in 0..length {
                    let length = self.u64()?;
                    self.skip(length)?;
                    if self.walked + (self.at - offset) > MOST_WALKED {
                        return Err(GgufError::Damaged("an array is impossibly long"));
                    }
                }
                self.walked += self.at - offset;
            }
        }
        Ok(Array { kind, length, place: Place { offset, bytes: self.at - offset } })
    }

    pub(super) fn tensor(&mut self) -> Result<Tensor, GgufError> {
        let length = self.u64()?;
        if length > LONGEST_NAME {
            return Err(GgufError::Damaged("the name of a tensor is impossibly long"));
        }
        let name = self.text(length)?;
        let dimensions = self.u32()?;
        if dimensions > 8 {
            return Err(GgufError::Damaged("a tensor has too many dimensions"));
        }
        let mut shape = Vec::new();
        let mut elements = 1u64;
        for _ in 0..dimensions {
            let dimension = self.u64()?;
            elements = elements.checked_mul(dimension).ok_or(GgufError::Damaged("a tensor has an impossible size"))?;
            shape.push(dimension);
        }
        let kind = self.u32()?;
        let offset = self.u64()?;
        // A type that is not known here may be known to the engine; it then says what is wrong with the data.
        let bytes = weight_type(kind).map_or(0, |known| (elements / known.block).saturating_mul(known.bytes));
        Ok(Tensor { name, shape, kind, file: 0, offset, bytes })
    }
}

fn signed(number: i64) -> Value {
    u64::try_from(number).map_or(Value::Negative(number), Value::Number)
}
