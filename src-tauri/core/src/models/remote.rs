//! Models on servers: which the user added, the keys for them, and what is said of text that leaves this machine.
//!
//! A key belongs to the origin of its address (scheme, host and port): it is kept under a name that holds it, so an
//! address that is changed finds no key. Deliberately not in it: requests without a reason. The server is asked for its
//! models when the user adds one, and before the first answer of a run, to know what else it understands.

use std::fmt;
use std::sync::{Arc, OnceLock};

use lethe_models::prompt::Message;
use lethe_models::wire::Sampling;
use lethe_network::{Client, Secret};
use lethe_remote::{Chat, ChatRequest, Endpoint, RemoteModel, Software};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::base::clock::now;
use crate::base::error::{Code, Error, Result};
use crate::base::secrets::Secrets;
use crate::base::store::Store;
use crate::base::title::shorten;
use crate::base::visible::clean_name;
use crate::models::context::DEFAULT_CONTEXT;
use crate::models::model::{ModelFile, ModelView, Place, RemotePlace, RemoteView, free_id, reached};

/// A model on a server: its file, its kernels and its template are not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RemoteFacts {
    /// The server, with its port where it is not the usual one.
    pub host: String,
    /// The model's name there.
    pub model: String,
    /// Where the conversation went, in one sentence.
    pub text: String,
}

/// A row of the table.
#[derive(sqlx::FromRow)]
pub(crate) struct ServerRow {
    pub id: String,
    pub name: String,
    #[sqlx(flatten)]
    pub place: RemotePlace,
}

/// The models on servers of a data folder.
#[derive(Clone)]
pub struct Remotes {
    store: Arc<Store>,
    secrets: Secrets,
    client: Client,
}

/// A model on a server, and the key for it.
pub struct Remote {
    pub file: ModelFile,
    /// Context that the user chose.
    pub chosen_context: Option<u32>,
    place: RemotePlace,
    endpoint: Endpoint,
    client: Client,
    /// What the server said of it.
    known: OnceLock<RemoteModel>,
}

impl Remotes {
    /// On an open database.
    pub fn new(store: Arc<Store>, secrets: Secrets, client: Client) -> Self {
        Self { store, secrets, client }
    }

    /// The models that a server lists.
    ///
    /// # Errors
    /// `BadInput`, `ModelUnusable` when it speaks another protocol, `Offline`, `Network`.
    pub async fn list(&self, url: &str, key: Option<Secret>) -> Result<Vec<RemoteModel>> {
        Ok(Endpoint::new(url, key)?.models(&self.client).await?)
    }

    /// The server of an address, if it is another machine that no model of the list is on.
    ///
    /// # Errors
    /// `BadInput` for an address that can't be used, `Network` for one that must not, `Store`.
    pub async fn stranger(&self, url: &str) -> Result<Option<String>> {
        let endpoint = Endpoint::new(url, None)?;
        let is_it = |known: Endpoint| known.origin() == endpoint.origin();
        let is_known = |row: &ServerRow| Endpoint::new(&row.place.url, None).is_ok_and(is_it);
        let known = !endpoint.is_elsewhere() || self.rows().await?.iter().any(is_known);
        Ok((!known).then(|| endpoint.host()))
    }

    /// The proxy that requests to a server go through.
    fn proxy(&self, place: &RemotePlace) -> Option<String> {
        proxy(&self.client, &Endpoint::new(&place.url, None).ok()?)
    }

    /// All that were added.
    pub(crate) async fn rows(&self) -> Result<Vec<ServerRow>> {
        let rows = sqlx::query_as("SELECT id, name, url, model, context, added_at FROM remote");
        Ok(rows.fetch_all(self.store.pool()).await?)
    }

    /// The one of that key or name.
    pub(crate) async fn find(&self, wanted: &str) -> Result<Option<ModelFile>> {
        let rows = self.rows().await?;
        let by_id = rows.iter().find(|row| row.id == wanted);
        let row = by_id.or_else(|| rows.iter().find(|row| row.name == wanted));
        Ok(row.map(|row| ModelFile { id: row.id.clone(), place: Place::Remote(row.place.clone()) }))
    }

    /// Forgets a model and the key for it; `false` when there is none of that key.
    pub(crate) async fn remove(&self, id: &str) -> Result<bool> {
        let rows = self.rows().await?;
        let Some(row) = rows.into_iter().find(|row| row.id == id) else { return Ok(false) };
        // The key first: a model without one can be removed again, a key without a model is found by nobody.
        if let Ok(endpoint) = Endpoint::new(&row.place.url, None) {
            self.secrets.forget(&secret_name(id, &endpoint)).await?;
        }
        sqlx::query("DELETE FROM remote WHERE id = ?").bind(id).execute(self.store.pool()).await?;
        Ok(true)
    }

    /// A model with the key for it. Nothing is asked of the server yet.
    pub(crate) async fn connect(&self, file: &ModelFile, chosen_context: Option<u32>) -> Result<Option<Remote>> {
        let Place::Remote(place) = &file.place else { return Ok(None) };
        let bare = Endpoint::new(&place.url, None)?;
        let key = self.secrets.read(&secret_name(&file.id, &bare)).await?;
        Ok(Some(Remote {
            file: file.clone(),
            chosen_context,
            place: place.clone(),
            endpoint: Endpoint::new(&place.url, key)?,
            client: self.client.clone(),
            known: OnceLock::new(),
        }))
    }

    /// Adds a model on a server, which must list it if it lists any. An empty name is that of the model.
    ///
    /// # Errors
    /// As [`Remotes::list`]; `ModelUnusable` when the server does not list the model, `Store`.
    pub async fn add(&self, name: &str, url: &str, model: &str, key: Option<Secret>) -> Result<ModelView> {
        let endpoint = Endpoint::new(url, key.clone())?;
        let listed = match self.list(url, key.clone()).await {
            // Some servers answer conversations and have no list.
            Err(error) if error.code == Code::ModelUnusable => Vec::new(),
            listed => listed?,
        };
        let unknown = || lethe_remote::Error::UnknownModel { host: endpoint.host() };
        let model = match listed.is_empty() {
            true if !model.trim().is_empty() => {
                RemoteModel { id: model.trim().to_owned(), context: None, software: Software::default() }
            }
            _ => listed.into_iter().find(|listed| listed.id == model).ok_or_else(unknown)?,
        };
        let name = match shorten(&clean_name(name)) {
            name if name.is_empty() => shorten(&clean_name(&model.id)),
            name => name,
        };
        let id = free_id(&self.store, &name).await?;
        Ok(self.insert(&id, &endpoint, key, &model).await?.view(self))
    }

    async fn insert(
        &self,
        id: &str,
        endpoint: &Endpoint,
        key: Option<Secret>,
        model: &RemoteModel,
    ) -> Result<ServerRow> {
        let name = secret_name(id, endpoint);
        match key.filter(|key| !key.expose().is_empty()) {
            Some(key) => {
                self.secrets.write(&name, &key).await?;
            }
            None => self.secrets.forget(&name).await?,
        }
        let place = RemotePlace {
            url: endpoint.url().to_string(),
            model: model.id.clone(),
            context: model.context,
            added_at: now(),
        };
        sqlx::query("INSERT INTO remote (id, name, url, model, context, added_at) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(id)
            .bind(id)
            .bind(&place.url)
            .bind(&place.model)
            .bind(place.context)
            .bind(place.added_at)
            .execute(self.store.pool())
            .await?;
        Ok(ServerRow { id: id.to_owned(), name: id.to_owned(), place })
    }
}

impl ServerRow {
    /// As pickers show it.
    pub fn view(self, remotes: &Remotes) -> ModelView {
        let Self { id, name, place } = self;
        let problem =
            Endpoint::new(&place.url, None).err().map(|error| crate::base::error::sentence(&error.to_string()));
        let proxy = remotes.proxy(&place);
        ModelView {
            id,
            name,
            path: String::new(),
            bytes: 0,
            architecture: String::new(),
            quantization: String::new(),
            context_trained: place.context.map_or(0, u64::from),
            problem,
            remote: Some(RemoteView {
                leaves: place.leaves(proxy.as_deref()),
                proxy,
                url: place.url,
                model: place.model,
            }),
            repository: None,
            speed: None,
            duplicates: Vec::new(),
        }
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Remote({:?})", self.file.id)
    }
}

impl Remote {
    /// Tokens that fit, as the user chose or the server said, the lower of both; none when nobody knows.
    pub fn context(&self) -> Option<u32> {
        let said = self.known.get().and_then(|known| known.context).or(self.place.context);
        match (said, self.chosen_context) {
            (Some(said), Some(chosen)) => Some(said.min(chosen)),
            (said, chosen) => said.or(chosen),
        }
    }

    /// Tokens that fit, for a gauge. Nothing leaves a prompt because of it.
    pub fn context_shown(&self) -> u32 {
        self.context().unwrap_or(DEFAULT_CONTEXT)
    }

    /// The server, for people.
    pub fn host(&self) -> String {
        self.endpoint.host()
    }

    /// What a receipt says of it.
    pub fn facts(&self) -> RemoteFacts {
        let host = self.host();
        let made = reached(&host, proxy(&self.client, &self.endpoint).as_deref());
        let text = match self.endpoint.is_elsewhere() {
            true => format!(
                "The conversation left this machine: {made} made the answer, and Lethe filtered it here. What that \
                 server keeps is not known here"
            ),
            false => format!("Another program on this machine, {host}, made the answer, and Lethe filtered it"),
        };
        RemoteFacts { host, model: self.place.model.clone(), text }
    }

    /// The samplers that the server was told of.
    pub fn sampling_sent(&self, sampling: &Sampling) -> Sampling {
        self.request(Vec::new(), sampling.clone(), None, Vec::new()).sampling_sent()
    }

    /// Has the model continue a conversation. What it says is filtered by nobody yet.
    ///
    /// # Errors
    /// Those of the server.
    pub async fn chat(
        &self,
        messages: Vec<Message>,
        sampling: Sampling,
        longest: Option<u32>,
        stops: Vec<String>,
    ) -> Result<Chat> {
        self.learn().await?;
        let request = self.request(messages, sampling, longest, stops);
        Ok(self.endpoint.chat(&self.client, &request).await?)
    }

    fn request(
        &self,
        messages: Vec<Message>,
        sampling: Sampling,
        longest: Option<u32>,
        stops: Vec<String>,
    ) -> ChatRequest {
        let software = self.known.get().map_or(Software::Other, |known| known.software);
        ChatRequest { model: self.place.model.clone(), messages, sampling, longest, stops, software }
    }

    /// Asks once what the server says of the model.
    async fn learn(&self) -> Result<()> {
        if self.known.get().is_some() {
            return Ok(());
        }
        let listed = match self.endpoint.models(&self.client).await {
            // Its list is not what is needed of it; the answer may come all the same.
            Err(lethe_remote::Error::NotCompatible { .. }) => Vec::new(),
            listed => listed?,
        };
        let software = listed.first().map_or(Software::Other, |first| first.software);
        let known = listed.into_iter().find(|model| model.id == self.place.model);
        let _ = self.known.set(known.unwrap_or(RemoteModel { id: self.place.model.clone(), context: None, software }));
        Ok(())
    }
}

/// The proxy that requests to a server go through, without its password.
fn proxy(client: &Client, endpoint: &Endpoint) -> Option<String> {
    client.proxy(endpoint.url()).map(ToString::to_string)
}

/// Under which name the key for a model is kept.
fn secret_name(id: &str, endpoint: &Endpoint) -> String {
    format!("remote/{id}@{}", endpoint.origin())
}

impl From<lethe_remote::Error> for Error {
    fn from(error: lethe_remote::Error) -> Self {
        use lethe_remote::Error as Remote;
        let code = match &error {
            Remote::Network(lethe_network::Error::Offline) => Code::Offline,
            Remote::Network(lethe_network::Error::NotRecorded) => Code::Store,
            Remote::Network(_) | Remote::TooMany { .. } | Remote::Server { .. } => Code::Network,
            Remote::UnknownModel { .. } | Remote::NotCompatible { .. } => Code::ModelUnusable,
            Remote::Address
            | Remote::BadKey
            | Remote::KeyRefused { .. }
            | Remote::TooLong { .. }
            | Remote::Refused { .. }
            | Remote::CutByServer { .. } => Code::BadInput,
        };
        Self::new(code, error.to_string())
    }
}
