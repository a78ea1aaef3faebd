//! Trees to index: generated ones, whose definitions are known by construction, and copies of crates that any machine which built
//! these tests has.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A small generator of numbers that are the same for the same seed (SplitMix64, Steele et al. 2014).
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator with its seed.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next_u64() % bound as u64).expect("a number below a usize is one")
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// A definition that a generated file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name, unlike that of any other definition of the tree.
    pub name: String,
    /// What it is, by the name JSON has for it.
    pub kind: &'static str,
    /// Relative to the root.
    pub path: String,
    /// Line of the name, from 1.
    pub line: u64,
    /// Its language, by the name JSON has for it.
    pub language: &'static str,
}

/// A generated tree.
#[derive(Debug)]
pub struct SourceTree {
    /// Where it is.
    pub root: PathBuf,
    /// Its files, relative to the root.
    pub files: Vec<String>,
    /// What they define, as far as the tests look for it.
    pub definitions: Vec<Definition>,
    seed: u64,
    file_bytes: usize,
}

const LANGUAGES: [(&str, &str); 6] =
    [("rust", "rs"), ("python", "py"), ("c", "c"), ("javascript", "js"), ("typescript", "ts"), ("go", "go")];

const WORDS: [&str; 24] = [
    "anchor",
    "ballast",
    "beacon",
    "bowsprit",
    "bulkhead",
    "capstan",
    "davit",
    "fathom",
    "galley",
    "gunwale",
    "halyard",
    "keel",
    "lantern",
    "leeward",
    "mast",
    "mizzen",
    "offing",
    "rudder",
    "shroud",
    "spinnaker",
    "starboard",
    "tiller",
    "windlass",
    "yardarm",
];

impl SourceTree {
    /// Writes `count` files of about `file_bytes` each below `root`, in six languages and nested directories.
    pub fn generate(root: &Path, count: usize, file_bytes: usize, seed: u64) -> SourceTree {
        let mut tree =
            SourceTree { root: root.to_path_buf(), files: Vec::new(), definitions: Vec::new(), seed, file_bytes };
        for number in 0..count {
            tree.add(number);
        }
        tree
    }

    /// Writes file `number`; the same number, seed and size write the same file.
    pub fn add(&mut self, number: usize) {
        let (language, extension) = LANGUAGES[number % LANGUAGES.len()];
        let path = format!("part{}/{language}/file_{number}.{extension}", number / 200);
        let mut file = Writer::new(language, self.seed ^ (number as u64) << 20);
        file.fill(number, self.file_bytes);
        write(&self.root.join(&path), &file.text);
        self.definitions.extend(file.definitions.into_iter().map(|(name, kind, line)| Definition {
            name,
            kind,
            path: path.clone(),
            line,
            language,
        }));
        self.files.push(path);
    }
}

/// Writes a file and the directories above it.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file has a directory")).expect("the directory is ours");
    fs::write(path, text).expect("the file is ours");
}

/// Text of one generated file.
struct Writer {
    language: &'static str,
    rng: Rng,
    text: String,
    definitions: Vec<(String, &'static str, u64)>,
}

impl Writer {
    fn new(language: &'static str, seed: u64) -> Writer {
        Writer { language, rng: Rng::new(seed), text: String::new(), definitions: Vec::new() }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line that defines a name.
    fn define(&mut self, name: &str, kind: &'static str, line: &str) {
        self.line(line);
        let number = self.text.lines().count() as u64;
        self.definitions.push((name.to_owned(), kind, number));
    }

    fn fill(&mut self, number: usize, bytes: usize) {
        let kind = capital(self.language);
        self.head(number, &format!("{kind}Ship{number}"));
        let mut function = 0;
        while self.text.len() < bytes || function == 0 {
            let name = format!("{}_voyage_{number}_{function}", self.language);
            self.function(&name);
            function += 1;
        }
    }

    fn words(&mut self, count: usize) -> String {
        let mut out = String::new();
        for index in 0..count {
            let separator = if index == 0 { "" } else { " " };
            let _infallible = write!(out, "{separator}{}", self.rng.pick(&WORDS));
        }
        out
    }

    /// A type and what belongs to it.
    fn head(&mut self, number: usize, ship: &str) {
        let logbook = self.words(6);
        match self.language {
            "rust" => {
                self.line(&format!("//! logbook_{number}: {logbook}"));
                self.define(ship, "struct", &format!("pub struct {ship} {{"));
                self.line("    pub draught: u32,\n}\n");
                self.line(&format!("impl {ship} {{"));
                let method = format!("moor_{number}");
                self.define(&method, "method", &format!("    pub fn {method}(&self, depth: u32) -> u32 {{"));
                self.line("        self.draught + depth\n    }\n}\n");
            }
            "python" => {
                self.line(&format!("\"\"\"logbook_{number}: {logbook}\"\"\"\n"));
                self.define(ship, "class", &format!("class {ship}:"));
                let method = format!("moor_{number}");
                self.define(&method, "method", &format!("    def {method}(self, depth):"));
                self.line("        return self.draught + depth\n");
            }
            "c" => {
                self.line(&format!("/* logbook_{number}: {logbook} */"));
                self.define(ship, "struct", &format!("struct {ship} {{"));
                self.line("    unsigned draught;\n};\n");
            }
            "javascript" => {
                self.line(&format!("// logbook_{number}: {logbook}"));
                self.define(ship, "class", &format!("class {ship} {{"));
                let method = format!("moor_{number}");
                self.define(&method, "method", &format!("  {method}(depth) {{"));
                self.line("    return this.draught + depth;\n  }\n}\n");
            }
            "typescript" => {
                self.line(&format!("// logbook_{number}: {logbook}"));
                self.define(ship, "interface", &format!("export interface {ship} {{"));
                self.line("  draught: number;\n}\n");
            }
            _ => {
                self.line(&format!("// logbook_{number}: {logbook}\npackage harbour\n"));
                self.define(ship, "struct", &format!("type {ship} struct {{"));
                self.line("\tdraught uint32\n}\n");
            }
        }
    }

    /// A function with a few calls in it.
    fn function(&mut self, name: &str) {
        let (a, b) = (*self.rng.pick(&WORDS), *self.rng.pick(&WORDS));
        let (head, open, let_, end, close) = match self.language {
            "rust" => (format!("pub fn {name}({a}_in: u32) -> u32 {{"), "    // ", "let ", ";", "}\n"),
            "python" => (format!("def {name}({a}_in):"), "    # ", "", "", ""),
            "c" => (format!("unsigned {name}(unsigned {a}_in) {{"), "    // ", "unsigned ", ";", "}\n"),
            "javascript" => (format!("function {name}({a}_in) {{"), "    // ", "const ", ";", "}\n"),
            "typescript" => {
                (format!("export function {name}({a}_in: number): number {{"), "    // ", "const ", ";", "}\n")
            }
            _ => (format!("func {name}({a}_in uint32) uint32 {{"), "    // ", "var ", "", "}\n"),
        };
        self.define(name, "function", &head);
        let comment = self.words(8);
        self.line(&format!("{open}{comment}"));
        for step in 0..4 {
            let operand = self.rng.below(1000);
            self.line(&format!("    {let_}{b}_{step} = measure_{a}({a}_in + {operand}){end}"));
        }
        self.line(&format!("    return combine_{b}({b}_0, {b}_1, {b}_2 + {b}_3){end}\n{close}"));
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

/// Directories of crates in the cargo registry's sources, by name and version.
fn crate_directories() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home).expect("cargo has a home");
    let registries = fs::read_dir(cargo.join("registry/src")).expect("cargo has unpacked the crates these tests use");
    let crates = registries.filter_map(|registry| fs::read_dir(registry.ok()?.path()).ok()).flatten();
    let mut paths: Vec<PathBuf> = crates.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

/// The sources of a crate this workspace builds with, whatever its version.
#[track_caller]
pub fn registry_crate(name: &str) -> PathBuf {
    let is_version = |path: &PathBuf| {
        let directory = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let version = directory.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    };
    let found = crate_directories().into_iter().find(is_version);
    found.unwrap_or_else(|| panic!("the sources of the crate {name} are not in the cargo registry"))
}

/// Copies several crates' sources into one tree.
#[track_caller]
pub fn registry_crates(root: &Path, names: &[&str]) {
    for name in names {
        copy_tree(&registry_crate(name), &root.join(name));
    }
}

/// Copies a tree: directories, files and links.
pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the directory is ours");
    for entry in fs::read_dir(from).expect("the directory is readable") {
        let entry = entry.expect("the entry is readable");
        let (source, name): (PathBuf, OsString) = (entry.path(), entry.file_name());
        let target = to.join(name);
        let kind = entry.file_type().expect("the entry has a type");
        if kind.is_dir() {
            copy_tree(&source, &target);
        } else if kind.is_symlink() {
            let link = fs::read_link(&source).expect("the link is readable");
            std::os::unix::fs::symlink(link, &target).expect("the directory is ours");
        } else {
            fs::copy(&source, &target).expect("the file is readable");
        }
    }
}
