//! `list`: lists of what to remove, for those who make them and for those who use them.

mod make;

use lethe_core::lists::facts::ListSource;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use lethe_core::chat::sweep::{Sweep, SweepState};
use lethe_core::lists::library::{ListView, SameName, Subscription};
use lethe_core::{Code, Error, Lethe, Result};
use serde::Serialize;

use crate::output::{date, plural, print, print_json};

pub use make::make;

/// Lists of what to remove.
#[derive(Subcommand)]
pub enum ListCommand {
    /// Compile entries, one JSON object a line: {"id", "kind", "text"}
    Build {
        /// The entries
        #[arg(long = "in", value_name = "ENTRIES.jsonl")]
        entries: PathBuf,
        /// The list to write; - for standard output
        #[arg(long, value_name = "F")]
        out: PathBuf,
        /// Replace what is there already
        #[arg(long)]
        force: bool,
        /// Keep the entries' text in it instead of hash values
        #[arg(long)]
        clear: bool,
    },
    /// Make a list of somebody else's hash values
    Import {
        /// What the values were made by
        #[arg(long, value_name = "D.toml")]
        descriptor: PathBuf,
        /// The values
        #[arg(long = "in", value_name = "HASHES")]
        hashes: PathBuf,
        /// The list to write; - for standard output
        #[arg(long, value_name = "F")]
        out: PathBuf,
        /// Replace what is there already
        #[arg(long)]
        force: bool,
    },
    /// Say what a list file holds, without the text of any entry
    Inspect {
        /// The file
        file: PathBuf,
    },
    /// Make or update a signed repository of static files that others can subscribe to
    Publish {
        /// Where the keys are; made when missing. Keep it secret and backed up
        #[arg(long, value_name = "DIR")]
        keys: PathBuf,
        /// The repository, to be copied to a web server
        #[arg(long, value_name = "DIR")]
        repo: PathBuf,
        /// All entries of the list
        #[arg(long = "in", value_name = "ENTRIES.jsonl")]
        entries: PathBuf,
        /// Days for which readers accept what is signed now
        #[arg(long, default_value_t = 30, value_name = "DAYS")]
        expires: u32,
        /// Write the repository as one file as well, for machines without a network
        #[arg(long, value_name = "F.tar")]
        pack: Option<PathBuf>,
    },
    /// Replace the keys of a repository, after a theft or a loss; subscribers follow by themselves
    Rotate {
        /// Where the keys are, a root key too
        #[arg(long, value_name = "DIR")]
        keys: PathBuf,
        /// The repository, to be copied to the web server again
        #[arg(long, value_name = "DIR")]
        repo: PathBuf,
        /// Replace these only; all without it. Give all that may have been stolen
        #[arg(long, value_name = "KEY", value_delimiter = ',')]
        only: Vec<Key>,
        /// Replace none, but add root-2.key: keep it in another place, in case root.key is lost
        #[arg(long, conflicts_with = "only")]
        add_root: bool,
        /// Days for which readers accept what is signed now
        #[arg(long, default_value_t = 30, value_name = "DAYS")]
        expires: u32,
    },
    /// Use a list that somebody publishes; `update` fetches it
    Subscribe {
        /// What to call it
        #[arg(long, value_name = "N")]
        name: String,
        /// Where it is published
        #[arg(long, value_name = "URL")]
        url: String,
        /// The publisher's newest root file, such as 1.root.json, got in a way that you trust
        #[arg(long, value_name = "N.root.json", required_unless_present = "unsigned")]
        root: Option<PathBuf>,
        /// The address is that of one file that nobody has signed
        #[arg(long, conflicts_with = "root")]
        unsigned: bool,
        /// What an unsigned file's hash values were made by; none for a list of Lethe's own formats
        #[arg(long, value_name = "D.toml", requires = "unsigned")]
        descriptor: Option<PathBuf>,
    },
    /// Copy a list file into the data folder and use it
    Add {
        /// JSON Lines or a compiled list
        file: PathBuf,
        /// What to call it, instead of the file's name
        #[arg(long, value_name = "N")]
        name: Option<String>,
        /// Put it in the place of another file's list of the same name
        #[arg(long)]
        replace: bool,
    },
    /// Refresh lists that are published; a list that is refused stays as it was
    Update {
        /// Its name; all without it
        name: Option<String>,
        /// Read the repository from a folder or a .tar file instead
        #[arg(long, value_name = "PATH", requires = "name")]
        from: Option<PathBuf>,
    },
    /// Say which lists are in force, how old they are, and what is wrong with them
    Status,
    /// Stop using a list
    Remove {
        /// Its name
        name: String,
    },
    /// Clean stored answers, titles and the search index by the lists of now
    Sweep,
}

/// A key file of a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Key {
    /// root.key, which says which keys count
    Root,
    /// root-2.key
    #[value(name = "root-2")]
    SecondRoot,
    /// targets.key
    Targets,
    /// snapshot.key
    Snapshot,
    /// timestamp.key
    Timestamp,
}

impl ListCommand {
    /// Whether it is about the lists in force, not about files alone.
    pub fn needs_data(&self) -> bool {
        use ListCommand::{Build, Import, Inspect, Publish, Rotate};
        !matches!(self, Build { .. } | Import { .. } | Inspect { .. } | Publish { .. } | Rotate { .. })
    }
}

/// Runs the commands that need a data folder.
///
/// # Errors
/// What the lists fail with; for `update` the first list that was refused.
pub async fn run(lethe: &Arc<Lethe>, command: &ListCommand, json: bool) -> Result<()> {
    let lists = lethe.lists();
    match command {
        ListCommand::Subscribe { name, url, root, descriptor, .. } => {
            let what = match root {
                Some(root) => Subscription::Feed { url, root },
                None => Subscription::Url { url, descriptor: descriptor.as_deref() },
            };
            let view = lists.subscribe(name, what).await?;
            show(json, &view, || "subscribed; fetch it with: lethe-cli list update\n".to_owned())
        }
        ListCommand::Add { file, name, replace } => {
            let same_name = if *replace { SameName::Replace } else { SameName::Refuse };
            let view = lists.import_as(file, name.as_deref(), same_name).await?;
            sweep(lethe, false).await?;
            show(json, &view, || line(&view))
        }
        ListCommand::Update { name, from } => {
            let outcomes = match (name, from) {
                (Some(name), Some(from)) => vec![(lists.update_from(name, from).await?, None)],
                (name, _) => lists.update(name.as_deref()).await?,
            };
            let views: Vec<&ListView> = outcomes.iter().map(|(view, _)| view).collect();
            show(json, &views, || views.iter().map(|view| line(view)).collect())?;
            sweep(lethe, false).await?;
            let mut refused = outcomes.iter().filter_map(|(view, error)| Some((view, error.as_ref()?)));
            match refused.next() {
                None => Ok(()),
                Some((view, error)) => Err(Error::new(error.code, format!("{}: {}", view.name, error.message))),
            }
        }
        ListCommand::Status => {
            let views = lists.all().await?;
            let status = lethe.filters().status();
            let shown = Status { lists: &views, problem: status.problem.clone(), warning: status.warning.clone() };
            show(json, &shown, || {
                let trouble = status.problem.into_iter().chain(status.warning).map(|text| text + "\n");
                views.iter().map(line).chain(trouble).collect()
            })
        }
        ListCommand::Remove { name } => {
            lists.remove(name).await?;
            sweep(lethe, false).await.map(|_| ())
        }
        ListCommand::Sweep => {
            let swept = sweep(lethe, true).await?;
            show(json, &swept, || {
                let Sweep { done, changed, removed, .. } = swept;
                format!("{done} answers looked at, {changed} answers and titles changed, {removed} pieces removed\n")
            })
        }
        _ => make(command, json),
    }
}

#[derive(Serialize)]
struct Status<'a> {
    lists: &'a [ListView],
    problem: Option<String>,
    warning: Option<String>,
}

/// Sweeps now if that is due or asked for. Ctrl-C ends it; the next sweep goes on there.
async fn sweep(lethe: &Lethe, asked: bool) -> Result<Sweep> {
    if !asked && !lethe.sweeper().is_due().await? {
        return Ok(lethe.sweeper().last());
    }
    let sweeping = lethe.sweeper().sweep();
    tokio::pin!(sweeping);
    let swept = loop {
        tokio::select! {
            swept = &mut sweeping => break swept?,
            _ = tokio::signal::ctrl_c() => lethe.sweeper().cancel(),
        }
    };
    match swept.state {
        SweepState::Cancelled => Err(Error::new(Code::Busy, "the sweep was ended: run it again and it goes on there")),
        _ => Ok(swept),
    }
}

fn show(json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
    if json { print_json(value) } else { print(&text()) }
}

fn line(view: &ListView) -> String {
    let source = match &view.source {
        ListSource::File => "file".to_owned(),
        ListSource::Feed { url } => format!("signed, {url}"),
        ListSource::Url { url } => format!("not signed, {url}"),
    };
    let version = view.version.as_deref().map(|version| format!("version {version}"));
    let checked = view.checked_at.map(|at| format!("checked {}", date(at)));
    let off = (!view.enabled).then(|| "off".to_owned());
    let trouble = view.problem.clone().or_else(|| Some(format!("not refreshed: {}", view.failure.as_ref()?)));
    let facts =
        [Some(plural(u64::from(view.entries), "entry", "entries")), version, checked, off, Some(source), trouble];
    format!("{}\t{}\n", view.name, facts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}
