//! What a user can choose, kept in the database.

use std::sync::{Arc, PoisonError, RwLock};

use lethe_filters::Detectors;
use lethe_models::wire::PrivateText;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::error::{Error, Result};
use crate::base::store::Store;

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

/// Which detectors are on. One that a stored choice does not know yet is as it is by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DetectorSettings {
    pub email: bool,
    /// Bank account numbers.
    pub iban: bool,
    pub ip: bool,
    pub phone: bool,
    pub card: bool,
    /// Swiss social security numbers.
    pub ahv: bool,
    /// Numbers of other states for their people, of documents and of vehicles.
    pub national_id: bool,
    /// IP addresses that are nobody's: private ones, those of documentation, public name servers. Off by default.
    pub special_ip: bool,
}

impl Default for DetectorSettings {
    fn default() -> Self {
        Self {
            email: true,
            iban: true,
            ip: true,
            phone: true,
            card: true,
            ahv: true,
            national_id: true,
            special_ip: false,
        }
    }
}

impl From<DetectorSettings> for Detectors {
    fn from(settings: DetectorSettings) -> Self {
        let DetectorSettings { email, iban, ip, phone, card, ahv, national_id, special_ip } = settings;
        Self { email, iban, ip, phone, card, ahv, national_id, special_ip }
    }
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    pub theme: Theme,
    /// The model to answer with.
    pub model: Option<String>,
    /// Instructions for every conversation; empty for the model's own.
    #[ts(as = "String")]
    pub system_prompt: PrivateText,
    /// 0 takes the likeliest token always.
    pub temperature: f32,
    /// 1 is off.
    pub top_p: f32,
    /// 0 is off.
    pub top_k: u32,
    /// 0 is off.
    pub min_p: f32,
    /// 1 is off.
    pub repeat_penalty: f32,
    /// None: another one for each answer.
    pub seed: Option<u32>,
    /// Longest answer in tokens; none: as long as the context.
    pub max_tokens: Option<u32>,
    /// Context in tokens; none: chosen for the model.
    pub context_size: Option<u32>,
    /// Threads; none: what was measured fastest.
    pub threads: Option<u32>,
    pub detectors: DetectorSettings,
    /// Whether answers may repeat what detectors find in the user's own words of the same conversation.
    pub echo: bool,
    /// Whether lists are refreshed at the start and daily.
    pub refresh: bool,
    /// Whether nothing is sent over the network.
    pub offline: bool,
    /// Most bytes a second for downloads; none: as fast as it goes.
    #[ts(type = "number | null")]
    pub download_limit: Option<u64>,
    /// Whether the model cards of Apertus are watched for news about the output filter.
    pub watch: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let sampling = lethe_models::wire::Sampling::default();
        Self {
            theme: Theme::System,
            model: None,
            system_prompt: PrivateText::default(),
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            top_k: sampling.top_k,
            min_p: sampling.min_p,
            repeat_penalty: sampling.repeat_penalty,
            seed: None,
            max_tokens: None,
            context_size: None,
            threads: None,
            detectors: DetectorSettings::default(),
            echo: false,
            refresh: true,
            offline: false,
            download_limit: None,
            watch: true,
        }
    }
}

/// The settings of this moment, shared by all that act on them.
#[derive(Clone)]
pub struct CurrentSettings(Arc<RwLock<Settings>>);

impl CurrentSettings {
    /// As they were loaded.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(RwLock::new(settings)))
    }

    /// A copy of them.
    pub fn get(&self) -> Settings {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts others in their place.
    pub(crate) fn set(&self, settings: Settings) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }
}

impl Settings {
    /// The stored settings; what is missing or can't be read has its default.
    ///
    /// # Errors
    /// `Store`.
    pub async fn load(store: &Store) -> Result<Self> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT value FROM setting WHERE name = 'settings'").fetch_optional(store.pool()).await?;
        Ok(row.and_then(|(json,)| serde_json::from_str(&json).ok()).unwrap_or_default())
    }

    /// Checks them, stores what differs from `before`, and gives back what is stored now: another program on the same
    /// data may have changed something else.
    ///
    /// # Errors
    /// `BadInput` with the value that is out of range, `Store`.
    pub async fn save(&self, before: &Self, store: &Store) -> Result<Self> {
        self.check()?;
        let infinite = |_| Error::bad_input("a number is not finite: change it");
        let object = |settings: &Self| serde_json::to_value(settings).map_err(infinite);
        let (old, new) = (object(before)?, object(self)?);
        let mut transaction = store.pool().begin_with("BEGIN IMMEDIATE").await?;
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM setting WHERE name = 'settings'")
            .fetch_optional(&mut *transaction)
            .await?;
        let stored: Self = row.and_then(|(json,)| serde_json::from_str(&json).ok()).unwrap_or_default();
        let mut stored = object(&stored)?;
        if let (Some(stored), Some(new)) = (stored.as_object_mut(), new.as_object()) {
            for (name, value) in new.iter().filter(|(name, value)| old.get(name.as_str()) != Some(value)) {
                stored.insert(name.clone(), value.clone());
            }
        }
        let json = stored.to_string();
        sqlx::query(
            "INSERT INTO setting (name, value) VALUES ('settings', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        )
        .bind(&json)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(serde_json::from_str(&json).unwrap_or_else(|_| self.clone()))
    }

    /// Whether every value is in its range.
    ///
    /// # Errors
    /// `BadInput`.
    pub fn check(&self) -> Result<()> {
        let rows = [
            ("temperature", f64::from(self.temperature), 0.0, 5.0),
            ("top-p", f64::from(self.top_p), 0.0, 1.0),
            ("min-p", f64::from(self.min_p), 0.0, 1.0),
            ("top-k", f64::from(self.top_k), 0.0, 1e6),
            ("repeat penalty", f64::from(self.repeat_penalty), 0.1, 5.0),
            ("longest answer", f64::from(self.max_tokens.unwrap_or(1)), 1.0, 1e7),
            ("context size", f64::from(self.context_size.unwrap_or(256)), 256.0, 1e7),
            ("threads", f64::from(self.threads.unwrap_or(1)), 1.0, 1024.0),
        ];
        for (name, value, least, most) in rows {
            if !(least..=most).contains(&value) {
                return Err(Error::bad_input(format!("the {name} must be between {least} and {most}: change it")));
            }
        }
        Ok(())
    }
}
