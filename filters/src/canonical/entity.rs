//! HTML's ways to write a character: `&uuml;`, `&#252;`, `&#xfc;`.
//!
//! Read are numbers of up to [`MOST_DIGITS`] digits, and the names of Latin, Greek and Cyrillic letters, of white
//! space, and of the signs that stand in or beside names and addresses. Only with the semicolon: without it
//! `R&D` and the parameters of an address on the web would be read as well. One that was written as text is read too:
//! `&amp;uuml;`.

/// The most digits of a number.
const MOST_DIGITS: usize = 8;

/// What stands at an ampersand.
pub(super) enum Entity {
    /// Text.
    None,
    /// It may become an entity with what follows.
    Open,
    /// The character that these many bytes stand for.
    Whole { c: char, length: usize },
}

/// Reads the entity at the beginning of `rest`, which begins with `&`. If this is not the `last` piece, it may go on.
pub(super) fn entity_at(rest: &str, last: bool) -> Entity {
    let outer = read(rest, 1, last);
    match outer {
        // The ampersand of another one: `&amp;uuml;`.
        Entity::Whole { c: '&', length } => match read(rest, length, last) {
            Entity::None => outer,
            inner => inner,
        },
        _ => outer,
    }
}

/// Reads the entity whose ampersand ends at `start`.
fn read(rest: &str, start: usize, last: bool) -> Entity {
    let behind = &rest[start..];
    let (prefix, radix) = match behind.as_bytes() {
        [b'#', b'x' | b'X', ..] => (2, 16),
        [b'#', ..] => (1, 10),
        _ => (0, 36),
    };
    let body = &behind[prefix..];
    let count = body.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let name = &body[..count];
    let c = match radix {
        _ if count == 0 => None,
        36 => NAMES.binary_search_by_key(&name, |(name, _)| name).ok().map(|place| NAMES[place].1),
        _ if count > MOST_DIGITS => None,
        radix => u32::from_str_radix(name, radix).ok().and_then(char::from_u32),
    };
    match body.as_bytes().get(count) {
        Some(b';') => match c {
            Some(c) => Entity::Whole { c, length: start + prefix + count + 1 },
            None => Entity::None,
        },
        None if !last && may_go_on(name, radix, count) => Entity::Open,
        _ => Entity::None,
    }
}

/// Whether this may be the beginning of a name or number.
fn may_go_on(name: &str, radix: u32, count: usize) -> bool {
    match radix {
        36 => {
            let first = NAMES.partition_point(|(known, _)| *known < name);
            NAMES.get(first).is_some_and(|(known, _)| known.starts_with(name))
        }
        _ => count <= MOST_DIGITS,
    }
}

/// Names and what they stand for, in the order of their bytes.
#[rustfmt::skip]
const NAMES: [(&str, char); 425] = [
    ("AElig", 'Æ'), ("AMP", '&'), ("Aacute", 'Á'), ("Abreve", 'Ă'), ("Acirc", 'Â'), ("Acy", 'А'), ("Agrave", 'À'),
    ("Alpha", 'Α'), ("Amacr", 'Ā'), ("Aogon", 'Ą'), ("Aring", 'Å'), ("Atilde", 'Ã'), ("Auml", 'Ä'), ("Bcy", 'Б'),
    ("Beta", 'Β'), ("CHcy", 'Ч'), ("Cacute", 'Ć'), ("Ccaron", 'Č'), ("Ccedil", 'Ç'), ("Ccirc", 'Ĉ'), ("Cdot", 'Ċ'),
    ("Chi", 'Χ'), ("DJcy", 'Ђ'), ("DScy", 'Ѕ'), ("DZcy", 'Џ'), ("Dagger", '‡'), ("Dcaron", 'Ď'), ("Dcy", 'Д'),
    ("Delta", 'Δ'), ("Dstrok", 'Đ'), ("ENG", 'Ŋ'), ("ETH", 'Ð'), ("Eacute", 'É'), ("Ecaron", 'Ě'), ("Ecirc", 'Ê'),
    ("Ecy", 'Э'), ("Edot", 'Ė'), ("Egrave", 'È'), ("Emacr", 'Ē'), ("Eogon", 'Ę'), ("Epsilon", 'Ε'), ("Eta", 'Η'),
    ("Euml", 'Ë'), ("Fcy", 'Ф'), ("GJcy", 'Ѓ'), ("GT", '>'), ("Gamma", 'Γ'), ("Gammad", 'Ϝ'), ("Gbreve", 'Ğ'),
    ("Gcedil", 'Ģ'), ("Gcirc", 'Ĝ'), ("Gcy", 'Г'), ("Gdot", 'Ġ'), ("HARDcy", 'Ъ'), ("Hcirc", 'Ĥ'), ("Hstrok", 'Ħ'),
    ("IEcy", 'Е'), ("IJlig", 'Ĳ'), ("IOcy", 'Ё'), ("Iacute", 'Í'), ("Icirc", 'Î'), ("Icy", 'И'), ("Idot", 'İ'),
    ("Igrave", 'Ì'), ("Imacr", 'Ī'), ("Iogon", 'Į'), ("Iota", 'Ι'), ("Itilde", 'Ĩ'), ("Iukcy", 'І'), ("Iuml", 'Ï'),
    ("Jcirc", 'Ĵ'), ("Jcy", 'Й'), ("Jsercy", 'Ј'), ("Jukcy", 'Є'), ("KHcy", 'Х'), ("KJcy", 'Ќ'), ("Kappa", 'Κ'),
    ("Kcedil", 'Ķ'), ("Kcy", 'К'), ("LJcy", 'Љ'), ("LT", '<'), ("Lacute", 'Ĺ'), ("Lambda", 'Λ'), ("Lcaron", 'Ľ'),
    ("Lcedil", 'Ļ'), ("Lcy", 'Л'), ("Lmidot", 'Ŀ'), ("Lstrok", 'Ł'), ("Mcy", 'М'), ("Mu", 'Μ'), ("NJcy", 'Њ'),
    ("Nacute", 'Ń'), ("Ncaron", 'Ň'), ("Ncedil", 'Ņ'), ("Ncy", 'Н'), ("NewLine", '\u{a}'), ("NoBreak", '\u{2060}'),
    ("Ntilde", 'Ñ'), ("Nu", 'Ν'), ("OElig", 'Œ'), ("Oacute", 'Ó'), ("Ocirc", 'Ô'), ("Ocy", 'О'), ("Odblac", 'Ő'),
    ("Ograve", 'Ò'), ("Omacr", 'Ō'), ("Omega", 'Ω'), ("Omicron", 'Ο'), ("Oslash", 'Ø'), ("Otilde", 'Õ'),
    ("Ouml", 'Ö'), ("Pcy", 'П'), ("Phi", 'Φ'), ("Pi", 'Π'), ("Psi", 'Ψ'), ("QUOT", '"'), ("Racute", 'Ŕ'),
    ("Rcaron", 'Ř'), ("Rcedil", 'Ŗ'), ("Rcy", 'Р'), ("Rho", 'Ρ'), ("SHCHcy", 'Щ'), ("SHcy", 'Ш'), ("SOFTcy", 'Ь'),
    ("Sacute", 'Ś'), ("Scaron", 'Š'), ("Scedil", 'Ş'), ("Scirc", 'Ŝ'), ("Scy", 'С'), ("Sigma", 'Σ'), ("THORN", 'Þ'),
    ("TSHcy", 'Ћ'), ("TScy", 'Ц'), ("Tab", '\u{9}'), ("Tau", 'Τ'), ("Tcaron", 'Ť'), ("Tcedil", 'Ţ'), ("Tcy", 'Т'),
    ("Theta", 'Θ'), ("Tstrok", 'Ŧ'), ("Uacute", 'Ú'), ("Ubrcy", 'Ў'), ("Ubreve", 'Ŭ'), ("Ucirc", 'Û'), ("Ucy", 'У'),
    ("Udblac", 'Ű'), ("Ugrave", 'Ù'), ("Umacr", 'Ū'), ("Uogon", 'Ų'), ("Upsi", 'ϒ'), ("Upsilon", 'Υ'), ("Uring", 'Ů'),
    ("Utilde", 'Ũ'), ("Uuml", 'Ü'), ("Vcy", 'В'), ("Wcirc", 'Ŵ'), ("Xi", 'Ξ'), ("YAcy", 'Я'), ("YIcy", 'Ї'),
    ("YUcy", 'Ю'), ("Yacute", 'Ý'), ("Ycirc", 'Ŷ'), ("Ycy", 'Ы'), ("Yuml", 'Ÿ'), ("ZHcy", 'Ж'), ("Zacute", 'Ź'),
    ("Zcaron", 'Ž'), ("Zcy", 'З'), ("Zdot", 'Ż'), ("ZeroWidthSpace", '\u{200b}'), ("Zeta", 'Ζ'), ("aacute", 'á'),
    ("abreve", 'ă'), ("acirc", 'â'), ("acy", 'а'), ("aelig", 'æ'), ("agrave", 'à'), ("alpha", 'α'), ("amacr", 'ā'),
    ("amp", '&'), ("angst", 'Å'), ("aogon", 'ą'), ("apos", '\''), ("aring", 'å'), ("ast", '*'), ("atilde", 'ã'),
    ("auml", 'ä'), ("bcy", 'б'), ("bdquo", '„'), ("beta", 'β'), ("bsol", '\\'), ("bull", '•'), ("cacute", 'ć'),
    ("ccaron", 'č'), ("ccedil", 'ç'), ("ccirc", 'ĉ'), ("cdot", 'ċ'), ("chcy", 'ч'), ("chi", 'χ'), ("colon", ':'),
    ("comma", ','), ("commat", '@'), ("copy", '©'), ("dagger", '†'), ("dash", '‐'), ("dcaron", 'ď'), ("dcy", 'д'),
    ("deg", '°'), ("delta", 'δ'), ("digamma", 'ϝ'), ("djcy", 'ђ'), ("dscy", 'ѕ'), ("dstrok", 'đ'), ("dzcy", 'џ'),
    ("eacute", 'é'), ("ecaron", 'ě'), ("ecirc", 'ê'), ("ecy", 'э'), ("edot", 'ė'), ("egrave", 'è'), ("emacr", 'ē'),
    ("emsp", '\u{2003}'), ("eng", 'ŋ'), ("ensp", '\u{2002}'), ("eogon", 'ę'), ("epsi", 'ε'), ("epsilon", 'ε'),
    ("epsiv", 'ϵ'), ("equals", '='), ("eta", 'η'), ("eth", 'ð'), ("euml", 'ë'), ("excl", '!'), ("fcy", 'ф'),
    ("fnof", 'ƒ'), ("gacute", 'ǵ'), ("gamma", 'γ'), ("gammad", 'ϝ'), ("gbreve", 'ğ'), ("gcirc", 'ĝ'), ("gcy", 'г'),
    ("gdot", 'ġ'), ("gjcy", 'ѓ'), ("grave", '`'), ("gt", '>'), ("hairsp", '\u{200a}'), ("hardcy", 'ъ'),
    ("hcirc", 'ĥ'), ("hellip", '…'), ("horbar", '―'), ("hstrok", 'ħ'), ("hyphen", '‐'), ("iacute", 'í'),
    ("icirc", 'î'), ("icy", 'и'), ("iecy", 'е'), ("igrave", 'ì'), ("ijlig", 'ĳ'), ("imacr", 'ī'), ("imath", 'ı'),
    ("imped", 'Ƶ'), ("inodot", 'ı'), ("iocy", 'ё'), ("iogon", 'į'), ("iota", 'ι'), ("itilde", 'ĩ'), ("iukcy", 'і'),
    ("iuml", 'ï'), ("jcirc", 'ĵ'), ("jcy", 'й'), ("jmath", 'ȷ'), ("jsercy", 'ј'), ("jukcy", 'є'), ("kappa", 'κ'),
    ("kappav", 'ϰ'), ("kcedil", 'ķ'), ("kcy", 'к'), ("kgreen", 'ĸ'), ("khcy", 'х'), ("kjcy", 'ќ'), ("lacute", 'ĺ'),
    ("lambda", 'λ'), ("laquo", '«'), ("lbrack", '['), ("lcaron", 'ľ'), ("lcedil", 'ļ'), ("lcy", 'л'), ("ldquo", '“'),
    ("ljcy", 'љ'), ("lmidot", 'ŀ'), ("lowbar", '_'), ("lpar", '('), ("lrm", '\u{200e}'), ("lsaquo", '‹'),
    ("lsqb", '['), ("lsquo", '‘'), ("lstrok", 'ł'), ("lt", '<'), ("mcy", 'м'), ("mdash", '—'), ("middot", '·'),
    ("minus", '−'), ("mu", 'μ'), ("nacute", 'ń'), ("napos", 'ŉ'), ("nbsp", '\u{a0}'), ("ncaron", 'ň'),
    ("ncedil", 'ņ'), ("ncy", 'н'), ("ndash", '–'), ("njcy", 'њ'), ("ntilde", 'ñ'), ("nu", 'ν'), ("num", '#'),
    ("numsp", '\u{2007}'), ("oacute", 'ó'), ("ocirc", 'ô'), ("ocy", 'о'), ("odblac", 'ő'), ("oelig", 'œ'),
    ("ograve", 'ò'), ("ohm", 'Ω'), ("omacr", 'ō'), ("omega", 'ω'), ("omicron", 'ο'), ("ordf", 'ª'), ("ordm", 'º'),
    ("oslash", 'ø'), ("otilde", 'õ'), ("ouml", 'ö'), ("para", '¶'), ("pcy", 'п'), ("percnt", '%'), ("period", '.'),
    ("phi", 'φ'), ("phiv", 'ϕ'), ("pi", 'π'), ("piv", 'ϖ'), ("plus", '+'), ("psi", 'ψ'), ("quest", '?'),
    ("quot", '"'), ("racute", 'ŕ'), ("raquo", '»'), ("rbrack", ']'), ("rcaron", 'ř'), ("rcedil", 'ŗ'), ("rcy", 'р'),
    ("rdquo", '”'), ("reg", '®'), ("rho", 'ρ'), ("rhov", 'ϱ'), ("rlm", '\u{200f}'), ("rpar", ')'), ("rsaquo", '›'),
    ("rsqb", ']'), ("rsquo", '’'), ("sacute", 'ś'), ("sbquo", '‚'), ("scaron", 'š'), ("scedil", 'ş'), ("scirc", 'ŝ'),
    ("scy", 'с'), ("sect", '§'), ("semi", ';'), ("shchcy", 'щ'), ("shcy", 'ш'), ("shy", '\u{ad}'), ("sigma", 'σ'),
    ("sigmaf", 'ς'), ("sigmav", 'ς'), ("softcy", 'ь'), ("sol", '/'), ("sup1", '¹'), ("sup2", '²'), ("sup3", '³'),
    ("szlig", 'ß'), ("tau", 'τ'), ("tcaron", 'ť'), ("tcedil", 'ţ'), ("tcy", 'т'), ("theta", 'θ'), ("thetasym", 'ϑ'),
    ("thetav", 'ϑ'), ("thinsp", '\u{2009}'), ("thorn", 'þ'), ("trade", '™'), ("tscy", 'ц'), ("tshcy", 'ћ'),
    ("tstrok", 'ŧ'), ("uacute", 'ú'), ("ubrcy", 'ў'), ("ubreve", 'ŭ'), ("ucirc", 'û'), ("ucy", 'у'), ("udblac", 'ű'),
    ("ugrave", 'ù'), ("umacr", 'ū'), ("uogon", 'ų'), ("upsi", 'υ'), ("upsih", 'ϒ'), ("upsilon", 'υ'), ("uring", 'ů'),
    ("utilde", 'ũ'), ("uuml", 'ü'), ("vcy", 'в'), ("verbar", '|'), ("vert", '|'), ("wcirc", 'ŵ'), ("xi", 'ξ'),
    ("yacute", 'ý'), ("yacy", 'я'), ("ycirc", 'ŷ'), ("ycy", 'ы'), ("yicy", 'ї'), ("yucy", 'ю'), ("yuml", 'ÿ'),
    ("zacute", 'ź'), ("zcaron", 'ž'), ("zcy", 'з'), ("zdot", 'ż'), ("zeta", 'ζ'), ("zhcy", 'ж'), ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(NAMES.is_sorted_by(|one, next| one.0 < next.0));
    }

    #[test]
    fn table_of_entities() {
        for (text, expected) in [
            ("&uuml;", Some(('ü', 6))),
            ("&Uuml;ber", Some(('Ü', 6))),
            ("&#252; x", Some(('ü', 6))),
            ("&#xFC;", Some(('ü', 6))),
            ("&#Xfc;", Some(('ü', 6))),
            ("&commat;", Some(('@', 8))),
            ("&amp;uuml;r", Some(('ü', 10))),
            ("&amp;#64;", Some(('@', 9))),
            ("&#38;#64;", Some(('@', 9))),
            ("&amp; Co", Some(('&', 5))),
            ("&amp;copy", Some(('&', 5))),
            ("&uuml", None),
            ("&;", None),
            ("&#;", None),
            ("&#x;", None),
            ("&#123456789;", None),
            ("&#xd800;", None),
            ("&c.", None),
            ("&nothing;", None),
        ] {
            let found = match entity_at(text, true) {
                Entity::Whole { c, length } => Some((c, length)),
                _ => None,
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_may_become_an_entity_waits() {
        for text in ["&", "&u", "&uuml", "&amp;", "&amp;#6", "&#", "&#x", "&#25", "&#xfc"] {
            assert!(matches!(entity_at(text, false), Entity::Open), "{text}");
        }
        for text in ["& ", "&uq", "&#a", "&#x ", "&#123456789", "&b=", "&umlauts"] {
            assert!(matches!(entity_at(text, false), Entity::None), "{text}");
        }
    }
}
