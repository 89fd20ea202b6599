//! A hub that means harm, or is none.

use lethe_hub::fake::Reply;

use crate::{Site, kind, repo, tiny};

const NAME: &str = "ada/Tiny-GGUF";
const INFO: &str = "/api/models/ada/Tiny-GGUF/revision/";
const TREE: &str = "/api/models/ada/Tiny-GGUF/tree/";

fn info(sha: &str) -> Reply {
    Reply::ok(format!(r#"{{"id":"{NAME}","sha":{sha}}}"#))
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let site = Site::new(vec![tiny()]).await;
    let name = repo(NAME);
    let nested = "[".repeat(100_000);
    let other = format!("\"{}\"", "ab".repeat(20));
    for (reply, why) in [
        (Reply::ok("<html>Please sign in</html>"), "a page for people"),
        (Reply::ok(""), "nothing"),
        (Reply::ok("{"), "half of an answer"),
        (Reply::ok("[]"), "another shape"),
        (Reply::ok(nested), "nested deeper than anyone needs"),
        (Reply::ok([0xff, 0xfe, 0x00]), "no text"),
        (info("7"), "a commit that is a number"),
        (info("null"), "no commit"),
        (info("\"main\""), "a branch for a commit"),
        (info("\"../../../../../../../../../../../../etc/ab\""), "a path for a commit"),
        (Reply::redirect("https://127.0.0.1:9/x"), "another host"),
        (Reply::redirect("https://"), "nowhere"),
    ] {
        site.fake.reset();
        site.fake.fault(INFO, 1, reply);
        assert_eq!(kind(site.hub.repository(&name, None).await), "malformed", "{why}");
        assert_eq!(site.fake.requests().len(), 1, "{why}: nothing more is asked");
    }
    site.fake.reset();
    let revision = tiny().commit().into();
    site.fake.fault(INFO, 1, info(&other));
    assert_eq!(kind(site.hub.repository(&name, Some(&revision)).await), "malformed", "another commit than asked for");
}

#[tokio::test]
async fn lists_of_files_are_checked_line_by_line() {
    let site = Site::new(vec![tiny()]).await;
    let name = repo(NAME);
    let oid = "ab".repeat(20);
    let sha256 = "cd".repeat(32);
    let line = |path: &str, rest: &str| format!(r#"{{"type":"file","oid":"{oid}","path":{path},{rest}}}"#);
    for (lines, expected, why) in [
        (line("\"a\"", r#""size":1"#), Ok(1), "a small file"),
        (line("\"a\"", &format!(r#""size":1,"lfs":{{"oid":"{sha256}","size":1}}"#)), Ok(1), "a large file"),
        (line("\"a\"", r#""size":1,"lfs":{"size":1}"#), Ok(1), "a hash may be kept back"),
        (r#"{"type":"submodule","oid":"x","path":"../x"}"#.to_owned(), Ok(0), "what is no file is passed over"),
        (line("\"../a\"", r#""size":1"#), Ok(0), "a way up can't be fetched"),
        (line("\"/etc/passwd\"", r#""size":1"#), Ok(0), "nor a root"),
        (line("\"C:\\\\a\"", r#""size":1"#), Ok(0), "nor a drive"),
        (line("\"a\\u0000b\"", r#""size":1"#), Ok(0), "nor a name that ends early"),
        (line("\"a\"", r#""size":-1"#), Err("malformed"), "no size"),
        (line("\"a\"", r#""size":1e300"#), Err("malformed"), "no size"),
        (line("\"a\"", r#""size":18446744073709551615"#), Err("malformed"), "sums would overflow"),
        (line("\"a\"", r#""size":"1""#), Err("malformed"), "a size that is text"),
        (line("7", r#""size":1"#), Err("malformed"), "a path that is a number"),
        (line("\"a\"", r#""size":1,"lfs":{"oid":"short","size":1}"#), Err("malformed"), "a hash that is none"),
        (line("\"a\"", r#""size":1,"lfs":{"oid":7,"size":1}"#), Err("malformed"), "a hash that is a number"),
        (line("\"a\"", r#""size":1"#).replace(&oid, "../x"), Err("malformed"), "a name that git does not give"),
        (
            [line("\"a\"", r#""size":1"#), line("\"a\"", r#""size":2"#)].join(","),
            Err("malformed"),
            "two files of one name: which one would be kept?",
        ),
        (r#"{"path":"a"}"#.to_owned(), Err("malformed"), "half a line"),
    ] {
        site.fake.reset();
        site.fake.fault(TREE, 1, Reply::ok(format!("[{lines}]")));
        let found = site.hub.repository(&name, None).await.map(|repository| repository.files.len());
        match expected {
            Ok(files) => assert_eq!(found, Ok(files), "{why}: {lines}"),
            Err(error) => assert_eq!(kind(found), error, "{why}: {lines}"),
        }
    }
}

#[tokio::test]
async fn pages_end_and_stay_on_the_hub() {
    let site = Site::new(vec![tiny()]).await;
    let name = repo(NAME);
    let next = |to: &str| Reply::ok("[]").header("Link", &format!("<{to}>; rel=\"next\""));
    for (to, why) in [
        ("https://hub.example.org/api/models/x/tree/main?cursor=1".to_owned(), "another host"),
        (format!("{}x", site.fake.content_base()), "another port is another origin"),
        ("file:///etc/passwd".to_owned(), "no web at all"),
        ("//hub.example.org/x".to_owned(), "another host, in short"),
    ] {
        site.fake.reset();
        site.fake.fault(TREE, 1, next(&to));
        assert_eq!(kind(site.hub.repository(&name, None).await), "malformed", "{why}");
        assert_eq!(site.fake.requests().len(), 2, "{why}: it is not followed");
        assert!(site.fake.content_requests().is_empty(), "{why}: it is not followed");
    }
    site.fake.reset();
    site.fake.fault(TREE, 9, next(&format!("{TREE}x?cursor=same")));
    assert_eq!(kind(site.hub.repository(&name, None).await), "malformed", "a circle of pages");
    site.fake.reset();
    for page in 0..100 {
        site.fake.fault(TREE, 1, next(&format!("{TREE}x?cursor={page}")));
    }
    assert_eq!(kind(site.hub.repository(&name, None).await), "too long", "pages without end");
    assert!(site.fake.requests().len() < 70, "{} requests", site.fake.requests().len());
}

#[tokio::test]
async fn long_answers_are_stopped() {
    let site = Site::new(vec![tiny()]).await;
    let name = repo(NAME);
    let commit = tiny().commit().clone();
    let models = format!("[{}]", vec![r#"{"id":"a/b"}"#; 101].join(","));
    for (prefix, reply, expected) in [
        (INFO, Reply::endless(), "too long"),
        (TREE, Reply::endless(), "too long"),
        (TREE, Reply::ok(" ".repeat((16 << 20) + 1)), "too long"),
    ] {
        site.fake.reset();
        site.fake.fault(prefix, 1, reply);
        assert_eq!(kind(site.hub.repository(&name, None).await), expected, "{prefix}");
    }
    site.fake.fault("/api/models?", 1, Reply::endless());
    assert_eq!(kind(site.hub.search("x", 1).await), "too long");
    site.fake.fault("/api/models?", 1, Reply::ok(models));
    assert_eq!(kind(site.hub.search("x", 1).await), "too long", "more hits than asked for");
    site.fake.fault("/ada/Tiny-GGUF/raw/", 1, Reply::endless());
    assert_eq!(kind(site.hub.card(&name, &commit).await), "too long");
    site.fake.fault("/ada/Tiny-GGUF/resolve/", 1, Reply::endless());
    let path = "config.json".parse().expect("a path");
    assert_eq!(kind(site.hub.location(&name, &commit, &path).await), "ok", "the content is not read here");
}

#[tokio::test]
async fn redirects_end_and_keep_to_what_is_safe() {
    let site = Site::new(vec![tiny()]).await;
    let name = repo(NAME);
    let commit = tiny().commit().clone();
    let path = "Tiny.Q4_0.gguf".parse().expect("a path");
    let resolve = "/ada/Tiny-GGUF/resolve/";
    site.fake.fault(resolve, 99, Reply::redirect(&format!("{resolve}{commit}/Tiny.Q4_0.gguf")));
    assert_eq!(kind(site.hub.location(&name, &commit, &path).await), "unreachable", "a circle");
    assert_eq!(site.fake.requests().len(), 6);
    for (to, expected, why) in [
        ("http://files.example.org/x", "insecure", "a host far away without encryption"),
        ("ftp://files.example.org/x", "insecure", "no web"),
        ("file:///etc/passwd", "insecure", "a file of this machine"),
        ("https://", "malformed", "nowhere"),
        ("https://files.example.org/x", "ok", "with encryption"),
    ] {
        site.fake.reset();
        site.fake.fault(resolve, 1, Reply::redirect(to));
        assert_eq!(kind(site.hub.location(&name, &commit, &path).await), expected, "{why}");
        assert_eq!(site.fake.requests().len(), 1, "{why}");
    }
    site.fake.reset();
    let other = Reply::redirect("https://files.example.org/x").header("X-Repo-Commit", &"ab".repeat(20));
    site.fake.fault(resolve, 1, other);
    assert_eq!(kind(site.hub.location(&name, &commit, &path).await), "malformed", "a file of another version");
    let odd = Reply::redirect("https://files.example.org/x")
        .header("X-Linked-Size", "-5")
        .header("X-Linked-Etag", "W/\"short\"");
    site.fake.fault(resolve, 1, odd);
    let location = site.hub.location(&name, &commit, &path).await.expect("a location");
    assert_eq!((location.bytes, location.sha256, location.etag.as_deref()), (None, None, Some("short")));
}

#[tokio::test]
async fn names_with_tricks_are_no_hits() {
    let site = Site::new(vec![]).await;
    let ids = ["../../x", "a/b/c", "gpt2", "a/..", "a/b?c", "ada/fine", ""];
    let models: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    site.fake.fault("/api/models?", 1, Reply::ok(format!("[{}]", models.join(","))));
    let hits = site.hub.search("x", 10).await.expect("a search");
    assert_eq!(hits.iter().map(|hit| hit.repo.as_str()).collect::<Vec<_>>(), ["ada/fine"]);
    for (reply, why) in [(r#"{"error":"x"}"#, "another shape"), (r#"[{"id":7}]"#, "a name that is a number")] {
        site.fake.fault("/api/models?", 1, Reply::ok(reply));
        assert_eq!(kind(site.hub.search("x", 10).await), "malformed", "{why}");
    }
}
