//! What the index holds of one project, file by file: a list that is still coming while it is read, with a filter.

use vigie::human::escape;
use vigie_proto::{Bytes, CoverageRow, Disposition, QuerySummary};

/// The list. What is not simply indexed comes first, and each part by path.
#[derive(Debug)]
pub(crate) struct Coverage {
    /// Tells it from one that was asked for before.
    pub(crate) number: u64,
    /// Root of the project.
    pub(crate) root: Bytes,
    /// How many files have which disposition, among those that came.
    pub(crate) counts: Vec<(Disposition, u64)>,
    /// Its end, or why it did not come to one.
    pub(crate) end: Option<Result<Box<QuerySummary>, String>>,
    /// What the files shown have in path, language, disposition or reason.
    pub(crate) filter: String,
    /// The filter is being typed.
    pub(crate) typing: bool,
    rows: Vec<CoverageRow>,
    apart: Vec<usize>,
    plain: Vec<usize>,
    selected: usize,
}

impl Coverage {
    /// Nothing has come yet.
    pub(crate) fn new(number: u64, root: Bytes) -> Coverage {
        Coverage {
            number,
            root,
            counts: Vec::new(),
            end: None,
            filter: String::new(),
            typing: false,
            rows: Vec::new(),
            apart: Vec::new(),
            plain: Vec::new(),
            selected: 0,
        }
    }

    /// Some more files.
    pub(crate) fn take(&mut self, rows: Vec<CoverageRow>) {
        for row in rows {
            match self.counts.iter_mut().find(|(disposition, _)| *disposition == row.disposition) {
                Some((_, count)) => *count += 1,
                None => self.counts.push((row.disposition, 1)),
            }
            self.rows.push(row);
            self.show(self.rows.len() - 1, &self.filter.to_lowercase());
        }
        self.counts.sort_by_key(|(disposition, _)| *disposition);
    }

    /// No more files.
    pub(crate) fn end(&mut self, end: Result<Box<QuerySummary>, String>) {
        self.end = Some(end);
    }

    /// Shows only what has these letters.
    pub(crate) fn set_filter(&mut self, filter: String) {
        self.filter = filter;
        (self.apart, self.plain, self.selected) = (Vec::new(), Vec::new(), 0);
        let wanted = self.filter.to_lowercase();
        for at in 0..self.rows.len() {
            self.show(at, &wanted);
        }
    }

    /// Puts a file into the part where it belongs, if it is wanted.
    fn show(&mut self, at: usize, wanted: &str) {
        let row = &self.rows[at];
        if wanted.is_empty() || has(row, wanted) {
            let is_plain = row.disposition == Disposition::INDEXED && row.reason.is_empty();
            if is_plain { &mut self.plain } else { &mut self.apart }.push(at);
        }
    }

    /// Files that came.
    pub(crate) fn files(&self) -> usize {
        self.rows.len()
    }

    /// Files shown.
    pub(crate) fn len(&self) -> usize {
        self.apart.len() + self.plain.len()
    }

    /// One of them.
    pub(crate) fn get(&self, at: usize) -> Option<&CoverageRow> {
        let at = self.apart.get(at).or_else(|| self.plain.get(at.checked_sub(self.apart.len())?))?;
        self.rows.get(*at)
    }

    /// The selected one.
    pub(crate) fn selected(&self) -> usize {
        self.selected.min(self.len().saturating_sub(1))
    }

    /// Selects another.
    pub(crate) fn select(&mut self, at: usize) {
        self.selected = at.min(self.len().saturating_sub(1));
    }
}

fn has(row: &CoverageRow, wanted: &str) -> bool {
    row.disposition.name().contains(wanted)
        || [row.reason.as_bytes(), row.language.as_bytes(), &row.path.0]
            .iter()
            .any(|text| escape(text).to_lowercase().contains(wanted))
}
