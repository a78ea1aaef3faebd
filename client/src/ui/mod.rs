//! What a person or a script sees: streams and colours, text for people, lines of JSON, progress. Knows the messages of the
//! protocol, and neither the socket nor the commands.

pub(crate) mod output;

pub(crate) mod pager;

pub(crate) mod progress;

pub(crate) mod spans;

pub(crate) mod table;

pub(crate) mod template;
