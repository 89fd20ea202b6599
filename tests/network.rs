//! Nothing leaves the machine but what the network ledger shows, and with the switch nothing at all.
//!
//! Each test runs once more in a network namespace of its own, whose only way out is a device that nobody else uses:
//! its count of packets sees names that are looked up, connections that are tried, and anything else. In the same
//! namespace, a server on the loopback device takes the hub's place.

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lethe_core::base::network::Network;
use lethe_core::chat::history::UserText;
use lethe_core::chat::turn::Options;
use lethe_core::upkeep::Rhythm;
use lethe_core::{Code, Lethe};
use lethe_tests::Data;

/// Free in every new namespace.
const HUB: &str = "127.0.0.1:8080";
/// An hour of quarter-hour rounds takes four of these.
const RHYTHM: Rhythm = Rhythm { first: Duration::from_millis(50), round: Duration::from_millis(500) };
const INSIDE: &str = "LETHE_IN_A_NAMESPACE";

/// Runs the test that has this name once more, in a namespace; true for the run inside.
fn inside(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        way_out();
        return true;
    }
    let itself = std::env::current_exe().expect("a test knows its own file");
    let name = &format!("network::{name}");
    let run = |options: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(options).arg(&itself).args(["--exact", name, "--nocapture"]);
        command.env(INSIDE, "1").env("HF_ENDPOINT", format!("http://{HUB}"));
        command.output().expect("util-linux is installed: it has unshare")
    };
    let mut output = run(&["--net"]);
    if String::from_utf8_lossy(&output.stderr).contains("unshare failed") {
        // Without being root, a namespace for users makes one.
        output = run(&["--net", "--map-root-user"]);
    }
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "the test ran in its namespace: {said}");
    false
}

/// The loopback device, and one that leads out: a pair of cables whose other end nobody answers at.
fn way_out() {
    for line in [
        "link set lo up",
        "link add out0 type veth peer name out1",
        "addr add 10.99.0.1/24 dev out0",
        "link set out1 up",
        "link set out0 up",
        "route add default via 10.99.0.2",
    ] {
        let done = Command::new("ip").args(line.split(' ')).status().expect("iproute2 is installed");
        assert!(done.success(), "ip {line}");
    }
    // What the system itself announces when a device comes up is over when an address is usable.
    let _ = std::fs::write("/proc/sys/net/ipv6/conf/out0/disable_ipv6", "1");
    let _ = std::fs::write("/proc/sys/net/ipv6/conf/out1/disable_ipv6", "1");
}

/// Packets that were sent by the device that leads out.
fn packets() -> u64 {
    let devices = std::fs::read_to_string("/proc/self/net/dev").expect("the list of devices");
    let line = devices.lines().find_map(|line| line.trim().strip_prefix("out0:")).expect("the device is there");
    line.split_whitespace().nth(9).and_then(|count| count.parse().ok()).expect("a count of packets")
}

/// A server that has nothing, and remembers what it was asked for.
fn hub() -> Arc<Mutex<Vec<String>>> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind(HUB).expect("the port is free in a new namespace");
    let heard = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            heard.lock().expect("no panic").push(head.lines().next().unwrap_or_default().to_owned());
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    asked
}

/// Start, an hour without anybody, and a chat with a real model.
async fn use_it(data: &Data, network: Network) -> Arc<Lethe> {
    let lethe = Arc::new(data.open_with(network).await.expect("a fresh data folder"));
    lethe.models().import(&lethe_tests::starter_model()).await.expect("the starter model is whole");
    let hour = RHYTHM.round * 6;
    let idling = tokio::time::timeout(hour, lethe.clone().upkeep(RHYTHM, |_| ())).await;
    assert!(idling.is_err(), "upkeep goes on as long as the product is open");
    let (events, _heard) = tokio::sync::mpsc::unbounded_channel();
    let options = Options {
        settings: Some(lethe_core::base::settings::Settings { max_tokens: Some(8), ..lethe.settings() }),
        ..Options::default()
    };
    let text = UserText::parse("What is the capital of France?").expect("words");
    lethe.turns().send(None, &text, &options, &events).await.expect("the starter model answers");
    lethe
}

#[test]
fn offline_nothing_is_sent_at_start_in_an_hour_and_in_a_chat() {
    if !inside("offline_nothing_is_sent_at_start_in_an_hour_and_in_a_chat") {
        return;
    }
    let asked = hub();
    let before = packets();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let data = Data::default();
        let lethe = use_it(&data, Network::Off).await;
        let error = lethe.cards().look().await.expect_err("asking is forbidden");
        assert_eq!(error.code, Code::Offline, "{error}");
        let page = lethe.ledger().page(None).await.expect("the ledger is read");
        assert_eq!(page.entries, [], "nothing was even begun");
        lethe.close().await;
    });
    assert_eq!(packets(), before, "nothing left the machine");
    assert_eq!(*asked.lock().expect("no panic"), Vec::<String>::new(), "nobody was asked");
    // The count can rise.
    let socket = UdpSocket::bind("10.99.0.1:0").expect("a socket");
    socket.send_to(b"x", "10.99.0.2:9").expect("a packet for nobody");
    assert!(packets() > before, "the device counts what leaves");
}

#[test]
fn online_only_what_the_ledger_shows_is_sent() {
    if !inside("online_only_what_the_ledger_shows_is_sent") {
        return;
    }
    let asked = hub();
    let before = packets();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let data = Data::default();
        let lethe = use_it(&data, Network::On).await;
        let page = lethe.ledger().page(None).await.expect("the ledger is read");
        let asked = asked.lock().expect("no panic").clone();
        assert!(!asked.is_empty(), "the cards are watched");
        assert_eq!(page.entries.len(), asked.len(), "every request is in the ledger: {asked:?}");
        for entry in &page.entries {
            assert_eq!((entry.host.as_str(), entry.status, entry.over), (HUB, Some(404), true), "{entry:?}");
        }
        // In the middle of its life the switch is turned.
        lethe.set_offline(true).await.expect("the setting is stored");
        assert_eq!(lethe.cards().look().await.expect_err("asking is forbidden now").code, Code::Offline);
        assert_eq!(lethe.ledger().page(None).await.expect("the ledger is read").entries.len(), asked.len());
        lethe.close().await;
    });
    assert_eq!(packets(), before, "nothing else left the machine");
}
