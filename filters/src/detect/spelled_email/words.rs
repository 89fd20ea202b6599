//! What words and hosts mean to addresses with words for their signs.

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
    ("arobase", (Sign::At, false)),
    ("at", (Sign::At, false)),
    ("chiocciola", (Sign::At, false)),
    ("dot", (Sign::Dot, false)),
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
    ("address", ()), ("adresse", ()), ("contact", ()), ("courriel", ()), ("e-mail", ()),
    ("email", ()), ("emails", ()), ("indirizzo", ()), ("kontakt", ()), ("mail", ()), ("mailto", ()), ("mel", ()),
]);

/// Words between one that announces an address and the address.
#[rustfmt::skip]
pub(super) static COPULAS: Vocabulary<()> = Vocabulary::new(&[
    ("e", ()), ("est", ()), ("is", ()), ("ist", ()), ("lautet", ()), ("was", ()),
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
