//! Prompts to the token id: both Apertus families against an independent reference, and words of people that never
//! become control tokens, in any template.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use lethe_models::prompt::{
    Clock, Conversation, Deliberation, GUARD, Inner, Message, Part, Profile, Prompter, RenderRequest, Role,
    TemplateSource, Tokenize, tokens_of,
};
use lethe_models::wire::{ControlToken, LoadedModel, MemoryUse, Token};
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior};

const NOW: &str = "2026-11-23T19:05:09+00:00[UTC]";

/// Names of the 8B for the ids from 61 on; v1.1 calls them by their number.
const NAMES: [&str; 12] = [
    "<|system_start|>",
    "<|system_end|>",
    "<|developer_start|>",
    "<|developer_end|>",
    "<|user_start|>",
    "<|user_end|>",
    "<|assistant_start|>",
    "<|assistant_end|>",
    "<|inner_prefix|>",
    "<|inner_suffix|>",
    "<|tools_prefix|>",
    "<|tools_suffix|>",
];

fn clock() -> Clock {
    Clock::new(|| NOW.parse().expect("the time is written as it should be"))
}

fn apertus(profile: Profile) -> LoadedModel {
    let name = |token: Token| match (token, profile) {
        (0, _) => "<unk>".into(),
        (1, _) => "<s>".into(),
        (2, _) => "</s>".into(),
        (36, _) => "<iban-pii>".into(),
        (61..=72, Profile::Apertus8B) => NAMES[token as usize - 61].into(),
        _ => format!("<SPECIAL_{token}>"),
    };
    let control = (0..1000).map(|token| ControlToken { token, text: name(token), user_defined: false });
    model(control.collect(), None)
}

fn model(control: Vec<ControlToken>, template: Option<String>) -> LoadedModel {
    LoadedModel {
        context: 4096,
        context_trained: 4096,
        vocabulary: 131_072,
        template,
        begin: control.iter().find(|control| control.text == "<s>").map(|control| control.token),
        add_begin: false,
        end: control.iter().find(|control| control.text == "</s>").map(|control| control.token),
        control,
        bytes: 0,
        memory: MemoryUse::default(),
        device_memory: MemoryUse::default(),
    }
}

fn reference() -> PathBuf {
    let folder = std::env::var_os("LETHE_REFERENCE");
    folder.expect("LETHE_REFERENCE names the folder of references: `npm test` sets it").into()
}

/// The reference vocabulary: the pair of lowest rank is merged first, within what the pattern splits.
struct Tekken {
    split: Split,
    ranks: HashMap<Vec<u8>, Token>,
}

impl Tekken {
    fn read() -> Self {
        let text = std::fs::read_to_string(reference().join("tekken_240718.json")).expect("the vocabulary is there");
        let json: serde_json::Value = serde_json::from_str(&text).expect("the vocabulary is JSON");
        let pattern = json["config"]["pattern"].as_str().expect("it has a pattern").to_owned();
        let split = Split::new(SplitPattern::Regex(pattern), SplitDelimiterBehavior::Isolated, false);
        let entries = json["vocab"].as_array().expect("it has tokens");
        let ranks = entries.iter().take(130_072).zip(0..);
        let ranks = ranks.map(|(entry, rank)| (base64(entry["token_bytes"].as_str().unwrap_or_default()), rank));
        Self { split: split.expect("the pattern is a regular expression"), ranks: ranks.collect() }
    }

    fn word(&self, word: &[u8]) -> Vec<Token> {
        let mut ends: Vec<usize> = (0..=word.len()).collect();
        let rank = |ends: &[usize], at: usize| self.ranks.get(&word[ends[at]..ends[at + 2]]).copied();
        while let Some((_, at)) = (0..ends.len().saturating_sub(2)).filter_map(|at| Some((rank(&ends, at)?, at))).min()
        {
            ends.remove(at + 1);
        }
        ends.windows(2).map(|pair| 1000 + self.ranks[&word[pair[0]..pair[1]]]).collect()
    }
}

impl Tokenize for Tekken {
    type Error = std::convert::Infallible;

    async fn tokenize(&self, text: &str) -> Result<Vec<Token>, Self::Error> {
        let mut words = PreTokenizedString::from(text);
        self.split.pre_tokenize(&mut words).expect("the pattern splits any text");
        let words = words.get_splits(OffsetReferential::Original, OffsetType::Byte);
        Ok(words.iter().flat_map(|(word, ..)| self.word(word.as_bytes())).collect())
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|digit| match digit {
        b'A'..=b'Z' => Some(u32::from(digit - b'A')),
        b'a'..=b'z' => Some(u32::from(digit - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(digit - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for digit in digits {
        (bits, count) = ((bits << 6) | digit, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    bytes
}

#[tokio::test]
async fn apertus_prompts_have_the_ids_of_the_reference() {
    let table: toml::Table = include_str!("prompts/apertus.toml").parse().expect("the table is TOML");
    let rows = table["row"].as_array().expect("the table has rows");
    let tekken = Tekken::read();
    for (profile, key) in [(Profile::Apertus8B, "apertus_8b"), (Profile::ApertusV11, "apertus_v11")] {
        let prompter = Prompter::new(&apertus(profile), "apertus", clock()).expect("the profile is Jinja");
        assert_eq!(prompter.source(), TemplateSource::Profile(profile), "names choose the profile");
        for row in rows {
            let name = row["name"].as_str().unwrap_or_default();
            let request = RenderRequest::parse(row["request"].as_str().unwrap_or_default()).expect("a request");
            let parts = prompter.render_request(&request);
            let Some(wanted) = row.get(key) else {
                assert!(parts.is_err(), "{key} refuses: {name}");
                continue;
            };
            let wanted: Vec<Token> = wanted.clone().try_into().expect("ids are numbers");
            let tokens = tokens_of(parts.unwrap_or_else(|error| panic!("{name}: {error}")), &tekken).await;
            assert_eq!(tokens, Ok(wanted), "{key}: {name}");
        }
    }
}

#[tokio::test]
async fn the_switch_of_a_conversation_reaches_the_developer_block() {
    let tekken = Tekken::read();
    let messages = [Message { role: Role::User, content: "Hello, who are you?".into() }];
    let table: toml::Table = include_str!("prompts/apertus.toml").parse().expect("the table is TOML");
    for (deliberation, name) in [(Deliberation::On, "deliberation on"), (Deliberation::Off, "deliberation off")] {
        let rows = table["row"].as_array().expect("the table has rows");
        let row = rows.iter().find(|row| row["name"].as_str() == Some(name)).expect("the row is there");
        let wanted: Vec<Token> = row["apertus_8b"].clone().try_into().expect("ids are numbers");
        let prompter = Prompter::new(&apertus(Profile::Apertus8B), "apertus", clock()).expect("the profile is Jinja");
        let conversation = Conversation { messages: &messages, deliberation };
        let tokens = prompter.tokens(&conversation, &tekken).await;
        assert!(tokens.is_ok_and(|tokens| tokens == wanted), "{name}");
    }
}

#[test]
fn what_is_known_of_a_model() {
    let think = |user_defined| {
        ["<s>", "<think>", "</think>", "<SPECIAL_69>", "<SPECIAL_70>"].iter().zip(1..).map(move |(text, token)| {
            ControlToken { token, text: (*text).into(), user_defined: user_defined && token > 1 }
        })
    };
    let opens = "{{ messages[0].content }}{% if enable_thinking %}<think>\n{% else %}<think>\n\n</think>{% endif %}";
    let file = || Some(opens.to_owned());
    let apertus_file = LoadedModel { template: file(), ..apertus(Profile::ApertusV11) };
    let plain = model(think(true).collect(), None);
    let rows = [
        (
            apertus(Profile::Apertus8B),
            "apertus",
            TemplateSource::Profile(Profile::Apertus8B),
            true,
            vec![68, 2, 72],
            Some((69, 70)),
            false,
        ),
        (
            apertus(Profile::ApertusV11),
            "apertus",
            TemplateSource::Profile(Profile::ApertusV11),
            true,
            vec![68, 2, 72],
            Some((69, 70)),
            false,
        ),
        (apertus_file, "apertus", TemplateSource::File, true, vec![68, 2, 72], Some((69, 70)), false),
        (apertus(Profile::ApertusV11), "llama", TemplateSource::Plain, false, vec![], None, false),
        (plain, "qwen3", TemplateSource::Plain, false, vec![], Some((2, 3)), false),
        (model(think(true).collect(), file()), "qwen3", TemplateSource::File, true, vec![], Some((2, 3)), true),
        (model(think(false).collect(), file()), "qwen3", TemplateSource::File, true, vec![], Some((2, 3)), true),
    ];
    for (model, architecture, source, deliberates, ends, inner, opens) in rows {
        let prompter = Prompter::new(&model, architecture, clock()).expect("the template is Jinja");
        assert_eq!(prompter.source(), source);
        assert_eq!(prompter.deliberates(), deliberates, "{source:?}");
        assert_eq!(prompter.ends(), ends, "{source:?} {architecture}");
        assert_eq!(prompter.inner(), inner.map(|(begin, end)| Inner { begin, end }), "{source:?} {architecture}");
        let messages = [Message { role: Role::User, content: "<think>".into() }];
        for (deliberation, opens) in [(Deliberation::On, opens), (Deliberation::Off, false)] {
            let prompt = prompter.render(&Conversation { messages: &messages, deliberation }).expect("a plain prompt");
            assert_eq!(prompter.opens_inner(&prompt), opens, "{source:?} {deliberation:?}");
        }
    }
}

#[test]
fn nothing_that_people_write_becomes_a_control_token() {
    let mut models: Vec<(String, LoadedModel)> =
        vec![("Apertus 8B".into(), apertus(Profile::Apertus8B)), ("Apertus v1.1".into(), apertus(Profile::ApertusV11))];
    for file in std::fs::read_dir(reference().join("templates")).expect("the collection is there") {
        let path = file.expect("the folder can be read").path();
        let source = std::fs::read_to_string(&path).expect("a template is text");
        let names = tokens_in(&source);
        let control = names.into_iter().zip(1..).map(|(text, token)| ControlToken { token, text, user_defined: false });
        models.push((path.display().to_string(), model(control.collect(), Some(source))));
    }
    let (mut compared, mut random) = (0, 88_172_645_463_325_252);
    for (name, model) in models {
        let names: Vec<&str> = model.control.iter().map(|control| control.text.as_str()).collect();
        let prompter = Prompter::new(&model, "apertus", clock()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let render = |texts: &[String; 2]| {
            let message = |role, content: &str| Message { role, content: content.to_owned() };
            let messages =
                [message(Role::User, &texts[0]), message(Role::Assistant, "Good."), message(Role::User, &texts[1])];
            prompter.render(&Conversation { messages: &messages, deliberation: Deliberation::Off })
        };
        // Some templates want more than a plain conversation has.
        let Ok(neutral) = render(&["one".into(), "two".into()]) else { continue };
        for _ in 0..40 {
            let texts = [written(&names, &mut random), written(&names, &mut random)];
            let parts = render(&texts).unwrap_or_else(|error| panic!("{name}: {error}: {texts:?}"));
            assert_eq!(controls(&parts), controls(&neutral), "{name}: {texts:?}");
            let plain: Vec<&str> = parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text(text) => Some(text.as_str()),
                    Part::Control(_) => None,
                })
                .collect();
            for text in &texts {
                let text = text.replace(GUARD, "");
                assert!(kept(&plain.concat()).contains(kept(&text).trim()), "{name} keeps the words: {text:?}");
            }
            compared += 1;
        }
    }
    println!("{compared} conversations compared");
    assert!(compared >= 2000, "only {compared} conversations were compared");
}

/// Without the words that switch thinking, which some templates take out.
fn kept(text: &str) -> String {
    let less = text.replace("/think", "").replace("/no_think", "");
    if less.len() == text.len() { less } else { kept(&less) }
}

fn controls(parts: &[Part]) -> Vec<Token> {
    parts.iter().filter_map(|part| if let Part::Control(token) = part { Some(*token) } else { None }).collect()
}

/// What looks like a control token in a template: `<|im_start|>`, `<start_of_turn>`, `[INST]`, and the like.
fn tokens_in(source: &str) -> BTreeSet<String> {
    let mut tokens: BTreeSet<String> = ["<s>", "</s>", "<|im_start|>", "[INST]"].map(str::to_owned).into();
    for (start, open) in source.char_indices().filter(|(_, letter)| matches!(letter, '<' | '[')) {
        let close = if open == '<' { '>' } else { ']' };
        let Some(length) = source[start..].find(close) else { continue };
        let token = &source[start..=start + length];
        let inner = &token[1..token.len() - 1];
        let is_name =
            !inner.is_empty() && inner.chars().all(|letter| letter.is_alphanumeric() || "|_/｜▁".contains(letter));
        if is_name && (open == '<' || inner.chars().all(|letter| letter.is_ascii_uppercase() || "_/".contains(letter)))
        {
            tokens.insert(token.to_owned());
        }
    }
    tokens
}

/// Words made of control tokens, of parts of them, of guards and of spaces.
fn written(names: &[&str], random: &mut u64) -> String {
    let mut next = |below: usize| {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        usize::try_from(*random % below as u64).expect("below a usize")
    };
    let mut text = String::new();
    for _ in 0..=next(6) {
        let name: Vec<char> = names[next(names.len())].chars().collect();
        let cut = next(name.len() + 1);
        match next(9) {
            0 => text.extend(&name),
            1 => text.extend(&name[..cut]),
            2 => text.extend(&name[cut..]),
            3 => text.extend(name[..cut].iter().chain([&GUARD]).chain(&name[cut..])),
            4 => text.extend(name[..cut].iter().chain(&name).chain(&name[cut..])),
            5 => text.extend(name.iter().map(char::to_ascii_uppercase)),
            6 => text.extend([&name[..cut], &['/', 't', 'h', 'i', 'n', 'k'], &name[cut..]].concat()),
            7 => text.push_str([" ", "\n", "<", "|", ">", "[", "\u{FDD0}"][next(7)]),
            _ => text.push_str("word"),
        }
    }
    if text.trim_matches(|letter: char| letter == GUARD || letter.is_whitespace()).is_empty() {
        "word".into()
    } else {
        text
    }
}
