//! An engine that misbehaves: the real one behind a go-between that speaks its protocol and withholds some of it.
//!
//! What it withholds is said by the name of the model file, or by its own name for what comes before any model:
//!
//! | in the name | what happens |
//! |---|---|
//! | `speechless` (its own) | it says nothing at all |
//! | `endless` | loading begins and never ends |
//! | `mute` | a prompt is never answered |
//! | `deaf` | a stop is not heard |
//! | `clinging` | the model is not let go of |
//!
//! Everything but `run` is left to the real engine, which lies beside this program.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};

use lethe_models::wire::{self, Event, Request};

fn main() -> ExitCode {
    let mut arguments = std::env::args();
    let own = arguments.next().unwrap_or_default();
    let arguments: Vec<String> = arguments.collect();
    let runs = arguments.first().is_some_and(|task| task == "run");
    if runs && own.contains("speechless") {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        return ExitCode::SUCCESS;
    }
    let mut engine = Command::new(real_engine());
    engine.args(&arguments);
    let ended = if runs { between(engine) } else { engine.status().map(|status| status.success()) };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn real_engine() -> PathBuf {
    let own = std::env::current_exe().expect("a program knows its own file");
    own.with_file_name(format!("lethe-engine{}", std::env::consts::EXE_SUFFIX))
}

/// Passes frames on in both directions until the standard input ends.
fn between(mut engine: Command) -> io::Result<bool> {
    let mut child = engine.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (mut stdin, mut stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let out = Arc::new(Mutex::new(io::stdout()));
    let events = out.clone();
    std::thread::spawn(move || {
        while let Ok(Some(event)) = wire::read_frame::<Event>(&mut stdout) {
            send(&mut *events.lock().expect("nobody panics"), &event);
        }
    });
    let mut requests = io::stdin().lock();
    let mut model = String::new();
    while let Some(request) = next(&mut requests) {
        match &request {
            Request::Load { load, request } => {
                model = request.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                if model.contains("endless") {
                    let half = Event::Loading { load: *load, share: 0.5 };
                    send(&mut *out.lock().expect("nobody panics"), &half);
                    continue;
                }
            }
            Request::Generate(_) if model.contains("mute") => continue,
            Request::Stop { .. } if model.contains("deaf") => continue,
            Request::Unload { .. } if model.contains("clinging") => continue,
            _ => {}
        }
        send(&mut stdin, &request);
    }
    drop(stdin);
    child.wait().map(|status| status.success())
}

fn next(requests: &mut impl Read) -> Option<Request> {
    wire::read_frame(requests).ok().flatten()
}

fn send(to: &mut impl Write, frame: &impl serde::Serialize) {
    // Whoever has gone away hears nothing.
    let bytes = wire::frame_bytes(frame).expect("a frame that came in one piece");
    let _ = to.write_all(&bytes).and_then(|()| to.flush());
}
