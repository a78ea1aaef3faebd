//! Growable choices: numbers with names. An unknown number is a value, not an error, so that a newer peer's choices pass
//! through an older one.

/// Declares a `u16` newtype with named values.
macro_rules! named_numbers {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $number:literal $value:ident $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u16);

        impl $name {
            $($(#[$value_meta])* #[doc = concat!("`", $text, "`")] pub const $value: $name = $name($number);)*

            /// Every named value with its name.
            pub const ALL: &'static [($name, &'static str)] = &[$(($name($number), $text)),*];

            /// The name people and JSON see; `unknown` for a number this build does not know.
            pub fn name(self) -> &'static str {
                Self::ALL.iter().find(|(value, _)| *value == self).map_or("unknown", |(_, name)| name)
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> Option<$name> {
                Self::ALL.iter().find(|(_, text)| *text == name).map(|(value, _)| *value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use named_numbers;
