//! Addresses that are nobody's: those of the special-purpose registries, and the public resolvers
//! that everybody writes down.
//!
//! Sources: RFC 6890 and the registries it founded, with RFC 1918 (private), 5737, 3849 and 9637
//! (documentation), 6598 (shared), 3927 and 4291 (link-local), 4193 (unique local), 2544 and 5180
//! (benchmarks), 7534 and 7535 (AS112), 7450 (AMT), 5771 and 4291 (multicast). In version 6 only
//! `2000::/3` is given to anyone (RFC 4291, 2.4), so all else is special. An address with one of
//! version 4 in it (mapped, RFC 6052, 6to4, Teredo) is as special as that one.
//!
//! The resolvers are those whose operators tell the public to enter them; the list is of 2026 and
//! gets no harm from age: one that is missing is removed like any address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whose an address can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    /// Somebody's.
    Someone,
    /// Of a special-use range.
    Range,
    /// A public resolver.
    Resolver,
    /// No address of anything: unspecified, or a network mask.
    Nothing,
}

pub(super) fn owner(address: IpAddr) -> Owner {
    match address {
        IpAddr::V4(address) => owner_of_four(address),
        IpAddr::V6(address) => owner_of_six(address),
    }
}

/// Ranges of version 4: the first address and how many bits all of the range have in common.
const RANGES: [([u8; 4], u32); 19] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast, reserved, broadcast.
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
    ([255, 255, 255, 255], 32),
];

/// Ranges of version 6 within `2000::/3`.
const RANGES_OF_SIX: [([u16; 3], u32); 5] = [
    // Assignments of the IETF: benchmarks, ORCHID, AMT, AS112 and others.
    ([0x2001, 0, 0], 23),
    ([0x2001, 0xdb8, 0], 32),
    ([0x2620, 0x4f, 0x8000], 48),
    ([0x3fff, 0, 0], 20),
    // Given back: the 6bone (RFC 3701).
    ([0x3ffe, 0, 0], 16),
];

/// Google, Cloudflare, Quad9, Cisco, Level 3, Verisign, Hurricane Electric, AdGuard, CleanBrowsing,
/// Control D, DNS0, DNS4EU, DNS.Watch, Digitale Gesellschaft, Mullvad, Yandex, AliDNS, DNSPod, 114DNS, Quad101.
#[rustfmt::skip]
const RESOLVERS: [[u8; 4]; 63] = [
    [8, 8, 8, 8], [8, 8, 4, 4],
    [1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 2], [1, 0, 0, 2], [1, 1, 1, 3], [1, 0, 0, 3],
    [9, 9, 9, 9], [9, 9, 9, 10], [9, 9, 9, 11], [9, 9, 9, 12],
    [149, 112, 112, 112], [149, 112, 112, 9], [149, 112, 112, 10], [149, 112, 112, 11], [149, 112, 112, 12],
    [208, 67, 222, 222], [208, 67, 220, 220], [208, 67, 222, 220], [208, 67, 220, 222],
    [208, 67, 222, 123], [208, 67, 220, 123],
    [4, 2, 2, 1], [4, 2, 2, 2], [4, 2, 2, 3], [4, 2, 2, 4], [4, 2, 2, 5], [4, 2, 2, 6],
    [64, 6, 64, 6], [64, 6, 65, 6], [74, 82, 42, 42],
    [94, 140, 14, 14], [94, 140, 15, 15], [94, 140, 14, 15], [94, 140, 15, 16], [94, 140, 14, 140], [94, 140, 14, 141],
    [185, 228, 168, 9], [185, 228, 169, 9], [185, 228, 168, 10], [185, 228, 169, 11], [185, 228, 168, 168],
    [185, 228, 169, 168],
    [76, 76, 2, 0], [76, 76, 10, 0], [193, 110, 81, 0], [185, 253, 5, 0], [86, 54, 11, 1], [86, 54, 11, 100],
    [84, 200, 69, 80], [84, 200, 70, 40], [185, 95, 218, 42], [185, 95, 218, 43], [194, 242, 2, 2],
    [77, 88, 8, 8], [77, 88, 8, 1], [223, 5, 5, 5], [223, 6, 6, 6], [119, 29, 29, 29],
    [114, 114, 114, 114], [114, 114, 115, 115], [101, 101, 101, 101],
];

#[rustfmt::skip]
const RESOLVERS_OF_SIX: [[u16; 8]; 32] = [
    [0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888], [0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8844],
    [0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x64], [0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x6464],
    [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111], [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1001],
    [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1112], [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1002],
    [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1113], [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1003],
    [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x64], [0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x6400],
    [0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe], [0x2620, 0xfe, 0, 0, 0, 0, 0, 9],
    [0x2620, 0xfe, 0, 0, 0, 0, 0, 0x10], [0x2620, 0xfe, 0, 0, 0, 0, 0xfe, 0x10],
    [0x2620, 0xfe, 0, 0, 0, 0, 0, 0x11], [0x2620, 0xfe, 0, 0, 0, 0, 0xfe, 0x11],
    [0x2620, 0xfe, 0, 0, 0, 0, 0, 0x12], [0x2620, 0xfe, 0, 0, 0, 0, 0xfe, 0x12],
    [0x2620, 0x119, 0x35, 0, 0, 0, 0, 0x35], [0x2620, 0x119, 0x53, 0, 0, 0, 0, 0x53],
    [0x2620, 0x119, 0x35, 0, 0, 0, 0, 0x123], [0x2620, 0x119, 0x53, 0, 0, 0, 0, 0x123],
    [0x2001, 0x470, 0x20, 0, 0, 0, 0, 2], [0x2a10, 0x50c0, 0, 0, 0, 0, 0xad1, 0xff],
    [0x2a10, 0x50c0, 0, 0, 0, 0, 0xad2, 0xff], [0x2a02, 0x6b8, 0, 0, 0, 0, 0xfeed, 0xff],
    [0x2400, 0x3200, 0, 0, 0, 0, 0, 1], [0x2400, 0x3200, 0xbaba, 0, 0, 0, 0, 1],
    [0x2a05, 0xfc84, 0, 0, 0, 0, 0, 0x42], [0x2a05, 0xfc84, 0, 0, 0, 0, 0, 0x43],
];

fn owner_of_four(address: Ipv4Addr) -> Owner {
    let in_range =
        |(first, bits): &([u8; 4], u32)| (address.to_bits() ^ u32::from_be_bytes(*first)).leading_zeros() >= *bits;
    match address.octets() {
        [0, 0, 0, 0] | [255, ..] => Owner::Nothing,
        octets if RESOLVERS.contains(&octets) => Owner::Resolver,
        _ if RANGES.iter().any(in_range) => Owner::Range,
        _ => Owner::Someone,
    }
}

fn owner_of_six(address: Ipv6Addr) -> Owner {
    if address.is_unspecified() {
        return Owner::Nothing;
    }
    if let Some(embedded) = embedded(address) {
        return owner_of_four(embedded);
    }
    let in_range = |(first, bits): &([u16; 3], u32)| {
        let [a, b, c] = *first;
        let first = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
        (address.to_bits() ^ first.to_bits()).leading_zeros() >= *bits
    };
    match address.segments() {
        segments if RESOLVERS_OF_SIX.contains(&segments) => Owner::Resolver,
        [first, ..] if first >> 13 != 1 => Owner::Range,
        _ if RANGES_OF_SIX.iter().any(in_range) => Owner::Range,
        _ => Owner::Someone,
    }
}

/// The address of version 4 that one of version 6 carries.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let four = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // Mapped, and the prefix for translation.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(four(high, low)),
        // 6to4.
        [0x2002, high, low, ..] => Some(four(high, low)),
        // Teredo, which writes the client's bits inverted.
        [0x2001, 0, _, _, _, _, high, low] => Some(four(!high, !low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_and_last_of_each_range_are_special_and_their_neighbours_are_not() {
        for (text, expected) in [
            ("9.255.255.255", Owner::Someone),
            ("10.0.0.0", Owner::Range),
            ("10.255.255.255", Owner::Range),
            ("11.0.0.0", Owner::Someone),
            ("100.63.255.255", Owner::Someone),
            ("100.64.0.0", Owner::Range),
            ("100.127.255.255", Owner::Range),
            ("100.128.0.0", Owner::Someone),
            ("127.0.0.1", Owner::Range),
            ("169.254.169.254", Owner::Range),
            ("172.15.255.255", Owner::Someone),
            ("172.16.0.0", Owner::Range),
            ("172.31.255.255", Owner::Range),
            ("172.32.0.0", Owner::Someone),
            ("192.0.1.1", Owner::Someone),
            ("192.0.2.17", Owner::Range),
            ("192.168.255.255", Owner::Range),
            ("192.169.0.0", Owner::Someone),
            ("198.17.255.255", Owner::Someone),
            ("198.19.255.255", Owner::Range),
            ("198.20.0.0", Owner::Someone),
            ("223.255.255.255", Owner::Someone),
            ("224.0.0.1", Owner::Range),
            ("254.0.0.1", Owner::Range),
            ("255.255.255.0", Owner::Nothing),
            ("0.0.0.0", Owner::Nothing),
            ("0.0.0.1", Owner::Range),
            ("8.8.8.8", Owner::Resolver),
            ("8.8.8.9", Owner::Someone),
            ("::", Owner::Nothing),
            ("::1", Owner::Range),
            ("fe80::1", Owner::Range),
            ("fd12:3456::1", Owner::Range),
            ("ff02::fb", Owner::Range),
            ("2001:db8::1", Owner::Range),
            ("2001:db9::1", Owner::Someone),
            ("2001:2::1", Owner::Range),
            ("2001:1ff:ffff::1", Owner::Range),
            ("2001:200::1", Owner::Someone),
            ("3fff:fff:ffff::1", Owner::Range),
            ("3fff:1000::1", Owner::Someone),
            ("4000::1", Owner::Range),
            ("2606:4700:4700::1111", Owner::Resolver),
            ("::ffff:10.0.0.1", Owner::Range),
            ("::ffff:8.8.8.8", Owner::Resolver),
            ("::ffff:84.72.131.17", Owner::Someone),
            ("64:ff9b::192.0.2.33", Owner::Range),
            ("64:ff9b::84.72.131.17", Owner::Someone),
            ("2002:c000:221::1", Owner::Range),
            ("2002:5448:8311::1", Owner::Someone),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", Owner::Range),
            ("2001:0:4136:e378:8000:63bf:abb7:7cee", Owner::Someone),
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(owner(address), expected, "{text}");
        }
    }
}
