//! Writes GGUF files, version 3, as a stream.
//!
//! Keys and tensors are declared first, then the data of the tensors follows in the order of their declaration, in
//! pieces of any length. Everything is little-endian, and each tensor starts at a multiple of 32 bytes. The writer
//! refuses what would make a broken file: a key or tensor declared twice, data too long or too short.
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
//! Deliberately not here: reading, which is `lethe-models`' `gguf`, and big-endian files.

use std::collections::HashSet;
use std::io::{self, Write};

/// Where tensors start: a multiple of so many bytes.
pub const ALIGNMENT: u64 = 32;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The stream refused.
    #[error("the file can't be written ({}): check the disk", .0.kind())]
    Io(#[from] io::Error),
    /// What was declared is no valid file.
    #[error("{0} is declared twice: this is a mistake in the program, report it")]
    Twice(String),
    /// Elements of a tensor do not fill its blocks.
    #[error("the rows of {0} do not fill whole blocks: choose another weight type")]
    Blocks(String),
    /// The data is not as long as was declared.
    #[error("the data of the tensors is {found} bytes long instead of {declared}: this is a mistake in the program")]
    Length {
        /// Bytes that were handed over.
        found: u64,
        /// Bytes that were declared.
        declared: u64,
    },
}

/// The value of a key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    /// A list of floating-point numbers.
    F32s(Vec<f32>),
    /// A list of whole numbers.
    I32s(Vec<i32>),
    /// A list of strings.
    Texts(Vec<String>),
}

/// How the weights of a tensor are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WeightType {
    /// Floats of 32 bits.
    F32,
    /// IEEE floats of 16 bits.
    F16,
    /// Blocks of 32 weights: scale and bias as F16, then 16 bytes; the low halves hold the first 16 weights.
    Q4_1,
    /// Brain floats: the upper 16 bits of F32.
    Bf16,
}

impl WeightType {
    /// ggml's number of the type.
    pub fn number(self) -> u32 {
        match self {
            Self::F32 => 0,
            Self::F16 => 1,
            Self::Q4_1 => 3,
            Self::Bf16 => 30,
        }
    }

    /// ggml's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Q4_1 => "Q4_1",
            Self::Bf16 => "BF16",
        }
    }

    /// Weights in a block; rows are whole blocks.
    pub fn block(self) -> u64 {
        if self == Self::Q4_1 { 32 } else { 1 }
    }

    /// Size of so many weights in bytes; they are whole blocks.
    pub fn bytes(self, weights: u64) -> u64 {
        match self {
            Self::F32 => weights * 4,
            Self::F16 | Self::Bf16 => weights * 2,
            Self::Q4_1 => weights / 32 * 20,
        }
    }
}

/// What comes before the data of the tensors.
#[derive(Debug, Default)]
pub struct Header {
    keys: Vec<(String, Value)>,
    tensors: Vec<Declared>,
}

#[derive(Debug)]
struct Declared {
    name: String,
    dimensions: Vec<u64>,
    weight_type: WeightType,
    bytes: u64,
}

impl Header {
    /// An empty header.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    pub fn key(&mut self, name: impl Into<String>, value: Value) {
        self.keys.push((name.into(), value));
    }

    /// Declares a tensor. `dimensions` start with the length of a row, as everywhere in GGUF.
    pub fn tensor(&mut self, name: impl Into<String>, dimensions: &[u64], weight_type: WeightType) {
        let bytes = weight_type.bytes(dimensions.iter().product());
        self.tensors.push(Declared { name: name.into(), dimensions: dimensions.to_vec(), weight_type, bytes });
    }

    /// Size of the whole file in bytes.
    pub fn file_bytes(&self) -> u64 {
        let data: u64 = self.tensors.iter().map(|tensor| tensor.bytes.next_multiple_of(ALIGNMENT)).sum();
        let mut counter = Counter(0);
        self.encode(&mut counter).expect("counting never fails");
        counter.0.next_multiple_of(ALIGNMENT) + data
    }

    /// Writes the header and gives back what takes the data.
    ///
    /// # Errors
    /// When something is declared twice or does not fill its blocks, or the stream refuses.
    pub fn start<W: Write>(self, stream: W) -> Result<Data<W>, WriteError> {
        let mut names = HashSet::new();
        for name in self.keys.iter().map(|(name, _)| name) {
            if !names.insert(name) {
                return Err(WriteError::Twice(name.clone()));
            }
        }
        names.clear();
        for tensor in &self.tensors {
            if !names.insert(&tensor.name) {
                return Err(WriteError::Twice(tensor.name.clone()));
            }
            if !tensor.dimensions.first().is_some_and(|row| row.is_multiple_of(tensor.weight_type.block())) {
                return Err(WriteError::Blocks(tensor.name.clone()));
            }
        }
        let mut counted = Counting { stream, written: 0 };
        self.encode(&mut counted)?;
        pad(&mut counted)?;
        let ends = self.tensors.iter().map(|tensor| tensor.bytes).collect();
        Ok(Data { stream: counted, tensors: ends, current: 0, filled: 0 })
    }

    fn encode(&self, stream: &mut impl Write) -> io::Result<()> {
        stream.write_all(b"GGUF")?;
        stream.write_all(&3u32.to_le_bytes())?;
        stream.write_all(&(self.tensors.len() as u64).to_le_bytes())?;
        stream.write_all(&(self.keys.len() as u64).to_le_bytes())?;
        for (name, value) in &self.keys {
            text(stream, name)?;
            encode_value(stream, value)?;
        }
        let mut offset = 0u64;
        for tensor in &self.tensors {
            text(stream, &tensor.name)?;
            stream.write_all(&u32::try_from(tensor.dimensions.len()).map_err(io::Error::other)?.to_le_bytes())?;
            for dimension in &tensor.dimensions {
                stream.write_all(&dimension.to_le_bytes())?;
            }
            stream.write_all(&tensor.weight_type.number().to_le_bytes())?;
            stream.write_all(&offset.to_le_bytes())?;
            offset += tensor.bytes.next_multiple_of(ALIGNMENT);
        }
        Ok(())
    }
}

/// Takes the data of the declared tensors, one after the other.
#[derive(Debug)]
pub struct Data<W> {
    stream: Counting<W>,
    tensors: Vec<u64>,
    current: usize,
    filled: u64,
}

impl<W: Write> Data<W> {
    /// Writes the next bytes of the current tensor; the next tensor begins when it is full.
    ///
    /// # Errors
    /// When the tensor has no room for so many bytes, or the stream refuses.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let declared = self.tensors.get(self.current).copied().unwrap_or(0);
        let found = self.filled + bytes.len() as u64;
        if found > declared {
            return Err(WriteError::Length { found, declared });
        }
        self.stream.write_all(bytes)?;
        self.filled = found;
        if found == declared {
            pad(&mut self.stream)?;
            self.current += 1;
            self.filled = 0;
        }
        Ok(())
    }

    /// Size of what was written so far in bytes.
    pub fn written(&self) -> u64 {
        self.stream.written
    }

    /// Gives the stream back, flushed.
    ///
    /// # Errors
    /// When data is missing, or the stream refuses.
    pub fn finish(mut self) -> Result<W, WriteError> {
        if self.current != self.tensors.len() {
            let declared = self.tensors[self.current];
            return Err(WriteError::Length { found: self.filled, declared });
        }
        self.stream.flush()?;
        Ok(self.stream.stream)
    }
}

#[derive(Debug)]
struct Counting<W> {
    stream: W,
    written: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pad<W: Write>(stream: &mut Counting<W>) -> io::Result<()> {
    let padding = stream.written.next_multiple_of(ALIGNMENT) - stream.written;
    stream.write_all(&[0; ALIGNMENT as usize][..usize::try_from(padding).map_err(io::Error::other)?])
}

fn text(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(&(text.len() as u64).to_le_bytes())?;
    stream.write_all(text.as_bytes())
}

fn encode_value(stream: &mut impl Write, value: &Value) -> io::Result<()> {
    const ARRAY: u32 = 9;
    let mut array = |kind: &Value, length: usize| {
        stream.write_all(&ARRAY.to_le_bytes())?;
        stream.write_all(&kind_number(kind).to_le_bytes())?;
        stream.write_all(&(length as u64).to_le_bytes())
    };
    match value {
        Value::F32s(numbers) => {
            array(&Value::F32(0.0), numbers.len())?;
            numbers.iter().try_for_each(|number| stream.write_all(&number.to_le_bytes()))
        }
        Value::I32s(numbers) => {
            array(value, numbers.len())?;
            numbers.iter().try_for_each(|number| stream.write_all(&number.to_le_bytes()))
        }
        Value::Texts(texts) => {
            array(&Value::Text(String::new()), texts.len())?;
            texts.iter().try_for_each(|string| text(stream, string))
        }
        single => {
            stream.write_all(&kind_number(single).to_le_bytes())?;
            match single {
                Value::U32(number) => stream.write_all(&number.to_le_bytes()),
                Value::F32(number) => stream.write_all(&number.to_le_bytes()),
                Value::Bool(yes) => stream.write_all(&[u8::from(*yes)]),
                Value::Text(string) => text(stream, string),
                Value::F32s(_) | Value::I32s(_) | Value::Texts(_) => unreachable!("lists are written above"),
            }
        }
    }
}

/// GGUF's number of a value's kind; of a list, that of its elements.
fn kind_number(value: &Value) -> u32 {
    match value {
        Value::U32(_) => 4,
        Value::I32s(_) => 5,
        Value::F32(_) | Value::F32s(_) => 6,
        Value::Bool(_) => 7,
        Value::Text(_) | Value::Texts(_) => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        let mut header = Header::new();
        header.key("a", Value::U32(1));
        header.tensor("one", &[3, 5], WeightType::F32);
        header.tensor("two", &[32, 2], WeightType::Q4_1);
        header
    }

    #[test]
    fn the_size_is_known_before_anything_is_written() {
        let expected = header().file_bytes();
        let mut data = header().start(Vec::new()).expect("a valid header");
        for piece in [7, 53, 40] {
            data.write(&vec![1; piece]).expect("it is declared");
        }
        assert_eq!(data.finish().expect("all data is there").len() as u64, expected);
    }

    #[test]
    fn data_of_another_length_makes_no_file() {
        let mut data = header().start(Vec::new()).expect("a valid header");
        assert!(matches!(data.write(&[0; 61]), Err(WriteError::Length { .. })), "more than the tensor holds");
        data.write(&[0; 60]).expect("exactly what it holds");
        assert!(matches!(data.finish(), Err(WriteError::Length { .. })), "the second tensor is missing");
    }

    #[test]
    fn nothing_is_declared_twice() {
        let mut twice = header();
        twice.key("a", Value::Bool(true));
        assert!(matches!(twice.start(Vec::new()), Err(WriteError::Twice(_))));
        let mut twice = header();
        twice.tensor("one", &[1], WeightType::F32);
        assert!(matches!(twice.start(Vec::new()), Err(WriteError::Twice(_))));
        let mut uneven = Header::new();
        uneven.tensor("uneven", &[48, 2], WeightType::Q4_1);
        assert!(matches!(uneven.start(Vec::new()), Err(WriteError::Blocks(_))));
    }
}
