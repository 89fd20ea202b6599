//! What the hub sends, as it sends it, and how it becomes what the rest of Lethe reads.
//!
//! What Lethe needs has to have its type. What it only shows (licence, words, dates) is left out when it is odd.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Format, Hit, RemoteFile};
use crate::name::Commit;

const MOST_TAGS: usize = 200;
const LONGEST_TAG: usize = 128;
/// No file system takes a longer file; sums of sizes can't overflow below it.
const LARGEST_FILE: u64 = 1 << 50;

/// A model, in a search or by itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Model {
    id: String,
    sha: Option<String>,
    gated: Option<Odd<Gate>>,
    #[serde(default)]
    tags: Vec<Odd<String>>,
    downloads: Option<Odd<u64>>,
    likes: Option<Odd<u64>>,
    last_modified: Option<Odd<String>>,
    card_data: Option<Odd<CardData>>,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

/// A value of the expected type, or any other, which is passed over.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Odd<T> {
    Known(T),
    Other(IgnoredAny),
}

impl<T> Odd<T> {
    fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

/// `false`, or how consent is given: `"auto"` or `"manual"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Gate {
    Open(bool),
    Kind(String),
}

#[derive(Debug, Deserialize)]
struct CardData {
    license: Option<Odd<Words>>,
    license_name: Option<Odd<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct Sibling {
    rfilename: String,
}

fn known<T>(odd: Option<&Odd<T>>) -> Option<&T> {
    odd.and_then(Odd::known)
}

impl Model {
    pub fn commit(&self) -> Option<Commit> {
        self.sha.as_deref()?.parse().ok()
    }

    /// Whether files want consent. What is neither yes nor no is a yes: the hub refuses, or it does not.
    pub fn is_gated(&self) -> bool {
        match self.gated.as_ref() {
            None => false,
            Some(Odd::Known(Gate::Open(gated))) => *gated,
            Some(Odd::Known(Gate::Kind(kind))) => kind != "false",
            Some(Odd::Other(_)) => true,
        }
    }

    pub fn license(&self) -> Option<String> {
        let card = known(self.card_data.as_ref());
        let named = card.and_then(|card| known(card.license.as_ref())).and_then(|license| match license {
            Words::One(license) => Some(license.as_str()),
            Words::Many(licenses) => licenses.first().map(String::as_str),
        });
        let tagged = || self.words().find_map(|tag| tag.strip_prefix("license:"));
        let license = named.or_else(tagged)?;
        let other = || card.and_then(|card| known(card.license_name.as_ref())).map(String::as_str);
        let license = if license == "other" { other().unwrap_or(license) } else { license };
        is_shown(license).then(|| license.to_owned())
    }

    pub fn tags(&self) -> Vec<String> {
        self.words().filter(|tag| is_shown(tag)).take(MOST_TAGS).map(str::to_owned).collect()
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().filter_map(Odd::known).map(String::as_str)
    }

    fn formats(&self) -> Vec<Format> {
        let has = |tag: &str, ending: &str| {
            self.words().any(|word| word == tag)
                || self.siblings.iter().any(|sibling| sibling.rfilename.to_ascii_lowercase().ends_with(ending))
        };
        let all = [(Format::Gguf, "gguf", ".gguf"), (Format::Safetensors, "safetensors", ".safetensors")];
        all.into_iter().filter(|(_, tag, ending)| has(tag, ending)).map(|(format, ..)| format).collect()
    }

    /// What a search shows of it; nothing for the few models whose name has no owner, and for names with tricks.
    pub fn hit(self) -> Option<Hit> {
        Some(Hit {
            repo: self.id.parse().ok()?,
            formats: self.formats(),
            gated: self.is_gated(),
            license: self.license(),
            downloads: known(self.downloads.as_ref()).copied().unwrap_or_default(),
            likes: known(self.likes.as_ref()).copied().unwrap_or_default(),
            updated: known(self.last_modified.as_ref()).and_then(|date| date.parse().ok()),
            tags: self.tags(),
        })
    }
}

fn is_shown(text: &str) -> bool {
    (1..=LONGEST_TAG).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// A line of a list of files.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    #[serde(default)]
    size: u64,
    oid: String,
    lfs: Option<Lfs>,
}

/// What is said of a large file, which git knows by a pointer only.
#[derive(Debug, Deserialize)]
struct Lfs {
    oid: Option<String>,
    size: u64,
}

impl Entry {
    /// The file, or nothing where it is a folder or has a path that some system could not keep.
    pub fn file(self) -> Result<Option<RemoteFile>, &'static str> {
        if self.kind != "file" {
            return Ok(None);
        }
        let bytes = self.lfs.as_ref().map_or(self.size, |lfs| lfs.size);
        if bytes > LARGEST_FILE {
            return Err("a file of an impossible size");
        }
        let sha256 = match self.lfs.and_then(|lfs| lfs.oid) {
            Some(oid) => Some(oid.parse().map_err(|_| "a SHA-256 that is none")?),
            None => None,
        };
        if self.oid.len() > 64 || !self.oid.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("a name for a file that git does not give");
        }
        let file = |path| RemoteFile { path, bytes, sha256, oid: self.oid };
        Ok(self.path.parse().ok().map(file))
    }
}

/// The address of the next page in a header `Link`, as RFC 8288 has it.
pub(super) fn next_page(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, link)) = rest.split_once('<') {
        let (address, after) = link.split_once('>')?;
        let (parameters, others) = after.split_once('<').map_or((after, ""), |(own, _)| (own, &after[own.len()..]));
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("rel") && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(address);
        }
        rest = others;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_that_says_so() {
        for (header, expected) in [
            ("<https://h/x?cursor=a>; rel=\"next\"", Some("https://h/x?cursor=a")),
            ("<https://h/1,2;3>; rel=next", Some("https://h/1,2;3")),
            ("<https://h/a>; rel=\"prev\", <https://h/b>; title=\"x\"; rel=\"last next\"", Some("https://h/b")),
            ("<https://h/a>; rel=\"prev\"", None),
            ("<https://h/a>; title=\"next\"", None),
            ("<https://h/a; rel=next", None),
            ("", None),
        ] {
            assert_eq!(next_page(header), expected, "{header}");
        }
    }

    #[test]
    fn what_is_only_shown_may_be_odd() {
        let read = |json: &str| serde_json::from_str::<Model>(json).map(|model| (model.is_gated(), model.license()));
        let license = |text: &str| Some(text.to_owned());
        for (json, expected) in [
            (r#"{"id":"a/b"}"#, (false, None)),
            (r#"{"id":"a/b","gated":false,"cardData":{"license":"mit"}}"#, (false, license("mit"))),
            (r#"{"id":"a/b","gated":"auto","cardData":{"license":["mit","x"]}}"#, (true, license("mit"))),
            (r#"{"id":"a/b","gated":"manual","tags":["x","license:gemma"]}"#, (true, license("gemma"))),
            (r#"{"id":"a/b","gated":7,"cardData":{"license":7},"tags":[7]}"#, (true, None)),
            (r#"{"id":"a/b","cardData":{"license":"other","license_name":"tiny"}}"#, (false, license("tiny"))),
            (r#"{"id":"a/b","cardData":{"license":"other"}}"#, (false, license("other"))),
            (r#"{"id":"a/b","cardData":"none","likes":-1,"lastModified":3}"#, (false, None)),
        ] {
            assert_eq!(read(json).expect("it is read"), expected, "{json}");
        }
        for json in [r#"{"id":7}"#, "{}", "[]", r#"{"id":"a/b","sha":7}"#, r#"{"id":"a/b","tags":7}"#] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
