//! Names that come from people and servers, checked once: repositories, versions, paths, hashes.
//!
//! What is read into one of these types can be part of an address and of a path on every system without leading
//! anywhere else. The rules for repositories are those of the hub.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::HubError;

/// A repository on the hub, `OWNER/NAME`. Names without an owner, which a few old models have, are not taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoName(String);

impl RepoName {
    /// The part before the slash.
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The part behind the slash.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl FromStr for RepoName {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let is_part = |part: &str| {
            (1..=96).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !part.starts_with(['-', '.'])
                && !part.ends_with(['-', '.'])
                && !part.contains("--")
                && !part.contains("..")
                && !part.ends_with(".git")
        };
        match text.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => Ok(Self(text.to_owned())),
            _ => Err(HubError::RepoName),
        }
    }
}

/// A branch, a tag or a commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Revision(String);

impl Revision {
    /// The branch that a repository shows first.
    pub fn main() -> Self {
        Self("main".to_owned())
    }
}

impl FromStr for Revision {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/".contains(&byte);
        let parts = || text.split('/');
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(is_letter);
        if fits && parts().all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains("..")) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HubError::Revision)
        }
    }
}

/// One version of a repository: the 40 digits of its commit, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Commit(String);

impl FromStr for Commit {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        if is_hex(text, 40) { Ok(Self(text.to_owned())) } else { Err(HubError::Commit) }
    }
}

impl From<&Commit> for Revision {
    fn from(commit: &Commit) -> Self {
        Self(commit.0.clone())
    }
}

/// Where a file lies in its repository, with `/` between folders. It can be kept on every system: no way up, no root,
/// no drive, no backslash, no name of a device, nothing longer than file systems take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RemotePath(String);

impl RemotePath {
    /// Folders and name, in order.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The folder with its slashes, empty at the top, and the name.
    pub fn split(&self) -> (&str, &str) {
        self.0.rsplit_once('/').unwrap_or(("", &self.0))
    }
}

impl FromStr for RemotePath {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        let fits = (1..=1024).contains(&text.len()) && text.split('/').count() <= 32;
        if fits && text.split('/').all(is_file_name) { Ok(Self(text.to_owned())) } else { Err(HubError::Path) }
    }
}

/// Names that Windows gives to devices, whatever follows behind a dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

fn is_file_name(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_device = DEVICES.contains(&stem.as_str()) || numbered.is_some_and(|rest| rest.chars().count() == 1);
    (1..=255).contains(&part.len())
        && !is_device
        && !part.ends_with(['.', ' '])
        && !part.starts_with(' ')
        && !part.chars().any(|letter| letter.is_control() || "\\:*?\"<>|".contains(letter))
}

/// A SHA-256, as 64 digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(String);

impl FromStr for Sha256 {
    type Err = HubError;

    fn from_str(text: &str) -> Result<Self, HubError> {
        if is_hex(text, 64) { Ok(Self(text.to_owned())) } else { Err(HubError::Sha256) }
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Lets a checked name be read like the text that it is, and serialised as it.
macro_rules! reads_as_text {
    ($($name:ident),*) => {$(
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = HubError;

            fn try_from(text: String) -> Result<Self, HubError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    )*};
}

reads_as_text!(RepoName, Revision, Commit, RemotePath, Sha256);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let long = "x".repeat(97);
        let owner = |text: &str| format!("{text}/model");
        for (text, fits) in [
            ("swiss-ai/Apertus-v1.1-0.5B-Instruct", true),
            ("a/b", true),
            ("_x_/9.b_C", true),
            ("gpt2", false),
            ("", false),
            ("/", false),
            ("a/", false),
            ("/b", false),
            ("a/b/c", false),
            ("../b", false),
            ("a/..", false),
            ("a/.b", false),
            ("a/b..c", false),
            ("a/b--c", false),
            ("-a/b", false),
            ("a/b.", false),
            ("a/b.git", false),
            ("a/b c", false),
            ("a/b?c", false),
            ("a/b%2e", false),
            ("a\\b/c", false),
            ("ä/b", false),
            (owner(&long).as_str(), false),
            (owner(&long[1..]).as_str(), true),
        ] {
            assert_eq!(text.parse::<RepoName>().is_ok(), fits, "{text:?} as a repository");
        }
        for (text, fits) in [
            ("main", true),
            ("refs/pr/12", true),
            ("v1.1+x", true),
            ("", false),
            ("..", false),
            (".", false),
            ("a/../b", false),
            ("a//b", false),
            ("/a", false),
            ("a b", false),
            ("a?b", false),
            ("%2e%2e", false),
            ("a\nb", false),
        ] {
            assert_eq!(text.parse::<Revision>().is_ok(), fits, "{text:?} as a version");
        }
    }

    #[test]
    fn paths_that_some_system_reads_otherwise_are_refused() {
        let deep = ["a"; 33].join("/");
        let long = "x".repeat(256);
        for (text, fits) in [
            ("config.json", true),
            (".gitattributes", true),
            ("BF16/model-00001-of-00002.gguf", true),
            ("Ünter ordner/größe (1).txt", true),
            ("console.txt", true),
            ("com10/x", true),
            ("", false),
            ("/etc/passwd", false),
            ("../x", false),
            ("a/../x", false),
            ("a/./x", false),
            (".", false),
            ("a//x", false),
            ("a/", false),
            ("a\\x", false),
            ("C:/x", false),
            ("C:x", false),
            ("x:stream", false),
            ("a\0x", false),
            ("a\nx", false),
            ("x.", false),
            ("x ", false),
            (" x", false),
            ("...", false),
            ("NUL", false),
            ("a/con.txt", false),
            ("com1", false),
            ("LPT9.gguf", false),
            ("a*b", false),
            (&deep, false),
            (&long, false),
        ] {
            assert_eq!(text.parse::<RemotePath>().is_ok(), fits, "{text:?} as a path");
        }
    }

    #[test]
    fn hashes_have_all_their_digits_in_lower_case() {
        for (text, fits) in [("a1".repeat(20), true), ("A1".repeat(20), false), ("g".repeat(40), false)] {
            assert_eq!(text.parse::<Commit>().is_ok(), fits, "{text}");
            assert!(text.parse::<Sha256>().is_err(), "a SHA-256 is longer");
        }
        assert!("0f".repeat(32).parse::<Sha256>().is_ok());
        let read: Result<RemotePath, _> = serde_json::from_str("\"../x\"");
        assert!(read.is_err(), "a stored path is checked like any other");
    }
}
