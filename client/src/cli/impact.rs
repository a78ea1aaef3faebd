//! `vigie impact`: what depends on something, or on all that changed, directly or by steps.

use std::mem;

use vigie_proto::{Bytes, ImpactQuery, ImpactRow, ImpactRows, Role};

use super::args::{HeadingArgs, ImpactArgs};
use super::context::Context;
use super::difference;
use super::exit::{CliError, Exit};
use super::location::all_asked;
use super::places::{Place, Places};
use super::query::{self, Printer, Scope, Tier};
use super::symbols::marks;
use crate::ui::output::Reader;
use vigie::human::counted;
use vigie::records::{self, is_uncertain};

pub(crate) fn run(context: &mut Context, args: &ImpactArgs) -> Result<Exit, CliError> {
    context.out.begin_document();
    difference::check(&args.targets, None)?;
    let (targets, target) = all_asked(context, &args.targets.names)?;
    // No depth is any depth.
    let tier = Tier::of_steps(if args.depth == 0 { u32::MAX } else { args.depth });
    let scope = Scope::new(context, tier, &args.query, &[]).of(target);
    let asked = ImpactQuery { targets, depth: args.depth, certain: args.certain, ..ImpactQuery::default() };
    let Some(revision) = &args.targets.diff else {
        return ask(context, &scope, &ImpactQuery { kinds: args.targets.kind.clone(), ..asked }, args.heading);
    };
    let mut difference = difference::since(context, &scope, revision, &args.targets.kind)?;
    if difference.told.places.is_empty() && difference.told.removed.is_empty() {
        return Ok(difference.conclude(context, tier));
    }
    let (targets, gone) = (mem::take(&mut difference.told.places), mem::take(&mut difference.told.removed));
    let scope = scope.noting(mem::take(&mut difference.told.notes));
    let exit = ask(context, &scope, &ImpactQuery { targets, gone, ..asked }, args.heading)?;
    Ok(difference.ended(exit))
}

fn ask(context: &mut Context, scope: &Scope, asked: &ImpactQuery, heading: HeadingArgs) -> Result<Exit, CliError> {
    let question = |target, options| ImpactQuery { target, options, ..asked.clone() };
    if !heading.wanted(context.out.stdout_is_terminal()) {
        return query::run(context, scope, question, |printer, page| print_apart(printer, &page));
    }
    let mut last = Group::default();
    query::run(context, scope, question, |printer, page| print(printer, &page, &mut last))
}

/// Prints a page of dependents, `path:line:column: kind user calls what  [how]`.
fn print_apart(printer: &mut Printer<'_>, page: &ImpactRows) -> Reader {
    Places::new(false).print(printer, &page.rows, records::impact_row, place, |printer, row, _| what(printer, row))
}

fn place(row: &ImpactRow) -> Place<'_> {
    Place { path: &row.path, line: row.line, column: row.column }
}

fn what(printer: &Printer<'_>, row: &ImpactRow) -> Vec<u8> {
    let away = if row.depth > 1 { format!("  ({} away)", counted(row.depth.into(), "step")) } else { String::new() };
    let test = if row.test { "  (test)" } else { "" };
    [dependence(printer, row), away.into_bytes(), test.into()].concat()
}

/// What rows stand under.
#[derive(Debug, Default)]
struct Group {
    depth: u32,
    is_uncertain: bool,
    path: Bytes,
}

/// Prints a page of dependents by distance, certainty and file.
fn print(printer: &mut Printer<'_>, page: &ImpactRows, last: &mut Group) -> Reader {
    if printer.is_for_programs() {
        return printer.rows(&page.rows, records::impact_row, what);
    }
    for row in &page.rows {
        let mut lines = above(printer, row, last);
        lines.push(below(printer, row));
        *last = Group { depth: row.depth, is_uncertain: is_uncertain(row.confidence), path: row.path.clone() };
        for line in lines {
            if printer.out.line(line) == Reader::Gone {
                return Reader::Gone;
            }
        }
    }
    printer.out.flush()
}

/// The lines above a row that tell the distance and the file, where they are not those of the row before.
fn above(printer: &Printer<'_>, row: &ImpactRow, last: &Group) -> Vec<Vec<u8>> {
    let colors = printer.out.colors();
    let mut lines = Vec::new();
    let is_uncertain = is_uncertain(row.confidence);
    let is_other = row.depth != last.depth || is_uncertain != last.is_uncertain;
    if is_other {
        if last.depth > 0 {
            lines.push(Vec::new());
        }
        let (away, certain) = (counted(row.depth.into(), "step"), if is_uncertain { ", not certain" } else { "" });
        lines.push(format!("{}{away} away{certain}{}", colors.dim, colors.reset).into_bytes());
    }
    if is_other || row.path != last.path {
        let test = if row.test { format!("  {}test{}", colors.dim, colors.reset) } else { String::new() };
        lines.push([&printer.painted_path(&row.path), test.as_bytes()].concat());
    }
    lines
}

/// `    line: kind user calls what  [how]`
fn below(printer: &Printer<'_>, row: &ImpactRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let number = format!("  {}{:>5}{}: ", colors.number, row.line, colors.reset);
    [number.into_bytes(), dependence(printer, row)].concat()
}

/// `kind user calls what  [how]`
fn dependence(printer: &Printer<'_>, row: &ImpactRow) -> Vec<u8> {
    let colors = printer.out.colors();
    let user = match &row.user {
        Some(user) => {
            let kind = colors.paint(colors.word, format!("{} ", user.kind));
            [kind, colors.paint(colors.name, printer.text(&user.qualified))].concat()
        }
        None => b"(file)".to_vec(),
    };
    let on = row.on.as_ref().map_or_else(|| b"it".to_vec(), |on| printer.text(&on.qualified));
    let verbs = verbs(&row.roles, is_uncertain(row.confidence));
    let how = format!("  {}[{}]{}{}", colors.dim, row.confidence, colors.reset, marks(row.flags));
    [&user, format!(" {verbs} ").as_bytes(), &on, how.as_bytes()].concat()
}

/// What is done, or may be.
fn verbs(roles: &[Role], is_uncertain: bool) -> String {
    let verb = |role: &Role| match (*role, is_uncertain) {
        (Role::CALL, false) => "calls",
        (Role::CALL, true) => "call",
        (Role::INHERIT, false) => "inherits from",
        (Role::INHERIT, true) => "inherit from",
        (Role::TYPE, false) => "has the type",
        (Role::TYPE, true) => "have the type",
        (Role::READ, false) => "reads",
        (Role::READ, true) => "read",
        (Role::WRITE, false) => "writes",
        (Role::WRITE, true) => "write",
        (Role::IMPORT, false) => "imports",
        (Role::IMPORT, true) => "import",
        (Role::DECORATE, false) => "is decorated with",
        (Role::DECORATE, true) => "be decorated with",
        (Role::OVERRIDE, false) => "overrides",
        (Role::OVERRIDE, true) => "override",
        (_, false) => "uses",
        (_, true) => "use",
    };
    let verbs: Vec<&str> = roles.iter().map(verb).collect();
    let may = if is_uncertain { "may " } else { "" };
    format!("{may}{}", verbs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_certain_only_may_be() {
        assert_eq!(verbs(&[Role::CALL, Role::READ], false), "calls, reads");
        assert_eq!(verbs(&[Role::INHERIT], true), "may inherit from");
        assert_eq!(verbs(&[Role::CALL, Role::OVERRIDE], false), "calls, overrides");
        assert_eq!(verbs(&[Role(999)], false), "uses");
    }
}
