//! Formats of which only an outline is kept: nothing in them refers to anything.

use super::super::rules::{Modules, Rules, no_package};

pub(super) const RULES: Rules = Rules {
    family: &[],
    selves: &[],
    supers: &[],
    classes: &[],
    constructor_call: None,
    mixes_in: false,
    open_containers: &[],
    extends_foreign: false,
    has_implicit_self: false,
    foreign_heads: &[],
    has_hidden_names: false,
    is_global: false,
    has_relative_packages: false,
    has_member_variants: false,
    modules: Modules::None,
    shares_package: no_package,
    common_members: &[],
    anything: &[],
};
