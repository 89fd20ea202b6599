//! The models that can be got: Apertus first, then open models of other makers that are of use on such machines.
//!
//! What is said of Apertus is the cards' ([`crate::cards`]) and nowhere said twice; the others are data in
//! `models/catalog.toml`. That file is part of the program and is parsed once; a file that contradicts itself fails the
//! tests of this module, so that nothing here can fail for a user. Sizes are estimates from numbers of weights.
//! Deliberately not here: lists of files, their sizes and hashes, which the Hub says at the moment of the download,
//! what this machine can hold, and any request: what was published after this program is not known to it.

mod read;

use std::sync::LazyLock;

use serde::Deserialize;

use crate::cards::{self, Card, Format, Origin, Published, Repository, Runs};
use crate::weight_type::WeightType;

static OFFERS: LazyLock<Vec<Offer>> = LazyLock::new(|| {
    let open = read::catalog(include_str!("../catalog.toml"));
    let mut offers = apertus();
    offers.extend(open.expect("the tests parse the same file, which is part of the program"));
    offers
});

/// Who publishes Apertus, as its cards' sources have it.
const APERTUS_MAKERS: &str = "Swiss AI Initiative: EPFL, ETH Zurich and CSCS";
/// Bytes of a number in the cache: the engine keeps keys and values in 16 bits.
const CACHE_BYTES: u64 = 2;
/// Room for the compute buffers beside weights and cache, bytes: what is reserved when a model is loaded as well.
const BUFFERS: u64 = 256 << 20;

/// All of them: Apertus that runs here, the smallest first, then what does not run here, then other makers' models.
pub fn offers() -> &'static [Offer] {
    &OFFERS
}

/// A model that can be got.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Stable name in commands; that of the card where there is one.
    pub id: String,
    /// Name for people.
    pub name: String,
    pub maker: String,
    /// Which part of the catalogue it is in.
    pub family: Family,
    /// Where to get it: files in GGUF, or official weights where [`Offer::converts`] says so.
    pub repository: Repository,
    /// Who publishes the files, where that is not the maker.
    pub publisher: Option<String>,
    /// Whether the repository asks for something first.
    pub access: Access,
    /// What its makers say of it.
    pub card: Option<&'static Card>,
    /// Whether the repository holds official weights that Lethe makes a model file of.
    pub converts: bool,
    /// Number of weights.
    pub parameters: u64,
    /// Tokens that it was made for; none where no such number is known for a model that does not run yet.
    pub context: Option<u32>,
    /// Identifier of the licence after SPDX, or the name of the makers' own terms.
    pub license: String,
    /// What to know of the licence, where its identifier does not say it.
    pub license_note: Option<String>,
    /// Its languages, for people.
    pub languages: String,
    /// What it is good for, and what not: one honest sentence.
    pub good_for: String,
    /// The makers' page of it, and whether it was read there.
    pub source: Origin,
    /// Where else what is said here is from: the page of the files, and the numbers.
    pub further_sources: Vec<Origin>,
    /// Whether Lethe can run it.
    pub runs: Runs,
    /// The numbers that the size of its cache follows from; there is one for all that the engine knows.
    pub shape: Option<Shape>,
}

impl Offer {
    /// The offer that `repository` belongs to, whatever its format. Upper and lower case are one.
    pub fn by_repository(repository: &str) -> Option<&'static Self> {
        offers().iter().find(|offer| {
            offer.repository.is(repository) || offer.repositories().iter().any(|other| other.repository.is(repository))
        })
    }

    /// All official formats and their repositories, that of [`Offer::repository`] among them; none without a card.
    ///
    /// [`Format::refusal`] says which of them Lethe can't make a model of.
    pub fn repositories(&self) -> &'static [Published] {
        self.card.map_or(&[], |card| &card.formats)
    }

    /// What it takes with weights of this type and a context of so many tokens, at most its own; none where its
    /// numbers are not known.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    pub fn estimate(&self, weight_type: WeightType, context: u32) -> Option<Estimate> {
        let shape = self.shape?;
        let context = self.context.map_or(context, |own| own.min(context));
        let disk = (self.parameters as f64 * weight_type.bits() / 8.0) as u64;
        let memory = disk.saturating_add(shape.cache_bytes(context)).saturating_add(BUFFERS);
        Some(Estimate { disk, memory })
    }

    /// Why it does not run here, one sentence that says what to do; nothing where it may.
    pub const fn runs_note(&self) -> Option<&'static str> {
        match self.runs {
            Runs::Here => None,
            Runs::OnAServer => {
                Some("it needs more memory than a desktop computer has: connect to a server that runs it")
            }
            Runs::NotYet => {
                Some("the engine does not know its architecture yet: take another size, or look again after an update")
            }
        }
    }
}

/// The parts of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The models that Lethe is made for.
    Apertus,
    /// Open models of other makers.
    Open,
}

/// What a repository asks for before it hands out files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Nothing.
    Open,
    /// An account that has accepted the makers' conditions, and its access token.
    Conditions,
}

/// The numbers of a model that its cache follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub layers: u32,
    /// Length of an embedding.
    pub width: u32,
    /// Attention heads of keys and values.
    pub kv_heads: u32,
    /// Length of a head.
    pub head_dim: u32,
    /// Number of tokens.
    pub vocabulary: u32,
}

impl Shape {
    /// Size in bytes of the cache for a context of so many tokens: keys and values of every layer in 16 bits.
    ///
    /// Layers that look only a short way back get no less, because the engine keeps whole caches for them as well.
    pub fn cache_bytes(self, context: u32) -> u64 {
        let numbers = [self.layers, self.kv_heads, self.head_dim, context];
        numbers.into_iter().map(u64::from).fold(2 * CACHE_BYTES, u64::saturating_mul)
    }
}

/// What a model takes, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Of the file.
    pub disk: u64,
    /// Of weights, cache and buffers.
    pub memory: u64,
}

/// Offers of the cards.
fn apertus() -> Vec<Offer> {
    let mut cards: Vec<_> = cards::cards().iter().collect();
    cards.sort_by_key(|card| (place(card.runs), card.parameters));
    cards.into_iter().map(of_card).collect()
}

const fn place(runs: Runs) -> u8 {
    match runs {
        Runs::Here => 0,
        Runs::OnAServer => 1,
        Runs::NotYet => 2,
    }
}

fn of_card(card: &'static Card) -> Offer {
    let numbers = card.architecture.as_ref();
    Offer {
        id: card.id.clone(),
        name: card.name.clone(),
        maker: APERTUS_MAKERS.to_owned(),
        family: Family::Apertus,
        repository: card.repository.clone(),
        publisher: None,
        access: Access::Open,
        card: Some(card),
        converts: numbers.is_some() && card.official(card.repository.as_str()).is_some_and(convertible),
        parameters: card.parameters,
        context: numbers.map(|numbers| numbers.context),
        license: card.license.0.clone(),
        license_note: Some(match &card.policy {
            Some((version, _)) => format!("With it comes the makers' {} {version}.", cards::terms().name),
            None => "The makers have terms of their own beside it: read them on the model's page.".to_owned(),
        }),
        languages: card.languages.statement.text.clone(),
        good_for: card.intended_use.text.clone(),
        source: Origin {
            title: format!("The model card of {}", card.name),
            address: card.repository.address(),
            known: card.license.1.known,
        },
        further_sources: numbers.map(|numbers| numbers.origin.clone()).into_iter().collect(),
        runs: card.runs,
        shape: numbers.map(|numbers| Shape {
            layers: numbers.layers,
            width: numbers.width,
            kv_heads: numbers.heads_kv,
            head_dim: numbers.head,
            vocabulary: numbers.vocabulary,
        }),
    }
}

fn convertible(format: Format) -> bool {
    format.refusal().is_none()
}

#[cfg(test)]
mod tests;
