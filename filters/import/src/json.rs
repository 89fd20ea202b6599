//! JSON and JSON Lines. Elements are read one by one; what is not asked for is passed over.

use std::fmt;

use lethe_filters::foreign::FileShape;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::rows::{Row, Rows};
use crate::{ImportError, Place, RowProblem};

/// The fields of an element that are asked for.
struct Fields<'a> {
    digest: Option<&'a str>,
    kind: Option<&'a str>,
    id: Option<&'a str>,
}

pub(crate) fn read(bytes: &[u8], shape: &FileShape, rows: &mut Rows<'_>) -> Result<(), ImportError> {
    let FileShape::Json { path, lines, field, kind_field, id_field } = shape else { return Ok(()) };
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let fields = Fields { digest: field.as_deref(), kind: kind_field.as_deref(), id: id_field.as_deref() };
    let mut reader = Reader { rows, fields, error: None };
    if !lines {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let result = Walk { path, reader: &mut reader }.deserialize(&mut json).and_then(|()| json.end());
        return reader.result(result, 0);
    }
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let mut json = serde_json::Deserializer::from_slice(line);
        let element = Element { place: Place::Line(number), reader: &mut reader };
        let result = element.deserialize(&mut json).and_then(|()| json.end());
        reader.result(result, number as usize - 1)?;
    }
    Ok(())
}

struct Reader<'a, 'r> {
    rows: &'a mut Rows<'r>,
    fields: Fields<'a>,
    /// What stopped the parser, if it was not the JSON.
    error: Option<ImportError>,
}

impl Reader<'_, '_> {
    fn result(&mut self, result: Result<(), serde_json::Error>, lines_before: usize) -> Result<(), ImportError> {
        match (result, self.error.take()) {
            (_, Some(error)) => Err(error),
            (Ok(()), None) => Ok(()),
            // The parser's own message may repeat what it read.
            (Err(error), None) => {
                let place = format!(", line {}", lines_before + error.line());
                Err(ImportError::Shape { shape: "JSON as the descriptor says", place })
            }
        }
    }

    fn stop<E: serde::de::Error>(&mut self, error: ImportError) -> E {
        self.error = Some(error);
        E::custom("")
    }
}

/// Follows a path of fields to an array, and reads its elements.
struct Walk<'w, 'a, 'r> {
    path: &'w [String],
    reader: &'w mut Reader<'a, 'r>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if self.path.is_empty() { json.deserialize_seq(self) } else { json.deserialize_map(self) }
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (name, path) = self.path.split_first().ok_or_else(|| A::Error::custom(""))?;
        let mut is_there = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == *name && !is_there {
                is_there = true;
                map.next_value_seed(Walk { path, reader: &mut *self.reader })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if is_there {
            return Ok(());
        }
        Err(self.reader.stop(ImportError::NoColumn { name: name.clone(), field: "source.path" }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        let mut number = 1;
        while array.next_element_seed(Element { place: Place::Element(number), reader: &mut *self.reader })?.is_some() {
            number += 1;
        }
        Ok(())
    }
}

/// Reads one element.
struct Element<'w, 'a, 'r> {
    place: Place,
    reader: &'w mut Reader<'a, 'r>,
}

impl<'de> DeserializeSeed<'de> for Element<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if self.reader.fields.digest.is_some() {
            return json.deserialize_map(self);
        }
        let Element { place, reader } = self;
        let digest = json.deserialize_any(CellVisitor)?;
        let digest = digest.text("digest").and_then(|text| text.ok_or(RowProblem::Missing));
        let added = digest.map_err(|problem| ImportError::Row { place, problem });
        let added = added.and_then(|text| reader.rows.add(place, &Row { digest: text.as_bytes(), ..Row::default() }));
        added.map_err(|error| reader.stop(error))
    }
}

impl<'de> Visitor<'de> for Element<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Element { place, reader } = self;
        let (mut digest, mut kind, mut id) = (Cell::None, Cell::None, Cell::None);
        while let Some(key) = map.next_key::<String>()? {
            let key = Some(key.as_str());
            let cell = match &reader.fields {
                fields if key == fields.digest => &mut digest,
                fields if key == fields.kind => &mut kind,
                fields if key == fields.id => &mut id,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *cell = map.next_value_seed(CellVisitor)?;
        }
        let row = |problem| ImportError::Row { place, problem };
        let texts = || Ok((digest.text("digest")?, kind.text("kind")?, id.text("id")?));
        let added = texts().map_err(row).and_then(|(digest, kind, id)| {
            let digest = digest.ok_or_else(|| row(RowProblem::Missing))?.as_bytes();
            reader.rows.add(place, &Row { digest, kind: kind.map(str::as_bytes), id: id.map(str::as_bytes) })
        });
        added.map_err(|error| reader.stop(error))
    }
}

/// A value of a field.
enum Cell {
    None,
    Text(String),
    /// A list, an object or a truth value.
    Other,
}

impl Cell {
    fn text(&self, what: &'static str) -> Result<Option<&str>, RowProblem> {
        match self {
            Cell::None => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            Cell::Other => Err(RowProblem::NoText { what }),
        }
    }
}

struct CellVisitor;

impl<'de> DeserializeSeed<'de> for CellVisitor {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Cell, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Cell, E> {
        Ok(Cell::Text(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell::Text(number.to_string()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Cell, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Other)
    }
}
