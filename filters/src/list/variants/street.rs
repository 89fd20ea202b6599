//! Words for streets, long and short: `Bahnhofstrasse`, `Bahnhofstr.`, `Bahnhof-Strasse`, `av.`; and the words that are
//! shortened in names of streets and places: `Prof.`, `St.`.

/// Ends of a word, or the word before a house number: long, short.
const STREETS: [(&str, &str); 4] = [("strasse", "str"), ("platz", "pl"), ("straat", "str"), ("gasse", "g")];
/// Words that mean the same. A dot may stand behind all but the first.
const SAME: [&[&str]; 33] = [
    &["allee", "all"],
    &["avenida", "av", "avda", "avd"],
    &["avenue", "av", "ave"],
    &["boulevard", "bd", "blvd", "bvd", "boul"],
    &["calle", "c /", "c", "cl"],
    &["carretera", "ctra"],
    &["chemin", "ch", "chem"],
    &["close", "cl"],
    &["corso", "c so", "cso"],
    &["court", "ct"],
    &["crescent", "cres"],
    &["drive", "dr"],
    &["faubourg", "fbg", "fg"],
    &["gardens", "gdns"],
    &["impasse", "imp"],
    &["lane", "ln"],
    &["largo", "l go", "lgo"],
    &["passage", "pass"],
    &["piazza", "p . za", "p . zza", "pza", "p"],
    &["place", "pl"],
    &["plaza", "pza", "pl"],
    &["plazza", "pl"],
    &["quai", "q"],
    &["road", "rd"],
    &["route", "rte", "rt"],
    &["rua", "r"],
    &["rue", "r"],
    &["square", "sq"],
    &["strada", "str"],
    &["street", "st", "str"],
    &["terrace", "terr", "ter"],
    &["via", "v"],
    &["viale", "v . le", "vle"],
];
/// Of these, those that stand behind a name.
#[rustfmt::skip]
const ENGLISH: [&str; 10] = [
    "close", "court", "crescent", "drive", "gardens", "lane", "road", "square", "street", "terrace",
];
/// Of these, those of Spain that may stand before a name with `de` or without.
const SPANISH: [&str; 4] = ["avenida", "calle", "paseo", "plaza"];
/// Ends of words that are streets.
#[rustfmt::skip]
const ENDINGS: [&str; 34] = [
    "acher", "acker", "allee", "berg", "bruecke", "brucke", "damm", "dreef", "gaessli", "gasse", "gassli", "graben",
    "gracht", "halde", "hof", "kade", "laan", "markt", "matt", "matte", "pfad", "platz", "plein", "quai", "rain", "ring",
    "steig", "straat", "strasse", "str", "ufer", "weg", "wiese", "wies",
];
/// Words that are streets and have no short way to write them.
#[rustfmt::skip]
const OTHERS: [&str; 26] = [
    "camino", "cours", "esplanade", "estrada", "gracht", "lungolago", "mews", "parade", "parco", "park", "paseo", "pasaje",
    "promenade", "rampe", "ruelle", "salita", "sentier", "stradun", "traversa", "venelle", "veia", "vicolo", "villa", "voie",
    "walk", "way",
];
/// Words in names of streets and places that are shortened with a dot.
const TITLES: [(&str, &[&str]); 20] = [
    ("professor", &["prof"]),
    ("doktor", &["dr"]),
    ("docteur", &["dr"]),
    ("doctor", &["dr"]),
    ("sankt", &["st", "skt"]),
    ("saint", &["st"]),
    ("sainte", &["ste"]),
    ("san", &["s"]),
    ("santa", &["s", "sta"]),
    ("sao", &["s"]),
    ("general", &["gen", "gal"]),
    ("colonel", &["col"]),
    ("capitaine", &["cap"]),
    ("marechal", &["mal", "mar"]),
    ("president", &["pres"]),
    ("burgermeister", &["bgm", "burgerm"]),
    ("pfarrer", &["pfr"]),
    ("ingenieur", &["ing"]),
    ("unter", &["unt"]),
    ("ober", &["ob"]),
];

/// The words of an address, with the first word for a street in all its lengths, and with its titles short and long.
pub(super) fn streets(given: &[String]) -> Vec<Vec<String>> {
    let mut streets: Vec<Vec<String>> = shortened(given).iter().flat_map(|given| in_all_lengths(given)).collect();
    // `C/ Alcalá` of `Calle de Alcalá`
    if given.len() > 2 && SPANISH.contains(&given[0].as_str()) {
        let bare = streets.iter().filter_map(|street| {
            let link = street.iter().position(|word| word == "de")?;
            let is_article =
                street.get(link + 1).is_none_or(|word| matches!(word.as_str(), "la" | "las" | "los" | "el"));
            (!is_article).then(|| [&street[..link], &street[link + 1..]].concat())
        });
        streets.extend(bare.collect::<Vec<_>>());
    }
    streets
}

/// Whether words are the name of a street.
pub(super) fn is_street(words: &[String]) -> bool {
    let is_ending = |word: &String| ENDINGS.iter().any(|ending| word.len() > ending.len() && word.ends_with(ending));
    let is_word =
        |word: &String| OTHERS.contains(&word.as_str()) || ENDINGS[..].contains(&word.as_str()) && words.len() > 1;
    words.iter().any(|word| is_ending(word) || is_word(word)) || has_street_word(words)
}

/// Whether a word for a street stands before the name or behind it, as in French or English.
pub(super) fn has_street_word(words: &[String]) -> bool {
    (0..words.len()).any(|at| foreign_street(words, at).next().is_some() || OTHERS.contains(&words[at].as_str()))
}

/// Words as they are, and with the first title in them short or long.
pub(super) fn shortened(given: &[String]) -> Vec<Vec<String>> {
    let mut forms = vec![given.to_vec()];
    // Before a name only, or else `Rue du General` would lose its name.
    for at in 0..given.len().saturating_sub(1) {
        let word = given[at].as_str();
        let behind = &given[at + 1 + dots(given, at + 1)..];
        if !behind.first().is_some_and(|next| next.starts_with(char::is_alphabetic)) {
            continue;
        }
        let same = TITLES.iter().filter(|(long, short)| *long == word || short.contains(&word));
        let mut words = Vec::new();
        for (long, short) in same {
            words.extend([*long].into_iter().filter(|long| *long != word).map(|long| vec![long.to_owned()]));
            for short in *short {
                words.push(vec![(*short).to_owned(), ".".to_owned()]);
                words.push(vec![(*short).to_owned()]);
            }
        }
        if !words.is_empty() {
            forms.extend(words.iter().map(|way| [&given[..at], way, behind].concat()));
            break;
        }
    }
    forms
}

fn in_all_lengths(given: &[String]) -> Vec<Vec<String>> {
    let mut forms = vec![given.to_vec()];
    let german = (0..given.len()).find_map(|at| Some((at, german_street(given, at)?)));
    let found: Vec<(usize, Street)> = match german {
        Some(street) => vec![street],
        None => {
            let first = (0..given.len()).find(|at| foreign_street(given, *at).next().is_some());
            first.into_iter().flat_map(|at| foreign_street(given, at).map(move |street| (at, street))).collect()
        }
    };
    for (at, street) in found {
        let behind = &given[at + street.length..];
        forms.extend(street.ways.iter().map(|way| [&given[..at], way, behind].concat()));
    }
    forms
}

/// A word for a street, how many words it is long, and how else it may be written.
struct Street {
    length: usize,
    ways: Vec<Vec<String>>,
}

fn dots(given: &[String], at: usize) -> usize {
    usize::from(given.get(at).is_some_and(|word| word == "."))
}

/// The shortest name before `strasse`, and before an ending of one letter.
const STEM: usize = 2;
const LONG_STEM: usize = 5;

fn german_street(given: &[String], at: usize) -> Option<Street> {
    let word = given[at].as_str();
    for (long, short) in STREETS {
        let stem_length = if short.len() == 1 { LONG_STEM } else { STEM };
        let dot = dots(given, at + 1);
        // `Lindeng.` has a dot, `Lindeng` is another name.
        let shorts = |word: &str| short.len() > 1 && word == short;
        let without_short = word.strip_suffix(short).filter(|_| short.len() > 1 || dot == 1);
        // `Berner Strasse` begins one word before.
        let next = given.get(at + 1).filter(|next| *next == long || shorts(next));
        let (stem, length) = match (next, word.strip_suffix(long).or(without_short)) {
            (Some(_), _) if word.starts_with(char::is_alphabetic) => (word, 2 + dots(given, at + 2)),
            (_, Some(stem)) if stem.len() >= stem_length || stem.len() >= STEM && word.ends_with(long) => {
                (stem, 1 + dot)
            }
            _ => continue,
        };
        let way = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let (joined_long, joined_short) = (format!("{stem}{long}"), format!("{stem}{short}"));
        let mut ways = vec![way(&[&joined_long]), way(&[&joined_short, "."]), way(&[stem, long])];
        if short.len() > 1 {
            ways.extend([way(&[&joined_short]), way(&[stem, short, "."]), way(&[stem, short])]);
        }
        return Some(Street { length, ways });
    }
    None
}

/// The words for a street that may stand at a place: `r.` is `rue` and `rua`.
fn foreign_street(given: &[String], at: usize) -> impl Iterator<Item = Street> {
    SAME.iter().filter_map(move |same| {
        let (place, written) = same.iter().enumerate().find_map(|(place, written)| {
            let count = written.split(' ').count();
            let is_there = given.get(at..at + count).is_some_and(|words| words.iter().eq(written.split(' ')));
            is_there.then_some((place, count))
        })?;
        let length = if place == 0 { 1 } else { written + dots(given, at + written) };
        // `St` before a name is a saint, and `r` behind one no street.
        let before_name = given.get(at + length).is_some_and(|next| next.starts_with(char::is_alphabetic));
        if place > 0 && before_name == ENGLISH.contains(&same[0]) {
            return None;
        }
        let to_words = |text: &&str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let alone = same.iter().map(to_words);
        let with_dot = same[1..].iter().filter(|short| !short.ends_with('/')).map(|short| {
            let mut words = to_words(short);
            words.push(".".to_owned());
            words
        });
        Some(Street { length, ways: alone.chain(with_dot).collect() })
    })
}
