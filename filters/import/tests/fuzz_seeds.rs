//! The fuzz target of this crate, over its seeds and some mutations of them. See `filters/fuzz/README.md`.

#[path = "../../fuzz/src/import.rs"]
mod import;
#[path = "../../fuzz/src/mutations.rs"]
mod mutations;

use std::path::Path;

fn check(target: fn(&[u8]), name: &str, count: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(name);
    mutations::run(target, &folder, count);
}

#[test]
fn import() {
    check(import::import, "import", 5_000);
}
