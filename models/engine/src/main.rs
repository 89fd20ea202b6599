//! `lethe-engine`: the process that runs llama.cpp, so that a crash there takes nothing else along.
//!
//! ```text
//! lethe-engine run --module FILE            frames on stdin and stdout, see lethe_models::wire
//! lethe-engine variants --folder DIR        the CPU modules and their scores, best first, as JSON
//! lethe-engine probe --module FILE --scratch DIR --threads 1,2
//!                                           runs a tiny model, prints its speed as JSON; may die of SIGILL
//! lethe-engine devices --gpu FILE           the devices of a module for graphics processors, as JSON
//! lethe-engine probe-device --module FILE --gpu FILE --device NAME --scratch DIR --threads N
//!                                           a tiny model on the processor and on a device, the speeds as JSON
//! lethe-engine fit --module FILE --model FILE --context N [--gpu FILE --device NAME --layers N]
//!                                           the memory that loading would take, as JSON; takes none itself
//! lethe-engine bench --module FILE --model FILE --threads N --prompt N --answer N --rounds N
//!                                           the kernels alone, without frames and sampling, as JSON
//! lethe-engine types --module FILE --scratch DIR --threads N
//!                                           the speed of each type of weights, as JSON
//! lethe-engine quantize --module FILE --in FILE --out FILE --type T --threads N
//!                                           the same model in another type of weights, progress as JSON lines
//! lethe-engine logits --module FILE --model FILE --tokens FILE --out FILE --greedy N --threads N
//!                                           what the model computes behind each token, and the likeliest tokens then
//! lethe-engine template                     one chat template rendered, see lethe_models::prompt::isolated
//! ```
//!
//! The end of standard input ends the process at once, in the middle of a computation as well, so it never outlives
//! its parent. Deliberately not here: the filter, history, prompts as text, the network.

mod bench;
mod device;
mod kernels;
mod llama;
mod log;
mod logits;
mod memory;
mod probe_model;
mod quantize;
mod session;
mod stops;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use lethe_models::fit::Needs;
use lethe_models::program::{FAILURE, NO_ROOM};
use lethe_models::weight_type::UnknownWeightType;
use lethe_models::wire::{self, Call, Event, Load, LoadRequest, Offload, PROTOCOL, Request};

use crate::device::Device;
use crate::llama::{Cache, Context, ContextSize, Model, Placement};
use crate::session::Session;
use crate::stops::STOPS;

/// Tokens wait for others at most this long, and no longer than until the next one.
const TOGETHER: Duration = Duration::from_millis(25);

fn main() -> ExitCode {
    lethe_models::dumps::forbid();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("run") => run(value(&arguments, "--module").as_deref().map(Path::new)),
        Some("variants") => variants(&arguments),
        Some("probe") => probe(&arguments),
        Some("devices") => devices(&arguments),
        Some("probe-device") => probe_device(&arguments),
        Some("fit") => fit(&arguments),
        Some("bench") => measure(&arguments),
        Some("types") => types(&arguments),
        Some("quantize") => quantize(&arguments),
        Some("logits") => logits(&arguments),
        Some("template") => lethe_models::prompt::isolated::serve(io::stdin().lock(), io::stdout())
            .map_err(|error| Failure::Sentence(error.to_string())),
        _ => {
            eprintln!(
                "lethe-engine is started by Lethe: run | variants | probe | devices | probe-device | fit | bench | types | quantize | logits | template"
            );
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::NoRoom) => ExitCode::from(NO_ROOM),
        Err(Failure::Sentence(reason)) => {
            eprintln!("{FAILURE}{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Why the program ends with a failure.
#[derive(Debug)]
pub enum Failure {
    /// The disk is full.
    NoRoom,
    /// One sentence for people.
    Sentence(String),
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self::Sentence(sentence)
    }
}

fn value(arguments: &[String], name: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).cloned()
}

fn required(arguments: &[String], name: &str) -> Result<PathBuf, String> {
    value(arguments, name).map(PathBuf::from).ok_or_else(|| format!("{name} is missing"))
}

fn variants(arguments: &[String]) -> Result<(), Failure> {
    let scored = kernels::scored(&required(arguments, "--folder")?)?;
    print_json(&scored)
}

fn probe(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    let scratch = required(arguments, "--scratch")?;
    let threads = value(arguments, "--threads").unwrap_or_default();
    let threads: Vec<u32> = threads.split(',').filter_map(|count| count.parse().ok()).collect();
    print_json(&kernels::measure(&threads, &scratch)?)
}

fn devices(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    print_json(&device::all())
}

fn probe_device(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    let device = value(arguments, "--device").unwrap_or_default();
    let scratch = required(arguments, "--scratch")?;
    print_json(&kernels::compare(Device::named(&device)?, number(arguments, "--threads")?, &scratch)?)
}

fn fit(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    let placement = match value(arguments, "--device") {
        Some(name) => Placement::Device(Device::named(&name)?, number(arguments, "--layers")?),
        None => Placement::Processor,
    };
    let (memory, device) =
        memory::simulate(&required(arguments, "--model")?, number(arguments, "--context")?, placement)?;
    print_json(&Needs { memory, device })
}

fn measure(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    let model = required(arguments, "--model")?;
    let number = |name: &str| number(arguments, name);
    let rates =
        bench::run(&model, number("--threads")?, number("--prompt")?, number("--answer")?, number("--rounds")?)?;
    print_json(&rates)
}

fn types(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    print_json(&kernels::measure_types(number(arguments, "--threads")?, &required(arguments, "--scratch")?)?)
}

fn quantize(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    let weight_type = value(arguments, "--type").unwrap_or_default();
    let weight_type = weight_type.parse().map_err(|error: UnknownWeightType| error.to_string())?;
    let (input, output) = (required(arguments, "--in")?, required(arguments, "--out")?);
    Ok(quantize::run(&input, &output, weight_type, number(arguments, "--threads")?)?)
}

fn logits(arguments: &[String]) -> Result<(), Failure> {
    begin(arguments)?;
    let tokens = required(arguments, "--tokens")?;
    let json = std::fs::read_to_string(&tokens).map_err(|error| format!("the tokens can't be read: {error}"))?;
    let tokens: Vec<u32> = serde_json::from_str(&json).map_err(|_| "the tokens are no list of numbers".to_owned())?;
    let (model, output) = (required(arguments, "--model")?, required(arguments, "--out")?);
    let greedy = number(arguments, "--greedy")?;
    print_json(&logits::run(&model, &tokens, &output, greedy, number(arguments, "--threads")?)?)
}

/// Loads the kernels that are named and prepares llama.cpp.
fn begin(arguments: &[String]) -> Result<(), String> {
    log::take_over();
    end_with_parent();
    for name in ["--module", "--gpu"] {
        if let Some(module) = value(arguments, name) {
            llama::load_module(Path::new(&module))?;
        }
    }
    llama::start();
    Ok(())
}

fn number(arguments: &[String], name: &str) -> Result<u32, String> {
    value(arguments, name).and_then(|text| text.parse().ok()).ok_or(format!("{name} is missing"))
}

/// Ends this process when its standard input ends, so that it does not outlive its parent.
fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        std::process::exit(1);
    });
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string(value).map_err(|error| error.to_string())?;
    Ok(writeln!(io::stdout(), "{json}").map_err(|error| error.to_string())?)
}

/// Serves requests until standard input ends.
fn run(module: Option<&Path>) -> Result<(), Failure> {
    log::take_over();
    if let Some(module) = module {
        llama::load_module(module)?;
    }
    llama::start();
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || read_requests(&sender));
    let mut out = BufWriter::new(io::stdout());
    let mut flushed = Instant::now();
    let mut among_tokens = false;
    let mut send = |event: &Event| {
        out.write_all(&wire::frame_bytes(event)?)?;
        // Waking Lethe for each token takes a processor away from the computation: tokens that come fast travel together.
        // The first one goes at once, and so does each one of a slow model.
        let token = matches!(event, Event::Token { .. });
        if !token || !among_tokens || flushed.elapsed() >= TOGETHER {
            out.flush()?;
            flushed = Instant::now();
        }
        among_tokens = token;
        Ok(())
    };
    let build = format!("{} llama-cpp-sys-2 {}", env!("CARGO_PKG_VERSION"), env!("LETHE_LLAMA_BUILD"));
    let served = send(&Event::Hello { protocol: PROTOCOL, build }).and_then(|()| serve(&requests, &mut send));
    served.map_err(|error| Failure::Sentence(format!("Lethe can't be reached any more: {error}")))
}

fn read_requests(sender: &mpsc::Sender<Request>) {
    let mut stdin = io::stdin().lock();
    loop {
        match wire::read_frame::<Request>(&mut stdin) {
            // A stop must not wait behind the generation it is to end.
            Ok(Some(Request::Stop { call })) => STOPS.stop(call),
            Ok(Some(request)) => {
                if let Request::Generate(request) = &request {
                    STOPS.wait(request.call);
                }
                if sender.send(request).is_err() {
                    return;
                }
            }
            Ok(None) => leave(0),
            Err(error) => {
                eprintln!("{FAILURE}a request can't be read: {}", error.kind());
                leave(1);
            }
        }
    }
}

/// Ends the process now, without running destructors under the feet of a computation.
fn leave(code: i32) -> ! {
    #[cfg(unix)]
    // SAFETY: ends the process; nothing here needs to be flushed.
    unsafe {
        libc::_exit(code)
    }
    #[cfg(not(unix))]
    std::process::exit(code)
}

/// Without a model: waits for one.
fn serve(requests: &mpsc::Receiver<Request>, send: session::Send<'_>) -> io::Result<()> {
    let mut next = requests.recv().ok();
    while let Some(request) = next {
        next = match request {
            Request::Load { load, request } => serve_model(load, &request, requests, send)?,
            other => {
                answer_without_model(other, send)?;
                requests.recv().ok()
            }
        };
    }
    Ok(())
}

fn answer_without_model(request: Request, send: session::Send<'_>) -> io::Result<()> {
    match request {
        Request::Tokenize { call, .. } => send(&Event::OtherLoad { call }),
        Request::Generate(request) => refuse(request.call, send),
        Request::Status { call } => send(&Event::Status { call, loaded: None, cached: 0 }),
        Request::Unload { call } => send(&Event::Unloaded { call }),
        Request::Load { .. } | Request::Stop { .. } => Ok(()),
    }
}

/// Answers a generation for a model that is not loaded.
fn refuse(call: Call, send: session::Send<'_>) -> io::Result<()> {
    STOPS.end(call);
    send(&Event::OtherLoad { call })
}

/// With a model: until it is unloaded or another is asked for. Gives back the request that ended it.
fn serve_model(
    load: Load,
    wanted: &LoadRequest,
    requests: &mpsc::Receiver<Request>,
    send: session::Send<'_>,
) -> io::Result<Option<Request>> {
    let _ = log::take_error();
    memory::begin();
    let mut sent = Ok(());
    let mut shown = -1.0f32;
    let failed = |reason, send| failed(load, reason, requests, send);
    let placement = match wanted.offload.as_ref().map(placement).transpose() {
        Ok(placement) => placement.unwrap_or(Placement::Processor),
        Err(reason) => return failed(reason, send),
    };
    // Behind the drivers' own helpers, some of which run as another user, and before a file of others is read.
    lethe_models::dumps::forbid_more_rights();
    let model = Model::load(&wanted.path, placement, |share| {
        if share - shown >= 0.01 || share >= 1.0 {
            shown = share;
            sent = send(&Event::Loading { load, share });
        }
    });
    sent?;
    let model = match model {
        Ok(model) => model,
        Err(reason) => return failed(reason, send),
    };
    let size = ContextSize {
        tokens: wanted.context,
        threads: wanted.threads,
        prompt_threads: wanted.prompt_threads,
        cache: Cache::Usual,
    };
    let context = match Context::new(&model, size) {
        Ok(context) => context,
        Err(reason) => return failed(reason, send),
    };
    let mut session = Session::new(&model, context);
    send(&Event::Loaded { load, model: Box::new(model.describe(session.context())) })?;
    while let Ok(request) = requests.recv() {
        match request {
            Request::Tokenize { load: meant, call, .. } if meant != load => send(&Event::OtherLoad { call })?,
            Request::Tokenize { call, text, .. } => match model.vocabulary().tokenize(&text.0) {
                Ok(tokens) => send(&Event::Tokens { call, tokens })?,
                Err(reason) => send(&Event::Failed { call, reason })?,
            },
            Request::Generate(request) if request.load != load => refuse(request.call, send)?,
            Request::Generate(request) => session.generate(&request, send)?,
            Request::Status { call } => send(&Event::Status { call, loaded: Some(load), cached: session.held() })?,
            Request::Unload { call } => {
                drop(session);
                drop(model);
                send(&Event::Unloaded { call })?;
                return Ok(requests.recv().ok());
            }
            Request::Load { .. } => return Ok(Some(request)),
            Request::Stop { .. } => {}
        }
    }
    Ok(None)
}

/// Loads the module that drives the device, once, and finds it.
fn placement(offload: &Offload) -> Result<Placement, String> {
    let device = match Device::named(&offload.device) {
        Ok(device) => device,
        Err(_) => {
            llama::load_module(&offload.module)?;
            Device::named(&offload.device)?
        }
    };
    Ok(Placement::Device(device, offload.layers))
}

fn failed(
    load: Load,
    reason: String,
    requests: &mpsc::Receiver<Request>,
    send: session::Send<'_>,
) -> io::Result<Option<Request>> {
    let reason = match log::take_error() {
        Some(cause) => format!("{reason}: {cause}"),
        None => reason,
    };
    send(&Event::LoadFailed { load, reason })?;
    Ok(requests.recv().ok())
}
