//! Reads the catalogue: from TOML to offers in which nothing is missing or contradicts itself.
//!
//! Each mistake is named with the model it is in, for whoever edits the file. No user ever sees these sentences.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Access, Family, Offer, Shape};
use crate::cards::sources::{DataError, RawOrigin, RawSource, Sources, repository, text, wrong};
use crate::cards::{Card, Known, Origin, Runs};

/// Licences whose identifier says all there is to say.
const KNOWN_LICENSES: [&str; 2] = ["Apache-2.0", "MIT"];
/// By how much a size in a name may differ from the number of weights: makers leave out embeddings, or round.
const ROUNDED: std::ops::RangeInclusive<f64> = 0.75..=1.25;

/// Reads and checks the catalogue.
pub(super) fn catalog(file: &str) -> Result<Vec<Offer>, DataError> {
    let file: File = toml::from_str(file)?;
    let mut sources = Sources::new(file.sources);
    let mut offers: Vec<Offer> = Vec::new();
    for raw in file.models {
        let id = raw.id.clone();
        let offer = offer(raw, &mut sources).map_err(|error| wrong(&format!("{id}: {error}")))?;
        if offers.iter().any(|other| other.id == offer.id) {
            return Err(wrong(&format!("the id {id} is there twice")));
        }
        if offers.iter().any(|other| other.repository.is(offer.repository.as_str())) {
            return Err(wrong(&format!("{id}: {} belongs to another model", offer.repository.as_str())));
        }
        offers.push(offer);
    }
    sources.all_used()?;
    Ok(offers)
}

fn offer(raw: RawModel, sources: &mut Sources) -> Result<Offer, DataError> {
    let card = repository(&raw.card.repository)?;
    let files = repository(&raw.repository.name)?;
    if Card::by_repository(files.as_str()).is_some() {
        return Err(wrong("it is an Apertus model, which has a card"));
    }
    // Third parties are named, so that nobody takes their files for the maker's.
    if files.owner().eq_ignore_ascii_case(card.owner()) != raw.repository.publisher.is_none() {
        return Err(wrong("a publisher is named exactly when it is not the maker"));
    }
    if !KNOWN_LICENSES.contains(&raw.license.as_str()) && raw.license_note.is_none() {
        return Err(wrong("terms that are no known licence need a note"));
    }
    if raw.context == 0 {
        return Err(wrong("its context is empty"));
    }
    let numbers = raw.numbers;
    let measured = sources.of(&numbers.from)?;
    if !plausible(&raw.id, &numbers) {
        return Err(wrong("its numbers contradict each other"));
    }
    let page = |title: &str, address: String, checked: bool| Origin {
        title: format!("{title} {}", raw.name),
        address,
        known: if checked { Known::FirstHand } else { Known::SecondHand },
    };
    Ok(Offer {
        source: page("The model card of", card.address(), raw.card.checked),
        further_sources: vec![page("The files of", files.address(), raw.repository.checked), measured],
        id: text(raw.id)?,
        name: text(raw.name)?,
        maker: text(raw.maker)?,
        family: Family::Open,
        repository: files,
        publisher: raw.repository.publisher.map(text).transpose()?,
        access: raw.repository.access,
        card: None,
        converts: false,
        parameters: numbers.parameters,
        context: Some(raw.context),
        license: text(raw.license)?,
        license_note: raw.license_note.map(text).transpose()?,
        languages: text(raw.languages)?,
        good_for: text(raw.good_for)?,
        runs: Runs::Here,
        shape: Some(Shape {
            layers: numbers.layers,
            width: numbers.width,
            kv_heads: numbers.kv_heads,
            head_dim: numbers.head_dim,
            vocabulary: numbers.vocabulary,
        }),
    })
}

/// Whether a model may have these numbers: they are all there, the heads are no wider than the layers are, the
/// embedding is part of the weights, and there are about as many of those as the name says.
#[expect(clippy::cast_precision_loss, reason = "sizes are compared by a factor")]
fn plausible(id: &str, numbers: &RawNumbers) -> bool {
    let all = [numbers.layers, numbers.width, numbers.kv_heads, numbers.head_dim, numbers.vocabulary];
    let keys = u64::from(numbers.kv_heads) * u64::from(numbers.head_dim);
    let embedding = u64::from(numbers.vocabulary) * u64::from(numbers.width);
    let sized = size(id).is_some_and(|size| ROUNDED.contains(&(numbers.parameters as f64 / size)));
    !all.contains(&0) && keys <= u64::from(numbers.width) && embedding < numbers.parameters && sized
}

/// The number of weights that a name states, such as `1.7b` or `135m`.
pub(super) fn size(id: &str) -> Option<f64> {
    id.split('-').find_map(|part| {
        let (number, unit) = part.split_at_checked(part.len().checked_sub(1)?)?;
        let unit = match unit {
            "b" => 1e9,
            "m" => 1e6,
            _ => return None,
        };
        Some(number.parse::<f64>().ok()? * unit)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sources: BTreeMap<String, RawSource>,
    models: Vec<RawModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    id: String,
    name: String,
    maker: String,
    card: RawCard,
    repository: RawRepository,
    license: String,
    license_note: Option<String>,
    context: u32,
    languages: String,
    good_for: String,
    numbers: RawNumbers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCard {
    repository: String,
    checked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRepository {
    name: String,
    publisher: Option<String>,
    access: Access,
    checked: bool,
}

#[derive(Deserialize)]
struct RawNumbers {
    parameters: u64,
    layers: u32,
    width: u32,
    kv_heads: u32,
    head_dim: u32,
    vocabulary: u32,
    #[serde(flatten)]
    from: RawOrigin,
}
