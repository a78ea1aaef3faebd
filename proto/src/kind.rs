//! The numbers of messages: explicit, append-only, never reused. A number is added here together with its struct, its
//! heading in PROTOCOL.md and its golden vector; a test holds the three together.

use serde::{Serialize, de::DeserializeOwned};

pub use crate::frame::Kind;

use crate::frame::FLAG_IGNORABLE;
use crate::messages::*;
use crate::{CLIENT_BODY_BYTES_MAX, SERVER_BODY_BYTES_MAX};

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Only the client.
    Client,
    /// Only the daemon.
    Daemon,
}

impl Sender {
    /// Largest body it may send, in bytes.
    pub const fn body_bytes_max(self) -> u32 {
        match self {
            Sender::Client => CLIENT_BODY_BYTES_MAX,
            Sender::Daemon => SERVER_BODY_BYTES_MAX,
        }
    }
}

/// A struct that is the body of a frame.
pub trait Message: Serialize + DeserializeOwned {
    /// Its number.
    const KIND: Kind;
    /// Its name, for errors and logs.
    const NAME: &'static str;
    /// Revision of its meaning.
    const REV: u8;
    /// Flags every frame of it bears.
    const FLAGS: u8;
    /// Who sends it, and so how large it may be.
    const SENDER: Sender;
}

macro_rules! kinds {
    ($($number:literal $sender:ident $name:ident $(($flags:expr))?),* $(,)?) => {
        $(impl Message for $name {
            const KIND: Kind = Kind($number);
            const NAME: &'static str = stringify!($name);
            const REV: u8 = 1;
            const FLAGS: u8 = 0 $(| $flags)?;
            const SENDER: Sender = Sender::$sender;
        })*

        impl Kind {
            /// Every message: number, name, sender.
            pub const ALL: &'static [(Kind, &'static str, Sender)] =
                &[$((Kind($number), stringify!($name), Sender::$sender)),*];
        }
    };
}

kinds! {
    // connection
    1 Client Hello,
    2 Daemon Welcome,
    3 Daemon GoAway,
    4 Daemon Failure,
    5 Client Ping,
    6 Daemon Pong,
    7 Client Withdraw,
    8 Client Shutdown,
    9 Daemon Done,
    // jobs
    16 Client Index,
    17 Daemon JobAccepted,
    18 Client ListJobs,
    19 Daemon JobRows,
    20 Client CancelJob,
    21 Daemon CancelAck,
    22 Client Refresh,
    23 Daemon Refreshed,
    24 Client PauseJob,
    25 Daemon PauseAck,
    26 Client ResumeJob,
    // the event stream
    32 Client Subscribe,
    33 Daemon Snapshot,
    34 Daemon ProgressEvent,
    35 Daemon FileEvents (FLAG_IGNORABLE),
    36 Daemon Resync,
    37 Daemon ProjectEvent (FLAG_IGNORABLE),
    38 Daemon KeepAlive (FLAG_IGNORABLE),
    // projects
    48 Client Status,
    49 Daemon StatusReply,
    50 Client ListProjects,
    51 Daemon ProjectRows,
    52 Client Watch,
    53 Daemon Watched,
    54 Client Forget,
    55 Daemon Forgotten,
    56 Client Config,
    57 Daemon ConfigReply,
    // the daemon itself
    58 Client Metrics,
    59 Daemon MetricsReply,
    60 Client Check,
    61 Daemon CheckRows,
    62 Client Activity,
    63 Daemon ActivityReply,
    // queries
    64 Client TextQuery,
    65 Daemon TextRows,
    66 Client SymbolQuery,
    67 Daemon SymbolRows,
    68 Client FileQuery,
    69 Daemon FileRows,
    70 Client CoverageQuery,
    71 Daemon CoverageRows,
    72 Client DumpQuery,
    73 Daemon DumpLines,
    74 Daemon QuerySummary,
    75 Client FileMatchQuery,
    76 Daemon FileMatchRows,
    80 Client ReferenceQuery,
    81 Daemon ReferenceRows,
    82 Client CallQuery,
    83 Daemon CallRows,
    84 Client HierarchyQuery,
    85 Daemon HierarchyRows,
    86 Client ImportQuery,
    87 Daemon ImportRows,
    88 Client SearchQuery,
    89 Daemon SearchRows,
    90 Client ContextQuery,
    91 Daemon ContextRows,
    92 Client MapQuery,
    93 Daemon MapRows,
    94 Client ImpactQuery,
    95 Daemon ImpactRows,
    96 Client ChangedQuery,
    97 Daemon ChangedRows,
}

impl Kind {
    /// The name of a known kind.
    pub fn name(self) -> Option<&'static str> {
        Kind::ALL.iter().find(|(kind, ..)| *kind == self).map(|(_, name, _)| *name)
    }
}
