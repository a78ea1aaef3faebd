#![doc = include_str!("../PROTOCOL.md")]

pub mod preface;

pub mod frame;

pub mod codec;

pub mod kind;

mod names;

pub mod messages;

pub use codec::{CodecError, decode, encode, frame_bytes};
pub use frame::{Decoder, Frame, FrameError, Header, Incoming};
pub use kind::{Kind, Message};
pub use messages::*;

/// Oldest protocol version this build speaks.
pub const PROTOCOL_MIN: u16 = 1;
/// Newest protocol version this build speaks.
pub const PROTOCOL_MAX: u16 = 1;

/// Largest body a client may send, in bytes.
pub const CLIENT_BODY_BYTES_MAX: u32 = 1 << 20;
/// Largest body the daemon sends, in bytes.
pub const SERVER_BODY_BYTES_MAX: u32 = 4 << 20;
/// Most files of a [`ChangedQuery`].
pub const CHANGED_FILES_MAX: usize = 512;
/// Size at which the daemon closes one frame of a paged answer and begins the next, in bytes.
pub const PAGE_FRAME_BYTES: usize = 64 << 10;
