//! Server-sent events: bytes in, the data of each event out, however the bytes are cut.
//!
//! Follows <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>, with two
//! differences: the last event counts even without the empty line after it, and the field `error`, in which some
//! servers say what went wrong, counts as data. Nothing is decoded here, so a character may be cut anywhere.

/// Longest event, bytes: more is no word of a model, and would fill the memory.
const LONGEST: usize = 4 << 20;

/// An event that is longer than any can be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Reads events.
#[derive(Default)]
pub(crate) struct Events {
    /// The line that has no end yet.
    line: Vec<u8>,
    /// The data of the event that has no end yet; its lines end in `\n`.
    data: Vec<u8>,
    /// Whether the last byte was `\r`, so that `\n` would belong to it.
    after_return: bool,
    /// Whether a line was read: a byte order mark can only stand before the first.
    begun: bool,
}

impl Events {
    /// The data of all events that end in these bytes.
    ///
    /// # Errors
    /// When an event is longer than any can be; what comes then is not to be read.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            if std::mem::take(&mut self.after_return) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            self.line.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
            if self.line.len() + self.data.len() > LONGEST {
                return Err(TooLong);
            }
            let Some(end) = end else { break };
            self.after_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            events.extend(self.take_line());
        }
        Ok(events)
    }

    /// The data of an event that was not ended.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        if !self.line.is_empty() {
            self.take_line();
        }
        self.take_event()
    }

    fn take_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        let line = if self.begun { &line[..] } else { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line) };
        self.begun = true;
        if line.is_empty() {
            return self.take_event();
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        // A comment has no name.
        if matches!(&line[..colon], b"data" | b"error") {
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.data.push(b'\n');
        }
        None
    }

    fn take_event(&mut self) -> Option<Vec<u8>> {
        let mut data = std::mem::take(&mut self.data);
        data.pop()?;
        Some(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(parts: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        let mut all: Vec<Vec<u8>> = parts.iter().flat_map(|part| events.push(part).expect("short events")).collect();
        all.extend(events.finish());
        all.into_iter().map(|data| String::from_utf8_lossy(&data).into_owned()).collect()
    }

    #[test]
    fn any_split_gives_the_events_of_the_whole() {
        let rows: &[(&str, &[&str])] = &[
            ("data: a\n\ndata: b\n\n", &["a", "b"]),
            ("data: a\r\n\r\ndata:b\r\n\r\n", &["a", "b"]),
            ("data: a\r\rdata: b\r\r", &["a", "b"]),
            (": ping\n\n: another\r\ndata: a\n\n", &["a"]),
            ("data: {\ndata:  \"x\"\ndata: }\n\n", &["{\n \"x\"\n}"]),
            ("event: message\nid: 7\nretry: 1\ndata: a\n\n", &["a"]),
            ("data: a\n\ndata: not ended", &["a", "not ended"]),
            ("data: a\n\ndata: half ended\n", &["a", "half ended"]),
            ("data\n\ndata:\n\n", &["", ""]),
            ("\u{feff}data: a\n\n\n\n\n", &["a"]),
            ("data: gr\u{fc}n \u{1f600}\n\n", &["gr\u{fc}n \u{1f600}"]),
            ("error: {\"code\":500}\n\n", &["{\"code\":500}"]),
            ("<html>\n\n</html>", &[]),
            ("", &[]),
        ];
        for (text, expected) in rows {
            for size in 1..=text.len().max(1) {
                let parts: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                assert_eq!(events(&parts), *expected, "{text:?} in parts of {size}");
            }
        }
    }

    #[test]
    fn an_endless_line_is_not_kept() {
        let mut events = Events::default();
        let part = vec![b'x'; 1 << 20];
        let refused = (0..8).find(|_| events.push(&part).is_err());
        assert_eq!(refused, Some(4), "four mebibytes fit, the fifth does not");
    }
}
