//! One connection of a download: takes a range, fetches it, and decides what a fault means.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use lethe_network::{Bytes, Error, Purpose, Request, Response, Trouble, Url, host};

use super::entry::{Entry, Fit, Job, Mode, TriedLocation, Written};
use super::error::{DownloadError, Flaw};
use super::journal::is_tag;
use super::patience::retry_after;
use super::wanted::{Locate, Unlocated};
use super::{LARGEST_WRITE, Run, SMALLEST_WRITE};

/// A fault that another try may get over.
struct Fault {
    error: DownloadError,
    weight: Weight,
    after: Option<Duration>,
}

/// How soon a fault is believed to stay.
#[derive(Clone, Copy)]
enum Weight {
    /// After all tries.
    Passing,
    /// After three tries: it is no trouble of the line.
    Stubborn,
}

/// Why a fetch ended without its range.
enum Stop {
    Again(Fault),
    Never(DownloadError),
}

impl From<DownloadError> for Stop {
    fn from(error: DownloadError) -> Self {
        Self::Never(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        let weight = match &error {
            Error::Offline | Error::NotRecorded | Error::Insecure { .. } => return Self::Never(error.into()),
            Error::TooLong { .. } => Weight::Stubborn,
            Error::Unreachable { trouble, .. } => match trouble {
                Trouble::Redirects
                | Trouble::Certificate
                | Trouble::BadProxy(_)
                | Trouble::UnknownProxy(_)
                | Trouble::ProxyPassword(_) => Weight::Stubborn,
                _ => Weight::Passing,
            },
        };
        Self::Again(Fault { error: error.into(), weight, after: None })
    }
}

fn flawed(url: &Url, flaw: Flaw) -> Stop {
    let weight = if flaw == Flaw::Short { Weight::Passing } else { Weight::Stubborn };
    Stop::Again(Fault { error: DownloadError::Flawed { host: host(url), flaw }, weight, after: None })
}

impl<L: Locate> Run<'_, L> {
    /// Fetches ranges until all files are whole.
    pub(super) async fn connection(&self, number: u32) -> Result<(), DownloadError> {
        let tries = self.limits.patience.tries.max(1);
        let (mut fruitless, mut gained) = (0, self.gained());
        while let Some(mut job) = self.next_job().await {
            self.meter.begins();
            let fetched = self.fetch(&mut job).await;
            self.meter.over();
            self.entries[job.file].give_back(&job);
            self.tell();
            let fault = match fetched {
                Ok(()) => continue,
                Err(Stop::Never(error)) => return Err(error),
                Err(Stop::Again(fault)) => fault,
            };
            if self.gained() > gained {
                (fruitless, gained) = (0, self.gained());
            }
            fruitless += match fault.weight {
                Weight::Passing => 1,
                Weight::Stubborn => tries.div_ceil(3),
            };
            if fruitless >= tries {
                return Err(fault.error);
            }
            let pause = self.limits.patience.pause(fruitless, fault.after);
            // What one connection is told to wait for, all wait for.
            let held = fault.after.is_some();
            self.hold(held, 1);
            self.meter.waits(number, Some(pause));
            (self.limits.patience.wait)(pause).await;
            self.meter.waits(number, None);
            self.hold(held, -1);
        }
        Ok(())
    }

    /// Fetches one range; ends early and well when it is not wanted any longer.
    async fn fetch(&self, job: &mut Job) -> Result<(), Stop> {
        let entry = &self.entries[job.file];
        let source = tokio::select! {
            biased;
            () = self.control.interrupted() => return Ok(()),
            source = self.source(entry) => source?,
        };
        if entry.state().generation != job.generation {
            return Ok(());
        }
        let location = &source.location;
        let address = unsigned(&location.url);
        let whole = entry.state().mode == Mode::Whole;
        let mut request = Request::get(&location.url, Purpose::ModelFile, location.plain_http)
            .header("accept-encoding", "identity")
            .secret(location.secret.as_ref());
        if !whole {
            request = request.range(job.range.clone());
            if let Some(tag) = entry.tag_at(&address) {
                request = request.header("if-range", &tag);
            }
        }
        let response = tokio::select! {
            biased;
            () = self.control.interrupted() => return Ok(()),
            response = self.client.send(request) => response?,
        };
        let url = &location.url;
        match response.status {
            200 => {}
            206 if !whole => {}
            401 | 403 | 404 | 410 => {
                let mut current = entry.source.lock().await;
                if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, &source)) {
                    *current = None;
                }
                // One that worked has expired; a fresh one that is refused is a matter for the user.
                return if source.worked.load(Ordering::Relaxed) { Ok(()) } else { Err(refused(&response)) };
            }
            400..=599 => return Err(refused(&response)),
            _ => return Err(flawed(url, Flaw::Status)),
        }
        if response.header("content-encoding").is_some_and(|encoding| encoding != "identity") {
            return Err(flawed(url, Flaw::Encoded));
        }
        let tag = response.header("etag").filter(|tag| is_tag(tag) && !tag.starts_with("W/"));
        let ranged = response.status == 206;
        match entry.fit(job, &address, tag)? {
            Fit::Same => {}
            Fit::Outdated => return Ok(()),
            Fit::Other => return self.changed(entry, job, url).await,
            Fit::Untold => {
                entry.state().mode = Mode::Whole;
                let begun = !entry.state().notes.have.is_empty();
                if begun {
                    entry.begin_anew(location.etag.as_deref()).await?;
                }
                if begun || ranged {
                    return Ok(());
                }
            }
        }
        let range = if ranged {
            let (start, end, bytes) =
                response.header("content-range").and_then(content_range).ok_or_else(|| flawed(url, Flaw::Range))?;
            if bytes.is_some_and(|bytes| bytes != entry.wanted.bytes()) {
                return Err(flawed(url, Flaw::Size));
            }
            if start != job.range.start || end > job.range.end {
                return Err(flawed(url, Flaw::Range));
            }
            let mut state = entry.state();
            if state.mode == Mode::Unknown {
                state.mode = Mode::Ranges;
            }
            start..end
        } else {
            if response.body.length().is_some_and(|length| length != entry.wanted.bytes()) {
                return Err(flawed(url, Flaw::Size));
            }
            entry.state().mode = Mode::Whole;
            if entry.widen(job) == Fit::Other {
                return Ok(());
            }
            job.range.clone()
        };
        source.worked.store(true, Ordering::Relaxed);
        self.tell();
        self.receive(entry, job, range, response).await
    }

    /// Takes the bytes of an answer to the disk. What came before a fault is kept.
    async fn receive(
        &self,
        entry: &Entry,
        job: &Job,
        range: std::ops::Range<u64>,
        mut response: Response,
    ) -> Result<(), Stop> {
        let write =
            (self.limits.part / (4 * u64::from(self.limits.connections.max(1)))).clamp(SMALLEST_WRITE, LARGEST_WRITE);
        let (mut begin, mut at) = (range.start, range.start);
        let mut pieces: Vec<Bytes> = Vec::new();
        let mut outcome = Ok(());
        loop {
            let piece = tokio::select! {
                biased;
                () = self.control.interrupted() => break,
                piece = response.body.next() => piece,
            };
            let mut piece = match piece {
                Some(Ok(piece)) => piece,
                Some(Err(error)) => {
                    outcome = Err(error.into());
                    break;
                }
                None if at < range.end => {
                    outcome = Err(flawed(&response.url, Flaw::Short));
                    break;
                }
                None => break,
            };
            let length = piece.len() as u64;
            self.meter.fetched(length);
            if length > range.end - at {
                piece.truncate(usize::try_from(range.end - at).unwrap_or(usize::MAX));
                outcome = Err(flawed(&response.url, Flaw::Long));
            }
            at += piece.len() as u64;
            pieces.push(piece);
            if outcome.is_err() {
                break;
            }
            if at - begin >= write {
                if self.store(entry, job, begin, std::mem::take(&mut pieces)).await? == Written::Outdated {
                    return Ok(());
                }
                begin = at;
            }
            tokio::select! {
                biased;
                () = self.limits.throttle.take(length) => {}
                () = self.control.interrupted() => break,
            }
        }
        if at > begin {
            self.store(entry, job, begin, pieces).await?;
        }
        outcome
    }

    async fn store(&self, entry: &Entry, job: &Job, at: u64, pieces: Vec<Bytes>) -> Result<Written, DownloadError> {
        let stored = entry.store(job, at, pieces).await?;
        if stored == Written::Yes {
            self.stored();
        }
        Ok(stored)
    }

    /// The file is another one than the disk has a part of: that part is of no use.
    async fn changed(&self, entry: &Entry, job: &Job, url: &Url) -> Result<(), Stop> {
        if entry.state().generation == job.generation {
            let located = entry.state().notes.located.clone();
            entry.begin_anew(located.as_deref()).await?;
            if entry.state().generation > self.limits.patience.tries.into() {
                return Err(Stop::Never(DownloadError::Flawed { host: host(url), flaw: Flaw::Changing }));
            }
        }
        self.stored();
        Ok(())
    }

    /// Where the file is; asks when that is not known.
    async fn source(&self, entry: &Entry) -> Result<Arc<TriedLocation>, Stop> {
        let mut current = entry.source.lock().await;
        if let Some(source) = &*current {
            return Ok(Arc::clone(source));
        }
        let location = match self.locate.locate(&entry.wanted).await {
            Ok(location) => location,
            Err(Unlocated::Never(error)) => return Err(Stop::Never(DownloadError::Unlocated(error))),
            Err(Unlocated::Later(error, after)) => {
                return Err(match error.into() {
                    Stop::Again(fault) => Stop::Again(Fault { after, ..fault }),
                    never @ Stop::Never(_) => never,
                });
            }
        };
        let tag = location.etag.as_deref().filter(|tag| is_tag(tag));
        if entry.fit_located(tag)? == Fit::Other {
            entry.begin_anew(tag).await?;
        }
        let source = Arc::new(TriedLocation { location, worked: AtomicBool::new(false) });
        *current = Some(Arc::clone(&source));
        Ok(source)
    }
}

fn refused(response: &Response) -> Stop {
    let (host, status) = (host(&response.url), response.status);
    let passing = matches!(status, 408 | 425 | 429 | 500..=599);
    let error = if passing {
        Error::Unreachable { host, trouble: Trouble::Status(status) }.into()
    } else {
        DownloadError::Refused { host, status }
    };
    let weight = if passing { Weight::Passing } else { Weight::Stubborn };
    Stop::Again(Fault { error, weight, after: retry_after(response) })
}

/// The part of an address that stays the same when it is signed anew.
fn unsigned(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// First byte, byte after the last one, and the size of the whole where it is told.
fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, bytes) = text.strip_prefix("bytes ")?.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let bytes = if bytes == "*" { None } else { Some(bytes.parse().ok()?) };
    (first <= last).then_some((first, last.checked_add(1)?, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_it_is_written() {
        for (text, expected) in [
            ("bytes 0-0/1", Some((0, 1, Some(1)))),
            ("bytes 5-9/100", Some((5, 10, Some(100)))),
            ("bytes 5-9/*", Some((5, 10, None))),
            ("bytes 9-5/100", None),
            ("bytes */100", None),
            ("bytes 0-18446744073709551615/5", None),
            ("items 0-1/2", None),
            ("", None),
        ] {
            assert_eq!(content_range(text), expected, "{text}");
        }
    }
}
