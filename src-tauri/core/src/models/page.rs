//! The page of a model: what its file is, how Lethe reads it, and what its makers say of it.

use std::path::Path;

use lethe_models::cards::{self, Card};
use lethe_models::gguf::Header;
use lethe_models::outline::{outline, structural};
use lethe_models::prompt::template::Clock;
use lethe_models::prompt::{Profile, Prompter, TemplateSource};
use lethe_models::tokens::{Tokenizer, TokenizerSource};
use serde::Serialize;
use ts_rs::TS;

use crate::base::blocking::blocking;
use crate::base::error::{Error, Result};
use crate::base::paths::Paths;
use crate::models::card::{self, CardView, Terms};
use crate::models::library::Models;
use crate::models::model::ModelView;

/// After so many months the makers of Apertus advise newer weights or a newer filter.
const OLD_MONTHS: u32 = 6;

/// All that is known of a model.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ModelPage {
    pub model: ModelView,
    /// SHA-256 of its file; missing while it is not computed.
    pub sha256: Option<String>,
    /// Number of weights.
    #[ts(type = "number")]
    pub parameters: u64,
    /// What its makers say, if Lethe knows it.
    pub card: Option<CardView>,
    /// How old its weights are.
    pub age: Option<Age>,
    /// A newer release, in one sentence.
    pub newer: Option<String>,
    /// How text becomes tokens.
    pub tokenizer: TokenizerFacts,
    /// How conversations become prompts.
    pub template: TemplateFacts,
    /// Whether it can be asked to think before it answers.
    pub deliberates: bool,
    /// Where the file comes from.
    pub origin: OriginFacts,
}

/// The age of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Age {
    /// Whole months since the release.
    pub months: u32,
    /// Whether that is more than six.
    pub old: bool,
    /// One sentence.
    pub text: String,
}

/// Where a tokeniser comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TokenizerFacts {
    /// In a word.
    pub source: TokenizerPlace,
    /// In a sentence.
    pub text: String,
}

/// Where a tokeniser comes from, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TokenizerPlace {
    /// A `tokenizer.json` beside the file.
    Beside,
    /// The `tokenizer.json` in the file.
    Inside,
    /// The vocabulary in the file.
    Rebuilt,
    /// llama.cpp's own.
    Engine,
}

/// Where a chat template comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TemplateFacts {
    /// In a word.
    pub source: TemplatePlace,
    /// In a sentence.
    pub text: String,
}

/// Where a chat template comes from, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TemplatePlace {
    File,
    /// Lethe's profile of an Apertus family.
    Profile,
    /// The plain form of base models.
    Plain,
}

/// Where a file comes from, as it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OriginFacts {
    /// The repository of the official weights.
    pub repository: Option<String>,
    pub revision: Option<String>,
    pub license: Option<String>,
    pub converted_by: Option<String>,
}

/// What is read of a model's file for its page.
struct Described {
    header: Header,
    template: TemplateSource,
    deliberates: bool,
    tokenizer: Option<TokenizerSource>,
}

/// The pages of the models.
pub struct Pages {
    models: Models,
    terms: Terms,
    paths: Paths,
}

impl Pages {
    pub(crate) fn new(models: Models, terms: Terms, paths: Paths) -> Self {
        Self { models, terms, paths }
    }

    /// The page of a model.
    ///
    /// # Errors
    /// `NoModel`, `ModelUnusable` with what is wrong with its file or that it has none here, `Store`.
    pub async fn page(&self, id: &str) -> Result<ModelPage> {
        let file = self.models.find(id).await?;
        let path = file.path()?.to_owned();
        let models = self.models.all().await?;
        let model = models.into_iter().find(|model| model.id == file.id).ok_or_else(|| Error::not_found("model"))?;
        let engine = self.paths.engine().to_owned();
        let Described { header, template, deliberates, tokenizer } = blocking(move || describe(&path, &engine)).await?;
        let card = card::of_header(&header);
        let text = |key: &str| header.text(key).map(str::to_owned);
        Ok(ModelPage {
            sha256: self.models.known_sha256(&file).await?,
            parameters: header.parameters(),
            card: self.terms.view(card).await?,
            age: card.map(age),
            newer: card.and_then(cards::newer_than).map(newer),
            tokenizer: TokenizerFacts { source: tokenizer_place(tokenizer), text: tokenizer_text(tokenizer) },
            template: TemplateFacts { source: place(template), text: template_text(template) },
            deliberates,
            origin: OriginFacts {
                repository: text("lethe.source.repository").or_else(|| text("general.source.repo_url")),
                revision: text("lethe.source.revision"),
                license: text("general.license"),
                converted_by: text("lethe.converter").or_else(|| text("general.quantized_by")),
            },
            model,
        })
    }
}

/// Reads the file, tries its template and builds its tokeniser.
fn describe(path: &Path, engine: &Path) -> Result<Described> {
    let header = Header::read(path)?;
    let outline = outline(path, &header)?;
    let prompter = Prompter::isolated(&outline, header.architecture(), Clock::system(), engine)?;
    let tokenizer = Tokenizer::of_model(path, &header, &structural(&outline))?;
    Ok(Described {
        template: prompter.source(),
        deliberates: prompter.deliberates(),
        tokenizer: tokenizer.as_ref().map(Tokenizer::source),
        header,
    })
}

fn age(card: &Card) -> Age {
    let months = card.age(jiff::Zoned::now().date());
    let old = months >= OLD_MONTHS;
    let text = match old {
        true => format!(
            "These weights were released {months} months ago. Their makers advise to look for newer weights, or for \
             their file of deletion requests, every six months"
        ),
        false => format!("These weights were released on {}", card.released.0),
    };
    Age { months, old, text }
}

fn newer(card: &Card) -> String {
    let runs = match card.runs {
        cards::Runs::Here => "",
        cards::Runs::OnAServer => ", which needs a server",
        cards::Runs::NotYet => ", which Lethe can't run yet",
    };
    format!("There is a newer release, {}{runs}", card.name)
}

/// Where a tokeniser comes from, in a sentence; none is llama.cpp's own.
pub fn tokenizer_text(source: Option<TokenizerSource>) -> String {
    match source {
        Some(TokenizerSource::Beside) => "Text is cut by the tokenizer.json beside the model file.".to_owned(),
        Some(TokenizerSource::Inside) => "Text is cut by the official tokenizer.json inside the model file.".to_owned(),
        Some(TokenizerSource::Rebuilt(kind)) => {
            format!(
                "Text is cut as the reference for {} does it, rebuilt from the vocabulary in the model file.",
                kind.name()
            )
        }
        None => "Text is cut by llama.cpp, because Lethe does not know this kind of vocabulary.".to_owned(),
    }
}

fn tokenizer_place(source: Option<TokenizerSource>) -> TokenizerPlace {
    match source {
        Some(TokenizerSource::Beside) => TokenizerPlace::Beside,
        Some(TokenizerSource::Inside) => TokenizerPlace::Inside,
        Some(TokenizerSource::Rebuilt(_)) => TokenizerPlace::Rebuilt,
        None => TokenizerPlace::Engine,
    }
}

/// Where a chat template comes from, in a sentence.
pub fn template_text(source: TemplateSource) -> String {
    match source {
        TemplateSource::File => "Prompts are made by the template in the model file.",
        TemplateSource::Profile(Profile::Apertus8B) => {
            "The file brings no template: prompts are made by Lethe's profile of Apertus 8B."
        }
        TemplateSource::Profile(Profile::ApertusV11) => {
            "The file brings no template: prompts are made by Lethe's profile of Apertus v1.1."
        }
        TemplateSource::Plain => "The file brings no template: prompts are made in the plain form of base models.",
    }
    .to_owned()
}

fn place(source: TemplateSource) -> TemplatePlace {
    match source {
        TemplateSource::File => TemplatePlace::File,
        TemplateSource::Profile(_) => TemplatePlace::Profile,
        TemplateSource::Plain => TemplatePlace::Plain,
    }
}
