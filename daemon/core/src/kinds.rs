//! The closed choices of the index, each with the number it has on disk and the name people see. Numbers are append-only.

/// Declares a fieldless enum with a number and a name for each value.
macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $number:literal $value:ident $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$value_meta])* #[doc = concat!("`", $text, "`")] $value = $number),*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$value),*];

            /// The number on disk.
            pub fn number(self) -> u8 {
                self as u8
            }

            /// The value of that number.
            pub fn from_number(number: u8) -> Option<$name> {
                match number {
                    $($number => Some($name::$value),)*
                    _ => None,
                }
            }

            /// The name people see.
            pub fn name(self) -> &'static str {
                match self {
                    $($name::$value => $text),*
                }
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> Option<$name> {
                match name {
                    $($text => Some($name::$value),)*
                    _ => None,
                }
            }
        }
    };
}

numbered! {
    /// What a definition is.
    SymbolKind {
        1 Module "module",
        2 Package "package",
        3 Namespace "namespace",
        4 Class "class",
        5 Struct "struct",
        6 Union "union",
        7 Enum "enum",
        8 Variant "variant",
        9 Interface "interface",
        10 Trait "trait",
        11 Impl "impl",
        12 Function "function",
        13 Method "method",
        14 Constructor "constructor",
        15 Field "field",
        16 Property "property",
        17 Constant "constant",
        18 Variable "variable",
        19 Macro "macro",
        20 Type "type",
        21 Element "element",
        /// Of an answer about a place only: it is no symbol.
        22 Local "local",
        /// Of an answer about a place only: it is no symbol.
        23 Parameter "parameter",
        /// Of an answer about a place only: it is no symbol.
        24 TypeParameter "type-parameter",
        /// Of an answer about a place only: what is imported lies outside of the index.
        25 Import "import",
    }
}

numbered! {
    /// What is done with a name where it occurs.
    Role {
        1 Call "call",
        2 Read "read",
        3 Write "write",
        4 Type "type",
        5 Inherit "inherit",
        6 Import "import",
        7 Decorate "decorate",
    }
}

numbered! {
    /// By what a name was resolved, the surest first.
    Confidence {
        /// A lexical scope, or the class around (`self`, `this`).
        1 Scope "scope",
        /// The declared type of what stands before the dot.
        2 Type "type",
        /// An import.
        3 Import "import",
        /// The same file.
        4 File "file",
        /// The same package.
        5 Package "package",
        /// Nothing else in the index has that name.
        6 Unique "unique",
        /// Any of several candidates.
        7 Ambiguous "ambiguous",
    }
}

numbered! {
    /// What a local binding is.
    BindingKind {
        0 Receiver "receiver",
        1 Local "local",
        2 Parameter "parameter",
        3 TypeParameter "type-parameter",
    }
}

numbered! {
    /// A language with a grammar here.
    Language {
        1 Rust "rust",
        2 Python "python",
        3 C "c",
        4 JavaScript "javascript",
        5 TypeScript "typescript",
        6 Tsx "tsx",
        7 Go "go",
        8 Java "java",
        9 Cpp "cpp",
        10 CSharp "csharp",
        11 Ruby "ruby",
        12 Php "php",
        13 Bash "bash",
        14 Lua "lua",
        15 Json "json",
        16 Toml "toml",
        17 Yaml "yaml",
        18 Markdown "markdown",
        19 Kotlin "kotlin",
        20 Scala "scala",
        21 Swift "swift",
        22 Dart "dart",
    }
}

numbered! {
    /// What the index holds of a file: exactly one for each file.
    Disposition {
        /// Text and, if its language is known, structure.
        1 Indexed "indexed",
        /// Not text: a NUL byte in its first 64 KiB.
        2 Binary "binary",
        /// Larger than the limit for text.
        3 TooLarge "too-large",
        /// Could not be read.
        4 Unreadable "unreadable",
        /// Changed each time it was read.
        5 Unstable "unstable",
        /// No regular file.
        6 Special "special",
        /// Text, but its grammar failed on it twice; lexical facts stand in.
        7 Quarantined "quarantined",
    }
}

numbered! {
    /// What a job is doing.
    Stage {
        /// Accepted, waiting for its turn.
        1 Starting "starting",
        /// Walking the tree.
        2 Collecting "collecting",
        /// Waiting for another project's store to close.
        3 SwitchingProjects "switching_projects",
        /// Opening the project's store.
        4 LoadingStorage "loading_storage",
        /// Reading files.
        5 Scanning "scanning",
        /// Parsing files.
        6 Indexing "indexing",
        /// Writing down the end.
        7 Finalizing "finalizing",
    }
}
