//! `lethe-cli`: Lethe in a terminal and in scripts.
//!
//! Exit codes are a contract: 0 done, 1 failed with one sentence on standard error, 2 wrong usage. Answers go to
//! standard output, everything else to standard error.

#[macro_use]
mod output;

mod ask;
mod backup;
mod bench;
mod chat;
mod history;
mod list;
mod model;
mod network;
mod redact;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use lethe_core::base::arguments::GlobalArguments;
use lethe_core::{Lethe, Result};

/// Chat with a language model on this machine; personal data that people had deleted is taken out of every answer.
#[derive(Parser)]
#[command(name = "lethe-cli", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: GlobalArguments,
    /// Print JSON
    #[arg(long, global = true, help_heading = "Global options")]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Ask one question
    Ask(ask::Ask),
    /// Have a conversation; without a terminal, answer each line of standard input
    Chat(chat::Chat),
    /// Remove personal data from files or from standard input
    Redact(redact::Redact),
    /// Lists of what to remove: make, publish, subscribe, refresh
    #[command(subcommand)]
    List(list::ListCommand),
    /// Models on this machine
    #[command(subcommand)]
    Model(model::Model),
    /// What goes over the network: the ledger, and the switch
    #[command(subcommand)]
    Network(network::Network),
    /// Stored conversations
    #[command(subcommand)]
    History(history::History),
    /// Copies of the history: make, list, check, put back
    #[command(subcommand)]
    Backup(backup::Backup),
    /// Measure this machine: engine, whole path, filter; or what the filter removes from a folder
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    lethe_models::dumps::forbid();
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(arguments));
            // A thread that waits for a line of standard input does not hold the program up.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(lethe_core::Error::new(
            lethe_core::Code::Internal,
            format!("the program can't start its threads ({error}): close other programs"),
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say!("lethe-cli: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let json = arguments.json;
    let network = arguments.global.network();
    let data = arguments.global.data_dir.as_deref();
    match arguments.command {
        // These need no data folder, or make none.
        Command::Redact(redact) => return redact::run(&redact, data, network, json).await,
        Command::Model(model::Model::Inspect { path }) => return model::inspect(&path, json),
        Command::List(list) if !list.needs_data() => return list::make(&list, json),
        _ => {}
    }
    if let Command::Bench(bench) = &arguments.command {
        return bench::run(bench, data, json).await;
    }
    if let Command::Backup(backup) = &arguments.command
        && backup.is_offline()
    {
        return backup::run(backup, data, json).await;
    }
    let lethe = Arc::new(Lethe::open(data, network).await.map_err(|error| backup::with_way_out(error, data))?);
    let outcome = match arguments.command {
        Command::Ask(ask) => ask::run(&lethe, &ask, json).await,
        Command::Chat(chat) => chat::run(&lethe, &chat, json).await,
        Command::List(list) => list::run(&lethe, &list, json).await,
        Command::Model(model) => model::run(&lethe, &model, json).await,
        Command::Network(network) => network::run(&lethe, &network, json).await,
        Command::History(history) => history::run(&lethe, &history, json).await,
        Command::Backup(backup) => backup::create(&lethe, &backup, json).await,
        Command::Redact(_) | Command::Bench(_) => Ok(()),
    };
    lethe.close().await;
    outcome
}
