//! How many tokens a model is given.

use lethe_models::gguf::Header;

use crate::base::settings::Settings;
use crate::models::tuning::Tuning;

/// Context that a model gets when nothing else is chosen; more costs memory from the start.
pub(crate) const USUAL_CONTEXT: u64 = 8192;

/// The context that a model is loaded with, in tokens.
pub(crate) fn context_size(header: &Header, settings: &Settings, tuning: Tuning) -> u32 {
    let trained = match header.context_trained() {
        0 => USUAL_CONTEXT,
        trained => trained,
    };
    let wanted = tuning.context.or(settings.context_size).map_or(USUAL_CONTEXT, u64::from);
    u32::try_from(wanted.min(trained)).unwrap_or(u32::MAX)
}
