//! Tokens against the reference tokenisers: the table `tokens/languages.toml`, and everything that may not happen.
//!
//! `tokens/reference.py` made the table. `LETHE_REFERENCE` names the folder with `tekken_240718.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use lethe_models::gguf::Header;
use lethe_models::text::Utf8Stream;
use lethe_models::tokens::merges::by_score;
use lethe_models::tokens::{
    LeadingSpace, PreTokenizer, Script, TokenKind, Tokenizer, TokenizerSource, TokensError, Vocabulary,
};
use serde::Deserialize;
use tekken::Tekken;
use tempfile::TempDir;

#[path = "tokens/file.rs"]
mod file;
#[path = "tokens/tekken.rs"]
mod tekken;

#[derive(Deserialize)]
struct Table {
    row: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    text: String,
    tekken: Vec<u32>,
    smollm: Vec<u32>,
}

#[derive(Deserialize)]
struct SentencePiece {
    pieces: Vec<String>,
    kinds: Vec<i64>,
    scores: Vec<f32>,
    ids: Vec<Vec<u32>>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    toml::from_str::<Table>(include_str!("tokens/languages.toml")).expect("the table of languages is TOML").row
});

/// Not a lazy static: one that failed would tell every further test only that it failed before.
fn tekken() -> &'static Tekken {
    static TEKKEN: OnceLock<Tekken> = OnceLock::new();
    TEKKEN.get_or_init(|| {
        let path = variable("LETHE_REFERENCE").join("tekken_240718.json");
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{} must be readable: {error}", path.display()));
        Tekken::parse(&bytes)
    })
}

fn json() -> &'static [u8] {
    static JSON: OnceLock<Vec<u8>> = OnceLock::new();
    JSON.get_or_init(|| tekken().tokenizer_json())
}

fn variable(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("set {name}; npm test does")))
}

/// A model file in a folder of its own.
struct Model {
    folder: TempDir,
    path: PathBuf,
}

fn model(vocabulary: &Vocabulary, inside: Option<&[u8]>) -> Model {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("some-model.Q4_0.gguf");
    fs::write(&path, file::with_vocabulary(vocabulary, inside)).expect("the folder is writable");
    Model { folder, path }
}

fn tokenizer_of(path: &Path, structural: &[&str]) -> Result<Option<Tokenizer>, TokensError> {
    let header = Header::read(path).expect("the header is whole");
    let structural: Vec<String> = structural.iter().map(|text| (*text).to_owned()).collect();
    Tokenizer::of_model(path, &header, &structural)
}

fn tokenizer(model: &Model) -> Tokenizer {
    tokenizer_of(&model.path, &[]).expect("the file is whole").expect("its kind is known")
}

/// The whole table: the reference's tokens, and the way back, at once and token by token.
fn check(tokenizer: &Tokenizer, wanted: impl Fn(&Row) -> &[u32]) {
    for row in ROWS.iter() {
        let tokens = tokenizer.tokenize(&row.text);
        assert_eq!(tokens, wanted(row), "{}: other tokens than the reference", row.name);
        assert_eq!(tokenizer.count(&row.text), tokens.len(), "{}", row.name);
        let bytes: Vec<u8> = tokens.iter().flat_map(|token| tokenizer.bytes(*token)).copied().collect();
        assert_eq!(String::from_utf8_lossy(&bytes), row.text, "{}: the tokens are another text", row.name);
        let mut stream = Utf8Stream::default();
        let mut streamed = String::new();
        for token in &tokens {
            let piece = stream.push(tokenizer.bytes(*token));
            let text = &row.text[streamed.len()..];
            assert!(text.starts_with(&piece), "{}: a character was split", row.name);
            streamed += &piece;
        }
        assert_eq!(streamed + &stream.finish(), row.text, "{}: streamed is not whole", row.name);
    }
}

#[test]
fn the_table_has_the_languages_it_promises() {
    assert!(ROWS.len() >= 45);
    let names: Vec<&str> = ROWS.iter().map(|row| row.name.as_str()).collect();
    for name in ["Hindi", "Tamil", "Thai", "Bengali", "Burmese", "Arabic, vocalised", "Romansh"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn a_tokenizer_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Tokenizer>();
}

#[test]
fn a_rebuilt_tokenizer_equals_the_reference() {
    let tokenizer = tokenizer(&model(&tekken().vocabulary("apertus"), None));
    assert_eq!(tokenizer.source(), TokenizerSource::Rebuilt(PreTokenizer::Tekken));
    check(&tokenizer, |row| &row.tekken);
}

#[test]
fn a_tokenizer_json_inside_the_file_equals_the_reference() {
    let tokenizer = tokenizer(&model(&tekken().vocabulary("apertus"), Some(json())));
    assert_eq!(tokenizer.source(), TokenizerSource::Inside);
    check(&tokenizer, |row| &row.tekken);
}

#[test]
fn a_tokenizer_json_beside_the_file_equals_the_reference() {
    for name in ["tokenizer.json", "some-model.Q4_0.tokenizer.json"] {
        let model = model(&tekken().vocabulary("apertus"), None);
        fs::write(model.folder.path().join(name), json()).expect("the folder is writable");
        let tokenizer = tokenizer(&model);
        assert_eq!(tokenizer.source(), TokenizerSource::Beside, "{name}");
        check(&tokenizer, |row| &row.tekken);
    }
    check(&Tokenizer::from_json(json(), &[]).expect("it is one"), |row| &row.tekken);
}

#[test]
fn a_tokenizer_json_that_does_not_belong_is_ignored() {
    let other = Tekken { tokens: tekken().tokens[..5000].to_vec(), ..tekken().clone() };
    let mut one_token = tekken().clone();
    one_token.tokens.swap(60_000, 60_001);
    let rows: [(&str, Vec<u8>); 5] = [
        ("of a smaller vocabulary", other.tokenizer_json()),
        ("of another order", one_token.tokenizer_json()),
        ("cut", json()[..json().len() / 2].to_vec()),
        ("of another kind", br#"{"model":{"type":"Unigram","vocab":[]}}"#.to_vec()),
        ("empty", Vec::new()),
    ];
    for (what, json) in rows {
        let model = model(&tekken().vocabulary("apertus"), None);
        fs::write(model.folder.path().join("tokenizer.json"), json).expect("the folder is writable");
        assert_eq!(tokenizer(&model).source(), TokenizerSource::Rebuilt(PreTokenizer::Tekken), "{what}");
    }
}

#[test]
fn the_starter_model_is_rebuilt_as_its_reference_has_it() {
    let path = variable("LETHE_STARTER_MODEL");
    let tokenizer = tokenizer_of(&path, &[]).expect("the starter model is whole").expect("its kind is known");
    assert_eq!(tokenizer.source(), TokenizerSource::Rebuilt(PreTokenizer::Smollm));
    for row in ROWS.iter() {
        assert_eq!(tokenizer.tokenize(&row.text), row.smollm, "{}", row.name);
    }
    assert_eq!(tokenizer.bytes(2), b"", "<|im_end|> is no text");
}

#[test]
fn what_a_person_types_is_never_a_control_token() {
    let vocabulary = tekken().vocabulary("apertus");
    let smollm = variable("LETHE_STARTER_MODEL");
    let header = Header::read(&smollm).expect("the starter model is whole");
    let starter = Vocabulary::read(&smollm, &header).expect("it is whole").expect("it has a vocabulary");
    for (vocabulary, json) in [(&vocabulary, None), (&vocabulary, Some(json())), (&starter, None)] {
        let tokenizer = tokenizer(&model(vocabulary, json));
        let control = |token: &u32| vocabulary.kinds[*token as usize] == TokenKind::Control;
        let names = vocabulary.entries().filter(|(.., kind)| *kind == TokenKind::Control).map(|(_, text, _)| text);
        for name in names {
            for text in [name.to_owned(), format!("a{name}b"), format!(" {name}\n{name}")] {
                let tokens = tokenizer.tokenize(&text);
                assert!(!tokens.iter().any(control), "{name} became a control token");
                let bytes: Vec<u8> = tokens.iter().flat_map(|token| tokenizer.bytes(*token)).copied().collect();
                assert_eq!(String::from_utf8_lossy(&bytes), text, "typed text is kept");
            }
        }
    }
}

#[test]
fn control_tokens_are_no_text_but_the_marks_of_apertus_are() {
    for (architecture, marks) in [("apertus", ["<iban-pii>", "<email-pii>", "<ip-pii>"]), ("llama", ["", "", ""])] {
        let tokenizer = tokenizer(&model(&tekken().vocabulary(architecture), None));
        for token in 0..1000 {
            let wanted = if (36..39).contains(&token) { marks[token as usize - 36] } else { "" };
            assert_eq!(tokenizer.bytes(token), wanted.as_bytes(), "{architecture} {token}");
        }
        assert_eq!(tokenizer.bytes(1000), [0]);
        assert_eq!(tokenizer.bytes(131_072), b"");
        assert_eq!(tokenizer.bytes(u32::MAX), b"");
    }
}

/// A byte-level vocabulary without merges, and some tokens at its end.
fn bytes_and(more: &[(&str, TokenKind)]) -> Vocabulary {
    let mut vocabulary = Tekken::of_bytes(&[]).vocabulary("llama");
    vocabulary.merges = vec!["a b".to_owned()];
    vocabulary.tokens.push("ab".to_owned());
    vocabulary.kinds.push(TokenKind::Normal);
    for (text, kind) in more {
        vocabulary.tokens.push((*text).to_owned());
        vocabulary.kinds.push(*kind);
    }
    vocabulary
}

#[test]
fn tokens_of_the_template_are_no_text_and_other_added_tokens_are() {
    let added = [
        ("<think>", TokenKind::UserDefined),
        ("<td>", TokenKind::UserDefined),
        ("<|end|>", TokenKind::Control),
        ("[PAD260]", TokenKind::Unused),
        ("xyz", TokenKind::Control),
    ];
    let vocabulary = bytes_and(&added);
    let json = br#"{"added_tokens":[
        {"id":257,"content":"<think>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false},
        {"id":258,"content":"<td>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false},
        {"id":259,"content":"<|end|>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false},
        {"id":261,"content":"xyz","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
        "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
        "model":{"ignore_merges":true,"merges":["a b"],"vocab":VOCAB}}"#;
    let texts: serde_json::Map<_, _> = vocabulary.tokens[..262]
        .iter()
        .cloned()
        .zip((0..262u32).map(Into::into))
        .filter(|(_, id)| *id != 260)
        .collect();
    let texts = serde_json::to_string(&texts).expect("strings and numbers");
    let json = String::from_utf8_lossy(json).replace("VOCAB", &texts).into_bytes();
    for inside in [None, Some(&json[..])] {
        let model = model(&vocabulary, inside);
        let first = |structural: &[&str], text: &str| {
            let tokenizer = tokenizer_of(&model.path, structural).expect("it is whole").expect("it is known");
            let tokens = tokenizer.tokenize(text);
            let bytes: Vec<u8> = tokens.iter().flat_map(|token| tokenizer.bytes(*token)).copied().collect();
            assert_eq!(bytes, text.as_bytes(), "the text is kept");
            tokens.first().copied()
        };
        assert_eq!(first(&[], "<think>"), Some(257));
        assert_eq!(first(&["<think>"], "<think>"), Some(u32::from(b'<')));
        assert_eq!(first(&["<think>"], "<td>"), Some(258));
        assert_eq!(first(&[], "<|end|>"), Some(u32::from(b'<')));
        assert_eq!(first(&[], "[PAD260]"), Some(u32::from(b'[')));
        assert_eq!(first(&[], "xyz"), Some(u32::from(b'x')), "not as a whole word either");
        assert_eq!(first(&[], "ab"), Some(256));
    }
}

#[test]
fn unknown_kinds_are_left_to_llama_cpp() {
    for pre in ["default", "bloom", "tekken "] {
        let vocabulary = Vocabulary { pre: pre.to_owned(), ..bytes_and(&[]) };
        assert!(tokenizer_of(&model(&vocabulary, None).path, &[]).expect("it is whole").is_none(), "{pre}");
    }
    let without_merges = Vocabulary { merges: Vec::new(), ..bytes_and(&[]) };
    assert!(tokenizer_of(&model(&without_merges, None).path, &[]).expect("it is whole").is_none());
}

static SENTENCEPIECE: LazyLock<BTreeMap<String, SentencePiece>> =
    LazyLock::new(|| toml::from_str(include_str!("tokens/sentencepiece.toml")).expect("the vocabularies are TOML"));

/// A vocabulary that sentencepiece has trained.
fn sentencepiece(name: &str, leading_space: LeadingSpace) -> Vocabulary {
    let trained = &SENTENCEPIECE[name];
    let kinds = trained.kinds.iter().map(|kind| match kind {
        2 => TokenKind::Unknown,
        3 => TokenKind::Control,
        4 => TokenKind::UserDefined,
        6 => TokenKind::Byte,
        _ => TokenKind::Normal,
    });
    Vocabulary {
        architecture: name.to_owned(),
        script: Script::SentencePiece,
        pre: "default".to_owned(),
        tokens: trained.pieces.clone(),
        kinds: kinds.collect(),
        scores: trained.scores.clone(),
        merges: Vec::new(),
        leading_space,
    }
}

#[test]
fn sentencepiece_vocabularies_are_rebuilt_from_their_scores() {
    for (name, leading_space) in [("gemma", LeadingSpace::AsTyped), ("llama", LeadingSpace::Added)] {
        let vocabulary = sentencepiece(name, leading_space);
        let tokenizer = tokenizer(&model(&vocabulary, None));
        let TokenizerSource::Rebuilt(kind) = tokenizer.source() else { panic!("nothing else is there") };
        assert_eq!(kind.name(), name);
        for (row, ids) in ROWS.iter().zip(&SENTENCEPIECE[name].ids) {
            let tokens = tokenizer.tokenize(&row.text);
            assert_eq!(&tokens, ids, "{name}: {}", row.name);
            let bytes: Vec<u8> = tokens.iter().flat_map(|token| tokenizer.bytes(*token)).copied().collect();
            let text = String::from_utf8_lossy(&bytes);
            let text = if leading_space == LeadingSpace::Added { &text[1..] } else { &text };
            assert_eq!(text, row.text, "{name}: {}", row.name);
        }
        assert!(!tokenizer.tokenize("<s></s><unk>").iter().any(|token| *token < 3), "{name}");
        let byte = tokenizer.tokenize("<0x41>");
        assert!(!byte.iter().any(|token| tokenizer.bytes(*token) == b"A"), "{name}: a spelling of a byte is text");
    }
}

#[test]
fn sentencepiece_vocabularies_with_merges_are_rebuilt_from_them() {
    let scored = sentencepiece("gemma", LeadingSpace::AsTyped);
    let plain = |(_, text, kind), score: &f32| (text, (kind == TokenKind::Normal).then_some(*score));
    let scores: Vec<_> = scored.entries().zip(&scored.scores).map(|(entry, score)| plain(entry, score)).collect();
    let text = |token: u32| &scored.tokens[token as usize];
    let merges = by_score(&scores).into_iter().map(|(left, right)| format!("{} {}", text(left), text(right)));
    let merges = merges.collect();
    let vocabulary = Vocabulary { script: Script::MergedSentencePiece, scores: Vec::new(), merges, ..scored.clone() };
    let tokenizer = tokenizer(&model(&vocabulary, None));
    assert_eq!(tokenizer.source(), TokenizerSource::Rebuilt(PreTokenizer::Gemma4));
    for (row, ids) in ROWS.iter().zip(&SENTENCEPIECE["gemma"].ids) {
        assert_eq!(&tokenizer.tokenize(&row.text), ids, "{}", row.name);
    }
}

#[test]
fn hostile_files_are_errors() {
    let deep = format!("{}{}", r#"{"pre_tokenizer":{"type":"Sequence","pretokenizers":["#.repeat(9000), "x");
    let model = |pieces: &str| format!(r#"{{"model":{{"vocab":{{"a":0,"b":1,"ab":2}},"merges":[]{pieces}}}}}"#);
    let with = |step: &str| model("").replacen('{', &format!("{{{step},"), 1);
    let rows = [
        "".to_owned(),
        "null".to_owned(),
        deep,
        model("").replace(r#""a":0"#, r#""a":4294967295"#),
        model("").replace(r#""a":0"#, r#""a":-1"#),
        model("").replace(r#""a":0"#, r#""a":9223372036854775808"#),
        model("").replace(r#""merges":[]"#, r#""merges":["a"]"#),
        model("").replace(r#""merges":[]"#, r#""merges":["a b b"]"#),
        model(r#","dropout":0.5"#),
        model(r#","continuing_subword_prefix":"aaaa""#),
        model(r#","end_of_word_suffix":"</w>""#),
        model(r#","type":"WordPiece""#),
        with(r#""pre_tokenizer":{"type":"Split","pattern":{"Regex":"(((("},"behavior":"Isolated"}"#),
        with(r#""normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"}"#),
        with(r#""normalizer":{"type":"Replace","pattern":{"Regex":"\\s*|a"},"content":"bb"}"#),
        with(r#""normalizer":{"type":"Replace","pattern":{"String":""},"content":"bb"}"#),
        with(r#""pre_tokenizer":{"type":"Split","pattern":{"Regex":"a{4294967295}"},"behavior":"Isolated"}"#),
        r#"{"model":{"vocab":{},"merges":[]}}"#.to_owned(),
    ];
    for row in rows {
        assert!(Tokenizer::from_json(row.as_bytes(), &[]).is_err(), "{:.120}", row);
    }
    let unknown = Tokenizer::from_json(with(r#""pre_tokenizer":{"type":"Bert"}"#).as_bytes(), &[]);
    assert!(matches!(unknown, Err(TokensError::Unknown)), "a step that is not known is no damage");
    assert!(matches!(Tokenizer::from_json(&json()[..1000], &[]), Err(TokensError::Json)));
    assert!(matches!(Tokenizer::from_json(&vec![b' '; (64 << 20) + 1], &[]), Err(TokensError::Long)));
    // These are odd, but text has an answer.
    let odd = [
        model("").replace(r#""merges":[]"#, r#""merges":[["ab","ab"],["ab","b"],["b","missing"],["a","b"]]"#),
        model(r#","unk_token":"missing""#),
        model(r#","unk_token":"a","fuse_unk":true"#),
        model("").replace(r#""b":1"#, r#""b":0"#),
        with(r#""pre_tokenizer":{"type":"Split","pattern":{"Regex":""},"behavior":"Isolated"}"#),
        with(r#""pre_tokenizer":{"type":"Split","pattern":{"String":""},"behavior":"MergedWithNext","invert":true}"#),
        with(r#""normalizer":{"type":"Sequence","normalizers":[]}"#),
        with(r#""pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a*)*\\1c"},"behavior":"Removed"}"#),
    ];
    for row in odd {
        let tokenizer = Tokenizer::from_json(row.as_bytes(), &[]).unwrap_or_else(|error| panic!("{row}: {error}"));
        for text in ["", "ab", "abba c é", "\u{FDD0}unknown", &"a".repeat(3000)] {
            let _ = tokenizer.tokenize(text);
        }
    }
}

#[test]
fn no_bytes_at_all_lead_to_a_panic() {
    let json = Tekken::of_bytes(&["<s>"]).tokenizer_json();
    let mut numbers = lethe_seed::Random::new(lethe_seed::of_this_run());
    let mut random = || numbers.below(0x7fff_ffff);
    for _ in 0..400 {
        let noise: Vec<u8> = (0..random() % 200).map(|_| random().to_le_bytes()[0]).collect();
        assert!(Tokenizer::from_json(&noise, &[]).is_err());
        let mut changed = json.clone();
        for _ in 0..=random() % 3 {
            let at = random() % changed.len();
            changed[at] = b"\"{}[]:,019-.xetn \xff\0"[random() % 19];
        }
        if let Ok(tokenizer) = Tokenizer::from_json(&changed, &[]) {
            let _ = tokenizer.tokenize("Some text, é<s> 12\n");
        }
    }
}
