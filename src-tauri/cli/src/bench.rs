//! `bench`: what this machine does, as a table. Ratios compare runs that were interleaved on the same machine.
//!
//! Direct: `lethe-engine bench`, llama.cpp's kernels in a loop without sampling. Whole path: a question to Lethe with
//! engine process, frames, sampling, filter, database, and events. Each is the best of several rounds.

mod harm;
mod sweep;

use std::path::Path;
use std::time::Instant;

use clap::Args;
use lethe_core::base::network::Network;
use lethe_core::base::settings::Settings;
use lethe_core::chat::history::UserText;
use lethe_core::chat::turn::{ChatEvent, Options};
use lethe_core::models::model::ModelFile;
use lethe_core::{Code, Error, Lethe, Result};
use lethe_filters::{Detectors, Entry, Filter, Kind, List};
use lethe_models::kernels::{self, Choice};
use lethe_models::speeds;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::unbounded_channel;

use crate::output::{print, print_json};

/// What to measure.
#[derive(Args)]
pub struct Bench {
    /// Name or path of a model; without it the one chosen last
    #[arg(long, value_name = "M")]
    model: Option<String>,
    /// Rounds of each measurement
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Answers to store and sweep
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    answers: u32,
    /// Entries of the list that they are swept by
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    entries: usize,
    /// Tokens to generate in each round
    #[arg(long, default_value_t = 128)]
    tokens: u32,
    #[command(flatten)]
    harm: harm::Harm,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Rates {
    prompt_rate: f64,
    answer_rate: f64,
}

#[derive(Serialize)]
struct Table {
    model: String,
    kernels: String,
    threads: u32,
    direct: Rates,
    whole_path: Rates,
    decode_ratio: f64,
    prompt_ratio: f64,
    prompt_tokens: u32,
    stop: Stop,
    filter: Vec<FilterRow>,
    sweep: sweep::SweepRow,
}

/// Milliseconds from the user's stop to the stored answer.
#[derive(Serialize)]
struct Stop {
    while_reading_ms: f64,
    while_generating_ms: f64,
}

#[derive(Serialize)]
struct FilterRow {
    what: String,
    megabytes_per_s: f64,
    microseconds_per_token: f64,
}

/// Runs `bench`.
///
/// # Errors
/// What loading or answering fails with; with `--harm` what can't be used of what was given.
pub async fn run(bench: &Bench, data: Option<&Path>, json: bool) -> Result<()> {
    if bench.harm.is_wanted() {
        return harm::run(&bench.harm, json);
    }
    let file = {
        let lethe = Lethe::open(data, Network::Off).await?;
        let file = match &bench.model {
            Some(model) => lethe.models().find_or_import(model).await?,
            None => lethe.models().default_model(lethe.settings().model.as_deref()).await?,
        };
        lethe.close().await;
        file
    };
    // Conversations of a benchmark do not belong into anybody's history.
    let scratch = tempfile::tempdir().map_err(|error| {
        Error::new(Code::Store, format!("there is no room for temporary files ({error}): free some space"))
    })?;
    let lethe = Lethe::open(Some(scratch.path()), Network::Off).await?;
    let table = measure(bench, &lethe, &file, scratch.path()).await;
    lethe.close().await;
    let table = table?;
    if json { print_json(&table) } else { print(&shown(&table)) }
}

async fn measure(bench: &Bench, lethe: &Lethe, file: &ModelFile, scratch: &Path) -> Result<Table> {
    let program = lethe.running().program().to_owned();
    let choice = kernels::choose(&program, lethe.paths().data(), |text| say!("{text}")).await?;
    let question = UserText::parse(&question())?;
    let mut direct = Rates::default();
    let mut whole = Rates::default();
    let mut prompt_tokens = 512;
    let best = |best: &mut Rates, new: Rates| {
        best.prompt_rate = best.prompt_rate.max(new.prompt_rate);
        best.answer_rate = best.answer_rate.max(new.answer_rate);
    };
    // One round to warm up, then both in turn: what else the machine does hits both alike.
    for round in 0..=bench.rounds {
        let (rates, tokens) = whole_path(lethe, file, &question, bench.tokens).await?;
        prompt_tokens = tokens;
        lethe.running().stop().await;
        let alone = direct_rates(&program, &choice, file, prompt_tokens, bench.tokens).await?;
        if round > 0 {
            best(&mut whole, rates);
            best(&mut direct, alone);
        }
        say!("round {round}: direct {:.1}, whole path {:.1} tokens/s", alone.answer_rate, rates.answer_rate);
    }
    let stop = Stop {
        while_reading_ms: stop_time(lethe, file, |event| matches!(event, ChatEvent::Reading { done: 1.., .. })).await?,
        while_generating_ms: stop_time(lethe, file, |event| matches!(event, ChatEvent::Text { .. })).await?,
    };
    Ok(Table {
        model: file.id.clone(),
        kernels: choice.variant(),
        threads: choice.threads,
        decode_ratio: whole.answer_rate / direct.answer_rate,
        prompt_ratio: whole.prompt_rate / direct.prompt_rate,
        direct,
        whole_path: whole,
        prompt_tokens,
        stop,
        filter: filter_rows()?,
        sweep: sweep::measure(lethe, scratch, bench.answers, bench.entries).await?,
    })
}

/// About 500 tokens, so that the prompt is worth measuring.
fn question() -> String {
    let sentence =
        "The garden behind the old mill has nine apple trees, and every autumn the children count what fell. ";
    format!("{}Tell a long story about it.", sentence.repeat(22))
}

async fn whole_path(lethe: &Lethe, file: &ModelFile, question: &UserText, tokens: u32) -> Result<(Rates, u32)> {
    let settings = Settings { max_tokens: Some(tokens), seed: Some(1), ..Settings::default() };
    let path = file.path()?.display().to_string();
    let options = Options { model: Some(path), settings: Some(settings), ignore_end: true, ..Options::default() };
    lethe.running().ready(file, &options.settings.clone().unwrap_or_default()).await?;
    let (sender, mut events) = unbounded_channel();
    // Takes the events as a window would, and notes when text arrived and how many tokens it stood for.
    let reader = tokio::spawn(async move {
        let mut arrived = Vec::new();
        while let Some(event) = events.recv().await {
            if let ChatEvent::Text { completion_tokens, .. } = event {
                arrived.push((Instant::now(), completion_tokens));
            }
        }
        arrived
    });
    let answer = lethe.turns().send(None, question, &options, &sender).await?;
    drop(sender);
    let arrived = reader.await.unwrap_or_default();
    let answer_rate = match (arrived.first(), arrived.last()) {
        (Some((first, before)), Some((last, after))) if last > first => {
            f64::from(after - before) / (*last - *first).as_secs_f64()
        }
        _ => 0.0,
    };
    let prompt_rate = f64::from(answer.stats.prompt_tokens) / (answer.stats.ttft_ms / 1000.0);
    let rates = Rates { prompt_rate, answer_rate };
    Ok((rates, answer.stats.prompt_tokens))
}

/// Stops a long answer to a long prompt at the first event that `when` names.
async fn stop_time(lethe: &Lethe, file: &ModelFile, when: impl Fn(&ChatEvent) -> bool) -> Result<f64> {
    let settings = Settings { seed: Some(1), ..Settings::default() };
    let path = file.path()?.display().to_string();
    let options = Options { model: Some(path), settings: Some(settings), ignore_end: true, ..Options::default() };
    let question = UserText::parse(&question().repeat(4))?;
    let (sender, mut events) = unbounded_channel();
    let answering = lethe.turns().send(None, &question, &options, &sender);
    tokio::pin!(answering);
    let mut conversation = None;
    let mut stopped = None;
    loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => {
                if let ChatEvent::Started { conversation: started, .. } = &event {
                    conversation = Some(started.id);
                }
                if let Some(conversation) = conversation && stopped.is_none() && when(&event) {
                    stopped = Some(Instant::now());
                    lethe.turns().stop(conversation);
                }
            }
            answer = &mut answering => {
                answer?;
                return Ok(stopped.map_or(f64::NAN, |stopped| stopped.elapsed().as_secs_f64() * 1000.0));
            }
        }
    }
}

async fn direct_rates(program: &Path, choice: &Choice, file: &ModelFile, prompt: u32, answer: u32) -> Result<Rates> {
    let rates = speeds::kernels_alone(program, choice, file.path()?, prompt, answer).await?;
    Ok(Rates { prompt_rate: rates.prompt_rate, answer_rate: rates.answer_rate })
}

/// The filter on a text of a megabyte: with detectors, and with lists of invented names.
fn filter_rows() -> Result<Vec<FilterRow>> {
    let text = "Nobody in the village remembered who had planted the trees behind the mill, or when. ".repeat(12_000);
    let mut rows = Vec::new();
    for entries in [0usize, 1_000, 50_000] {
        let names = (0..entries).map(|number| Entry::new(format!("e{number}"), Kind::Person, invented_name(number)));
        let lists = if entries == 0 { Vec::new() } else { vec![List::from_entries("invented", names.collect())?] };
        let filter = Filter::new(lists, Detectors::all())?;
        let mut seconds = f64::MAX;
        let mut pieces = 0u32;
        for _ in 0..3 {
            let mut redactor = filter.redactor();
            pieces = 0;
            let start = Instant::now();
            // A token of English is about four bytes.
            for piece in text.as_bytes().chunks(4) {
                pieces += 1;
                let _ = redactor.push(std::str::from_utf8(piece).unwrap_or_default());
            }
            let _ = redactor.finish();
            seconds = seconds.min(start.elapsed().as_secs_f64());
        }
        #[expect(clippy::cast_precision_loss, reason = "a megabyte or so")]
        let megabytes = text.len() as f64 / 1e6;
        let what = if entries == 0 { "all detectors".to_owned() } else { format!("all detectors, {entries} names") };
        rows.push(FilterRow {
            what,
            megabytes_per_s: megabytes / seconds,
            microseconds_per_token: seconds * 1e6 / f64::from(pieces),
        });
    }
    Ok(rows)
}

/// Two words that no language has, different for each number.
fn invented_name(number: usize) -> String {
    const PARTS: [&str; 16] =
        ["bra", "cu", "dri", "fe", "gno", "hul", "ji", "kra", "lo", "mev", "nu", "pli", "qua", "ros", "sti", "tw"];
    let word = |number: usize| format!("{}{}{}", PARTS[number % 16], PARTS[number / 16 % 16], PARTS[number / 256 % 16]);
    format!("{} {}", word(number), word(number / 4096 + number * 7))
}

fn shown(table: &Table) -> String {
    let mut text = format!(
        "{}, kernels {}, {} threads, prompt of {} tokens\n\n\
         tokens/s           direct   whole path   ratio\n\
         reading a prompt {:8.1}     {:8.1}    {:.3}\n\
         generating       {:8.1}     {:8.1}    {:.3}\n\n\
         stop             {:.0} ms while reading, {:.0} ms while generating\n\n\
         filter, in pieces of a token       MB/s   µs a token\n",
        table.model,
        table.kernels,
        table.threads,
        table.prompt_tokens,
        table.direct.prompt_rate,
        table.whole_path.prompt_rate,
        table.prompt_ratio,
        table.direct.answer_rate,
        table.whole_path.answer_rate,
        table.decode_ratio,
        table.stop.while_reading_ms,
        table.stop.while_generating_ms,
    );
    for row in &table.filter {
        text.push_str(&format!("{:32} {:7.1}   {:10.2}\n", row.what, row.megabytes_per_s, row.microseconds_per_token));
    }
    let sweep::SweepRow { answers, changed, entries, seconds } = &table.sweep;
    let each = seconds / f64::from(*answers) * 1e6;
    text.push_str(&format!(
        "\nsweep of {answers} stored answers by {entries} entries: {seconds:.1} s, {each:.0} µs an answer, {changed} changed\n"
    ));
    text
}
