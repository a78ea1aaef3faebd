//! `vigie schema`: the JSON Schema of all that `--json` prints. It stands in `client/schema/`, and a test holds every command to it.

use serde_json::Value;

use super::context::Context;
use super::exit::{CliError, Exit};
use vigie::schema::SCHEMA;

/// Lines that are no rows.
const NO_ROWS: [&str; 3] = ["summary", "error", "progress"];

pub(crate) fn run(context: &mut Context) -> Result<Exit, CliError> {
    let _still = context.out.write(SCHEMA.as_bytes());
    Ok(Exit::Done)
}

/// The fields that rows of a command may have.
pub(crate) fn row_fields(command: &str) -> Vec<String> {
    // It is checked in, and tests read it.
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let definition = |name: &str| &schema["$defs"][name];
    let mut fields = Vec::new();
    for line in definition(command)["anyOf"].as_array().into_iter().flatten() {
        let name = line["$ref"].as_str().and_then(|at| at.strip_prefix("#/$defs/")).unwrap_or_default();
        if NO_ROWS.contains(&name) {
            continue;
        }
        for field in definition(name)["properties"].as_object().into_iter().flat_map(|properties| properties.keys()) {
            let field = field.strip_suffix("_b64").unwrap_or(field);
            if !["v", "type"].contains(&field) && !fields.iter().any(|known| known == field) {
                fields.push(field.to_owned());
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_fields_of_the_schema() {
        let fields = row_fields("vigie def");
        for field in ["path", "line", "column", "name", "qualified", "kind", "signature"] {
            assert!(fields.iter().any(|known| known == field), "{field} is missing in {fields:?}");
        }
        assert!(
            !fields.iter().any(|field| ["v", "type", "generation", "path_b64"].contains(&field.as_str())),
            "{fields:?}"
        );
        assert!(row_fields("vigie nonsense").is_empty());
    }
}
