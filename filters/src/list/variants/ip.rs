//! IPv6 addresses, which may be written with and without their zeros. IPv4 addresses have one form.

use std::net::Ipv6Addr;

use crate::canonical::Canonical;
use crate::list::index::Traits;
use crate::list::variants::Forms;
use crate::word::words;

impl Forms {
    /// An IPv6 address as RFC 5952 has it, with all its groups, and with all its digits.
    pub(super) fn add_ip(&mut self, text: &str) {
        let Ok(address) = text.trim().trim_matches(['[', ']']).parse::<Ipv6Addr>() else { return };
        let groups = address.segments();
        let short = groups.map(|group| format!("{group:x}")).join(":");
        let full = groups.map(|group| format!("{group:04x}")).join(":");
        for form in [address.to_string(), short, full] {
            self.add(words(&Canonical::of(&form)), Traits::default());
        }
    }
}
