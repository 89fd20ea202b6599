//! The address of a server, as people write it and as requests need it.

use lethe_network::{PlainHttp, Url, host};

use crate::error::{Error, Result};

/// Where plain http is fine: servers of the user's choice often stand in the same room.
pub(crate) const PLAIN_HTTP: PlainHttp = PlainHttp::Private;

/// What people copy from examples, and what is added again for each request.
const WAYS: [&str; 4] = ["/chat/completions", "/completions", "/models", "/responses"];

/// The base of all addresses of a server, ending in a slash. Without a version in its path it gets `v1/`; without a
/// scheme it is https, or http where that is fine.
pub(crate) fn parse(text: &str) -> Result<Url> {
    let text = text.trim();
    let with_scheme = |scheme: &str| Url::parse(&format!("{scheme}://{text}")).map_err(|_| Error::Address);
    let mut url = match text.contains("://") {
        true => Url::parse(text).map_err(|_| Error::Address)?,
        false => match with_scheme("http")? {
            plain if PLAIN_HTTP.allows(&plain) => plain,
            _ => with_scheme("https")?,
        },
    };
    let is_plain = match url.scheme() {
        "https" => false,
        "http" => true,
        _ => return Err(Error::Address),
    };
    // Names and passwords would be stored and shown with the address; a query belongs to single requests.
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !bare || !url.has_host() {
        return Err(Error::Address);
    }
    if is_plain && !PLAIN_HTTP.allows(&url) {
        return Err(lethe_network::Error::Insecure { host: host(&url) }.into());
    }
    url.set_fragment(None);
    let mut path = url.path().trim_end_matches('/').to_owned();
    if let Some(way) = WAYS.iter().find(|way| path.ends_with(**way)) {
        path.truncate(path.len() - way.len());
    }
    if !path.split('/').any(is_version) {
        path.push_str("/v1");
    }
    url.set_path(&format!("{path}/"));
    Ok(url)
}

/// Whether a part of a path is a version, such as `v1` or `v1beta`.
fn is_version(part: &str) -> bool {
    let mut letters = part.chars();
    letters.next() == Some('v')
        && letters.next().is_some_and(|letter| letter.is_ascii_digit())
        && letters.all(|letter| letter.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, expected) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1/"),
            ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/"),
            ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1/"),
            (" https://Example.org/v1/chat/completions\n", "https://example.org/v1/"),
            ("https://example.org/models", "https://example.org/v1/"),
            ("https://example.org/api/openai", "https://example.org/api/openai/v1/"),
            ("https://example.org/v1beta/openai/", "https://example.org/v1beta/openai/"),
            ("https://example.org/vision", "https://example.org/vision/v1/"),
            ("https://example.org/v1#top", "https://example.org/v1/"),
            ("localhost:8000", "http://localhost:8000/v1/"),
            ("192.168.1.20:8000/v1", "http://192.168.1.20:8000/v1/"),
            ("box.local", "http://box.local/v1/"),
            ("api.example.org", "https://api.example.org/v1/"),
        ] {
            assert_eq!(parse(text).map(String::from).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "   ",
            "http://",
            "ftp://example.org",
            "file:///etc/passwd",
            "https://wanda:word@example.org/v1",
            "https://example.org/v1?key=word",
        ] {
            assert_eq!(parse(text), Err(Error::Address), "{text}");
        }
        let insecure = parse("http://example.org/v1").expect_err("a conversation must not travel in the open");
        assert!(matches!(insecure, Error::Network(lethe_network::Error::Insecure { .. })), "{insecure}");
    }
}
