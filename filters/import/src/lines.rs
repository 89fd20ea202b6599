//! Digests one a line, and digests as bytes one behind the other.

use crate::rows::{Row, Rows};
use crate::{ImportError, Place, RowProblem};

/// Blank lines and lines that begin with `#` are skipped, and so is a byte order mark.
pub(crate) fn read_lines(bytes: &[u8], rows: &mut Rows<'_>) -> Result<(), ImportError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        let digest = line.trim_ascii();
        if !digest.is_empty() && !digest.starts_with(b"#") {
            rows.add(Place::Line(number), &Row { digest, ..Row::default() })?;
        }
    }
    Ok(())
}

pub(crate) fn read_bytes(bytes: &[u8], width: usize, rows: &mut Rows<'_>) -> Result<(), ImportError> {
    for (digest, number) in bytes.chunks(width).zip(1..) {
        let place = Place::Digest(number);
        if digest.len() != width {
            let problem = RowProblem::Length { found: digest.len(), expected: width, unit: "bytes" };
            return Err(ImportError::Row { place, problem });
        }
        rows.add(place, &Row { digest, ..Row::default() })?;
    }
    Ok(())
}
