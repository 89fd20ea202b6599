//! A web server for static files that can be told to misbehave, and that counts.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What it does with requests for a file.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Sends bytes without end.
    Endless,
    /// Announces the whole file and closes after this many bytes of it.
    Cut(usize),
    /// Sends this many bytes of the file and then nothing, with the connection open.
    Stall(usize),
    /// Sends this many bytes of the file as if they were all, without saying how many.
    Short(usize),
    /// Answers with a status and no content.
    Status(u16),
    /// Sends on to another address.
    Redirect(String),
    /// Answers with other content.
    Content(Vec<u8>),
    /// Answers ranges with other bytes than were asked for.
    WrongRange,
}

/// A request that came in.
#[derive(Debug, Clone)]
pub struct Seen {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub status: u16,
    /// Bytes of content that were sent.
    pub sent: usize,
}

#[derive(Debug, Default)]
pub struct Manners {
    pub by_file: HashMap<String, Behaviour>,
    /// Whether it says `ETag` and answers 304.
    pub knows_etags: bool,
    /// Whether it answers ranges.
    pub knows_ranges: bool,
    pub seen: Vec<Seen>,
}

pub struct Server {
    pub address: String,
    manners: Arc<Mutex<Manners>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves a folder on a free port of this machine.
    pub async fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}/", listener.local_addr().expect("a bound port"));
        let manners = Manners { knows_etags: true, knows_ranges: true, ..Manners::default() };
        let manners = Arc::new(Mutex::new(manners));
        let (folder, shared) = (folder.to_owned(), Arc::clone(&manners));
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                // The client may hang up at any time.
                tokio::spawn(answer(stream, folder.clone(), Arc::clone(&shared)));
            }
        });
        Self { address, manners, task }
    }

    pub fn manners(&self) -> MutexGuard<'_, Manners> {
        lock(&self.manners)
    }

    pub fn set(&self, file: &str, behaviour: Behaviour) {
        self.manners().by_file.insert(file.to_owned(), behaviour);
    }

    /// Forgets all orders and requests.
    pub fn reset(&self) {
        self.manners().by_file.clear();
        self.manners().seen.clear();
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.manners().seen.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(manners: &Mutex<Manners>) -> MutexGuard<'_, Manners> {
    manners.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(mut stream: TcpStream, folder: PathBuf, manners: Arc<Mutex<Manners>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await?;
        request.push(byte);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let mut lines = request.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or("/").to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let file = path.split('?').next().unwrap_or_default().trim_start_matches('/').to_owned();
    let (behaviour, knows_etags, knows_ranges) = {
        let manners = lock(&manners);
        (manners.by_file.get(&file).cloned(), manners.knows_etags, manners.knows_ranges)
    };
    let mut content = fs::read(folder.join(&file)).ok();
    if let Some(Behaviour::Content(other)) = &behaviour {
        content = Some(other.clone());
    }
    if matches!(behaviour, Some(Behaviour::Endless)) {
        content.get_or_insert_default();
    }

    let mut status = if content.is_some() { 200 } else { 404 };
    let mut content = content.unwrap_or_default();
    let mut extra = String::new();
    let etag = format!("\"{}\"", lethe_feeds::Sha256::of(&content));
    if status == 200 && knows_etags {
        extra += &format!("ETag: {etag}\r\n");
        if headers.get("if-none-match") == Some(&etag) {
            (status, content) = (304, Vec::new());
        }
    }
    let start = headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let is_same = headers.get("if-range").is_none_or(|if_range| *if_range == etag);
    if let Some(start) = start.filter(|_| status == 200 && knows_ranges && is_same) {
        let start = if matches!(behaviour, Some(Behaviour::WrongRange)) { start - 1 } else { start };
        if start < content.len() {
            extra += &format!("Content-Range: bytes {start}-{}/{}\r\n", content.len() - 1, content.len());
            (status, content) = (206, content.split_off(start));
        } else {
            (status, content) = (416, Vec::new());
        }
    }
    match &behaviour {
        Some(Behaviour::Status(other)) => (status, content) = (*other, Vec::new()),
        Some(Behaviour::Redirect(to)) => {
            extra += &format!("Location: {to}\r\n");
            (status, content) = (302, Vec::new());
        }
        _ => {}
    }
    let announced = match behaviour {
        Some(Behaviour::Endless | Behaviour::Short(_)) => String::new(),
        _ => format!("Content-Length: {}\r\n", content.len()),
    };
    let place = {
        let mut manners = lock(&manners);
        manners.seen.push(Seen { path, headers, status, sent: 0 });
        manners.seen.len() - 1
    };
    let head = format!("HTTP/1.1 {status} x\r\n{announced}{extra}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let until = match behaviour {
        Some(Behaviour::Cut(length) | Behaviour::Stall(length) | Behaviour::Short(length)) => length,
        _ => content.len(),
    };
    let content = &content[..until.min(content.len())];
    if let Some(seen) = lock(&manners).seen.get_mut(place) {
        seen.sent = content.len();
    }
    stream.write_all(content).await?;
    stream.flush().await?;
    match behaviour {
        Some(Behaviour::Endless) => loop {
            stream.write_all(&[b'x'; 4096]).await?;
        },
        Some(Behaviour::Stall(_)) => std::future::pending().await,
        _ => stream.shutdown().await,
    }
}
