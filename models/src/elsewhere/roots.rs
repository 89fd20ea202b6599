//! Where programs keep their models.
//!
//! The places of all systems are looked at on every system: what is not there costs nothing. Sources: LM Studio's and
//! Jan's documents on their data folders, Ollama's FAQ on `OLLAMA_MODELS`, GPT4All's settings page, `common/common.cpp`
//! and `common/hf-cache.cpp` of llama.cpp, and the documents of `huggingface_hub` on its environment variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::App;

/// Environment variables that move a program's models.
const VARIABLES: [&str; 10] = [
    "OLLAMA_MODELS",
    "LLAMA_CACHE",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "APPDATA",
    "LOCALAPPDATA",
];

/// What the places depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// Environment variables by name.
    pub environment: BTreeMap<String, PathBuf>,
    /// Folders of Ollama where it runs as a service.
    pub services: Vec<PathBuf>,
}

impl Roots {
    /// Those of the user who runs this program.
    pub fn of_this_machine() -> Self {
        let set = |name: &str| Some((name.to_owned(), PathBuf::from(std::env::var_os(name)?)));
        Self {
            home: std::env::home_dir().filter(|home| home.is_absolute()),
            environment: VARIABLES.into_iter().filter_map(set).collect(),
            services: ["/usr/share/ollama/.ollama/models", "/var/lib/ollama/models"].map(PathBuf::from).into(),
        }
    }

    /// The folders in which a program may keep its models; they need not be there.
    pub(super) fn of(&self, app: App) -> Vec<PathBuf> {
        match app {
            App::LmStudio => self.in_home(&[".lmstudio/models", ".cache/lm-studio/models"]),
            App::Jan => {
                let data = ["Jan/data", "jan"];
                let mut roots = self.under("APPDATA", &data);
                roots.extend(self.under("XDG_CONFIG_HOME", &data[..1]));
                roots.extend(self.under("XDG_DATA_HOME", &data[..1]));
                roots.extend(self.in_home(&[
                    ".config/Jan/data",
                    ".local/share/Jan/data",
                    "Library/Application Support/Jan/data",
                    "Library/Application Support/jan",
                    "AppData/Roaming/Jan/data",
                    "jan",
                ]));
                // Beside its models are conversations; what people have attached to them is no model of Jan.
                roots.iter().flat_map(|root| [root.join("models"), root.join("llamacpp/models")]).collect()
            }
            App::Ollama => {
                let mut roots = self.under("OLLAMA_MODELS", &[""]);
                roots.extend(self.in_home(&[".ollama/models"]));
                roots.extend(self.services.iter().cloned());
                roots
            }
            App::Gpt4All => {
                let mut roots = self.under("LOCALAPPDATA", &["nomic.ai/GPT4All"]);
                roots.extend(self.under("XDG_DATA_HOME", &["nomic.ai/GPT4All"]));
                roots.extend(self.in_home(&[
                    ".local/share/nomic.ai/GPT4All",
                    "Library/Application Support/nomic.ai/GPT4All",
                    "AppData/Local/nomic.ai/GPT4All",
                    ".cache/gpt4all",
                ]));
                roots
            }
            App::LlamaCpp => {
                let mut roots = self.under("LLAMA_CACHE", &[""]);
                roots.extend(self.under("XDG_CACHE_HOME", &["llama.cpp"]));
                roots.extend(self.under("LOCALAPPDATA", &["llama.cpp"]));
                roots.extend(self.in_home(&[
                    ".cache/llama.cpp",
                    "Library/Caches/llama.cpp",
                    "AppData/Local/llama.cpp",
                ]));
                roots
            }
            App::HuggingFace => {
                let mut roots = self.under("HF_HUB_CACHE", &[""]);
                roots.extend(self.under("HUGGINGFACE_HUB_CACHE", &[""]));
                roots.extend(self.under("HF_HOME", &["hub"]));
                roots.extend(self.under("XDG_CACHE_HOME", &["huggingface/hub"]));
                roots.extend(self.in_home(&[".cache/huggingface/hub"]));
                roots
            }
            App::Folder => Vec::new(),
        }
    }

    fn in_home(&self, folders: &[&str]) -> Vec<PathBuf> {
        self.home.iter().flat_map(|home| folders.iter().map(|folder| home.join(folder))).collect()
    }

    /// Folders under what a variable says; an empty or a relative path says nothing.
    fn under(&self, variable: &str, folders: &[&str]) -> Vec<PathBuf> {
        let path = self.environment.get(variable).and_then(|path| self.expanded(path));
        path.iter().flat_map(|path| folders.iter().map(|folder| path.join(folder))).collect()
    }

    /// With `~` as the home folder, which Hugging Face's libraries expand.
    fn expanded(&self, path: &Path) -> Option<PathBuf> {
        let path = match path.strip_prefix("~") {
            Ok(rest) => self.home.as_ref()?.join(rest),
            Err(_) => path.to_owned(),
        };
        path.is_absolute().then_some(path)
    }
}
