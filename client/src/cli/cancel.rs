//! `vigie cancel`: ends a job for everybody.

use vigie_proto::{CancelJob, JobState};

use super::args::CancelArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use vigie::records;

pub(crate) fn run(context: &mut Context, args: &CancelArgs) -> Result<Exit, CliError> {
    let ack = context.client.ask(&CancelJob { job: args.job, ..CancelJob::default() })?;
    let line = if context.global.json {
        records::cancel_ack(&ack).finish()
    } else if ack.state == JobState::CANCELLING {
        format!("job {} is being cancelled", ack.job)
    } else {
        format!("job {} had ended already: {}", ack.job, ack.state)
    };
    // The cancel holds whether or not somebody reads this.
    let _still = context.out.line(line);
    Ok(Exit::Done)
}
