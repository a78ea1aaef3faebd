//! What tools take and answer, as JSON Schema. What they take comes from the types of the arguments. What they answer comes from the
//! schema of `vigie --json`, whose rows are theirs: types only, since the meaning of each field stands in that schema, and a list of
//! tools is read by everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use vigie::schema::SCHEMA;

type Json = Map<String, Value>;

/// The schema of arguments.
pub(super) fn input<T: JsonSchema>() -> Arc<Json> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    plain(&mut schema);
    for noise in ["$schema", "title", "description"] {
        schema.as_object_mut().and_then(|schema| schema.remove(noise));
    }
    object(schema)
}

/// Leaves out what says nothing: defaults that are what nobody expects otherwise, formats of numbers, that they are not negative.
fn plain(schema: &mut Value) {
    let Value::Object(fields) = schema else {
        return schema.as_array_mut().into_iter().flatten().for_each(plain);
    };
    let says_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    };
    if fields.get("default").is_some_and(says_nothing) {
        fields.remove("default");
    }
    if fields.get("format").is_some_and(Value::is_string) {
        fields.remove("format");
    }
    if fields.get("minimum").is_some_and(says_nothing) {
        fields.remove("minimum");
    }
    fields.values_mut().for_each(plain);
}

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Rows under a budget, with a cursor.
    Rows,
    /// The same, and what the daemon took of the budget.
    Pack,
    /// One row, and how the project stands.
    Standing,
}

/// What `vigie --json` prints, by name. Each is read when a tool has it: all of them at once would be most of the memory of an agent's
/// gateway.
pub(super) struct Lines {
    definitions: BTreeMap<String, &'static RawValue>,
}

impl Lines {
    /// Reads which there are.
    pub(super) fn read() -> Lines {
        #[derive(Deserialize)]
        struct Schema {
            #[serde(rename = "$defs", borrow)]
            definitions: BTreeMap<String, &'static RawValue>,
        }
        // It is checked in, and tests read it.
        let definitions = serde_json::from_str(SCHEMA).map(|schema: Schema| schema.definitions).unwrap_or_default();
        Lines { definitions }
    }

    fn get(&self, name: &str) -> Option<Value> {
        let mut definition = serde_json::from_str(self.definitions.get(name)?.get()).ok()?;
        types_only(&mut definition);
        Some(definition)
    }
}

/// The schema of the answers of a tool whose rows are those of a command.
pub(super) fn output(lines: &Lines, command: &str, shape: Shape) -> Arc<Json> {
    // What stands elsewhere in an answer is no row, nor is what only the command prints.
    let elsewhere =
        ["summary", "error", "budget", "slow_query", "slow_file", "file_event", "files_dropped", "resync", "watch"];
    let mut rows =
        lines.get(command).and_then(|mut lines| lines["anyOf"].as_array_mut().map(std::mem::take)).unwrap_or_default();
    rows.retain(|row| !row["$ref"].as_str().and_then(name_of).is_some_and(|name| elsewhere.contains(&name.as_str())));
    let row = if let [row] = rows.as_slice() { row.clone() } else { json!({ "anyOf": rows }) };
    let mut properties = json!({
        "root": { "type": ["string", "null"] },
        "rows": { "type": "array", "items": row },
        "notes": { "type": "array", "items": { "type": "string" } },
    });
    let mut required = vec!["rows", "notes"];
    let mut add = |name: &'static str, schema: Value| {
        properties[name] = schema;
        required.push(name);
    };
    match shape {
        Shape::Standing => {
            add("generation", json!({ "type": ["integer", "null"] }));
            add("freshness", json!({ "type": ["string", "null"] }));
        }
        Shape::Rows | Shape::Pack => {
            add("summary", json!({ "$ref": "#/$defs/summary" }));
            add("more", json!({ "type": ["integer", "null"] }));
            add("cursor", json!({ "type": ["string", "null"] }));
        }
    }
    if shape == Shape::Pack {
        add("budget", json!({ "$ref": "#/$defs/budget" }));
    }
    let used = used(&properties, lines);
    object(json!({ "type": "object", "properties": properties, "required": required, "$defs": used }))
}

fn object(schema: Value) -> Arc<Json> {
    match schema {
        Value::Object(fields) => Arc::new(fields),
        _ => Arc::default(),
    }
}

/// What is left out: it tells more than types. Whoever reads lines of 64 KiB at most, as Python's asyncio does unless told otherwise,
/// shall be able to read the list of tools.
const LEFT_OUT: [&str; 5] = ["description", "minimum", "contentEncoding", "required", "allOf"];

/// Leaves types. A field of a name that is left out stays, since it is an object.
fn types_only(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.retain(|name, value| value.is_object() || !LEFT_OUT.contains(&name.as_str()));
            fields.values_mut().for_each(types_only);
        }
        Value::Array(values) => values.iter_mut().for_each(types_only),
        _ => {}
    }
}

/// The definitions that a schema refers to, directly or by steps.
fn used(schema: &Value, lines: &Lines) -> Json {
    let (mut used, mut to_do) = (Json::new(), BTreeSet::new());
    referred(schema, &mut to_do);
    while let Some(name) = to_do.pop_first() {
        if used.contains_key(&name) {
            continue;
        }
        if let Some(definition) = lines.get(&name) {
            referred(&definition, &mut to_do);
            used.insert(name, definition);
        }
    }
    used
}

fn referred(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            names.extend(fields.get("$ref").and_then(Value::as_str).and_then(name_of));
            fields.values().for_each(|value| referred(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| referred(value, names)),
        _ => {}
    }
}

fn name_of(reference: &str) -> Option<String> {
    reference.strip_prefix("#/$defs/").map(|name| name.replace("%20", " "))
}
