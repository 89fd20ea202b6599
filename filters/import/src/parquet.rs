//! Apache Parquet, column by column, without Arrow.
//!
//! Columns of bytes or text are read (for kinds and ids also whole numbers), not of lists; pages may
//! be plain or packed with Snappy, Zstandard or gzip.
//!
//! The reader behind this panics over some damaged files. That is caught, and the file refused like
//! any other that can't be read; the panic still shows on the standard error stream.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use lethe_filters::foreign::FileShape;
use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{AsBytes as _, DataType};
use parquet::file::reader::{FileReader as _, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;

use crate::pages::check_pages;
use crate::rows::{Row, Rows};
use crate::{ImportError, Place};

/// How many rows are read at a time.
const BATCH: usize = 4096;

/// A column that is asked for.
struct Column {
    place: usize,
    /// Whether it may have no value in a row.
    is_optional: bool,
}

/// A column of one group of rows.
struct Cells {
    reader: ColumnReader,
    is_optional: bool,
}

pub(crate) fn read(bytes: Vec<u8>, shape: &FileShape, limit: u64, rows: &mut Rows<'_>) -> Result<(), ImportError> {
    // Nothing is used afterwards of what a panic may have left half done.
    catch_unwind(AssertUnwindSafe(|| read_columns(bytes, shape, limit, rows)))
        .unwrap_or_else(|panic| Err(broken(panic)))
}

fn read_columns(bytes: Vec<u8>, shape: &FileShape, limit: u64, rows: &mut Rows<'_>) -> Result<(), ImportError> {
    let FileShape::Parquet { column, kind_column, id_column } = shape else { return Ok(()) };
    let bytes = Bytes::from(bytes);
    let file = SerializedFileReader::new(bytes.clone()).map_err(broken)?;
    let mut columns = vec![find(&file, column, "source.column", false)?];
    for (name, field) in [(kind_column, "source.kind_column"), (id_column, "source.id_column")] {
        columns.extend(name.as_ref().map(|name| find(&file, name, field, true)).transpose()?);
    }
    let kind_place = kind_column.as_ref().map(|_| 1);
    let id_place = id_column.as_ref().map(|_| columns.len() - 1);
    let mut unpacked = 0;
    for group in file.metadata().row_groups() {
        for column in &columns {
            check_pages(&bytes, group.column(column.place), limit, &mut unpacked)?;
        }
    }
    let mut number = 1;
    for group in 0..file.num_row_groups() {
        let group = file.get_row_group(group).map_err(broken)?;
        let mut left = usize::try_from(group.metadata().num_rows()).map_err(broken)?;
        let cells = columns.iter().map(|column| column.of(group.as_ref()));
        let mut cells = cells.collect::<Result<Vec<Cells>, ImportError>>()?;
        while left > 0 {
            let batch = cells.iter_mut().map(|cells| cells.read(left.min(BATCH)));
            let batch = batch.collect::<Result<Vec<Vec<Option<Vec<u8>>>>, ImportError>>()?;
            let count = batch[0].len();
            if count == 0 || batch.iter().any(|column| column.len() != count) {
                return Err(broken(()));
            }
            let column = |place: usize| batch[place].iter().map(|cell| cell.as_deref());
            let (mut kinds, mut ids) = (kind_place.map(column), id_place.map(column));
            for digest in column(0) {
                let kind = kinds.as_mut().and_then(|kinds| kinds.next().flatten());
                let id = ids.as_mut().and_then(|ids| ids.next().flatten());
                rows.add(Place::Row(number), &Row { digest: digest.unwrap_or_default(), kind, id })?;
                number += 1;
            }
            left -= count;
        }
    }
    Ok(())
}

fn find(
    file: &SerializedFileReader<Bytes>,
    name: &str,
    field: &'static str,
    may_be_number: bool,
) -> Result<Column, ImportError> {
    let schema = file.metadata().file_metadata().schema_descr();
    let place = schema.columns().iter().position(|column| column.path().string() == name);
    let place = place.ok_or_else(|| ImportError::NoColumn { name: name.to_owned(), field })?;
    let column = schema.column(place);
    let fits = match column.physical_type() {
        Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY => true,
        Type::INT32 | Type::INT64 => may_be_number,
        _ => false,
    };
    if !fits || column.max_rep_level() > 0 || column.max_def_level() > 1 {
        let expected = "single texts or bytes";
        return Err(ImportError::ColumnType { name: name.to_owned(), expected, field });
    }
    Ok(Column { place, is_optional: column.max_def_level() > 0 })
}

impl Column {
    fn of(&self, group: &dyn RowGroupReader) -> Result<Cells, ImportError> {
        let reader = group.get_column_reader(self.place).map_err(broken)?;
        Ok(Cells { reader, is_optional: self.is_optional })
    }
}

impl Cells {
    /// The next cells, at most `count`.
    fn read(&mut self, count: usize) -> Result<Vec<Option<Vec<u8>>>, ImportError> {
        let is_optional = self.is_optional;
        match &mut self.reader {
            ColumnReader::ByteArrayColumnReader(reader) => {
                read_some(reader, count, is_optional, |value| value.as_bytes().to_vec())
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                read_some(reader, count, is_optional, |value| value.as_bytes().to_vec())
            }
            ColumnReader::Int32ColumnReader(reader) => {
                read_some(reader, count, is_optional, |value| value.to_string().into_bytes())
            }
            ColumnReader::Int64ColumnReader(reader) => {
                read_some(reader, count, is_optional, |value| value.to_string().into_bytes())
            }
            _ => Err(broken(())),
        }
    }
}

fn read_some<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    is_optional: bool,
    write: impl Fn(&T::T) -> Vec<u8>,
) -> Result<Vec<Option<Vec<u8>>>, ImportError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (records, _, _) = reader.read_records(count, Some(&mut levels), None, &mut values).map_err(broken)?;
    let mut values = values.iter();
    if !is_optional {
        return Ok(values.map(|value| Some(write(value))).collect());
    }
    let cells = levels.iter().take(records);
    Ok(cells.map(|level| if *level > 0 { values.next().map(&write) } else { None }).collect())
}

/// The parser's own message may repeat what it read.
fn broken<E>(_: E) -> ImportError {
    ImportError::Shape { shape: "Parquet that can be read", place: String::new() }
}
