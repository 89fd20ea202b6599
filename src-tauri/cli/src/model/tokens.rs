//! `model tokenize` and `model render`: what a model really reads.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use lethe_core::{Error, Lethe, Result};
use lethe_models::gguf::Header;
use lethe_models::outline::{outline, structural};
use lethe_models::prompt::template::{Clock, Template};
use lethe_models::prompt::{Prompter, RenderRequest};
use lethe_models::tokens::{Tokenizer, TokenizerSource};
use lethe_models::wire::Token;
use serde::Serialize;

use crate::output::{print, print_json};

/// Text to tokens.
#[derive(Args)]
pub struct Tokenize {
    /// Name or path of a model
    #[arg(long, value_name = "M")]
    model: String,
    /// Show where llama.cpp's own tokeniser differs
    #[arg(long)]
    compare: bool,
}

/// A prompt's text.
#[derive(Args)]
pub struct Render {
    /// Name or path of a model, whose template is used
    #[arg(long, value_name = "M", required_unless_present = "template", conflicts_with = "template")]
    model: Option<String>,
    /// A file with a chat template
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
}

/// Both tokenisers beside each other.
#[derive(Serialize)]
struct Comparison {
    tokenizer: String,
    equal: bool,
    tokens: Vec<Token>,
    llama_cpp: Vec<Token>,
    lines: Vec<Line>,
}

/// A line of the input that llama.cpp cuts differently.
#[derive(Serialize)]
struct Line {
    number: usize,
    tokens: Vec<String>,
    llama_cpp: Vec<String>,
}

/// Runs `model tokenize`.
///
/// # Errors
/// `NoModel`, `ModelUnusable`, `EngineDied`, `BadInput` for text that is not UTF-8.
pub async fn tokenize(lethe: &Lethe, tokenize: &Tokenize, json: bool) -> Result<()> {
    let text = read_input()?;
    let file = lethe.models().find_or_import(&tokenize.model).await?;
    let header = Header::read(file.path()?)?;
    let model = outline(file.path()?, &header)?;
    let tokenizer = Tokenizer::of_model(file.path()?, &header, &structural(&model))?;
    if let (Some(tokenizer), false) = (&tokenizer, tokenize.compare) {
        return print_json(&tokenizer.tokenize(&text));
    }
    let loaded = lethe.running().ready(&file, &lethe.settings()).await?.here()?;
    let llama_cpp = loaded.engine.tokenize(&text).await?;
    if !tokenize.compare {
        say!("{}", described(None));
        return print_json(&llama_cpp);
    }
    let Some(tokenizer) = tokenizer else {
        return Err(Error::bad_input(format!("there is nothing to compare with: {}", described(None))));
    };
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let (ours, theirs) = (tokenizer.tokenize(line), loaded.engine.tokenize(line).await?);
        if ours != theirs {
            let shown = |tokens: &[Token]| {
                let text = |token: &Token| String::from_utf8_lossy(tokenizer.bytes(*token)).into_owned();
                tokens.iter().map(text).collect()
            };
            lines.push(Line { number: number + 1, tokens: shown(&ours), llama_cpp: shown(&theirs) });
        }
    }
    let tokens = tokenizer.tokenize(&text);
    let equal = tokens == llama_cpp;
    let comparison = Comparison { tokenizer: described(Some(tokenizer.source())), equal, tokens, llama_cpp, lines };
    if json { print_json(&comparison) } else { print(&shown(&comparison)) }
}

fn shown(comparison: &Comparison) -> String {
    let mut text = format!(
        "{}\n{} tokens, llama.cpp {}: {}\n",
        comparison.tokenizer,
        comparison.tokens.len(),
        comparison.llama_cpp.len(),
        if comparison.equal { "equal" } else { "not equal" }
    );
    for line in &comparison.lines {
        text += &format!(
            "line {}: {} tokens, llama.cpp {}\n  {}\n  {}\n",
            line.number,
            line.tokens.len(),
            line.llama_cpp.len(),
            line.tokens.join("|"),
            line.llama_cpp.join("|")
        );
    }
    text
}

/// Where a tokeniser comes from, in a sentence.
pub fn described(source: Option<TokenizerSource>) -> String {
    lethe_core::models::page::tokenizer_text(source)
}

/// Runs `model render`.
///
/// # Errors
/// `NoModel`, `ModelUnusable` with what is wrong with template or conversation, `BadInput` for input that is no request.
pub async fn render(lethe: &Lethe, render: &Render) -> Result<()> {
    let request = RenderRequest::parse(&read_input()?).map_err(|error| Error::bad_input(error.to_string()))?;
    let text = match (&render.template, &render.model) {
        (Some(path), _) => {
            let source = std::fs::read_to_string(path).map_err(|error| {
                Error::bad_input(format!(
                    "the template {} can't be read ({}): check the path",
                    path.display(),
                    error.kind()
                ))
            })?;
            Template::isolated(&source, "", "", Clock::system(), lethe.paths().engine())?.render(&request)?
        }
        (None, model) => {
            let file = lethe.models().find_or_import(model.as_deref().unwrap_or_default()).await?;
            let header = Header::read(file.path()?)?;
            let model = outline(file.path()?, &header)?;
            Prompter::isolated(&model, header.architecture(), Clock::system(), lethe.paths().engine())?
                .render_text(&request)?
        }
    };
    let mut out = std::io::stdout();
    // Exactly the prompt: no line end is added.
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|_| Error::bad_input("nobody reads the output"))
}

fn read_input() -> Result<String> {
    std::io::read_to_string(std::io::stdin())
        .map_err(|_| Error::bad_input("the text on standard input is not UTF-8: save it as UTF-8"))
}
