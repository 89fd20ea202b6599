//! What Korean, Arabic and Hebrew attach to a name without a space, and the genitive `s`.

use crate::canonical::Canonical;

/// What Korean writes behind a name, as it is spoken to and as parts of a sentence.
#[rustfmt::skip]
const KOREAN_ENDINGS: [&str; 26] = [
    "은", "는", "이", "가", "을", "를", "의", "에", "에게", "에게서", "께", "께서", "와", "과", "도", "로", "으로", "만",
    "씨", "님", "씨는", "씨가", "씨의", "씨를", "님은", "님이",
];
/// The same, less often; only behind a name in its natural order.
#[rustfmt::skip]
const MORE_KOREAN_ENDINGS: [&str; 34] = [
    "입니다", "이다", "이라고", "라고", "이라는", "라는", "이란", "한테", "이랑", "랑", "까지", "부터", "처럼", "보다", "이나",
    "선생", "선생님", "선생님은", "선생님이", "선생님의", "교수", "교수님", "교수는", "교수가", "박사", "대표", "의원",
    "씨에게", "씨와", "씨도", "씨입니다", "님께", "님의", "님에게",
];
const ARABIC_PROCLITICS: [&str; 5] = ["و", "ف", "ب", "ل", "ك"];
/// Two in a row; only before a name in its natural order.
const MORE_ARABIC_PROCLITICS: [&str; 5] = ["وب", "ول", "وك", "فل", "فب"];
/// With `ل` the article `ال` is written `لل`.
const ARABIC_ARTICLE: &str = "ال";
const ARABIC_TO_THE: [&str; 2] = ["لل", "ولل"];
const HEBREW_PROCLITICS: [&str; 7] = ["ו", "ה", "ב", "ל", "מ", "ש", "כ"];
const MORE_HEBREW_PROCLITICS: [&str; 8] = ["ול", "וב", "ומ", "וש", "וה", "וכ", "של", "כש"];

/// What a name is written with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Korean,
    Arabic,
    Hebrew,
    Kana,
}

impl Script {
    /// The script of a letter in canonical form, if it is one of those that matter here.
    pub fn of(c: char) -> Option<Script> {
        Some(match c {
            'a'..='z' => Script::Latin,
            '\u{1100}'..='\u{11ff}' => Script::Korean,
            '\u{621}'..='\u{64a}' => Script::Arabic,
            '\u{5d0}'..='\u{5ea}' => Script::Hebrew,
            '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}' => Script::Kana,
            _ => return None,
        })
    }
}

/// A name with what is attached to its first or last word, and whether the genitive `s` is.
pub(super) fn attached(name: &[String], natural: bool) -> (Vec<Vec<String>>, bool) {
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return (Vec::new(), false) };
    let (begins, ends) = (first.chars().next().and_then(Script::of), last.chars().last().and_then(Script::of));
    let before = |single: &[&str], double: &[&str]| -> Vec<Vec<String>> {
        let double = if natural { double } else { &[] };
        single.iter().chain(double).map(|prefix| with_first(name, &format!("{prefix}{first}"))).collect()
    };
    match (begins, ends) {
        (_, Some(Script::Latin)) => (Vec::new(), name.len() > 1 || last.len() > 2),
        (_, Some(Script::Korean)) => {
            let more: &[&str] = if natural { &MORE_KOREAN_ENDINGS } else { &[] };
            (KOREAN_ENDINGS.iter().chain(more).map(|ending| with_ending(name, ending)).collect(), false)
        }
        (Some(Script::Arabic), _) => {
            let mut forms = before(&ARABIC_PROCLITICS, &MORE_ARABIC_PROCLITICS);
            if let Some(noun) = first.strip_prefix(ARABIC_ARTICLE) {
                forms.extend(ARABIC_TO_THE.iter().map(|prefix| with_first(name, &format!("{prefix}{noun}"))));
            }
            (forms, false)
        }
        (Some(Script::Hebrew), _) => (before(&HEBREW_PROCLITICS, &MORE_HEBREW_PROCLITICS), false),
        _ => (Vec::new(), false),
    }
}

fn with_first(name: &[String], first: &str) -> Vec<String> {
    [&[first.to_owned()], &name[1..]].concat()
}

fn with_ending(name: &[String], ending: &str) -> Vec<String> {
    let mut form = name.to_vec();
    form.last_mut().expect("a name has words").push_str(Canonical::of(ending).as_str());
    form
}
