//! The bodies of the fuzz targets: each takes any bytes and panics over a fault.
//!
//! They check what the crate promises of any file: an error or an answer, in bounded time and memory, and never a
//! control token out of text. What is found in sound files is for other tests.

use std::io::Cursor;

use lethe_models::gguf::{Header, Value};
use lethe_models::inspect::{LONGEST_TEXT, inspect_header};
use lethe_models::tokens::{LeadingSpace, Script, TokenKind, Tokenizer, Vocabulary, alphabet};

/// The longest `tokenizer.json` or vocabulary, in bytes.
const LONGEST: usize = 32 * 1024;
/// What is cut into tokens.
const TEXTS: [&str; 6] = [
    "",
    "Grüezi, Anna! 12345 – <|im_end|>",
    " \n\t  a\u{301}\u{200b}",
    "王小梅 👩‍👧 ليلى",
    "aaaaaaaabbbbbbbb<think>",
    "<0x41>▁▁\0",
];

/// The header of a file, and all its arrays and long strings.
pub fn gguf_header(data: &[u8]) {
    let length = data.len() as u64;
    let Ok(header) = Header::parse(Cursor::new(data), length) else { return };
    for tensor in &header.tensors {
        let place = header.place(tensor);
        assert!(place.offset.saturating_add(place.bytes) <= length, "a tensor lies behind the end");
    }
    for (key, value) in &header.values {
        let texts = header.texts(key, Cursor::new(data));
        let numbers = header.numbers(key, Cursor::new(data));
        let floats = header.floats(key, Cursor::new(data));
        let long = header.long_text(key, Cursor::new(data));
        match value {
            Value::Array(array) => {
                assert!(array.place.offset + array.place.bytes <= length, "an array lies behind the end");
                let lengths = [
                    texts.ok().flatten().map(|texts| texts.len()),
                    numbers.ok().flatten().map(|numbers| numbers.len()),
                    floats.ok().flatten().map(|floats| floats.len()),
                ];
                let lengths: Vec<u64> = lengths.into_iter().flatten().map(|length| length as u64).collect();
                assert!(lengths.iter().all(|read| *read == array.length), "elements are lost");
                assert!(lengths.len() <= 1, "an array has two types");
            }
            Value::Text(_) | Value::LongText(_) => assert!(long.is_ok_and(|text| text.is_some()), "a string is lost"),
            Value::Number(_) | Value::Negative(_) | Value::Float(_) => {}
        }
    }
    // These sum up what the file may have chosen freely.
    let _ = (header.parameters(), header.weight_bytes(), header.quantization(), header.cache_bytes(u64::MAX));
}

/// What people are shown of a file.
pub fn inspect(data: &[u8]) {
    let Ok(header) = Header::parse(Cursor::new(data), data.len() as u64) else { return };
    let inspection = inspect_header(&header);
    let tensors: u64 = inspection.types.iter().map(|share| share.tensors).sum();
    assert_eq!(tensors, inspection.tensors.len() as u64, "tensors are lost");
    let texts = inspection.values.iter().flat_map(|value| [&value.key, &value.value]);
    let texts = texts.chain(inspection.tensors.iter().flat_map(|tensor| [&tensor.name, &tensor.type_name]));
    let texts = texts.chain(&inspection.name).chain(&inspection.license).chain([&inspection.architecture]);
    for text in texts {
        assert!(text.chars().count() <= LONGEST_TEXT, "a text is long");
        assert!(!text.chars().any(char::is_control), "a text has control characters");
    }
    for sentence in inspection.warnings.iter().chain([&inspection.tokenizer]) {
        assert!(sentence.ends_with('.') && sentence.chars().count() < 8 * LONGEST_TEXT, "no sentence");
        assert!(!sentence.chars().any(char::is_control), "a sentence has control characters");
    }
    serde_json::to_string(&inspection).expect("an inspection can be sent");
}

/// A `tokenizer.json`, and texts cut with it.
pub fn tokenizer_json(data: &[u8]) {
    if data.len() > LONGEST {
        return;
    }
    let structural = ["<think>".to_owned()];
    let Ok(tokenizer) = Tokenizer::from_json(data, &structural) else { return };
    for text in TEXTS {
        for token in tokenizer.tokenize(text) {
            let _ = tokenizer.bytes(token);
        }
    }
    assert_eq!(tokenizer.bytes(u32::MAX), b"", "there is no such token");
}

/// A vocabulary, and texts cut with what is rebuilt from it.
///
/// The first byte chooses its kind, and whether it can write all bytes. Each line is a token: its kind, a digit, then
/// its text. Lines after an empty one are merges.
pub fn vocabulary(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    if rest.len() > LONGEST {
        return;
    }
    let vocabulary = vocabulary_of(*first, &String::from_utf8_lossy(rest));
    let structural = ["<think>".to_owned()];
    let Ok(Some(tokenizer)) = Tokenizer::rebuilt(&vocabulary, &structural) else { return };
    for text in TEXTS {
        for token in tokenizer.tokenize(text) {
            let kind = vocabulary.kinds.get(token as usize).expect("a token is in the vocabulary");
            assert_ne!(*kind, TokenKind::Control, "text became a control token");
            let _ = tokenizer.bytes(token);
        }
    }
}

fn vocabulary_of(choice: u8, text: &str) -> Vocabulary {
    let (script, pre) = match choice % 8 {
        0 => (Script::SentencePiece, "default"),
        1 => (Script::MergedSentencePiece, "default"),
        2 => (Script::ByteLevel, "tekken"),
        3 => (Script::ByteLevel, "smollm"),
        4 => (Script::ByteLevel, "llama-bpe"),
        5 => (Script::ByteLevel, "qwen2"),
        6 => (Script::ByteLevel, "gpt-2"),
        _ => (Script::ByteLevel, "starcoder"),
    };
    let mut tokens = Vec::new();
    let mut kinds = Vec::new();
    if choice & 64 == 0 {
        for byte in 0..=u8::MAX {
            let (token, kind) = match script {
                Script::ByteLevel => (alphabet::byte_level(&[byte]), TokenKind::Normal),
                _ => (format!("<0x{byte:02X}>"), TokenKind::Byte),
            };
            tokens.push(token);
            kinds.push(kind);
        }
    }
    let mut lines = text.split('\n');
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let (kind, token) = match line.as_bytes()[0] {
            b'2' => (TokenKind::Unknown, &line[1..]),
            b'3' => (TokenKind::Control, &line[1..]),
            b'4' => (TokenKind::UserDefined, &line[1..]),
            b'5' => (TokenKind::Unused, &line[1..]),
            b'6' => (TokenKind::Byte, &line[1..]),
            b'1' => (TokenKind::Normal, &line[1..]),
            _ => (TokenKind::Normal, line),
        };
        tokens.push(token.to_owned());
        kinds.push(kind);
    }
    let merges: Vec<String> = lines.map(str::to_owned).collect();
    // Not in their order, so that merges that scores imply are not either.
    let scores = (0..tokens.len()).map(|token| -((token * 7919 % 101) as f32));
    Vocabulary {
        architecture: if choice & 128 == 0 { "apertus" } else { "llama" }.to_owned(),
        script,
        pre: pre.to_owned(),
        scores: if script == Script::SentencePiece { scores.collect() } else { Vec::new() },
        tokens,
        kinds,
        merges,
        leading_space: if choice & 8 == 0 { LeadingSpace::Added } else { LeadingSpace::AsTyped },
    }
}
