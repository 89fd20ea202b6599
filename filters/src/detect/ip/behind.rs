//! What behind an address says that it is one: a prefix length (`5.9.0.0/16`), a port in words
//! (`5.9.3.7 port 22`), the two dashes of a web server's log (`5.9.3.7 - - [`).

use super::super::short::Short;
use crate::canonical::Glyph;
use crate::scan::Found;

const MAX_BEHIND: usize = 8;

/// An address that nothing before it speaks for, and what stands behind it.
pub(super) struct Behind {
    pub address: Found,
    text: Short<MAX_BEHIND>,
    /// The least and the longest prefix length that is believed.
    prefix: (u8, u8),
}

impl Behind {
    pub fn new(address: Found, is_six: bool) -> Behind {
        Behind { address, text: Short::default(), prefix: if is_six { (8, 128) } else { (8, 32) } }
    }

    /// Reads the next glyph; whether it is an address, if that is clear by now.
    pub fn read(&mut self, glyph: &Glyph) -> Option<bool> {
        self.text.push(glyph);
        self.verdict(false)
    }

    /// Whether it is an address if nothing follows any more.
    pub fn is_address_at_end(&self) -> bool {
        self.verdict(true) == Some(true)
    }

    fn verdict(&self, last: bool) -> Option<bool> {
        let text = self.text.as_bytes();
        if let Some(prefix) = text.strip_prefix(b"/") {
            let length = prefix.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == prefix.len() && length <= 3 && !last {
                return None;
            }
            let digits = std::str::from_utf8(&prefix[..length]).ok()?;
            let (least, most) = self.prefix;
            let fits = digits.parse().is_ok_and(|bits: u8| (least..=most).contains(&bits));
            return Some(fits && !prefix[length..].first().is_some_and(|next| next.is_ascii_alphabetic()));
        }
        if let Some(port) = text.strip_prefix(b" port ")
            && let Some(first) = port.first()
        {
            return Some(first.is_ascii_digit());
        }
        let shapes: [&[u8]; 2] = [b" port ", b" - - ["];
        match shapes.iter().find(|shape| shape.starts_with(text)) {
            Some(shape) if shape.len() == text.len() && text.ends_with(b"[") => Some(true),
            Some(_) if !last => None,
            _ => Some(false),
        }
    }
}
