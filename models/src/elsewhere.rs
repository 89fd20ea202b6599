//! Finds the model files that other programs have put on this machine, so that nothing has to be downloaded twice.
//!
//! Nothing is opened but the small manifests of Ollama: names, sizes and places are all that is read, and nothing is
//! written. A walk is bounded in depth and in number and visits no folder twice, so links in a circle end. Files that
//! are not whole yet are left out, and so is what is no language model by its name (`mmproj`, `imatrix`). A file that
//! several programs know, or that has several names, is found once. Deliberately not here: whether Lethe can use a
//! file, which [`crate::gguf::Header::read`] says, and any change to what belongs to others.

mod hub;
mod ollama;
mod roots;
mod walk;

use std::fmt;
use std::path::{Path, PathBuf};

pub use roots::Roots;
use walk::Walk;

/// A program that keeps models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum App {
    LmStudio,
    Jan,
    Ollama,
    Gpt4All,
    /// llama.cpp's own cache.
    LlamaCpp,
    /// The cache of Hugging Face's libraries.
    HuggingFace,
    /// None: the folder that was asked for.
    Folder,
}

impl App {
    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LmStudio => "LM Studio",
            Self::Jan => "Jan",
            Self::Ollama => "Ollama",
            Self::Gpt4All => "GPT4All",
            Self::LlamaCpp => "llama.cpp",
            Self::HuggingFace => "Hugging Face",
            Self::Folder => "Folder",
        }
    }
}

impl fmt::Display for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A model of another program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppModel {
    /// The file to import. Of a split model the first part; where that is not there, another one, and
    /// [`crate::gguf::Header::read`] says which is missing. Links are not resolved: llama.cpp finds the other parts by
    /// the name that is here.
    pub path: PathBuf,
    /// For people: `llama3.2:3b` of Ollama, `owner/name file` of Hugging Face.
    pub name: String,
    pub app: App,
    /// Size of all its files in bytes.
    pub bytes: u64,
    /// All its files that are there, in their order.
    pub parts: Vec<PathBuf>,
}

/// All models of other programs, by program and name.
pub fn find(roots: &Roots) -> Vec<AppModel> {
    let mut walk = Walk::default();
    for root in roots.of(App::LmStudio) {
        walk.files(&root, App::LmStudio);
    }
    for root in roots.of(App::Jan) {
        walk.files(&root, App::Jan);
    }
    for root in roots.of(App::Ollama) {
        ollama::find(&mut walk, &root, App::Ollama);
    }
    for root in roots.of(App::Gpt4All) {
        walk.files(&root, App::Gpt4All);
    }
    for root in roots.of(App::LlamaCpp) {
        // Newer versions keep models in the way of Hugging Face's libraries.
        hub::find(&mut walk, &root, App::LlamaCpp);
        walk.files(&root, App::LlamaCpp);
    }
    for root in roots.of(App::HuggingFace) {
        hub::find(&mut walk, &root, App::HuggingFace);
    }
    walk.finish()
}

/// All models in a folder that somebody chose, by name. It may be a folder of one of the programs.
pub fn in_folder(path: &Path) -> Vec<AppModel> {
    let mut walk = Walk::default();
    ollama::find(&mut walk, path, App::Folder);
    hub::find(&mut walk, path, App::Folder);
    walk.files(path, App::Folder);
    walk.finish()
}
