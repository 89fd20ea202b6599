//! `backup`: copies of the history, made, checked and put back.
//!
//! A passphrase comes from a prompt, from standard input or from `LETHE_PASSPHRASE`, never from the command line, where
//! other programs could read it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use lethe_core::base::key::{KeyWish, Keychain};
use lethe_core::base::network::Network;
use lethe_core::base::paths::Paths;
use lethe_core::chat::backup::{self, BackupReason, Passphrase};
use lethe_core::{Code, Error, Lethe, Result};
use serde::Serialize;

use crate::output::{date, print, print_json, size};

/// Copies of the history.
#[derive(Subcommand)]
pub enum Backup {
    /// Make one now
    Create {
        /// A folder of your choice; with --passphrase a file to take along
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Encrypt a file to take along with a passphrase, which is asked for
        #[arg(long, requires = "to")]
        passphrase: bool,
    },
    /// List them, the newest first
    Ls,
    /// Read them whole
    Verify {
        /// Some; none means all
        files: Vec<PathBuf>,
    },
    /// Put one in the place of the history, which is kept
    Restore {
        /// Which; without it the newest one that is good
        file: Option<PathBuf>,
    },
    /// Read out of a damaged history what can be read, into a backup
    Salvage {
        /// A damaged database; without it the one of the data folder
        file: Option<PathBuf>,
    },
}

impl Backup {
    /// Whether it works without opening the history, which may be damaged.
    pub fn is_offline(&self) -> bool {
        !matches!(self, Self::Create { .. })
    }
}

#[derive(Serialize)]
struct Verified {
    path: PathBuf,
    problem: Option<String>,
}

/// Runs `backup create`.
///
/// # Errors
/// `DiskFull`, `Store`, `BadInput` for a passphrase that is too short.
pub async fn create(lethe: &Lethe, backup: &Backup, json: bool) -> Result<()> {
    let Backup::Create { to, passphrase } = backup else { return Ok(()) };
    if let (true, Some(file)) = (passphrase, to) {
        let passphrase = Passphrase::new(&ask_for_passphrase(true)?)?;
        lethe.backups().carry(file, &passphrase).await?;
        return if json { print_json(file) } else { print(&format!("{}\n", file.display())) };
    }
    let now = jiff::Timestamp::now().as_millisecond();
    let made = lethe.backups().create(BackupReason::Asked, now, to.as_deref()).await?;
    if json { print_json(&made) } else { print(&format!("{}\n", made.path.display())) }
}

/// Runs the other commands.
///
/// # Errors
/// Those of [`lethe_core::chat::backup`].
pub async fn run(backup: &Backup, data: Option<&Path>, json: bool) -> Result<()> {
    let paths = Paths::locate(data)?;
    lethe_core::base::log::begin(&paths);
    let keychain = Keychain::System;
    let now = jiff::Timestamp::now().as_millisecond();
    match backup {
        Backup::Create { .. } => Ok(()),
        Backup::Ls => {
            let files = backup::list(&paths)?;
            if json {
                return print_json(&files);
            }
            for file in files {
                let (at, reason, path) = (date(file.name.at), file.name.reason.name(), file.path.display());
                print(&format!("{at}\t{reason}\t{}\t{path}\n", size(file.bytes)))?;
            }
            Ok(())
        }
        Backup::Verify { files } => verify(&paths, &keychain, files, json).await,
        Backup::Restore { file } => {
            let file = file.as_ref().map(|file| find(&paths, file));
            let passphrase = match &file {
                Some(file) if backup::is_carried(file) => Some(Passphrase::known(&ask_for_passphrase(false)?)),
                _ => None,
            };
            let wish = KeyWish::from_environment()?;
            let restored = backup::restore(&paths, wish, &keychain, file.as_deref(), passphrase, now).await?;
            // What it holds is cleaned by the lists of now before anybody looks.
            let lethe = Arc::new(Lethe::open(data, Network::Off).await?);
            let swept =
                if lethe.sweeper().is_due().await? { lethe.sweeper().sweep().await.map(|_| ()) } else { Ok(()) };
            lethe.close().await;
            swept?;
            if json {
                return print_json(&restored);
            }
            print(&format!("{}: {} conversations\n", restored.from.display(), restored.conversations))?;
            if let Some(aside) = &restored.aside {
                say!("The history that was replaced is in {}", aside.display());
            }
            if restored.settings_of_backup {
                say!("Settings are those of the backup: those of now could not be read. Look at your lists.");
            }
            Ok(())
        }
        Backup::Salvage { file } => {
            let salvaged = backup::salvage(&paths, &keychain, file.as_deref(), now).await?;
            if json {
                return print_json(&salvaged);
            }
            let (conversations, messages) = (salvaged.conversations, salvaged.messages);
            print(&format!("{}: {conversations} conversations, {messages} messages\n", salvaged.path.display()))?;
            if salvaged.incomplete {
                say!("Some of it could not be read.");
            }
            say!("To put it in the place of the history: lethe-cli backup restore {}", salvaged.path.display());
            Ok(())
        }
    }
}

async fn verify(paths: &Paths, keychain: &Keychain, files: &[PathBuf], json: bool) -> Result<()> {
    let files: Vec<PathBuf> = match files {
        [] => backup::list(paths)?.into_iter().map(|file| file.path).collect(),
        some => some.iter().map(|file| find(paths, file)).collect(),
    };
    let mut verified = Vec::new();
    for path in files {
        let problem = backup::verify(paths, keychain, &path).await.err().map(|error| error.message);
        verified.push(Verified { path, problem });
    }
    let bad = verified.iter().filter(|verified| verified.problem.is_some()).count();
    if json {
        print_json(&verified)?;
    } else {
        for Verified { path, problem } in &verified {
            print(&format!("{}: {}\n", path.display(), problem.as_deref().unwrap_or("good")))?;
        }
    }
    match bad {
        0 => Ok(()),
        1 => Err(Error::new(Code::Store, "a backup is not good: delete it and make a new one")),
        bad => Err(Error::new(Code::Store, format!("{bad} backups are not good: delete them and make a new one"))),
    }
}

/// An error of opening the history, with what to do about damage.
pub fn with_way_out(error: Error, data: Option<&Path>) -> Error {
    if error.code != Code::Damaged {
        return error;
    }
    let backups = Paths::locate(data).and_then(|paths| backup::list(&paths)).unwrap_or_default();
    let way = match backups.first() {
        Some(newest) => format!(
            "lethe-cli backup restore puts the newest good one in its place (the newest is of {})",
            date(newest.name.at)
        ),
        None => "there is none in this folder; lethe-cli backup restore FILE takes one from elsewhere, lethe-cli backup salvage reads what can be read".to_owned(),
    };
    Error::new(error.code, format!("{}; {way}", error.message))
}

/// A file, or one of the data folder's backups by its name.
fn find(paths: &Paths, file: &Path) -> PathBuf {
    let named = paths.backups().join(file);
    if file.components().count() == 1 && !file.exists() && named.exists() { named } else { file.to_owned() }
}

fn ask_for_passphrase(twice: bool) -> Result<String> {
    if let Some(passphrase) = std::env::var("LETHE_PASSPHRASE").ok().filter(|text| !text.is_empty()) {
        return Ok(passphrase);
    }
    let unreadable =
        |_| Error::bad_input("the passphrase can't be read: give it on standard input, or in LETHE_PASSPHRASE");
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map_err(unreadable)?;
        return Ok(line);
    }
    let terminal = console::Term::stderr();
    let ask = |what: &str| {
        crate::output::to_stderr(&format!("{what}: "));
        terminal.read_secure_line().map_err(unreadable)
    };
    let passphrase = ask("Passphrase")?;
    if twice && ask("The same again")? != passphrase {
        return Err(Error::bad_input("the two passphrases differ: try again"));
    }
    Ok(passphrase)
}
