//! How a job's progress is shown: a live display on a terminal, plain lines elsewhere. Both say the same, from pure functions.

mod lines;
mod live;
mod plain;
mod summary;

pub(crate) use live::Live;
pub(crate) use plain::Plain;
pub(crate) use summary::summary;
