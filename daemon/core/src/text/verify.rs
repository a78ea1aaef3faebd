//! The lines of a file that match, as ripgrep finds them when it searches a directory: its own matcher and searcher, with its
//! settings. Opens no file; reads whatever it is given.

use std::{
    io::{self, Read},
    ops::{ControlFlow, Range},
};

use grep_matcher::Matcher;
use grep_regex::{ErrorKind, RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkMatch};

use super::excerpt::{Excerpt, shown_range};
use super::pattern::{Pattern, PatternError};

/// What the lazy automaton of one verifier may grow to; ripgrep's own bound is meant for a process that ends. When it is full the
/// automaton starts anew: no result depends on it.
const AUTOMATON_BYTES_MAX: usize = 32 << 20;

/// A compiled pattern, reused from file to file. A clone is what another thread needs.
#[derive(Clone, Debug)]
pub struct Verifier {
    matcher: RegexMatcher,
    searcher: Searcher,
    every_match: bool,
    spans: Vec<Range<usize>>,
}

/// Why a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It matches.
    Match,
    /// A line that matches comes soon, and is certain to.
    Before,
    /// A line that matches came before.
    After,
}

/// A line that matches, or one beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Why it is shown.
    pub role: Role,
    /// From 1.
    pub number: u64,
    /// Bytes before the line, in the text as the searcher reads it: decoded, without a byte order mark.
    pub offset: u64,
    /// The line without its line feed; a carriage return before it stays.
    pub bytes: &'a [u8],
    /// The matches within `bytes`, in order: all that begin within the excerpt, or, where every match is wanted, all that lie in this
    /// piece. A line that only stands beside has none.
    pub spans: &'a [Range<usize>],
    /// Where every match is wanted, a long line is handed over several times, around other matches each time: which time this is, from 0.
    pub piece: u32,
    /// A place before the first match in bytes and in UTF-16 units: those of a long line are not counted anew for each piece.
    known: (usize, usize),
}

/// How the search of a file ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Where a NUL byte ended it: the lines before were searched, but for those that came in the same read.
    pub binary_offset: Option<u64>,
}

impl Verifier {
    /// Compiles a pattern.
    pub fn new(pattern: &Pattern) -> Result<Verifier, PatternError> {
        Ok(Verifier { matcher: compile(pattern)?, searcher: searcher().build(), every_match: false, spans: Vec::new() })
    }

    /// The same verifier, showing this many lines before and after each line that matches.
    pub fn with_context(self, before: usize, after: usize) -> Verifier {
        let searcher = searcher().before_context(before).after_context(after).build();
        Verifier { searcher, ..self }
    }

    /// The same verifier, handing over a line again, piece by piece, where not every match is near the first.
    pub fn with_every_match(self, every_match: bool) -> Verifier {
        Verifier { every_match, ..self }
    }

    /// Searches a file's raw bytes from their beginning, and hands over each line to show, in order and once but for [`Line::piece`], until `each` breaks
    /// off.
    pub fn search(&mut self, bytes: impl Read, each: impl FnMut(Line<'_>) -> ControlFlow<()>) -> io::Result<Searched> {
        let Verifier { matcher, searcher, every_match, spans } = self;
        let mut sink = LineSink { matcher, spans, every_match: *every_match, each, searched: Searched::default() };
        searcher.search_reader(&*matcher, bytes, &mut sink)?;
        Ok(sink.searched)
    }
}

impl<'a> Line<'a> {
    /// Byte column of the first match, from 1.
    pub fn column(&self) -> usize {
        self.first_start() + 1
    }

    /// The same in UTF-16 units; what is not UTF-8 counts as the replacement characters it would be shown as.
    pub fn column_utf16(&self) -> usize {
        let (bytes, units) = self.known;
        let chunks = self.bytes[bytes.min(self.first_start())..self.first_start()].utf8_chunks();
        let more = chunks.map(|chunk| chunk.valid().encode_utf16().count() + usize::from(!chunk.invalid().is_empty()));
        units + more.sum::<usize>() + 1
    }

    /// What is shown of the line.
    pub fn excerpt(&self) -> Excerpt<'a> {
        Excerpt::new(self.bytes, self.spans)
    }

    fn first_start(&self) -> usize {
        self.spans.first().map_or(0, |span| span.start)
    }
}

struct LineSink<'v, F> {
    matcher: &'v RegexMatcher,
    spans: &'v mut Vec<Range<usize>>,
    every_match: bool,
    each: F,
    searched: Searched,
}

impl<F: FnMut(Line<'_>) -> ControlFlow<()>> Sink for LineSink<'_, F> {
    type Error = io::Error;

    fn matched(&mut self, _searcher: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let bytes = found.bytes().strip_suffix(b"\n");
        let is_last = bytes.is_none();
        let bytes = bytes.unwrap_or(found.bytes());
        let number = counted(found.line_number())?;
        let offset = found.absolute_byte_offset();
        let line = Line { role: Role::Match, number, offset, bytes, spans: &[], piece: 0, known: (0, 0) };
        self.hand_over(line, is_last)
    }

    fn context(&mut self, _searcher: &Searcher, found: &SinkContext<'_>) -> io::Result<bool> {
        let role = match found.kind() {
            SinkContextKind::Before => Role::Before,
            SinkContextKind::After => Role::After,
            // Shown only where all lines are asked for, which no searcher here does.
            SinkContextKind::Other => return Ok(true),
        };
        let bytes = found.bytes().strip_suffix(b"\n").unwrap_or(found.bytes());
        let number = counted(found.line_number())?;
        let offset = found.absolute_byte_offset();
        let line = Line { role, number, offset, bytes, spans: &[], piece: 0, known: (0, 0) };
        Ok((self.each)(line).is_continue())
    }

    fn binary_data(&mut self, _searcher: &Searcher, offset: u64) -> io::Result<bool> {
        self.searched.binary_offset = Some(offset);
        Ok(true)
    }
}

impl<F: FnMut(Line<'_>) -> ControlFlow<()>> LineSink<'_, F> {
    /// Hands over a line that matches: the piece around its first match, or one piece after the other until every match is in one;
    /// `false` = no more is wanted. Matches are sought in the line alone, as the searcher does where a pattern is anchored to the
    /// text. As in ripgrep an empty match at the end of a file that does not end in a line feed is left out, unless there is no other.
    fn hand_over(&mut self, line: Line<'_>, is_last: bool) -> io::Result<bool> {
        let LineSink { matcher, spans, every_match, each, .. } = self;
        spans.clear();
        let (mut piece, mut known, mut flow) = (0, (0, 0), ControlFlow::Continue(()));
        let mut shown_end = line.bytes.len();
        let found = matcher.find_iter(line.bytes, |found| {
            let span = found.start()..found.end();
            // A match that is cut is shown whole in the next piece, if there will be one.
            let is_shown = if *every_match { span.end <= shown_end } else { span.start <= shown_end };
            if !spans.is_empty() && !is_shown {
                // A line of many megabytes has as many matches, and none of these would be shown.
                if !*every_match {
                    return false;
                }
                let done = Line { spans, piece, known, ..line };
                known = (done.first_start(), done.column_utf16() - 1);
                flow = each(done);
                piece += 1;
                spans.clear();
            }
            if spans.is_empty() {
                shown_end = shown_range(line.bytes, Some(&span)).end;
            }
            spans.push(span);
            flow.is_continue()
        });
        found.map_err(io::Error::other)?;
        if is_last && (piece > 0 || spans.len() > 1) {
            spans.pop_if(|last| *last == (line.bytes.len()..line.bytes.len()));
        }
        if flow.is_continue() && (piece == 0 || !spans.is_empty()) {
            flow = each(Line { spans, piece, known, ..line });
        }
        Ok(flow.is_continue())
    }
}

fn counted(number: Option<u64>) -> io::Result<u64> {
    number.ok_or_else(|| io::Error::other("the searcher did not count lines"))
}

/// What ripgrep compiles.
pub(super) fn compile(pattern: &Pattern) -> Result<RegexMatcher, PatternError> {
    // What does not parse is told with its place, which the matcher's own error has lost.
    pattern.hir()?;
    matcher(pattern).map_err(|error| explain(pattern, &error))
}

fn matcher(pattern: &Pattern) -> Result<RegexMatcher, grep_regex::Error> {
    RegexMatcherBuilder::new()
        .multi_line(true)
        .line_terminator(Some(b'\n'))
        .ban_byte(Some(0))
        .fixed_strings(pattern.fixed)
        .case_insensitive(pattern.ignore_case)
        .case_smart(pattern.smart_case)
        .word(pattern.word)
        .whole_line(pattern.line)
        .dfa_size_limit(AUTOMATON_BYTES_MAX)
        .build_many(&pattern.texts().collect::<Vec<_>>())
}

/// How ripgrep searches a file that it found in a directory.
pub(super) fn searcher() -> SearcherBuilder {
    let mut builder = SearcherBuilder::new();
    builder.line_number(true).bom_sniffing(true).binary_detection(BinaryDetection::quit(0));
    builder
}

fn explain(pattern: &Pattern, error: &grep_regex::Error) -> PatternError {
    match error.kind() {
        ErrorKind::NotAllowed(_) => PatternError::LineFeed { place: pattern.place_of('\n') },
        ErrorKind::Banned(_) => PatternError::Nul { place: pattern.place_of('\0') },
        // What is left, now that the pattern parses, are bounds of the compiler.
        _ => PatternError::TooLarge { what: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::super::excerpt::EXCERPT_BYTES_MAX;
    use super::*;

    fn regex(text: &str) -> Pattern {
        Pattern { text: text.into(), ..Pattern::default() }
    }

    /// What `see` makes of the first line that matches.
    fn first<T>(text: &str, bytes: &[u8], see: impl Fn(Line<'_>) -> T) -> T {
        let mut seen = None;
        let each = |line: Line<'_>| {
            seen = Some(see(line));
            ControlFlow::Break(())
        };
        Verifier::new(&regex(text)).unwrap().search(bytes, each).unwrap();
        seen.expect("a line matches")
    }

    #[test]
    fn places_are_told() {
        let bytes = "one\r\nz𝄞é bar bar\r\n".as_bytes();
        let (number, offset, line) = first("bar", bytes, |line| (line.number, line.offset, line.bytes.to_vec()));
        assert_eq!((number, offset, &line[..]), (2, 5, "z𝄞é bar bar\r".as_bytes()));
        assert_eq!(first("bar", bytes, |line| (line.column(), line.column_utf16())), (9, 6));
        assert_eq!(first("bar", bytes, |line| line.spans.to_vec()), [8..11, 12..15]);
        assert_eq!(first("bar", b"a\xFF\xFEbar", |line| (line.column(), line.column_utf16())), (4, 4));
        assert_eq!(first(r"\Aone", b"x\none", |line| (line.number, line.spans[0].clone())), (2, 0..3));
    }

    #[test]
    fn long_lines_are_cut_around_the_first_match() {
        let line = ["é".repeat(40_000), "needle".repeat(2), "é".repeat(40_000)].concat();
        let (text, spans) = first("needle", line.as_bytes(), |line| {
            let excerpt = line.excerpt();
            assert!(excerpt.is_cut && excerpt.text.len() <= EXCERPT_BYTES_MAX);
            (String::from_utf8(excerpt.text.to_vec()).expect("characters are whole"), excerpt.spans)
        });
        assert_eq!(spans.len(), 2);
        assert!(spans.into_iter().all(|span| &text[span] == "needle"));
    }

    /// Columns of all matches, in bytes and in UTF-16 units, by piece; each is shown whole.
    fn pieces(text: &str, bytes: &[u8]) -> Vec<Vec<(usize, usize)>> {
        let mut pieces = Vec::new();
        let each = |line: Line<'_>| {
            assert_eq!((line.number, line.piece as usize), (1, pieces.len()));
            let excerpt = line.excerpt();
            assert!(excerpt.text.len() <= EXCERPT_BYTES_MAX && excerpt.spans.len() == line.spans.len());
            let whole = line
                .spans
                .iter()
                .zip(&excerpt.spans)
                .all(|(span, shown)| line.bytes[span.clone()] == excerpt.text[shown.clone()]);
            assert!(whole, "a match is cut");
            let utf16 = |span: &Range<usize>| String::from_utf8_lossy(&bytes[..span.start]).encode_utf16().count() + 1;
            assert_eq!(line.column_utf16(), utf16(&line.spans[0]));
            pieces.push(line.spans.iter().map(|span| (span.start + 1, utf16(span))).collect());
            ControlFlow::Continue(())
        };
        Verifier::new(&regex(text)).unwrap().with_every_match(true).search(bytes, each).unwrap();
        pieces
    }

    #[test]
    fn every_match_of_a_long_line_is_in_some_piece() {
        let line = ["é𝛼".repeat(900), "needle".into()].concat().repeat(40);
        let found: Vec<(usize, usize)> = pieces("needle", line.as_bytes()).concat();
        let expected: Vec<(usize, usize)> = (0..40).map(|n| (n * 5406 + 5401, n * 2706 + 2701)).collect();
        assert_eq!(found, expected);
        let dense = "ab ".repeat(9000);
        let pieces = pieces("ab", dense.as_bytes());
        assert!(pieces.len() > 5 && pieces.len() < 20, "{}", pieces.len());
        assert_eq!(pieces.concat().len(), 9000);
    }

    #[test]
    fn pieces_end_as_ripgrep_would() {
        assert_eq!(pieces("x*", b"ab").concat(), [(1, 1), (2, 2)]);
        let long = "a".repeat(9000);
        assert_eq!(pieces("a?", long.as_bytes()).concat().len(), 9000);
        assert_eq!(pieces("^a|$", format!("{long}\n").as_bytes()).concat(), [(1, 1), (9001, 9001)]);
        let mut seen = 0;
        let until_second = |_: Line<'_>| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut verifier = Verifier::new(&regex("a")).unwrap().with_every_match(true);
        verifier.search(format!("{long}\n{long}\n").as_bytes(), until_second).unwrap();
        assert_eq!(seen, 2);
    }

    #[test]
    fn excerpts_hold_at_the_ends() {
        let line = [b"x".repeat(5000), b"y".repeat(5000)].concat();
        for (text, span, bytes) in [
            ("^x", 0..1, 4096),
            ("y$", 4095..4096, 4096),
            ("x.*", 0..4096, 4096),
            ("", 0..0, 4096),
            ("$", 4096..4096, 4096),
        ] {
            let seen = first(text, &line, |line| {
                let excerpt = line.excerpt();
                (excerpt.spans[0].clone(), excerpt.text.len())
            });
            assert_eq!(seen, (span, bytes), "{text:?}");
        }
        assert!(first("", &line, |line| line.spans.len()) <= EXCERPT_BYTES_MAX + 1);
        assert!(!first("x", b"x", |line| line.excerpt().is_cut));
        let broken = [0x80; 9000];
        assert_eq!(first(r"(?-u:\x80)", &broken, |line| line.excerpt().spans[0].clone()), 0..1);
        assert_eq!(first(r"(?-u:\x80)$", &broken, |line| line.excerpt().spans[0].len()), 1);
    }

    #[test]
    fn faults_are_sentences() {
        let sentence = |text: &str| Verifier::new(&regex(text)).map(|_| ()).unwrap_err().to_string();
        assert!(sentence(r"ab\nc").contains("line feed (column 3)"), "{}", sentence(r"ab\nc"));
        assert!(sentence(r"a\x00").contains("NUL byte (column 2)"));
        assert!(sentence("a**{").contains("column"));
        assert!(sentence(r"(\w{500}){500}").starts_with("the pattern is too large"));
    }

    #[test]
    fn lines_beside_a_match_are_shown_once() {
        let bytes = b"1\n2 x\n3\n4 x\n5\n6\n7\n8\n9 x";
        let mut shown = String::new();
        let each = |line: Line<'_>| {
            let mark = match line.role {
                Role::Match => ':',
                Role::Before => '<',
                Role::After => '>',
            };
            assert_eq!(line.spans.is_empty(), line.role != Role::Match);
            shown += &format!("{}{mark}", line.number);
            ControlFlow::Continue(())
        };
        Verifier::new(&regex("x")).unwrap().with_context(2, 1).search(&bytes[..], each).unwrap();
        assert_eq!(shown, "1<2:3>4:5>7<8<9:");
    }

    #[test]
    fn an_empty_match_at_the_end_of_a_file_counts_only_alone() {
        assert_eq!(first("x*", b"ab\n", |line| line.spans.to_vec()), [0..0, 1..1, 2..2]);
        assert_eq!(first("x*", b"ab", |line| line.spans.to_vec()), [0..0, 1..1]);
        assert_eq!(first("$", b"ab", |line| line.spans[0].clone()), 2..2);
    }

    #[test]
    fn a_late_nul_ends_the_search() {
        let bytes = [&b"word\n".repeat(30_000)[..], b"\0word\n"].concat();
        let mut lines = 0;
        let count = |_: Line<'_>| {
            lines += 1;
            ControlFlow::Continue(())
        };
        let searched = Verifier::new(&regex("word")).unwrap().search(&bytes[..], count).unwrap();
        assert_eq!(searched.binary_offset, Some(150_000));
        assert!(lines > 20_000 && lines < 30_000, "{lines}");
    }
}
