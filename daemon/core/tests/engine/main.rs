//! The engine as a whole, without a daemon: trees on disk, real stores, answers.

mod answers;
mod changed;
mod edits;
mod faults;
mod jobs;
mod reading;
mod search;
mod settings;
mod stores;
mod support;
mod text;
