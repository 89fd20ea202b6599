//! What the makers of Apertus say of their models: terms, limits, figures, sizes, and where the files are.
//!
//! The statements are data, in `models/cards.toml`, in our own words, each with its source and with whether it was
//! read there or seen second-hand only. The file is part of the program and is parsed once; a file that contradicts
//! itself fails the tests of this module, so that nothing here can fail for a user. Deliberately not here: prompts
//! and stop tokens, which a model's own files say, models of other makers, and any request: what was published after
//! this program is not known to it.

mod read;
pub(crate) mod sources;

use std::sync::LazyLock;

use jiff::Unit;
use jiff::civil::Date;
use serde::Deserialize;

static CARDS: LazyLock<read::Cards> = LazyLock::new(|| {
    read::cards(include_str!("../cards.toml")).expect("the tests parse the same file, which is part of the program")
});

/// Architecture of the models that llama.cpp and Transformers call `apertus`.
const ARCHITECTURE: &str = "apertus";
/// Models whose numbers of parameters differ by less than this factor fill the same place.
const COMPARABLE: f64 = 1.5;

/// All cards, the oldest release first, and of one release in the file's order.
pub fn cards() -> &'static [Card] {
    &CARDS.cards
}

/// The terms that come with a card's policy, beside its licence.
pub fn terms() -> &'static Terms {
    &CARDS.terms
}

/// Whom to ask for the removal of personal data or of protected works.
pub fn removal() -> &'static Removal {
    &CARDS.removal
}

/// The card that the numbers of a model file or folder fit, where one does.
///
/// Layers, width and feed forward must be those of the card, and the context no longer than its: a longer one is no
/// promise of the makers. Base models have the same numbers, so a name, where there is one, must hold the card's. A
/// model that others trained on from the makers' and named after it is recognised as theirs: their terms hold for it.
pub fn recognise(facts: &Facts<'_>) -> Option<&'static Card> {
    cards().iter().find(|card| {
        let fits = card.architecture.as_ref().is_some_and(|architecture| {
            facts.architecture == ARCHITECTURE
                && facts.layers == architecture.layers
                && facts.width == architecture.width
                && facts.feed_forward == architecture.feed_forward
                && facts.context <= architecture.context
        });
        fits && facts.name.is_none_or(|name| letters(name).contains(&letters(&card.name)))
    })
}

/// The newest later release of the same makers and of comparable size, where there is one.
///
/// It need not be one that runs here: see [`Card::runs`].
pub fn newer_than(card: &Card) -> Option<&'static Card> {
    #[expect(clippy::cast_precision_loss, reason = "sizes are compared by a factor")]
    let comparable = |other: &Card| {
        let factor = other.parameters as f64 / card.parameters as f64;
        (1.0 / COMPARABLE..=COMPARABLE).contains(&factor)
    };
    cards().iter().filter(|other| other.version > card.version && comparable(other)).max_by_key(|other| other.version)
}

/// Letters and digits of a name, for comparing spellings: `Apertus-8B-Instruct` and `apertus 8b instruct` are one.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What is known of a model before its card is: the values of its header or of its `config.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'name> {
    /// As `general.architecture` and `model_type` name it.
    pub architecture: &'name str,
    pub layers: u32,
    /// Length of an embedding.
    pub width: u32,
    /// Inner length of the feed-forward part.
    pub feed_forward: u32,
    /// Tokens that it was made for.
    pub context: u32,
    /// Its name, where it says one: of a file, a folder, a repository or in the header.
    pub name: Option<&'name str>,
}

/// What the makers say of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// Stable name in files and commands.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The release it belongs to.
    pub version: Version,
    /// Where the makers publish it, in 16 bits.
    pub repository: Repository,
    /// Number of weights.
    pub parameters: u64,
    /// Whether Lethe can run it.
    pub runs: Runs,
    /// The day of the release, and where it is said.
    pub released: (Date, Origin),
    /// Identifier of the licence after SPDX, and where it is said.
    pub license: (String, Origin),
    /// Version of the policy whose text is [`terms`]; none where the makers published another that is not known here.
    pub policy: Option<(String, Origin)>,
    /// How the makers would have it sampled.
    pub sampling: Sampling,
    /// What it is meant for.
    pub intended_use: Statement,
    pub languages: Languages,
    /// Its numbers, where Lethe knows the architecture.
    pub architecture: Option<Architecture>,
    /// What it can't do, and what to beware of.
    pub limits: Vec<Statement>,
    /// Figures of benchmarks.
    pub evaluations: Vec<Evaluation>,
    /// All forms in which the makers publish it.
    pub formats: Vec<Published>,
    pub citations: Vec<Citation>,
}

impl Card {
    /// The card of an official repository, whatever its format. Upper and lower case are one.
    pub fn by_repository(repository: &str) -> Option<&'static Self> {
        cards().iter().find(|card| card.official(repository).is_some())
    }

    /// In which format this model is published in `repository`; none where that is no official one of this model.
    pub fn official(&self, repository: &str) -> Option<Format> {
        let published = self.formats.iter().find(|published| published.repository.is(repository))?;
        Some(published.format)
    }

    /// Whole months since the release; 0 before it.
    pub fn age(&self, today: Date) -> u32 {
        let months = self.released.0.until((Unit::Month, today)).map_or(0, |span| span.get_months());
        u32::try_from(months).unwrap_or(0)
    }
}

/// A release, as in `v1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u8,
    /// The second.
    pub minor: u8,
}

/// A repository on the Hugging Face Hub: owner and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository(String);

impl Repository {
    /// As the Hub writes it: `owner/name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who publishes there.
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(owner, _)| owner)
    }

    /// Address of its page.
    pub fn address(&self) -> String {
        format!("https://huggingface.co/{}", self.0)
    }

    /// Whether `other` names the same repository. Upper and lower case are one.
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other.trim())
    }
}

/// Whether Lethe can run a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runs {
    /// On a machine with enough memory.
    Here,
    /// The architecture is known, and no desktop computer holds it.
    OnAServer,
    /// Its architecture is none that the engine knows.
    NotYet,
}

/// Where a statement is from, and whether it was read there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Title of the source.
    pub title: String,
    pub address: String,
    pub known: Known,
}

/// How a statement is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Read in the makers' text.
    FirstHand,
    /// Seen in a listing, an excerpt or a summary by others.
    SecondHand,
}

/// A sentence or more, with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The words, ours.
    pub text: String,
    /// Where it is from.
    pub origin: Origin,
}

/// Sampling that the makers recommend.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    pub temperature: f32,
    /// Share of the probability that is drawn from.
    pub top_p: f32,
    /// Where it is from.
    pub origin: Origin,
}

/// Languages of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages {
    /// How many the makers count.
    pub natively: u32,
    /// What that means.
    pub statement: Statement,
}

/// Numbers of a model's architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Architecture {
    pub layers: u32,
    /// Length of an embedding.
    pub width: u32,
    /// Inner length of the feed-forward part.
    pub feed_forward: u32,
    /// Attention heads of queries.
    pub heads: u32,
    /// Attention heads of keys and values; divides `heads`.
    pub heads_kv: u32,
    /// Length of a head; times `heads` it is the width.
    pub head: u32,
    /// Longest context in tokens.
    pub context: u32,
    /// Number of tokens.
    pub vocabulary: u32,
    /// Where it is from.
    pub origin: Origin,
}

/// A figure of a benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub benchmark: String,
    /// From 0 to 100.
    pub percent: f32,
    /// What was measured, where the name does not say it.
    pub note: String,
    /// Where it is from.
    pub origin: Origin,
}

/// A format, and where the makers publish it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub format: Format,
    pub repository: Repository,
    /// Where it is from.
    pub origin: Origin,
}

/// How official weights are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// 16 bits a weight.
    Bf16,
    /// Floating-point numbers of 8 bits, for vLLM.
    Fp8,
    /// Floating-point numbers of 4 bits with scales, for vLLM.
    Nvfp4A16,
    /// 3 bits a weight, for MLX.
    MlxInt3,
    /// 4 bits a weight, for MLX.
    MlxInt4,
    /// 6 bits a weight, for MLX.
    MlxInt6,
}

impl Format {
    /// The name for people, such as `MLX INT4`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Bf16 => "BF16",
            Self::Fp8 => "FP8",
            Self::Nvfp4A16 => "NVFP4A16",
            Self::MlxInt3 => "MLX INT3",
            Self::MlxInt4 => "MLX INT4",
            Self::MlxInt6 => "MLX INT6",
        }
    }

    /// Why Lethe takes no weights of this format, one sentence that says what to do; nothing where it may.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Nvfp4A16 => Some(
                "the engine would leave out scales of this NVFP4 model and answer nonsense: take the repository without NVFP4 in its name",
            ),
            Self::Bf16 | Self::Fp8 | Self::MlxInt3 | Self::MlxInt4 | Self::MlxInt6 => None,
        }
    }
}

/// Terms of use beside the licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What they are called.
    pub name: String,
    pub version: String,
    pub date: Date,
    /// Where the makers show them.
    pub origin: Origin,
    /// What they say, a paragraph each.
    pub paragraphs: Vec<Statement>,
}

/// Addresses for requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// For anything.
    pub general: String,
    /// For the removal of personal data.
    pub personal_data: String,
    /// For the removal of protected works.
    pub copyright: String,
    /// Where else to ask.
    pub note: String,
    /// Where it is from.
    pub origin: Origin,
}

/// A work to cite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The entry for BibTeX.
    pub bibtex: String,
    pub origin: Origin,
}

#[cfg(test)]
mod tests;
