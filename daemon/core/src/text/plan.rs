//! From a pattern to the trigrams a file must hold to match it: a superset of the files that do, never less.
//!
//! The algebra is Russ Cox's ("Regular Expression Matching with a Trigram Index", 2012): for each part of the expression either all
//! the strings it matches are known, or what its matches begin and end with, together with a plan every text that holds a match
//! fulfils. It reads the `regex-syntax` HIR, where case folding and classes are spelled out, never the pattern's text. It works on
//! bytes, so characters that take several need no care. Assertions match the empty string here, which only makes the plan wider.

use std::{collections::BTreeSet, fmt};

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::pattern::{Pattern, PatternError};

/// Strings a part's matches are listed as, before only their ends are kept.
const EXACT_MAX: usize = 16;
/// Strings looked at together, where two parts meet.
const CROSS_MAX: usize = 64;
/// Bytes of such a list.
const EXACT_BYTES_MAX: usize = 4096;
/// Beginnings or ends kept of a part.
const ENDS_MAX: usize = 32;
/// A beginning or end that is kept: the trigrams of all that is longer are in the plan already.
const END_BYTES: usize = 2;
/// Characters of a class that are spelled out.
const CLASS_MAX: usize = 32;
/// Copies of a repeated part that are spelled out.
const COPIES_MAX: u32 = 4;
/// Trigrams asked for of one string; more would cost look-ups and tell nothing new.
const STRING_TRIGRAMS_MAX: usize = 32;
/// Parts of a conjunction; each further one would exclude little.
const CONJUNCTION_MAX: usize = 256;
/// Trigrams of a whole plan, so that no pattern makes evaluation long.
const PLAN_TRIGRAMS_MAX: usize = 2048;

/// A condition on the set of a file's trigrams.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    /// Any file can match.
    All,
    /// Files that hold this trigram, as `TrigramSet` numbers them.
    Trigram(u32),
    /// Files that fulfil each part.
    And(Vec<Plan>),
    /// Files that fulfil any part; with no parts, no file.
    Or(Vec<Plan>),
}

impl Plan {
    /// What a file must hold to match the pattern.
    pub fn new(pattern: &Pattern) -> Result<Plan, PatternError> {
        let plan = examine(&pattern.hir()?).into_plan().normal();
        Ok(plan.bounded(PLAN_TRIGRAMS_MAX))
    }

    /// Whether every file must be read, since no trigram is sure to be there.
    pub fn is_scan(&self) -> bool {
        *self == Plan::All
    }

    /// Trigrams evaluation may look up, counted with repetition.
    pub fn trigram_count(&self) -> usize {
        match self {
            Plan::All => 0,
            Plan::Trigram(_) => 1,
            Plan::And(parts) | Plan::Or(parts) => parts.iter().map(Plan::trigram_count).sum(),
        }
    }

    fn never() -> Plan {
        Plan::Or(Vec::new())
    }

    /// Both; of a conjunction that is long already, more is not asked.
    fn and(self, other: Plan) -> Plan {
        match (self, other) {
            (Plan::All, plan) | (plan, Plan::All) => plan,
            (Plan::And(mut parts), Plan::And(more)) => {
                let room = CONJUNCTION_MAX.saturating_sub(parts.len());
                parts.extend(more.into_iter().take(room));
                Plan::And(parts)
            }
            (Plan::And(mut parts), part) | (part, Plan::And(mut parts)) => {
                if parts.len() < CONJUNCTION_MAX {
                    parts.push(part);
                }
                Plan::And(parts)
            }
            (one, other) => Plan::And(vec![one, other]),
        }
    }

    fn all_of(parts: impl IntoIterator<Item = Plan>) -> Plan {
        parts.into_iter().fold(Plan::All, Plan::and)
    }

    fn any_of(parts: impl IntoIterator<Item = Plan>) -> Plan {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Plan::All => return Plan::All,
                Plan::Or(more) => kept.extend(more),
                Plan::Trigram(_) | Plan::And(_) => kept.push(part),
            }
            if kept.len() > PLAN_TRIGRAMS_MAX {
                return Plan::All;
            }
        }
        if kept.len() == 1 { Plan::all_of(kept) } else { Plan::Or(kept) }
    }

    /// The same condition with parts sorted and none twice.
    fn normal(self) -> Plan {
        match self {
            Plan::All | Plan::Trigram(_) => self,
            Plan::And(parts) => {
                let parts: BTreeSet<Plan> = parts.into_iter().map(Plan::normal).collect();
                if parts.contains(&Plan::never()) {
                    return Plan::never();
                }
                Plan::all_of(parts)
            }
            Plan::Or(parts) => {
                let parts: BTreeSet<Plan> = parts.into_iter().map(Plan::normal).collect();
                Plan::any_of(parts)
            }
        }
    }

    /// A wider plan of at most this many trigrams: parts of a conjunction can be left out, those of a disjunction cannot.
    fn bounded(self, trigrams_max: usize) -> Plan {
        if self.trigram_count() <= trigrams_max {
            return self;
        }
        match self {
            Plan::All | Plan::Trigram(_) => Plan::All,
            Plan::And(mut parts) => {
                parts.sort_by_key(Plan::trigram_count);
                let mut room = trigrams_max;
                Plan::all_of(parts.into_iter().map(|part| {
                    let part = part.bounded(room);
                    room -= part.trigram_count();
                    part
                }))
            }
            Plan::Or(parts) => {
                let each_max = trigrams_max / parts.len();
                Plan::any_of(parts.into_iter().map(|part| part.bounded(each_max)))
            }
        }
    }
}

/// Trigrams as Rust writes bytes, `&` and `|` between parts, `*` for any file and `!` for none.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, sign) = match self {
            Plan::All => return f.write_str("*"),
            Plan::Trigram(trigram) => return write!(f, "{}", trigram.to_be_bytes()[1..].escape_ascii()),
            Plan::Or(parts) if parts.is_empty() => return f.write_str("!"),
            Plan::And(parts) => (parts, " & "),
            Plan::Or(parts) => (parts, " | "),
        };
        f.write_str("(")?;
        for (index, part) in parts.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { sign })?;
            part.fmt(f)?;
        }
        f.write_str(")")
    }
}

type Strings = BTreeSet<Vec<u8>>;

/// What is known of the matches of a part of the expression.
#[derive(Clone)]
enum Known {
    /// Each match is one of these strings.
    Exact(Strings),
    /// Each match begins and ends with one of these strings, and lies in a text that fulfils the plan.
    Open(Ends, Plan),
}

#[derive(Clone)]
struct Ends {
    prefixes: Strings,
    suffixes: Strings,
}

impl Known {
    fn empty_string() -> Known {
        Known::Exact(Strings::from([Vec::new()]))
    }

    fn anything() -> Known {
        Known::Open(Ends { prefixes: any_string(), suffixes: any_string() }, Plan::All)
    }

    fn into_plan(self) -> Plan {
        match self {
            Known::Exact(strings) => strings_plan(&strings),
            Known::Open(_, plan) => plan,
        }
    }

    /// Forgets the strings but for their ends; their trigrams go into the plan.
    fn open(self) -> (Ends, Plan) {
        match self {
            Known::Exact(strings) => {
                let plan = strings_plan(&strings);
                (Ends { prefixes: shorten(&strings, head), suffixes: shorten(&strings, tail) }, plan)
            }
            Known::Open(ends, plan) => (ends, plan),
        }
    }

    fn within_bounds(self) -> Known {
        match self {
            Known::Exact(ref strings)
                if strings.len() > EXACT_MAX || strings.iter().map(Vec::len).sum::<usize>() > EXACT_BYTES_MAX =>
            {
                self.opened()
            }
            Known::Exact(_) | Known::Open(..) => self,
        }
    }

    fn opened(self) -> Known {
        let (ends, plan) = self.open();
        Known::Open(ends, plan)
    }

    /// The same strings, for a copy beside one that holds the plan.
    fn without_plan(&self) -> Known {
        match self {
            Known::Exact(strings) => Known::Exact(strings.clone()),
            Known::Open(ends, _) => Known::Open(ends.clone(), Plan::All),
        }
    }

    fn then(self, next: Known) -> Known {
        match (self, next) {
            (Known::Exact(left), Known::Exact(right)) => exact_then_exact(left, right),
            (Known::Exact(left), Known::Open(ends, plan)) => {
                let (prefixes, more) = extended_prefixes(&left, &ends.prefixes);
                Known::Open(Ends { prefixes, ..ends }, plan.and(more))
            }
            (Known::Open(ends, plan), Known::Exact(right)) => {
                let (suffixes, more) = extended_suffixes(&ends.suffixes, &right);
                Known::Open(Ends { suffixes, ..ends }, plan.and(more))
            }
            (Known::Open(left, left_plan), Known::Open(right, right_plan)) => {
                let boundary = boundary_plan(&left.suffixes, &right.prefixes);
                let ends = Ends { prefixes: left.prefixes, suffixes: right.suffixes };
                Known::Open(ends, left_plan.and(right_plan).and(boundary))
            }
        }
    }
}

fn examine(hir: &Hir) -> Known {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Known::empty_string(),
        HirKind::Literal(literal) => Known::Exact(Strings::from([literal.0.to_vec()])).within_bounds(),
        HirKind::Class(class) => examine_class(class),
        HirKind::Repetition(repetition) => examine_repetition(repetition),
        HirKind::Capture(capture) => examine(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(examine).fold(Known::empty_string(), Known::then),
        HirKind::Alternation(parts) => any_of(parts.iter().map(examine).collect()),
    }
}

/// A class is the list of its characters if they are few. A line feed is never one of them: the verifier takes it out.
fn examine_class(class: &Class) -> Known {
    let characters: usize = match class {
        Class::Unicode(class) => class.ranges().iter().map(|range| range.len()).sum(),
        Class::Bytes(class) => class.ranges().iter().map(|range| range.len()).sum(),
    };
    if characters > CLASS_MAX {
        return Known::anything();
    }
    let strings: Strings = match class {
        Class::Unicode(class) => {
            let characters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            characters.map(|c| c.encode_utf8(&mut [0; 4]).as_bytes().to_vec()).collect()
        }
        Class::Bytes(class) => {
            class.ranges().iter().flat_map(|range| range.start()..=range.end()).map(|byte| vec![byte]).collect()
        }
    };
    Known::Exact(strings.into_iter().filter(|string| string != b"\n").collect()).within_bounds()
}

/// What repeats begins and ends with as many copies as there must be.
fn examine_repetition(repetition: &Repetition) -> Known {
    let (min, max) = (repetition.min, repetition.max);
    let once = examine(&repetition.sub);
    if min == 0 {
        return if max == Some(1) { any_of(vec![Known::empty_string(), once]) } else { Known::anything() };
    }
    let copies = (1..min.min(COPIES_MAX)).fold(once.clone(), |all, _| all.then(once.without_plan()));
    if max == Some(min) && min <= COPIES_MAX { copies } else { copies.opened() }
}

fn any_of(parts: Vec<Known>) -> Known {
    if let Some(strings) = all_exact(&parts) {
        return Known::Exact(strings).within_bounds();
    }
    let (mut prefixes, mut suffixes, mut plans) = (Strings::new(), Strings::new(), Vec::new());
    for part in parts {
        let (ends, plan) = part.open();
        prefixes.extend(ends.prefixes);
        suffixes.extend(ends.suffixes);
        plans.push(plan);
    }
    let ends = Ends { prefixes: shorten(&prefixes, head), suffixes: shorten(&suffixes, tail) };
    Known::Open(ends, Plan::any_of(plans))
}

/// The strings of all parts, if all are known and they are few.
fn all_exact(parts: &[Known]) -> Option<Strings> {
    let sets: Option<Vec<&Strings>> =
        parts.iter().map(|part| if let Known::Exact(strings) = part { Some(strings) } else { None }).collect();
    let sets = sets.filter(|sets| sets.iter().map(|set| set.len()).sum::<usize>() <= EXACT_MAX)?;
    Some(sets.into_iter().flatten().cloned().collect())
}

/// Where the list would be too long, the side with the longer strings keeps only its ends, so that the other still extends them.
fn exact_then_exact(left: Strings, right: Strings) -> Known {
    if left.len() * right.len() <= CROSS_MAX {
        return Known::Exact(cross(&left, &right)).within_bounds();
    }
    let longest = |set: &Strings| set.iter().map(Vec::len).max().unwrap_or(0);
    let keep_right = longest(&left) >= longest(&right);
    let (ends, plan) = if keep_right { Known::Exact(left.clone()).open() } else { Known::Exact(right.clone()).open() };
    if keep_right {
        Known::Open(ends, plan).then(Known::Exact(right))
    } else {
        Known::Exact(left).then(Known::Open(ends, plan))
    }
}

/// The beginnings of exact strings before an open part, and what the strings demand.
fn extended_prefixes(exact: &Strings, prefixes: &Strings) -> (Strings, Plan) {
    let room = CROSS_MAX / exact.len().max(1);
    let all = cross(exact, &shorten_to(prefixes, head, END_BYTES, room));
    (shorten(&all, head), strings_plan(&all))
}

/// The ends of an open part behind which exact strings stand, and what the strings demand.
fn extended_suffixes(suffixes: &Strings, exact: &Strings) -> (Strings, Plan) {
    let room = CROSS_MAX / exact.len().max(1);
    let all = cross(&shorten_to(suffixes, tail, END_BYTES, room), exact);
    (shorten(&all, tail), strings_plan(&all))
}

/// What must be there where two open parts meet.
fn boundary_plan(suffixes: &Strings, prefixes: &Strings) -> Plan {
    let prefixes = shorten_to(prefixes, head, END_BYTES, CROSS_MAX / suffixes.len().max(1));
    strings_plan(&cross(suffixes, &prefixes))
}

fn cross(left: &Strings, right: &Strings) -> Strings {
    left.iter().flat_map(|start| right.iter().map(move |end| [&start[..], end].concat())).collect()
}

/// The first bytes of a string.
fn head(string: &[u8], bytes: usize) -> &[u8] {
    &string[..bytes.min(string.len())]
}

/// The last bytes of a string.
fn tail(string: &[u8], bytes: usize) -> &[u8] {
    &string[string.len() - bytes.min(string.len())..]
}

fn shorten(strings: &Strings, cut: fn(&[u8], usize) -> &[u8]) -> Strings {
    shorten_to(strings, cut, END_BYTES, ENDS_MAX)
}

/// Beginnings or ends of the strings, as long as leaves at most so many. The empty string stands for anything, alone.
fn shorten_to(strings: &Strings, cut: fn(&[u8], usize) -> &[u8], bytes_max: usize, count_max: usize) -> Strings {
    for bytes in (1..=bytes_max).rev() {
        let short: Strings = strings.iter().map(|string| cut(string, bytes).to_vec()).collect();
        if short.contains(&[][..]) {
            return any_string();
        }
        if short.len() <= count_max {
            return short;
        }
    }
    any_string()
}

fn any_string() -> Strings {
    Strings::from([Vec::new()])
}

/// What a text demands of which one of the strings is part.
///
/// The precise answer, the trigrams of any one string, asks for the same ones again and again where the strings vary at many places
/// (ignored case). Then the question is put place by place: of the trigrams the strings have at a place one must be there.
fn strings_plan(strings: &Strings) -> Plan {
    let each: Vec<Vec<u32>> = strings.iter().map(|string| trigrams(string)).collect();
    if each.iter().any(Vec::is_empty) {
        return Plan::All;
    }
    let (precise, by_place) = (precise_plan(&each), place_plan(&each));
    if precise.trigram_count() <= 2 * by_place.trigram_count() { precise } else { by_place }
}

fn precise_plan(each: &[Vec<u32>]) -> Plan {
    let Some(first) = each.first() else { return Plan::never() };
    let common: Vec<u32> = first.iter().copied().filter(|t| each.iter().all(|string| string.contains(t))).collect();
    let conjunction = |trigrams: &[u32]| Plan::all_of(trigrams.iter().copied().map(Plan::Trigram));
    let rest = each.iter().map(|string| {
        let own: Vec<u32> = string.iter().copied().filter(|t| !common.contains(t)).collect();
        conjunction(&own)
    });
    conjunction(&common).and(Plan::any_of(rest))
}

fn place_plan(each: &[Vec<u32>]) -> Plan {
    let places = each.iter().map(Vec::len).min().unwrap_or(0);
    Plan::all_of((0..places).map(|place| {
        let choices: BTreeSet<u32> = each.iter().map(|string| string[place]).collect();
        Plan::any_of(choices.into_iter().map(Plan::Trigram))
    }))
}

/// The first trigrams of a string, in order.
fn trigrams(string: &[u8]) -> Vec<u32> {
    let numbers = string.windows(3).map(|w| u32::from(w[0]) << 16 | u32::from(w[1]) << 8 | u32::from(w[2]));
    numbers.take(STRING_TRIGRAMS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let pattern = Pattern { text: text.into(), ..Pattern::default() };
        expected.assert_eq(&Plan::new(&pattern).unwrap().to_string());
    }

    #[test]
    fn literals_and_what_stands_between() {
        check("hello", expect!["(ell & hel & llo)"]);
        check("foo.*bar", expect!["(bar & foo)"]);
        check(
            "abc[0-9]def",
            expect![
                "(abc & def & ((0de & bc0 & c0d) | (1de & bc1 & c1d) | (2de & bc2 & c2d) | (3de & bc3 & c3d) | (4de & bc4 & c4d) | (5de & bc5 & c5d) | (6de & bc6 & c6d) | (7de & bc7 & c7d) | (8de & bc8 & c8d) | (9de & bc9 & c9d)))"
            ],
        );
        check(r"fn \w+\(self", expect!["((se & elf & fn  & sel)"]);
        check("(foo|bar)baz", expect!["(baz & ((arb & bar & rba) | (foo & oba & oob)))"]);
        check("(foo)?bar", expect!["bar"]);
        check(r"\bword\b", expect!["(ord & wor)"]);
        check("a.bcd", expect!["bcd"]);
    }

    #[test]
    fn repeats() {
        check("x{0,3}abc", expect!["abc"]);
        check("(abc)+d", expect!["(abc & bcd)"]);
        check("a{3}", expect!["aaa"]);
        check("[ab]c+[de]f", expect!["(cdf | cef)"]);
        check("(ab){2,}c", expect!["(aba & abc & bab)"]);
        check("(ab){9}c", expect!["(aba & abc & bab)"]);
    }

    #[test]
    fn case_folding_is_unicodes() {
        check("(?i)kg", expect!["*"]);
        check("(?i)abc", expect!["(ABC | ABc | AbC | Abc | aBC | aBc | abC | abc)"]);
        check(
            "(?i)straße",
            expect![[
                r#"((STR | STr | StR | Str | sTR | sTr | stR | str | \xc5\xbfT | \xc5\xbft) & (TRA | TRa | TrA | Tra | tRA | tRa | trA | tra | \xbfTR | \xbfTr | \xbftR | \xbftr) & (\xba\x9eE | \xba\x9ee | \xc3\x9fE | \xc3\x9fe) & ((A\xc3\x9f & RA\xc3) | (A\xc3\x9f & rA\xc3) | (A\xe1\xba & RA\xe1 & \xe1\xba\x9e) | (A\xe1\xba & rA\xe1 & \xe1\xba\x9e) | (Ra\xc3 & a\xc3\x9f) | (Ra\xe1 & a\xe1\xba & \xe1\xba\x9e) | (a\xc3\x9f & ra\xc3) | (a\xe1\xba & ra\xe1 & \xe1\xba\x9e)))"#
            ]],
        );
        check(
            "(?i)fooba",
            expect![
                "((FOO | FOo | FoO | Foo | fOO | fOo | foO | foo) & (OBA | OBa | ObA | Oba | oBA | oBa | obA | oba) & (OOB | OOb | OoB | Oob | oOB | oOb | ooB | oob))"
            ],
        );
    }

    #[test]
    fn many_words() {
        check(
            "alpha|beta|gamma|delta",
            expect!["((alp & lph & pha) | (amm & gam & mma) | (bet & eta) | (del & elt & lta))"],
        );
        check(
            "[abc][def][ghi]",
            expect![
                "(adg | adh | adi | aeg | aeh | aei | afg | afh | afi | bdg | bdh | bdi | beg | beh | bei | bfg | bfh | bfi | cdg | cdh | cdi | ceg | ceh | cei | cfg | cfh | cfi)"
            ],
        );
    }

    #[test]
    fn nothing_to_go_by() {
        for text in ["", ".*", "ab", "a|", "^$", "(?i)k", r"[^\x00-\x7f]", r"(?-u:\xff)", r"\w+", "abc|x"] {
            check(text, expect!["*"]);
        }
    }

    #[test]
    fn what_cannot_match_has_no_candidates() {
        check("[a&&b]", expect!["!"]);
        check("foo[a&&b]", expect!["!"]);
    }

    #[test]
    fn plans_are_bounded() {
        let words = (0..3000).map(|i| format!("word{i:04}")).collect::<Vec<_>>().join("|");
        let folded = format!("(?i){}", "sk".repeat(3000));
        let nested = format!("{}abc{}", "(".repeat(60), "x{7}y){3}".repeat(60));
        for text in [words, folded, nested] {
            let plan = Plan::new(&Pattern { text, ..Pattern::default() }).unwrap();
            assert!(plan.trigram_count() <= PLAN_TRIGRAMS_MAX);
        }
    }
}
