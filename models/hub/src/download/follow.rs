//! What follows the bytes of a file: its digest while it grows, the check and the final name.
//!
//! A file that is wrong is fetched anew once: a fault of the way or the disk may not come again.

use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::digest;
use tokio::task::spawn_blocking;

use super::Run;
use super::entry::{Entry, Phase, joined};
use super::error::DownloadError;
use super::wanted::Locate;

/// Bytes that are hashed at once, off the asynchronous threads.
const HASH_STEP: u64 = 4 << 20;

impl<L: Locate> Run<'_, L> {
    /// Hashes a file while it arrives, and gives it its final name when it is whole and right.
    pub(super) async fn follow(&self, entry: &Entry) -> Result<PathBuf, DownloadError> {
        let mut was_wrong = false;
        loop {
            let generation = entry.state().generation;
            let Some(right) = self.digest_growing(entry, generation).await? else { continue };
            if !right && !was_wrong {
                was_wrong = true;
                // All of it counts before it counts as lost.
                self.stored();
                let located = entry.state().notes.located.clone();
                entry.begin_anew(located.as_deref()).await?;
                self.lose(entry.wanted.bytes());
                continue;
            }
            if !right {
                let quiet = entry.quiet().await;
                entry.state().phase = Phase::Done;
                let part = Arc::clone(&entry.part);
                let removed = spawn_blocking(move || {
                    let removed = part.remove();
                    drop(quiet);
                    removed
                });
                let removed = joined(removed.await);
                removed.map_err(|error| entry.disk(&entry.state(), &error))?;
                return Err(DownloadError::Wrong { name: entry.wanted.name().to_owned() });
            }
            let quiet = entry.quiet().await;
            let part = Arc::clone(&entry.part);
            // Whoever gives the download up meanwhile waits for its end, because the guard goes with the work.
            let finished = spawn_blocking(move || {
                let finished = part.finish();
                drop(quiet);
                finished
            });
            let finished = joined(finished.await);
            let path = finished.map_err(|error| entry.disk(&entry.state(), &error))?;
            entry.state().phase = Phase::Done;
            self.tell();
            return Ok(path);
        }
    }

    /// Hashes the file as far as it is there until all of it is; says whether it is right, or nothing when it was
    /// begun anew. Afterwards nobody writes it.
    async fn digest_growing(&self, entry: &Entry, generation: u64) -> Result<Option<bool>, DownloadError> {
        let bytes = entry.wanted.bytes();
        let mut context = entry.wanted.checksum().map(|checksum| checksum.begin(bytes));
        let mut at = 0;
        let mut events = self.events.subscribe();
        loop {
            let front = {
                let mut state = entry.state();
                if state.generation != generation {
                    return Ok(None);
                }
                let front = state.notes.have.front();
                if front == bytes {
                    state.phase = Phase::Checking;
                }
                front
            };
            if context.is_none() || at == bytes {
                if front == bytes {
                    let right = match (entry.wanted.checksum(), context.take()) {
                        (Some(checksum), Some(context)) => checksum.is(context),
                        _ => true,
                    };
                    return Ok(Some(right));
                }
            } else if front == bytes || front - at >= HASH_STEP {
                let end = front.min(at + HASH_STEP);
                context = match context {
                    Some(context) => Some(self.hash(entry, context, at..end).await?),
                    None => None,
                };
                at = end;
                continue;
            }
            // The sender lives as long as `self`.
            let _ = events.changed().await;
        }
    }

    async fn hash(
        &self,
        entry: &Entry,
        context: digest::Context,
        range: std::ops::Range<u64>,
    ) -> Result<digest::Context, DownloadError> {
        let part = Arc::clone(&entry.part);
        let context = joined(spawn_blocking(move || part.digest(context, range)).await);
        context.map_err(|error| entry.disk(&entry.state(), &error))
    }
}
