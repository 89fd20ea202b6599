//! The models that can be got, with what they would cost on this machine.
//!
//! Sizes are estimates from numbers of weights; the exact ones the hub says when somebody looks closer
//! (`hub.rs`).

use lethe_models::cards::Runs;
use lethe_models::catalog::{self, Family, Offer};
use lethe_models::fit;
use lethe_models::memory::Memory;
use lethe_models::weight_type::WeightType;
use lethe_models::wire::MemoryUse;
use serde::Serialize;
use ts_rs::TS;

use crate::base::error::Result;
use crate::base::paths::Paths;
use crate::models::card::Terms;
use crate::models::context::DEFAULT_CONTEXT;
use crate::models::fits::FitsView;
use crate::models::library::Models;

/// Types of weights that are worth a line, the finest first.
const TYPES: [WeightType; 5] =
    [WeightType::Bf16, WeightType::Q8_0, WeightType::Q6K, WeightType::Q4KM, WeightType::Q4_0];
/// Models with more weights than this are too slow for a first answer on most machines without a graphics processor.
const FIRST_MODEL: u64 = 5_000_000_000;

/// All offers, and this machine.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Catalog {
    /// The Apertus family first.
    pub offers: Vec<OfferView>,
    /// Memory of this machine in bytes.
    #[ts(type = "number")]
    pub memory_bytes: u64,
    /// What of it is free.
    #[ts(type = "number")]
    pub memory_free: u64,
    /// Room on the disk of the data folder, bytes.
    #[ts(type = "number")]
    pub disk_free: u64,
    /// The offer that suits this machine best.
    pub recommended: Option<String>,
}

/// A model that can be got.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Offer")]
pub struct OfferView {
    pub id: String,
    pub name: String,
    /// Who makes it, and who publishes its files where that is somebody else.
    pub maker: String,
    /// Which part of the shelf it stands on.
    pub family: FamilyView,
    /// Where its files are.
    pub repository: String,
    /// Number of weights.
    #[ts(type = "number")]
    pub parameters: u64,
    /// Context in tokens; 0 where it is not known.
    pub context: u32,
    pub license: String,
    /// What else is to be known of the licence or of access.
    pub license_note: Option<String>,
    pub languages: String,
    /// What it is good for.
    pub good_for: String,
    /// Address of its card.
    pub source: String,
    /// Whether it runs here.
    pub runs: RunsView,
    /// Why it does not.
    pub runs_note: Option<String>,
    /// Whether official weights are converted here.
    pub converts: bool,
    /// The card whose terms are to be accepted first.
    pub card_id: Option<String>,
    /// Whether they are.
    pub terms_accepted: bool,
    /// What it costs in each type of weights.
    pub estimates: Vec<EstimateView>,
    /// Models of this machine that came from it.
    pub installed: Vec<String>,
}

/// A part of the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "OfferFamily")]
pub enum FamilyView {
    Apertus,
    /// Open models of others.
    Open,
}

/// Whether a model runs here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "OfferRuns")]
pub enum RunsView {
    /// Where there is enough memory.
    Here,
    /// Too large for desktop computers.
    OnAServer,
    /// The engine does not know it.
    NotYet,
}

/// What a model costs in one type of weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Estimate")]
pub struct EstimateView {
    #[serde(rename = "type")]
    pub weight_type: String,
    /// Of the file.
    #[ts(type = "number")]
    pub disk_bytes: u64,
    /// Of weights, cache and buffers.
    #[ts(type = "number")]
    pub memory_bytes: u64,
    /// Whether it fits this machine.
    pub fits: FitsView,
    /// Whether it is the usual choice.
    pub recommended: bool,
}

/// What can be got.
pub struct Offers {
    models: Models,
    terms: Terms,
    paths: Paths,
}

impl Offers {
    pub(crate) fn new(models: Models, terms: Terms, paths: Paths) -> Self {
        Self { models, terms, paths }
    }

    /// All models that Lethe knows of.
    ///
    /// # Errors
    /// `Store`.
    pub async fn catalog(&self) -> Result<Catalog> {
        let memory = Memory::now();
        let installed = self.models.repositories().await?;
        let mut offers = Vec::new();
        for offer in catalog::offers() {
            let card = self.terms.view(offer.card).await?;
            let view = OfferView {
                id: offer.id.clone(),
                name: offer.name.clone(),
                maker: maker(offer),
                family: match offer.family {
                    Family::Apertus => FamilyView::Apertus,
                    Family::Open => FamilyView::Open,
                },
                repository: offer.repository.as_str().to_owned(),
                parameters: offer.parameters,
                context: offer.context.unwrap_or(0),
                license: offer.license.clone(),
                license_note: offer.license_note.clone(),
                languages: offer.languages.clone(),
                good_for: offer.good_for.clone(),
                source: offer.source.address.clone(),
                runs: match offer.runs {
                    Runs::Here => RunsView::Here,
                    Runs::OnAServer => RunsView::OnAServer,
                    Runs::NotYet => RunsView::NotYet,
                },
                runs_note: offer.runs_note().map(crate::base::error::sentence),
                converts: offer.converts,
                card_id: card.as_ref().map(|card| card.id.clone()),
                terms_accepted: card.as_ref().is_none_or(|card| card.accepted_at.is_some()),
                estimates: estimates(offer, memory),
                installed: installed
                    .iter()
                    .filter(|(repository, _)| {
                        Offer::by_repository(repository).is_some_and(|found| std::ptr::eq(found, offer))
                    })
                    .map(|(_, model)| model.clone())
                    .collect(),
            };
            offers.push(view);
        }
        let recommended = recommended(&offers);
        let disk_free = lethe_hub::download::available(self.paths.data()).unwrap_or(0);
        Ok(Catalog { offers, memory_bytes: memory.total, memory_free: memory.available, disk_free, recommended })
    }
}

fn maker(offer: &Offer) -> String {
    match &offer.publisher {
        Some(publisher) => format!("{}, files by {publisher}", offer.maker),
        None => offer.maker.clone(),
    }
}

fn estimates(offer: &Offer, memory: Memory) -> Vec<EstimateView> {
    let context = DEFAULT_CONTEXT;
    let mut views: Vec<EstimateView> = TYPES
        .into_iter()
        .filter_map(|weight_type| {
            let estimate = offer.estimate(weight_type, context)?;
            let beside = estimate.memory.saturating_sub(estimate.disk);
            let needs = MemoryUse { weights: estimate.disk, cache: beside, compute: 0 };
            Some(EstimateView {
                weight_type: weight_type.label(),
                disk_bytes: estimate.disk,
                memory_bytes: estimate.memory,
                fits: fit::judge(needs, memory).into(),
                recommended: false,
            })
        })
        .collect();
    // Below 8 bits answers get worse; above, they only get slower.
    let usual =
        views.iter().position(|view| view.weight_type != WeightType::Bf16.label() && view.fits == FitsView::Well);
    if let Some(usual) = usual {
        views[usual].recommended = true;
    }
    views
}

/// The largest Apertus that fits well and is no more than a machine like this answers at reading speed with; without
/// one the largest open model.
fn recommended(offers: &[OfferView]) -> Option<String> {
    let suits = |offer: &&OfferView| {
        offer.runs == RunsView::Here
            && offer.parameters <= FIRST_MODEL
            && offer.estimates.iter().any(|estimate| estimate.recommended)
    };
    let best = |family: FamilyView| {
        let offers = offers.iter().filter(suits).filter(|offer| offer.family == family);
        offers.max_by_key(|offer| offer.parameters).map(|offer| offer.id.clone())
    };
    best(FamilyView::Apertus).or_else(|| best(FamilyView::Open))
}
