//! Puts the kernel modules of llama.cpp where the engine looks for them: `backends/` beside the program.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=LETHE_LLAMA_BUILD={}", llama_build());
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        // The old kind of tag is heard by the libraries' own dependencies as well.
        Ok("linux") => println!("cargo:rustc-link-arg=-Wl,--disable-new-dtags,-rpath,$ORIGIN:$ORIGIN/.."),
        Ok("macos") => println!("cargo:rustc-link-arg=-Wl,-rpath,@loader_path,-rpath,@loader_path/.."),
        _ => {}
    }
    // Set by the build script of llama-cpp-sys-2, which links itself as `llama`.
    let modules = env::var_os("DEP_LLAMA_BACKENDS_DIR").map(PathBuf::from);
    let modules = modules.expect("llama-cpp-sys-2 is built with the feature dynamic-backends");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    // target/PROFILE/build/NAME/out: cargo offers no other way to the folder of the programs.
    let programs = out.ancestors().nth(3).expect("OUT_DIR lies in the target folder");
    copy_files(&modules, &programs.join("backends"), |_| true);
    // llama-cpp-sys-2 links `libllama.so` there, but the loader asks for `libllama.so.0`.
    let libraries = modules.with_file_name("lib");
    copy_files(&libraries, programs, |name| {
        name.rsplit_once(".so.").is_some_and(|(_, version)| version.chars().all(|letter| letter.is_ascii_digit()))
    });
}

fn copy_files(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) {
    fs::create_dir_all(to).expect("the target folder is writable");
    for entry in fs::read_dir(from).expect("llama.cpp installed its libraries") {
        let path = entry.expect("the folder is readable").path();
        let name =
            path.file_name().and_then(|name| name.to_str()).expect("llama.cpp's file names are plain").to_owned();
        if path.is_file() && wanted(&name) {
            copy_if_changed(&path, &to.join(name));
        }
    }
}

fn copy_if_changed(from: &Path, to: &Path) {
    let same = match (fs::read(from), fs::read(to)) {
        (Ok(new), Ok(old)) => new == old,
        _ => false,
    };
    if !same {
        // A running engine may have the old one mapped: a new file, not new bytes in the old one.
        let _ = fs::remove_file(to);
        fs::copy(from, to).expect("the target folder has room for the modules");
    }
}

/// The pinned version of the bindings, which names the llama.cpp inside.
fn llama_build() -> String {
    let manifest = fs::read_to_string("../../Cargo.lock").unwrap_or_default();
    let mut lines = manifest.lines();
    while let Some(line) = lines.next() {
        if line == "name = \"llama-cpp-sys-2\"" {
            let version = lines.next().unwrap_or_default();
            return version.trim_start_matches("version = ").trim_matches('"').to_owned();
        }
    }
    "unknown".to_owned()
}
