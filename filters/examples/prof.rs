use lethe_filters::*;
fn main() {
    let list = || {
        List::from_entries(
            "x",
            (0..1000).map(|n| Entry::new(n.to_string(), Kind::Person, format!("Anna{n} Keller{n}"))).collect(),
        )
        .unwrap()
    };
    let text = "The committee met on Tuesday and agreed to publish its findings before the summer. Gestern wurde über die neue Brücke gesprochen, die im Herbst eröffnet werden soll. ".repeat(6000);
    for (name, d, l) in [
        ("none+list", "none", true),
        ("email", "email", false),
        ("iban", "iban", false),
        ("ip", "ip", false),
        ("nothing", "none", false),
        ("all+list", "all", true),
    ] {
        let f = Filter::new(if l { vec![list()] } else { vec![] }, d.parse().unwrap()).unwrap();
        let mut best = f64::MAX;
        for _ in 0..7 {
            let t = std::time::Instant::now();
            let r = f.filter(&text);
            best = best.min(t.elapsed().as_secs_f64());
            std::hint::black_box(r);
        }
        println!("{name}: {:.1} ns/byte {:.1} MB/s", best * 1e9 / text.len() as f64, text.len() as f64 / best / 1e6);
    }
}
