//! How far away an address is: this machine, its own network, or anywhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// How far away an address is, as far as its text tells; names are not looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// This machine: `localhost`, loopback, and the address that stands for every one of this machine.
    Machine,
    /// The network that this machine is in: private and link-local addresses, `*.local`, names without a dot.
    Network,
    /// Anywhere else, or unknown.
    World,
}

impl Reach {
    /// Of the host of an address.
    pub fn of(url: &Url) -> Self {
        match url.host() {
            Some(Host::Ipv4(address)) => Self::of_address(address.into()),
            Some(Host::Ipv6(address)) => Self::of_address(address.into()),
            Some(Host::Domain(name)) => Self::of_name(name),
            None => Self::World,
        }
    }

    /// Of an address in numbers.
    pub fn of_address(address: IpAddr) -> Self {
        // `::ffff:127.0.0.1` is 127.0.0.1 in other letters.
        match address.to_canonical() {
            IpAddr::V4(address) if address.is_loopback() || address == Ipv4Addr::UNSPECIFIED => Self::Machine,
            IpAddr::V6(address) if address.is_loopback() || address == Ipv6Addr::UNSPECIFIED => Self::Machine,
            IpAddr::V4(address) if address.is_private() || address.is_link_local() => Self::Network,
            IpAddr::V6(address) if address.is_unique_local() || address.is_unicast_link_local() => Self::Network,
            IpAddr::V4(_) | IpAddr::V6(_) => Self::World,
        }
    }

    /// Of a name: RFC 6761 keeps `localhost` and what ends in it for this machine, RFC 6762 `.local` for the network.
    fn of_name(name: &str) -> Self {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        match name.rsplit_once('.') {
            None if name == "localhost" => Self::Machine,
            Some((_, "localhost")) => Self::Machine,
            None | Some((_, "local")) => Self::Network,
            Some(_) => Self::World,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_addresses() {
        for (host, expected) in [
            ("127.0.0.1", Reach::Machine),
            ("127.8.9.1", Reach::Machine),
            ("127.1", Reach::Machine),
            ("2130706433", Reach::Machine),
            ("0x7f.1", Reach::Machine),
            ("0177.0.0.1", Reach::Machine),
            ("0.0.0.0", Reach::Machine),
            ("0", Reach::Machine),
            ("[::1]", Reach::Machine),
            ("[::]", Reach::Machine),
            ("[::ffff:127.0.0.1]", Reach::Machine),
            ("[::ffff:7f00:1]", Reach::Machine),
            ("[0:0:0:0:0:0:0:1]", Reach::Machine),
            ("localhost", Reach::Machine),
            ("LocalHost", Reach::Machine),
            ("localhost.", Reach::Machine),
            ("api.localhost", Reach::Machine),
            ("10.1.2.3", Reach::Network),
            ("172.16.0.1", Reach::Network),
            ("172.31.255.255", Reach::Network),
            ("192.168.0.9", Reach::Network),
            ("169.254.1.1", Reach::Network),
            ("3232235777", Reach::Network),
            ("[::ffff:10.0.0.1]", Reach::Network),
            ("[fd00::1]", Reach::Network),
            ("[fc12:3456::1]", Reach::Network),
            ("[fe80::1]", Reach::Network),
            ("box.local", Reach::Network),
            ("box.local.", Reach::Network),
            ("BOX.LOCAL", Reach::Network),
            ("box", Reach::Network),
            ("172.32.0.1", Reach::World),
            ("192.169.0.1", Reach::World),
            ("8.8.8.8", Reach::World),
            ("[2001:db8::1]", Reach::World),
            ("[::ffff:8.8.8.8]", Reach::World),
            ("example.org", Reach::World),
            ("localhost.example.org", Reach::World),
            ("127.0.0.1.example.org", Reach::World),
            ("notlocal.example", Reach::World),
            ("mylocalhost.example", Reach::World),
        ] {
            for scheme in ["http", "https"] {
                let url = Url::parse(&format!("{scheme}://{host}:8000/v1")).expect("an address");
                assert_eq!(Reach::of(&url), expected, "{host}");
            }
        }
    }
}
