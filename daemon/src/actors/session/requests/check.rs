//! `Check`.

use vigie_proto::{Check, CheckRows, Failure};

use super::Call;

/// Answers a `Check`.
pub(super) async fn run(call: Call, _: Check) -> Result<(), Failure> {
    call.ticket.finish(&CheckRows::default());
    Ok(())
}
