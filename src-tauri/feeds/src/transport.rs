//! TUF verification: `tough` walks from the trusted root to the list of segments, and here it gets its files.
//!
//! Everything that decides whether metadata is true happens in `tough`, except expiry, which is in `trust.rs`, because
//! `tough` asks the system's clock. Errors come back as the [`Error`] of what a caller can do.

use std::collections::HashMap;
use std::error::Error as _;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, stream};
use tough::schema::RoleType;
use tough::{Transport, TransportError, TransportErrorKind, TransportStream};
use url::Url;

use crate::error::Error;
use crate::segment::is_safe_name;
use crate::source::{Opened, RepositoryFiles};
use lethe_network::Purpose;

/// A made-up address: sources are asked for names, wherever they are.
pub(crate) const METADATA: &str = "https://feed.invalid/metadata/";

/// Hands the files of a source to `tough`.
#[derive(Clone)]
pub(crate) struct SourceTransport {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<RepositoryFiles>,
    /// Files that need not be asked for: what was just received, or is kept from the last time; none for those that
    /// were just found missing.
    at_hand: HashMap<String, Option<Vec<u8>>>,
    has_used_kept: AtomicBool,
    heard: Mutex<HashMap<String, Vec<u8>>>,
    trouble: Mutex<Option<Error>>,
}

impl SourceTransport {
    pub(crate) fn new(source: Arc<RepositoryFiles>, at_hand: HashMap<String, Option<Vec<u8>>>) -> Self {
        let shared = Shared {
            source,
            at_hand,
            has_used_kept: AtomicBool::new(false),
            heard: Mutex::default(),
            trouble: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Whether a file from the last time was handed out.
    pub(crate) fn has_used_kept(&self) -> bool {
        self.shared.has_used_kept.load(Ordering::Relaxed)
    }

    /// The bytes of a file that was handed out.
    pub(crate) fn heard(&self, file: &str) -> Option<Vec<u8>> {
        lock(&self.shared.heard).remove(file)
    }

    /// What an error of `tough` means.
    pub(crate) fn explain(&self, error: &tough::error::Error) -> Error {
        use tough::error::Error as Tough;
        if let Some(error) = lock(&self.shared.trouble).take() {
            return error;
        }
        match error {
            Tough::Transport { url, source, .. } => {
                let file = file_of(url).unwrap_or_default().to_owned();
                let cause = source.source().and_then(|cause| cause.downcast_ref::<Tough>());
                match cause {
                    Some(Tough::MaxSizeExceeded { .. }) => Error::TooLong { file },
                    Some(Tough::HashMismatch { .. }) => Error::Mixed { file },
                    _ => Error::Missing { file },
                }
            }
            Tough::ParseMetadata { role, .. } => Error::Malformed { file: file_name(*role) },
            Tough::VerifyMetadata { role: RoleType::Root, .. }
            | Tough::OlderMetadata { role: RoleType::Root, .. }
            | Tough::MaxUpdatesExceeded { .. } => Error::RootRefused,
            Tough::VerifyMetadata { role, .. } => Error::Forged { file: file_name(*role) },
            Tough::VerifyRoleMetadata { role, .. } => Error::Forged { file: format!("{role}.json") },
            Tough::OlderMetadata { role, .. } => Error::RolledBack { file: file_name(*role) },
            Tough::OlderSnapshotInTimestamp { .. } => Error::RolledBack { file: file_name(RoleType::Snapshot) },
            Tough::SnapshotRoleMissing { role, .. } | Tough::SnapshotRoleRollback { role, .. } => {
                Error::RolledBack { file: role.clone() }
            }
            Tough::VersionMismatch { role, .. } => Error::Mixed { file: file_name(*role) },
            Tough::ParseTrustedMetadata { .. } | Tough::VerifyTrustedMetadata { .. } => Error::BadRoot,
            Tough::DatastoreOpen { path, source, .. }
            | Tough::DatastoreCreate { path, source, .. }
            | Tough::DatastoreRemove { path, source, .. } => {
                Error::Disk { path: path.clone(), source: source.kind().into() }
            }
            _ => Error::Malformed { file: "metadata".to_owned() },
        }
    }
}

impl fmt::Debug for SourceTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SourceTransport({:?})", self.shared.source)
    }
}

#[tough::async_trait]
impl Transport for SourceTransport {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let missing = || TransportError::new(TransportErrorKind::FileNotFound, &url);
        let file = file_of(&url).filter(|file| is_safe_name(file)).ok_or_else(missing)?.to_owned();
        if let Some(bytes) = self.shared.at_hand.get(&file) {
            if file != "timestamp.json" {
                self.shared.has_used_kept.store(true, Ordering::Relaxed);
            }
            let bytes = bytes.as_ref().ok_or_else(missing)?;
            lock(&self.shared.heard).insert(file, bytes.clone());
            return Ok(Box::pin(stream::iter([Ok(bytes.clone().into())])));
        }
        match self.shared.source.open(&format!("metadata/{file}"), Purpose::Metadata, 0, None).await {
            Ok(Opened::Content(content)) => {
                lock(&self.shared.heard).insert(file.clone(), Vec::new());
                let shared = Arc::clone(&self.shared);
                Ok(Box::pin(content.pieces.map(move |piece| match piece {
                    Ok(piece) => {
                        if let Some(heard) = lock(&shared.heard).get_mut(&file) {
                            heard.extend_from_slice(&piece);
                        }
                        Ok(piece)
                    }
                    Err(error) => Err(shared.keep(error, &url)),
                })))
            }
            Ok(_) => Err(missing()),
            // As the content's error: `tough` takes an error of opening for the end of the chain of roots.
            Err(error) => Ok(Box::pin(stream::iter([Err(self.shared.keep(error, &url))]))),
        }
    }
}

impl Shared {
    /// Puts an error aside until `tough` has given up.
    fn keep(&self, error: Error, url: &Url) -> TransportError {
        *lock(&self.trouble) = Some(error);
        TransportError::new(TransportErrorKind::Other, url)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What it guards is whole after each line that could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn file_of(url: &Url) -> Option<&str> {
    url.as_str().strip_prefix(METADATA)
}

fn file_name(role: RoleType) -> String {
    format!("{role}.json")
}
