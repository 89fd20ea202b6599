//! The product without a window: what the window and the terminal both use.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio_util::sync::CancellationToken;

use crate::base::error::{Code, Error, Result};
use crate::base::key::{KeyPlace, KeyWish};
use crate::base::ledger::Ledger;
use crate::base::network::{Network, NetworkState, Requests};
use crate::base::paths::Paths;
use crate::base::secrets::Secrets;
use crate::base::settings::{CurrentSettings, Settings};
use crate::base::store::{Presence, Store};
use crate::chat::backup::Backups;
use crate::chat::history::{ConversationId, History, UNDO_SECONDS};
use crate::chat::report::Report;
use crate::chat::sweep::Sweeper;
use crate::chat::turn::Turns;
use crate::lists::filter::Filters;
use crate::lists::library::{Lists, keeps_lists};
use crate::lists::watch::Cards;
use crate::models::card::Terms;
use crate::models::catalog::Offers;
use crate::models::conversion::Converter;
use crate::models::deletion::Deletions;
use crate::models::downloads::{Downloads, Parts};
use crate::models::fit::Fitting;
use crate::models::hub::ModelHub;
use crate::models::library::Models;
use crate::models::page::Pages;
use crate::models::remote::Remotes;
use crate::models::running::Running;
use crate::models::verify::Verifier;
use crate::view::{AppState, Level, Notice, StoreView};

/// An open data folder with everything that works on it.
pub struct Lethe {
    paths: Paths,
    store: Arc<Store>,
    filters: Arc<Filters>,
    lists: Lists,
    sweeper: Sweeper,
    /// Whether a sweep is under way in the background.
    sweeping: AtomicBool,
    closing: CancellationToken,
    cards: Cards,
    requests: Requests,
    ledger: Ledger,
    downloads: Downloads,
    models: Models,
    secrets: Secrets,
    history: History,
    running: Arc<Running>,
    converter: Arc<Converter>,
    terms: Terms,
    hub: ModelHub,
    settings: CurrentSettings,
    turns: Turns,
    notices: Vec<Notice>,
}

impl Lethe {
    /// Opens a data folder at its usual place or the one given, with its log.
    ///
    /// # Errors
    /// As [`Lethe::open_at`].
    pub async fn open(data: Option<&Path>, network: Network) -> Result<Self> {
        let paths = Paths::locate(data)?;
        crate::base::log::begin(&paths);
        Self::open_at(paths, KeyWish::from_environment()?, network).await
    }

    /// The same where there is a history; where there is none, none is begun, and no list is in force.
    ///
    /// # Errors
    /// As [`Lethe::open_at`], and `Store` where lists are kept of which no history says whether they are in force.
    pub async fn open_existing(data: Option<&Path>, network: Network) -> Result<Option<Self>> {
        let paths = Paths::named(data)?;
        if Presence::look(&paths)? != Presence::Nothing {
            return Self::open(data, network).await.map(Some);
        }
        match keeps_lists(&paths) {
            false => Ok(None),
            true => Err(Error::new(
                Code::Store,
                format!(
                    "the data folder {} has lists, but no history that says which of them are in force: put lethe.db back, or restore a backup",
                    paths.data().display()
                ),
            )),
        }
    }

    /// Opens a data folder: database, lists, settings. Cleans up after a crash, unless another program has the
    /// folder open. No engine is started yet.
    ///
    /// # Errors
    /// `Store` with what is wrong with the folder or the database.
    pub async fn open_at(paths: Paths, wish: KeyWish, network: Network) -> Result<Self> {
        let store = Arc::new(Store::open(&paths, wish).await?);
        let opened = Self::on(store.clone(), paths, network).await;
        if opened.is_err() {
            store.close().await;
        }
        opened
    }

    /// On an open database.
    async fn on(store: Arc<Store>, paths: Paths, network: Network) -> Result<Self> {
        let settings = Settings::load(&store).await?;
        let filters = Arc::new(Filters::default());
        let ledger = Ledger::new(store.clone());
        let requests = Requests::new(network, settings.offline, ledger.clone());
        let client = requests.client().clone();
        let lists = Lists::new(store.clone(), paths.clone(), filters.clone(), client.clone());
        lists.apply().await?;
        let sweeper = Sweeper::open(store.clone(), filters.clone(), lists.clone(), &paths).await?;
        let cards = Cards::new(store.clone(), &paths, client.clone());
        let history = History::new(store.clone(), lists.clone());
        let mut notices = Vec::new();
        if store.cleans_up() {
            let interrupted = history.recover().await?;
            if interrupted > 0 {
                let text =
                    "Lethe was closed in the middle of an answer: what had been shown by then is kept".to_owned();
                notices.push(Notice { level: Level::Info, text });
            }
            history.purge(0).await?;
            // What was taken out of the database right before a kill is still in its journal.
            if let Err(error) = store.checkpoint().await {
                tracing::warn!(%error, "the journal is not emptied");
            }
            crate::models::conversion::remove_leftovers(&paths.models_folder());
        }
        if store.key_place() == KeyPlace::File {
            let text = format!(
                "No system keychain was found: the key of your encrypted history is in {}, readable only by you",
                paths.key_file().display()
            );
            notices.push(Notice { level: Level::Info, text });
        }
        let secrets = Secrets::new(store.clone(), &paths);
        let remotes = Remotes::new(store.clone(), secrets.clone(), client.clone());
        let models = Models::new(store.clone(), remotes.clone());
        let terms = Terms::new(store.clone());
        let hub = ModelHub::new(secrets.clone(), client.clone(), models.clone());
        let converter = Arc::new(Converter::new(paths.clone(), models.clone(), terms.clone()));
        let closing = CancellationToken::new();
        let parts = Parts {
            store: store.clone(),
            paths: paths.clone(),
            client,
            hub: hub.clone(),
            terms: terms.clone(),
            models: models.clone(),
            converter: converter.clone(),
            closing: closing.clone(),
        };
        let downloads = Downloads::open(parts, settings.download_limit).await?;
        let settings = CurrentSettings::new(settings);
        let running = Arc::new(Running::new(paths.clone(), store.clone(), remotes));
        Ok(Self {
            turns: Turns::new(
                history.clone(),
                filters.clone(),
                lists.clone(),
                models.clone(),
                running.clone(),
                settings.clone(),
            ),
            models,
            running,
            secrets,
            converter,
            terms,
            hub,
            settings,
            paths,
            store,
            filters,
            lists,
            sweeper,
            sweeping: AtomicBool::new(false),
            closing,
            cards,
            requests,
            ledger,
            downloads,
            history,
            notices,
        })
    }

    /// Where things are kept.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// The filter in force.
    pub fn filters(&self) -> &Arc<Filters> {
        &self.filters
    }

    /// The lists.
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    /// The backups of the history.
    pub fn backups(&self) -> Backups {
        Backups::new(self.store.clone(), self.paths.clone())
    }

    /// Answers.
    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    /// Makes the report of now.
    ///
    /// # Errors
    /// `Store`.
    pub async fn report(&self) -> Result<Report> {
        Report::of(&self.store, &self.lists).await
    }

    /// The sweep of stored answers.
    pub fn sweeper(&self) -> &Sweeper {
        &self.sweeper
    }

    pub(crate) fn sweeping(&self) -> &AtomicBool {
        &self.sweeping
    }

    /// What model cards say about the filter.
    pub fn cards(&self) -> &Cards {
        &self.cards
    }

    /// What makes all requests.
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Models that are being downloaded.
    pub fn downloads(&self) -> &Downloads {
        &self.downloads
    }

    /// Every request that was made.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The models.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Keys and access tokens.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The conversations.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The engine.
    pub fn running(&self) -> &Arc<Running> {
        &self.running
    }

    /// What makes model files.
    pub fn converter(&self) -> &Converter {
        &self.converter
    }

    /// What makers say of their models, and which of their terms the user has accepted.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The hub of models.
    pub fn hub(&self) -> &ModelHub {
        &self.hub
    }

    /// The models that can be got.
    pub fn offers(&self) -> Offers {
        Offers::new(self.models.clone(), self.terms.clone(), self.paths.clone())
    }

    /// The pages of models.
    pub fn pages(&self) -> Pages {
        Pages::new(self.models.clone(), self.terms.clone(), self.paths.clone())
    }

    /// What fits this machine.
    pub fn fitting(&self) -> Fitting {
        Fitting::new(self.models.clone(), self.settings.clone(), self.paths.clone())
    }

    /// What deletes models.
    pub fn deletions(&self) -> Deletions {
        Deletions::new(self.models.clone(), self.running.clone(), self.paths.clone())
    }

    /// What checks models.
    pub fn verifier(&self) -> Verifier {
        Verifier::new(self.models.clone(), self.running.clone(), self.settings.clone(), self.paths.clone())
    }

    /// What the user chose.
    pub fn settings(&self) -> Settings {
        self.settings.get()
    }

    /// Stores settings and puts them in force.
    ///
    /// # Errors
    /// `BadInput` with the value that is out of range, `Store`.
    pub async fn set_settings(&self, settings: Settings) -> Result<()> {
        let settings = settings.save(&self.settings(), &self.store).await?;
        self.requests.set(settings.offline);
        self.downloads.limit(settings.download_limit);
        self.settings.set(settings);
        self.lists.apply().await
    }

    /// Whether requests are allowed is asked of the disk: another program on the same data may have changed it.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) async fn reread_offline(&self) -> Result<()> {
        let Settings { offline, .. } = Settings::load(&self.store).await?;
        if self.settings().offline != offline {
            self.settings.set(Settings { offline, ..self.settings() });
            self.requests.set(offline);
        }
        Ok(())
    }

    /// Allows requests or forbids them, and remembers it.
    ///
    /// # Errors
    /// `Store`.
    pub async fn set_offline(&self, offline: bool) -> Result<NetworkState> {
        self.set_settings(Settings { offline, ..self.settings() }).await?;
        Ok(self.requests.state())
    }

    /// Remembers a model as the one to answer with, and loads it; one on a server is not asked for anything yet.
    ///
    /// # Errors
    /// `NoModel`, `ModelUnusable`, `EngineDied`, `Store`.
    pub async fn select_model(&self, id: &str) -> Result<()> {
        let file = self.models.find(id).await?;
        let settings = Settings { model: Some(file.id.clone()), ..self.settings() };
        self.set_settings(settings.clone()).await?;
        self.running.prepare(&file, &settings).await
    }

    /// Loads the model that an answer would use now, so that the first answer comes sooner.
    ///
    /// # Errors
    /// As [`Lethe::select_model`].
    pub async fn warm_up(&self) -> Result<()> {
        let settings = self.settings();
        let file = self.models.default_model(settings.model.as_deref()).await?;
        self.running.prepare(&file, &settings).await
    }

    /// Deletes a conversation; it can be brought back for the number of seconds that is given back.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn delete(&self, conversation: ConversationId) -> Result<u32> {
        self.turns.stop(conversation);
        self.history.delete(conversation).await?;
        let history = self.history.clone();
        tokio::spawn(async move {
            // A little longer than the user is told, so that a late click still works.
            tokio::time::sleep(std::time::Duration::from_secs(u64::from(UNDO_SECONDS) + 2)).await;
            if let Err(error) = history.purge(UNDO_SECONDS).await {
                tracing::warn!(%error, "deleted conversations stay until the next start");
            }
        });
        Ok(UNDO_SECONDS)
    }

    /// What a window needs first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn state(&self) -> Result<AppState> {
        let models = self.models.all().await?;
        // Read last: what happens meanwhile is told by events, and an older state must not overtake them.
        let engine = self.running.watch().borrow().clone();
        Ok(AppState {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            store: StoreView {
                encrypted: self.store.key_place() != KeyPlace::None,
                key_place: self.store.key_place(),
                data_dir: self.paths.data().display().to_string(),
            },
            engine,
            filter: self.filters.status(),
            settings: self.settings(),
            models,
            sweep: self.sweeper.last(),
            conversion: self.converter.state(),
            network: self.requests.state(),
            downloads: self.downloads.all(),
            notices: self.notices.clone(),
        })
    }

    /// Ends the engine and writes everything to disk.
    pub async fn close(&self) {
        self.turns.stop_all();
        self.closing.cancel();
        self.converter.cancel();
        self.running.close().await;
        self.sweeper.close().await;
        self.ledger.flush().await;
        self.store.close().await;
    }
}
