//! Makes sure there is an interface to embed, then lets Tauri generate its code.

use std::path::Path;
use std::process::Command;

const INTERFACE: &str = "../ui/dist/index.html";

/// Shown instead of the interface by a program that was built without it.
const PLACEHOLDER: &str = "<!doctype html><meta charset=utf-8><title>Lethe</title>\
    <p>This program was built without its interface. Run <code>npm ci && npm run build --workspace ui</code> \
    and build it again.";

fn main() {
    println!("cargo:rerun-if-changed=../ui/dist");
    println!("cargo:rerun-if-changed=icons");
    if !Path::new(INTERFACE).exists() && !build_interface() {
        println!(
            "cargo:warning=the interface is missing: run npm ci && npm run build --workspace ui, then build again"
        );
        std::fs::create_dir_all("../ui/dist").expect("the source folder is writable");
        std::fs::write(INTERFACE, PLACEHOLDER).expect("the source folder is writable");
    }
    tauri_build::build();
}

/// A plain `cargo build` gives a whole program when npm is at hand.
fn build_interface() -> bool {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = |arguments: &[&str]| {
        let status = Command::new(npm).args(arguments).current_dir("..").status();
        status.is_ok_and(|status| status.success())
    };
    let installed = Path::new("../node_modules/vite").exists() || run(&["ci"]);
    installed && run(&["run", "build", "--workspace", "ui"]) && Path::new(INTERFACE).exists()
}
