//! The cache of Hugging Face's libraries: `models--OWNER--NAME/snapshots/REVISION/FILE`, where a file is a link to
//! `blobs/HASH`, or the file itself on systems without links.
//!
//! Source: `huggingface_hub`'s guide to its cache, and `common/hf-cache.cpp` of llama.cpp.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::App;
use super::walk::{Walk, file_name};

/// Finds the models in a cache.
pub(super) fn find(walk: &mut Walk, root: &Path, app: App) {
    for folder in walk.entries(root) {
        let name = folder.file_name().and_then(|name| name.to_str());
        let Some(repository) = name.and_then(|name| name.strip_prefix("models--")) else { continue };
        let repository = repository.replace("--", "/");
        let mut snapshots: Vec<PathBuf> = walk.entries(&folder.join("snapshots"));
        // A file that is in several revisions is found once: in the newest, where the cache says which that is.
        let newest = newest(&folder);
        snapshots.sort_by_key(|snapshot| {
            let name = snapshot.file_name().and_then(|name| name.to_str());
            newest.is_none() || name != newest.as_deref()
        });
        for snapshot in snapshots {
            walk.named_files(&snapshot, app, &|path| format!("{repository} {}", file_name(path)));
        }
    }
}

/// The revision that the main branch had last.
fn newest(folder: &Path) -> Option<String> {
    let path = folder.join("refs").join("main");
    let mut revision = String::new();
    // Asked before it is opened: opening a pipe would wait for somebody to write.
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    File::open(path).ok()?.take(100).read_to_string(&mut revision).ok()?;
    Some(revision.trim().to_owned())
}
