//! Parse tables in which nothing is searched.
//!
//! A grammar comes with two tables. The states with the most symbols have a row each, with a place for every symbol of the grammar; the
//! others have lists, to keep compiled grammars small (`parse_table` and `small_parse_table` of `TSLanguage`, in tree-sitter's
//! `parser.h`). Go has rows for 29 of its 1,442 states, and a tenth of all parsing was a search through lists. Here every state has a
//! row, where that is not too much.
//!
//! A file without errors has the same tree with either. Where tree-sitter guesses what an error could have been, it tries what a state
//! knows in the order of its table. So whether a grammar has rows depends on nothing but the grammar, and counts as a part of its version.

#![allow(unsafe_code, reason = "a grammar is a structure of C")]

use std::ffi::c_void;
use std::mem::{MaybeUninit, offset_of};
use std::ptr::NonNull;
use std::slice;

use tree_sitter::Language;

/// Most that the rows of a grammar may take, in bytes. To make them takes half a millisecond for each MiB.
const ROWS_BYTES_MAX: usize = 10 << 20;

/// The version of the structure below, and the last before it, which ends before its name.
const ABI: usize = 15;
const ABI_WITHOUT_NAME: usize = 14;

/// `TSLanguage`, of tree-sitter's `parser.h`.
#[repr(C)]
struct TsLanguage {
    abi_version: u32,
    symbol_count: u32,
    alias_count: u32,
    token_count: u32,
    external_token_count: u32,
    state_count: u32,
    large_state_count: u32,
    production_id_count: u32,
    field_count: u32,
    max_alias_sequence_length: u16,
    parse_table: *const u16,
    small_parse_table: *const u16,
    small_parse_table_map: *const u32,
    parse_actions: *const c_void,
    symbol_names: *const c_void,
    field_names: *const c_void,
    field_map_slices: *const c_void,
    field_map_entries: *const c_void,
    symbol_metadata: *const c_void,
    public_symbol_map: *const c_void,
    alias_map: *const c_void,
    alias_sequences: *const c_void,
    lex_modes: *const c_void,
    lex_fn: *const c_void,
    keyword_lex_fn: *const c_void,
    keyword_capture_token: u16,
    external_scanner: [*const c_void; 7],
    primary_state_ids: *const c_void,
    name: *const c_void,
    reserved_words: *const c_void,
    max_reserved_word_set_size: u16,
    supertype_count: u32,
    supertype_symbols: *const c_void,
    supertype_map_slices: *const c_void,
    supertype_map_entries: *const c_void,
    metadata: [u8; 3],
}

/// A grammar, and the rows that were made for it.
pub(super) struct Grammar {
    pub(super) language: Language,
    rows: Option<Rows>,
}

/// What a language with rows points to.
struct Rows {
    /// Given to C, so nobody else refers to it.
    language: NonNull<TsLanguage>,
    table: Vec<u16>,
}

impl Grammar {
    /// One with rows, or as it came if they would be too much.
    pub(super) fn new(plain: Language) -> Grammar {
        if !has_rows(&plain) {
            return Grammar { language: plain, rows: None };
        }
        let rows = Rows::of(&plain);
        // SAFETY: a whole `TSLanguage` of the version it says, which lives as long as `rows`, and so as long as this.
        let language = unsafe { Language::from_raw(rows.language.as_ptr().cast_const().cast()) };
        Grammar { language, rows: Some(rows) }
    }

    /// What its rows take.
    pub(super) fn rows_bytes(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| size_of_val(rows.table.as_slice()))
    }
}

/// Whether a grammar is given rows.
fn has_rows(plain: &Language) -> bool {
    let places = plain.parse_state_count().checked_mul(plain.node_kind_count());
    let bytes = places.and_then(|places| places.checked_mul(size_of::<u16>()));
    (ABI_WITHOUT_NAME..=ABI).contains(&plain.abi_version()) && bytes.is_some_and(|bytes| bytes <= ROWS_BYTES_MAX)
}

impl Rows {
    fn of(plain: &Language) -> Rows {
        let known_bytes =
            if plain.abi_version() == ABI { size_of::<TsLanguage>() } else { offset_of!(TsLanguage, name) };
        let mut copy = Box::new(MaybeUninit::<TsLanguage>::zeroed());
        // SAFETY: a grammar of this version has as many bytes, and lives for ever. Zeroes are a valid value of each field.
        let mut copy = unsafe {
            let given = plain.clone().into_raw().cast::<u8>();
            copy.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(given, known_bytes);
            copy.assume_init()
        };
        // SAFETY: its tables are as it says, as tree-sitter takes it too.
        let table = unsafe { copy.rows() };
        copy.parse_table = table.as_ptr();
        copy.large_state_count = copy.state_count;
        Rows { language: NonNull::from(Box::leak(copy)), table }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // SAFETY: it comes from a box that was leaked, and no parser and no tree of its language is kept.
        drop(unsafe { Box::from_raw(self.language.as_ptr()) });
    }
}

impl TsLanguage {
    /// A row for each state: what the state does at each symbol, or 0.
    ///
    /// # Safety
    ///
    /// The tables must be those of a grammar that tree-sitter has generated, with the counts that stand here.
    unsafe fn rows(&self) -> Vec<u16> {
        let symbols = self.symbol_count as usize;
        let mut rows = vec![0; self.state_count as usize * symbols];
        let (large, small) = rows.split_at_mut(self.large_state_count as usize * symbols);
        // SAFETY: as many rows as the grammar says; every list begins where its map says, and says itself how long it is.
        unsafe {
            large.copy_from_slice(slice::from_raw_parts(self.parse_table, large.len()));
            for (state, row) in small.chunks_exact_mut(symbols).enumerate() {
                let mut list = self.small_parse_table.add(*self.small_parse_table_map.add(state) as usize);
                for _group in 0..take(&mut list) {
                    let (value, symbols) = (take(&mut list), take(&mut list));
                    for _symbol in 0..symbols {
                        row[usize::from(take(&mut list))] = value;
                    }
                }
            }
        }
        rows
    }
}

/// The next number of a list.
///
/// # Safety
///
/// The list must not be at its end.
unsafe fn take(list: &mut *const u16) -> u16 {
    // SAFETY: the list goes on here, and one past it is in or at the end of the same table.
    unsafe {
        let value = list.read();
        *list = list.add(1);
        value
    }
}

#[cfg(test)]
mod tests {
    use tree_sitter::Parser;

    use super::*;
    use crate::extract::{ROWS_KEPT_BYTES_MAX, extract, languages, prepare};
    use crate::kinds::Language as Of;

    fn grammars() -> impl Iterator<Item = (Of, Language, Grammar)> {
        Of::ALL.iter().map(|&of| {
            let plain = (languages::table(of).grammar)();
            (of, plain.clone(), Grammar::new(plain))
        })
    }

    #[test]
    fn rows_say_what_the_lists_say() {
        let mut with_rows = 0;
        for (of, plain, Grammar { language, rows }) in grammars() {
            with_rows += usize::from(rows.is_some());
            for state in 0..plain.parse_state_count() as u16 {
                let symbols = |of: &Language| {
                    let mut symbols: Vec<u16> = of.lookahead_iterator(state).into_iter().flatten().collect();
                    symbols.sort_unstable();
                    symbols
                };
                let known = symbols(&plain);
                assert_eq!(symbols(&language), known, "{} in state {state}", of.name());
                for symbol in known {
                    let next = [&plain, &language].map(|of| of.next_state(state, symbol));
                    assert_eq!(next[0], next[1], "{} in state {state} at {symbol}", of.name());
                }
            }
        }
        assert!(with_rows >= 15, "only {with_rows} grammars have rows");
    }

    #[test]
    fn trees_are_the_same_with_rows() {
        let sources: &[(Of, &str)] = &[
            (
                Of::Go,
                "package a\nfunc (r *R) f(x int) (y T, err error) { if x := g(); x { return h[x](1), nil } }\nfunc ((",
            ),
            (
                Of::Python,
                "@a\nclass B(C):\n    async def f(self, *x): return [y for y in x if y] and f\"{x!r}\"\n  def (",
            ),
            (Of::C, "#define A(x) x\nstatic int *f(struct s *p) { for (;;) p->a[1] += A(2); }\nint g( {"),
            (
                Of::Rust,
                "impl<T: A> B for C<T> where T: D { fn f(&self) -> impl E { match x { Some(y) => y?, _ => z!() } } }\nfn (",
            ),
            (Of::Java, "class A<T> extends B { @C int f(D... d) throws E { return x -> y.<F>z(); } } class {"),
            (Of::Tsx, "export const A = <T,>({ b }: C<T>) => <D e={f?.g!}>{h}</D>; interface {"),
        ];
        for &(of, source) in sources {
            let plain = (languages::table(of).grammar)();
            let Grammar { language, rows } = &Grammar::new(plain.clone());
            assert!(rows.is_some(), "{} has no rows", of.name());
            let trees = [&plain, language].map(|language| {
                let mut parser = Parser::new();
                parser.set_language(language).expect("a version that tree-sitter knows");
                parser.parse(source, None).expect("no limit").root_node().to_sexp()
            });
            assert_eq!(trees[0], trees[1], "{}", of.name());
            assert!(
                trees[0].contains("ERROR") || trees[0].contains("MISSING"),
                "{} has no errors: {}",
                of.name(),
                trees[0]
            );
        }
    }

    #[test]
    fn what_a_thread_keeps_is_bounded() {
        let first = extract(Of::Go, b"package a\nfunc f() {}\n").pack();
        let kept: Vec<usize> = Of::ALL.iter().map(|&of| prepare(of)).collect();
        assert!(kept.iter().all(|kept| *kept <= ROWS_KEPT_BYTES_MAX), "{kept:?}");
        // Some were dropped meanwhile.
        assert!(kept.windows(2).any(|pair| pair[1] < pair[0]), "{kept:?}");
        assert_eq!(extract(Of::Go, b"package a\nfunc f() {}\n").pack(), first);
    }
}
