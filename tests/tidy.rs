//! The house rules that a machine can check: layering, file sizes, live links and paths in documents.
//!
//! Each rule is a function from a file's path and content to its complaints. Its test first shows on bad samples that it
//! can fail, and then applies it to every file that git tracks or would. Generated types are tested in `src-tauri/core`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a rule says about one file: one line for each finding, with what to do.
type Rule = fn(path: &str, content: &str) -> Vec<String>;

/// This file names what it forbids.
const THIS_FILE: &str = "tests/tidy.rs";
const LINE_LIMIT: usize = 600;
/// Files over the limit, each with the reason. Case tables (`.toml`) and generated files are exempt by kind.
const LONG_FILES: [(&str, &str); 0] = [];
const GENERATED: [&str; 1] = ["ui/src/lib/api/types.ts"];
/// Folders that a build makes: documents may name them before they exist.
const BUILT: [&str; 3] = ["target/", "ui/dist/", "node_modules/"];

#[test]
fn only_the_window_names_tauri() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let allowed = ["src-tauri/src/", "src-tauri/build.rs", "src-tauri/Cargo.toml", "Cargo.toml"];
        named(path, content, &allowed, "tauri", "tauri", "move it to src-tauri/src: core and cli run without a window")
    }
    check(
        rule,
        &[
            ("src-tauri/core/src/chat.rs", "use tauri::State;"),
            ("src-tauri/cli/src/main.rs", "fn run() { tauri_plugin_dialog::init(); }"),
            ("src-tauri/core/Cargo.toml", "[dependencies]\ntauri.workspace = true"),
            ("models/Cargo.toml", "tauri = \"2\""),
        ],
        &[
            ("src-tauri/src/main.rs", "use tauri::State;"),
            ("src-tauri/core/src/chat.rs", "// unlike tauri::State, this runs without a window"),
            ("tests/tree.rs", "let path = \"src-tauri/core\";"),
        ],
    );
}

#[test]
fn only_the_engine_names_llama() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let remedy = "ask the engine process through models/src instead: llama.cpp can abort its process";
        let allowed = ["models/engine/", "Cargo.toml"];
        let mut findings = named(path, content, &allowed, "llama_cpp_2", "llama-cpp-2", remedy);
        findings.extend(named(path, content, &allowed, "llama_cpp_sys_2", "llama-cpp-sys-2", remedy));
        findings
    }
    check(
        rule,
        &[
            ("models/src/engine.rs", "use llama_cpp_2::model::LlamaModel;"),
            ("models/Cargo.toml", "llama-cpp-sys-2.workspace = true"),
        ],
        &[
            ("models/engine/src/main.rs", "use llama_cpp_2::model::LlamaModel;"),
            ("models/src/engine.rs", "/// The engine links llama_cpp_2; this crate does not."),
        ],
    );
}

#[test]
fn only_core_names_sqlx() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let remedy = "go through lethe-core: it alone knows the database";
        // The test of what is logged names whose words must not be.
        named(path, content, &["src-tauri/core/", "Cargo.toml", "tests/store.rs"], "sqlx", "sqlx", remedy)
    }
    check(
        rule,
        &[("src-tauri/src/main.rs", "sqlx::query(\"\")"), ("src-tauri/cli/Cargo.toml", "sqlx = \"0.9\"")],
        &[("src-tauri/core/src/chat/history.rs", "use sqlx::Row;")],
    );
}

#[test]
fn the_core_is_a_house_with_storeys() {
    let bad: [&[(&str, &str)]; 5] = [
        &[("base/store.rs", "use crate::lists::filter::Filters;")],
        &[("lists/filter.rs", "fn now() { crate::chat::history::now() }")],
        &[("chat/turn/answer.rs", "impl crate::Lethe {}")],
        &[("models/hub.rs", "use crate::{base::error::Error, view::AppEvent};")],
        &[
            ("chat/sweep.rs", "use crate::chat::backup::Backups;"),
            ("chat/backup/sweep.rs", "use crate::chat::sweep::x;"),
        ],
    ];
    for files in bad {
        let files: Vec<_> =
            files.iter().map(|(path, content)| (format!("{CORE}{path}"), (*content).to_owned())).collect();
        assert!(!storeys(&files).is_empty(), "the rule lets this pass: {files:?}");
    }
    let good = [
        ("lethe.rs", "use crate::chat::turn::Turns;\nuse crate::view::AppState;"),
        ("chat/turn.rs", "use crate::base::error::Error;\nuse crate::models::running::Running;"),
        ("models/running.rs", "//! Not for [`crate::Lethe`].\nuse crate::{Error, Result};"),
        ("base/store.rs", "#[cfg(test)]\nmod tests {\n    use crate::chat::history::History;\n}"),
    ];
    let good: Vec<_> = good.map(|(path, content)| (format!("{CORE}{path}"), content.to_owned())).into();
    assert_eq!(storeys(&good), [""; 0], "the rule is too strict");
    let files = tracked_files().into_iter().filter(|path| path.starts_with(CORE) && path.ends_with(".rs"));
    let read = |path: String| {
        let content = fs::read_to_string(root().join(&path)).expect("a source file is text");
        (path, content)
    };
    let complaints = storeys(&files.map(read).collect::<Vec<_>>());
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn only_the_network_names_reqwest() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let remedy = "go through lethe-network: it alone makes requests, so that the ledger has them all";
        named(path, content, &["models/network/", "Cargo.toml"], "reqwest", "reqwest", remedy)
    }
    check(
        rule,
        &[("models/hub/src/hub.rs", "reqwest::get(\"\")"), ("src-tauri/core/Cargo.toml", "reqwest = \"0.13\"")],
        &[("models/network/src/client.rs", "use reqwest::header;")],
    );
}

#[test]
fn only_the_client_imports_the_tauri_bridge() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        if !is_script(path) || path == "ui/src/lib/api/client.ts" {
            return Vec::new();
        }
        let imports = |line: &str| !line.trim_start().starts_with("//") && line.contains("@tauri-apps/");
        findings(path, content, imports, "call a function of ui/src/lib/api/client.ts instead")
    }
    check(
        rule,
        &[
            ("ui/src/App.svelte", "import { listen } from '@tauri-apps/api/event';"),
            ("ui/src/lib/api/other.ts", "const core = await import(\"@tauri-apps/api/core\");"),
        ],
        &[("ui/src/lib/api/client.ts", "import { invoke } from '@tauri-apps/api/core';")],
    );
}

#[test]
fn only_the_engine_is_unsafe() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let may = ["models/engine/", "src-tauri/core/faults/"].iter().any(|folder| path.starts_with(folder));
        if !path.ends_with(".rs") || may || path == THIS_FILE {
            return Vec::new();
        }
        let is_unsafe = |line: &str| {
            words(code(line)).any(|(word, _, rest)| {
                let rest = rest.trim_start();
                word == "unsafe"
                    && ["{", "fn", "impl", "trait", "extern", "("].iter().any(|next| rest.starts_with(next))
            })
        };
        findings(path, content, is_unsafe, "find a safe way, or move it to models/engine with its reason")
    }
    check(
        rule,
        &[
            ("filters/src/scan.rs", "let text = unsafe { str::from_utf8_unchecked(bytes) };"),
            ("models/src/wire.rs", "unsafe impl Send for Wire {}"),
            ("models/src/wire.rs", "#[unsafe(no_mangle)]"),
        ],
        &[
            ("models/engine/src/llama.rs", "unsafe { llama_backend_free() }"),
            ("filters/src/lib.rs", "//! No IO, clock, async or unsafe (see above)"),
            ("filters/src/lib.rs", "#![forbid(unsafe_code)]"),
        ],
    );
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let is_crate = path.ends_with("Cargo.toml") && content.lines().any(|line| line.trim() == "[package]");
        if !is_crate || ["models/engine/Cargo.toml", "src-tauri/core/faults/Cargo.toml"].contains(&path) {
            return Vec::new();
        }
        let mut lines = content.lines().map(str::trim);
        let takes = lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true");
        if takes { Vec::new() } else { vec![format!("{path}: add the section [lints] with workspace = true")] }
    }
    check(
        rule,
        &[
            ("filters/Cargo.toml", "[package]\nname = \"lethe-filters\""),
            ("filters/Cargo.toml", "[package]\n[lints]\nworkspace = false"),
        ],
        &[
            ("filters/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n"),
            ("models/engine/Cargo.toml", "[package]"),
            ("Cargo.toml", "[workspace]"),
        ],
    );
}

#[test]
fn source_files_stay_short() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let is_source = [".rs", ".ts", ".svelte", ".mjs", ".css"].iter().any(|ending| path.ends_with(ending));
        let exempt = GENERATED.contains(&path) || LONG_FILES.iter().any(|(long, _)| *long == path);
        let lines = content.lines().count();
        if !is_source || exempt || lines <= LINE_LIMIT {
            return Vec::new();
        }
        vec![format!("{path}: {lines} lines; split it by its nouns, the limit is {LINE_LIMIT}")]
    }
    let long = "\n".repeat(LINE_LIMIT + 1);
    check(
        rule,
        &[("filters/src/lib.rs", &long), ("ui/src/App.svelte", &long)],
        &[("filters/src/lib.rs", &long[1..]), ("filters/tests/cases/email.toml", &long), (GENERATED[0], &long)],
    );
}

#[test]
fn nothing_is_left_undone_or_skipped() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let patterns: &[&str] = match path {
            THIS_FILE => &[],
            _ if path.ends_with(".rs") => &["todo!", "unimplemented!", "#[ignore", "dbg!("],
            _ if is_script(path) => &[".skip(", ".only(", ".todo("],
            _ => &[],
        };
        let undone = |line: &str| patterns.iter().any(|pattern| code(line).contains(pattern));
        findings(path, content, undone, "finish it, or take it out: a skipped test guards nothing")
    }
    check(
        rule,
        &[
            ("filters/src/lib.rs", "    todo!()"),
            ("models/src/wire.rs", "#[ignore = \"slow\"]"),
            ("ui/src/app.test.ts", "it.only('works', () => {});"),
            ("tests/e2e/chat.test.mjs", "test.skip('stop', () => {});"),
        ],
        &[("filters/src/scan.rs", "let rest = words.skip(1);"), ("filters/src/scan.rs", "// no todo!() here")],
    );
}

/// What holds text of people or models, by the file's path and the type's name: its `Debug` is written by hand and shows
/// lengths. What consists of these may derive it.
const TEXTS: &[(&str, &str)] = &[
    ("filters/src/", "FilteredText Segment Entry List Canonical Redactor"),
    ("models/network/", "Secret Request Body"),
    ("models/remote/", "Chat ChatRequest"),
    ("models/src/", "Event GenerateOptions GenerateRequest Message Piece PrivateText RenderRequest Step"),
    ("src-tauri/core/src/base/", "Key Segment"),
    ("src-tauri/core/src/chat/", "Conversation ConversationSummary Found Message Passphrase PromptTurn"),
    ("src-tauri/core/src/chat/", "MessageRow PieceRedaction SearchHit SnippetPart Stored UserText"),
];

#[test]
fn what_holds_text_derives_no_debug() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let names: Vec<&str> =
            TEXTS.iter().filter(|(place, _)| path.starts_with(place)).map(|(_, names)| *names).collect();
        let mut derived = false;
        let mut bad = Vec::new();
        for line in content.lines().map(code) {
            let declared = line.split_once("struct ").or_else(|| line.split_once("enum "));
            let declared = declared.filter(|_| derived);
            derived =
                line.contains("derive(") && line.contains("Debug") || derived && line.trim_start().starts_with("#[");
            let Some((_, rest)) = declared else { continue };
            let name = rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            if names.iter().any(|names| names.split(' ').any(|known| known == name)) {
                bad.push(format!("{path}: {name} derives Debug: write one that shows lengths only"));
            }
        }
        bad
    }
    let sources: Vec<String> = tracked_files().into_iter().filter(|path| path.ends_with(".rs")).collect();
    for (place, name) in TEXTS.iter().flat_map(|(place, names)| names.split(' ').map(move |name| (place, name))) {
        let text = |path: &String| fs::read_to_string(root().join(path)).unwrap_or_default();
        let is_it = |rest: &str| rest.starts_with(name) && !rest[name.len()..].starts_with(char::is_alphanumeric);
        let declares = |text: &str| text.split("struct ").chain(text.split("enum ")).any(is_it);
        assert!(sources.iter().any(|path| path.starts_with(place) && declares(&text(path))), "{place}: {name}");
    }
    check(
        rule,
        &[
            ("src-tauri/core/src/chat/history/row.rs", "#[derive(Debug, Clone)]\npub struct Message {"),
            ("models/src/wire.rs", "#[derive(Serialize, Debug)]\n#[serde(tag = \"t\")]\npub enum Event {"),
        ],
        &[
            (
                "src-tauri/core/src/chat/history/row.rs",
                "#[derive(Clone)]\npub struct Message {\n#[derive(Debug)]\nenum Role {",
            ),
            ("src-tauri/feeds/src/segment.rs", "#[derive(Debug)]\npub struct Segment {"),
        ],
    );
}

#[test]
fn every_test_file_is_declared() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        if path != "tests/product.rs" {
            return Vec::new();
        }
        let declared = |name: &str| content.lines().any(|line| line == format!("mod {name};"));
        let files = tracked_files();
        let names = files.iter().filter_map(|file| file.strip_prefix("tests/")?.strip_suffix(".rs"));
        names
            .filter(|name| !name.contains('/') && !["lib", "product", "tidy"].contains(name) && !declared(name))
            .map(|name| format!("tests/{name}.rs is not compiled: declare it in tests/product.rs"))
            .collect()
    }
    check(rule, &[("tests/product.rs", "mod chat;\n")], &[("filters/src/lib.rs", "mod scan;\n")]);
}

#[test]
fn documents_name_what_exists() {
    check(
        dead_references,
        &[
            ("README.md", "See [the map](docs/no-such-map.md)."),
            ("README.md", "![window](docs/screenshots/no-such-picture.png)"),
            ("docs/adr/0001-x.md", "[up](../no-such-file.md#part)"),
            ("ARCHITECTURE.md", "The filter is in `filters/src/no_such_file.rs`."),
            ("ARCHITECTURE.md", "All of it is in `filters/no-such-folder/`."),
        ],
        &[
            ("README.md", "[code](Cargo.toml), [part](#part), [site](https://example.org/x.md), `cargo test a/b`"),
            ("README.md", "Programs are in `target/release/`, data in `~/.local/share/lethe/`, lists as `*/x.toml`."),
            ("README.md", "```\n[not a link](nowhere.md) and `nowhere/x.rs`\n```"),
            ("filters/src/lib.rs", "// [not](a-document.md)"),
        ],
    );
}

#[test]
fn documents_name_no_machine() {
    fn rule(path: &str, content: &str) -> Vec<String> {
        let is_checked = [".md", ".mjs", ".toml", ".rs", ".ts"].iter().any(|ending| path.ends_with(ending));
        // Written in two parts, so that this file does not hold them.
        let hosts =
            [("crates", ".io/"), ("npmjs", ".org"), ("npmjs", ".com"), ("pypi", ".org"), ("pythonhosted", ".org")]
                .map(|(name, ending)| format!("{name}{ending}"));
        let folders = ["/root/", "/tmp/", "/home/", "/Users/", "C:\\Users\\"];
        let is_document = path.ends_with(".md");
        let named = |line: &str| {
            hosts.iter().any(|host| line.contains(host))
                || (is_document && folders.iter().any(|folder| line.contains(folder)))
        };
        if is_checked { findings(path, content, named, "name the package, or the folder as ~/…") } else { Vec::new() }
    }
    check(
        rule,
        &[
            ("README.md", "It lies in /home/ada/.cache/lethe."),
            ("scripts/lib/model.mjs", &format!("fetch('https://{}{}/x')", "pypi", ".org")),
        ],
        &[("README.md", "It lies in ~/.cache/lethe."), ("scripts/places.test.mjs", "['linux', '/home/ada']")],
    );
}

#[test]
fn decisions_are_numbered_without_gaps() {
    fn gaps(names: &[&str]) -> Vec<String> {
        let mut names = names.to_vec();
        names.sort_unstable();
        let wrong = |(index, name): (usize, &&str)| {
            let number = format!("{:04}-", index + 1);
            (!name.starts_with(&number)).then(|| format!("docs/adr/{name}: its number should be {number}"))
        };
        names.iter().enumerate().filter_map(wrong).collect()
    }
    assert_eq!(gaps(&["0001-a.md", "0002-b.md"]), [""; 0]);
    assert_eq!(gaps(&["0001-a.md", "0003-c.md"]).len(), 1, "a gap is found");
    assert_eq!(gaps(&["0001-a.md", "0001-b.md"]).len(), 1, "a number given twice is found");
    let files = tracked_files();
    let names: Vec<&str> = files.iter().filter_map(|file| file.strip_prefix("docs/adr/")).collect();
    assert!(!names.is_empty(), "docs/adr holds the decisions");
    assert_eq!(gaps(&names), [""; 0], "number the decisions from 0001, one after the other");
}

#[test]
fn files_are_found_without_git_too() {
    let tracked: BTreeSet<String> = tracked_files().into_iter().collect();
    assert!(tracked.contains("Cargo.toml") && tracked.contains("filters/src/lib.rs"), "{} files", tracked.len());
    let walked: BTreeSet<String> = walk(&root()).into_iter().collect();
    let unseen: Vec<_> = tracked.difference(&walked).filter(|path| !path.starts_with('.')).collect();
    assert!(unseen.is_empty(), "the walk misses {unseen:?}");
}

/// Shows that `rule` fails on each bad sample and on no good one, then applies it to the repository.
fn check(rule: Rule, bad: &[(&str, &str)], good: &[(&str, &str)]) {
    for (path, content) in bad {
        assert!(!rule(path, content).is_empty(), "the rule lets this pass: {path}: {content:.80}");
    }
    for (path, content) in good {
        assert_eq!(rule(path, content), [""; 0], "the rule is too strict");
    }
    let mut complaints = Vec::new();
    for path in tracked_files() {
        // What is not text has no lines to complain about.
        if let Ok(content) = fs::read_to_string(root().join(&path)) {
            complaints.extend(rule(&path, &content));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The core's sources, and its storeys from the ground up; what stands in none of them is the roof.
const CORE: &str = "src-tauri/core/src/";
const STOREYS: [&str; 4] = ["base", "lists", "models", "chat"];
const ROOF: usize = STOREYS.len();

/// Modules of the core that import from above, and circles of modules; a module's files count as one.
fn storeys(files: &[(String, String)]) -> Vec<String> {
    let height = |module: &str| {
        let storey = module.split("::").next().unwrap_or_default();
        STOREYS.iter().position(|name| *name == storey).unwrap_or(ROOF)
    };
    let mut complaints = Vec::new();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, content) in files.iter().filter(|(path, _)| !path.ends_with("/tests.rs")) {
        let Some(module) = module_of(path) else { continue };
        let product = content.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for target in product.lines().flat_map(|line| imported(code(line))) {
            if height(&target) > height(&module) {
                complaints.push(format!("{path}: names {target}, which stands above it: hand in what it needs"));
            }
            if target != module {
                arrows.entry(module.clone()).or_default().insert(target);
            }
        }
    }
    for module in arrows.keys() {
        let mut reached: BTreeSet<&String> = BTreeSet::new();
        let mut next: Vec<&String> = arrows[module].iter().collect();
        while let Some(one) = next.pop() {
            if reached.insert(one) {
                next.extend(arrows.get(one).into_iter().flatten());
            }
        }
        if reached.contains(module) {
            complaints.push(format!("{module} imports itself in a circle: give what both need a module of its own"));
        }
    }
    complaints
}

/// The module that a file of the core belongs to; none for a list of modules.
fn module_of(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.strip_prefix(CORE)?.strip_suffix(".rs")?.split('/').collect();
    match parts[..] {
        ["lib"] => None,
        [storey] if STOREYS.contains(&storey) => None,
        [storey, module, ..] if STOREYS.contains(&storey) => Some(format!("{storey}::{module}")),
        _ => Some(parts[0].to_owned()),
    }
}

/// The modules of the core that a line names.
fn imported(line: &str) -> Vec<String> {
    let paths = line.split("crate::").skip(1).flat_map(|rest| match rest.strip_prefix('{') {
        Some(group) => group.split([',', '}']).map(str::trim).collect(),
        None => vec![rest],
    });
    let module = |path: &str| {
        let mut names = path.split("::").map(|part| part.split(|c: char| c != '_' && !c.is_alphanumeric()).next());
        let (first, second) = (names.next().flatten()?, names.next().flatten());
        match (first, second) {
            ("", _) => None,
            ("Lethe", _) => Some("lethe".to_owned()),
            (storey, Some(module)) if STOREYS.contains(&storey) => Some(format!("{storey}::{module}")),
            (name, _) if name.starts_with(char::is_uppercase) => Some("base::error".to_owned()),
            (name, _) => Some(name.to_owned()),
        }
    };
    paths.filter_map(module).collect()
}

/// One finding for each line of `content` that `is_bad`.
fn findings(path: &str, content: &str, is_bad: impl Fn(&str) -> bool, remedy: &str) -> Vec<String> {
    let numbered = content.lines().enumerate().filter(|(_, line)| is_bad(line));
    numbered.map(|(index, line)| format!("{path}:{}: {}: {remedy}", index + 1, line.trim())).collect()
}

/// Findings where Rust code says `name…::` or a manifest depends on `package…`, outside the `allowed` paths and folders (`/`).
fn named(path: &str, content: &str, allowed: &[&str], name: &str, package: &str, remedy: &str) -> Vec<String> {
    let is_allowed = allowed.iter().any(|place| path == *place || (place.ends_with('/') && path.starts_with(place)));
    if is_allowed || path == THIS_FILE {
        return Vec::new();
    }
    if path.ends_with("Cargo.toml") {
        return findings(path, content, |line| line.starts_with(package) && line.contains('='), remedy);
    }
    if !path.ends_with(".rs") {
        return Vec::new();
    }
    let names = |line: &str| {
        words(code(line)).any(|(word, before, rest)| {
            let used = rest.starts_with("::") || before.trim_end().ends_with("extern crate");
            used && (word == name || word.strip_prefix(name).is_some_and(|more| more.starts_with('_')))
        })
    };
    findings(path, content, names, remedy)
}

/// A line without its comment. A URL's slashes begin none.
fn code(line: &str) -> &str {
    let begins = |at: &usize| *at == 0 || !line[..*at].ends_with(':');
    line.match_indices("//").map(|(at, _)| at).find(begins).map_or(line, |at| &line[..at])
}

/// The words of a line, each with what stands before and after it.
fn words(line: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.split(move |letter| !is_part(letter)).filter(|word| !word.is_empty()).map(move |word| {
        let start = word.as_ptr().addr() - line.as_ptr().addr();
        (word, &line[..start], &line[start + word.len()..])
    })
}

fn is_script(path: &str) -> bool {
    [".ts", ".js", ".mjs", ".svelte"].iter().any(|ending| path.ends_with(ending))
}

/// Links and paths in documents that lead nowhere.
fn dead_references(path: &str, content: &str) -> Vec<String> {
    if !path.ends_with(".md") {
        return Vec::new();
    }
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let here = |target: &str| root().join(folder).join(target).exists();
    let anywhere = |target: &str| here(target) || root().join(target).exists();
    let mut fenced = false;
    let mut dead = Vec::new();
    for (index, line) in content.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        if fenced {
            continue;
        }
        let links = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
        let links = links.filter_map(|target| target.split('#').next());
        let broken_links = links.filter(|target| !target.is_empty() && !target.contains(':') && !here(target));
        let paths = line.split('`').skip(1).step_by(2).filter(|text| is_path(text));
        let broken_paths = paths.filter(|target| !anywhere(target));
        let all = broken_links.chain(broken_paths);
        dead.extend(all.map(|target| format!("{path}:{}: {target} does not exist: mend or remove it", index + 1)));
    }
    dead
}

/// Whether text in back-ticks is meant as a path in this repository.
fn is_path(text: &str) -> bool {
    let endings = ["/", ".rs", ".md", ".mjs", ".ts", ".svelte", ".toml", ".css", ".json", ".sql", ".html"];
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./".contains(letter);
    text.contains('/')
        && !text.starts_with('/')
        && text.chars().all(plain)
        && endings.iter().any(|ending| text.ends_with(ending))
        && !BUILT.iter().any(|folder| text.starts_with(folder))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file that is tracked or would be, with `/` between its parts.
fn tracked_files() -> Vec<String> {
    let arguments = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let listing = Command::new("git").args(arguments).current_dir(root()).output();
    let Some(listing) = listing.ok().filter(|output| output.status.success() && !output.stdout.is_empty()) else {
        return walk(&root()); // A source archive, or a machine without git.
    };
    let names = String::from_utf8_lossy(&listing.stdout);
    let present = names.split('\0').filter(|name| !name.is_empty() && root().join(name).is_file());
    present.map(str::to_owned).collect()
}

/// Every file below `top` but what builds and tools make.
fn walk(top: &Path) -> Vec<String> {
    let made = ["target", "node_modules", "dist", "coverage"];
    let mut files = Vec::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).expect("a folder of the repository can be read");
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if path.is_dir() && !name.starts_with('.') && !made.contains(&name.as_str()) {
                folders.push(path);
            } else if path.is_file() && !name.ends_with(".gguf") && !name.ends_with(".log") {
                let inside = path.strip_prefix(top).expect("every entry lies below the top");
                files.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files
}
