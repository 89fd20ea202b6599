//! `model search`, `model pull`, `model token`: models from the hub.

use std::io::{IsTerminal, Read};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use lethe_core::models::downloads::{DownloadState, DownloadView};
use lethe_core::models::hub::{HitKind, HubRepo};
use lethe_core::{Code, Error, Lethe, Result};

use super::ended;
use crate::output::{print, print_json, size};

/// Search the hub for models
#[derive(Args)]
pub struct Search {
    /// What to look for
    query: String,
}

/// Download a model, and go on with a download that was broken off
#[derive(Args)]
pub struct Pull {
    /// Its repository, as in swiss-ai/Apertus-v1.1-4B-Instruct
    repository: String,
    /// A variant such as Q4_K_M, or one of its files; without it what suits this machine
    variant: Option<String>,
    /// A branch, tag or commit
    #[arg(long)]
    revision: Option<String>,
    /// Accept the terms of the model's makers, which are shown without it
    #[arg(long)]
    accept_terms: bool,
    /// Only say what there is
    #[arg(long)]
    list: bool,
    /// Give up a download that was broken off, and remove what arrived
    #[arg(long, conflicts_with = "list")]
    cancel: bool,
}

/// Keep an access token for the hub: it is read from standard input
#[derive(Args)]
pub struct Token {
    /// Forget it instead
    #[arg(long)]
    forget: bool,
}

/// Runs `model search`.
///
/// # Errors
/// `Offline`, `Network`.
pub async fn search(lethe: &Lethe, search: &Search, json: bool) -> Result<()> {
    let hits = lethe.hub().search(&search.query).await?;
    if json {
        return print_json(&hits);
    }
    if hits.is_empty() {
        say!("Nothing was found: try fewer or other words.");
    }
    for hit in hits {
        let kind = match hit.kind {
            HitKind::Gguf => "GGUF",
            HitKind::Weights => "weights",
            HitKind::Other => "other",
        };
        let gated = if hit.gated { ", with conditions" } else { "" };
        print(&format!("{}\t{kind}{gated}\t{} downloads\n", hit.repository, hit.downloads))?;
    }
    Ok(())
}

/// Runs `model pull`.
///
/// # Errors
/// `Terms`, `Offline`, `Network`, `Token`, `NotFound`, `DiskFull`, `BadInput`.
pub async fn pull(lethe: &Lethe, pull: &Pull, json: bool) -> Result<()> {
    if pull.cancel {
        return cancel(lethe, pull).await;
    }
    let revision = pull.revision.as_deref();
    let repository = lethe.hub().repository(&pull.repository, revision).await?;
    if pull.list {
        return list(&repository, json);
    }
    let variant = chosen(&repository, pull.variant.as_deref())?;
    accept(lethe, pull).await?;
    let begun = lethe.downloads().start(&repository.repository, Some(&repository.revision), &variant).await?;
    if begun.state != DownloadState::Done {
        say!("{} from {} at {}", begun.name, begun.repository, begun.revision);
    }
    let shown = tokio::spawn(show(lethe.downloads().watch(), begun.id.clone()));
    let running = lethe.downloads().run(&begun.id);
    tokio::pin!(running);
    let outcome = tokio::select! {
        outcome = &mut running => outcome,
        () = ended() => Err(Error::bad_input("ended by the user: the same command goes on where this one ended")),
    };
    shown.abort();
    let model = outcome?;
    if json { print_json(&model) } else { print(&format!("{}\n", model.id)) }
}

/// Gives up what is not done of this repository, or of one variant; nothing is asked of the hub.
async fn cancel(lethe: &Lethe, pull: &Pull) -> Result<()> {
    let is_meant = |view: &DownloadView| {
        let variant = view.id.rsplit('/').next().unwrap_or_default();
        view.repository.eq_ignore_ascii_case(&pull.repository)
            && view.state != DownloadState::Done
            && pull.variant.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(variant))
    };
    let meant: Vec<DownloadView> = lethe.downloads().all().into_iter().filter(is_meant).collect();
    if meant.is_empty() {
        let message = format!("no download of {} was broken off: model ls shows what is here", pull.repository);
        return Err(Error::new(Code::NotFound, message));
    }
    for view in meant {
        lethe.downloads().cancel(&view.id).await?;
        say!("{} is given up, and what arrived of it is removed.", view.name);
    }
    Ok(())
}

fn list(repository: &HubRepo, json: bool) -> Result<()> {
    if json {
        return print_json(repository);
    }
    if let Some(note) = &repository.note {
        say!("{note}.");
    }
    for variant in &repository.variants {
        let marks = [
            ("recommended", variant.recommended),
            ("is converted here", variant.converts),
            ("on this machine already", variant.installed.is_some() || variant.in_cache),
        ];
        let marks: Vec<&str> = marks.into_iter().filter(|(_, is)| *is).map(|(mark, _)| mark).collect();
        let fit = variant.fit_text.as_deref().unwrap_or_default();
        print(&format!("{}\t{}\t{fit}\t{}\n", variant.name, size(variant.bytes), marks.join(", ")))?;
    }
    Ok(())
}

/// The variant of that name or with that file, or the recommended one.
fn chosen(repository: &HubRepo, wanted: Option<&str>) -> Result<String> {
    let names = || repository.variants.iter().map(|variant| variant.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = match wanted {
        Some(wanted) => repository.variants.iter().find(|variant| {
            variant.name.eq_ignore_ascii_case(wanted) || variant.files.iter().any(|file| file.path == wanted)
        }),
        None if repository.variants.len() == 1 => repository.variants.first(),
        None => repository.variants.iter().find(|variant| variant.recommended),
    };
    let Some(variant) = found else {
        let message = match (repository.variants.is_empty(), wanted) {
            (true, _) => {
                format!("{} holds no model that Lethe can run: choose another repository", repository.repository)
            }
            (false, Some(wanted)) => {
                format!("{} has no \"{wanted}\": choose one of {}", repository.repository, names())
            }
            (false, None) => {
                format!("nothing of {} fits this machine well: choose one of {}", repository.repository, names())
            }
        };
        return Err(Error::new(Code::NotFound, message));
    };
    Ok(variant.name.clone())
}

/// Shows the terms of the makers, or accepts them.
async fn accept(lethe: &Lethe, pull: &Pull) -> Result<()> {
    let Some(card) = lethe.terms().of_repository(&pull.repository).await? else { return Ok(()) };
    if card.accepted_at.is_some() {
        return Ok(());
    }
    if pull.accept_terms {
        lethe.terms().accept(&card.id).await?;
        return Ok(());
    }
    for paragraph in &card.terms {
        say!("{paragraph}");
    }
    say!("The whole text: {}", card.terms_source);
    Err(Error::new(
        Code::Terms,
        "the makers of this model have terms: read them, and add --accept-terms to accept them",
    ))
}

/// Draws a bar in a terminal, and says a line every ten percent elsewhere.
async fn show(mut views: tokio::sync::watch::Receiver<Vec<DownloadView>>, id: String) {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:30} {decimal_bytes} of {decimal_total_bytes}, {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let terminal = std::io::stderr().is_terminal();
    let mut said = (None, 0);
    while views.changed().await.is_ok() {
        let Some(view) = views.borrow_and_update().iter().find(|view| view.id == id).cloned() else { continue };
        let words = words(&view);
        if terminal {
            bar.set_length(view.bytes);
            bar.set_position(view.done);
            bar.set_message(words);
        } else {
            let tenth = view.done * 10 / view.bytes.max(1);
            if (Some(view.state), tenth) != said {
                said = (Some(view.state), tenth);
                say!("{} of {}, {words}", size(view.done), size(view.bytes));
            }
        }
        // A bar that moves ten times a second reads well.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn words(view: &DownloadView) -> String {
    match view.state {
        DownloadState::Running => match view.seconds_left {
            Some(left) => format!("{}/s, {} left", size(view.bytes_per_s), time(left)),
            None => "connecting".to_owned(),
        },
        DownloadState::Checking => "checking".to_owned(),
        DownloadState::Converting => "converting".to_owned(),
        DownloadState::Waiting => view.text.clone().unwrap_or_default(),
        DownloadState::Queued => "waiting for its turn".to_owned(),
        DownloadState::Paused => "paused".to_owned(),
        DownloadState::Done => "done".to_owned(),
        DownloadState::Failed => "failed".to_owned(),
    }
}

fn time(seconds: u64) -> String {
    match seconds {
        0..=99 => format!("{seconds} s"),
        100..=5999 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}

/// Runs `model token`.
///
/// # Errors
/// `BadInput`, `Store`.
pub async fn token(lethe: &Lethe, token: &Token, json: bool) -> Result<()> {
    let state = if token.forget {
        lethe.hub().set_token(None).await?
    } else {
        if std::io::stdin().is_terminal() {
            say!("Paste the token and press Enter and Ctrl-D:");
        }
        let mut text = String::new();
        let read = std::io::stdin().lock().take(4096).read_to_string(&mut text);
        read.map_err(|_| Error::bad_input("the token can't be read: give it on standard input as text"))?;
        if text.trim().is_empty() {
            return Err(Error::bad_input(
                "there is no token on standard input: give one, or --forget the one that is kept",
            ));
        }
        lethe.hub().set_token(Some(&text)).await?
    };
    if json {
        return print_json(&state);
    }
    print(if state.present { "A token is kept.\n" } else { "No token is kept.\n" })
}
