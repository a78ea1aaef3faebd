//! `Ping` and `Shutdown`.

use vigie_proto::{Done, Ext, Failure, Ping, Pong, Shutdown};

use super::Call;
use crate::actors::Stop;

/// Answers at once.
pub(super) async fn ping(call: Call, ping: Ping) -> Result<(), Failure> {
    call.ticket.finish(&Pong { token: ping.token, ext: Ext::default() });
    Ok(())
}

/// Sets the end of the daemon going.
pub(super) async fn shutdown(call: Call, _: Shutdown) -> Result<(), Failure> {
    call.ticket.finish(&Done::default());
    let client = &call.client;
    call.services.lifecycle.do_send(Stop { reason: format!("{client} asked for it") });
    Ok(())
}
