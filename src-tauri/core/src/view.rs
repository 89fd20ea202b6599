//! What the window is told, beside conversations and answers.

use serde::Serialize;
use ts_rs::TS;

use crate::base::key::KeyPlace;
use crate::base::network::NetworkState;
use crate::base::settings::Settings;
use crate::chat::sweep::Sweep;
use crate::lists::filter::FilterStatus;
use crate::models::conversion::Conversion;
use crate::models::downloads::DownloadView;
use crate::models::model::ModelView;
use crate::models::running::EngineState;

/// What a window needs first.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct AppState {
    /// Version of Lethe.
    pub version: String,
    /// Where history is kept.
    pub store: StoreView,
    pub engine: EngineState,
    pub filter: FilterStatus,
    pub settings: Settings,
    pub models: Vec<ModelView>,
    /// The sweep of stored answers.
    pub sweep: Sweep,
    /// The conversion of official weights.
    pub conversion: Conversion,
    /// Whether requests are made.
    pub network: NetworkState,
    /// Models that are being downloaded.
    pub downloads: Vec<DownloadView>,
    /// What happened at the start.
    pub notices: Vec<Notice>,
}

/// Where history is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "Store")]
pub struct StoreView {
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Where its key is.
    pub key_place: KeyPlace,
    pub data_dir: String,
}

/// Something the user should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Notice {
    /// How grave it is.
    pub level: Level,
    /// One sentence.
    pub text: String,
}

/// How grave a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something does not work as it should.
    Warning,
    /// Something does not work.
    Error,
}

/// What happens outside of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AppEvent {
    /// The engine stands elsewhere.
    Engine { engine: EngineState },
    /// The list of conversations changed.
    Conversations,
    /// The filter changed.
    Filter { filter: FilterStatus },
    /// Lists changed, or what model cards say of the filter.
    Lists,
    /// The sweep of stored answers stands elsewhere.
    Sweep { sweep: Sweep },
    /// The conversion of official weights stands elsewhere.
    Conversion { conversion: Conversion },
    /// Requests are made from now on, or none.
    Network { network: NetworkState },
    /// The list of models changed.
    Models,
    /// Downloads stand elsewhere.
    Downloads { downloads: Vec<DownloadView> },
    /// Something the user should know.
    Notice { notice: Notice },
}
