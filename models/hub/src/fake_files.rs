//! A server of files on this machine that fails as it is told to, for tests. Real sockets, real HTTP/1.1.
//!
//! Addresses are signed with a number, so that they can expire. It counts the bytes of bodies that it handed to the
//! system, and notes what it was asked. Deliberately not in it: encryption, and anything that tests do not ask for.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lethe_network::{Bytes, Url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;

use crate::download::Throttle;

/// Bytes that are handed to the system at once.
const PIECE: usize = 1 << 16;
/// No head of a request is longer.
const HEAD_LIMIT: usize = 1 << 16;

/// What is wrong with the answer to one request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is reset after so many bytes of the body.
    Reset(u64),
    /// Nothing comes any more after so many bytes of the body, and the connection stays.
    Stall(u64),
    /// The bytes of another range, which the answer says.
    WrongRange,
    /// The body ends in good order after so many bytes.
    Short(u64),
    /// The body goes on for so many bytes after its end.
    Long(u64),
    /// A status instead of the file, and when to come back.
    Status(u16, Option<String>),
    /// A redirect to the same address. Six of them are a circle that the client gives up.
    Redirect,
    /// The answer says that it is compressed.
    Compressed,
    /// From now on the file has this content and this tag.
    Change(Vec<u8>, String),
    /// The location expires before this request.
    Expire,
}

/// How the server sends files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ranges {
    /// In ranges, where one asks for them.
    #[default]
    Given,
    /// Always all of it.
    Ignored,
}

/// How a server behaves.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Whether it knows ranges.
    pub ranges: Ranges,
    /// The rate of all connections together.
    pub line: Throttle,
    /// The rate of one connection, in bytes a second.
    pub each: Option<u64>,
    /// What the system may hold back of what was sent on a connection, in bytes.
    pub buffer: u32,
}

impl Default for Manner {
    /// Knows ranges, and is as fast as it can be with small buffers.
    fn default() -> Self {
        Self { ranges: Ranges::Given, line: Throttle::new(None), each: None, buffer: 1 << 16 }
    }
}

/// One request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The path, without its first slash.
    pub path: String,
    /// The bytes that were asked for.
    pub range: Option<Range<u64>>,
    /// Whether it asked for the bytes only while the tag is the same.
    pub if_range: Option<String>,
    /// The status that it got.
    pub status: u16,
}

/// A server of files. Clones are one server; it ends with the runtime.
#[derive(Debug, Clone)]
pub struct FakeFiles(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    manner: Manner,
    sent: watch::Sender<u64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<String, (Bytes, Option<String>)>,
    faults: BTreeMap<u64, Fault>,
    /// The byte at this offset is sent wrongly so many times.
    corrupt: Option<(u64, u32)>,
    signature: u64,
    asked: Vec<Asked>,
    requests: u64,
}

impl FakeFiles {
    /// Starts a server on a free port of this machine.
    ///
    /// # Errors
    /// Those of the system.
    pub async fn start(manner: Manner) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_send_buffer_size(manner.buffer)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let listener = socket.listen(128)?;
        let address = listener.local_addr()?;
        let shared = Shared { address, manner, sent: watch::Sender::new(0), state: Mutex::default() };
        let server = Self(Arc::new(shared));
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = accepting.clone();
                // A client that goes away is no fault of the server.
                tokio::spawn(async move { server.serve(stream).await.ok() });
            }
        });
        Ok(server)
    }

    /// Publishes a file, with a tag as it stands in the header, quotes included.
    pub fn put(&self, path: &str, content: Vec<u8>, tag: Option<&str>) {
        self.state().files.insert(path.to_owned(), (content.into(), tag.map(str::to_owned)));
    }

    /// The address of a file, good until the next [`Self::expire`].
    pub fn url(&self, path: &str) -> Url {
        let signature = self.state().signature;
        let address = format!("http://{}/{path}?signature={signature}", self.0.address);
        Url::parse(&address).expect("paths of tests are parts of addresses")
    }

    /// The address below which all files are, for a hub that points to them and adds to the query; good until the next
    /// [`Self::expire`].
    pub fn base(&self) -> Url {
        self.url("")
    }

    /// From now on only new addresses are good.
    pub fn expire(&self) {
        self.state().signature += 1;
    }

    /// Answers the request with this number, counted from 0, with a fault.
    pub fn fault(&self, request: u64, fault: Fault) {
        self.state().faults.insert(request, fault);
    }

    /// Answers the next request with a fault.
    pub fn fault_next(&self, fault: Fault) {
        let mut state = self.state();
        let next = state.requests;
        state.faults.insert(next, fault);
    }

    /// Answers no later request with a fault.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Sends the byte at this offset wrongly, so many times.
    pub fn corrupt(&self, offset: u64, times: u32) {
        self.state().corrupt = Some((offset, times));
    }

    /// Bytes of bodies that were handed to the system.
    pub fn sent(&self) -> u64 {
        *self.0.sent.borrow()
    }

    /// Ends when so many bytes of bodies were handed to the system.
    pub async fn has_sent(&self, bytes: u64) {
        // The sender lives as long as the server.
        let _ = self.0.sent.subscribe().wait_for(|sent| *sent >= bytes).await;
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = Vec::new();
        loop {
            let end = loop {
                if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                    break end + 4;
                }
                if buffer.len() > HEAD_LIMIT || stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            };
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            buffer.drain(..end);
            let answer = self.answer(&head);
            if self.send(&mut stream, answer).await? == Connection::Ends {
                return Ok(());
            }
        }
    }

    /// Decides on an answer.
    fn answer(&self, head: &str) -> Answer {
        let mut state = self.state();
        let number = state.requests;
        state.requests += 1;
        let fault = state.faults.remove(&number);
        let target = head.split(' ').nth(1).unwrap_or_default();
        let (path, query) = target.trim_start_matches('/').split_once('?').unwrap_or((target, ""));
        let range = header(head, "range").and_then(|text| {
            let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
            Some(first.parse().ok()?..last.parse::<u64>().ok()? + 1)
        });
        let if_range = header(head, "if-range").map(str::to_owned);
        match &fault {
            Some(Fault::Change(content, tag)) => {
                state.files.insert(path.to_owned(), (content.clone().into(), Some(tag.clone())));
            }
            Some(Fault::Expire) => state.signature += 1,
            _ => {}
        }
        let signed = query.split('&').next() == Some(&format!("signature={}", state.signature));
        let file = state.files.get(path).cloned();
        let mut answer = match (fault, file) {
            (Some(Fault::Status(status, after)), _) => {
                let extra = after.map_or_else(String::new, |after| format!("Retry-After: {after}\r\n"));
                Answer { extra, ..Answer::of(status) }
            }
            (Some(Fault::Redirect), _) => Answer { extra: format!("Location: {target}\r\n"), ..Answer::of(302) },
            _ if !signed => Answer::of(403),
            (_, None) => Answer::of(404),
            (fault, Some((content, tag))) => {
                self.content(&content, tag.as_deref(), range.clone(), if_range.as_deref(), fault)
            }
        };
        if let (Some((offset, times)), Some(span)) = (state.corrupt, &answer.span)
            && times > 0
            && span.contains(&offset)
        {
            let mut body = answer.body.to_vec();
            if let Some(byte) = usize::try_from(offset - span.start).ok().and_then(|at| body.get_mut(at)) {
                *byte ^= 1;
            }
            answer.body = body.into();
            state.corrupt = Some((offset, times - 1));
        }
        state.asked.push(Asked { path: path.to_owned(), range, if_range, status: answer.status });
        answer
    }

    fn content(
        &self,
        content: &Bytes,
        tag: Option<&str>,
        range: Option<Range<u64>>,
        if_range: Option<&str>,
        fault: Option<Fault>,
    ) -> Answer {
        let size = content.len() as u64;
        let same = if_range.is_none_or(|wanted| Some(wanted) == tag);
        let mut extra = tag.map_or_else(String::new, |tag| format!("ETag: {tag}\r\n"));
        let mut range = range.filter(|_| self.0.manner.ranges == Ranges::Given && same);
        if let Some(range) = &mut range {
            if range.start >= size {
                return Answer { extra: format!("Content-Range: bytes */{size}\r\n"), ..Answer::of(416) };
            }
            range.end = range.end.min(size);
            if matches!(fault, Some(Fault::WrongRange)) {
                let shift = 7.min(range.start);
                *range = range.start - shift..range.end - shift;
                if shift == 0 {
                    *range = 7.min(size - 1)..size;
                }
            }
            extra += &format!("Content-Range: bytes {}-{}/{size}\r\n", range.start, range.end - 1);
        }
        let status = if range.is_some() { 206 } else { 200 };
        let span = range.unwrap_or(0..size);
        let as_index = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let body = content.slice(as_index(span.start)..as_index(span.end));
        let mut answer = Answer { status, extra, body, span: Some(span), ending: Ending::Good };
        match fault {
            Some(Fault::Reset(after)) => answer.ending = Ending::Reset(after),
            Some(Fault::Stall(after)) => answer.ending = Ending::Stall(after),
            Some(Fault::Short(after)) => {
                answer.body.truncate(as_index(after));
                answer.ending = Ending::Unannounced;
            }
            Some(Fault::Long(more)) => {
                let mut body = answer.body.to_vec();
                body.resize(body.len() + as_index(more), b'!');
                answer.body = body.into();
                answer.ending = Ending::Unannounced;
            }
            Some(Fault::Compressed) => answer.extra += "Content-Encoding: gzip\r\n",
            _ => {}
        }
        answer
    }

    async fn send(&self, stream: &mut TcpStream, answer: Answer) -> io::Result<Connection> {
        let chunked = answer.ending == Ending::Unannounced;
        let framing = if chunked {
            "Transfer-Encoding: chunked\r\n".to_owned()
        } else {
            format!("Content-Length: {}\r\n", answer.body.len())
        };
        let head = format!("HTTP/1.1 {} Fake\r\n{}{framing}\r\n", answer.status, answer.extra);
        stream.write_all(head.as_bytes()).await?;
        let cut = match answer.ending {
            Ending::Reset(after) | Ending::Stall(after) => usize::try_from(after).unwrap_or(usize::MAX),
            Ending::Good | Ending::Unannounced => usize::MAX,
        };
        let each = Throttle::new(self.0.manner.each);
        for piece in answer.body[..cut.min(answer.body.len())].chunks(PIECE) {
            each.take(piece.len() as u64).await;
            self.0.manner.line.take(piece.len() as u64).await;
            if chunked {
                stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
            }
            let mut left = piece;
            while !left.is_empty() {
                let written = stream.write(left).await?;
                self.0.sent.send_modify(|sent| *sent += written as u64);
                left = &left[written..];
            }
            if chunked {
                stream.write_all(b"\r\n").await?;
            }
        }
        match answer.ending {
            Ending::Good => {}
            Ending::Unannounced => stream.write_all(b"0\r\n\r\n").await?,
            Ending::Reset(_) => {
                stream.set_zero_linger()?;
                return Ok(Connection::Ends);
            }
            // Until the client goes away.
            Ending::Stall(_) => while stream.read_u8().await.is_ok() {},
        }
        Ok(Connection::Stays)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connection {
    Stays,
    Ends,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Good,
    /// In good order, but without a length beforehand.
    Unannounced,
    Reset(u64),
    Stall(u64),
}

struct Answer {
    status: u16,
    extra: String,
    body: Bytes,
    /// Which bytes of the file the body is.
    span: Option<Range<u64>>,
    ending: Ending,
}

impl Answer {
    fn of(status: u16) -> Self {
        Self { status, extra: String::new(), body: Bytes::new(), span: None, ending: Ending::Good }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}
