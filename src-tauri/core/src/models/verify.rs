//! Checking a model on the user's own machine: what a test with small random models can't show of real weights.
//!
//! The file is read, its tokens are held against llama.cpp's, its prompt is made, and llama.cpp computes with it. With
//! the official weights beside it, every logit of a short text is held against an independent computation from them.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use lethe_convert::Source;
use lethe_convert::reference::{self, Positions};
use lethe_models::gguf::Header;
use lethe_models::logits::{self, Computed};
use lethe_models::outline::{outline, structural};
use lethe_models::prompt::template::Clock;
use lethe_models::prompt::{Conversation, Deliberation, Message, Prompter, Role};
use lethe_models::tokens::Tokenizer;
use lethe_models::wire::{LoadedModel, Token};
use lethe_models::{kernels, memory};
use serde::Serialize;

use crate::base::blocking::blocking;
use crate::base::error::Result;
use crate::base::paths::Paths;
use crate::base::settings::CurrentSettings;
use crate::models::library::Models;
use crate::models::model::ModelFile;
use crate::models::page;
use crate::models::running::Running;

/// What the models compute on; invented, in several scripts.
const TEXT: &str = "Grüezi! Il sulegl splendura. नमस्ते दुनिया. 2 + 2 = 4";

/// Scripts whose words llama.cpp's splitters cut in other places than the reference, and some that they do not.
const SAMPLES: [&str; 8] = [
    "The quick brown fox isn't 123456 metres away.",
    "Il sulegl splendura sur las muntognas.",
    "हिन्दी में लिखा हुआ एक छोटा वाक्य",
    "தமிழில் எழுதப்பட்ட ஒரு வாக்கியம்",
    "ภาษาไทยที่เขียนติดกัน",
    "বাংলা ভাষায় একটি বাক্য",
    "السَّلَامُ عَلَيْكُمْ",
    "日本語の短い文です。",
];

/// Largest relative error of logits by what most weights are, where it is bounded.
const BOUNDS: [(&str, f64); 3] = [("F32", 1e-2), ("BF16", 1e-2), ("Q8_0", 2e-2)];

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// Something to know.
    Noted,
    /// Not as it should be.
    Failed,
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub outcome: Outcome,
    /// What was found, in one sentence.
    pub text: String,
}

impl Check {
    fn new(name: &'static str, outcome: Outcome, text: impl Into<String>) -> Self {
        Self { name, outcome, text: text.into() }
    }
}

/// What a model's file says of itself, and what Lethe makes of it.
struct Opened {
    header: Header,
    begin: Option<Token>,
    vocabulary: u32,
    tokenizer: Option<Tokenizer>,
    prompt: Check,
    /// Each of the samples, and its tokens where there is a tokeniser.
    samples: Vec<Vec<Token>>,
    /// Whether every sample comes back from its tokens as it was.
    whole: bool,
}

impl Opened {
    fn read(path: &Path, engine: &Path) -> Result<Self> {
        let header = Header::read(path)?;
        let model = outline(path, &header)?;
        let tokenizer = Tokenizer::of_model(path, &header, &structural(&model))?;
        let mut samples: Vec<Vec<Token>> = Vec::new();
        let mut whole = true;
        if let Some(tokenizer) = &tokenizer {
            for sample in SAMPLES {
                let tokens = tokenizer.tokenize(sample);
                let bytes: Vec<u8> = tokens.iter().flat_map(|token| tokenizer.bytes(*token).to_vec()).collect();
                whole &= String::from_utf8_lossy(&bytes).trim_start() == sample;
                samples.push(tokens);
            }
        }
        let prompt = check_prompt(&model, &header, engine);
        Ok(Self { begin: model.begin, vocabulary: model.vocabulary, tokenizer, prompt, samples, whole, header })
    }

    /// What the model is made to compute on.
    fn tokens(&self) -> Vec<Token> {
        let mut tokens: Vec<Token> = self.begin.into_iter().collect();
        match &self.tokenizer {
            Some(tokenizer) => tokens.extend(tokenizer.tokenize(TEXT)),
            None => tokens.extend(0..16.min(self.vocabulary)),
        }
        tokens
    }
}

/// Checks models.
pub struct Verifier {
    models: Models,
    running: Arc<Running>,
    settings: CurrentSettings,
    paths: Paths,
}

impl Verifier {
    pub(crate) fn new(models: Models, running: Arc<Running>, settings: CurrentSettings, paths: Paths) -> Self {
        Self { models, running, settings, paths }
    }

    /// Checks a model; with a folder of official weights, against these. `greedy` is how many of the likeliest tokens
    /// are compared as well; each takes the reference a pass over all weights.
    ///
    /// # Errors
    /// `NoModel`, `ModelUnusable` when the file can't be read at all or is not here, `BadInput` when the folder can't.
    pub async fn verify(&self, wanted: &str, official: Option<&Path>, greedy: u32) -> Result<Vec<Check>> {
        let file = self.models.find_or_import(wanted).await?;
        let path = file.path()?;
        let (engine, data) = (self.paths.engine(), self.paths.data());
        let read = (path.to_owned(), engine.to_owned());
        let opened = blocking(move || Opened::read(&read.0, &read.1)).await?;
        let mut checks = vec![self.check_file(&file, &opened.header).await?, check_origin(&opened.header)];
        checks.push(self.check_tokens(&file, &opened).await?);
        let tokens = opened.tokens();
        checks.push(opened.prompt);
        let choice = kernels::choose(engine, data, |_| ()).await?;
        // The loaded model makes room for the one that is checked.
        self.running.stop().await;
        let computed = logits::compute(engine, &choice, path, &tokens, greedy, data).await?;
        checks.push(check_numbers(&computed));
        match official {
            Some(folder) => checks.extend(check_weights(folder, tokens, computed, opened.header.quantization()).await?),
            None => checks.push(Check::new(
                "weights",
                Outcome::Noted,
                "not compared with the official ones: name their folder with --against",
            )),
        }
        Ok(checks)
    }

    async fn check_file(&self, file: &ModelFile, header: &Header) -> Result<Check> {
        let sha256 = self.models.sha256(file).await?;
        let text = format!(
            "whole: {} {}, {}, SHA-256 {sha256}",
            header.architecture(),
            header.quantization(),
            memory::size_text(header.file_bytes)
        );
        Ok(Check::new("file", Outcome::Passed, text))
    }

    async fn check_tokens(&self, file: &ModelFile, opened: &Opened) -> Result<Check> {
        let source = page::tokenizer_text(opened.tokenizer.as_ref().map(Tokenizer::source));
        if opened.tokenizer.is_none() {
            return Ok(Check::new("tokens", Outcome::Noted, source));
        }
        if !opened.whole {
            return Ok(Check::new("tokens", Outcome::Failed, "text does not come back from its tokens as it was"));
        }
        let loaded = self.running.ready(file, &self.settings.get()).await?.here()?;
        let mut differ = 0;
        for (sample, tokens) in SAMPLES.iter().zip(&opened.samples) {
            differ += usize::from(*tokens != loaded.engine.tokenize(sample).await?);
        }
        let text = match differ {
            0 => format!("{source} llama.cpp cuts all {} samples alike.", SAMPLES.len()),
            _ => format!(
                "{source} llama.cpp by itself would cut {differ} of {} samples differently; Lethe does not ask it.",
                SAMPLES.len()
            ),
        };
        Ok(Check::new("tokens", Outcome::Passed, text))
    }
}

fn check_origin(header: &Header) -> Check {
    match (header.text("lethe.source.repository"), header.text("lethe.source.revision")) {
        (Some(repository), revision) => Check::new(
            "origin",
            Outcome::Passed,
            format!("made from {repository}, revision {}", revision.unwrap_or("not known")),
        ),
        (None, _) => {
            Check::new("origin", Outcome::Noted, "the file does not say which official weights it was made from")
        }
    }
}

fn check_prompt(model: &LoadedModel, header: &Header, program: &Path) -> Check {
    let messages = [Message { role: Role::User, content: "Hello".into() }];
    let conversation = Conversation { messages: &messages, deliberation: Deliberation::Off };
    let prompter = Prompter::isolated(model, header.architecture(), Clock::system(), program);
    let rendered = prompter.and_then(|prompter| prompter.render(&conversation).map(|_| prompter.source()));
    match rendered {
        Ok(source) => Check::new("prompt", Outcome::Passed, page::template_text(source)),
        Err(error) => Check::new("prompt", Outcome::Failed, error.to_string()),
    }
}

fn check_numbers(computed: &Computed) -> Check {
    let finite = computed.rows.iter().flatten().all(|logit| logit.is_finite());
    match finite {
        true => Check::new("computing", Outcome::Passed, "llama.cpp computes with it, and all logits are finite"),
        false => Check::new(
            "computing",
            Outcome::Failed,
            "some logits are no numbers: the type of these weights does not suit this model, convert it to another",
        ),
    }
}

async fn check_weights(
    folder: &Path,
    tokens: Vec<Token>,
    computed: Computed,
    quantization: String,
) -> Result<Vec<Check>> {
    let folder = folder.to_owned();
    let steps = computed.greedy.len();
    let (expected, greedy) = blocking(move || -> std::result::Result<_, lethe_convert::ConvertError> {
        let source = Source::open(&folder)?;
        let expected = reference::logits(&source, &tokens, Positions::All, &mut |_| ControlFlow::Continue(()))?;
        Ok((expected, greedy(&source, tokens, steps)?))
    })
    .await?;
    if expected.len() != computed.rows.len() || expected.first().map(Vec::len) != computed.rows.first().map(Vec::len) {
        let text = "these official weights are of another model: name the folder that the file was made from";
        return Ok(vec![Check::new("weights", Outcome::Failed, text)]);
    }
    let error = relative_error(&computed.rows, &expected);
    let bound = BOUNDS.iter().find(|(name, _)| *name == quantization).map(|(_, bound)| *bound);
    let outcome = match bound {
        Some(bound) if error <= bound => Outcome::Passed,
        Some(_) => Outcome::Failed,
        None => Outcome::Noted,
    };
    let allowed = bound.map_or_else(|| "no bound for this type".to_owned(), |bound| format!("at most {bound} allowed"));
    let mut checks = vec![Check::new(
        "weights",
        outcome,
        format!("logits differ from those of the official weights by {error:.2e} ({allowed})"),
    )];
    if !greedy.is_empty() {
        let same = greedy.iter().zip(&computed.greedy).take_while(|(ours, theirs)| ours == theirs).count();
        let exact = bound == Some(BOUNDS[0].1);
        let outcome = match same == greedy.len() {
            true => Outcome::Passed,
            false if exact => Outcome::Failed,
            false => Outcome::Noted,
        };
        checks.push(Check::new("answers", outcome, format!("{same} of the {} likeliest tokens agree", greedy.len())));
    }
    Ok(checks)
}

/// The likeliest token, `steps` times.
fn greedy(
    source: &Source,
    mut tokens: Vec<Token>,
    steps: usize,
) -> std::result::Result<Vec<Token>, lethe_convert::ConvertError> {
    let begin = tokens.len();
    for _ in 0..steps {
        let rows = reference::logits(source, &tokens, Positions::Last, &mut |_| ControlFlow::Continue(()))?;
        let likeliest = rows.last().into_iter().flatten().zip(0..).max_by(|(a, _), (b, _)| a.total_cmp(b));
        tokens.extend(likeliest.map(|(_, token)| token));
    }
    Ok(tokens.split_off(begin))
}

/// The Euclidean distance of all rows together, as a part of the length of what was expected.
pub fn relative_error(found: &[Vec<f32>], expected: &[Vec<f32>]) -> f64 {
    let squares = |numbers: &mut dyn Iterator<Item = f64>| numbers.map(|number| number * number).sum::<f64>();
    let pairs = found.iter().flatten().zip(expected.iter().flatten());
    let mut differences = pairs.map(|(a, b)| f64::from(*a) - f64::from(*b));
    let mut wanted = expected.iter().flatten().map(|number| f64::from(*number));
    (squares(&mut differences) / squares(&mut wanted).max(f64::MIN_POSITIVE)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::relative_error;

    #[test]
    fn all_rows_count_by_their_length() {
        let expected = [vec![3.0, 4.0], vec![0.0, 12.0]];
        let found = [vec![3.0, 4.0], vec![1.3, 12.0]];
        assert!((relative_error(&found, &expected) - 0.1).abs() < 1e-6);
        assert!(relative_error(&expected, &expected) < 1e-12);
    }
}
