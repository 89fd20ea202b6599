//! Chat templates: Jinja by `minijinja`, with what Python's templates use besides ([`python`](super::python)).
//!
//! A template renders what Jinja2 renders as transformers sets it up (`trim_blocks`, `lstrip_blocks`, loop controls),
//! and ends within the bounds of [`limits`]. Its errors name a line of the template and nothing of the conversation.
//! Deliberately not here: other files. A template can include, import or extend nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value};
use serde::{Deserialize, Serialize};

use super::isolated;
use super::limits::{self, LONGEST_SOURCE};
use super::python;
use super::request::RenderRequest;

/// For models that bring no template and have no profile: the plain form that base models know.
pub const FALLBACK: &str =
    "{% for message in messages %}{{ message.role | capitalize }}: {{ message.content }}\n{% endfor %}Assistant:";

/// What is wrong with a template or a conversation. None of these holds text of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum TemplateError {
    /// It is no Jinja.
    #[error("the chat template in this model can't be read{place}: choose another file of the model", place = place(*line))]
    Syntax {
        /// Line of the template, from 1; 0 where none is known.
        line: usize,
    },
    /// Its source is over [`LONGEST_SOURCE`].
    #[error(
        "the chat template in this model is {bytes} bytes long, over the limit of {LONGEST_SOURCE}: choose another file of the model"
    )]
    TooLong {
        /// Length of the source in bytes.
        bytes: usize,
    },
    /// It refused the conversation or failed.
    #[error("the model's chat template refuses this conversation{place}: begin a new one", place = place(*line))]
    Refused {
        /// Line of the template, from 1; 0 where none is known.
        line: usize,
    },
    /// It took more steps or more memory than any sound template needs.
    #[error(
        "the model's chat template does not come to an end with this conversation{place}: choose another file of the model", place = place(*line)
    )]
    Endless {
        /// Line of the template, from 1; 0 where none is known.
        line: usize,
    },
    /// The template engine failed in a way that it should not.
    #[error("the model's chat template can't be used: choose another file of the model")]
    Broken,
    /// The vocabulary's control tokens can't be searched for.
    #[error("the control tokens of this model can't be used: choose another file of the model")]
    Vocabulary,
    /// No JSON, or not of the right shape.
    #[error("the request is no JSON object with a list called \"messages\": correct it")]
    Request,
    /// The system gives no thread.
    #[error("the system has no thread or memory left to render the prompt: close other programs")]
    NoThread,
}

/// Where in a template something is wrong, if that is known.
fn place(line: usize) -> String {
    if line == 0 { String::new() } else { format!(" (line {line})") }
}

/// Tells templates the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> jiff::Zoned + Send + Sync>);

impl Clock {
    /// Asks `now` whenever a template wants the time.
    pub fn new(now: impl Fn() -> jiff::Zoned + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The computer's clock, in its time zone.
    pub fn system() -> Self {
        Self::new(jiff::Zoned::now)
    }

    /// The time, now.
    pub(super) fn now(&self) -> jiff::Zoned {
        (self.0)()
    }
}

/// A template that can be rendered.
pub struct Template {
    place: Place,
    begin: String,
    end: String,
}

/// Where a template is rendered.
enum Place {
    /// In this process, compiled.
    Here(Box<Environment<'static>>),
    /// In a process of its own.
    Apart { program: PathBuf, source: String, clock: Clock },
}

impl Template {
    /// Compiles a template; `begin` and `end` are what it knows as `bos_token` and `eos_token`.
    ///
    /// # Errors
    /// `TooLong`, `Syntax`, `Broken`, `NoThread`.
    pub fn new(source: &str, begin: &str, end: &str, clock: Clock) -> Result<Self, TemplateError> {
        if source.len() > LONGEST_SOURCE {
            return Err(TemplateError::TooLong { bytes: source.len() });
        }
        let source = source.to_owned();
        let environment = limits::deep(move || compile(&source, clock))?;
        Ok(Self { place: Place::Here(Box::new(environment)), begin: begin.to_owned(), end: end.to_owned() })
    }

    /// A template that came with a file: `program`, the engine's, renders it. What is wrong with it is found then.
    ///
    /// # Errors
    /// `TooLong`.
    pub fn isolated(source: &str, begin: &str, end: &str, clock: Clock, program: &Path) -> Result<Self, TemplateError> {
        if source.len() > LONGEST_SOURCE {
            return Err(TemplateError::TooLong { bytes: source.len() });
        }
        let place = Place::Apart { program: program.to_owned(), source: source.to_owned(), clock };
        Ok(Self { place, begin: begin.to_owned(), end: end.to_owned() })
    }

    /// The prompt's text.
    ///
    /// # Errors
    /// `Refused`, `Endless`, `Broken`, `NoThread`; of an isolated template also `Syntax`.
    pub fn render(&self, request: &RenderRequest) -> Result<String, TemplateError> {
        let environment = match &self.place {
            Place::Here(environment) => environment,
            Place::Apart { program, source, clock } => {
                return isolated::render(program, source, (&self.begin, &self.end), clock, request);
            }
        };
        let (bytes, values) = request.size();
        let mut environment = Environment::clone(environment);
        environment.set_fuel(Some(limits::fuel(bytes, values)));
        let own = [("bos_token", &self.begin), ("eos_token", &self.end)];
        let own = own.map(|(name, text)| (name.to_owned(), Value::from(text.as_str())));
        let told = request.variables().iter().map(|(name, value)| (name.clone(), python::value(value)));
        let variables = Value::from_pairs(own.into_iter().chain(told));
        limits::deep(move || {
            let template = environment.get_template("chat").map_err(|error| rendering(&error))?;
            template.render(variables).map_err(|error| rendering(&error))
        })
    }
}

fn compile(source: &str, clock: Clock) -> Result<Environment<'static>, TemplateError> {
    let mut environment = Environment::new();
    // Otherwise an error holds the variables, which are the conversation.
    environment.set_debug(false);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|error| TemplateError::Syntax { line: line(&error) })?);
    python::add_to(&mut environment, clock);
    // Jinja2 knows one line end.
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    environment
        .add_template_owned("chat", python::without_generation_marks(&source))
        .map_err(|error| TemplateError::Syntax { line: line(&error) })?;
    Ok(environment)
}

fn rendering(error: &Error) -> TemplateError {
    let line = line(error);
    let is_endless = |error: &Error| error.kind() == ErrorKind::OutOfFuel;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<Error>().is_some_and(is_endless) {
            return TemplateError::Endless { line };
        }
        cause = error.source();
    }
    TemplateError::Refused { line }
}

fn line(error: &Error) -> usize {
    error.line().unwrap_or(0)
}
