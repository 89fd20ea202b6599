//! The window's types are generated from those of this crate.

use lethe_core::lists::facts::ListFacts;
use lethe_core::lists::facts::ListSource;
use lethe_core::models::remote::RemoteFacts;
use std::path::Path;

use lethe_core::base::backup_files::{BackupFile, BackupReason};
use lethe_core::base::error::{Code, Error};
use lethe_core::base::key::KeyPlace;
use lethe_core::base::ledger::{LedgerEntry, LedgerPage, LedgerTotal};
use lethe_core::base::network::NetworkState;
use lethe_core::base::secrets::SecretPlace;
use lethe_core::base::segment::Segment;
use lethe_core::base::settings::{DetectorSettings, Settings, Theme};
use lethe_core::chat::backup::{ChosenBackup, Restored, Salvaged};
use lethe_core::chat::history::{
    Conversation, ConversationId, ConversationSummary, Message, MessageId, MessageState, Role, SearchHit, SnippetPart,
    Stats,
};
use lethe_core::chat::receipt::{
    EngineFacts, FilterFacts, ModelFacts, PromptFacts, Receipt, RedactionFacts, SamplingFacts, SweptFacts,
};
use lethe_core::chat::sweep::{Sweep, SweepState};
use lethe_core::chat::turn::{ChatEvent, PromptMeasure};
use lethe_core::lists::filter::FilterStatus;
use lethe_core::lists::library::{ListChange, ListView};
use lethe_core::lists::watch::WatchChange;
use lethe_core::models::card::{CardView, Evaluation};
use lethe_core::models::catalog::{Catalog, EstimateView, FamilyView, OfferView, RunsView};
use lethe_core::models::conversion::{Conversion as WeightConversion, ConversionStep, OfficialWeights, WeightChoice};
use lethe_core::models::deletion::{DeletedFile, Deletion};
use lethe_core::models::downloads::{DownloadState, DownloadView};
use lethe_core::models::fit::{DeviceKindView, DeviceView, FitView};
use lethe_core::models::fits::FitsView;
use lethe_core::models::hub::{HitKind, HubFile, HubHit, HubRepo, HubVariant, TokenPlace, TokenState};
use lethe_core::models::inspection::{InspectionView, TensorView, TypeShare, ValueView};
use lethe_core::models::library::{FoundModel, ImportFailure, Imports};
use lethe_core::models::model::{ModelView, RemoteView, Speed};
use lethe_core::models::page::{
    Age, ModelPage, OriginFacts, TemplateFacts, TemplatePlace, TokenizerFacts, TokenizerPlace,
};
use lethe_core::models::running::EngineState;
use lethe_core::view::{AppEvent, AppState, Level, Notice, StoreView};
use ts_rs::{Config, TS};

macro_rules! declarations {
    ($($kind:ty),* $(,)?) => {{
        let config = Config::new();
        [$(<$kind as TS>::decl(&config)),*].map(|declaration| format!("export {declaration}\n")).concat()
    }};
}

#[test]
fn types_of_the_window_are_up_to_date() {
    let declarations = declarations![
        ConversationId,
        MessageId,
        Segment,
        Role,
        MessageState,
        Stats,
        Message,
        ConversationSummary,
        Conversation,
        SnippetPart,
        SearchHit,
        Code,
        Error,
        ChatEvent,
        EngineState,
        Level,
        Notice,
        FilterStatus,
        SweepState,
        Sweep,
        ConversionStep,
        WeightConversion,
        AppEvent,
        RemoteView,
        Speed,
        NetworkState,
        DownloadState,
        DownloadView,
        ModelView,
        PromptMeasure,
        Evaluation,
        CardView,
        WeightChoice,
        OfficialWeights,
        Age,
        TokenizerPlace,
        TokenizerFacts,
        TemplatePlace,
        TemplateFacts,
        OriginFacts,
        ModelPage,
        ListSource,
        ListChange,
        ListView,
        WatchChange,
        ListFacts,
        ModelFacts,
        RemoteFacts,
        EngineFacts,
        PromptFacts,
        SamplingFacts,
        FilterFacts,
        RedactionFacts,
        SweptFacts,
        Receipt,
        Theme,
        DetectorSettings,
        Settings,
        KeyPlace,
        SecretPlace,
        FitsView,
        EstimateView,
        FamilyView,
        RunsView,
        OfferView,
        Catalog,
        HitKind,
        HubHit,
        HubFile,
        HubVariant,
        HubRepo,
        TokenPlace,
        TokenState,
        FoundModel,
        ImportFailure,
        Imports,
        DeletedFile,
        Deletion,
        TypeShare,
        ValueView,
        TensorView,
        InspectionView,
        FitView,
        DeviceKindView,
        DeviceView,
        LedgerEntry,
        LedgerTotal,
        LedgerPage,
        StoreView,
        AppState,
        BackupReason,
        BackupFile,
        ChosenBackup,
        Restored,
        Salvaged,
    ];
    let wanted =
        format!("// Generated from src-tauri/core by its test `types`; UPDATE_TYPES=1 writes it anew.\n{declarations}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/api/types.ts");
    if std::env::var_os("UPDATE_TYPES").is_some() {
        std::fs::write(&path, &wanted).expect("the interface's folder is writable");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "ui/src/lib/api/types.ts is not what the crate says: run UPDATE_TYPES=1 cargo nextest run -p lethe-core"
    );
}
