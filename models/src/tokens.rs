//! Text to tokens and back, as the model's reference tokeniser does it.
//!
//! The tokeniser is the `tokenizer.json` that lies beside a GGUF file or inside it, when it really belongs to the
//! file's vocabulary, and otherwise rebuilt from that vocabulary with the reference's rules for its kind
//! ([`PreTokenizer`]). Where neither is possible there is none, and llama.cpp's own has to do.
//!
//! Text is plain text: no spelling of it becomes a control token, and no begin token is added. What tokens stand for is
//! bytes, perhaps a part of a character; [`crate::text::Utf8Stream`] makes whole characters of them. No text is kept:
//! the library's cache is off. Deliberately not here: prompts, and who asks.

pub mod alphabet;
mod json;
pub mod merges;
mod pieces;
mod pretokenizer;
mod rebuild;
mod vocabulary;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use pretokenizer::PreTokenizer;
pub use vocabulary::{LeadingSpace, Script, TokenKind, Vocabulary};

use crate::gguf::{GgufError, Header};
use crate::wire::Token;
use json::{LONGEST_JSON, TokenizerJson};
use pieces::Pieces;

/// The key of a `tokenizer.json` inside a model file.
pub const INSIDE: &str = "tokenizer.huggingface.json";

/// Why there is no tokeniser. The texts are sentences for users.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// Not a `tokenizer.json`.
    #[error("this is not a tokenizer.json: download it again")]
    Json,
    /// Too large to be one.
    #[error("this tokenizer.json is larger than 64 MiB: check that it is the right file")]
    Long,
    /// A kind that Lethe does not know.
    #[error(
        "this file has a kind of tokeniser that Lethe does not know: remove it, and the model's own vocabulary is used"
    )]
    Unknown,
    /// A regular expression that is none.
    #[error("this tokenizer.json has a pattern that can't be used: download it again")]
    Pattern,
    /// The vocabulary contradicts itself.
    #[error("this vocabulary is damaged ({0}): download it again")]
    Contradiction(&'static str),
}

/// Where a tokeniser comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenizerSource {
    /// A `tokenizer.json` beside the model file.
    Beside,
    /// The `tokenizer.json` inside the model file.
    Inside,
    /// The model's vocabulary, with the reference's rules for its kind.
    Rebuilt(PreTokenizer),
}

/// The tokeniser of one model. Costs tens of megabytes; share it.
pub struct Tokenizer {
    tokenizer: tokenizers::Tokenizer,
    source: TokenizerSource,
    bytes: Bytes,
}

impl Tokenizer {
    /// The tokeniser of a model file: `<stem>.tokenizer.json` beside it, the one inside, `tokenizer.json` beside it, or
    /// rebuilt. `None` if its vocabulary is of a kind that is not known here, so that llama.cpp has to tokenise.
    ///
    /// `structural` are texts that the model's prompts have as structure, such as `<think>`: plain text does not become
    /// these tokens either. A `tokenizer.json` that does not belong to the file or can't be used is ignored; the log
    /// says so.
    ///
    /// # Errors
    /// When the file can't be read, or its vocabulary contradicts itself.
    pub fn of_model(path: &Path, header: &Header, structural: &[String]) -> Result<Option<Self>, TokensError> {
        let Some(vocabulary) = Vocabulary::read(path, header)? else { return Ok(None) };
        for candidate in [Candidate::BesideByName, Candidate::Inside, Candidate::Beside] {
            let Some(bytes) = candidate.read(path, header) else { continue };
            let source = candidate.source();
            match Self::belonging(&bytes, &vocabulary, structural, source) {
                Ok(Some(tokenizer)) => return Ok(Some(tokenizer)),
                Ok(None) => tracing::info!(?source, "a tokenizer.json of another model is ignored"),
                Err(error) => tracing::warn!(?source, %error, "a tokenizer.json is ignored"),
            }
        }
        Self::rebuilt(&vocabulary, structural)
    }

    /// From a `tokenizer.json` alone.
    ///
    /// # Errors
    /// When it is none, or has something that is not known here.
    pub fn from_json(bytes: &[u8], structural: &[String]) -> Result<Self, TokensError> {
        let json = TokenizerJson::parse(bytes)?;
        let vocabulary = json.vocabulary();
        Self::new(json.pieces(&vocabulary, structural)?, &vocabulary, TokenizerSource::Beside)
    }

    /// From the vocabulary alone; `None` if its kind is not known here.
    ///
    /// # Errors
    /// When the vocabulary contradicts itself.
    pub fn rebuilt(vocabulary: &Vocabulary, structural: &[String]) -> Result<Option<Self>, TokensError> {
        let Some(kind) = PreTokenizer::of(vocabulary) else { return Ok(None) };
        let Some(pieces) = rebuild::pieces(vocabulary, kind, structural)? else { return Ok(None) };
        Self::new(pieces, vocabulary, TokenizerSource::Rebuilt(kind)).map(Some)
    }

    /// Where it comes from.
    pub fn source(&self) -> TokenizerSource {
        self.source
    }

    /// Plain text as tokens: control tokens written out in it stay text, no begin token is added.
    pub fn tokenize(&self, text: &str) -> Vec<Token> {
        let encoding = self.tokenizer.encode_fast(text, false);
        encoding.expect("every step takes any text, which was checked when it was built").get_ids().to_vec()
    }

    /// Number of tokens of plain text.
    pub fn count(&self, text: &str) -> usize {
        self.tokenize(text).len()
    }

    /// What a token stands for in an answer: bytes, perhaps a part of a character. Empty for control tokens and for
    /// numbers that are no token. The marks of Apertus for personal data are text here.
    pub fn bytes(&self, token: Token) -> &[u8] {
        self.bytes.of(token)
    }

    fn belonging(
        bytes: &[u8],
        vocabulary: &Vocabulary,
        structural: &[String],
        source: TokenizerSource,
    ) -> Result<Option<Self>, TokensError> {
        let json = TokenizerJson::parse(bytes)?;
        if !json.fits(vocabulary) {
            return Ok(None);
        }
        Self::new(json.pieces(vocabulary, structural)?, vocabulary, source).map(Some)
    }

    fn new(pieces: Pieces, vocabulary: &Vocabulary, source: TokenizerSource) -> Result<Self, TokensError> {
        Ok(Self { tokenizer: pieces.build()?, source, bytes: Bytes::of_all(vocabulary) })
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tokenizer({:?}, {} tokens)", self.source, self.bytes.ends.len())
    }
}

/// Where a `tokenizer.json` may be.
#[derive(Clone, Copy)]
enum Candidate {
    BesideByName,
    Inside,
    Beside,
}

impl Candidate {
    fn source(self) -> TokenizerSource {
        match self {
            Self::BesideByName | Self::Beside => TokenizerSource::Beside,
            Self::Inside => TokenizerSource::Inside,
        }
    }

    /// What is there; it may well be nothing, and that is no error.
    fn read(self, model: &Path, header: &Header) -> Option<Vec<u8>> {
        let path = match self {
            Self::BesideByName => model.with_extension("tokenizer.json"),
            Self::Beside => model.with_file_name("tokenizer.json"),
            Self::Inside => {
                let found = header.long_text(INSIDE, File::open(model).ok()?);
                return found
                    .inspect_err(|error| tracing::warn!(%error, "the tokenizer.json inside is ignored"))
                    .ok()?;
            }
        };
        let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|metadata| metadata.is_file()))?;
        let mut bytes = Vec::new();
        // One byte more than is allowed, so that a longer file is refused and not cut.
        file.take(LONGEST_JSON as u64 + 1).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// What all tokens stand for, one after the other.
struct Bytes {
    all: Vec<u8>,
    ends: Vec<usize>,
}

impl Bytes {
    fn of_all(vocabulary: &Vocabulary) -> Self {
        let mut all = Vec::new();
        let ends = vocabulary.entries().map(|(token, text, kind)| {
            all.extend(vocabulary.bytes(token, text, kind));
            all.len()
        });
        let ends = ends.collect();
        Self { all, ends }
    }

    fn of(&self, token: Token) -> &[u8] {
        let token = token as usize;
        let Some(end) = self.ends.get(token) else { return &[] };
        let begin = token.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[begin..*end]
    }
}
