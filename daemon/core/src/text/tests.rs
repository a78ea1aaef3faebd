//! The promise of the whole: every file in which a plain search finds a line is a candidate, and the lines are the same. The oracle
//! is `grep-searcher` itself, run over the file as ripgrep runs it.

use std::{collections::BTreeMap, io, ops::ControlFlow};

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, SearcherBuilder, sinks};
use proptest::prelude::*;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::{
    Candidates, Count, Counter, Line, Pattern, Plan, PostingError, Postings, TrigramSet, Verifier, decode, evaluate,
    is_binary, posting,
};

/// A tree in memory, its files numbered by place, every third number left out.
struct Index(BTreeMap<u32, Vec<u32>>);

impl Index {
    fn new(files: &[Vec<u8>]) -> Index {
        let mut set = TrigramSet::new();
        let mut lists: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (id, bytes) in (0..).step_by(3).zip(files) {
            let text = decode(bytes);
            if is_binary(bytes, &text) {
                continue;
            }
            for &trigram in set.collect(&text) {
                lists.entry(trigram).or_default().push(id);
            }
        }
        Index(lists)
    }
}

impl Postings for Index {
    type Error = PostingError;

    fn posting(&mut self, trigram: u32) -> Result<Option<Vec<u8>>, PostingError> {
        Ok(self.0.get(&trigram).map(|ids| posting::encode(ids)))
    }
}

type Lines = Vec<(u64, Vec<u8>)>;

/// What ripgrep compiles; nothing if it refuses the pattern.
fn plain_matcher(pattern: &Pattern) -> Option<RegexMatcher> {
    let mut builder = RegexMatcherBuilder::new();
    builder.multi_line(true).unicode(true).octal(false).dot_matches_new_line(false);
    builder.line_terminator(Some(b'\n')).ban_byte(Some(0)).fixed_strings(pattern.fixed).word(pattern.word);
    builder.case_insensitive(pattern.ignore_case).case_smart(pattern.smart_case).whole_line(pattern.line);
    let texts: Vec<&String> = std::iter::once(&pattern.text).chain(&pattern.alternatives).collect();
    builder.build_many(&texts).ok()
}

/// What ripgrep would print.
fn plain_search(matcher: &RegexMatcher, bytes: &[u8]) -> Lines {
    let mut lines = Lines::new();
    let sink = sinks::Bytes(|number, line| {
        lines.push((number, line.strip_suffix(b"\n").unwrap_or(line).to_vec()));
        Ok(true)
    });
    let mut searcher = SearcherBuilder::new().binary_detection(BinaryDetection::quit(0)).build();
    searcher.search_reader(matcher, bytes, sink).expect("a slice can be read");
    lines
}

fn verified(verifier: &mut Verifier, bytes: &[u8]) -> io::Result<Lines> {
    let mut lines = Lines::new();
    verifier.search(bytes, |line: Line<'_>| {
        assert!(!line.spans.is_empty(), "a line that matches shows where");
        assert!(line.spans.iter().all(|span| span.start <= span.end && span.end <= line.bytes.len()));
        lines.push((line.number, line.bytes.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(lines)
}

fn check(pattern: &Pattern, files: &[Vec<u8>], index: &mut Index) {
    let (Ok(mut verifier), Some(plain)) = (Verifier::new(pattern), plain_matcher(pattern)) else {
        let is_refused = Verifier::new(pattern).is_err() && plain_matcher(pattern).is_none();
        return assert!(is_refused, "what ripgrep refuses is refused, and only that: {pattern:?}");
    };
    let plan = Plan::new(pattern).expect("what compiles has a plan");
    let candidates = evaluate(&plan, index).expect("lists are whole");
    let mut counter = Counter::new(pattern, Count::Lines).expect("what the verifier compiles the counter does");
    for (id, bytes) in (0..).step_by(3).zip(files) {
        let expected = plain_search(&plain, bytes);
        assert_eq!(verified(&mut verifier, bytes).expect("a slice can be read"), expected, "{pattern:?}");
        let tally = counter.count(bytes.as_slice()).expect("a slice can be read");
        let is_whole = !decode(bytes).contains(&0);
        assert_eq!(tally.lines, if is_whole { expected.len() as u64 } else { 0 }, "{pattern:?}");
        let is_candidate = match &candidates {
            Candidates::All => true,
            Candidates::Some(ids) => ids.contains(&id),
        };
        assert!(expected.is_empty() || is_candidate, "{pattern:?} with plan {plan} misses {:?}", bytes.escape_ascii());
        assert!(expected.is_empty() || !is_binary(bytes, &decode(bytes)), "binary, yet with lines");
    }
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Files larger than the searcher's buffer, or with a line that is.
fn large_files() -> Vec<Vec<u8>> {
    vec![
        utf16(&"kelvin foo\n".repeat(5000)),
        utf16(&["foo bar\n".repeat(5000), "\0abc\n".into()].concat()),
        [&b"foo bar abc\n".repeat(9000)[..], b"\0abc foo\n"].concat(),
        [&b"y".repeat(1 << 20)[..], b"foo abc", &b"z".repeat(1 << 10)].concat(),
    ]
}

fn nasty_files() -> Vec<Vec<u8>> {
    vec![
        Vec::new(),
        b"\n".to_vec(),
        b"\n\nfoo\n".to_vec(),
        b"fooood".to_vec(),
        b"foo bar\r\n\r\nxxabc\r\nfood".to_vec(),
        b"a foo b\nlast line without feed abc".to_vec(),
        "\u{212A}elvin, kelvin, Kelvin, \u{17F}o\n".as_bytes().to_vec(),
        "K".as_bytes().to_vec(),
        "naïve Straße STRASSE stra\u{1E9E}e\n".as_bytes().to_vec(),
        b"latin-1 na\xefve \xff\n".to_vec(),
        b"\xEF\xBB\xBFfoo at the start\n".to_vec(),
        utf16("foo abc\nstra\u{DF}e \u{212A}\n"),
        b"abc\0foo\n".to_vec(),
        b"a\nfoo\0bar\n".to_vec(),
        b"fo\no ab\nc".to_vec(),
        b"foofoo _foo_ -foo- foo_ abcabc ABC xabc xxxabc xxxxabc".to_vec(),
    ]
}

const NASTY_TEXTS: &[&str] = &[
    "",
    ".*",
    ".",
    "a",
    "ab",
    "abc",
    "foo",
    "(?i)k",
    "(?i)kelvin",
    "(?i)straße",
    "(?i)so",
    r"[^\x00-\x7f]",
    r"\bfoo\b",
    "a|",
    "|",
    "(?-u:\\xff)",
    "(?-u:na.ve)",
    "x{0,3}abc",
    "x{2,}abc",
    "(abc){2}",
    "^$",
    "^foo",
    "foo$",
    r"foo\s",
    r"\Afoo",
    r"foo\z",
    r"\r$",
    r"(?R)abc$",
    "(?s)foo.bar",
    r"foo\W+bar",
    "[a-c]{3}",
    "(foo|bar|last).*(abc|feed)",
    "(?i:FOO)d?",
    r"\p{Greek}|abc",
    "[a&&b]",
    r"fo\no",
    "(?x) f o o # spaced\n",
    r"\x66oo",
    "f(?:)oo",
    "a)(?:b",
    "(((foo)))",
    "y+foo",
    "(?i)STRASSE",
    "(?U)fo+",
    "nowhere at all",
    r"\u{212a}",
    "(a|b|c|d)(a|b|c|d)(a|b|c|d)",
    "[[:alpha:]]bc",
    "fo+d",
    "fo{1,9}d",
    "f(oo){1,}d",
    "fo??o*d",
];

#[test]
fn nasty_patterns_over_nasty_files() {
    let files = nasty_files();
    let mut index = Index::new(&files);
    for text in NASTY_TEXTS {
        for bits in 0..32 {
            let [fixed, ignore_case, smart_case, word, line] = [1, 2, 4, 8, 16].map(|bit| bits & bit != 0);
            let (text, alternatives) = ((*text).into(), Vec::new());
            let pattern = Pattern { text, alternatives, fixed, ignore_case, smart_case, word, line };
            check(&pattern, &files, &mut index);
        }
    }
}

#[test]
fn nasty_patterns_side_by_side() {
    let files = nasty_files();
    let mut index = Index::new(&files);
    for pair in NASTY_TEXTS.windows(2) {
        for bits in 0..8 {
            let [fixed, smart_case, word] = [1, 2, 4].map(|bit| bits & bit != 0);
            let alternatives = vec![pair[1].into(), "nowhere".into()];
            let pattern = Pattern { text: pair[0].into(), alternatives, fixed, smart_case, word, ..Pattern::default() };
            check(&pattern, &files, &mut index);
        }
    }
}

#[test]
fn nasty_patterns_over_large_files() {
    let files = large_files();
    let mut index = Index::new(&files);
    for text in NASTY_TEXTS {
        check(&Pattern { text: (*text).into(), ..Pattern::default() }, &files, &mut index);
    }
}

#[test]
fn candidates_are_few_where_a_literal_is_rare() {
    let mut files = vec![b"fn main() { println!(\"hello\"); }\n".to_vec(); 50];
    files[7] = b"fn handshake_with_peer(socket: &Socket) {}\n".to_vec();
    let mut index = Index::new(&files);
    for text in
        ["handshake", "(?i)HANDSHAKE", r"\w+shake_\w+", r"fn\s+hand[a-z]+", "handshake|farewell", "sock[aeiou]t"]
    {
        let plan = Plan::new(&Pattern { text: text.into(), ..Pattern::default() }).unwrap();
        assert_eq!(evaluate(&plan, &mut index), Ok(Candidates::Some(vec![21])), "{text}: {plan}");
    }
}

/// Few characters, so that patterns and files meet; among them those whose case folds across lengths.
fn character() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a", "b", "c", "A", "B", "k", "K", "\u{212A}", "s", "S", "\u{17F}", "é", "É", "_", "-", " ", "1",
    ])
}

fn literal() -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 1..7).prop_map(|characters| characters.concat())
}

fn atom() -> impl Strategy<Value = String> {
    let class = prop::sample::select(vec![
        ".",
        r"\w",
        r"\s",
        r"\d",
        "[abc]",
        "[a-cA-C]",
        "[^a]",
        r"[k\x{17F}é]",
        "[ab&&bc]",
        r"\pL",
        "(?-u:.)",
        "(?-u:[a\\xC3])",
    ]);
    let look = prop::sample::select(vec!["^", "$", r"\b", r"\B", r"\A", r"\z", r"\b{start}", r"(?-u:\b)"]);
    prop_oneof![4 => literal(), 2 => class.prop_map(String::from), 1 => look.prop_map(String::from), 1 => Just(String::new())]
}

fn expression() -> impl Strategy<Value = String> {
    let repeat = prop::sample::select(vec!["*", "+", "?", "{0}", "{1}", "{2}", "{3,}", "{0,2}", "{2,5}", "{6}", "+?"]);
    atom().prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join("|"))),
            2 => (inner.clone(), repeat.clone()).prop_map(|(part, times)| format!("(?:{part}){times}")),
            1 => inner.prop_map(|part| format!("(?i:{part})")),
        ]
    })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let flags = [0.1, 0.3, 0.2, 0.5, 0.1].map(prop::bool::weighted);
    let alternatives = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(expression(), 1..3)];
    (expression(), alternatives, flags).prop_map(|(text, alternatives, flags)| {
        let [fixed, ignore_case, smart_case, word, line] = flags;
        Pattern { text, alternatives, fixed, ignore_case, smart_case, word, line }
    })
}

/// Bytes of the same characters, broken ones and line ends; sometimes as UTF-16, sometimes with a part of the pattern in them.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => character().prop_map(|c| c.as_bytes().to_vec()),
        2 => Just(b"\n".to_vec()),
        1 => prop::sample::select(vec![&b"\r\n"[..], b"\xff", b"\xC3", b"\0", b"\n\n"]).prop_map(<[u8]>::to_vec),
    ];
    (prop::collection::vec(piece, 0..60), prop::bool::weighted(0.1)).prop_map(|(pieces, wide)| {
        let bytes = pieces.concat();
        if wide { utf16(&String::from_utf8_lossy(&bytes)) } else { bytes }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_match_is_a_candidate(pattern in pattern(), mut files in prop::collection::vec(file(), 1..6), seed: u64) {
        // Files that match are rare by chance, so some are made of what the expression matches: each of one string only, lest
        // the trigrams of another hide that the plan asks for too much.
        if let Ok(hir) = pattern.hir() {
            files.extend((0..4).map(|round| {
                let mut bytes = Vec::new();
                append_match(&hir, &mut Choices(seed.wrapping_add(round)), &mut bytes);
                bytes
            }));
        }
        check(&pattern, &files, &mut Index::new(&files));
    }
}

/// Choices that depend on a seed alone.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = (self.0 | 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 29;
        (self.0 >> 8) as usize % bound.max(1)
    }
}

/// Appends a string the expression matches, but for its assertions.
fn append_match(hir: &Hir, choices: &mut Choices, out: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(Class::Unicode(class)) => {
            if let Some(range) = class.ranges().get(choices.below(class.ranges().len())) {
                let character = (range.start()..=range.end()).nth(choices.below(range.len().min(4)));
                out.extend(character.unwrap_or(range.start()).to_string().bytes());
            }
        }
        HirKind::Class(Class::Bytes(class)) => {
            let range = class.ranges().get(choices.below(class.ranges().len()));
            out.extend(range.map(|range| range.start()));
        }
        HirKind::Repetition(repetition) => {
            let more = choices.below(3) as u32;
            let copies = (repetition.min + more).min(repetition.max.unwrap_or(u32::MAX));
            (0..copies).for_each(|_| append_match(&repetition.sub, choices, out));
        }
        HirKind::Capture(capture) => append_match(&capture.sub, choices, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| append_match(part, choices, out)),
        HirKind::Alternation(parts) => append_match(&parts[choices.below(parts.len())], choices, out),
    }
}
