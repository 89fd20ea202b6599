//! The hub of models as a person sees it: searches, repositories with what can be had of them, and the access token.

use lethe_convert::ConvertError;
use lethe_hub::hub::{Format, Hit, Hub, Repository};
use lethe_hub::name::{RepoName, Revision};
use lethe_hub::variants::{Variant, variants};
use lethe_hub::{HubError, cache};
use lethe_models::catalog::Offer;
use lethe_models::fit;
use lethe_models::memory::{Memory, size_text};
use lethe_models::weight_type::WeightType;
use lethe_models::wire::MemoryUse;
use lethe_network::{Client, Secret};
use serde::Serialize;
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::base::blocking::blocking;
use crate::base::error::{Code, Error, Result, sentence};
use crate::base::secrets::{SecretPlace, Secrets};
use crate::models::context::DEFAULT_CONTEXT;
use crate::models::fits::FitsView;
use crate::models::library::Models;

/// Most models that a search shows.
const MOST_HITS: usize = 40;
/// Longest card that is shown, characters.
const LONGEST_CARD: usize = 200_000;
/// Where the tools of the hub's makers read a token from.
const TOKEN_VARIABLE: &str = "HF_TOKEN";
/// How official weights are called among what can be had.
const OFFICIAL: &str = "official weights";
/// Memory beside the weights where nothing is known of a model, bytes: a cache of some thousand tokens, and buffers.
const BESIDE_WEIGHTS: u64 = 640 << 20;

/// A model that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HubHit {
    pub repository: String,
    /// How often it was downloaded lately.
    #[ts(type = "number")]
    pub downloads: u64,
    /// How many like it.
    #[ts(type = "number")]
    pub likes: u64,
    /// Whether its conditions have to be accepted first.
    pub gated: bool,
    /// The day of the last change.
    pub updated: Option<String>,
    /// What it holds.
    pub kind: HitKind,
}

/// What a repository holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "HubKind")]
pub enum HitKind {
    /// Model files, used as they are.
    Gguf,
    /// Weights as they are published.
    Weights,
    Other,
}

/// A repository at one commit.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct HubRepo {
    pub repository: String,
    pub revision: String,
    pub license: Option<String>,
    /// Whether its conditions have to be accepted first.
    pub gated: bool,
    pub card: Option<String>,
    /// What can be had of it.
    pub variants: Vec<HubVariant>,
    /// Why there is nothing to be had.
    pub note: Option<String>,
}

/// What can be had of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HubVariant {
    /// Its name, such as `Q4_K_M`.
    pub name: String,
    pub files: Vec<HubFile>,
    /// Bytes of all files.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether it is converted here.
    pub converts: bool,
    /// Memory that it takes, about.
    #[ts(type = "number | null")]
    pub memory_bytes: Option<u64>,
    pub fits: Option<FitsView>,
    /// The same as a sentence.
    pub fit_text: Option<String>,
    /// Whether it is the usual choice for this machine.
    pub recommended: bool,
    /// The model of this machine that it is.
    pub installed: Option<String>,
    /// Whether another program has fetched all of it.
    pub in_cache: bool,
}

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct HubFile {
    pub path: String,
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its SHA-256, where the hub says it.
    pub sha256: Option<String>,
}

/// The access token for the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct TokenState {
    /// Whether there is one.
    pub present: bool,
    /// Where it is kept.
    pub place: Option<TokenPlace>,
}

/// Where a token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// In the system's keychain.
    Keychain,
    /// In Lethe's database.
    Database,
    /// In the environment of the program.
    Environment,
}

impl From<HubError> for Error {
    fn from(error: HubError) -> Self {
        let code = match error {
            HubError::Offline => Code::Offline,
            HubError::NotRecorded(_) => Code::Store,
            HubError::Unreachable { .. }
            | HubError::TooLong { .. }
            | HubError::RateLimited { .. }
            | HubError::Server { .. }
            | HubError::Malformed { .. } => Code::Network,
            HubError::Gated { .. }
            | HubError::NoConsent { .. }
            | HubError::TokenNeeded { .. }
            | HubError::TokenRefused { .. } => Code::Token,
            HubError::RepositoryNotFound { .. } | HubError::RevisionNotFound { .. } | HubError::FileNotFound { .. } => {
                Code::NotFound
            }
            _ => Code::BadInput,
        };
        Self::new(code, error.to_string())
    }
}

/// Name of an access token among the secrets: each hub has its own, so that none sees that of another.
fn token_name() -> Result<String> {
    Ok(format!("hub-token@{}", Hub::endpoint_from_environment()?.origin().ascii_serialization()))
}

/// Set and empty is as good as not set.
fn token_of_environment() -> Option<Secret> {
    let token = std::env::var(TOKEN_VARIABLE).ok().map(Zeroizing::new);
    token.filter(|token| !token.trim().is_empty()).map(|token| Secret::new(&token))
}

/// The hub of models, with the user's access token for it.
#[derive(Clone)]
pub struct ModelHub {
    secrets: Secrets,
    client: Client,
    models: Models,
}

impl ModelHub {
    pub(crate) fn new(secrets: Secrets, client: Client, models: Models) -> Self {
        Self { secrets, client, models }
    }

    /// The hub that is asked: the one in `HF_ENDPOINT`, or the usual one.
    pub(crate) async fn connect(&self) -> Result<Hub> {
        let token = match self.secrets.read(&token_name()?).await? {
            Some(token) => Some(token),
            None => token_of_environment(),
        };
        Ok(Hub::new(self.client.clone(), Hub::endpoint_from_environment()?, token))
    }

    /// Searches the hub.
    ///
    /// # Errors
    /// `Offline`, `Network`, `Store`.
    pub async fn search(&self, query: &str) -> Result<Vec<HubHit>> {
        let hits = self.connect().await?.search(query, MOST_HITS).await?;
        Ok(hits.into_iter().map(hit).collect())
    }

    /// A repository, and what can be had of it.
    ///
    /// # Errors
    /// `BadInput`, `Offline`, `Network`, `Token`, `NotFound`, `Store`.
    pub async fn repository(&self, repository: &str, revision: Option<&str>) -> Result<HubRepo> {
        let (hub, repository) = self.ask(repository, revision).await?;
        let card = hub.card(&repository.repo, &repository.commit).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a card was not read");
            None
        });
        let (choices, refusal) = choices(&hub, &repository).await;
        let name = repository.repo.to_string();
        let installed = self.models.installed(&name).await?;
        let found = repository.clone();
        let mut views = blocking(move || {
            let (memory, roots) = (Memory::now(), cache_roots());
            Ok::<_, Error>(
                choices.iter().map(|named| view(named, &found, memory, &roots, &installed)).collect::<Vec<_>>(),
            )
        })
        .await?;
        let usual = views.iter().enumerate().filter(|(_, view)| view.fits == Some(FitsView::Well));
        // Finer than 8 bits is only slower.
        let usual = usual
            .filter(|(_, view)| view.converts || !matches!(view.name.as_str(), "F32" | "BF16" | "F16"))
            .max_by_key(|(_, view)| view.bytes)
            .map(|(at, _)| at);
        if let Some(usual) = usual {
            views[usual].recommended = true;
        }
        let note = views.is_empty().then(|| match refusal {
            Some(refusal) => sentence(&refusal.to_string()),
            None => "Lethe finds no model here that it could run: look for one with GGUF files, or for official weights of Apertus".to_owned(),
        });
        Ok(HubRepo {
            repository: name,
            revision: repository.commit.to_string(),
            license: repository.license.clone(),
            gated: repository.gated,
            card: card.map(|card| card.chars().take(LONGEST_CARD).collect()),
            variants: views,
            note,
        })
    }

    pub(crate) async fn ask(&self, name: &str, revision: Option<&str>) -> Result<(Hub, Repository)> {
        let repo: RepoName = name.trim().parse()?;
        let revision = revision.map(str::parse::<Revision>).transpose()?;
        let hub = self.connect().await?;
        let repository = hub.repository(&repo, revision.as_ref()).await?;
        Ok((hub, repository))
    }

    /// Whether there is an access token for the hub.
    ///
    /// # Errors
    /// `Store`.
    pub async fn token_state(&self) -> Result<TokenState> {
        let place = match self.secrets.place(&token_name()?).await? {
            Some(SecretPlace::Keychain) => Some(TokenPlace::Keychain),
            Some(SecretPlace::Database) => Some(TokenPlace::Database),
            None => token_of_environment().map(|_| TokenPlace::Environment),
        };
        Ok(TokenState { present: place.is_some(), place })
    }

    /// Keeps an access token for the hub, or forgets it.
    ///
    /// # Errors
    /// `BadInput` for one with spaces in it, `Store`.
    pub async fn set_token(&self, token: Option<&str>) -> Result<TokenState> {
        match token.map(str::trim).filter(|token| !token.is_empty()) {
            Some(token) if token.chars().any(|letter| !letter.is_ascii_graphic()) => {
                return Err(Error::bad_input("an access token has no spaces in it: copy it again from the hub's page"));
            }
            Some(token) => drop(self.secrets.write(&token_name()?, &Secret::new(token)).await?),
            None => self.secrets.forget(&token_name()?).await?,
        }
        self.token_state().await
    }
}

/// What can be had of a repository and used, each with a name that no other of it has; and why its weights can't be
/// converted, if they can't. That is asked before they are fetched: they are large.
pub(crate) async fn choices(hub: &Hub, repository: &Repository) -> (Vec<(String, Variant)>, Option<ConvertError>) {
    let mut choices = named(repository);
    if !choices.iter().any(|(_, variant)| variant.format == Format::Safetensors) {
        return (choices, None);
    }
    let config = hub.config(&repository.repo, &repository.commit).await;
    let refusal = match config {
        Ok(config) => config.and_then(|config| lethe_convert::readable(config.as_bytes()).err()),
        Err(error) => {
            // Those of a gated repository are only for who has a token; the conversion looks again.
            tracing::warn!(%error, "it is not known whether weights can be converted");
            None
        }
    };
    if refusal.is_some() {
        choices.retain(|(_, variant)| variant.format != Format::Safetensors);
    }
    (choices, refusal)
}

fn named(repository: &Repository) -> Vec<(String, Variant)> {
    let all = variants(repository);
    let short = |variant: &Variant| match (&variant.quantization, variant.format) {
        (_, Format::Safetensors) => OFFICIAL.to_owned(),
        (Some(quantization), Format::Gguf) => quantization.clone(),
        (None, Format::Gguf) => variant.model.clone(),
    };
    let alone = |variant: &Variant| all.iter().filter(|other| short(other) == short(variant)).count() == 1;
    let name = |variant: &Variant| match alone(variant) {
        true => short(variant),
        false => format!("{} {}", variant.model, short(variant)),
    };
    let mut named: Vec<(String, Variant)> = all.iter().map(|variant| (name(variant), variant.clone())).collect();
    let names: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
    for (name, variant) in &mut named {
        // Such as the same file in two folders: its path is its own.
        if names.iter().filter(|other| other == &name).count() > 1 {
            variant.first().to_string().clone_into(name);
        }
    }
    named
}

fn hit(hit: Hit) -> HubHit {
    let kind = match () {
        () if hit.formats.contains(&Format::Gguf) => HitKind::Gguf,
        () if hit.formats.contains(&Format::Safetensors) => HitKind::Weights,
        () => HitKind::Other,
    };
    HubHit {
        repository: hit.repo.to_string(),
        downloads: hit.downloads,
        likes: hit.likes,
        gated: hit.gated,
        updated: hit.updated.map(|updated| updated.strftime("%Y-%m-%d").to_string()),
        kind,
    }
}

/// The folders where other programs keep what they fetched.
pub(crate) fn cache_roots() -> Vec<std::path::PathBuf> {
    cache::roots(|name| std::env::var_os(name), dirs::home_dir().as_deref())
}

fn view(
    (name, variant): &(String, Variant),
    repository: &Repository,
    memory: Memory,
    roots: &[std::path::PathBuf],
    installed: &[(String, String)],
) -> HubVariant {
    let bytes = variant.bytes;
    let in_cache = |file| cache::cached(roots, &repository.repo, &repository.commit, file).is_some();
    let needs = needs(variant, repository, bytes);
    let fits = fit::judge(needs, memory);
    let fit_text = match fits {
        fit::Fits::Well => format!("It needs about {} of memory", size_text(needs.total())),
        fit::Fits::Tight => {
            format!("It needs {} of memory, and {} is free", size_text(needs.total()), size_text(memory.available))
        }
        fit::Fits::No => {
            format!("It needs {} of memory, and this machine has {}", size_text(needs.total()), size_text(memory.total))
        }
    };
    let is_this = |(_, sha256): &&(String, String)| {
        variant.files.iter().any(|file| file.sha256.as_ref().is_some_and(|known| known.as_str() == sha256))
    };
    HubVariant {
        name: name.clone(),
        files: variant
            .files
            .iter()
            .map(|file| HubFile {
                path: file.path.to_string(),
                bytes: file.bytes,
                sha256: file.sha256.as_ref().map(|sha256| sha256.as_str().to_owned()),
            })
            .collect(),
        bytes,
        converts: variant.format == Format::Safetensors,
        memory_bytes: Some(needs.total()),
        fits: Some(fits.into()),
        fit_text: Some(fit_text),
        recommended: false,
        installed: installed.iter().find(is_this).map(|(id, _)| id.clone()),
        in_cache: variant.files.iter().all(in_cache),
    }
}

/// What a model would take: of weights that are converted here, in the type that is usual for that.
fn needs(variant: &Variant, repository: &Repository, bytes: u64) -> MemoryUse {
    let context = DEFAULT_CONTEXT;
    let offer = Offer::by_repository(&repository.repo.to_string());
    let usual = offer
        .filter(|_| variant.format == Format::Safetensors)
        .and_then(|offer| offer.estimate(WeightType::Q4KM, context));
    let cache = offer.and_then(|offer| Some(offer.shape?.cache_bytes(offer.context.unwrap_or(context).min(context))));
    match usual {
        Some(estimate) => MemoryUse { weights: estimate.disk, cache: estimate.memory - estimate.disk, compute: 0 },
        None => MemoryUse { weights: bytes, cache: cache.unwrap_or(BESIDE_WEIGHTS), compute: 0 },
    }
}
