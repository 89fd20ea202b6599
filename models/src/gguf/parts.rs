//! Models that are split into several files, read as one.
//!
//! The names are those that llama.cpp writes and asks for, `%s-%05d-of-%05d.gguf` of `src/llama.cpp`; the keys are
//! `split.no` (from 0), `split.count` and `split.tensors.count`. Values come from the first part, because the others
//! have none but these; tensors come from all. What llama.cpp would refuse is refused here with the name of the file.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{GgufError, Header, MOST_TENSORS, Part};

/// Most files of a model; the largest published have about a hundred.
const MOST_PARTS: u64 = 1024;

/// The name of a part, such as `apertus-00002-of-00003.gguf`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartName {
    /// What stands before the numbers.
    pub stem: String,
    /// Which one it is, from 1 to `count`.
    pub number: u64,
    /// How many there are.
    pub count: u64,
}

impl PartName {
    /// Reads the name of a file; `None` if it is not the name of a part.
    pub fn parse(name: &str) -> Option<Self> {
        let (rest, count) = name.strip_suffix(".gguf")?.rsplit_once("-of-")?;
        let (stem, number) = rest.rsplit_once('-')?;
        let digits = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        if stem.is_empty() || !digits(number) || !digits(count) {
            return None;
        }
        let (number, count) = (number.parse().ok()?, count.parse().ok()?);
        (1..=count).contains(&number).then(|| Self { stem: stem.to_owned(), number, count })
    }

    /// The name of another part of the same model.
    #[must_use]
    pub fn with_number(&self, number: u64) -> Self {
        Self { number, ..self.clone() }
    }

    fn of(path: &Path) -> Option<Self> {
        Self::parse(path.file_name()?.to_str()?)
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{:05}-of-{:05}.gguf", self.stem, self.number, self.count)
    }
}

/// The path of a model, given the path of any of its files: that of the first part beside it, or the same path where
/// the name is not that of a part. Nothing is read, so the file need not be there.
pub fn first_part(path: &Path) -> PathBuf {
    PartName::of(path).map_or_else(|| path.to_owned(), |name| path.with_file_name(name.with_number(1).to_string()))
}

/// Reads all parts of the model that `path` says it is a part of.
pub(super) fn read_all(path: &Path, part: Part) -> Result<Header, GgufError> {
    if part.count > MOST_PARTS {
        return Err(GgufError::Damaged("its number of parts is impossible"));
    }
    let name = PartName::of(path).filter(|name| (name.number, name.count) == (part.number, part.count));
    let name = name.ok_or(GgufError::PartName { number: part.number, count: part.count })?;
    let mut whole = read_part(path, &name.with_number(1))?;
    for number in 2..=part.count {
        let other = read_part(path, &name.with_number(number))?;
        let file = whole.files.len();
        if whole.tensors.len() + other.tensors.len() > MOST_TENSORS as usize {
            return Err(GgufError::Damaged("its counts are impossible"));
        }
        whole.tensors.extend(other.tensors.into_iter().map(|tensor| super::Tensor { file, ..tensor }));
        whole.data_starts.extend(other.data_starts);
        whole.files.extend(other.files);
        whole.file_bytes = whole.file_bytes.saturating_add(other.file_bytes);
    }
    let promised = whole.number("split.tensors.count");
    let names: HashSet<&str> = whole.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    let whole_count = names.len() as u64;
    if names.len() != whole.tensors.len() || promised.is_some_and(|promised| promised != whole_count) {
        return Err(GgufError::Mismatch);
    }
    Ok(whole)
}

/// Reads the part of that name, beside `path`.
fn read_part(path: &Path, name: &PartName) -> Result<Header, GgufError> {
    let path = path.with_file_name(name.to_string());
    if !path.exists() {
        return Err(GgufError::MissingPart(name.to_string()));
    }
    let header =
        Header::read_file(&path).map_err(|error| GgufError::Part { name: name.to_string(), error: Box::new(error) })?;
    if header.part() != Some(Part { number: name.number, count: name.count }) {
        return Err(GgufError::OtherPart(name.to_string()));
    }
    Ok(Header { files: vec![path], ..header })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_lead_to_the_first() {
        for (name, first) in [
            ("a-00002-of-00003.gguf", "a-00001-of-00003.gguf"),
            ("a-00001-of-00003.gguf", "a-00001-of-00003.gguf"),
            ("a-b-00001-of-00002-00007-of-00012.gguf", "a-b-00001-of-00002-00001-of-00012.gguf"),
            ("a-00001-of-00001.gguf", "a-00001-of-00001.gguf"),
        ] {
            assert!(PartName::parse(name).is_some_and(|part| part.to_string() == name), "{name} is written as it was");
            assert_eq!(first_part(&Path::new("models").join(name)), Path::new("models").join(first));
        }
        for name in [
            "a.gguf",
            "a-00004-of-00003.gguf",
            "a-00000-of-00003.gguf",
            "a-1-of-3.gguf",
            "a-00001-of-000003.gguf",
            "a-00001-of-00003.GGUF",
            "a-00001-of-00003.gguf.part",
            "-00001-of-00003.gguf",
            "a-+0001-of-00003.gguf",
            "-of-.gguf",
            "",
        ] {
            assert_eq!(PartName::parse(name), None, "llama.cpp would not take {name} for a part");
            assert_eq!(first_part(Path::new(name)), Path::new(name));
        }
    }
}
