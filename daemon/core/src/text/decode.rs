//! The bytes a search sees: byte order marks read as ripgrep's searcher reads them, and what counts as binary there. Used where a
//! file is indexed; the verifier takes raw bytes and lets the searcher do the same.

use std::{borrow::Cow, io::Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use memchr::memchr;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
const UTF16_MARKS: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];

/// What `grep-searcher` reads at once.
const SEARCHER_BUFFER_BYTES: usize = 64 << 10;
/// What its decoder sets aside to look for a mark; the searcher's first read may end behind them.
const MARK_BYTES_MAX: usize = 3;

/// A file's bytes as the searcher sees them: UTF-16 behind a byte order mark becomes UTF-8 (what is not valid becomes U+FFFD), a
/// UTF-8 mark is dropped, anything else stays as it is, valid or not.
pub fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    if is_utf16(bytes) {
        Cow::Owned(transcode(bytes))
    } else {
        Cow::Borrowed(bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes))
    }
}

/// Whether a search is certain to show no line of a file because of a NUL byte. `decoded` is what [`decode`] made of `raw`.
///
/// The searcher gives up a file in the read that brings the first NUL, after it has shown the lines of earlier reads. So a NUL
/// beyond the first read leaves lines to be found; and one within it only leaves some if that read ended early, behind a line feed.
pub fn is_binary(raw: &[u8], decoded: &[u8]) -> bool {
    let Some(nul) = memchr(0, decoded) else { return false };
    let first_feed = memchr(b'\n', &decoded[..nul]);
    let reads_are_whole = !is_utf16(raw) && nul < SEARCHER_BUFFER_BYTES;
    first_feed.is_none_or(|feed| reads_are_whole && feed >= MARK_BYTES_MAX)
}

fn is_utf16(bytes: &[u8]) -> bool {
    UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark))
}

fn transcode(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut reader =
        DecodeReaderBytesBuilder::new().utf8_passthru(true).strip_bom(true).bom_override(true).build(bytes);
    match reader.read_to_end(&mut text) {
        Ok(_) => text,
        // A slice cannot fail to be read; were the decoder ever to refuse it, the bytes as they are remain searchable.
        Err(_) => bytes.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little_endian: bool) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(|unit| if little_endian { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn marks_are_read_and_dropped() {
        for little_endian in [true, false] {
            assert_eq!(*decode(&utf16("naïve 𝄞\r\nend", little_endian)), *"naïve 𝄞\r\nend".as_bytes());
        }
        assert_eq!(*decode(b"\xEF\xBB\xBFplain"), *b"plain");
        assert_eq!(*decode(b"\xEF\xBBplain\xFF"), *b"\xEF\xBBplain\xFF");
    }

    #[test]
    fn broken_utf16_becomes_replacement_characters() {
        assert_eq!(*decode(b"\xFF\xFE\x00\xD8a\x00b"), *"\u{FFFD}a\u{FFFD}".as_bytes());
        for short in [&b"\xFF\xFE"[..], b"\xFF\xFEa", b"", b"\xFF"] {
            assert!(decode(short).len() <= 4);
        }
    }

    #[test]
    fn binary_is_what_shows_no_line() {
        let check = |bytes: &[u8]| is_binary(bytes, &decode(bytes));
        assert!(check(b"ELF\0\n"));
        assert!(check(b"long line\nand\0"));
        assert!(!check(b"a\nsearched before the NUL is read\0"));
        assert!(!check(b"no NUL\n"));
        assert!(!check(&utf16("a\nb", true)));
        assert!(check(&utf16("a\0b", true)));
        let late = [&b"line of text\n".repeat(8192)[..], b"\0"].concat();
        assert!(!check(&late));
    }
}
