//! Where in a file the digests are, and how they are written.

use toml::Value;

use super::DescriptorError;
use super::fields::Fields;

/// How the digests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Two hexadecimal digits a byte, in capitals or not.
    Hex,
    /// Base64 of the standard alphabet or the one for addresses, with or without padding.
    Base64,
}

/// Where in a file the digests are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileShape {
    /// One a line. Blank lines and lines that begin with `#` are skipped.
    Lines,
    /// Rows of columns.
    Csv {
        /// The column of the digests.
        column: Column,
        /// What stands between columns: one ASCII character.
        separator: u8,
        /// Whether the first row names the columns.
        header: bool,
        /// The column of the kinds.
        kind_column: Option<Column>,
        /// The column of the ids.
        id_column: Option<Column>,
    },
    /// JSON, or JSON Lines: texts, or objects with fields.
    Json {
        /// The fields that lead to the array, from the outermost on; none if the file is the array.
        path: Vec<String>,
        /// Whether each line is an element, instead of the file being one value.
        lines: bool,
        /// The field of the digests; `None` if the elements are the digests.
        field: Option<String>,
        /// The field of the kinds.
        kind_field: Option<String>,
        /// The field of the ids.
        id_field: Option<String>,
    },
}

/// A column of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By the name in the first row.
    Name(String),
    /// By its place, counted from 1.
    Number(usize),
}

impl Encoding {
    pub(super) fn read(fields: &mut Fields) -> Result<Encoding, DescriptorError> {
        fields.choice("encoding", &[("hex", Encoding::Hex), ("base64", Encoding::Base64)], Some(Encoding::Hex))
    }
}

impl FileShape {
    /// Reads the table `source`.
    pub(super) fn read(fields: &mut Fields) -> Result<FileShape, DescriptorError> {
        #[derive(Clone, Copy)]
        enum Shape {
            Lines,
            Csv,
            Json,
        }
        let mut source = fields.table("source")?;
        let shapes = [("lines", Shape::Lines), ("csv", Shape::Csv), ("json", Shape::Json)];
        let shape = source.choice("shape", &shapes, None)?;
        let name = |fields: &mut Fields, name| fields.optional_text(name, "write a name, or leave it out");
        let result = match shape {
            Shape::Lines => FileShape::Lines,
            Shape::Csv => {
                let header = source.switch("header", true)?;
                let mut column = |name| column(&mut source, name, header);
                let (digests, kind_column, id_column) =
                    (column("column")?, column("kind_column")?, column("id_column")?);
                let missing = || source.error("column", "is missing: write the column of the digests");
                let column = digests.ok_or_else(missing)?;
                let one_character = "write one character, such as \",\" or \";\" or \"\\t\"";
                let separator = source.optional_text("separator", one_character)?.unwrap_or_else(|| ",".to_owned());
                let separator = match separator.as_bytes() {
                    [separator] if !matches!(separator, b'"' | b'\r' | b'\n') => *separator,
                    _ => return Err(source.error("separator", one_character)),
                };
                FileShape::Csv { column, separator, header, kind_column, id_column }
            }
            Shape::Json => {
                let path = name(&mut source, "path")?.unwrap_or_default();
                let path: Vec<String> = path.split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
                let lines = source.switch("lines", false)?;
                if lines && !path.is_empty() {
                    return Err(source.error("path", "leave it out: with lines = true each line is an element"));
                }
                let field = name(&mut source, "field")?;
                let (kind_field, id_field) = (name(&mut source, "kind_field")?, name(&mut source, "id_field")?);
                if field.is_none() && (kind_field.is_some() || id_field.is_some()) {
                    return Err(source.error("field", "is missing: write the field of the digests"));
                }
                FileShape::Json { path, lines, field, kind_field, id_field }
            }
        };
        source.end()?;
        Ok(result)
    }
}

fn column(source: &mut Fields, name: &'static str, header: bool) -> Result<Option<Column>, DescriptorError> {
    let column = match source.take(name) {
        None => return Ok(None),
        Some(Value::Integer(number)) => usize::try_from(number).ok().filter(|number| *number > 0).map(Column::Number),
        Some(Value::String(name)) if header && !name.is_empty() => Some(Column::Name(name)),
        Some(_) => None,
    };
    let remedy = match header {
        true => "write the column's name, or its number from 1 on",
        false => "write the column's number from 1 on: without a header it has no name",
    };
    column.map(Some).ok_or_else(|| source.error(name, remedy))
}
