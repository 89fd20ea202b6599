//! The fuzz target of lethe-import, over its seeds and some mutations of them.

use std::path::Path;

use lethe_fuzz::{import, mutations};

fn check(target: fn(&[u8]), name: &str, mutations: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    mutations::run(target, &folder, mutations);
}

#[test]
fn import() {
    check(import::import, "import", 10_000);
}
