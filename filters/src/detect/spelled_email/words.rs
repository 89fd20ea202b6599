//! What words and hosts mean to addresses with words for their signs.

use super::super::top_level::is_common;
use super::super::vocabulary::Vocabulary;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    At,
    Dot,
}

/// The signs, and whether they count only in brackets.
pub(super) static SIGNS: Vocabulary<(Sign, bool)> = Vocabulary::new(&[
    ("a", (Sign::At, true)),
    ("aet", (Sign::At, true)),
    ("arobas", (Sign::At, false)),
    ("arobase", (Sign::At, false)),
    ("arroba", (Sign::At, false)),
    ("at", (Sign::At, false)),
    ("chiocciola", (Sign::At, false)),
    ("dot", (Sign::Dot, false)),
    ("klammeraffe", (Sign::At, false)),
    ("point", (Sign::Dot, false)),
    ("punkt", (Sign::Dot, false)),
    ("punto", (Sign::Dot, false)),
]);

/// The sign that a word or a character in brackets stands for.
pub(super) fn sign(word: &[u8], bracketed: bool) -> Option<Sign> {
    match word {
        b"@" => return bracketed.then_some(Sign::At),
        b"." => return bracketed.then_some(Sign::Dot),
        _ => {}
    }
    let (sign, only_bracketed) = SIGNS.get(word)?;
    (bracketed || !only_bracketed).then_some(sign)
}

/// Whether a word means the sign and nothing else.
pub(super) fn names_sign(word: &[u8]) -> bool {
    matches!(word, b"arobas" | b"arobase" | b"arroba" | b"chiocciola" | b"klammeraffe")
}

/// Whether a single word is an address, with this before it: `anna_at_example_dot_ch`, and with written dots if its name
/// has one or the address is announced.
pub(super) fn is_joined(word: &str, announced: bool) -> bool {
    if !word.bytes().any(|byte| matches!(byte, b'_' | b'-')) {
        return false;
    }
    [("_at_", "_dot_"), ("-at-", "-dot-")].iter().any(|(at, dot)| {
        let Some((name, host)) = word.split_once(at) else { return false };
        let dotted = host.replace(dot, ".");
        let spelled = dotted.len() != host.len();
        let mut labels = dotted.split('.');
        let plain = labels.all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let known = dotted.rsplit_once('.').is_some_and(|(_, last)| is_common(last));
        plain && known && !name.is_empty() && (spelled || announced || name.contains('.'))
    })
}

/// Where people have their mail.
#[rustfmt::skip]
pub(super) const PROVIDERS: [&str; 40] = [
    "aol.com", "bluemail.ch", "bluewin.ch", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch",
    "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hispeed.ch", "hotmail.ch", "hotmail.com", "hotmail.de",
    "hotmail.fr", "hotmail.it", "icloud.com", "laposte.net", "libero.it", "live.com", "mac.com", "mailbox.org", "me.com",
    "msn.com", "orange.fr", "outlook.com", "outlook.de", "posteo.de", "proton.me", "protonmail.com", "sunrise.ch",
    "t-online.de", "virgilio.it", "web.de", "wanadoo.fr", "yahoo.com", "yahoo.de",
];

/// Words that an address follows.
#[rustfmt::skip]
pub(super) static ANNOUNCING: Vocabulary<()> = Vocabulary::new(&[
    ("address", ()), ("adresse", ()), ("contact", ()), ("correo", ()), ("correos", ()),
    ("courriel", ()), ("e-mail", ()), ("e-mail-address", ()), ("e-mail-adresse", ()),
    ("e-mailadresse", ()), ("e-mailadressen", ()), ("e-post", ()), ("electronico", ()),
    ("electronique", ()), ("elettronica", ()), ("email", ()), ("emailaddress", ()),
    ("emailadresse", ()), ("emails", ()), ("epost", ()), ("indirizzo", ()), ("kontakt", ()),
    ("mail", ()), ("mailaddress", ()), ("mailadresse", ()), ("mailadressen", ()), ("mailbox", ()),
    ("mails", ()), ("mailto", ()), ("mel", ()), ("posta", ()),
]);

/// Words between one that announces an address and the address.
#[rustfmt::skip]
pub(super) static COPULAS: Vocabulary<()> = Vocabulary::new(&[
    ("e", ()), ("es", ()), ("est", ()), ("is", ()), ("ist", ()), ("lautet", ()), ("was", ()),
]);

/// Words that are no name, whatever stands before.
#[rustfmt::skip]
pub(super) static COMMON: Vocabulary<()> = Vocabulary::new(&[
    ("account", ()), ("accounts", ()), ("address", ()), ("addresses", ()), ("adresse", ()), ("adressen", ()),
    ("are", ()), ("available", ()),
    ("box", ()), ("client", ()), ("down", ()), ("email", ()), ("form", ()), ("found", ()), ("free", ()), ("gratis", ()),
    ("her", ()), ("here", ()), ("him", ()), ("inbox", ()), ("is", ()), ("it", ()), ("konten", ()), ("konto", ()),
    ("look", ()), ("mail", ()), ("me", ()), ("now", ()), ("only", ()), ("people", ()), ("postfach", ()),
    ("see", ()), ("server", ()), ("service", ()), ("siehe", ()), ("someone", ()), ("them", ()), ("up", ()), ("us", ()),
    ("users", ()), ("vgl", ()), ("voir", ()), ("was", ()), ("you", ()),
]);
