//! What happened to a request that failed, from the errors of the libraries.

use std::error::Error as StdError;
use std::io;

use crate::error::{Error, Trouble};
use crate::proxy::Proxy;

/// The error of a request to a host.
pub(crate) fn unreachable(host: &str, proxy: Option<&Proxy>, error: &reqwest::Error) -> Error {
    let trouble = match (encryption(error), proxy) {
        (Some(trouble), _) => trouble,
        (None, Some(proxy)) if error.is_connect() => through(proxy, error),
        (None, None) if error.is_connect() => Trouble::NoConnection,
        _ if error.is_timeout() => Trouble::Stalled,
        _ => Trouble::BrokeOff,
    };
    Error::Unreachable { host: told(host, proxy), trouble }
}

/// Who was asked, in words.
pub(crate) fn told(host: &str, proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(|| host.to_owned(), |proxy| format!("{host} through the proxy {proxy}"))
}

/// What was wrong with the encryption, if that was it.
fn encryption(error: &reqwest::Error) -> Option<Trouble> {
    find(error, |error| match error.downcast_ref()? {
        rustls::Error::InvalidCertificate(_) => Some(Trouble::Certificate),
        _ => Some(Trouble::Encryption),
    })
}

/// Why no connection came about through a proxy.
fn through(proxy: &Proxy, error: &reqwest::Error) -> Trouble {
    let variable = proxy.variable();
    let refusal = find(error, |error| {
        // The types of these errors are private, so their text is all that there is; `tests/proxies.rs` notices
        // when it changes. Without it a sentence would name a wrong cause, and nothing else.
        let text = error.to_string();
        if text == "tunnel error: proxy authorization required" || text.contains("credentials not accepted") {
            return Some(Trouble::ProxyPassword(variable));
        }
        let connects = ["failed to create underlying connection", "tcp connect error", "dns error"];
        connects.iter().any(|told| text.contains(told)).then_some(Trouble::NoProxy(variable))
    });
    let proxied = |error: &(dyn StdError + 'static)| {
        let text = error.to_string();
        ["tunnel error", "error connecting to socks proxy"].iter().any(|told| text.contains(told))
    };
    match refusal {
        Some(trouble) => trouble,
        None if error.is_timeout() => Trouble::NoProxy(variable),
        None if find(error, |error| proxied(error).then_some(Trouble::NoConnection)).is_some() => {
            Trouble::ProxyRefused(variable)
        }
        // It has let Lethe through, and what is behind it does not go on.
        None => Trouble::Encryption,
    }
}

/// The first error of a chain that says something, those within errors of input and output as well.
fn find(
    error: &(dyn StdError + 'static),
    says: impl Fn(&(dyn StdError + 'static)) -> Option<Trouble> + Copy,
) -> Option<Trouble> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(trouble) = says(error) {
            return Some(trouble);
        }
        // The chain of such an error skips what it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    None
}
