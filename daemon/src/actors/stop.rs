//! The message that ends the daemon. It stands apart because those who send it must not know who carries it out.

/// Ends the daemon.
#[derive(Clone, Debug, actix::Message)]
#[rtype(result = "()")]
pub(crate) struct Stop {
    /// Why, for the log and for clients.
    pub(crate) reason: String,
}
