//! Which other machines the page may name: those to which a person says yes in a question of the system, once each.
//!
//! An address is a way out: of a conversation that is sent there, or of whatever a fault in the page writes into it. This
//! machine itself is asked without a question, and so is a server that a model of the list is on.

use std::collections::HashSet;

use lethe_core::base::network::NetworkState;
use lethe_core::base::visible::Quoted;
use lethe_core::{Error, Result};
use tauri::{AppHandle, Manager};

use crate::commands::Answered;
use crate::files::answered;

/// Hosts that were said yes to since the start of the program.
#[derive(Default)]
pub struct Hosts {
    agreed: tokio::sync::Mutex<HashSet<String>>,
}

impl Hosts {
    /// Asks about a host that nobody said yes to yet, one at a time.
    ///
    /// # Errors
    /// `BadInput` when they say no.
    async fn agreed<Answer>(&self, host: String, ask: impl FnOnce(String) -> Answer) -> Result<()>
    where
        Answer: Future<Output = Result<Answered>>,
    {
        let mut agreed = self.agreed.lock().await;
        if agreed.contains(&host) {
            return Ok(());
        }
        let shown = Quoted::new(&host).to_string();
        match ask(format!("Connect to {shown}? Say yes only if you typed this address.")).await? {
            Answered::Yes => {
                agreed.insert(host);
                Ok(())
            }
            Answered::No => Err(Error::bad_input(format!(
                "{shown} was not asked: say yes when you are asked, or use another address"
            ))),
        }
    }
}

/// Whether a person agrees to requests to this host, if it is one of another machine. Where no requests are allowed there is
/// nothing to ask.
///
/// # Errors
/// `BadInput` when they say no; `Internal` when the question could not be asked.
pub async fn agreed(app: &AppHandle, network: NetworkState, host: Option<String>) -> Result<()> {
    match host {
        Some(host) if !network.offline => app.state::<Hosts>().agreed(host, |question| answered(app, question)).await,
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_host_is_asked_about_once_and_a_no_is_kept_to() {
        let hosts = Hosts::default();
        let ask = async |host: &str, answer| {
            let mut asked = None;
            let question = |text| {
                asked = Some(text);
                async move { Ok(answer) }
            };
            let agreed = hosts.agreed(host.to_owned(), question).await.is_ok();
            (agreed, asked)
        };
        let (agreed, asked) = ask("models.example", Answered::No).await;
        assert!(!agreed && asked.is_some_and(|asked| asked.contains("models.example")), "a no is a no");
        let (agreed, asked) = ask("models.example", Answered::Yes).await;
        assert!(agreed && asked.is_some(), "it is asked again");
        assert_eq!(ask("models.example", Answered::No).await, (true, None), "a yes holds");
        let (agreed, asked) = ask("models.example:8080", Answered::No).await;
        assert!(!agreed && asked.is_some(), "for that port only");
    }
}
