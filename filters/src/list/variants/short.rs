//! What names are shortened to: particles, saints, initials of more than one letter.
//!
//! `Jan van der Berg` is `Jan v.d. Berg`, `Anna Saint-Clair` is `Anna St. Clair`, `Philippe` begins with `Ph.`. An entry
//! that is shortened itself is read in each of the ways that it may stand for.

/// The first words of particles that are shortened, and the second ones.
const VON: [&str; 2] = ["von", "van"];
const DER: [&str; 4] = ["der", "den", "dem", "de"];
/// What `v.` and `v.d.` may stand for.
const LONG: [(&str, [&str; 2]); 2] = [("v.", ["von", "van"]), ("v.d.", ["von der", "van der"])];
/// Saints, and what is written of them.
const SAINTS: [(&str, &str); 3] = [("saint", "st"), ("sankt", "st"), ("sainte", "ste")];
/// What is one sound at the beginning of a name, the longer ones first.
const SOUNDS: [&str; 6] = ["chr", "sch", "ch", "ph", "st", "th"];

/// A name's parts, and the same with each thing that can be shortened.
pub(super) fn shorter(parts: &[Vec<String>]) -> Vec<Vec<Vec<String>>> {
    let mut ways = vec![parts.to_vec()];
    if let Some(place) = (1..parts.len()).find(|place| is_one(&parts[*place], &VON)) {
        let mut shorten = |first: Vec<String>, second: Option<Vec<String>>| {
            let mut way = parts.to_vec();
            way[place] = first;
            if let Some(second) = second {
                way[place + 1] = second;
            }
            ways.push(way);
        };
        if parts.get(place + 1).is_some_and(|part| is_one(part, &DER)) {
            shorten(dotted("v"), Some(dotted("d")));
            shorten(vec!["v".to_owned(), "/".to_owned()], Some(vec!["d".to_owned()]));
            shorten(vec!["vd".to_owned()], Some(Vec::new()));
        } else {
            shorten(dotted("v"), None);
        }
    }
    let has = |saint: &str| parts.iter().flatten().any(|word| word == saint);
    for (long, short) in SAINTS {
        if has(long) {
            ways.push(replaced(parts, long, &dotted(short)));
            ways.push(replaced(parts, long, &dotted(short)[..1]));
        } else if has(short) {
            ways.push(replaced(parts, short, &[long.to_owned()]));
        }
    }
    ways
}

/// The text of an entry with its shortened particles in each of the ways that they may stand for.
pub(super) fn long_particles(text: &str) -> Vec<String> {
    let joined = text.replace("v. d. ", "v.d. ");
    let found = LONG.iter().find(|(short, _)| joined.contains(&format!(" {short} ")));
    match found {
        None => vec![text.to_owned()],
        Some((short, long)) => {
            long.iter().map(|long| joined.replace(&format!(" {short} "), &format!(" {long} "))).collect()
        }
    }
}

/// The initial of a word, with all letters that are one sound.
pub(super) fn initial(word: &str) -> Option<String> {
    let sound = SOUNDS.iter().find(|sound| word.starts_with(**sound) && word.len() > sound.len());
    sound.map(|sound| (*sound).to_owned()).or_else(|| word.chars().next().map(String::from))
}

/// The shorter of two ways to write the sound that a word begins with.
pub(super) fn short_sound(word: &str) -> Option<String> {
    let sound = SOUNDS.iter().skip_while(|sound| !word.starts_with(**sound)).skip(1);
    sound.copied().find(|sound| word.starts_with(sound)).map(str::to_owned)
}

/// Whether a word may be an initial of more than one letter.
pub(crate) fn is_sound(word: &str) -> bool {
    SOUNDS.contains(&word)
}

fn is_one(part: &[String], words: &[&str]) -> bool {
    matches!(part, [word] if words.contains(&word.as_str()))
}

fn dotted(word: &str) -> Vec<String> {
    vec![word.to_owned(), ".".to_owned()]
}

/// The parts with other words in place of one and of the full stop behind it.
fn replaced(parts: &[Vec<String>], word: &str, instead: &[String]) -> Vec<Vec<String>> {
    let replace = |part: &Vec<String>| {
        let mut words = part.iter().peekable();
        let mut made = Vec::new();
        while let Some(next) = words.next() {
            if next == word {
                made.extend_from_slice(instead);
                words.next_if(|behind| *behind == ".");
            } else {
                made.push(next.clone());
            }
        }
        made
    };
    parts.iter().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_shorter_names() {
        for (name, expected) in [
            ("anna keller", ""),
            ("jan van der berg", "jan v . d . berg|jan v / d berg|jan vd berg"),
            ("anna von matt", "anna v . matt"),
            ("anna saint clair", "anna st . clair|anna st clair"),
            ("anna st clair", "anna saint clair|anna sankt clair"),
        ] {
            let parts: Vec<Vec<String>> = name.split(' ').map(|part| vec![part.to_owned()]).collect();
            let ways: Vec<String> = shorter(&parts)[1..].iter().map(|way| way.concat().join(" ")).collect();
            assert_eq!(ways.join("|"), expected, "{name}");
        }
    }

    #[test]
    fn a_shortened_particle_is_read_in_each_way() {
        assert_eq!(long_particles("Jan v.d. Berg"), ["Jan von der Berg", "Jan van der Berg"]);
        assert_eq!(long_particles("Jan v. d. Berg"), ["Jan von der Berg", "Jan van der Berg"]);
        assert_eq!(long_particles("Jan v. Berg"), ["Jan von Berg", "Jan van Berg"]);
        assert_eq!(long_particles("Jan V. Berg"), ["Jan V. Berg"]);
    }

    #[test]
    fn a_sound_of_three_letters_is_also_written_with_two() {
        for (word, expected) in [("christoph", Some("ch")), ("charles", None), ("philippe", None), ("anna", None)] {
            assert_eq!(short_sound(word).as_deref(), expected);
        }
    }

    #[test]
    fn initials_have_the_letters_of_one_sound() {
        for (word, expected) in [("philippe", "ph"), ("christa", "chr"), ("charles", "ch"), ("anna", "a"), ("ch", "c")]
        {
            assert_eq!(initial(word).as_deref(), Some(expected));
        }
    }
}
