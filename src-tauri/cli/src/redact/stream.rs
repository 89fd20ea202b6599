//! Filtering what comes in parts: each part is given out as soon as nothing that follows can change it.

use std::io::{ErrorKind, Read};

use lethe_core::{Error, Result};
use lethe_filters::{Filter, FilteredText};
use lethe_models::text::Utf8Stream;

use super::account::Account;

/// Most bytes that are read at once, whatever was asked for.
const LARGEST_CHUNK: usize = 1 << 24;

/// Filters `input` to its end, `chunk` bytes at most at a time. Each sequence that is not UTF-8 becomes one U+FFFD.
///
/// # Errors
/// `BadInput` for input that can't be read, and those of `write`.
pub fn redact(
    filter: &Filter,
    chunk: usize,
    name: &str,
    input: &mut dyn Read,
    account: &mut Account,
    write: &mut dyn FnMut(&FilteredText) -> Result<()>,
) -> Result<()> {
    let mut redactor = filter.redactor();
    let mut utf8 = Utf8Stream::default();
    let mut buffer = vec![0; chunk.min(LARGEST_CHUNK)];
    loop {
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                let kind = error.kind();
                return Err(Error::bad_input(format!("{name} can't be read ({kind}): check where it comes from")));
            }
        };
        let filtered = redactor.push(&utf8.push(&buffer[..read]));
        account.take(&filtered, &mut utf8);
        write(&filtered)?;
    }
    let mut filtered = redactor.push(&utf8.finish());
    filtered.append(redactor.finish());
    account.take(&filtered, &mut utf8);
    write(&filtered)
}
