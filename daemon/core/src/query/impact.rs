//! What depends on something: the definitions that use or override it, those that use them, and so on, each once and at its smallest
//! distance. A walk goes on only from what is certain; what only may depend is shown as such one step away, behind what does, is counted
//! farther away, and is not followed.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::rc::Rc;

use crate::facts::{DefinitionId, Position};
use crate::kinds::{Confidence, Role, SymbolKind};
use crate::resolve::{FileFacts, Resolver, Symbol, World};
use crate::settings::Settings;
use crate::source::SourceRoot;
use crate::store::{FileId, ProjectStore, StoreError};

use super::cursor::Cursor;
use super::filter::Filter;
use super::levels::{DEPTH_MAX, Front};
use super::nothing;
use super::overrides::Overridden;
use super::page::{Course, PageBudget, ROW_BYTES};
use super::rows::{brief, since};
use super::search::is_generated;
use super::subjects::Subjects;
use super::target::{Spot, spot_of};
use super::users::{Used, User, is_certain, is_test};
use super::{Options, Page, Query, QueryError, Report, Rows, Since, SymbolBrief, TargetRequest, in_world, open_root};

/// What depends on some things.
#[derive(Clone, Debug, Default)]
pub struct ImpactRequest {
    /// On what.
    pub targets: Vec<TargetRequest>,
    /// Qualified names of what is gone: whoever mentions them may depend on it.
    pub gone: Vec<String>,
    /// Steps between it and the farthest row; 0 = until nothing more is found.
    pub depth: u32,
    /// What only may depend on it is counted and not shown.
    pub only_certain: bool,
}

/// A definition that depends on something, or a file that does outside of any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpactRow {
    /// The definition; `None` = the uses stand outside of any.
    pub user: Option<SymbolBrief>,
    /// Its file, relative to the root.
    pub path: Vec<u8>,
    /// Where the first use in it stands.
    pub position: Position,
    /// What it does with what it depends on.
    pub roles: Vec<Role>,
    /// It is a member of a derived type that stands in for what it depends on.
    pub overrides: bool,
    /// How often.
    pub uses: u32,
    /// What it depends on, one step nearer to what was asked about; `None` = that is among more candidates than are named, or nothing
    /// says what is meant.
    pub on: Option<SymbolBrief>,
    /// By what the surest of its uses was found; `None` = nothing says what is meant.
    pub confidence: Option<Confidence>,
    /// It is part of a test.
    pub is_test: bool,
    /// Steps between it and what was asked about, from 1.
    pub depth: u32,
    /// What has become of the file since it was indexed.
    pub since: Since,
    /// The structure is of older content than the text.
    pub stale: bool,
}

impl ImpactRow {
    /// Whether it is certain that it depends on what was asked about.
    pub fn is_certain(&self) -> bool {
        is_certain(self.confidence)
    }
}

/// What depends on what is asked about: the nearest first, of these what is certain, of these what no program wrote, by path and place.
pub fn impact(store: &ProjectStore, request: ImpactRequest, options: Options) -> Result<Box<dyn Query>, QueryError> {
    let ImpactRequest { targets, gone, depth, only_certain } = request;
    if targets.is_empty() && gone.is_empty() {
        return Err(QueryError::Argument("nothing is asked about; give a name or FILE:LINE:COL".into()));
    }
    if depth > DEPTH_MAX {
        let sentence = format!("the depth {depth} is not between 1 and {DEPTH_MAX}, nor 0 for all");
        return Err(QueryError::Argument(sentence));
    }
    let root = open_root(store)?;
    Ok(Box::new(ImpactQuery {
        subjects: Subjects::new(store, targets, gone.len())?,
        gone,
        only_certain,
        filter: Filter::new(&options)?,
        after: Cursor::unpack(&options.cursor)?,
        course: Course::new(&options),
        settings: Settings::of(&root),
        root,
        depth_max: if depth == 0 { u32::MAX } else { depth },
        depth: 0,
        used: Used::default(),
        overridden: Overridden::default(),
        next: Front::default(),
        files: VecDeque::new(),
        doubtful: VecDeque::new(),
        seen: HashSet::new(),
        doubted: HashSet::new(),
        followed: HashSet::new(),
        rows: VecDeque::new(),
        tally: Tally::default(),
    }))
}

/// A walk under way.
struct ImpactQuery {
    subjects: Subjects,
    gone: Vec<String>,
    only_certain: bool,
    filter: Filter,
    after: Option<Cursor>,
    course: Course,
    root: SourceRoot,
    /// They say which files a program wrote.
    settings: Settings,
    depth_max: u32,
    /// Steps to the users that are being looked for.
    depth: u32,
    /// What they use.
    used: Used,
    /// Of what was asked about, what derived types may have a member of their own for. Nothing beyond the first step: of a dependent no
    /// more than its body is known to depend on something.
    overridden: Overridden,
    /// What the next step begins with.
    next: Front,
    /// Of this step, what was not looked at yet, by path.
    files: VecDeque<FileId>,
    /// Of this step, the files with users that are not certain, which come when all others were shown: a number each, since of a name
    /// that everything has these are nearly all.
    doubtful: VecDeque<FileId>,
    /// What was shown, by the file and the place of the definition, if there is one.
    seen: HashSet<(FileId, Option<Position>)>,
    /// What is not certain, and not to be shown.
    doubted: HashSet<(FileId, Option<Position>)>,
    /// What was asked about, and whatever the walk went on from.
    followed: HashSet<Spot>,
    /// Of the last file, what no page held.
    rows: VecDeque<(Cursor, ImpactRow)>,
    tally: Tally,
}

/// What was found, in numbers.
#[derive(Default)]
struct Tally {
    rows: u64,
    files: BTreeSet<Vec<u8>>,
    tests: u64,
    uncertain: u64,
    /// What is not certain, and not among the rows: of any distance, or else from two steps on.
    not_shown: u64,
    is_only_certain: bool,
}

impl Query for ImpactQuery {
    fn page(&mut self, store: &ProjectStore, page_bytes: usize) -> Result<Page, QueryError> {
        in_world(store, |world| self.page_in(world, page_bytes))
    }

    fn report(&self) -> Report {
        self.course.report()
    }

    fn cut(&mut self) -> bool {
        self.count_what_is_not_shown();
        self.course.note_if(self.tally.sentence());
        self.course.cut(self.after.as_ref());
        let files = self.files.len() + self.doubtful.len();
        let files = format!("{files} {}", if files == 1 { "file" } else { "files" });
        self.course.explain(format!(
            "the time was over {} away, with {files} of that distance still to look at: ask with a longer --deadline-ms, or a smaller \
             --depth",
            steps(self.depth)
        ));
        true
    }
}

impl ImpactQuery {
    fn page_in(&mut self, world: &World<'_>, page_bytes: usize) -> Result<Page, QueryError> {
        if self.course.begin_page(world.snapshot.generation()) {
            self.begin(world)?;
        }
        self.used.keep_up(world)?;
        self.overridden.keep_up(world)?;
        let mut budget = PageBudget::new(page_bytes);
        let (mut rows, mut done) = (Vec::new(), false);
        while !budget.is_over() {
            if let Some((key, row)) = self.rows.pop_front() {
                if !self.course.take_row(|| self.after.clone()) {
                    return Ok(Page { rows: Rows::Impact(rows), done: true });
                }
                budget.spend(bytes(&row));
                self.tally.count(&row);
                self.after = Some(key);
                rows.push(row);
            } else if let Some(file) = self.files.pop_front() {
                self.look_at(world, file, true)?;
            } else if let Some(file) = self.doubtful.pop_front() {
                self.look_at(world, file, false)?;
            } else if !self.step(world)? {
                done = true;
                break;
            }
        }
        if done {
            self.conclude(world)?;
        }
        Ok(Page { rows: Rows::Impact(rows), done })
    }

    fn begin(&mut self, world: &World<'_>) -> Result<(), QueryError> {
        let mut found = self.subjects.find(world)?;
        found.say(&mut self.course);
        let front = Front::of(world, found.definitions.iter().copied(), 1)?;
        self.overridden = Overridden::of(world, &found.definitions)?;
        for symbol in found.definitions {
            let spot = spot_of(world, symbol)?;
            self.seen.extend(spot.map(|spot| (spot.file, Some(spot.position))));
            self.followed.extend(spot);
        }
        let mut used = Used::new(world, front, &found.undefined)?;
        for name in &self.gone {
            used.add_gone(world, name)?;
        }
        self.enter(world, used)?;
        Ok(())
    }

    /// Goes on to the next step; `false` = there is none.
    fn step(&mut self, world: &World<'_>) -> Result<bool, QueryError> {
        if self.next.names.is_empty() || self.depth >= self.depth_max {
            return Ok(false);
        }
        self.overridden = Overridden::default();
        let front = std::mem::take(&mut self.next);
        self.enter(world, Used::new(world, front, &BTreeSet::new())?)?;
        Ok(true)
    }

    fn enter(&mut self, world: &World<'_>, used: Used) -> Result<(), StoreError> {
        self.depth += 1;
        let mut files = used.files();
        files.extend(self.overridden.files());
        let mut generated = VecDeque::new();
        self.files.clear();
        for file in self.filter.of_step(world, files, self.depth >= self.depth_max)? {
            let is_generated = world.row(file)?.is_some_and(|row| is_generated(&row.path, &self.settings));
            if is_generated { generated.push_back(file) } else { self.files.push_back(file) }
        }
        self.files.append(&mut generated);
        self.used = used;
        Ok(())
    }

    /// Finds the users that stand in a file: those that are certain, or the others.
    fn look_at(&mut self, world: &World<'_>, id: FileId, wants_certain: bool) -> Result<(), StoreError> {
        let Some(file) = world.file(id)? else { return Ok(()) };
        let mut all = usize::MAX;
        let mut users = self.used.users(world, &file, &mut all)?;
        self.overridden.add_users(world, &file, &mut users)?;
        if users.is_empty() {
            return Ok(());
        }
        let is_wanted = self.filter.admits(&file.row.path, file.row.language);
        let since = is_wanted.then(|| since(&self.root, &file));
        for user in users {
            let by = user.by.map(|id| Symbol { file: file.id(), id });
            let place = by.map(|by| spot_of(world, by)).transpose()?.flatten().map(|spot| spot.position);
            let is_certain = is_certain(user.confidence);
            if is_certain != wants_certain {
                if !wants_certain || self.seen.contains(&(id, place)) {
                    continue;
                }
                // From the second step on nearly everything may depend on something of a common name.
                if self.only_certain || self.depth > 1 {
                    if is_wanted {
                        self.doubted.insert((id, place));
                    }
                } else if self.doubtful.back() != Some(&id) {
                    self.doubtful.push_back(id);
                }
                continue;
            }
            let is_new = self.seen.insert((id, place));
            if is_certain && self.depth < self.depth_max {
                self.follow(world, &file, user.by)?;
            }
            let (line, column) = (user.position.line.into(), user.position.column);
            let path = file.row.path.clone();
            let is_generated = is_generated(&path, &self.settings);
            let score = self.depth * 4 + 2 * u32::from(!is_certain) + u32::from(is_generated);
            let key = Cursor { score, path, line, column, ..Cursor::default() };
            if let Some(since) = since
                && is_new
                && self.after.as_ref().is_none_or(|after| key > *after)
            {
                let row = self.row(world, &file, user, since)?;
                self.rows.push_back((key, row));
            }
        }
        Ok(())
    }

    /// Takes a user up into the next step, unless it was in an earlier one; of a block that adds to a type, the type.
    fn follow(&mut self, world: &World<'_>, file: &Rc<FileFacts>, by: Option<DefinitionId>) -> Result<(), StoreError> {
        let Some(id) = by else { return Ok(()) };
        let symbols = match file.definitions[id as usize].kind {
            SymbolKind::Impl => Resolver::new(world).owner_of(file, id)?,
            _ => vec![Symbol { file: file.id(), id }],
        };
        for symbol in symbols {
            let is_new = spot_of(world, symbol)?.is_some_and(|spot| self.followed.insert(spot));
            if is_new {
                self.next.add(world, symbol)?;
            }
        }
        Ok(())
    }

    fn row(&self, world: &World<'_>, file: &FileFacts, user: User, since: Since) -> Result<ImpactRow, StoreError> {
        let brief = |symbol: Option<Symbol>| symbol.map(|symbol| brief(world, symbol)).transpose();
        Ok(ImpactRow {
            user: brief(user.by.map(|id| Symbol { file: file.id(), id }))?.flatten(),
            path: file.row.path.clone(),
            position: user.position,
            roles: user.roles.into_iter().collect(),
            overrides: user.overrides,
            uses: user.count,
            on: brief(user.of)?.flatten(),
            confidence: user.confidence,
            is_test: is_test(world, file, user.by)?,
            depth: self.depth,
            since,
            stale: file.row.structure_stale(),
        })
    }

    fn count_what_is_not_shown(&mut self) {
        self.tally.not_shown = self.doubted.difference(&self.seen).count() as u64;
        self.tally.is_only_certain = self.only_certain;
    }

    /// Says what was found, or why nothing was.
    fn conclude(&mut self, world: &World<'_>) -> Result<(), QueryError> {
        self.count_what_is_not_shown();
        if self.course.lacks_reason() {
            let filters = self.filter.given();
            let found = self.subjects.find(world)?;
            let name = match found.definitions.as_slice() {
                [one] => world.name(*one)?.to_string(),
                _ => "what was asked about".to_owned(),
            };
            let not_shown = self.tally.not_shown;
            self.course.explain(match filters.is_empty() {
                true if not_shown > 0 => format!("nothing in the index depends on {name} for certain; {not_shown} may"),
                true => format!("nothing in the index depends on {name}"),
                false => nothing::left_nothing(&filters, &format!("what depends on {name}")),
            });
        }
        self.course.note_if(self.tally.sentence());
        Ok(())
    }
}

impl Tally {
    fn count(&mut self, row: &ImpactRow) {
        self.rows += 1;
        self.tests += u64::from(row.is_test);
        self.uncertain += u64::from(!row.is_certain());
        if !self.files.contains(&row.path) {
            self.files.insert(row.path.clone());
        }
    }

    /// `12 dependents in 5 files, 3 in tests; 2 uncertain, and not followed further; 7 more may depend on it from 2 steps on, and are not
    /// shown`
    fn sentence(&self) -> Option<String> {
        let counted = |count: u64, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
        let mut sentence = counted(self.rows, "dependent", "dependents");
        sentence += &format!(" in {}", counted(self.files.len() as u64, "file", "files"));
        if self.tests > 0 {
            sentence += &format!(", {} in tests", self.tests);
        }
        if self.uncertain > 0 {
            sentence += &format!("; {} uncertain, and not followed further", self.uncertain);
        }
        if self.not_shown > 0 {
            let how = if self.is_only_certain { "may depend on it" } else { "may depend on it from 2 steps on" };
            sentence += &format!("; {} more {how}, and are not shown", self.not_shown);
        }
        (self.rows > 0).then_some(sentence)
    }
}

/// `1 step`, `2 steps`
fn steps(count: u32) -> String {
    format!("{count} {}", if count == 1 { "step" } else { "steps" })
}

/// Bytes of a row on the wire, roughly.
fn bytes(row: &ImpactRow) -> usize {
    let of = |brief: &Option<SymbolBrief>| brief.as_ref().map_or(0, |b| 48 + b.qualified.len() + b.path.len());
    ROW_BYTES + row.path.len() + of(&row.user) + of(&row.on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_counted_in_a_sentence() {
        let said = |rows, files: &[&str], tests, uncertain| {
            let files = files.iter().map(|file| file.as_bytes().to_vec()).collect();
            Tally { rows, files, tests, uncertain, ..Tally::default() }.sentence().unwrap_or_default()
        };
        assert_eq!(said(0, &[], 0, 0), "");
        assert_eq!(said(1, &["a"], 0, 0), "1 dependent in 1 file");
        let all = "12 dependents in 2 files, 3 in tests; 1 uncertain, and not followed further";
        assert_eq!(said(12, &["a", "b"], 3, 1), all);
    }
}
