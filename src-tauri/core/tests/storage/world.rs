//! A data folder on a disk that fails, the programs that have it open, and what has to be in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lethe_core::Lethe;
use lethe_core::base::key::{KeyWish, Keychain};
use lethe_core::base::network::Network;
use lethe_core::base::paths::Paths;
use lethe_core::chat::backup::{BackupReason, list, restore, verify};
use lethe_core::chat::history::OpenAnswer;
use lethe_faults::{Disk, Fault};
use lethe_filters::Redactor;
use lethe_seed::Random;
use tokio::sync::watch;

use crate::expected::{Expected, LISTS, NAMES};

/// A data folder and all that belongs to it.
pub struct World {
    /// Holds the data folder and a folder for backups elsewhere; both are searched for names.
    pub root: PathBuf,
    pub paths: Paths,
    pub wish: KeyWish,
    pub disk: Disk,
    pub random: Random,
    /// Files of lists, which are somebody else's.
    pub sources: PathBuf,
    pub programs: Vec<Program>,
    pub expected: Expected,
    /// What of it a loss of power does not take.
    pub solid: Expected,
    /// Names that a list has named, at any time.
    pub ever: [bool; NAMES.len()],
    /// Lists that may be there, since putting them there or taking them away went wrong.
    pub maybe: [bool; LISTS.len()],
    /// What is in each backup that was acknowledged.
    pub backups: Vec<(PathBuf, Expected)>,
    /// The time for backups.
    pub now: i64,
    pub words: u32,
    /// What was done, for whoever reads of a failure.
    pub log: Vec<String>,
}

/// A program that has the folder open.
pub struct Program {
    pub lethe: Arc<Lethe>,
    pub answers: Vec<Growing>,
}

/// An answer that is being written.
pub struct Growing {
    pub talk: i64,
    pub open: OpenAnswer,
    pub redactor: Redactor,
    /// What it gave out so far.
    pub given: lethe_filters::FilteredText,
    pub changes: watch::Receiver<()>,
}

/// What went wrong with a seed.
pub type Outcome<T = ()> = Result<T, String>;

impl World {
    /// Opens the folder in one more program.
    pub async fn open(&self) -> Outcome<Program> {
        let lethe = Lethe::open_at(self.paths.clone(), self.wish, Network::Off).await;
        let lethe = lethe.map_err(|error| format!("Lethe does not open: {error}"))?;
        Ok(Program { lethe: Arc::new(lethe), answers: Vec::new() })
    }

    /// Closes all programs. What they were writing stays open.
    pub async fn close(&mut self) {
        for program in self.programs.drain(..) {
            program.close().await;
        }
    }

    /// Puts the folder in the place that a kill or a loss of power has left behind.
    pub async fn crash(&mut self, image: &Path) {
        self.close().await;
        std::fs::remove_dir_all(&self.root).expect("a folder of a test can be removed");
        std::fs::rename(image, &self.root).expect("a folder of a test can be moved");
        self.disk.revive();
        self.note("the machine starts again");
    }

    /// Whether nothing that is done now reaches the disk.
    pub fn is_dead(&self) -> bool {
        matches!(self.disk.happened(), Some(Fault::Kill | Fault::PowerLoss))
    }

    pub fn note(&mut self, what: impl Into<String>) {
        self.log.push(what.into());
    }

    /// Notes that lists may have named all that they name now.
    pub fn note_in_force(&mut self) {
        for name in self.expected.in_force() {
            self.ever[name] = true;
        }
    }

    /// Opens the folder alone and shows that nothing is missing. `possible` is what may be there, the likeliest first:
    /// of a step that was under way, both ends.
    pub async fn check(&mut self, possible: Vec<Expected>) -> Outcome {
        self.close().await;
        let program = self.open().await?;
        let mut why = Vec::new();
        for mut expected in possible {
            // Who opens it alone has deleted ones go for good.
            let gone = self.search_database(&expected.deleted_words());
            match expected.missing(&program.lethe, &self.ever, &self.maybe).await.and(gone) {
                Ok(()) => {
                    expected.talks.retain(|_, talk| !talk.deleted);
                    self.solid = expected.clone();
                    self.expected = expected;
                    self.programs.push(program);
                    self.note_in_force();
                    return self.check_names().await;
                }
                Err(missing) => why.push(missing),
            }
        }
        program.close().await;
        Err(why.join("; or "))
    }

    /// Sweeps, and shows that no list's names are in any file, with Lethe open and closed.
    async fn check_names(&mut self) -> Outcome {
        let lethe = self.programs[0].lethe.clone();
        let due = lethe.sweeper().is_due().await.map_err(|error| format!("is a sweep due? {error}"))?;
        if due {
            lethe.sweeper().sweep().await.map_err(|error| format!("the sweep at the start: {error}"))?;
        }
        if lethe.sweeper().is_due().await.unwrap_or(true) {
            return Err("a sweep is due right after one".to_owned());
        }
        let swept = if due { "swept" } else { "not swept, since none was due" };
        self.search(&format!("{swept}, while Lethe is open"))?;
        self.expected
            .missing(&lethe, &self.ever, &self.maybe)
            .await
            .map_err(|missing| format!("{swept}: {missing}"))?;
        drop(lethe);
        self.close().await;
        self.search(&format!("{swept}, and closed"))
    }

    /// Shows that every backup can be read, and that the newest comes back with what was in it.
    pub async fn check_backups(&mut self) -> Outcome {
        let files = list(&self.paths).map_err(|error| format!("backups: {error}"))?;
        for file in &files {
            let read = verify(&self.paths, &Keychain::System, &file.path).await;
            read.map_err(|error| format!("backup {} can't be read: {error}", file.name))?;
        }
        let Some(newest) = files.first() else { return Ok(()) };
        let restored = restore(&self.paths, self.wish, &Keychain::System, None, None, self.now).await;
        let restored = restored.map_err(|error| format!("the newest backup does not come back: {error}"))?;
        if restored.from != newest.path {
            return Err(format!("{} came back, and {} is newer", restored.from.display(), newest.name));
        }
        let known = self.backups.iter().find(|(path, _)| *path == newest.path);
        let lists = self.expected.lists.clone();
        let expected = known.map(|(_, expected)| Expected { lists: lists.clone(), ..expected.clone() });
        let of_unknown = Expected { lists, ..Expected::default() };
        self.note(format!("the newest backup, {}, was put back", newest.name));
        self.check(vec![expected.unwrap_or(of_unknown)]).await.map_err(|error| format!("in the backup: {error}"))
    }

    /// No word of what was deleted is in the database or its journal.
    fn search_database(&self, words: &[String]) -> Outcome {
        if self.wish != KeyWish::None || words.is_empty() {
            return Ok(());
        }
        for end in ["", "-wal"] {
            let mut path = self.paths.database().into_os_string();
            path.push(end);
            let bytes = std::fs::read(&path).unwrap_or_default();
            if let Some(word) = words.iter().find(|word| holds(&bytes, word.as_bytes())) {
                return Err(format!("{word} was deleted and is in {}", path.display()));
            }
        }
        Ok(())
    }

    /// No name that a list in force holds is in any file.
    fn search(&self, when: &str) -> Outcome {
        if self.wish != KeyWish::None {
            return Ok(());
        }
        let names: Vec<&str> = self.expected.in_force().into_iter().map(|name| NAMES[name]).collect();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder of a test is readable").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).expect("a file of a test is readable");
                for name in &names {
                    // Indexes hold words, in small letters. The first word may stand alone, where an answer was cut off
                    // in the middle of a name.
                    let last = name.rsplit(' ').next().unwrap_or_default().to_lowercase();
                    if holds(&bytes, name.as_bytes()) || holds(&bytes, last.as_bytes()) {
                        return Err(format!("{name} is in {} ({when})", path.display()));
                    }
                }
            }
        }
        Ok(())
    }

    /// A new word.
    pub fn word(&mut self) -> String {
        self.words += 1;
        crate::expected::word(self.words)
    }

    /// Notes a backup with what is in it.
    pub fn keep_backup(&mut self, path: PathBuf, reason: BackupReason) {
        self.note(format!("  it is {}, {reason:?}", path.display()));
        self.backups.push((path, self.expected.clone()));
    }
}

impl Program {
    pub async fn close(self) {
        drop(self.answers);
        self.lethe.close().await;
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == part[0]) {
        if rest[at..].starts_with(part) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}
