//! The log: a file in the data folder, of which the last one is kept. It holds no text of users or models.

use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::base::files::private;
use crate::base::paths::Paths;

/// A log that has grown beyond this becomes `lethe.old.log` at the next start, bytes.
const LARGEST: u64 = 4 << 20;

/// Begins to log into the data folder; `LETHE_LOG` chooses what, such as `debug`. A second call changes nothing.
pub fn begin(paths: &Paths) {
    let path = paths.logs().join("lethe.log");
    if std::fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        let _ = std::fs::rename(&path, paths.logs().join("lethe.old.log"));
    }
    // Without a log Lethe still works; one that is a link is none, since its target would be written to.
    let Ok(file) = private().create(true).append(true).open(&path) else { return };
    let filter = EnvFilter::try_from_env("LETHE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // SQL statements are logged by nobody, whatever is asked for: the first ones hold the key of the history, and the
    // values of others are what people said.
    let no_sql = filter_fn(|record| !record.target().starts_with("sqlx"));
    let lines = tracing_subscriber::fmt::layer().with_writer(Mutex::new(file)).with_ansi(false);
    let _ = tracing_subscriber::registry().with(filter).with(no_sql).with(lines).try_init();
}
