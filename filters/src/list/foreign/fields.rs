//! Reads a TOML table field by field and says of each that is wrong what to write instead.

use toml::{Table, Value};

use super::DescriptorError;

/// A table of which every field has to be taken.
pub(super) struct Fields {
    /// What stands before the names of its fields: empty, or `source.`.
    path: String,
    table: Table,
    /// The names that were asked for.
    known: Vec<&'static str>,
}

impl Fields {
    pub fn of(text: &str) -> Result<Fields, DescriptorError> {
        let table = text.parse::<Table>().map_err(|error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            // The parser's longer message repeats the line, in which a key may stand.
            DescriptorError::Syntax { line, message: error.message().to_owned() }
        })?;
        Ok(Fields { path: String::new(), table, known: Vec::new() })
    }

    /// An error about one of its fields.
    pub fn error(&self, name: &str, remedy: impl Into<String>) -> DescriptorError {
        DescriptorError::Field { field: format!("{}{name}", self.path), remedy: remedy.into() }
    }

    /// A text that has to be there, and is not empty.
    pub fn text(&mut self, name: &'static str, remedy: &str) -> Result<String, DescriptorError> {
        let text = self.optional_text(name, remedy)?;
        text.ok_or_else(|| self.error(name, format!("is missing: {remedy}")))
    }

    /// A text that may be there, and then is not empty.
    pub fn optional_text(&mut self, name: &'static str, remedy: &str) -> Result<Option<String>, DescriptorError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self.error(name, remedy)),
        }
    }

    /// One of some names.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
        default: Option<T>,
    ) -> Result<T, DescriptorError> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let (last, others) = names.split_last().expect("there is a choice");
        let known = format!("{} or {last}", others.join(", "));
        let remedy = format!("write {known}");
        match (self.optional_text(name, &remedy)?, default) {
            (None, Some(default)) => Ok(default),
            (None, None) => Err(self.error(name, format!("is missing: {remedy}"))),
            (Some(found), _) => match choices.iter().find(|(name, _)| *name == found) {
                Some((_, value)) => Ok(*value),
                None => Err(DescriptorError::Unsupported { field: format!("{}{name}", self.path), found, known }),
            },
        }
    }

    /// A list of some names, each at most once.
    pub fn choices<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Result<Vec<T>, DescriptorError> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let error = self.error(name, format!("write a list of at least one of {}, each once", names.join(", ")));
        let Some(Value::Array(values)) = self.take(name) else { return Err(error) };
        let mut places = Vec::new();
        for value in &values {
            match value.as_str().and_then(|text| choices.iter().position(|(name, _)| *name == text)) {
                Some(place) if !places.contains(&place) => places.push(place),
                _ => return Err(error),
            }
        }
        if places.is_empty() { Err(error) } else { Ok(places.into_iter().map(|place| choices[place].1).collect()) }
    }

    /// A whole number within some range.
    pub fn number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<usize>,
    ) -> Result<Option<usize>, DescriptorError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_integer().and_then(|number| usize::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        let remedy = || format!("write a number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| self.error(name, remedy()))
    }

    /// `true` or `false`.
    pub fn switch(&mut self, name: &'static str, default: bool) -> Result<bool, DescriptorError> {
        match self.take(name) {
            None => Ok(default),
            Some(Value::Boolean(on)) => Ok(on),
            Some(_) => Err(self.error(name, "write true or false")),
        }
    }

    /// A table; an empty one if it is not there.
    pub fn table(&mut self, name: &'static str) -> Result<Fields, DescriptorError> {
        let path = format!("{}{name}.", self.path);
        match self.take(name) {
            None => Ok(Fields { path, table: Table::new(), known: Vec::new() }),
            Some(Value::Table(table)) => Ok(Fields { path, table, known: Vec::new() }),
            Some(_) => Err(self.error(name, "write a table of fields")),
        }
    }

    /// Any field, once.
    pub fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.table.remove(name)
    }

    /// All that is left, of a table whose fields have names of their own.
    pub fn take_all(&mut self) -> Table {
        std::mem::take(&mut self.table)
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Refuses fields that nobody asked for.
    pub fn end(self) -> Result<(), DescriptorError> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(self.error(name, format!("no such field here: leave it out, or write {}", self.known.join(", "))))
            }
        }
    }
}
