//! The JSON Schema of what `vigie --json` prints, which is what the tools of agents answer too. It stands in `client/schema/`, and
//! tests hold both to it.

/// The schema.
pub const SCHEMA: &str = include_str!("../schema/vigie.schema.json");
