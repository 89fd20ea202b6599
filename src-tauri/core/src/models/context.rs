//! How many tokens a model is given.

use lethe_models::gguf::Header;

use crate::base::settings::Settings;
use crate::models::tuning::Tuning;

/// Context in tokens that a model gets when nothing else is chosen; more costs memory from the start. Also what is shown
/// for a model whose server does not name one.
pub(crate) const DEFAULT_CONTEXT: u32 = 8192;

/// The context that a model is loaded with, in tokens.
pub(crate) fn context_size(header: &Header, settings: &Settings, tuning: Tuning) -> u32 {
    let trained = match header.context_trained() {
        0 => u64::from(DEFAULT_CONTEXT),
        trained => trained,
    };
    let wanted = u64::from(tuning.context.or(settings.context_size).unwrap_or(DEFAULT_CONTEXT));
    u32::try_from(wanted.min(trained)).unwrap_or(u32::MAX)
}
