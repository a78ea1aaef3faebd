//! Bytes in and out of one connection. Reading stops while answers pile up, so that a client which only asks is held back by
//! its own socket; writing gathers many frames into one call.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use interprocess::local_socket::tokio::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vigie_proto::preface::{PREFACE_BYTES, Preface};
use vigie_proto::{CLIENT_BODY_BYTES_MAX, Decoder, Ext, KeepAlive, frame_bytes};

use super::outbox::{Next, Outbox};
use super::{Arrived, Hangup, Session};
use crate::clock::now_ms;

/// Bytes of one read.
const READ_BYTES: usize = 16 << 10;
/// After this much silence every stream of events gets a sign of life.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A client that is refused gets this long to read why.
const REFUSAL_MAX: Duration = Duration::from_secs(1);

/// Reads until the client leaves.
pub(super) async fn read(stream: Arc<Stream>, outbox: Arc<Outbox>, session: Addr<Session>) {
    let why = match greet(&stream, &outbox).await {
        Ok(true) => frames(&stream, &outbox, &session).await,
        Ok(false) => "refused",
        Err(_) => "the client left before it had said who it is",
    };
    session.do_send(Hangup(why));
}

/// Exchanges prefaces; `false` = refused.
async fn greet(stream: &Stream, outbox: &Outbox) -> io::Result<bool> {
    let mut bytes = [0; PREFACE_BYTES];
    let mut from = stream;
    let first = from.read(&mut bytes).await?;
    if first == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // The magic decides as soon as it can: who speaks something else may never send sixteen bytes.
    let is_vigie = bytes[..first.min(4)] == Preface::OURS.encode()[..first.min(4)];
    if is_vigie {
        from.read_exact(&mut bytes[first..]).await?;
    }
    match sentence(&bytes) {
        Some(sentence) => {
            refuse(stream, &sentence).await;
            Ok(false)
        }
        None => {
            outbox.with(|queue| queue.answer(0, Preface::OURS.encode().to_vec()));
            Ok(true)
        }
    }
}

/// Why a preface is refused, if it is.
fn sentence(bytes: &[u8; PREFACE_BYTES]) -> Option<String> {
    let theirs = match Preface::decode(bytes) {
        Ok(theirs) => theirs,
        Err(e) => {
            tracing::info!(reason = %e, "a connection was refused");
            return Some("this is vigied, which speaks the Vigie protocol and nothing else; use `vigie`".to_owned());
        }
    };
    if theirs.common_version(&Preface::OURS).is_some() {
        return None;
    }
    let ours = Preface::OURS;
    let fix = if theirs.version_min > ours.version_max {
        "update vigied, then `vigie daemon restart`"
    } else {
        "update the client"
    };
    Some(format!(
        "the client speaks protocol {} to {}, this daemon (vigied {}) {} to {}: {fix}",
        theirs.version_min,
        theirs.version_max,
        env!("CARGO_PKG_VERSION"),
        ours.version_min,
        ours.version_max,
    ))
}

/// Says why and hears the rest out: closing on unread bytes would reset the connection before the sentence is read.
async fn refuse(stream: &Stream, sentence: &str) {
    let said = async {
        let mut to = stream;
        to.write_all(&Preface::refusal(sentence)).await?;
        shut_down_writing(stream);
        let (mut from, mut rest) = (stream, [0; 1024]);
        while from.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    let _left = tokio::time::timeout(REFUSAL_MAX, said).await;
}

fn shut_down_writing(stream: &Stream) {
    let Stream::UdSocket(socket) = stream;
    // A peer that has left needs no end of stream.
    let _left = rustix::net::shutdown(socket.inner(), rustix::net::Shutdown::Write);
}

async fn frames(stream: &Stream, outbox: &Outbox, session: &Addr<Session>) -> &'static str {
    let mut decoder = Decoder::new(CLIENT_BODY_BYTES_MAX);
    let mut buffer = vec![0; READ_BYTES];
    loop {
        while let Some(incoming) = decoder.next_frame() {
            outbox.room_for_request().await;
            if session.send(Arrived(incoming)).await.is_err() {
                return "the session ended";
            }
        }
        let mut from = stream;
        match from.read(&mut buffer).await {
            Ok(0) if decoder.finish().is_err() => return "the client left inside a frame",
            Ok(0) => return "the client left",
            Ok(n) => decoder.push(&buffer[..n]),
            Err(_) => return "reading failed",
        }
    }
}

/// Writes what waits until the connection ends.
pub(super) async fn write(stream: Arc<Stream>, outbox: Arc<Outbox>, session: Addr<Session>) {
    loop {
        match outbox.next(KEEP_ALIVE, keep_alive).await {
            Next::Write(bytes) => {
                let mut to = &*stream;
                if to.write_all(&bytes).await.is_err() {
                    return session.do_send(Hangup("writing failed"));
                }
            }
            Next::Close => {
                shut_down_writing(&stream);
                return session.do_send(Hangup("closed by the daemon"));
            }
        }
    }
}

fn keep_alive(id: u64) -> Option<Vec<u8>> {
    frame_bytes(id, false, &KeepAlive { timestamp_ms: now_ms(), ext: Ext::default() }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p11_versions_without_overlap_are_refused_with_both_and_the_fix() {
        let newer = Preface { version_min: 7, version_max: 9, ..Preface::OURS };
        let refusal = sentence(&newer.encode()).unwrap();
        assert!(
            refusal.contains("7 to 9") && refusal.contains("1 to 1") && refusal.contains("update vigied"),
            "{refusal}"
        );
        let wider = Preface { version_min: 1, version_max: 9, ..Preface::OURS };
        assert_eq!(sentence(&wider.encode()), None);
        assert!(sentence(b"GET / HTTP/1.1\r\n").is_some());
    }
}
