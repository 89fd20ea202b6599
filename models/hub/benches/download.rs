//! How fast downloads are: beside the rate of a slow line, and beside `curl` on a fast one.
//!
//! The server is another process, so that its work is not counted. Files go to the folder in the environment variable
//! `LETHE_BENCH_FOLDER`, or to a temporary one; one in memory leaves the disk out of it. Needs `curl` and Linux.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use lethe_hub::download::{
    Checksum, Control, Limits, Locate, Location, Progress, Throttle, Unlocated, Wanted, download,
};
use lethe_hub::fake_files::{FakeFiles, Manner};
use lethe_network::{Client, PlainHttp, Switch, Timeouts, Url};
use tokio::sync::watch;

type Outcome<T> = Result<T, Box<dyn Error>>;

const MIB: u64 = 1 << 20;
const SLOW_LINE: u64 = 64 * MIB;
const SLOW_BYTES: u64 = 384 * MIB;
const FAST_BYTES: u64 = 768 * MIB;
const ROUNDS: usize = 5;
/// The kernel counts processor time in hundredths of a second.
const TICKS: f64 = 100.0;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [_, word, bytes, line, each] = &arguments[..]
        && word == "serve"
    {
        return runtime.block_on(serve(bytes.parse()?, line.parse().ok(), each.parse().ok()));
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        // `cargo test` runs benches as well, but measures nothing.
        return Ok(());
    }
    let folder = match env::var_os("LETHE_BENCH_FOLDER") {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    runtime.block_on(slow(folder.path()))?;
    for line in [Some(256 * MIB), Some(400 * MIB), None] {
        runtime.block_on(fast(folder.path(), line))?;
    }
    Ok(())
}

/// A line of 64 MiB/s, of which one connection gets 20; then a limit of our own.
async fn slow(folder: &Path) -> Outcome<()> {
    let server = Server::start(SLOW_BYTES, Some(SLOW_LINE), Some(20 * MIB))?;
    let rate = |bytes: u64, measured: &Measured| bytes as f64 / measured.wall.as_secs_f64() / SLOW_LINE as f64;
    for connections in [1, 4, 8] {
        let measured = ours(&server, SLOW_BYTES, folder, Limits { connections, ..Limits::default() }).await?;
        println!("line of 64 MiB/s, {connections} connections: {:.3} of the line", rate(SLOW_BYTES, &measured));
    }
    let server = Server::start(SLOW_BYTES, None, None)?;
    let limits = Limits { throttle: Throttle::new(Some(SLOW_LINE)), ..Limits::default() };
    let measured = ours(&server, SLOW_BYTES, folder, limits).await?;
    println!("own limit of 64 MiB/s: {:.3} of it", rate(SLOW_BYTES, &measured));
    Ok(())
}

/// A line of this rate, or as fast as this machine, by turns with curl.
async fn fast(folder: &Path, line: Option<u64>) -> Outcome<()> {
    let server = Server::start(FAST_BYTES, line, None)?;
    let (mut curl_seconds, mut our_seconds, mut transfer_seconds) = (Vec::new(), Vec::new(), Vec::new());
    let mut cores = Vec::new();
    for _ in 0..ROUNDS {
        let (path, begin) = (folder.join("curl"), Instant::now());
        let status = Command::new("curl").args(["-s", "-o"]).arg(&path).arg(server.url.as_str()).status()?;
        if !status.success() {
            return Err("curl fails".into());
        }
        curl_seconds.push(begin.elapsed().as_secs_f64());
        fs::remove_file(path)?;
        let measured = ours(&server, FAST_BYTES, folder, Limits::default()).await?;
        our_seconds.push(measured.wall.as_secs_f64());
        transfer_seconds.push(measured.transfer.as_secs_f64());
        cores.push(measured.processor / measured.wall.as_secs_f64());
    }
    let rate = |seconds: f64| FAST_BYTES as f64 / MIB as f64 / seconds;
    let (curl, whole) = (median(&mut curl_seconds), median(&mut our_seconds));
    let transfer = median(&mut transfer_seconds);
    match line {
        Some(line) => println!("line of {} MiB/s", line / MIB),
        None => println!("line without a limit"),
    }
    println!("  curl: {:.0} MiB/s", rate(curl));
    println!("  until all bytes are there: {:.0} MiB/s, {:.2} of curl", rate(transfer), curl / transfer);
    println!("  checked, synced and renamed too: {:.0} MiB/s, {:.2} of curl", rate(whole), curl / whole);
    println!("  processor: {:.2} cores", median(&mut cores));
    Ok(())
}

struct Measured {
    wall: Duration,
    /// Until all bytes were on the disk.
    transfer: Duration,
    /// Seconds of this process.
    processor: f64,
}

async fn ours(server: &Server, bytes: u64, folder: &Path, limits: Limits) -> Outcome<Measured> {
    let digest = digest::digest(&digest::SHA256, &content(bytes));
    let wanted = Wanted::new("ours", "bench", bytes, Some(Checksum::Sha256(digest.as_ref().try_into()?)))?;
    let client = Client::new(Timeouts::default(), Switch::on(), |_| ())?;
    let progress = watch::Sender::new(Progress::default());
    let (before, begin) = (processor_seconds()?, Instant::now());
    let control = Control::default();
    let files = [wanted];
    let there = async {
        let mut progress = progress.subscribe();
        // The sender lives longer.
        let _ = progress.wait_for(|progress| progress.total > 0 && progress.done == progress.total).await;
        begin.elapsed()
    };
    let (downloaded, transfer) =
        tokio::join!(download(&client, &files, folder, server, &limits, &control, &progress), there);
    let measured = Measured { wall: begin.elapsed(), transfer, processor: processor_seconds()? - before };
    fs::remove_file(&downloaded?.files[0])?;
    Ok(measured)
}

/// A server in a process of its own.
struct Server {
    child: Child,
    url: Url,
}

impl Server {
    fn start(bytes: u64, line: Option<u64>, each: Option<u64>) -> Outcome<Self> {
        let text = |rate: Option<u64>| rate.map_or_else(|| "none".to_owned(), |rate| rate.to_string());
        let mut child = Command::new(env::current_exe()?)
            .args(["serve", &bytes.to_string(), &text(line), &text(each)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut address)?;
        Ok(Self { child, url: Url::parse(address.trim())? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends when its input does; this is for one that hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Locate for Server {
    async fn locate(&self, _: &Wanted) -> Result<Location, Unlocated> {
        Ok(Location { url: self.url.clone(), plain_http: PlainHttp::Loopback, secret: None, etag: None })
    }
}

async fn serve(bytes: u64, line: Option<u64>, each: Option<u64>) -> Outcome<()> {
    let manner = Manner { line: Throttle::new(line), each, buffer: 4 << 20, ..Manner::default() };
    let server = FakeFiles::start(manner).await?;
    server.put("file", content(bytes), Some("\"tag\""));
    println!("{}", server.url("file"));
    std::io::stdout().flush()?;
    let mut input = String::new();
    tokio::task::spawn_blocking(move || std::io::stdin().read_line(&mut input)).await??;
    Ok(())
}

fn content(bytes: u64) -> Vec<u8> {
    (0..bytes / 8).flat_map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()).collect()
}

fn processor_seconds() -> Outcome<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in brackets, may hold spaces; user and system time are the 12th and 13th after it.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / TICKS)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
