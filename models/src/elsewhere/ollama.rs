//! Ollama's models: `manifests/HOST/OWNER/NAME/TAG` is JSON that names files by their SHA-256, which lie in
//! `blobs/sha256-HEX`. The one with the weights has the media type `application/vnd.ollama.image.model`.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::App;
use super::walk::Walk;

const WEIGHTS: &str = "application/vnd.ollama.image.model";
/// Where models without a host come from, and the owner of those without an owner.
const HOST: &str = "registry.ollama.ai";
const OWNER: &str = "library";
/// Longest manifest in bytes; they have about a thousand.
const LONGEST_MANIFEST: u64 = 1 << 20;

#[derive(Deserialize)]
struct Manifest {
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    #[serde(rename = "mediaType")]
    media_type: String,
    digest: String,
    size: u64,
}

/// Finds the models in a folder of Ollama.
pub(super) fn find(walk: &mut Walk, root: &Path, app: App) {
    let blobs = root.join("blobs");
    for host in walk.entries(&root.join("manifests")) {
        for owner in walk.entries(&host) {
            for model in walk.entries(&owner) {
                for tag in walk.entries(&model) {
                    let Some(blob) = weights(&tag, &blobs) else { continue };
                    let names = [&host, &owner, &model, &tag].map(|path| last(path));
                    walk.take(vec![blob], name(&names.each_ref().map(String::as_str)), app);
                }
            }
        }
    }
}

/// The file of a model's weights; `None` if it is not there, or not whole yet, or in a format of several layers.
fn weights(manifest: &Path, blobs: &Path) -> Option<PathBuf> {
    manifest.metadata().ok().filter(|metadata| metadata.is_file() && metadata.len() <= LONGEST_MANIFEST)?;
    let mut text = Vec::new();
    File::open(manifest).ok()?.take(LONGEST_MANIFEST).read_to_end(&mut text).ok()?;
    let manifest: Manifest = serde_json::from_slice(&text).ok()?;
    let mut layers = manifest.layers.iter().filter(|layer| layer.media_type == WEIGHTS);
    let (layer, None) = (layers.next()?, layers.next()) else { return None };
    // Only what is a hash becomes a path: a manifest must not lead out of the folder.
    let hash = layer.digest.strip_prefix("sha256:")?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let blob = is_hash.then(|| blobs.join(format!("sha256-{hash}")))?;
    let metadata = fs::metadata(&blob).ok()?;
    (metadata.is_file() && metadata.len() == layer.size).then_some(blob)
}

/// As Ollama writes it: `llama3.2:3b`, `owner/name:tag`, `host/owner/name:tag`.
fn name(names: &[&str; 4]) -> String {
    match names {
        [HOST, OWNER, model, tag] => format!("{model}:{tag}"),
        [HOST, owner, model, tag] => format!("{owner}/{model}:{tag}"),
        [host, owner, model, tag] => format!("{host}/{owner}/{model}:{tag}"),
    }
}

fn last(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
