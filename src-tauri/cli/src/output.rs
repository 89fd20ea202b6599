//! Printing: a closed pipe ends the program quietly, as `head` expects it. A terminal is given nothing that it would
//! obey: what models, lists, servers and files say may move, clear, write the clipboard or turn the text round.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use lethe_core::base::segment::Segment;
use lethe_core::base::visible::{visible, visible_json};
use lethe_core::chat::export;
use lethe_core::{Code, Error, Result};
use serde::Serialize;

/// Writes a line to standard error, as `eprintln!` does.
macro_rules! say {
    () => { $crate::output::to_stderr("\n") };
    ($($arguments:tt)*) => { $crate::output::to_stderr(&(format!($($arguments)*) + "\n")) };
}

/// Writes to standard error.
pub fn to_stderr(text: &str) {
    let mut err = io::stderr().lock();
    let shown = if err.is_terminal() { visible(text) } else { text.into() };
    // Nobody is left to be told.
    let _ = err.write_all(shown.as_bytes());
}

/// Writes to standard output at once.
///
/// # Errors
/// When standard output takes no more, such as on a full disk.
pub fn print(text: &str) -> Result<()> {
    if io::stdout().is_terminal() { print_bytes(visible(text).as_bytes()) } else { print_bytes(text.as_bytes()) }
}

/// Whether a file that the user named stands for standard output.
pub fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// A number with its noun.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Writes bytes to standard output at once.
///
/// # Errors
/// As [`print`].
pub fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            Err(Error::new(Code::Store, format!("the output can't be written ({}): check where it goes", error.kind())))
        }
        Ok(()) => Ok(()),
    }
}

/// Writes a value as one line of JSON.
///
/// # Errors
/// As [`print`].
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Internal, format!("the result can't be written as JSON: {error}")))?;
    print_bytes(format!("{}\n", visible_json(&json)).as_bytes())
}

/// The text of segments, with `[removed: kind]` where something was removed.
pub fn text_of(segments: &[Segment]) -> String {
    export::source(segments)
}

/// A size for people.
pub fn size(bytes: u64) -> String {
    lethe_models::memory::size_text(bytes)
}

/// A point in time for people, in their time zone.
pub fn date(milliseconds: i64) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    timestamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}
