//! The fuzz targets, over their seeds and some mutations of them. What they check is in
//! `fuzz/src/targets.rs`; `fuzz/README.md` says how to look for more.

#[path = "../fuzz/src/mutations.rs"]
mod mutations;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::path::Path;

fn check(target: fn(&[u8]), name: &str, mutations: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    mutations::run(target, &folder, mutations);
}

#[test]
fn canonical() {
    check(targets::canonical, "canonical", 3000);
}

#[test]
fn redactor() {
    check(targets::redactor, "redactor", 1000);
}

#[test]
fn foreign() {
    check(targets::foreign, "foreign", 600);
}

#[test]
fn list_opener() {
    check(targets::list_opener, "list_opener", 2000);
}

#[test]
fn list_lines() {
    check(targets::list_lines, "list_lines", 1000);
}

#[test]
fn descriptor() {
    check(targets::descriptor, "descriptor", 2000);
}
