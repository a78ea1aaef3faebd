//! Between the engine's types and the wire's, by hand: the only folder that knows the shape of both. One file a family.

pub(crate) mod changed;
pub(crate) mod checks;
pub(crate) mod config;
pub(crate) mod failures;

pub(crate) mod jobs;

pub(crate) mod metrics;

pub(crate) mod observe;

pub(crate) mod numbers;

pub(crate) mod progress;

pub(crate) mod projects;

pub(crate) mod options;

pub(crate) mod question;

pub(crate) mod reading;
pub(crate) mod rows;
pub(crate) mod search;
pub(crate) mod structure;
