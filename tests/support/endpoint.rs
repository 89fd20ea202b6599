//! A server for tests that speaks the protocol of OpenAI over a real socket, well or badly, as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// One thing that the server does with a connection.
#[derive(Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits until the test says so.
    Wait,
    /// Says nothing until the other side hangs up.
    Hang,
    /// Breaks the connection.
    Reset,
}

/// A request that the server heard.
#[derive(Clone)]
pub struct Heard {
    /// Its first line and headers, in lower case.
    pub head: String,
    /// What was sent, as text.
    pub body: String,
}

/// The server.
pub struct FakeEndpoint {
    /// Such as `http://127.0.0.1:12345`.
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    models: Mutex<Vec<Act>>,
    answers: Mutex<VecDeque<Vec<Act>>>,
    heard: Mutex<Vec<Heard>>,
    go_on: Semaphore,
    left: Semaphore,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeEndpoint {
    /// A server that lists one model, `tiny`, with this context.
    pub async fn start(context: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it has an address"));
        let list =
            format!(r#"{{"object":"list","data":[{{"id":"tiny","owned_by":"vllm","max_model_len":{context}}}]}}"#);
        let shared = Arc::new(Shared {
            models: Mutex::new(reply(200, "content-type: application/json\r\n", &list)),
            answers: Mutex::default(),
            heard: Mutex::default(),
            go_on: Semaphore::new(0),
            left: Semaphore::new(0),
        });
        let served = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, served.clone()));
            }
        });
        Self { address, shared }
    }

    /// How it answers the next conversation that has no answer yet.
    pub fn answers(&self, acts: Vec<Act>) {
        lock(&self.shared.answers).push_back(acts);
    }

    /// How it answers when it is asked for its models.
    pub fn lists(&self, acts: Vec<Act>) {
        *lock(&self.shared.models) = acts;
    }

    /// Lets one [`Act::Wait`] go on.
    pub fn go_on(&self) {
        self.shared.go_on.add_permits(1);
    }

    /// Waits until the other side hung up in an [`Act::Hang`].
    pub async fn left(&self) {
        self.shared.left.acquire().await.expect("it is never closed").forget();
    }

    /// What was asked so far.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.shared.heard).clone()
    }

    /// The bodies of the conversations so far.
    pub fn conversations(&self) -> Vec<String> {
        let asked = self.heard().into_iter().filter(|heard| heard.head.starts_with("post "));
        asked.map(|heard| heard.body).collect()
    }
}

/// A whole answer. `headers` end in a line break each.
pub fn reply(status: u16, headers: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status} Status\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    vec![Act::Send(text.into_bytes())]
}

/// An answer that is streamed: the head, and then these acts.
pub fn stream(acts: impl IntoIterator<Item = Act>) -> Vec<Act> {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n";
    std::iter::once(Act::Send(head.to_vec())).chain(acts).collect()
}

/// An event with more of the answer. No letter may need an escape in JSON.
pub fn said(text: &str) -> Act {
    event(&format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#))
}

/// An event with more of what the model thinks.
pub fn thought(text: &str) -> Act {
    event(&format!(r#"{{"choices":[{{"index":0,"delta":{{"reasoning_content":"{text}"}}}}]}}"#))
}

/// The events that end an answer.
pub fn end() -> Act {
    let finish = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":21,"completion_tokens":7}}"#;
    Act::Send(format!("data: {finish}\n\ndata: {usage}\n\ndata: [DONE]\n\n").into_bytes())
}

/// An event with this data.
pub fn event(data: &str) -> Act {
    Act::Send(format!("data: {data}\n\n").into_bytes())
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let Some(heard) = hear(&mut stream).await else { return };
    let acts = match heard.head.starts_with("get ") {
        true => lock(&shared.models).clone(),
        false => lock(&shared.answers).pop_front().unwrap_or_else(|| reply(500, "", "nothing was prepared")),
    };
    lock(&shared.heard).push(heard);
    for act in acts {
        match act {
            Act::Send(bytes) => {
                // Who has heard enough hangs up.
                if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
            Act::Wait => shared.go_on.acquire().await.expect("it is never closed").forget(),
            Act::Hang => {
                let _ = stream.read(&mut [0; 64]).await;
                shared.left.add_permits(1);
            }
            Act::Reset => {
                stream.set_zero_linger().expect("the socket is open");
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}

async fn hear(stream: &mut TcpStream) -> Option<Heard> {
    let _ = stream.set_nodelay(true);
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    let end = loop {
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse::<usize>().expect("a number"));
    while bytes.len() < end + length {
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    }
    Some(Heard { head, body: String::from_utf8_lossy(&bytes[end..]).into_owned() })
}
