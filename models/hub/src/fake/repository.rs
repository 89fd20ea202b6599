//! A repository of the fake hub.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};

use crate::error::HubError;
use crate::name::{Commit, RepoName, Sha256};

/// Who gets the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Everybody.
    Open,
    /// Who accepted the conditions; everybody sees that it is there.
    Gated,
    /// Who was invited; nobody else sees that it is there.
    Private,
}

/// A repository to put on the fake hub. It has one version, which is its branch `main`.
#[derive(Debug, Clone)]
pub struct FakeRepository {
    pub(super) name: RepoName,
    pub(super) commit: Commit,
    pub(super) gate: Gate,
    pub(super) license: String,
    pub(super) tags: Vec<String>,
    pub(super) downloads: u64,
    pub(super) files: Vec<FakeFile>,
}

/// A file of it.
#[derive(Debug, Clone)]
pub(super) struct FakeFile {
    pub path: String,
    pub content: Content,
    pub bytes: u64,
    /// What git calls the content.
    pub oid: String,
    /// Only large files have one that the hub tells.
    pub sha256: Option<Sha256>,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Bytes(Arc<[u8]>),
    Disk(PathBuf),
}

impl FakeRepository {
    /// An empty repository. Its commit follows from its name.
    ///
    /// # Errors
    /// [`HubError::RepoName`].
    pub fn new(name: &str) -> Result<Self, HubError> {
        let commit = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, name.as_bytes()).as_ref()).parse()?;
        Ok(Self {
            name: name.parse()?,
            commit,
            gate: Gate::Open,
            license: "apache-2.0".to_owned(),
            tags: Vec::new(),
            downloads: 0,
            files: Vec::new(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &RepoName {
        &self.name
    }

    /// Its only version.
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    /// Who gets the files.
    #[must_use]
    pub fn gate(self, gate: Gate) -> Self {
        Self { gate, ..self }
    }

    /// Another version.
    #[must_use]
    pub fn at(self, commit: Commit) -> Self {
        Self { commit, ..self }
    }

    /// The licence, which is `apache-2.0` at first.
    #[must_use]
    pub fn license(self, license: &str) -> Self {
        Self { license: license.to_owned(), ..self }
    }

    /// Words that describe it.
    #[must_use]
    pub fn tags(self, tags: &[&str]) -> Self {
        Self { tags: tags.iter().map(|tag| (*tag).to_owned()).collect(), ..self }
    }

    /// How often it was fetched; searches show the most fetched first.
    #[must_use]
    pub fn downloads(self, downloads: u64) -> Self {
        Self { downloads, ..self }
    }

    /// A file with this content. Models, and whatever is longer than 10 MB, are kept as large files.
    #[must_use]
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        let content: Vec<u8> = content.into();
        let bytes = content.len() as u64;
        let header = format!("blob {bytes}\0");
        let oid = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &[header.as_bytes(), &content].concat()).as_ref());
        let sha256 = is_large(path, bytes).then(|| sha256_of(digest(&SHA256, &content).as_ref()));
        self.files.push(FakeFile {
            path: path.to_owned(),
            content: Content::Bytes(content.into()),
            bytes,
            oid,
            sha256,
        });
        self
    }

    /// A large file with the content of a file on the disk, which is read when it is asked for.
    ///
    /// # Errors
    /// Those of reading it.
    pub fn file_from(mut self, path: &str, from: &Path) -> io::Result<Self> {
        let (mut file, mut context, mut bytes) = (File::open(from)?, Context::new(&SHA256), 0);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            context.update(&buffer[..read]);
            bytes += read as u64;
        }
        let sha256 = sha256_of(context.finish().as_ref());
        let oid = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, sha256.as_str().as_bytes()).as_ref());
        let content = Content::Disk(from.to_owned());
        self.files.push(FakeFile { path: path.to_owned(), content, bytes, oid, sha256: Some(sha256) });
        Ok(self)
    }
}

impl Content {
    /// Some bytes of it.
    pub fn read(&self, from: u64, bytes: u64) -> io::Result<Vec<u8>> {
        let number = |value: u64| usize::try_from(value).map_err(io::Error::other);
        match self {
            Self::Bytes(content) => {
                let (from, bytes) = (number(from)?, number(bytes)?);
                content.get(from..from + bytes).map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
            Self::Disk(path) => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(from))?;
                let mut content = vec![0; number(bytes)?];
                file.read_exact(&mut content)?;
                Ok(content)
            }
        }
    }
}

fn is_large(path: &str, bytes: u64) -> bool {
    bytes > 10_000_000 || [".gguf", ".safetensors"].iter().any(|ending| path.ends_with(ending))
}

fn sha256_of(bytes: &[u8]) -> Sha256 {
    hex::encode(bytes).parse().expect("a digest has 64 digits")
}
