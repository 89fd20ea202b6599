//! What the makers of a model say of it, as the window shows it, and the user's agreement to their terms.

use std::sync::Arc;

use lethe_convert::Source;
use lethe_models::cards::{self, Card, Facts, Known, Origin, Statement};
use lethe_models::catalog::Offer;
use lethe_models::gguf::Header;
use serde::Serialize;
use ts_rs::TS;

use crate::base::clock::now;
use crate::base::error::{Error, Result};
use crate::base::store::Store;

/// A figure of a benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Evaluation {
    pub benchmark: String,
    pub value: String,
    /// What it measures, and how it is known.
    pub note: Option<String>,
}

/// A card of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CardView {
    /// Its name in the catalogue.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Where the makers publish the model.
    pub repository: String,
    pub license: String,
    /// The terms beside the licence, a paragraph each, in Lethe's words.
    pub terms: Vec<String>,
    /// Where they can be read.
    pub terms_source: String,
    /// When the user accepted them here, milliseconds since 1970.
    #[ts(type = "number | null")]
    pub accepted_at: Option<i64>,
    /// What the model is meant for.
    pub intended_use: Vec<String>,
    /// What it can't do, and what to beware of.
    pub limits: Vec<String>,
    pub evaluation: Vec<Evaluation>,
    /// Where they are from.
    pub evaluation_source: String,
    pub languages: String,
    /// Where requests for removal go.
    pub contact: String,
    pub citation: String,
    /// The day of the release.
    pub released: String,
    /// Tokens that it was made for.
    pub context: u32,
}

impl CardView {
    fn new(card: &Card, accepted_at: Option<i64>) -> Self {
        let terms = cards::terms();
        let texts = |statements: &[Statement]| statements.iter().map(text).collect();
        let evaluation = |figure: &cards::Evaluation| Evaluation {
            benchmark: figure.benchmark.clone(),
            value: format!("{:.1} %", figure.percent),
            note: Some(hedged(figure.note.clone(), &figure.origin)).filter(|note| !note.is_empty()),
        };
        let mut sources: Vec<String> = card.evaluations.iter().map(|figure| source(&figure.origin)).collect();
        sources.dedup();
        let citations: Vec<&str> = card.citations.iter().map(|citation| citation.bibtex.trim()).collect();
        Self {
            id: card.id.clone(),
            name: card.name.clone(),
            repository: card.repository.as_str().to_owned(),
            license: card.license.0.clone(),
            terms: texts(&terms.paragraphs),
            terms_source: format!("{} {}, {}", terms.name, terms.version, source(&terms.origin)),
            accepted_at,
            intended_use: vec![text(&card.intended_use)],
            limits: texts(&card.limits),
            evaluation: card.evaluations.iter().map(evaluation).collect(),
            evaluation_source: sources.join("; "),
            languages: text(&card.languages.statement),
            contact: cards::removal().personal_data.clone(),
            citation: citations.join("\n\n"),
            released: card.released.0.to_string(),
            context: card.architecture.as_ref().map_or(0, |architecture| architecture.context),
        }
    }
}

fn text(statement: &Statement) -> String {
    hedged(statement.text.clone(), &statement.origin)
}

/// What was not read in the makers' own text says so.
fn hedged(text: String, origin: &Origin) -> String {
    match origin.known {
        Known::FirstHand => text,
        Known::SecondHand if text.is_empty() => "second-hand".to_owned(),
        Known::SecondHand => format!("{text} (second-hand)"),
    }
}

fn source(origin: &Origin) -> String {
    format!("{} ({})", origin.title, origin.address)
}

/// The card of a model file, by what its header says.
pub(crate) fn of_header(header: &Header) -> Option<&'static Card> {
    if let Some(card) = header.text("lethe.source.repository").and_then(Card::by_repository) {
        return Some(card);
    }
    let number = |key: &str| {
        let number = header.architecture_number(key).unwrap_or_default();
        u32::try_from(number).unwrap_or_default()
    };
    cards::recognise(&Facts {
        architecture: header.architecture(),
        layers: number("block_count"),
        width: number("embedding_length"),
        feed_forward: number("feed_forward_length"),
        context: number("context_length"),
        name: header.text("general.name"),
    })
}

fn of_source(source: &Source) -> Option<&'static Card> {
    if let Some(card) = source.repository().and_then(Card::by_repository) {
        return Some(card);
    }
    let shape = source.shape();
    cards::recognise(&Facts {
        architecture: "apertus",
        layers: shape.layers,
        width: shape.width,
        feed_forward: shape.feed_forward,
        context: shape.context,
        name: Some(source.name()),
    })
}

/// The cards that Lethe knows, and which terms the user has accepted.
#[derive(Clone)]
pub struct Terms {
    store: Arc<Store>,
}

impl Terms {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// The card of official weights, if Lethe knows the model.
    pub(crate) async fn of_source(&self, source: &Source) -> Result<Option<CardView>> {
        self.view(of_source(source)).await
    }

    pub(crate) async fn view(&self, card: Option<&Card>) -> Result<Option<CardView>> {
        let Some(card) = card else { return Ok(None) };
        let row: Option<(i64,)> = sqlx::query_as("SELECT accepted_at FROM terms WHERE card = ?")
            .bind(&card.id)
            .fetch_optional(self.store.pool())
            .await?;
        Ok(Some(CardView::new(card, row.map(|(at,)| at))))
    }

    /// A card by its key, for showing its terms.
    ///
    /// # Errors
    /// `NotFound` when the catalogue has no such card, `Store`.
    pub async fn card(&self, card: &str) -> Result<CardView> {
        let card = cards::cards().iter().find(|known| known.id == card);
        self.view(card).await?.ok_or_else(|| Error::not_found("card"))
    }

    /// The card of an official repository, if Lethe knows the model.
    ///
    /// # Errors
    /// `Store`.
    pub async fn of_repository(&self, repository: &str) -> Result<Option<CardView>> {
        let offer = Offer::by_repository(repository);
        self.view(Card::by_repository(repository).or(offer.and_then(|offer| offer.card))).await
    }

    /// Notes that the user accepts the terms of a card.
    ///
    /// # Errors
    /// `NotFound` when the catalogue has no such card, `Store`.
    pub async fn accept(&self, card: &str) -> Result<CardView> {
        let card = cards::cards().iter().find(|known| known.id == card);
        let card = card.ok_or_else(|| Error::not_found("card"))?;
        sqlx::query("INSERT INTO terms (card, accepted_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(&card.id)
            .bind(now())
            .execute(self.store.pool())
            .await?;
        self.view(Some(card)).await?.ok_or_else(|| Error::not_found("card"))
    }
}
