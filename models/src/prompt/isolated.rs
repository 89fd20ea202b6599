//! Templates of model files, rendered in a process of their own that may die.
//!
//! The template engine's fuel bounds nearly everything that a template can do ([`limits`](super::limits)). What it does
//! not count, such as joining lists that share one list many levels deep, can still ask for more memory than there
//! is. So a template that came with a file is rendered by the engine's program (`lethe-engine template`), and whoever
//! waits for it looks at its memory and at the clock. It costs some milliseconds a prompt.
//!
//! The task is one JSON object on standard input, the outcome another on standard output; neither is kept anywhere.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::request::RenderRequest;
use super::template::{Clock, Template, TemplateError};
use crate::program::Program;

/// How often the process is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// How long a template may take; in the process itself the wait is a little shorter and ends with a line number.
const LONGEST_WAIT: Duration = Duration::from_secs(12);

/// Memory for any conversation, bytes. Hostile templates that end by their fuel need a tenth of it.
const MEMORY: u64 = 768 << 20;

/// Memory for each byte of the conversation.
const MEMORY_PER_BYTE: u64 = 256;

#[derive(Serialize, Deserialize)]
struct Task {
    source: String,
    begin: String,
    end: String,
    now: String,
    variables: Map<String, Value>,
}

/// Renders with the engine's program.
///
/// # Errors
/// Those of the template; `Endless` when it takes too long or too much memory; `NoThread` when there is no process.
pub(super) fn render(
    program: &Path,
    source: &str,
    (begin, end): (&str, &str),
    clock: &Clock,
    request: &RenderRequest,
) -> Result<String, TemplateError> {
    let task = Task {
        source: source.to_owned(),
        begin: begin.to_owned(),
        end: end.to_owned(),
        now: clock.now().to_string(),
        variables: request.variables().clone(),
    };
    let task = serde_json::to_vec(&task).map_err(|_| TemplateError::Broken)?;
    let memory = MEMORY.saturating_add((task.len() as u64).saturating_mul(MEMORY_PER_BYTE));
    let mut child = Program::new(program, "template").start_blocking().map_err(|_| TemplateError::NoThread)?;
    let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(TemplateError::Broken);
    };
    let (sender, outcome) = sync_channel(1);
    let reader = std::thread::Builder::new().name("template".into()).spawn(move || {
        let mut bytes = Vec::new();
        // The process reads its whole task before it writes. One that died is told by what is missing here.
        let _ = stdin.write_all(&task);
        drop(stdin);
        let _ = stdout.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    let done = match reader {
        Ok(_) => wait(&child, memory, &outcome),
        Err(_) => Err(TemplateError::NoThread),
    };
    // Ended already, or never to end.
    let _ = child.kill();
    let _ = child.wait();
    serde_json::from_slice::<Result<String, TemplateError>>(&done?).unwrap_or(Err(TemplateError::Broken))
}

fn wait(child: &Child, memory: u64, outcome: &std::sync::mpsc::Receiver<Vec<u8>>) -> Result<Vec<u8>, TemplateError> {
    let start = Instant::now();
    let mut system = System::new();
    let process = Pid::from_u32(child.id());
    loop {
        match outcome.recv_timeout(GLANCE) {
            Ok(bytes) => return Ok(bytes),
            Err(RecvTimeoutError::Disconnected) => return Err(TemplateError::Broken),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let only = ProcessesToUpdate::Some(&[process]);
        system.refresh_processes_specifics(only, true, ProcessRefreshKind::nothing().with_memory());
        let used = system.process(process).map_or(0, sysinfo::Process::memory);
        if used > memory || start.elapsed() > LONGEST_WAIT {
            return Err(TemplateError::Endless { line: 0 });
        }
    }
}

/// The other side: one task from `input`, its outcome to `output`.
///
/// # Errors
/// When the task can't be read, or the outcome can't be written.
pub fn serve(input: impl Read, mut output: impl Write) -> std::io::Result<()> {
    let task: Task = serde_json::from_reader(input)?;
    let Ok(now) = task.now.parse::<jiff::Zoned>() else {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "the task has no time"));
    };
    let clock = Clock::new(move || now.clone());
    let rendered = Template::new(&task.source, &task.begin, &task.end, clock)
        .and_then(|template| template.render(&RenderRequest::with(task.variables)));
    serde_json::to_writer(&mut output, &rendered)?;
    output.flush()
}
