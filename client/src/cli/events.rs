//! `vigie events`: follows everything that happens, in one project or all, until Ctrl-C.

use vigie::EventStream;
use vigie_proto::Subscribe;

use super::args::EventsArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use super::follow;

pub(crate) fn run(context: &mut Context, args: &EventsArgs) -> Result<Exit, CliError> {
    let path = match &args.path {
        Some(path) => context.absolute(path),
        None => context.project(),
    };
    let stream = EventStream::subscribe(&context.options(), Subscribe { path, ..Subscribe::default() })?;
    follow::all(context, stream)
}
