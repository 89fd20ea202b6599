//! What a GGUF file is, read from its header in safe code and bounded memory, without loading it.
//!
//! Format: GGUF versions 2 and 3, <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>: magic, version,
//! counts, key-value pairs, tensor descriptions, padding, tensor data. Every length is checked against the file
//! before anything is allocated, so a damaged or hostile file costs an error and nothing else. Arrays and strings of
//! more than 4 MiB are remembered by their place and read when somebody asks ([`Header::texts`] and its neighbours).
//! Time is bounded by what a header may hold: at most 64 MiB of strings are read, and 512 MiB walked through.
//!
//! A model may be split into files such as `name-00001-of-00003.gguf`, which lie beside each other; they are read as
//! one. **The path of the first part is the model's path** ([`first_part`]): llama.cpp takes it and finds the rest, and
//! arrays are read from it. GGUF 1 is refused with a sentence. Deliberately not here: what is in a tensor.

mod arrays;
mod parts;
mod reader;
pub(crate) mod weights;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

pub use arrays::{Array, ElementKind, Place};
pub use parts::{PartName, first_part};
use reader::Reader;
use weights::weight_type;

const MOST_KEYS: u64 = 65_536;
const MOST_TENSORS: u64 = 65_536;

/// Why a file is no usable model. The texts are sentences for users.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    /// The file system.
    #[error("the file can't be read ({}): check that it exists and that you may open it", .0.kind())]
    Io(#[from] io::Error),
    #[error("this is a folder: choose a model file that ends in .gguf")]
    Folder,
    /// Not a GGUF file at all.
    #[error("this is not a GGUF file: choose a model file that ends in .gguf")]
    NotGguf,
    /// A version that Lethe does not know.
    #[error("this GGUF file is of version {0}, and Lethe reads 2 and 3: get a newer file of the model")]
    Version(u32),
    /// The header contradicts itself or the file.
    #[error("this GGUF file is damaged ({0}): download it again")]
    Damaged(&'static str),
    /// The header is whole, the data is not.
    #[error("this GGUF file is incomplete ({found} of {needed} bytes): download it again")]
    Truncated {
        /// Size of the file in bytes.
        found: u64,
        /// Size it must have.
        needed: u64,
    },
    /// A file of a split model is not there.
    #[error("the file {0} of this model is missing: put all its files into one folder, under the names they came with")]
    MissingPart(String),
    /// A file lies where a part of this model should.
    #[error("the file {0} is no part of this model: download all files of the model again")]
    OtherPart(String),
    /// A part can't be read.
    #[error("{name}: {error}")]
    Part {
        /// Name of the file.
        name: String,
        /// What is wrong with it.
        error: Box<GgufError>,
    },
    /// All parts are there, and what they hold is not what the first one promises.
    #[error("the files of this model don't belong together: download all of them again")]
    Mismatch,
    /// A part under a name that does not say which.
    #[error(
        "this is part {number} of {count} of a model, under a name that does not say so: name it as it came, such as \
        model-{number:05}-of-{count:05}.gguf"
    )]
    PartName {
        /// Which one it is, from 1.
        number: u64,
        /// How many there are.
        count: u64,
    },
}

/// The header of a model: of a GGUF file, or of several that are parts of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Format version.
    pub version: u32,
    /// Keys and their values; of arrays, what they hold and where.
    pub values: BTreeMap<String, Value>,
    /// The tensors, in the order of the files.
    pub tensors: Vec<Tensor>,
    /// Size of the file in bytes, or of all parts together.
    pub file_bytes: u64,
    /// The files, the first part first; one for a model in one file, none for a stream.
    pub files: Vec<PathBuf>,
    first_bytes: u64,
    /// Of each file.
    data_starts: Vec<u64>,
}

/// Which part of a split model a file says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u64,
    /// How many there are; at least 2.
    pub count: u64,
}

/// A value of a header.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any whole number that is not negative, and booleans as 0 or 1.
    Number(u64),
    /// A negative whole number.
    Negative(i64),
    Float(f64),
    /// A string; invalid UTF-8 is replaced.
    Text(String),
    /// A string of more than 4 MiB, to be read with [`Header::long_text`].
    LongText(Place),
    /// An array, to be read with [`Header::texts`], [`Header::numbers`] or [`Header::floats`].
    Array(Array),
}

/// A tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    pub name: String,
    /// Its dimensions, the fastest first.
    pub shape: Vec<u64>,
    /// Number of its type.
    pub kind: u32,
    /// Which of the model's files it lies in, from 0.
    pub file: usize,
    /// Where its data begins, in bytes from where the data of its file begins; [`Header::place`] counts from the
    /// beginning of the file.
    pub offset: u64,
    /// Size in bytes, as far as the type is known; 0 otherwise.
    pub bytes: u64,
}

impl Header {
    /// Reads and checks the header of a file; of any part of a split model, those of all its parts.
    ///
    /// # Errors
    /// See [`GgufError`]; each is a sentence that says what to do.
    pub fn read(path: &Path) -> Result<Self, GgufError> {
        let header = Self::read_file(path)?;
        match header.part() {
            Some(part) => parts::read_all(path, part),
            None => Ok(Self { files: vec![path.to_owned()], ..header }),
        }
    }

    /// Reads one file, whatever part it is.
    fn read_file(path: &Path) -> Result<Self, GgufError> {
        // Asked before it is opened: opening a pipe would wait for somebody to write.
        let metadata = path.metadata()?;
        if metadata.is_dir() {
            return Err(GgufError::Folder);
        }
        if !metadata.is_file() {
            return Err(GgufError::NotGguf);
        }
        Self::parse(BufReader::with_capacity(1 << 16, File::open(path)?), metadata.len())
    }

    /// Reads and checks a header from any stream of `file_bytes` bytes. Of a split model this is one part and nothing
    /// of the others: see [`Header::part`].
    ///
    /// # Errors
    /// See [`GgufError`].
    pub fn parse(stream: impl Read + Seek, file_bytes: u64) -> Result<Self, GgufError> {
        let mut reader = Reader::new(stream, file_bytes);
        if reader.array::<4>().map_err(|_| GgufError::NotGguf)? != *b"GGUF" {
            return Err(GgufError::NotGguf);
        }
        let version = reader.u32()?;
        if !(2..=3).contains(&version) {
            return Err(GgufError::Version(version));
        }
        let tensor_count = reader.u64()?;
        let key_count = reader.u64()?;
        if tensor_count > MOST_TENSORS || key_count > MOST_KEYS {
            return Err(GgufError::Damaged("its counts are impossible"));
        }
        let mut values = BTreeMap::new();
        for _ in 0..key_count {
            let key = reader.key()?;
            let kind = reader.u32()?;
            let value = reader.value(kind)?;
            values.insert(key, value);
        }
        let mut tensors = Vec::new();
        let mut data_bytes = 0u64;
        for _ in 0..tensor_count {
            let tensor = reader.tensor()?;
            let end =
                tensor.offset.checked_add(tensor.bytes).ok_or(GgufError::Damaged("a tensor has an impossible size"))?;
            data_bytes = data_bytes.max(end);
            tensors.push(tensor);
        }
        let mut header = Self {
            version,
            values,
            tensors,
            file_bytes,
            files: Vec::new(),
            first_bytes: file_bytes,
            data_starts: Vec::new(),
        };
        let alignment = header.number("general.alignment").filter(|value| value.is_power_of_two()).unwrap_or(32);
        let start = reader.at().checked_next_multiple_of(alignment);
        let start = start.ok_or(GgufError::Damaged("its alignment is impossible"))?;
        header.data_starts.push(start);
        let needed = start.checked_add(data_bytes).ok_or(GgufError::Damaged("a tensor has an impossible size"))?;
        if needed > file_bytes {
            return Err(GgufError::Truncated { found: file_bytes, needed });
        }
        Ok(header)
    }

    /// A whole number by its key.
    pub fn number(&self, key: &str) -> Option<u64> {
        match self.values.get(key) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// A string by its key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Which part of a split model the file is, or the first of the files; `None` for a model in one file.
    pub fn part(&self) -> Option<Part> {
        let count = self.number("split.count").filter(|count| *count > 1)?;
        Some(Part { number: self.number("split.no").unwrap_or(0).saturating_add(1), count })
    }

    /// Where the data of a tensor lies, in bytes from the beginning of its file, [`Tensor::file`].
    pub fn place(&self, tensor: &Tensor) -> Place {
        let start = self.data_starts.get(tensor.file).copied().unwrap_or(0);
        Place { offset: start.saturating_add(tensor.offset), bytes: tensor.bytes }
    }

    /// The architecture, such as `apertus`.
    pub fn architecture(&self) -> &str {
        self.text("general.architecture").unwrap_or("unknown")
    }

    /// A number under the architecture's name.
    pub fn architecture_number(&self, key: &str) -> Option<u64> {
        self.number(&format!("{}.{key}", self.architecture()))
    }

    /// Context size the model was trained for, in tokens.
    pub fn context_trained(&self) -> u64 {
        self.architecture_number("context_length").unwrap_or(0)
    }

    /// Number of weights.
    pub fn parameters(&self) -> u64 {
        // A file may promise more weights of an unknown type than there are numbers.
        self.tensors.iter().map(Tensor::weights).fold(0, u64::saturating_add)
    }

    /// Size of all tensors in bytes.
    pub fn weight_bytes(&self) -> u64 {
        self.tensors.iter().map(|tensor| tensor.bytes).fold(0, u64::saturating_add)
    }

    /// The type that holds most of the weights, such as `Q4_0`.
    pub fn quantization(&self) -> String {
        let mut bytes: BTreeMap<u32, u64> = BTreeMap::new();
        for tensor in &self.tensors {
            let bytes = bytes.entry(tensor.kind).or_default();
            *bytes = bytes.saturating_add(tensor.bytes);
        }
        let most = bytes.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(kind, _)| kind);
        most.and_then(weight_type).map_or_else(|| "unknown".to_owned(), |weight_type| weight_type.name.to_owned())
    }

    /// Estimated size in bytes of the cache for a context of so many tokens, with keys and values of 16 bits.
    pub fn cache_bytes(&self, context: u64) -> u64 {
        let number = |key: &str| self.architecture_number(key);
        let layers = number("block_count").unwrap_or(0);
        let heads = number("attention.head_count").unwrap_or(1).max(1);
        let cached_heads = number("attention.head_count_kv").unwrap_or(heads);
        let width = number("embedding_length").unwrap_or(0);
        let head = width / heads;
        let key = number("attention.key_length").unwrap_or(head);
        let value = number("attention.value_length").unwrap_or(head);
        let elements = [layers, context, cached_heads, key.saturating_add(value), 2];
        elements.into_iter().fold(1, u64::saturating_mul)
    }
}

impl Tensor {
    /// Number of its weights.
    pub fn weights(&self) -> u64 {
        self.shape.iter().copied().fold(1, u64::saturating_mul)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A tiny file: two keys, an array, one tensor of 64 Q4_0 weights.
    fn file() -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        };
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(1u64.to_le_bytes());
        bytes.extend(3u64.to_le_bytes());
        text(&mut bytes, "general.architecture");
        bytes.extend(8u32.to_le_bytes());
        text(&mut bytes, "apertus");
        text(&mut bytes, "apertus.context_length");
        bytes.extend(4u32.to_le_bytes());
        bytes.extend(4096u32.to_le_bytes());
        text(&mut bytes, "tokenizer.ggml.tokens");
        bytes.extend(9u32.to_le_bytes());
        bytes.extend(8u32.to_le_bytes());
        bytes.extend(2u64.to_le_bytes());
        text(&mut bytes, "a");
        text(&mut bytes, "bc");
        text(&mut bytes, "output.weight");
        bytes.extend(2u32.to_le_bytes());
        bytes.extend(32u64.to_le_bytes());
        bytes.extend(2u64.to_le_bytes());
        bytes.extend(2u32.to_le_bytes());
        bytes.extend(0u64.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(32) + 36, 0);
        bytes
    }

    fn parse(bytes: &[u8]) -> Result<Header, GgufError> {
        Header::parse(Cursor::new(bytes), bytes.len() as u64)
    }

    #[test]
    fn a_header_tells_what_the_model_is() {
        let header = parse(&file()).expect("the file is whole");
        assert_eq!(header.architecture(), "apertus");
        assert_eq!(header.context_trained(), 4096);
        assert_eq!((header.parameters(), header.weight_bytes()), (64, 36));
        assert_eq!(header.quantization(), "Q4_0");
        assert_eq!(header.tensors[0].offset, 0);
        assert_eq!(header.place(&header.tensors[0]).offset, file().len() as u64 - 36);
        let Value::Array(tokens) = header.values["tokenizer.ggml.tokens"] else { panic!("the tokens are an array") };
        assert_eq!((tokens.kind, tokens.length), (ElementKind::Text, 2));
    }

    #[test]
    fn every_cut_is_noticed() {
        let whole = file();
        for length in 0..whole.len() {
            assert!(parse(&whole[..length]).is_err(), "{length} of {} bytes were taken for a model", whole.len());
        }
        assert!(matches!(parse(&whole[..whole.len() - 1]), Err(GgufError::Truncated { .. })));
        assert!(matches!(parse(b"hello, I am a text file"), Err(GgufError::NotGguf)));
        assert!(matches!(parse(b""), Err(GgufError::NotGguf)));
    }

    #[test]
    fn no_changed_byte_leads_to_a_panic_or_a_large_allocation() {
        let whole = file();
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                // Any answer is right as long as there is one.
                let _ = parse(&changed);
            }
        }
    }
}
