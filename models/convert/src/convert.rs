//! Writes a repository as one GGUF file.
//!
//! The file is written beside its place under another name, forced to the disk and only then renamed, so that under
//! its own name there is either a whole model or nothing. When something fails, or the caller stops it, the unfinished
//! file is removed; one that a killed process left behind is overwritten by the next conversion to the same place.
//! Weights pass through in pieces of a few rows, so memory does not depend on the size of the model.

use crate::error::{ConvertError, shown};
use crate::report::{Note, Progress, Report};
use crate::source::{Exact, Output, Source, likely_type};
use crate::weights::{Form, Matrix, Scratch, Storage};
use crate::writer::{Data, Header, Value, WeightType, WriteError};
use half::{bf16, f16};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

/// xIELU's fixed parameters where a repository does not say them, as transformers has them.
const BETA: f32 = 0.5;
const EPSILON: f32 = -1e-6;

/// What is written, and what the folder can't tell about itself.
#[derive(Debug, Clone)]
pub struct Options {
    /// Type of the matrices.
    pub kind: Exact,
    /// The repository, such as `swiss-ai/Apertus-8B-Instruct-2509`; otherwise what the folder tells.
    pub repository: Option<String>,
    /// Its revision; otherwise what the folder tells.
    pub revision: Option<String>,
}

impl Options {
    /// Writes matrices of this type, and takes from the folder where the model comes from.
    pub fn new(kind: Exact) -> Self {
        Self { kind, repository: None, revision: None }
    }
}

/// Writes the repository to `out`, which must not exist yet, and tells `progress` how far it is, at least once for
/// each piece of about 2 MB; it may break off.
///
/// # Errors
/// See [`ConvertError`]. On any of them nothing is left at `out` or beside it.
pub fn convert(
    source: &Source,
    out: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Report, ConvertError> {
    if out.exists() {
        return Err(ConvertError::Exists);
    }
    let unfinished = Unfinished::create(out)?;
    let mut stream = BufWriter::with_capacity(1 << 20, unfinished.0.as_file());
    let report = write(source, options, &mut stream, progress)?;
    stream.flush().map_err(ConvertError::write)?;
    drop(stream);
    unfinished.finish(out)?;
    Ok(report)
}

/// Removes what a killed conversion to `out` left beside it. One that is under way keeps its file.
pub fn remove_leftover(out: &Path) {
    let mut name = out.as_os_str().to_owned();
    name.push(".part");
    let path = PathBuf::from(name);
    if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
        // Whoever begins in this moment finds no file and makes a new one.
        let _ = std::fs::remove_file(&path);
    }
}

/// A file that removes itself unless it is finished.
struct Unfinished(NamedTempFile);

impl Unfinished {
    fn create(out: &Path) -> Result<Self, ConvertError> {
        let mut name = out.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path);
        let file = file.map_err(ConvertError::write)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ConvertError::Busy),
            // A file system without locks: two conversions at once are then the user's own care.
            Err(TryLockError::Error(_)) => {}
        }
        let path = TempPath::try_from_path(path).map_err(ConvertError::write)?;
        file.set_len(0).map_err(ConvertError::write)?;
        Ok(Self(NamedTempFile::from_parts(file, path)))
    }

    fn finish(self, out: &Path) -> Result<(), ConvertError> {
        self.0.as_file().sync_all().map_err(ConvertError::write)?;
        self.0.persist(out).map_err(|error| ConvertError::write(error.error))?;
        // The name is on the disk only when its folder is. Systems that can't open folders order this themselves.
        if let Some(folder) = out.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl From<WriteError> for ConvertError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => Self::write(error),
            mistake => Self::Write(std::io::Error::other(mistake)),
        }
    }
}

/// Writes the repository into any stream.
fn write(
    source: &Source,
    options: &Options,
    stream: impl Write,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Report, ConvertError> {
    let mut scratch = Scratch::default();
    let tensors = source.tensors();
    let likely_total = source.output_bytes(options.kind);
    let mut types = Vec::new();
    for (_, matrix) in &tensors {
        types.push(exact_type(source, matrix, options.kind, &mut scratch)?);
        step(progress, 0, likely_total)?;
    }
    let mut header = Header::new();
    describe(source, options, &types, &mut scratch, &mut header)?;
    let divisors = source.shape().rope.divisors(source.shape().head);
    if let Some(divisors) = &divisors {
        header.tensor("rope_freqs.weight", &[divisors.len() as u64], WeightType::F32);
    }
    for ((name, matrix), weight_type) in tensors.iter().zip(&types) {
        match matrix.form {
            Form::Vector => header.tensor(name, &[matrix.columns], *weight_type),
            Form::Matrix => header.tensor(name, &[matrix.columns, matrix.rows], *weight_type),
        }
    }
    let bytes = header.file_bytes();
    let mut pass = Pass { source, data: header.start(stream)?, bytes, progress, scratch, rounded: 0, largest: 0.0 };
    for divisor in divisors.iter().flatten() {
        #[expect(clippy::cast_possible_truncation, reason = "the tensor is one of 32-bit floats")]
        let divisor = *divisor as f32;
        pass.data.write(&divisor.to_le_bytes())?;
    }
    let mut equal = matches!(source.output, Output::OwnThoughTied(_));
    for ((name, matrix), weight_type) in tensors.iter().zip(&types) {
        let twin = (name == "output.weight" && equal).then_some(&source.embedding);
        equal &= pass.tensor(matrix, *weight_type, twin)?;
    }
    let mut notes = notes(source);
    match source.output {
        Output::OwnThoughTied(_) if equal => notes.insert(0, Note::OutputEqualsEmbedding),
        Output::OwnThoughTied(_) => notes.insert(0, Note::OutputDiffers),
        Output::Own(_) | Output::Tied => {}
    }
    if pass.rounded > 0 {
        notes.insert(0, Note::Rounded { weights: pass.rounded, largest: pass.largest });
    }
    let matrices = tensors.iter().zip(&types).filter(|((_, matrix), _)| matrix.form == Form::Matrix);
    let widened = matrices
        .filter(|((_, matrix), weight_type)| {
            let is_float = matches!(matrix.storage, Storage::Plain(_));
            options.kind == Exact::Native && **weight_type == WeightType::F32 && !is_float
        })
        .count();
    if widened > 0 {
        notes.insert(0, Note::Widened(widened));
    }
    let mut report = Report { bytes, tensors: BTreeMap::new(), notes };
    for weight_type in types.iter().chain(divisors.iter().map(|_| &WeightType::F32)) {
        *report.tensors.entry(*weight_type).or_default() += 1;
    }
    pass.data.finish()?;
    Ok(report)
}

fn step(progress: &mut dyn FnMut(Progress) -> ControlFlow<()>, done: u64, total: u64) -> Result<(), ConvertError> {
    match progress(Progress { done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ConvertError::Cancelled),
    }
}

/// The type that a tensor gets, after a look at its scales where they decide.
fn exact_type(
    source: &Source,
    matrix: &Matrix,
    kind: Exact,
    scratch: &mut Scratch,
) -> Result<WeightType, ConvertError> {
    let likely = likely_type(matrix, kind);
    if likely != WeightType::Q4_1 {
        return Ok(likely);
    }
    let mut blocks = Vec::new();
    let (mut first, step) = (0, matrix.rows_at_once());
    while first < matrix.rows {
        let count = step.min(matrix.rows - first);
        let (scales, biases) = matrix.scales(&source.archive, first, count, scratch)?;
        let all_fit = scales.iter().chain(biases).all(|value| fits(*value));
        // A group whose weights are all the same may still be said without its scale: the numbers decide.
        if !all_fit && !groups_to_blocks(source, matrix, first, count, scratch, &mut blocks)? {
            return Ok(WeightType::F32);
        }
        first += count;
    }
    Ok(WeightType::Q4_1)
}

/// Whether a number is an F16.
fn fits(value: f32) -> bool {
    f16::from_f32(value).to_f32().to_bits() == value.to_bits()
}

/// Writes rows in groups as blocks of Q4_1, and says whether that was exact for all of them.
fn groups_to_blocks(
    source: &Source,
    matrix: &Matrix,
    first: u64,
    count: u64,
    scratch: &mut Scratch,
    blocks: &mut Vec<u8>,
) -> Result<bool, ConvertError> {
    const BLOCK: usize = 32;
    blocks.clear();
    let groups = matrix.groups(&source.archive, first, count, scratch)?;
    let group = groups.numbers.len() / groups.scales.len();
    for (at, numbers) in groups.numbers.chunks_exact(BLOCK).enumerate() {
        let (mut scale, mut bias) = (groups.scales[at * BLOCK / group], groups.biases[at * BLOCK / group]);
        if !scale.is_finite() || !bias.is_finite() {
            return Err(ConvertError::NotFinite(shown(&matrix.name)));
        }
        let mut numbers: [u8; BLOCK] = numbers.try_into().expect("a chunk has the length of a block");
        if !(fits(scale) && fits(bias)) && numbers.iter().all(|number| *number == numbers[0]) {
            bias += scale * f32::from(numbers[0]);
            scale = 0.0;
            numbers = [0; BLOCK];
        }
        if !(fits(scale) && fits(bias)) {
            return Ok(false);
        }
        blocks.extend(f16::from_f32(scale).to_le_bytes());
        blocks.extend(f16::from_f32(bias).to_le_bytes());
        let (low, high) = numbers.split_at(BLOCK / 2);
        blocks.extend(low.iter().zip(high).map(|(low, high)| low | high << 4));
    }
    Ok(true)
}

/// The pass over all weights.
struct Pass<'a, W> {
    source: &'a Source,
    data: Data<W>,
    bytes: u64,
    progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    scratch: Scratch,
    rounded: u64,
    largest: f32,
}

impl<W: Write> Pass<'_, W> {
    /// Writes a tensor; says whether it equals its twin, or true without one.
    fn tensor(
        &mut self,
        matrix: &Matrix,
        weight_type: WeightType,
        twin: Option<&Matrix>,
    ) -> Result<bool, ConvertError> {
        let archive = &self.source.archive;
        let (mut rows, mut twin_rows, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut equal, mut first) = (true, 0);
        while first < matrix.rows {
            let count = matrix.rows_at_once().min(matrix.rows - first);
            matrix.read(archive, first, count, &mut self.scratch, &mut rows)?;
            if let Some(twin) = twin.filter(|_| equal) {
                twin.read(archive, first, count, &mut self.scratch, &mut twin_rows)?;
                equal = rows.iter().map(|weight| weight.to_bits()).eq(twin_rows.iter().map(|weight| weight.to_bits()));
            }
            bytes.clear();
            match weight_type {
                WeightType::F32 => bytes.extend(rows.iter().flat_map(|weight| weight.to_le_bytes())),
                WeightType::F16 => bytes.extend(rows.iter().flat_map(|weight| f16::from_f32(*weight).to_le_bytes())),
                WeightType::Bf16 => self.round(&mut rows, &mut bytes),
                WeightType::Q4_1 => {
                    if !groups_to_blocks(self.source, matrix, first, count, &mut self.scratch, &mut bytes)? {
                        return Err(ConvertError::damaged(
                            &shown(&matrix.name),
                            "its scales changed while it was read",
                        ));
                    }
                }
            }
            // Checked after rounding, because a large number may round to none.
            if !rows.iter().all(|weight| weight.is_finite()) {
                return Err(ConvertError::NotFinite(shown(&matrix.name)));
            }
            self.data.write(&bytes)?;
            step(self.progress, self.data.written(), self.bytes)?;
            first += count;
        }
        Ok(equal)
    }

    fn round(&mut self, rows: &mut [f32], bytes: &mut Vec<u8>) {
        for weight in rows {
            let rounded = bf16::from_f32(*weight);
            bytes.extend(rounded.to_le_bytes());
            let rounded = rounded.to_f32();
            if rounded != *weight {
                self.rounded += 1;
                let error = ((rounded - *weight) / *weight).abs();
                self.largest = self.largest.max(error);
                *weight = rounded;
            }
        }
    }
}

fn describe(
    source: &Source,
    options: &Options,
    types: &[WeightType],
    scratch: &mut Scratch,
    header: &mut Header,
) -> Result<(), ConvertError> {
    let shape = source.shape();
    header.key("general.architecture", Value::Text("apertus".to_owned()));
    header.key("general.type", Value::Text("model".to_owned()));
    let mut card = source.card.clone();
    if let Some(name) = options.repository.as_deref().and_then(|repository| repository.rsplit('/').next()) {
        name.clone_into(&mut card.name);
    }
    card.repository = options.repository.clone().or(card.repository);
    card.revision = options.revision.clone().or(card.revision);
    card.describe(source.parameters(), header);
    header.key("lethe.source.format", Value::Text(source.format().to_string()));
    // The numbers of llama.cpp's `llama_ftype`; a file counts as the type of most of its matrices.
    let file_type = match most(types) {
        WeightType::F32 => 0,
        WeightType::F16 => 1,
        WeightType::Q4_1 => 3,
        WeightType::Bf16 => 32,
    };
    header.key("general.file_type", Value::U32(file_type));
    header.key("general.quantization_version", Value::U32(2));
    let mut number = |name: &str, value| header.key(format!("apertus.{name}"), Value::U32(value));
    number("vocab_size", shape.vocabulary);
    number("context_length", shape.context);
    number("embedding_length", shape.width);
    number("block_count", shape.layers);
    number("feed_forward_length", shape.feed_forward);
    number("attention.head_count", shape.heads);
    number("attention.head_count_kv", shape.kv_heads);
    number("attention.key_length", shape.head);
    number("attention.value_length", shape.head);
    number("rope.dimension_count", shape.head);
    header.key("apertus.attention.layer_norm_rms_epsilon", Value::F32(shape.norm_epsilon));
    #[expect(clippy::cast_possible_truncation, reason = "GGUF holds it as a float of 32 bits")]
    header.key("apertus.rope.freq_base", Value::F32(shape.rope.theta() as f32));
    let mut activations: [Vec<f32>; 4] = Default::default();
    for layer in &source.layers {
        let parameters = activation(source, layer, scratch)?;
        activations.iter_mut().zip(parameters).for_each(|(list, parameter)| list.push(parameter));
    }
    for (name, list) in ["alpha_p", "alpha_n", "beta", "eps"].iter().zip(activations) {
        header.key(format!("xielu.{name}"), Value::F32s(list));
    }
    source.tokenizer.describe(header);
    Ok(())
}

/// A block's parameters of xIELU: alpha of positive and of negative numbers before softplus, beta, epsilon.
pub(crate) fn activation(
    source: &Source,
    layer: &crate::source::Layer,
    scratch: &mut Scratch,
) -> Result<[f32; 4], ConvertError> {
    let mut parameters = [0.0, 0.0, BETA, EPSILON];
    let tensors = [Some(&layer.alpha_p), Some(&layer.alpha_n), layer.beta.as_ref(), layer.epsilon.as_ref()];
    let mut values = Vec::new();
    for (parameter, matrix) in parameters.iter_mut().zip(tensors) {
        if let Some(matrix) = matrix {
            matrix.read(&source.archive, 0, 1, scratch, &mut values)?;
            *parameter = values[0];
            if !parameter.is_finite() {
                return Err(ConvertError::NotFinite(shown(&matrix.name)));
            }
        }
    }
    Ok(parameters)
}

fn most(types: &[WeightType]) -> WeightType {
    let mut counts = BTreeMap::new();
    // Vectors are F32 in every file, so they say nothing.
    for weight_type in types.iter().filter(|weight_type| **weight_type != WeightType::F32) {
        *counts.entry(*weight_type).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(WeightType::F32, |(weight_type, _)| weight_type)
}

fn notes(source: &Source) -> Vec<Note> {
    let tokenizer = &source.tokenizer;
    let rows = [
        (source.activation_scales > 0, Note::ActivationScales(source.activation_scales)),
        (!tokenizer.not_special.is_empty(), Note::NotSpecial(tokenizer.not_special.clone())),
        (tokenizer.placeholders > 0, Note::Placeholders(tokenizer.placeholders)),
        (!tokenizer.words_are_tekken, Note::OtherWords),
        (!tokenizer.has_template(), Note::NoTemplate),
        (source.card.license.is_none() && source.card.license_text.is_none(), Note::NoLicense),
    ];
    rows.into_iter().filter(|(applies, _)| *applies).map(|(_, note)| note).collect()
}

#[cfg(all(test, feature = "tiny"))]
mod tests {
    use super::*;
    use crate::tiny::Tiny;
    use std::io;

    /// A disk with room for so many bytes.
    struct Disk(usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let written = bytes.len().min(self.0);
            self.0 -= written;
            if written == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(written) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_is_full_at_any_moment_is_said_to_be_full() {
        let folder = tempfile::tempdir().expect("a folder for a test");
        Tiny::default().write(folder.path()).expect("a repository");
        let source = Source::open(folder.path()).expect("it is whole");
        let write =
            |room: usize| write(&source, &Options::new(Exact::Bf16), Disk(room), &mut |_| ControlFlow::Continue(()));
        let whole = write(usize::MAX).expect("there is room").bytes;
        let whole = usize::try_from(whole).expect("a tiny file");
        for room in (0..whole).step_by(997).chain([whole - 1]) {
            assert!(matches!(write(room), Err(ConvertError::Full)), "room for {room} bytes");
        }
        assert!(write(whole).is_ok(), "exactly enough");
    }
}
