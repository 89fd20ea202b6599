//! CSV (RFC 4180), with any separator.

use csv::ByteRecord;
use lethe_filters::foreign::{Column, FileShape};

use crate::rows::{Row, Rows};
use crate::{ImportError, Place, RowProblem};

pub(crate) fn read(bytes: &[u8], shape: &FileShape, rows: &mut Rows<'_>) -> Result<(), ImportError> {
    let FileShape::Csv { column, separator, header, kind_column, id_column } = shape else { return Ok(()) };
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(*separator).has_headers(*header).from_reader(bytes);
    let names = if *header { reader.byte_headers().map_err(shape_error)?.clone() } else { ByteRecord::new() };
    let find = |column: &Column, field| match column {
        Column::Number(number) => Ok(number - 1),
        Column::Name(name) => {
            let place = names.iter().position(|other| other.trim_ascii() == name.as_bytes());
            place.ok_or_else(|| ImportError::NoColumn { name: name.clone(), field })
        }
    };
    let column = find(column, "source.column")?;
    let kind_column = kind_column.as_ref().map(|column| find(column, "source.kind_column")).transpose()?;
    let id_column = id_column.as_ref().map(|column| find(column, "source.id_column")).transpose()?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(shape_error)? {
        let place = Place::Line(record.position().map_or(0, csv::Position::line));
        let missing = ImportError::Row { place, problem: RowProblem::Missing };
        let digest = record.get(column).ok_or(missing)?;
        let cell = |column: Option<usize>| column.and_then(|column| record.get(column));
        rows.add(place, &Row { digest, kind: cell(kind_column), id: cell(id_column) })?;
    }
    Ok(())
}

/// The parser's own message may repeat what it read.
fn shape_error(error: csv::Error) -> ImportError {
    let place = error.position().map_or_else(String::new, |position| format!(", line {}", position.line()));
    ImportError::Shape { shape: "CSV with as many columns in each row", place }
}
