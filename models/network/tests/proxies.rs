//! What proxies on this machine get to hear, and what is said where they fail.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use lethe_network::{Client, Error, Exchange, PlainHttp, Proxies, Purpose, Request, Switch, Timeouts, Trouble, Url};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What a proxy does with those who come.
#[derive(Clone, Copy)]
enum Act {
    /// Answers itself, with these bytes after the head.
    Says(&'static str),
    /// Consents, hears what comes, and answers with something that is no encryption.
    Garbage,
    /// SOCKS 4 or 5, then answers for the server.
    Socks,
}

/// A server that writes down the first line of what it hears; for SOCKS, whom it is to call.
#[derive(Clone)]
struct Fake {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    async fn start(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let fake = Self { address: listener.local_addr().expect("an address"), heard: Arc::default() };
        let heard = fake.heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, act, heard.clone()));
            }
        });
        fake
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody has panicked").clone()
    }
}

async fn serve(stream: TcpStream, act: Act, heard: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    if let Act::Socks = act {
        let Some(target) = socks(&mut stream).await else { return };
        heard.lock().expect("nobody has panicked").push(target);
    }
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        match stream.read_line(&mut line).await {
            Ok(length) if length > 2 => lines.push(line.trim().to_owned()),
            _ => break,
        }
    }
    let authorised = lines.iter().find(|line| line.to_ascii_lowercase().starts_with("proxy-authorization:"));
    let first = lines.first().cloned().unwrap_or_default();
    let line = authorised.map_or(first.clone(), |authorised| format!("{first} {authorised}"));
    heard.lock().expect("nobody has panicked").push(line);
    let answer = match act {
        Act::Says(answer) => answer,
        Act::Garbage => {
            let _ = stream.write_all(ESTABLISHED.as_bytes()).await;
            let _ = stream.read_u8().await;
            "this is no encryption at all"
        }
        Act::Socks => OK,
    };
    // Whoever asked may be gone already.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Hears what SOCKS asks for, and consents.
async fn socks(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let version = stream.read_u8().await.ok()?;
    if version == 4 {
        let mut rest = [0; 7];
        stream.read_exact(&mut rest).await.ok()?;
        stream.read_until(0, &mut Vec::new()).await.ok()?;
        stream.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).await.ok()?;
        let port = u16::from_be_bytes([rest[1], rest[2]]);
        return Some(format!("4 {}.{}.{}.{}:{port}", rest[3], rest[4], rest[5], rest[6]));
    }
    let methods = stream.read_u8().await.ok()?;
    stream.read_exact(&mut vec![0; usize::from(methods)]).await.ok()?;
    stream.write_all(&[5, 0]).await.ok()?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.ok()?;
    let host = match head[3] {
        1 => {
            let mut address = [0; 4];
            stream.read_exact(&mut address).await.ok()?;
            address.map(|byte| byte.to_string()).join(".")
        }
        _ => {
            let length = stream.read_u8().await.ok()?;
            let mut name = vec![0; usize::from(length)];
            stream.read_exact(&mut name).await.ok()?;
            String::from_utf8(name).ok()?
        }
    };
    let port = stream.read_u16().await.ok()?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
    Some(format!("5 {host}:{port}"))
}

const ESTABLISHED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";

/// The answer to a request with these variables set, and what the recorder heard.
async fn ask(url: &str, variables: &[(&str, String)]) -> (Result<u16, Error>, Vec<Exchange>) {
    let proxies = Proxies::of(|name| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| value.clone()));
    let heard: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let written = heard.clone();
    let recorder = move |exchange| written.lock().expect("nobody has panicked").push(exchange);
    let client = Client::with_proxies(Timeouts::default(), Switch::on(), recorder, proxies).expect("a client");
    let url = Url::parse(url).expect("an address");
    let request = Request::post_json(&url, Purpose::RemoteChat, PlainHttp::Anywhere, b"{}".to_vec());
    let answer = client.send(request).await.map(|response| response.status);
    let exchanges = heard.lock().expect("nobody has panicked").clone();
    (answer, exchanges)
}

/// Addresses that the world has, and that nobody answers at: RFC 5737.
const FAR: &str = "203.0.113.9";

#[tokio::test]
async fn no_proxy_hears_of_a_conversation_with_this_machine() {
    let (http, socks) = (Fake::start(Act::Says(OK)).await, Fake::start(Act::Socks).await);
    let server = Fake::start(Act::Says(OK)).await;
    let port = server.address.port();
    let mut asked = 0;
    for variable in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        for proxy in [format!("http://{}", http.address), format!("socks5://{}", socks.address)] {
            for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0"] {
                let variables = [(variable, proxy.clone()), ("NO_PROXY", String::new())];
                let (answer, exchanges) = ask(&format!("http://{host}:{port}/v1"), &variables).await;
                assert_eq!(answer, Ok(200), "{variable}={proxy} {host}");
                assert!(exchanges.iter().all(|exchange| exchange.proxy.is_none()), "{exchanges:?}");
                asked += 1;
            }
        }
    }
    assert_eq!(server.heard().len(), asked, "the server got all of them");
    assert!(http.heard().is_empty() && socks.heard().is_empty(), "{:?} {:?}", http.heard(), socks.heard());
}

#[tokio::test]
async fn a_proxy_is_used_for_the_world_and_named_without_its_password() {
    let proxy = Fake::start(Act::Says(OK)).await;
    let named = format!("http://wanda:word@{}", proxy.address);
    let (answer, exchanges) = ask(&format!("http://{FAR}/v1"), &[("HTTP_PROXY", named)]).await;
    assert_eq!(answer, Ok(200));
    let heard = proxy.heard();
    assert!(heard[0].starts_with(&format!("POST http://{FAR}/v1 HTTP/1.1")), "{heard:?}");
    assert!(heard[0].to_ascii_lowercase().contains("proxy-authorization: basic"), "its password is its own: {heard:?}");
    for exchange in exchanges {
        assert_eq!(exchange.proxy, Some(proxy.address.to_string()), "the ledger names it, and nothing else of it");
    }
}

#[tokio::test]
async fn socks_is_spoken() {
    for (scheme, version) in [("socks4", 4), ("socks4a", 4), ("socks5", 5), ("socks5h", 5), ("socks", 5)] {
        let proxy = Fake::start(Act::Socks).await;
        let variables = [("ALL_PROXY", format!("{scheme}://{}", proxy.address))];
        let (answer, _) = ask(&format!("http://{FAR}:8000/v1"), &variables).await;
        assert_eq!(answer, Ok(200), "{scheme}");
        assert_eq!(proxy.heard()[0], format!("{version} {FAR}:8000"), "{scheme}");
    }
    let proxy = Fake::start(Act::Socks).await;
    let variables = [("ALL_PROXY", format!("socks5h://{}", proxy.address))];
    let (answer, _) = ask("http://nobody.invalid/v1", &variables).await;
    assert_eq!((answer, proxy.heard()[0].as_str()), (Ok(200), "5 nobody.invalid:80"), "it looks the name up itself");
}

#[tokio::test]
async fn failures_name_the_proxy_and_the_cause() {
    const VARIABLE: &str = "HTTPS_PROXY";
    let refused = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    let password = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    for (act, trouble) in [
        (Act::Says(refused), Trouble::ProxyRefused(VARIABLE)),
        (Act::Says("HTTP/1.1 502 Bad Gateway\r\n\r\n"), Trouble::ProxyRefused(VARIABLE)),
        (Act::Says(password), Trouble::ProxyPassword(VARIABLE)),
        (Act::Garbage, Trouble::Encryption),
        (Act::Says(ESTABLISHED), Trouble::Encryption),
    ] {
        let proxy = Fake::start(act).await;
        let named = format!("http://wanda:word@{}", proxy.address);
        let (answer, _) = ask(&format!("https://{FAR}/v1"), &[(VARIABLE, named)]).await;
        let host = format!("{FAR} through the proxy {}", proxy.address);
        assert_eq!(answer, Err(Error::Unreachable { host, trouble }));
        assert!(proxy.heard()[0].starts_with(&format!("CONNECT {FAR}:443")), "{:?}", proxy.heard());
        let text = answer.expect_err("it failed").to_string();
        assert!(!text.contains("wanda") && !text.contains("word@1"), "{text}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("an address");
    for scheme in ["http", "socks5"] {
        let (answer, _) = ask(&format!("https://{FAR}/v1"), &[(VARIABLE, format!("{scheme}://{nobody}"))]).await;
        let host = format!("{FAR} through the proxy {nobody}");
        assert_eq!(answer, Err(Error::Unreachable { host, trouble: Trouble::NoProxy(VARIABLE) }), "{scheme}");
    }
    let proxy = Fake::start(Act::Says(password)).await;
    let (answer, _) = ask(&format!("http://{FAR}/v1"), &[("HTTP_PROXY", format!("http://{}", proxy.address))]).await;
    let trouble = Trouble::ProxyPassword("HTTP_PROXY");
    let host = format!("{FAR} through the proxy {}", proxy.address);
    assert_eq!(answer, Err(Error::Unreachable { host, trouble }), "the proxy's 407 is not the server's");
}
