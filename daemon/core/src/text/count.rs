//! How many lines of a file match, where the lines themselves are not wanted: ripgrep's own count, and no more of the file read
//! than that takes.

use std::io::{self, Read};

use grep_matcher::Matcher;
use grep_regex::RegexMatcher;
use grep_searcher::{Searcher, Sink, SinkMatch};

use super::pattern::{Pattern, PatternError};
use super::verify::{compile, searcher};

/// What is counted of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Nothing: the search ends at the first line that matches.
    Nothing,
    /// Lines that match.
    Lines,
    /// These, and the matches in them.
    Matches,
}

/// What was counted. Nothing at all is found in a file that proves to be binary before its count is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that match; at most 1 for [`Count::Nothing`].
    pub lines: u64,
    /// Matches in them; 0 unless they were to be counted.
    pub matches: u64,
}

/// A compiled pattern that counts, reused from file to file.
#[derive(Clone, Debug)]
pub struct Counter {
    matcher: RegexMatcher,
    searcher: Searcher,
    count: Count,
}

impl Counter {
    /// Compiles a pattern.
    pub fn new(pattern: &Pattern, count: Count) -> Result<Counter, PatternError> {
        let searcher = searcher().line_number(false).build();
        Ok(Counter { matcher: compile(pattern)?, searcher, count })
    }

    /// Counts in a file's raw bytes.
    pub fn count(&mut self, bytes: impl Read) -> io::Result<Tally> {
        let Counter { matcher, searcher, count } = self;
        let mut sink = TallySink { matcher, count: *count, tally: Tally::default() };
        searcher.search_reader(&*matcher, bytes, &mut sink)?;
        Ok(sink.tally)
    }
}

struct TallySink<'c> {
    matcher: &'c RegexMatcher,
    count: Count,
    tally: Tally,
}

impl Sink for TallySink<'_> {
    type Error = io::Error;

    fn matched(&mut self, _searcher: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        self.tally.lines += 1;
        if self.count == Count::Matches {
            self.tally.matches += matches_in(self.matcher, found.bytes())?;
        }
        Ok(self.count != Count::Nothing)
    }

    fn binary_data(&mut self, _searcher: &Searcher, _offset: u64) -> io::Result<bool> {
        self.tally = Tally::default();
        Ok(false)
    }
}

/// Matches in a line as it came. An empty one at the end of a file that does not end in a line feed is not counted.
fn matches_in(matcher: &RegexMatcher, line: &[u8]) -> io::Result<u64> {
    let text = line.strip_suffix(b"\n");
    let is_last = text.is_none();
    let text = text.unwrap_or(line);
    let mut matches = 0;
    let found = matcher.find_iter(text, |found| {
        matches += u64::from(!(is_last && found.is_empty() && found.start() == text.len()));
        true
    });
    found.map_err(io::Error::other)?;
    Ok(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(text: &str, count: Count, bytes: &[u8]) -> (u64, u64) {
        let pattern = Pattern { text: text.into(), ..Pattern::default() };
        let tally = Counter::new(&pattern, count).unwrap().count(bytes).unwrap();
        (tally.lines, tally.matches)
    }

    #[test]
    fn lines_and_matches_are_counted() {
        let bytes = b"x\nxx y\n\nxxx";
        assert_eq!(tally("x", Count::Nothing, bytes), (1, 0));
        assert_eq!(tally("x", Count::Lines, bytes), (3, 0));
        assert_eq!(tally("x", Count::Matches, bytes), (3, 6));
        assert_eq!(tally("z", Count::Matches, bytes), (0, 0));
        assert_eq!(tally("z*", Count::Matches, b"ab\nab"), (2, 5));
    }

    /// A reader that fails behind its first bytes.
    struct Torn<'a>(&'a [u8]);

    impl Read for Torn<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(out)?;
            if read == 0 { Err(io::Error::other("read too far")) } else { Ok(read) }
        }
    }

    #[test]
    fn the_first_match_ends_a_search_that_counts_nothing() {
        let bytes = [&b"word\n"[..], &b"line\n".repeat(100_000)].concat();
        let pattern = Pattern { text: "word".into(), ..Pattern::default() };
        let mut first = Counter::new(&pattern, Count::Nothing).unwrap();
        assert_eq!(first.count(Torn(&bytes)).unwrap().lines, 1);
        assert!(Counter::new(&pattern, Count::Lines).unwrap().count(Torn(&bytes)).is_err());
    }

    #[test]
    fn a_late_nul_leaves_nothing_to_count() {
        let bytes = [&b"word\n".repeat(30_000)[..], b"\0word\n"].concat();
        assert_eq!(tally("word", Count::Lines, &bytes), (0, 0));
        assert_eq!(tally("word", Count::Nothing, &bytes), (1, 0));
    }
}
