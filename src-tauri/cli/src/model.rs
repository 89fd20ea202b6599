//! `model`: the models on this machine.

mod convert;
mod get;
mod remote;
mod tokens;
mod verify;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use lethe_core::models::deletion::DeletionScope;
use lethe_core::{Error, Lethe, Result};
use lethe_models::elsewhere::Roots;
use lethe_models::inspect;

use crate::output::{print, print_json, size};

/// Models on this machine.
#[derive(Subcommand)]
pub enum Model {
    /// List them
    Ls,
    /// Search the hub for models
    Search(get::Search),
    /// Download a model, and go on with a download that was broken off
    Pull(get::Pull),
    /// Keep an access token for the hub: it is read from standard input
    Token(get::Token),
    /// Use a model on an OpenAI-compatible server; text leaves this machine
    Remote(remote::Remote),
    /// Find models of other programs on this machine
    Found,
    /// Take GGUF files, or all in a folder, into the list; they are used where they lie
    Import {
        /// The file or folder
        path: PathBuf,
    },
    /// Delete a model; a file that Lethe has not downloaded or made stays
    Rm {
        /// Its name
        model: String,
        /// Only forget it: every file stays
        #[arg(long)]
        keep: bool,
    },
    /// Say what a GGUF file is
    Inspect {
        /// The file
        path: PathBuf,
    },
    /// Turn text on standard input into the model's tokens, a JSON array of numbers
    Tokenize(tokens::Tokenize),
    /// Render a chat template with the JSON on standard input: messages, tools, add_generation_prompt, …
    Render(tokens::Render),
    /// Make one GGUF file of official weights: a downloaded repository, BF16 or MLX
    Convert(convert::Convert),
    /// Write a GGUF file with another type of weights
    Quantize(convert::Quantize),
    /// Check a model: its file, its tokens, its prompt, and its weights against the official ones
    Verify(verify::Verify),
}

/// Runs `model`.
///
/// # Errors
/// `ModelUnusable`, `NotFound`, `BadInput`, `Store`.
pub async fn run(lethe: &Lethe, model: &Model, json: bool) -> Result<()> {
    match model {
        Model::Ls => {
            let models = lethe.models().all().await?;
            if json {
                return print_json(&models);
            }
            if models.is_empty() {
                say!("There is no model yet: lethe-cli model import PATH takes a GGUF file.");
            }
            for model in models {
                let what = model
                    .problem
                    .unwrap_or_else(|| format!("{} {}, {}", model.architecture, model.quantization, size(model.bytes)));
                print(&format!("{}\t{what}\t{}\n", model.id, model.path))?;
            }
            Ok(())
        }
        Model::Search(search) => get::search(lethe, search, json).await,
        Model::Pull(pull) => get::pull(lethe, pull, json).await,
        Model::Token(token) => get::token(lethe, token, json).await,
        Model::Remote(remote) => remote::run(lethe, remote, json).await,
        Model::Found => found(lethe, json).await,
        Model::Import { path } if path.is_dir() => import_folder(lethe, path, json).await,
        Model::Import { path } => {
            let model = lethe.models().import(path).await?;
            if json { print_json(&model) } else { print(&format!("{}\n", model.id)) }
        }
        Model::Rm { model, keep } => {
            let scope = if *keep { DeletionScope::ListOnly } else { DeletionScope::Files };
            let deletion = lethe.deletions().preview(model).await?;
            lethe.deletions().delete(model, scope).await?;
            match deletion.note {
                Some(note) if !*keep => say!("{note}."),
                _ if deletion.frees > 0 && !*keep => say!("{} are free again.", size(deletion.frees)),
                _ => {}
            }
            Ok(())
        }
        Model::Inspect { path } => inspect(path, json),
        Model::Tokenize(tokenize) => tokens::tokenize(lethe, tokenize, json).await,
        Model::Render(render) => tokens::render(lethe, render).await,
        Model::Convert(job) => convert::convert(lethe, job, json).await,
        Model::Quantize(job) => convert::quantize(lethe, job, json).await,
        Model::Verify(verify) => verify::run(lethe, verify, json).await,
    }
}

async fn found(lethe: &Lethe, json: bool) -> Result<()> {
    let found = lethe.models().found(Roots::of_this_machine()).await?;
    if json {
        return print_json(&found);
    }
    if found.is_empty() {
        say!("No models of other programs were found.");
    }
    for model in found {
        let what = model.problem.unwrap_or_else(|| size(model.bytes));
        print(&format!("{}\t{}\t{what}\t{}\n", model.name, model.app, model.path))?;
    }
    Ok(())
}

async fn import_folder(lethe: &Lethe, path: &Path, json: bool) -> Result<()> {
    let imports = lethe.models().import_all(&[path.to_owned()]).await?;
    if json {
        print_json(&imports)?;
    } else {
        for model in &imports.imported {
            print(&format!("{}\n", model.id))?;
        }
    }
    match imports.failures.into_iter().next() {
        Some(failure) => Err(Error::new(failure.error.code, format!("{}: {}", failure.path, failure.error.message))),
        None => Ok(()),
    }
}

/// Prints what a file is, from its header alone.
///
/// # Errors
/// `ModelUnusable` with the reason.
pub fn inspect(path: &Path, json: bool) -> Result<()> {
    let inspected = inspect::inspect(path)?;
    if json {
        return print_json(&inspected);
    }
    print(&format!(
        "name           {}\narchitecture   {}\nquantization   {}\nparameters     {}\nfile           {}\ncontext        {} tokens\n\
         tensors        {}\ntokenizer      {}\nGGUF version   {}\nchat template  {}\nlicence        {}\n",
        inspected.name.as_deref().unwrap_or("-"),
        inspected.architecture,
        inspected.quantization,
        inspected.parameters,
        size(inspected.bytes),
        inspected.context,
        inspected.tensors.len(),
        inspected.tokenizer,
        inspected.gguf_version,
        if inspected.template { "yes" } else { "no" },
        inspected.license.as_deref().unwrap_or("not said"),
    ))?;
    for kind in &inspected.types {
        print(&format!("{:14} {} tensors, {}\n", kind.type_name, kind.tensors, size(kind.bytes)))?;
    }
    for warning in &inspected.warnings {
        say!("Note: {}.", warning.trim_end_matches('.'));
    }
    Ok(())
}

/// The user or the system wants this program to end: Ctrl-C, or a polite signal.
async fn ended() {
    #[cfg(unix)]
    if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = signal.recv() => {}
        }
        return;
    }
    // Without signals there is nothing to wait for.
    let _ = tokio::signal::ctrl_c().await;
}
