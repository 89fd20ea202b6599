//! The walk through folders, and what was found on it.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::{App, AppModel};
use crate::gguf::PartName;

/// Folders in folders.
const DEEPEST: usize = 8;
/// Files and folders that are looked at on one walk.
const MOST_ENTRIES: usize = 100_000;
/// Models that are found on one walk.
const MOST_FOUND: usize = 2000;

/// One walk, through as many folders as wanted.
#[derive(Default)]
pub(super) struct Walk {
    entries: usize,
    /// Of the present tree; links lead to a folder once.
    visited: HashSet<PathBuf>,
    seen: HashSet<Identity>,
    found: Vec<AppModel>,
}

/// A file under all its names.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    #[cfg(unix)]
    Node { device: u64, number: u64 },
    #[cfg(not(unix))]
    Path(PathBuf),
}

impl Identity {
    #[cfg(unix)]
    fn of(_: &Path, metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self::Node { device: metadata.dev(), number: metadata.ino() }
    }

    #[cfg(not(unix))]
    fn of(path: &Path, _: &Metadata) -> Self {
        Self::Path(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}

impl Walk {
    /// What is in a folder, in the order of the names; nothing where it can't be read.
    pub(super) fn entries(&mut self, folder: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let left = MOST_ENTRIES - self.entries;
        let mut paths: Vec<PathBuf> = entries.take(left).filter_map(|entry| Some(entry.ok()?.path())).collect();
        self.entries += paths.len();
        paths.sort();
        paths
    }

    /// All model files in a folder and in the folders within it, named by their file names.
    pub(super) fn files(&mut self, root: &Path, app: App) {
        self.named_files(root, app, &|path| name_in(root, path, app));
    }

    /// All model files in a folder and in the folders within it.
    pub(super) fn named_files(&mut self, root: &Path, app: App, name: &dyn Fn(&Path) -> String) {
        self.visited.clear();
        let mut files = Vec::new();
        self.collect(root, 0, &mut files);
        self.models(files, app, name);
    }

    fn collect(&mut self, folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
        let Ok(real) = fs::canonicalize(folder) else { return };
        if depth > DEEPEST || !self.visited.insert(real) {
            return;
        }
        let paths = self.entries(folder);
        let companions: HashSet<&PathBuf> = paths.iter().collect();
        for path in &paths {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            // This follows links; one that leads nowhere is no file.
            let Ok(metadata) = fs::metadata(path) else { continue };
            if metadata.is_dir() && !name.starts_with('.') {
                self.collect(path, depth + 1, files);
            } else if metadata.is_file() && is_model(name) && !is_half(path, &companions) {
                files.push(path.clone());
            }
        }
    }

    /// Puts parts together and takes in what is new.
    fn models(&mut self, files: Vec<PathBuf>, app: App, name: &dyn Fn(&Path) -> String) {
        let mut models: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for file in files {
            models.entry(crate::gguf::first_part(&file)).or_default().push(file);
        }
        for parts in models.into_values() {
            let name = name(&parts[0]);
            self.take(parts, name, app);
        }
    }

    /// Takes in a model of these files, which are there; not if any of them was taken in before.
    pub(super) fn take(&mut self, parts: Vec<PathBuf>, name: String, app: App) {
        let metadata: Option<Vec<Metadata>> = parts.iter().map(|part| fs::metadata(part).ok()).collect();
        let (Some(metadata), Some(first)) = (metadata, parts.first()) else { return };
        let bytes = metadata.iter().map(Metadata::len).fold(0, u64::saturating_add);
        if bytes == 0 || self.found.len() >= MOST_FOUND {
            return;
        }
        let identities: Vec<_> = parts.iter().zip(&metadata).map(|(part, data)| Identity::of(part, data)).collect();
        if identities.iter().any(|identity| self.seen.contains(identity)) {
            return;
        }
        self.seen.extend(identities);
        self.found.push(AppModel { path: first.clone(), name, app, bytes, parts });
    }

    /// All that was found, by program and name.
    pub(super) fn finish(self) -> Vec<AppModel> {
        let mut found = self.found;
        found.sort_by(|a, b| (a.app, &a.name, &a.path).cmp(&(b.app, &b.name, &b.path)));
        found
    }
}

/// The name of a file without its ending and without the number of its part.
pub(super) fn file_name(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match PartName::parse(&name) {
        Some(part) => part.stem,
        None => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or(name),
    }
}

/// A name for people: of LM Studio, whose folders are those of the hub, `owner/name file`; where a program calls
/// every file `model`, the folders; otherwise the file.
fn name_in(root: &Path, path: &Path, app: App) -> String {
    let file = file_name(path);
    let folder = path.parent().and_then(|parent| parent.strip_prefix(root).ok());
    let folders: Vec<_> =
        folder.iter().flat_map(|folder| folder.iter()).map(|folder| folder.to_string_lossy()).collect();
    match folders.as_slice() {
        [owner, name] if app == App::LmStudio => format!("{owner}/{name} {file}"),
        [_, ..] if file == "model" => folders.join("/"),
        _ => file,
    }
}

/// Whether a file is a language model by its name.
fn is_model(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let half = ["incomplete-", "downloading_", "."].iter().any(|beginning| name.starts_with(beginning));
    let other = ["mmproj", "imatrix"].iter().any(|word| name.contains(word));
    name.ends_with(".gguf") && !half && !other
}

/// Whether a download of the file is under way: some programs write under the final name, with a note beside it.
fn is_half(path: &Path, companions: &HashSet<&PathBuf>) -> bool {
    [".aria2", ".part", ".incomplete", ".downloading", ".downloadInProgress"].iter().any(|ending| {
        let mut note = path.to_owned().into_os_string();
        note.push(ending);
        companions.contains(&PathBuf::from(note))
    })
}
