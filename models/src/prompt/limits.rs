//! What a template may cost: size of its source, steps, memory, depth of the stack, and time.
//!
//! A template comes with a file from anywhere. It can loop for ever, double a string thirty times or nest lists until
//! dropping them overflows the stack, which would end the whole program. So the template engine counts fuel (one step
//! or 64 bytes produced), sources have a longest length, and everything runs on a thread with a stack that is deep
//! enough for whatever fits into the fuel. The system gives a thread only the pages that it touches.
//!
//! The engine does not count everything: looking for the end of a long string, reading a long chain of operators. Each
//! is bounded by the fuel and the source, but together they can take minutes, so nobody waits for longer than
//! [`LONGEST_WAIT`]. A thread that is left alone ends when its fuel does.
//!
//! Not bounded here: lists that hold the same list many times over, many levels deep, when the template compares them or
//! joins them to text with `~`. The template engine walks through all of that before it counts. So templates of model
//! files are rendered in a process of their own ([`isolated`](super::isolated)).

use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::template::TemplateError;

/// Longest source of a template, bytes; the longest in llama.cpp's collection has 19 thousand.
pub const LONGEST_SOURCE: usize = 64 << 10;

/// How long a template may be compiled or rendered; sound ones take a few thousandths of a second.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Fuel for any conversation, however short.
const FUEL: u64 = 200_000;

/// Fuel for each byte of the conversation: each may be copied some sixty times.
const FUEL_PER_BYTE: u64 = 1;

/// Fuel for each value of the conversation; a message has three.
const FUEL_PER_VALUE: u64 = 500;

/// Some templates look at all messages for each message: fuel for each pair of values, up to so much.
const FUEL_FOR_PAIRS: u64 = 3_000_000;

/// Stack of the thread that compiles and renders, bytes.
const STACK: usize = 256 << 20;

/// Fuel for a conversation of so many bytes and values.
pub(super) fn fuel(bytes: u64, values: u64) -> u64 {
    let singly = bytes.saturating_mul(FUEL_PER_BYTE).saturating_add(values.saturating_mul(FUEL_PER_VALUE));
    let pairs = values.saturating_mul(values).min(FUEL_FOR_PAIRS);
    FUEL.saturating_add(singly).saturating_add(pairs)
}

/// Runs something on a thread with a deep stack, and drops there what it made besides its outcome.
pub(super) fn deep<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TemplateError> + Send + 'static,
) -> Result<T, TemplateError> {
    let (sender, outcome) = sync_channel(1);
    let thread = std::thread::Builder::new().name("template".into()).stack_size(STACK);
    let started = thread.spawn(move || {
        // Nobody listens any more when it took too long.
        let _ = sender.send(work());
    });
    started.map_err(|_| TemplateError::NoThread)?;
    match outcome.recv_timeout(LONGEST_WAIT) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Err(TemplateError::Endless { line: 0 }),
        // A panic within the template engine is its mistake, not the end of the program.
        Err(RecvTimeoutError::Disconnected) => Err(TemplateError::Broken),
    }
}
