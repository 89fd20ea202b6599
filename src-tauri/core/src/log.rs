//! The log: a file in the data folder, of which the last one is kept. It holds no text of users or models.

use std::fs::File;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::paths::Paths;

/// A log that has grown beyond this becomes `lethe.old.log` at the next start, bytes.
const LARGEST: u64 = 4 << 20;

/// Begins to log into the data folder; `LETHE_LOG` chooses what, such as `debug`. A second call changes nothing.
pub fn begin(paths: &Paths) {
    let path = paths.logs().join("lethe.log");
    if std::fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        let _ = std::fs::rename(&path, paths.logs().join("lethe.old.log"));
    }
    // Without a log Lethe still works.
    let Ok(file) = File::options().create(true).append(true).open(&path) else { return };
    // SQL statements are logged by nobody: their values are what people said.
    let filter = EnvFilter::try_from_env("LETHE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = filter.add_directive("sqlx=off".parse().expect("a directive"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Mutex::new(file)).with_ansi(false).try_init();
}
