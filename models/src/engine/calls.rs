//! The open calls of an engine: whom an event is for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::wire::{Call, Event, Load};

/// All of one process. Calls and loads are numbered together, so a number names one of either.
pub(super) struct Calls {
    next: AtomicU32,
    open: Mutex<HashMap<u32, UnboundedSender<Event>>>,
    /// When the process was heard last.
    heard: Mutex<Instant>,
}

/// One call; dropping it closes it.
pub(super) struct OpenCall {
    calls: Arc<Calls>,
    number: u32,
    pub(super) events: UnboundedReceiver<Event>,
}

impl OpenCall {
    pub(super) fn number(&self) -> u32 {
        self.number
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        lock(&self.calls.open).remove(&self.number);
    }
}

impl Calls {
    pub(super) fn new() -> Self {
        Self { next: AtomicU32::new(1), open: Mutex::default(), heard: Mutex::new(Instant::now()) }
    }

    pub(super) fn open(self: &Arc<Self>) -> OpenCall {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, events) = unbounded_channel();
        lock(&self.open).insert(number, sender);
        OpenCall { calls: self.clone(), number, events }
    }

    pub(super) fn close_all(&self) {
        lock(&self.open).clear();
    }

    pub(super) fn deliver(&self, event: Event) {
        *lock(&self.heard) = Instant::now();
        // A caller that has gone away needs no event.
        if let Some(sender) = number_of(&event).and_then(|number| lock(&self.open).get(&number).cloned()) {
            let _ = sender.send(event);
        }
    }

    /// How long the process has said nothing.
    pub(super) fn silent_for(&self) -> Duration {
        lock(&self.heard).elapsed()
    }
}

fn number_of(event: &Event) -> Option<u32> {
    match event {
        Event::Tokens { call: Call(number), .. }
        | Event::Reading { call: Call(number), .. }
        | Event::Token { call: Call(number), .. }
        | Event::Done { call: Call(number), .. }
        | Event::Failed { call: Call(number), .. }
        | Event::OtherLoad { call: Call(number) }
        | Event::Status { call: Call(number), .. }
        | Event::Unloaded { call: Call(number) }
        | Event::Loading { load: Load(number), .. }
        | Event::Loaded { load: Load(number), .. }
        | Event::LoadFailed { load: Load(number), .. } => Some(*number),
        Event::Hello { .. } => None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
