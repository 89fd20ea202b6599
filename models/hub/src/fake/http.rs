//! As much of a web server as the fake hub needs: one request a connection.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use lethe_network::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const LONGEST_HEAD: usize = 64 << 10;

/// A request that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Such as `GET`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Recorded {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The bearer token that came with it.
    pub fn token(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) is_endless: bool,
}

impl Reply {
    /// A status without content.
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), is_endless: false }
    }

    /// Content with the status 200.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::status(200) }
    }

    /// Sends on to another address.
    pub fn redirect(location: &str) -> Self {
        Self::status(302).header("Location", location)
    }

    /// The status 200 and an open bracket, followed by spaces without end.
    pub fn endless() -> Self {
        Self { is_endless: true, ..Self::ok("[") }
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Answers one request.
pub(super) type Service = Arc<dyn Fn(Recorded) -> Reply + Send + Sync>;

/// A listener and, once it serves, its task.
pub(super) struct Server {
    task: JoinHandle<()>,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Server")
    }
}

/// A port that nobody answers at yet.
pub(super) struct Port(TcpListener);

impl Server {
    pub async fn bind() -> io::Result<(Port, Url)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}/", listener.local_addr()?);
        Ok((Port(listener), Url::parse(&address).map_err(io::Error::other)?))
    }

    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Port {
    pub fn serve(self, service: Service) -> Server {
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = self.0.accept().await else { continue };
                // The client may hang up at any time.
                tokio::spawn(answer(stream, Arc::clone(&service)));
            }
        });
        Server { task }
    }
}

async fn answer(stream: TcpStream, service: Service) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or("/").to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let is_head = method == "HEAD";
    let reply = service(Recorded { method, path, headers });
    let mut text = format!("HTTP/1.1 {} x\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !reply.is_endless {
        text += &format!("Content-Length: {}\r\n", reply.body.len());
    }
    let stream = stream.get_mut();
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    if !is_head {
        stream.write_all(&reply.body).await?;
    }
    if reply.is_endless {
        loop {
            stream.write_all(&[b' '; 1 << 16]).await?;
        }
    }
    stream.flush().await?;
    stream.shutdown().await
}
