//! Reads the cards: from TOML to types in which nothing is missing or contradicts itself.
//!
//! Each mistake is named with the card it is in, for whoever edits the file. No user ever sees these sentences.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::sources::{DataError, RawOrigin, RawSource, Sources, repository, text, wrong};
use super::{
    Architecture, Card, Citation, Evaluation, Format, Languages, Published, Removal, Runs, Sampling, Statement, Terms,
    Version,
};

/// All that the file says.
#[derive(Debug)]
pub(super) struct Cards {
    pub(super) cards: Vec<Card>,
    pub(super) terms: Terms,
    pub(super) removal: Removal,
}

/// Reads and checks the cards.
pub(super) fn cards(text: &str) -> Result<Cards, DataError> {
    let file: File = toml::from_str(text)?;
    let mut sources = Sources::new(file.sources);
    let mut works = BTreeMap::new();
    for work in file.citations {
        let citation = Citation { bibtex: work.bibtex.trim().to_owned(), origin: sources.first_hand(&work.source)? };
        works.insert(work.id, citation);
    }
    let terms = Terms {
        name: file.terms.name,
        version: file.terms.version,
        date: date(&file.terms.date)?,
        origin: sources.first_hand(&file.terms.source)?,
        paragraphs: statements(file.terms.paragraphs, &mut sources)?,
    };
    let removal = Removal {
        general: file.removal.general,
        personal_data: file.removal.personal_data,
        copyright: file.removal.copyright,
        note: file.removal.note,
        origin: sources.first_hand(&file.removal.source)?,
    };
    let mut cards: Vec<Card> = Vec::new();
    for raw in file.cards {
        let id = raw.id.clone();
        let card = card(raw, &mut sources, &works, &terms).map_err(|error| wrong(&format!("{id}: {error}")))?;
        if cards.iter().any(|other| other.id == card.id) {
            return Err(wrong(&format!("the id {id} is there twice")));
        }
        for published in &card.formats {
            let taken = |other: &Card| other.official(published.repository.as_str()).is_some();
            if cards.iter().any(taken) {
                return Err(wrong(&format!("{id}: {} belongs to another card", published.repository.as_str())));
            }
        }
        cards.push(card);
    }
    cards.sort_by_key(|card| card.released.0);
    sources.all_used()?;
    Ok(Cards { cards, terms, removal })
}

fn card(
    raw: RawCard,
    sources: &mut Sources,
    works: &BTreeMap<String, Citation>,
    terms: &Terms,
) -> Result<Card, DataError> {
    let home = repository(&raw.repository)?;
    let mut formats: Vec<Published> = Vec::new();
    for published in raw.formats {
        let place = repository(&published.repository)?;
        if formats.iter().any(|other| other.format == published.format) {
            return Err(wrong("a format is there twice"));
        }
        formats.push(Published { format: published.format, repository: place, origin: sources.of(&published.from)? });
    }
    if !formats.iter().any(|published| published.format == Format::Bf16 && published.repository == home) {
        return Err(wrong("its own repository is not among the formats"));
    }
    let cited = |id: &String| works.get(id).cloned().ok_or_else(|| wrong(&format!("nothing to cite is called {id}")));
    let policy = match raw.policy {
        Some(policy) if policy.version == terms.version => Some((policy.version, sources.of(&policy.from)?)),
        Some(policy) => return Err(wrong(&format!("there is no text of the policy {}", policy.version))),
        None => None,
    };
    let sampling = raw.sampling;
    if !(0.0..=2.0).contains(&sampling.temperature) || !(0.0..=1.0).contains(&sampling.top_p) || raw.parameters == 0 {
        return Err(wrong("a number is out of its range"));
    }
    let [major, minor] = raw.version;
    let architecture = raw.architecture.map(|numbers| architecture(&numbers, sources)).transpose()?;
    let runs = raw.runs;
    if architecture.is_none() != (runs == Runs::NotYet) {
        return Err(wrong("it has numbers exactly when its architecture is known"));
    }
    let evaluations: Vec<Evaluation> =
        raw.evaluations.into_iter().map(|figure| evaluation(figure, sources)).collect::<Result<_, _>>()?;
    Ok(Card {
        id: raw.id,
        name: raw.name,
        version: Version { major, minor },
        repository: home,
        parameters: raw.parameters,
        runs,
        released: (date(&raw.released.date)?, sources.of(&raw.released.from)?),
        license: (raw.license.spdx, sources.of(&raw.license.from)?),
        policy,
        sampling: Sampling {
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            origin: sources.of(&sampling.from)?,
        },
        evaluations,
        intended_use: statement(raw.intended_use, sources)?,
        languages: Languages {
            natively: raw.languages.natively,
            statement: Statement { text: text(raw.languages.text)?, origin: sources.of(&raw.languages.from)? },
        },
        architecture,
        limits: statements(raw.limits, sources)?,
        formats,
        citations: raw.citations.iter().map(cited).collect::<Result<_, _>>()?,
    })
}

fn architecture(raw: &RawArchitecture, sources: &mut Sources) -> Result<Architecture, DataError> {
    let numbers = Architecture {
        layers: raw.layers,
        width: raw.width,
        feed_forward: raw.feed_forward,
        heads: raw.heads,
        heads_kv: raw.heads_kv,
        head: raw.head,
        context: raw.context,
        vocabulary: raw.vocabulary,
        origin: sources.of(&raw.from)?,
    };
    let all =
        [numbers.layers, numbers.feed_forward, numbers.heads, numbers.heads_kv, numbers.context, numbers.vocabulary];
    let fits = numbers.heads.checked_mul(numbers.head) == Some(numbers.width)
        && numbers.heads.checked_rem(numbers.heads_kv) == Some(0);
    if all.contains(&0) || !fits {
        return Err(wrong("the numbers of its architecture contradict each other"));
    }
    Ok(numbers)
}

fn evaluation(raw: RawEvaluation, sources: &mut Sources) -> Result<Evaluation, DataError> {
    if !(0.0..=100.0).contains(&raw.value) {
        return Err(wrong("a figure is no share of a hundred"));
    }
    let RawUnit::Percent = raw.unit;
    let origin = sources.of(&raw.from)?;
    Ok(Evaluation { benchmark: text(raw.benchmark)?, percent: raw.value, note: text(raw.note)?, origin })
}

fn statements(raw: Vec<RawStatement>, sources: &mut Sources) -> Result<Vec<Statement>, DataError> {
    if raw.is_empty() {
        return Err(wrong("a list of statements is empty"));
    }
    raw.into_iter().map(|raw| statement(raw, sources)).collect()
}

fn statement(raw: RawStatement, sources: &mut Sources) -> Result<Statement, DataError> {
    Ok(Statement { text: text(raw.text)?, origin: sources.of(&raw.from)? })
}

fn date(text: &str) -> Result<Date, DataError> {
    text.parse().map_err(|_| wrong(&format!("{text} is no date")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sources: BTreeMap<String, RawSource>,
    terms: RawTerms,
    removal: RawRemoval,
    citations: Vec<RawCitation>,
    cards: Vec<RawCard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTerms {
    name: String,
    version: String,
    date: String,
    source: String,
    paragraphs: Vec<RawStatement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRemoval {
    general: String,
    personal_data: String,
    copyright: String,
    note: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCitation {
    id: String,
    source: String,
    bibtex: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCard {
    id: String,
    name: String,
    version: [u8; 2],
    repository: String,
    parameters: u64,
    runs: Runs,
    released: RawReleased,
    license: RawLicense,
    policy: Option<RawPolicy>,
    sampling: RawSampling,
    citations: Vec<String>,
    #[serde(rename = "use")]
    intended_use: RawStatement,
    languages: RawLanguages,
    architecture: Option<RawArchitecture>,
    limits: Vec<RawStatement>,
    #[serde(default)]
    evaluations: Vec<RawEvaluation>,
    formats: Vec<RawPublished>,
}

#[derive(Deserialize)]
struct RawReleased {
    date: String,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
struct RawLicense {
    spdx: String,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
struct RawPolicy {
    version: String,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
struct RawSampling {
    temperature: f32,
    top_p: f32,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
struct RawLanguages {
    natively: u32,
    text: String,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
struct RawArchitecture {
    layers: u32,
    width: u32,
    feed_forward: u32,
    heads: u32,
    heads_kv: u32,
    head: u32,
    context: u32,
    vocabulary: u32,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
struct RawStatement {
    text: String,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
struct RawEvaluation {
    benchmark: String,
    value: f32,
    unit: RawUnit,
    note: String,
    #[serde(flatten)]
    from: RawOrigin,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RawUnit {
    Percent,
}

#[derive(Deserialize)]
struct RawPublished {
    format: Format,
    repository: String,
    #[serde(flatten)]
    from: RawOrigin,
}
