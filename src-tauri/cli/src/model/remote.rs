//! `model remote`: models on servers.

use clap::Args;
use lethe_core::{Error, Lethe, Result, Secret};

use crate::output::{print, print_json};

/// Use a model on an OpenAI-compatible server; without --model, list what it has. Text leaves this machine.
#[derive(Args)]
pub struct Remote {
    /// The server's address, as in http://127.0.0.1:8000/v1
    url: String,
    /// The model to use
    #[arg(long)]
    model: Option<String>,
    /// Its name here
    #[arg(long)]
    name: Option<String>,
}

/// The key of the server; on the command line other users of the machine could read it.
const KEY: &str = "LETHE_REMOTE_KEY";

/// Runs `model remote`.
///
/// # Errors
/// `BadInput`, `Offline`, `Network`.
pub async fn run(lethe: &Lethe, remote: &Remote, json: bool) -> Result<()> {
    let key = std::env::var(KEY).ok().filter(|key| !key.trim().is_empty()).map(|key| Secret::new(&key));
    let Some(model) = &remote.model else {
        let models = lethe.models().remotes().list(&remote.url, key).await?;
        let names: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        if json {
            return print_json(&names);
        }
        if names.is_empty() {
            return Err(Error::bad_input("this server has no models: load one there first"));
        }
        return print(&format!("{}\n", names.join("\n")));
    };
    let name = remote.name.as_deref().unwrap_or(model);
    let view = lethe.models().remotes().add(name, &remote.url, model, key).await?;
    if let Some(remote) = &view.remote {
        say!("{}.", remote.leaves.trim_end_matches('.'));
    }
    if json { print_json(&view) } else { print(&format!("{}\n", view.id)) }
}
