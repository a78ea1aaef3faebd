//! `vigie forget`: removes all that is known of a project.

use vigie_proto::Forget;

use super::args::ForgetArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use vigie::human::{bytes, escape};
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &ForgetArgs) -> Result<Exit, CliError> {
    let target = context.target(Some(&context.path_or_cwd(args.path.as_deref())));
    let forgotten = context.client.ask(&Forget { target, ..Forget::default() })?;
    let line = if context.global.json {
        records::forgotten(&forgotten).finish()
    } else {
        format!("{}: forgotten, its index of {} removed", escape(&forgotten.root.0), bytes(forgotten.store_bytes))
    };
    let _still = context.out.line(line);
    Ok(Exit::Done)
}
