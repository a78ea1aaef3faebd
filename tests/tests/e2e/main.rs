//! End-to-end tests of Vigie: the real daemon and the real command over the real socket, each test in an environment of its own.
//! Tests that hold a promise name it (`p1_` to `p12_`).

mod support;

mod answers;
mod badfiles;
mod badinput;
mod badquestions;
mod cancel;
mod changed;
mod clients;
mod commands;
mod completion;
mod config;
mod context;
mod crash;
mod demand;
mod diff;
mod doctor;
mod documents;
mod faults;
mod impact;
mod incremental;
mod lifecycle;
mod limits;
mod map;
mod mcp;
mod nvim;
mod observe;
mod pause;
mod privacy;
mod progress;
mod refresh;
mod ripgrep;
mod schema;
mod search;
mod service;
mod sharedfacts;
mod sharing;
mod skew;
mod structure;
mod terminal;
mod text;
mod textflags;
mod tidy;
mod top;
mod watch;
