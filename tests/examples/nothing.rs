//! A process that does nothing: what any command costs before it has done anything.

fn main() {}
