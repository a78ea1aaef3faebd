//! `vigie pause` and `vigie resume`: a job makes way for something else, and goes on where it was.

use vigie_proto::{JobState, PauseAck, PauseJob, ResumeJob};

use super::args::JobArgs;
use super::context::Context;
use super::exit::{CliError, Exit};
use vigie::records;

pub(crate) fn pause(context: &mut Context, args: &JobArgs) -> Result<Exit, CliError> {
    let ack = context.client.ask(&PauseJob { job: args.job, ..PauseJob::default() })?;
    let paused = format!("job {0} is paused; `vigie resume {0}` has it go on", ack.job);
    say(context, "pause", &ack, paused);
    Ok(Exit::Done)
}

pub(crate) fn resume(context: &mut Context, args: &JobArgs) -> Result<Exit, CliError> {
    let ack = context.client.ask(&ResumeJob { job: args.job, ..ResumeJob::default() })?;
    let resumed = format!("job {0} goes on: {1}; `vigie attach {0}` shows it", ack.job, ack.state);
    say(context, "resume", &ack, resumed);
    Ok(Exit::Done)
}

/// What came of it: as it was to be, or in the way of that an end.
fn say(context: &mut Context, what: &str, ack: &PauseAck, done: String) {
    let line = if context.global.json {
        records::pause_ack(what, ack).finish()
    } else {
        match ack.state {
            JobState::DONE | JobState::FAILED | JobState::CANCELLED => {
                format!("job {} had ended already: {}", ack.job, ack.state)
            }
            JobState::CANCELLING => format!("job {} is being cancelled", ack.job),
            _ => done,
        }
    };
    // It holds whether or not somebody reads this.
    let _still = context.out.line(line);
}
