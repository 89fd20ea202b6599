//! Official weights become a model file here: converted, and quantised for this machine.
//!
//! One conversion at a time. The steps: the folder is checked as a whole, its weights are written exactly as one GGUF
//! file, the engine's process quantises that file, and the result is read back. Whatever fails or is cancelled leaves
//! no file behind.

mod choices;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lethe_convert::{ConvertError, Exact, Format, Source};
use lethe_models::gguf::Header;
use lethe_models::kernels::{self, Choice};
use lethe_models::memory;
use lethe_models::prompt::{Clock, Template};
use lethe_models::quantizer;
use lethe_models::speeds;
use lethe_models::weight_type::WeightType;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::base::blocking::blocking;
use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::models::card::Terms;
use crate::models::library::Models;
use crate::models::model::ModelView;
pub use choices::{OfficialWeights, WeightChoice};
use choices::{choices, direct, estimated_bytes, fits};

/// No conversion leaves a file that it writes alone for so long.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

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
    Done { model: Box<ModelView> },
    /// The last one failed.
    Failed { error: Error },
    /// The last one was cancelled.
    Cancelled,
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
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    pub weight_type: WeightType,
    /// What a person should know about it, in sentences.
    pub notes: Vec<String>,
}

/// Makes model files, one at a time.
pub struct Converter {
    paths: Paths,
    models: Models,
    terms: Terms,
    state: watch::Sender<Conversion>,
    /// What cancels the conversion that is under way; none while there is none.
    current: watch::Sender<Option<CancellationToken>>,
}

/// The right to convert, until it is dropped. What is still being written then ends.
struct Underway<'a> {
    current: &'a watch::Sender<Option<CancellationToken>>,
    cancel: CancellationToken,
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.current.send_replace(None);
    }
}

impl Converter {
    /// Nothing is under way.
    pub(crate) fn new(paths: Paths, models: Models, terms: Terms) -> Self {
        let (state, current) = (watch::Sender::new(Conversion::Idle), watch::Sender::new(None));
        Self { paths, models, terms, state, current }
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
        if let Some(current) = &*self.current.borrow() {
            current.cancel();
        }
    }

    /// Waits until no conversion is under way.
    pub(crate) async fn idle(&self) {
        // The sender is here, so it does not end.
        let _ = self.current.subscribe().wait_for(Option::is_none).await;
    }

    /// What a folder of official weights holds, and what it can become on this machine.
    ///
    /// # Errors
    /// `BadInput` with what is wrong with the folder.
    pub async fn inspect(&self, folder: &Path) -> Result<OfficialWeights> {
        let path = folder.to_owned();
        let source = blocking(move || Source::open(&path)).await?;
        let choice = kernels::choose(self.paths.engine(), self.paths.data(), |_| ()).await?;
        let speeds = speeds::measure(self.paths.engine(), &choice, self.paths.data()).await?;
        let recommended = speeds::recommend(&speeds, |weight_type| fits(&source, weight_type));
        Ok(OfficialWeights {
            path: folder.display().to_string(),
            name: source.name().to_owned(),
            format: source.format().to_string(),
            parameters: source.parameters(),
            bytes: source.bytes(),
            card: self.terms.of_source(&source).await?,
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
        let file = input.to_owned();
        let kind = blocking(move || Header::read(&file)).await?.quantization();
        if !["F32", "F16", "BF16"].contains(&kind.as_str()) {
            return Err(Error::bad_input(format!(
                "the weights of this file are quantised already ({kind}): start from one with weights of 16 or 32 bits"
            )));
        }
        let choice = kernels::choose(self.paths.engine(), self.paths.data(), |_| ()).await?;
        Ok(quantizer::quantize(self.paths.engine(), &choice, input, out, weight_type, progress).await?)
    }

    /// Whether a conversion may begin: the weights are what they should be, the user has accepted their makers' terms,
    /// and no other is under way.
    ///
    /// # Errors
    /// `Terms`, `Busy`, `BadInput`.
    pub async fn may_convert(&self, job: &Job) -> Result<()> {
        let folder = job.folder.clone();
        let source = blocking(move || Source::open(&folder)).await?;
        if let Some(card) = self.terms.of_source(&source).await?.filter(|card| card.accepted_at.is_none()) {
            return Err(Error::new(Code::Terms, format!("accept the terms of {} first", card.name)));
        }
        if self.current.borrow().is_some() { Err(busy()) } else { Ok(()) }
    }

    /// Converts official weights and takes the result into the list of models.
    ///
    /// # Errors
    /// As [`Converter::may_convert`] and [`Converter::convert`].
    pub async fn convert_and_import(&self, job: &Job) -> Result<ModelView> {
        self.convert_and_import_until(job, &CancellationToken::new()).await
    }

    /// The same, until it is cancelled: by the token, or by [`Converter::cancel`], which leaves the token alone.
    pub(crate) async fn convert_and_import_until(&self, job: &Job, cancel: &CancellationToken) -> Result<ModelView> {
        self.may_convert(job).await?;
        let converted = self.convert_until(job, cancel).await?;
        let model = self.models.import(&converted.path).await?;
        self.state.send_replace(Conversion::Done { model: Box::new(model.clone()) });
        Ok(model)
    }

    /// Writes a model file.
    ///
    /// # Errors
    /// `Busy` while another conversion is under way; `BadInput` or `ModelUnusable` with the reason. Then no file is left.
    pub async fn convert(&self, job: &Job) -> Result<Converted> {
        self.convert_until(job, &CancellationToken::new()).await
    }

    async fn convert_until(&self, job: &Job, cancel: &CancellationToken) -> Result<Converted> {
        let underway = self.begin(cancel)?;
        let outcome = self.run(job, &underway.cancel).await;
        if let Err(error) = &outcome {
            self.state.send_replace(match underway.cancel.is_cancelled() {
                true => Conversion::Cancelled,
                false => Conversion::Failed { error: error.clone() },
            });
        }
        outcome
    }

    fn begin(&self, cancel: &CancellationToken) -> Result<Underway<'_>> {
        let cancel = cancel.child_token();
        let begun = self.current.send_if_modified(|current| {
            let free = current.is_none();
            if free {
                *current = Some(cancel.clone());
            }
            free
        });
        if begun { Ok(Underway { current: &self.current, cancel }) } else { Err(busy()) }
    }

    async fn run(&self, job: &Job, cancel: &CancellationToken) -> Result<Converted> {
        let folder = job.folder.clone();
        let source = blocking(move || Source::open(&folder)).await?;
        // The folder of a download is named after its commit.
        let of_repository = job.repository.as_deref().and_then(|repository| repository.rsplit('/').next());
        let name = of_repository.unwrap_or(source.name()).to_owned();
        let say = |step, fraction| {
            self.state.send_replace(Conversion::Running { model: name.clone(), step, fraction });
        };
        say(ConversionStep::Measuring, 0.0);
        let measured = cancel.run_until_cancelled(self.measure(job, &source)).await;
        let (choice, weight_type) = measured.ok_or_else(cancelled)??;
        let (planned, models, called) = (job.clone(), self.paths.models()?, name.clone());
        let (source, plan) = blocking(move || {
            let plan = Plan::prepare(&source, &planned, &models, &called, weight_type)?;
            Ok::<_, Error>((source, plan))
        })
        .await?;
        let Plan { out, direct, written, kind, unfinished } = match plan {
            Planned::Made(converted) => return Ok(converted),
            Planned::ToDo(plan) => plan,
        };
        let options =
            lethe_convert::Options { kind, repository: job.repository.clone(), revision: job.revision.clone() };
        let (state, model, token, target) = (self.state.clone(), name.clone(), cancel.clone(), written.clone());
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
                if token.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        })
        .await?;
        if !direct {
            say(ConversionStep::Quantizing, 0.0);
            let quantizing =
                quantizer::quantize(self.paths.engine(), &choice, &written, &out, weight_type, |fraction| {
                    say(ConversionStep::Quantizing, fraction);
                });
            // Dropping it ends the engine's process and removes what that has written.
            cancel.run_until_cancelled(quantizing).await.ok_or_else(cancelled)??;
        }
        drop(unfinished);
        say(ConversionStep::Checking, 0.0);
        let file = out.clone();
        let (header, broken) = blocking(move || {
            let header = Header::read(&file)?;
            let template = header.text("tokenizer.chat_template");
            let broken = template.and_then(|template| Template::new(template, "", "", Clock::system()).err());
            let broken = broken.map(|error| error.to_string());
            Ok::<_, Error>((header, broken))
        })
        .await?;
        let mut notes: Vec<String> = report.notes.iter().map(ToString::to_string).collect();
        notes.extend(broken);
        Ok(Converted { path: out, bytes: header.file_bytes, weight_type, notes })
    }

    /// The kernels of this machine, and the type of weights that is wanted or suits it.
    async fn measure(&self, job: &Job, source: &Source) -> Result<(Choice, WeightType)> {
        let choice = kernels::choose(self.paths.engine(), self.paths.data(), |_| ()).await?;
        if let Some(weight_type) = job.weight_type {
            return Ok((choice, weight_type));
        }
        let speeds = speeds::measure(self.paths.engine(), &choice, self.paths.data()).await?;
        let weight_type = speeds::recommend(&speeds, |weight_type| fits(source, weight_type));
        Ok((choice, weight_type))
    }
}

/// What is written, and where.
struct Plan {
    out: PathBuf,
    /// Whether the file is written at once, without the quantiser.
    direct: bool,
    /// The file that the weights are written to first.
    written: PathBuf,
    kind: Exact,
    unfinished: Option<Unfinished>,
}

/// Whether there is anything left to do.
enum Planned {
    Made(Converted),
    ToDo(Plan),
}

impl Plan {
    /// Finds the place and makes it free of what a killed conversion left; asks for room.
    fn prepare(source: &Source, job: &Job, models: &Path, name: &str, weight_type: WeightType) -> Result<Planned> {
        let out = job.out.clone().unwrap_or_else(|| place(models, name, weight_type, job));
        if job.out.is_none() && is_made_of(&out, job) {
            // The program ended after it was written, before it was in the list.
            let bytes = Header::read(&out)?.file_bytes;
            return Ok(Planned::Made(Converted { path: out, bytes, weight_type, notes: Vec::new() }));
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
        let second = if direct.is_none() { estimated_bytes(source, weight_type) } else { 0 };
        has_room(&out, source.output_bytes(kind) + second)?;
        Ok(Planned::ToDo(Self { out, direct: direct.is_some(), written, kind, unfinished }))
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

impl From<ConvertError> for Error {
    fn from(error: ConvertError) -> Self {
        let code = if matches!(error, ConvertError::Full) { Code::DiskFull } else { Code::BadInput };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;
    use std::time::SystemTime;

    use lethe_network::Client;

    use super::*;
    use crate::base::key::KeyWish;
    use crate::base::secrets::Secrets;
    use crate::base::store::Store;
    use crate::models::remote::Remotes;

    #[tokio::test]
    async fn one_conversion_at_a_time_and_each_is_cancelled_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), &folder.path().join("engine")).expect("a folder");
        let store = Arc::new(Store::open(&paths, KeyWish::None).await.expect("a fresh database"));
        let secrets = Secrets::new(store.clone(), &paths);
        let models = Models::new(store.clone(), Remotes::new(store.clone(), secrets, Client::offline()));
        let converter = Converter::new(paths, models, Terms::new(store));
        converter.cancel();
        let (of_person, of_download) = (CancellationToken::new(), CancellationToken::new());
        let first = converter.begin(&of_person).expect("none is under way");
        assert_eq!(converter.begin(&of_download).map(drop).map_err(|error| error.code), Err(Code::Busy));
        of_download.cancel();
        assert!(!first.cancel.is_cancelled(), "a download that waits does not end what somebody else converts");
        assert!(of_download.run_until_cancelled(converter.idle()).await.is_none(), "it waits no longer");
        converter.cancel();
        assert!(first.cancel.is_cancelled(), "who says cancel means the one that is under way");
        assert!(!of_person.is_cancelled(), "and no later one");
        let written = first.cancel.clone();
        drop(first);
        converter.idle().await;
        let second = converter.begin(&of_person).expect("the first is over");
        assert!(written.is_cancelled() && !second.cancel.is_cancelled(), "each has a token of its own");
    }

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
