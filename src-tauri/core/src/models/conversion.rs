//! Official weights become a model file here: converted, and quantised for this machine.
//!
//! One conversion at a time. The steps: the folder is checked as a whole, its weights are written exactly as one GGUF
//! file, the engine's process quantises that file, and the result is read back. Whatever fails or is cancelled leaves
//! no file behind.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lethe_convert::{ConvertError, Exact, Format, Source};
use lethe_models::gguf::Header;
use lethe_models::kernels::{self, Choice};
use lethe_models::memory::{self, Memory};
use lethe_models::prompt::{Clock, Template};
use lethe_models::quantizer;
use lethe_models::speeds::{self, TypeSpeed};
use lethe_models::weight_type::WeightType;
use serde::Serialize;
use tokio::sync::{Notify, watch};
use ts_rs::TS;

use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::lethe::Lethe;
use crate::models::card::CardView;
use crate::models::library::ModelView;

/// No conversion leaves a file that it writes alone for so long.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);
/// Room beside the weights for a cache of 4096 tokens and for computing, bytes.
const BESIDE_WEIGHTS: u64 = 640 << 20;

/// What a conversion is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConversionStep {
    /// Types of weights are being measured on this machine.
    Measuring,
    /// Weights are being written as one file.
    Converting,
    /// llama.cpp is making them smaller.
    Quantizing,
    /// The file is being read back.
    Checking,
}

/// Where a conversion stands.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Conversion {
    /// There is none.
    Idle,
    /// One is under way.
    Running {
        /// Name of the model that it makes.
        model: String,
        /// What it is doing.
        step: ConversionStep,
        /// Share of the step that is done, 0 to 1.
        fraction: f32,
    },
    /// The last one made this model.
    Done {
        /// The model.
        model: Box<ModelView>,
    },
    /// The last one failed.
    Failed {
        /// Why.
        error: Error,
    },
    /// The last one was cancelled.
    Cancelled,
}

/// A type of weights as a choice.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WeightChoice {
    /// Its name on the command line.
    #[serde(rename = "type")]
    pub weight_type: String,
    /// Its name in texts.
    pub label: String,
    /// Size of the file, about.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether it suits this machine best.
    pub recommended: bool,
    /// Whether nothing of the published weights is lost.
    pub exact: bool,
    /// Whether the model has room in this machine's memory.
    pub fits: bool,
    /// One sentence.
    pub why: String,
}

/// Official weights in a folder.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficialWeights {
    /// The folder.
    pub path: String,
    /// The model's name.
    pub name: String,
    /// How the weights are stored, such as `BF16`.
    pub format: String,
    /// Number of weights.
    #[ts(type = "number")]
    pub parameters: u64,
    /// Size of the weights in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// What the makers say of the model, if Lethe knows it.
    pub card: Option<CardView>,
    /// The repository it came from, where the folder tells.
    pub repository: Option<String>,
    /// What it can become.
    pub choices: Vec<WeightChoice>,
}

/// What to convert.
#[derive(Debug, Clone)]
pub struct Job {
    /// A downloaded repository.
    pub folder: PathBuf,
    /// The file to write; none: a name in the data folder.
    pub out: Option<PathBuf>,
    /// The type of weights; none: what suits this machine.
    pub weight_type: Option<WeightType>,
    /// The repository, where the folder does not tell.
    pub repository: Option<String>,
    /// Its revision, where the folder does not tell.
    pub revision: Option<String>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Converted {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its type of weights.
    pub weight_type: WeightType,
    /// What a person should know about it, in sentences.
    pub notes: Vec<String>,
}

/// Makes model files, one at a time.
pub struct Converter {
    paths: Paths,
    state: watch::Sender<Conversion>,
    busy: tokio::sync::Mutex<()>,
    cancelled: Arc<AtomicBool>,
    cancel: Notify,
}

impl Converter {
    /// Nothing is under way.
    pub fn new(paths: Paths) -> Self {
        Self {
            paths,
            state: watch::Sender::new(Conversion::Idle),
            busy: tokio::sync::Mutex::new(()),
            cancelled: Arc::new(AtomicBool::new(false)),
            cancel: Notify::new(),
        }
    }

    /// Follows where the conversion stands.
    pub fn watch(&self) -> watch::Receiver<Conversion> {
        self.state.subscribe()
    }

    /// Where the conversion stands.
    pub fn state(&self) -> Conversion {
        self.state.borrow().clone()
    }

    /// Ends the conversion that is under way; its files are removed.
    pub fn cancel(&self) {
        if self.busy.try_lock().is_err() {
            self.cancelled.store(true, Ordering::Relaxed);
            self.cancel.notify_waiters();
        }
    }

    /// Writes a model file.
    ///
    /// # Errors
    /// `Busy` while another conversion is under way; `BadInput` or `ModelUnusable` with the reason. Then no file is left.
    pub async fn convert(&self, job: &Job) -> Result<Converted> {
        let _busy = self.busy.try_lock().map_err(|_| busy())?;
        self.cancelled.store(false, Ordering::Relaxed);
        let outcome = self.run(job).await;
        if let Err(error) = &outcome {
            let cancelled = self.cancelled.load(Ordering::Relaxed);
            self.state.send_replace(match cancelled {
                true => Conversion::Cancelled,
                false => Conversion::Failed { error: error.clone() },
            });
        }
        outcome
    }

    async fn run(&self, job: &Job) -> Result<Converted> {
        let folder = job.folder.clone();
        let source = blocking(move || Source::open(&folder)).await?;
        // The folder of a download is named after its commit.
        let of_repository = job.repository.as_deref().and_then(|repository| repository.rsplit('/').next());
        let name = of_repository.unwrap_or(source.name()).to_owned();
        let say = |step, fraction| {
            self.state.send_replace(Conversion::Running { model: name.clone(), step, fraction });
        };
        say(ConversionStep::Measuring, 0.0);
        let choice = kernels::choose(self.paths.engine(), self.paths.data(), |_| ()).await?;
        let weight_type = match job.weight_type {
            Some(weight_type) => weight_type,
            None => self.recommended(&source, &choice).await?,
        };
        let out = match &job.out {
            Some(out) => out.clone(),
            None => place(&self.paths.models()?, &name, weight_type, job),
        };
        if job.out.is_none() && is_made_of(&out, job) {
            // The program ended after it was written, before it was in the list.
            let bytes = Header::read(&out)?.file_bytes;
            return Ok(Converted { path: out, bytes, weight_type, notes: Vec::new() });
        }
        if out.exists() {
            return Err(ConvertError::Exists.into());
        }
        let direct = direct(source.format(), weight_type);
        let written = match direct {
            Some(_) => out.clone(),
            None => beside(&out, "exact"),
        };
        let kind = direct.unwrap_or(match source.format() {
            // What MLX stores is no number of 16 bits; rounding it first would round twice.
            Format::Mlx { .. } | Format::Fp8 => Exact::F32,
            _ => Exact::Native,
        });
        let unfinished = direct.is_none().then(|| Unfinished(written.clone()));
        if unfinished.is_some() {
            // What a killed conversion to the same place left behind.
            let _ = std::fs::remove_file(&written);
        }
        // Another type of weights may have been written there.
        lethe_convert::remove_leftover(&match direct {
            Some(_) => beside(&out, "exact"),
            None => out.clone(),
        });
        // Both files are there at once where llama.cpp makes the second of the first.
        let second = if direct.is_none() { estimated_bytes(&source, weight_type) } else { 0 };
        has_room(&out, source.output_bytes(kind) + second)?;
        let options =
            lethe_convert::Options { kind, repository: job.repository.clone(), revision: job.revision.clone() };
        let (state, model, flag, target) = (self.state.clone(), name.clone(), self.cancelled.clone(), written.clone());
        let report = blocking(move || {
            let mut shown = -1.0f32;
            lethe_convert::convert(&source, &target, &options, &mut |progress| {
                #[expect(clippy::cast_precision_loss, reason = "a share")]
                let fraction = progress.done as f32 / progress.total.max(1) as f32;
                if fraction - shown >= 0.01 {
                    shown = fraction;
                    let step = ConversionStep::Converting;
                    state.send_replace(Conversion::Running { model: model.clone(), step, fraction });
                }
                if flag.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        })
        .await?;
        if direct.is_none() {
            say(ConversionStep::Quantizing, 0.0);
            let cancel = self.cancel.notified();
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(cancelled());
            }
            let quantizing =
                quantizer::quantize(self.paths.engine(), &choice, &written, &out, weight_type, |fraction| {
                    say(ConversionStep::Quantizing, fraction);
                });
            // Dropping it ends the engine's process and removes what that has written.
            tokio::select! {
                done = quantizing => done?,
                () = cancel => return Err(cancelled()),
            }
        }
        drop(unfinished);
        say(ConversionStep::Checking, 0.0);
        let header = Header::read(&out)?;
        let mut notes: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
        let template = header.text("tokenizer.chat_template");
        let broken = template.and_then(|template| Template::new(template, "", "", Clock::system()).err());
        notes.extend(broken.map(|error| error.to_string()));
        Ok(Converted { path: out, bytes: header.file_bytes, weight_type, notes })
    }

    async fn recommended(&self, source: &Source, choice: &Choice) -> Result<WeightType> {
        let speeds = speeds::measure(self.paths.engine(), choice, self.paths.data()).await?;
        Ok(speeds::recommend(&speeds, |weight_type| fits(source, weight_type)))
    }
}

/// A file that is removed when this is dropped.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already when it was never written.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Lethe {
    /// What a folder of official weights holds, and what it can become on this machine.
    ///
    /// # Errors
    /// `BadInput` with what is wrong with the folder.
    pub async fn inspect_weights(&self, folder: &Path) -> Result<OfficialWeights> {
        let path = folder.to_owned();
        let source = blocking(move || Source::open(&path)).await?;
        let choice = kernels::choose(self.paths().engine(), self.paths().data(), |_| ()).await?;
        let speeds = speeds::measure(self.paths().engine(), &choice, self.paths().data()).await?;
        let recommended = speeds::recommend(&speeds, |weight_type| fits(&source, weight_type));
        Ok(OfficialWeights {
            path: folder.display().to_string(),
            name: source.name().to_owned(),
            format: source.format().to_string(),
            parameters: source.parameters(),
            bytes: source.bytes(),
            card: self.card_of_source(&source).await?,
            repository: source.repository().map(str::to_owned),
            choices: choices(&source, &speeds, recommended),
        })
    }

    /// Writes a model file with another type of weights; `progress` hears the share that is done, 0 to 1.
    ///
    /// # Errors
    /// `ModelUnusable` with the reason; then there is no new file.
    pub async fn quantize(
        &self,
        input: &Path,
        out: &Path,
        weight_type: WeightType,
        progress: impl FnMut(f32),
    ) -> Result<()> {
        let kind = Header::read(input)?.quantization();
        if !["F32", "F16", "BF16"].contains(&kind.as_str()) {
            return Err(Error::bad_input(format!(
                "the weights of this file are quantised already ({kind}): start from one with weights of 16 or 32 bits"
            )));
        }
        let choice = kernels::choose(self.paths().engine(), self.paths().data(), |_| ()).await?;
        Ok(quantizer::quantize(self.paths().engine(), &choice, input, out, weight_type, progress).await?)
    }

    /// Whether a conversion may begin: the weights are what they should be, the user has accepted their makers' terms,
    /// and no other is under way.
    ///
    /// # Errors
    /// `Terms`, `Busy`, `BadInput`.
    pub async fn may_convert(&self, job: &Job) -> Result<()> {
        let folder = job.folder.clone();
        let source = blocking(move || Source::open(&folder)).await?;
        if let Some(card) = self.card_of_source(&source).await?.filter(|card| card.accepted_at.is_none()) {
            return Err(Error::new(Code::Terms, format!("accept the terms of {} first", card.name)));
        }
        self.converter().busy.try_lock().map(drop).map_err(|_| busy())
    }

    /// Converts official weights and takes the result into the list of models.
    ///
    /// # Errors
    /// As [`Lethe::may_convert`] and [`Converter::convert`].
    pub async fn convert_and_import(&self, job: &Job) -> Result<ModelView> {
        self.may_convert(job).await?;
        let converted = self.converter().convert(job).await?;
        let model = self.models().import(&converted.path).await?;
        self.converter().state.send_replace(Conversion::Done { model: Box::new(model.clone()) });
        Ok(model)
    }
}

/// What is offered: finest first, and what is exact only where it is.
fn choices(source: &Source, speeds: &[TypeSpeed], recommended: WeightType) -> Vec<WeightChoice> {
    let fastest = speeds.iter().map(TypeSpeed::turn_seconds).fold(f64::INFINITY, f64::min);
    let offered = WeightType::ALL.into_iter().filter(|weight_type| match weight_type {
        WeightType::F32 | WeightType::Q3KM => false,
        WeightType::Q4_1 => direct(source.format(), WeightType::Q4_1).is_some(),
        _ => true,
    });
    let choice = |weight_type: WeightType| {
        let exact = direct(source.format(), weight_type).is_some()
            && (weight_type != WeightType::Bf16 || source.format() == Format::Bf16);
        let fits = fits(source, weight_type);
        let speed = speeds.iter().find(|speed| speed.weight_type == weight_type);
        let slower = speed.map_or(1.0, |speed| speed.turn_seconds() / fastest);
        let speed = match slower {
            slower if slower < 1.15 => "the fastest here".to_owned(),
            slower => format!("takes {slower:.1} times as long as the fastest type here"),
        };
        let loss = match weight_type {
            _ if exact => "Nothing of the published weights is lost",
            WeightType::Bf16 | WeightType::Q8_0 | WeightType::Q6K => "Hardly differs from the published weights",
            WeightType::Q5KM | WeightType::Q4KM => "Answers a little less exactly",
            _ => "Answers less exactly",
        };
        WeightChoice {
            weight_type: weight_type.name().to_owned(),
            label: weight_type.label(),
            bytes: estimated_bytes(source, weight_type),
            recommended: weight_type == recommended,
            exact,
            fits,
            why: format!("{loss}; {speed}."),
        }
    };
    offered.map(choice).collect()
}

/// How a type is written without the quantiser; none where it takes it.
fn direct(format: Format, weight_type: WeightType) -> Option<Exact> {
    match (weight_type, format) {
        (WeightType::F32, _) => Some(Exact::F32),
        (WeightType::Bf16, _) => Some(Exact::Bf16),
        (WeightType::Q4_1, Format::Mlx { bits: ..=4, .. }) => Some(Exact::Native),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate")]
fn estimated_bytes(source: &Source, weight_type: WeightType) -> u64 {
    match direct(source.format(), weight_type) {
        Some(kind) => source.output_bytes(kind),
        None => (source.parameters() as f64 * weight_type.bits() / 8.0) as u64,
    }
}

fn fits(source: &Source, weight_type: WeightType) -> bool {
    memory::refusal(estimated_bytes(source, weight_type), BESIDE_WEIGHTS, Memory::now()).is_none()
}

/// Whether the disk of a file that is to be written has so many bytes; where the system does not say, writing will tell.
fn has_room(out: &Path, needed: u64) -> Result<()> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match lethe_hub::download::available(folder) {
        Ok(free) if free < needed => Err(Error::new(
            Code::DiskFull,
            format!(
                "the conversion needs {} on the disk, and {} are free: make room and convert again",
                memory::size_text(needed),
                memory::size_text(free)
            ),
        )),
        _ => Ok(()),
    }
}

/// Removes what conversions left that were killed: whoever converts writes all the time, so what was not written to for
/// an hour is nobody's.
pub(crate) fn remove_leftovers(folder: &Path) {
    const ENDS: [&str; 4] = [".gguf.exact", ".gguf.exact.part", ".gguf.part", ".gguf.quantizing"];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_leftover = entry.file_name().to_str().is_some_and(|name| ENDS.iter().any(|end| name.ends_with(end)));
        let age = entry.metadata().and_then(|file| file.modified()).ok().and_then(|written| written.elapsed().ok());
        if is_leftover && age.is_some_and(|age| age > LEFTOVER_AGE) && std::fs::remove_file(entry.path()).is_ok() {
            tracing::info!("what a killed conversion left was removed");
        }
    }
}

/// A place in the folder of models; what another revision of the same weights became keeps its own.
fn place(folder: &Path, name: &str, weight_type: WeightType, job: &Job) -> PathBuf {
    let usual = folder.join(format!("{name}-{}.gguf", weight_type.label()));
    match &job.revision {
        Some(revision) if usual.exists() && !is_made_of(&usual, job) => {
            let short: String = revision.chars().take(7).collect();
            folder.join(format!("{name}-{}-{short}.gguf", weight_type.label()))
        }
        _ => usual,
    }
}

/// Whether a file was made of the weights that a job names; false where the job does not say which.
fn is_made_of(file: &Path, job: &Job) -> bool {
    let (Some(repository), Some(revision)) = (&job.repository, &job.revision) else { return false };
    Header::read(file).is_ok_and(|header| was_made_of(&header, repository, revision))
}

/// Whether a file says of itself that it was converted from this revision of a repository.
pub(crate) fn was_made_of(header: &Header, repository: &str, revision: &str) -> bool {
    header.text("lethe.source.repository") == Some(repository) && header.text("lethe.source.revision") == Some(revision)
}

/// A file of the same name with something behind it.
fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{what}"));
    PathBuf::from(name)
}

fn busy() -> Error {
    Error::new(Code::Busy, "another model is being converted: wait for its end or cancel it first")
}

fn cancelled() -> Error {
    Error::bad_input("the conversion was cancelled, and nothing was left behind")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, ConvertError> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| Error::new(Code::Internal, "the conversion broke down: try it again"))??)
}

impl From<ConvertError> for Error {
    fn from(error: ConvertError) -> Self {
        let code = if matches!(error, ConvertError::Full) { Code::DiskFull } else { Code::BadInput };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_conversion_asks_for_room_first() {
        let folder = tempfile::tempdir().expect("a folder");
        for (out, needed, code) in [
            (folder.path().join("model.gguf"), 1, None),
            (folder.path().join("model.gguf"), u64::MAX, Some(Code::DiskFull)),
            (PathBuf::from("model.gguf"), u64::MAX, Some(Code::DiskFull)),
            (folder.path().join("no/such/model.gguf"), u64::MAX, None),
        ] {
            let said = has_room(&out, needed).err();
            assert_eq!(said.as_ref().map(|error| error.code), code, "{}: {said:?}", out.display());
        }
    }

    #[test]
    fn what_a_killed_conversion_left_is_removed_and_what_grows_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let rows = [
            ("m-Q4_K_M.gguf.exact", 2, false),
            ("m-Q4_K_M.gguf.quantizing", 2, false),
            ("m-Q4_K_M.gguf.exact.part", 0, true),
            ("m-Q4_K_M.gguf", 2, true),
            ("notes.part", 2, true),
        ];
        for (name, hours, _) in rows {
            let file = File::create(folder.path().join(name)).expect("a file");
            file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).expect("a date");
        }
        remove_leftovers(folder.path());
        for (name, hours, stays) in rows {
            assert_eq!(folder.path().join(name).exists(), stays, "{name}, written to {hours} hours ago");
        }
    }
}
