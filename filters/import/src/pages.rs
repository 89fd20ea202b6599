//! How much memory the pages of a Parquet column take, before any of them is unpacked.
//!
//! A page says how large it is unpacked, up to 2 GiB; Snappy and Zstandard stop there. What gzip
//! gives is only known once it is unpacked, so it is counted here without being kept. Only as much
//! of a page's head is read as that takes: Thrift's compact protocol, `PageHeader` of
//! `parquet.thrift`.

use std::io::Read as _;

use parquet::basic::Compression;
use parquet::file::metadata::ColumnChunkMetaData;

use crate::ImportError;

/// Structs in structs in a page's head.
const DEEPEST: usize = 8;

/// Adds the unpacked pages of a column to `unpacked` and refuses them from `limit` bytes on.
pub(crate) fn check_pages(
    file: &[u8],
    column: &ColumnChunkMetaData,
    limit: u64,
    unpacked: &mut u64,
) -> Result<(), ImportError> {
    let broken = || ImportError::Shape { shape: "Parquet that can be read", place: String::new() };
    let first = column.dictionary_page_offset().filter(|at| *at > 0).unwrap_or(i64::MAX);
    let start = first.min(column.data_page_offset());
    let range = usize::try_from(start).ok().zip(usize::try_from(column.compressed_size()).ok());
    let range = range.and_then(|(start, length)| Some(start..start.checked_add(length)?));
    let mut rest = range.and_then(|range| file.get(range)).ok_or_else(broken)?;
    while !rest.is_empty() {
        let mut thrift = Thrift { rest };
        let page = thrift.page().ok_or_else(broken)?;
        let content = thrift.rest.get(..page.packed).ok_or_else(broken)?;
        rest = &thrift.rest[page.packed..];
        *unpacked = unpacked.saturating_add(page.unpacked);
        if let Compression::GZIP(_) = column.compression() {
            let most = limit.saturating_sub(*unpacked).saturating_add(page.unpacked);
            let mut gzip = flate2::read::MultiGzDecoder::new(content.get(page.levels..).ok_or_else(broken)?);
            // What is no gzip is for the reader of the page to say.
            let given = std::io::copy(&mut gzip.by_ref().take(most.saturating_add(1)), &mut std::io::sink());
            *unpacked = unpacked.saturating_add(given.unwrap_or(0).saturating_sub(page.unpacked));
        }
        if *unpacked > limit {
            return Err(ImportError::TooLarge { limit });
        }
    }
    Ok(())
}

/// What the head of a page says.
#[derive(Default)]
struct Page {
    unpacked: u64,
    packed: usize,
    /// How many bytes of levels stand before what is packed.
    levels: usize,
}

struct Thrift<'a> {
    rest: &'a [u8],
}

impl Thrift<'_> {
    fn page(&mut self) -> Option<Page> {
        let mut page = Page::default();
        let mut sizes = [None; 2];
        self.fields(&mut [0; DEEPEST], 0, &mut |path, number| match path {
            [2] => sizes[0] = Some(number),
            [3] => sizes[1] = Some(number),
            [8, 5 | 6] => page.levels = page.levels.saturating_add(usize::try_from(number).unwrap_or(usize::MAX)),
            _ => {}
        })?;
        page.unpacked = u64::try_from(sizes[0]?).ok()?;
        page.packed = usize::try_from(sizes[1]?).ok()?;
        Some(page)
    }

    /// Reads a struct and gives each whole number in it, with the numbers of the fields that lead to it.
    fn fields(&mut self, path: &mut [i64; DEEPEST], depth: usize, number: &mut impl FnMut(&[i64], i64)) -> Option<()> {
        if depth >= DEEPEST {
            return None;
        }
        path[depth] = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            path[depth] = match head >> 4 {
                0 => self.zigzag()?,
                delta => path[depth].wrapping_add(i64::from(delta)),
            };
            self.value(head & 15, path, depth, number)?;
        }
    }

    fn value(
        &mut self,
        sort: u8,
        path: &mut [i64; DEEPEST],
        depth: usize,
        number: &mut impl FnMut(&[i64], i64),
    ) -> Option<()> {
        match sort {
            // Truth values are in the head of the field.
            1 | 2 => Some(()),
            3 => self.byte().map(|_| ()),
            4..=6 => {
                let value = self.zigzag()?;
                number(&path[..=depth], value);
                Some(())
            }
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(usize::try_from(length).ok()?)
            }
            12 => self.fields(path, depth + 1, number),
            // Lists, sets and maps: a page's head has none.
            _ => None,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte & 128 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}
