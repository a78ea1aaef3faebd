//! What may be of several types: it was given values of several, or a union of them is written. None is chosen; a name behind it may
//! mean the member of each.

use crate::facts::{RECEIVER_UNKNOWN, TYPE_OR};
use crate::kinds::Confidence;
use crate::store::StoreError;

use super::values::{Found, Value};
use super::{FileFacts, Resolution, Resolver, Site};

/// Steps that looking at one of several takes: what each of them leads to may be several again.
const STEPS: u32 = 3;

impl Resolver<'_, '_> {
    /// What facts write for something that may be of several types.
    pub(super) fn types_of_text(&self, site: Site<'_>, text: &str) -> Result<Found, StoreError> {
        let mut values = Vec::new();
        let each = Site { depth: site.depth + STEPS, ..site };
        for text in text.split(TYPE_OR) {
            values.push(match text {
                RECEIVER_UNKNOWN => Value::Unknown,
                text => self.type_of_text(each, text)?.0,
            });
        }
        Ok((any_of(values), Confidence::Type))
    }

    /// What a member of something that may be of several types means.
    pub(super) fn member_of_several(
        &self,
        site: Site<'_>,
        values: &[Value],
        name: &str,
        called: bool,
    ) -> Result<Resolution, StoreError> {
        let mut found = Resolution::default();
        let (mut is_open, mut is_unknown) = (false, false);
        for value in values {
            match value {
                Value::Types(types) => {
                    let members = self.members_of_any(types, name, called)?;
                    is_open |= members.is_open && members.symbols.is_empty();
                    found = found.or_any_of(Resolution::symbols(members.symbols, Confidence::Type));
                }
                Value::External => is_open = true,
                Value::Modules(_) | Value::Inner(_) | Value::Package(_) => {
                    let here = self.member_of_value(site, (value.clone(), Confidence::Type), name, called)?;
                    is_open |= here.external;
                    found = found.or_any_of(Resolution { external: false, ..here });
                }
                Value::Given | Value::Unknown | Value::Several(_) => is_unknown = true,
            }
        }
        if is_unknown || found.targets.is_empty() {
            let anything = self.member_of_anything(site, name, called)?;
            let confidence = anything.confidence;
            found = found.or_any_of(anything);
            found = confidence.into_iter().fold(found, Resolution::weakened);
        }
        Ok(if is_open { found.weakened(Confidence::Ambiguous) } else { found })
    }

    /// Whether a type from outside may hold whatever there is, so that nothing is said by it.
    pub(super) fn is_of_anything(&self, file: &FileFacts, path: &str) -> bool {
        self.rules(file).anything.contains(&path)
    }
}

/// Any of these values; each counts once.
pub(super) fn any_of(values: Vec<Value>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for value in values {
        let inner = if let Value::Several(inner) = value { inner } else { vec![value] };
        for value in inner {
            if !all.contains(&value) {
                all.push(value);
            }
        }
    }
    match all.len() {
        0 => Value::Unknown,
        1 => all.remove(0),
        _ => Value::Several(all),
    }
}
