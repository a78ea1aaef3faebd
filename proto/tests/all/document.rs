//! PROTOCOL.md says what the code does: every message, field, type, number and worked byte of it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use vigie_proto::preface::Preface;
use vigie_proto::*;

use crate::golden::meaning::Meaning;
use crate::golden::{Visitor, values};

const DOCUMENT: &str = include_str!("../../PROTOCOL.md");

/// The text under a heading, up to the next one.
fn section(heading: &str) -> &'static str {
    let at = DOCUMENT.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no heading \"{heading}\""));
    let text = &DOCUMENT[at + heading.len() + 2..];
    let end = text.find("\n##").unwrap_or(text.len());
    &text[..end]
}

/// The cells of a table's rows, without its head.
fn table(section: &'static str) -> Vec<Vec<&'static str>> {
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect()).collect()
}

/// The bytes of the lines that begin with a mark: two hex digits each, up to the first word that is none.
fn hex(text: &str, mark: &str) -> Vec<u8> {
    let byte = |word: &str| (word.len() == 2).then(|| u8::from_str_radix(word, 16).ok()).flatten();
    let lines = text.lines().filter_map(|line| line.strip_prefix(mark));
    lines.flat_map(|line| line.split_whitespace().map_while(byte)).collect()
}

/// The first block of code after some words.
fn block_after(words: &str) -> &'static str {
    let at = DOCUMENT.find(words).unwrap_or_else(|| panic!("no \"{words}\""));
    DOCUMENT[at..].split("```").nth(1).unwrap().trim_start_matches("text")
}

#[test]
fn every_kind_has_one_heading() {
    let numbered = |line: &&str| line.strip_prefix("### ").is_some_and(|rest| rest.starts_with(char::is_numeric));
    let headings: Vec<&str> = DOCUMENT.lines().filter(numbered).collect();
    let kinds: Vec<String> = Kind::ALL.iter().map(|(kind, name, _)| format!("### {} {name}", kind.0)).collect();
    assert_eq!(headings, kinds);
}

#[derive(Default)]
struct Structs(BTreeMap<&'static str, Vec<(&'static str, String)>>);

impl Visitor for Structs {
    fn visit<T: Message + Debug + PartialEq>(&mut self, _: u64, _: bool, value: T) {
        let said = section(&format!("### {} {}", T::KIND.0, T::NAME));
        let sender = match T::SENDER {
            kind::Sender::Client => "From the client",
            kind::Sender::Daemon => "From the daemon",
        };
        let ignorable = if T::FLAGS & frame::FLAG_IGNORABLE != 0 { ", IGNORABLE" } else { "" };
        assert!(said.contains(&format!("*{sender}{ignorable}.*")), "{}: sender or flag is wrong", T::NAME);
        self.0.extend(Meaning::of(&value).structs);
    }
}

#[test]
fn every_struct_has_its_table_of_fields() {
    let mut structs = Structs::default();
    values::each(&mut structs);
    for (name, fields) in structs.0 {
        let kind = Kind::ALL.iter().find(|(_, message, _)| *message == name);
        let heading = kind.map_or(format!("### {name}"), |(kind, ..)| format!("### {} {name}", kind.0));
        let rows = table(section(&heading));
        let said: Vec<(&str, String)> = rows.iter().map(|row| (row[0], row[1].to_owned())).collect();
        assert_eq!(said, fields, "{heading}");
    }
}

fn check_numbers(name: &str, all: &[(u16, &str)]) {
    let rows = table(section(&format!("### {name}")));
    let said: Vec<(u16, &str)> = rows.iter().map(|row| (row[0].parse().unwrap(), row[1])).collect();
    assert_eq!(said, all, "### {name}");
}

macro_rules! check_named_numbers {
    ($($name:ident),* $(,)?) => {
        $(check_numbers(stringify!($name), &$name::ALL.iter().map(|(number, name)| (number.0, *name)).collect::<Vec<_>>());)*
    };
}

#[test]
fn every_named_number_is_listed() {
    check_named_numbers!(
        ErrorCode,
        JobKind,
        JobState,
        Limit,
        EventType,
        Stage,
        ProjectEventType,
        ProjectState,
        MatchCount,
        SymbolMode,
        SymbolKind,
        Reason,
        Form,
        Confidence,
        Role,
        Direction,
        ChangeKind,
        OldState,
        MatchMode,
        Disposition,
        StructureState,
        Freshness,
        MetricKind,
        CheckState,
    );
    use {job_flag as job, reference_flag as reference, row_flag as row, text_flag as text};
    check_numbers(
        "job_flag",
        &[(job::FORCE, "force"), (job::DETACH, "detach"), (job::OWN, "own"), (job::FILES, "files")],
    );
    check_numbers(
        "text_flag",
        &[
            (text::FIXED, "fixed"),
            (text::IGNORE_CASE, "ignore case"),
            (text::SMART_CASE, "smart case"),
            (text::WORD, "word"),
            (text::LINE, "line"),
            (text::EVERY_MATCH, "every match"),
        ],
    );
    check_numbers(
        "reference_flag",
        &[(reference::DEFINITIONS, "definitions"), (reference::TEXT, "text"), (reference::CERTAIN, "certain")],
    );
    check_numbers(
        "row_flag",
        &[
            (row::CHANGED, "changed"),
            (row::STALE, "stale"),
            (row::TRUNCATED, "truncated"),
            (row::DECLARATION, "declaration"),
            (row::CONTEXT, "context"),
            (row::GONE, "gone"),
        ],
    );
}

#[test]
fn the_tag_of_calls_is_told() {
    assert!(section("### 82 CallQuery").contains(&format!("Tag {} in `ext`", call_tag::CERTAIN)));
}

#[test]
fn every_capability_is_listed() {
    let said: Vec<&str> = table(section("## Greeting")).iter().map(|row| row[0]).collect();
    assert_eq!(said, capability::ALL);
}

#[test]
fn the_limits_are_the_codes() {
    let limits = section("## Frames");
    assert!(limits.contains("1,048,576 bytes") && CLIENT_BODY_BYTES_MAX == 1_048_576);
    assert!(limits.contains("4,194,304 bytes") && SERVER_BODY_BYTES_MAX == 4_194_304);
    assert!(limits.contains("65,536 bytes") && PAGE_FRAME_BYTES == 65_536);
}

#[test]
fn the_worked_prefaces_are_right() {
    let expected = [Preface::OURS.encode().to_vec(), Preface::refusal("No")].concat();
    assert_eq!(hex(block_after("not talking to Vigie and closes"), ""), expected);
}

#[test]
fn the_worked_body_is_right() {
    let hello = Hello {
        client: "me".into(),
        version: "1".into(),
        required: vec!["text".into()],
        ext: Ext(vec![(7, Bytes(vec![0xff, 0]))]),
    };
    assert_eq!(hex(block_after("A worked body"), ""), encode(&hello).unwrap());
}

#[test]
fn the_worked_session_is_right() {
    let session = section("## A session in full");
    let hello = Hello { client: "me".into(), ..Hello::default() };
    let ping = Ping { token: 42, ..Ping::default() };
    let client = [
        Preface::OURS.encode().to_vec(),
        frame_bytes(1, false, &hello).unwrap(),
        frame_bytes(2, false, &ping).unwrap(),
    ];
    assert_eq!(hex(session, "> "), client.concat());
    let welcome = Welcome {
        version: "0.1.0".into(),
        protocol: 1,
        epoch: 9,
        pid: 1234,
        capabilities: vec!["text".into()],
        body_bytes_max: CLIENT_BODY_BYTES_MAX,
        requests_max: 64,
        ext: Ext::default(),
    };
    let pong = Pong { token: 42, ..Pong::default() };
    let daemon = [
        Preface::OURS.encode().to_vec(),
        frame_bytes(1, true, &welcome).unwrap(),
        frame_bytes(2, true, &pong).unwrap(),
    ];
    assert_eq!(hex(session, "< "), daemon.concat());
}
