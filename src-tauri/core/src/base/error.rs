//! What can go wrong, as the window and the terminal are told: a code where they act on it, and one sentence.

use serde::Serialize;
use ts_rs::TS;

use crate::base::visible::visible_sentence;

/// An error for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[error("{message}")]
#[ts(rename = "ApiError")]
pub struct Error {
    /// What to do about it in code.
    pub code: Code,
    /// One sentence that says what to do. It holds no text of users or models.
    #[serde(serialize_with = "serialize_sentence")]
    #[ts(as = "String")]
    pub message: String,
}

/// Errors that a caller treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// No model is chosen.
    NoModel,
    /// The model can't be loaded.
    ModelUnusable,
    /// The engine process ended.
    EngineDied,
    /// Something else is being answered.
    Busy,
    /// It was stopped by the user before there was anything to keep.
    Stopped,
    NotFound,
    /// What was given can't be used.
    BadInput,
    /// The database or the data folder.
    Store,
    /// The history can't be read, and a backup in its place can: it is damaged, cut off or gone.
    Damaged,
    /// A list can't be applied, so nothing is answered.
    Filter,
    /// The terms of a model's makers are not accepted yet.
    Terms,
    /// Requests are forbidden.
    Offline,
    /// Another machine can't be reached or does not answer as it should.
    Network,
    /// The hub wants an access token, or that its conditions are accepted.
    Token,
    DiskFull,
    /// A fault of Lethe.
    Internal,
}

/// Short for results with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// With a code and a sentence, in which what acts on a terminal or a line is shown as a mark.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: visible_sentence(&message.into()) }
    }

    /// It is not there (any more).
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("this {what} is not there any more: reload the list"))
    }

    /// A file of Lethe can't be written.
    pub(crate) fn unwritable(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(
            Code::Store,
            format!("{} can't be written ({}): free some space or check its rights", path.display(), error.kind()),
        )
    }

    /// What was given can't be used.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(Code::BadInput, message)
    }
}

/// A message as a sentence of its own, with a capital letter. In a terminal the program's name stands before it.
pub fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn serialize_sentence<S: serde::Serializer>(message: &str, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&sentence(message))
}

impl From<lethe_models::engine::EngineError> for Error {
    fn from(error: lethe_models::engine::EngineError) -> Self {
        use lethe_models::engine::EngineError as Engine;
        let code = match error {
            Engine::Died(_) => Code::EngineDied,
            Engine::Load(_) | Engine::NoKernels => Code::ModelUnusable,
            Engine::NoRoom => Code::DiskFull,
            Engine::Refused(_) => Code::BadInput,
            Engine::OtherModel => Code::Busy,
            Engine::Start { .. } | Engine::Version => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl From<lethe_models::gguf::GgufError> for Error {
    fn from(error: lethe_models::gguf::GgufError) -> Self {
        Self::new(Code::ModelUnusable, error.to_string())
    }
}

impl From<lethe_models::prompt::TemplateError> for Error {
    fn from(error: lethe_models::prompt::TemplateError) -> Self {
        Self::new(Code::ModelUnusable, error.to_string())
    }
}

impl From<lethe_models::tokens::TokensError> for Error {
    fn from(error: lethe_models::tokens::TokensError) -> Self {
        Self::new(Code::ModelUnusable, error.to_string())
    }
}

impl From<lethe_filters::ListError> for Error {
    fn from(error: lethe_filters::ListError) -> Self {
        Self::new(Code::BadInput, error.to_string())
    }
}

/// SQLite's primary result codes, <https://www.sqlite.org/rescode.html>.
mod sqlite {
    pub const BUSY: i32 = 5;
    pub const READ_ONLY: i32 = 8;
    pub const IO_ERROR: i32 = 10;
    pub const CORRUPT: i32 = 11;
    pub const FULL: i32 = 13;
    pub const NOT_A_DATABASE: i32 = 26;
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // An answer that is still written when its conversation goes for good.
        if error.as_database_error().is_some_and(|error| error.is_foreign_key_violation()) {
            return Self::not_found("conversation");
        }
        let code = match &error {
            sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<i32>().ok()),
            _ => None,
        };
        // Extended codes hold the primary one in their low byte.
        let message = match code.map(|code| code & 0xff) {
            Some(sqlite::FULL) => "the disk is full: free some space and try again; nothing that was stored is lost",
            Some(sqlite::IO_ERROR) => {
                "the disk of the data folder is full or can't be written: free some space or check it; nothing that was stored is lost"
            }
            Some(sqlite::BUSY) => "the history is in use by another program: close it and try again",
            Some(sqlite::READ_ONLY) => "the history can't be written: check the rights of the data folder",
            Some(sqlite::CORRUPT) => {
                return Self::new(Code::Damaged, "the history file is damaged: restore a backup of it");
            }
            Some(sqlite::NOT_A_DATABASE) => {
                "the history can't be opened with the key at hand: put the file store.key back beside it, or unlock the keychain it was made with"
            }
            _ => {
                // The text of the error may quote values; its sort tells nothing of them.
                tracing::error!(sort = sort(&error), code, "database");
                return Self::new(
                    Code::Store,
                    format!("the history can't be used: {}; if it stays so, restore a backup", sort(&error)),
                );
            }
        };
        Self::new(Code::Store, message)
    }
}

/// The sort of a database error in a few words.
fn sort(error: &sqlx::Error) -> &'static str {
    match error {
        sqlx::Error::Io(_) => "its disk can't be read or written",
        sqlx::Error::PoolTimedOut => "it does not answer, since much is done in it at once",
        sqlx::Error::PoolClosed => "Lethe is being closed",
        sqlx::Error::Database(_) => "it is not as this version of Lethe expects it",
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => "what is stored in it can't be read",
        _ => "something in it went wrong",
    }
}
