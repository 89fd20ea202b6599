//! Digests, one a line.

use crate::rows::{Row, Rows};
use crate::{ImportError, Place};

/// Blank lines and lines that begin with `#` are skipped, and so is a byte order mark.
pub(crate) fn read(bytes: &[u8], rows: &mut Rows<'_>) -> Result<(), ImportError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        let digest = line.trim_ascii();
        if !digest.is_empty() && !digest.starts_with(b"#") {
            rows.add(Place::Line(number), &Row { digest, ..Row::default() })?;
        }
    }
    Ok(())
}
