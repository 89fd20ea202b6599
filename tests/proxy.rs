//! What a proxy of the environment gets, and what is said and written down of it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};

use lethe_tests::endpoint::{FakeEndpoint, end, said, stream};
use lethe_tests::{Data, failed, succeeded};

/// A proxy that lets nobody through, and the first lines of what it heard.
struct Proxy {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let proxy = Self { address: listener.local_addr().expect("an address").to_string(), heard: Arc::default() };
        let heard = proxy.heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines =
                    BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
                heard.lock().expect("nobody has panicked").extend(lines.next());
                lines.for_each(drop);
                // Who asked may be gone already.
                let _ =
                    (&stream).write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        proxy
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody has panicked").clone()
    }

    fn command(&self, data: &Data, args: &[&str]) -> Command {
        let mut command = data.cli();
        for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env(variable, format!("http://wanda:word@{}", self.address));
        }
        command.env("NO_PROXY", "").env("no_proxy", "").env_remove("LETHE_OFFLINE").args(args);
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_with_this_machine_goes_through_no_proxy() {
    let (proxy, data, server) = (Proxy::start(), Data::default(), FakeEndpoint::start(4096).await);
    let run = |args: &[&str]| proxy.command(&data, args).output().expect("lethe-cli starts");
    let url = server.address.clone();
    let model = first(&succeeded(&run(&["model", "remote", &url])));
    let added = run(&["model", "remote", &url, "--model", &model, "--name", "here"]);
    succeeded(&added);
    let sentence = String::from_utf8_lossy(&added.stderr).into_owned();
    assert!(sentence.contains("a program on this machine") && !sentence.contains("proxy"), "{sentence}");
    server.answers(stream([said("Good day."), end()]));
    assert_eq!(succeeded(&run(&["ask", "--model", "here", "My secret is Q"])).trim(), "Good day.");
    assert!(proxy.heard().is_empty(), "{:?}", proxy.heard());
    let ledger = succeeded(&run(&["network", "ledger"]));
    assert!(ledger.contains("127.0.0.1") && !ledger.contains("proxy"), "{ledger}");
}

#[test]
fn a_proxy_on_the_way_is_named_without_its_password() {
    let (proxy, data) = (Proxy::start(), Data::default());
    let run = |args: &[&str]| proxy.command(&data, args).output().expect("lethe-cli starts");
    let sentence = failed(&run(&["model", "remote", "https://203.0.113.9/v1"]));
    let through = format!("through the proxy {}", proxy.address);
    assert!(sentence.contains(&through) && sentence.contains("proxy of https_proxy"), "{sentence}");
    assert_eq!(proxy.heard(), ["CONNECT 203.0.113.9:443 HTTP/1.1"]);
    let ledger = succeeded(&run(&["network", "ledger"]));
    assert!(ledger.contains(&format!("203.0.113.9 {through}")), "{ledger}");
    let told = format!("{sentence}{ledger}");
    assert!(!told.contains("wanda") && !told.contains("word@"), "{told}");
    assert!(data.files_with(b"wanda:word").is_empty(), "the password of a proxy is kept nowhere");
}

/// The first model of a list.
fn first(list: &str) -> String {
    list.lines().next().unwrap_or_default().to_owned()
}
