//! Digests as they are written: hexadecimal or Base64.

use lethe_filters::foreign::{Descriptor, Encoding};

use crate::RowProblem;

/// The bytes of a digest. White space around a written one does not count.
pub(crate) fn decode(written: &[u8], descriptor: &Descriptor) -> Result<Box<[u8]>, RowProblem> {
    let expected = descriptor.digest_bytes();
    let written = written.trim_ascii();
    if written.is_empty() {
        return Err(RowProblem::Missing);
    }
    let (bytes, encoding) = match descriptor.encoding() {
        Encoding::Hex => {
            let expected = descriptor.hex_digits();
            // What is no digit is named first: its length says nothing.
            if written.iter().all(u8::is_ascii_hexdigit) && written.len() != expected {
                return Err(RowProblem::Length { found: written.len(), expected, unit: "hex digits" });
            }
            (hex(written), "hex")
        }
        Encoding::Base64 => (base64(written), "base64"),
    };
    let bytes = bytes.ok_or(RowProblem::Encoding { encoding })?;
    if bytes.len() != expected {
        return Err(RowProblem::Length { found: bytes.len(), expected, unit: "bytes" });
    }
    Ok(bytes.into())
}

/// Two digits a byte; the lower half of the last byte is 0 if it has only one.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    match digits.len().is_multiple_of(2) {
        true => hex::decode(digits).ok(),
        false => hex::decode([digits, b"0"].concat()).ok(),
    }
}

/// Either alphabet, but not both; padding may be left out (RFC 4648).
fn base64(written: &[u8]) -> Option<Vec<u8>> {
    let unpadded = written.strip_suffix(b"==").or_else(|| written.strip_suffix(b"=")).unwrap_or(written);
    let padding = written.len() - unpadded.len();
    let is_url = unpadded.iter().any(|byte| matches!(byte, b'-' | b'_'));
    if unpadded.len() % 4 == 1 || (padding > 0 && !written.len().is_multiple_of(4)) {
        return None;
    }
    let mut out = Vec::with_capacity(unpadded.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in unpadded {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'/' if !is_url => 62 + u8::from(*byte == b'/'),
            b'-' | b'_' => 62 + u8::from(*byte == b'_'),
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    // Bits that are left over are none of a digest.
    (bits == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_of_base64() {
        for (written, bytes) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zg", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("+/8=", Some(b"\xfb\xff")),
            ("-_8", Some(b"\xfb\xff")),
            ("+_8", None),
            ("Zg=", None),
            ("Z", None),
            ("Zh", None),
            ("Zm9 v", None),
        ] {
            assert_eq!(base64(written.as_bytes()).as_deref(), bytes, "{written}");
        }
    }
}
