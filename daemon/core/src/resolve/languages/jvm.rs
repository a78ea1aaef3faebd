//! Java, Kotlin and Scala: files say which package they are of, and imports name packages and what is in them, of whichever of the
//! three.

use crate::facts::Definition;
use crate::kinds::{Language, SymbolKind};
use crate::store::{FileRow, StoreError};

use super::super::rules::{Modules, PLAIN, Rules};
use super::super::{FileFacts, World};

const FAMILY: &[Language] = &[Language::Java, Language::Kotlin, Language::Scala];

pub(super) const JAVA: Rules = Rules {
    family: FAMILY,
    selves: &["this"],
    supers: &["super"],
    has_implicit_self: true,
    has_hidden_names: true,
    is_whole: true,
    modules: Modules::Names(package),
    shares_package,
    preludes: &["java.lang"],
    prelude_names: OF_JAVA_LANG,
    common_members: COMMON,
    anything: &["Object", "java.lang.Object"],
    ..PLAIN
};

/// Where functions may be added to types.
pub(super) const KOTLIN: Rules = Rules {
    extends_foreign: true,
    is_whole: false,
    gives_blocks: true,
    returns_itself: &["also", "apply", "takeIf", "takeUnless"],
    anything: &["Any"],
    preludes: &[
        "kotlin",
        "kotlin.annotation",
        "kotlin.collections",
        "kotlin.comparisons",
        "kotlin.io",
        "kotlin.ranges",
        "kotlin.sequences",
        "kotlin.text",
        "kotlin.jvm",
        "java.lang",
    ],
    ..JAVA
};

/// The same.
pub(super) const SCALA: Rules = Rules {
    has_impls: true,
    anything: &["Any", "AnyRef"],
    gives_blocks: false,
    preludes: &["scala.Predef", "scala", "java.lang"],
    returns_itself: &[],
    has_relative_packages: true,
    ..KOTLIN
};

/// The types of `java.lang`, in order: Java Language Specification, 7.5; Java 21.
const OF_JAVA_LANG: &[&str] = &[
    "AbstractMethodError",
    "Appendable",
    "ArithmeticException",
    "ArrayIndexOutOfBoundsException",
    "ArrayStoreException",
    "AssertionError",
    "AutoCloseable",
    "Boolean",
    "BootstrapMethodError",
    "Byte",
    "CharSequence",
    "Character",
    "Class",
    "ClassCastException",
    "ClassCircularityError",
    "ClassFormatError",
    "ClassLoader",
    "ClassNotFoundException",
    "ClassValue",
    "CloneNotSupportedException",
    "Cloneable",
    "Comparable",
    "Deprecated",
    "Double",
    "Enum",
    "EnumConstantNotPresentException",
    "Error",
    "Exception",
    "ExceptionInInitializerError",
    "Float",
    "FunctionalInterface",
    "IllegalAccessError",
    "IllegalAccessException",
    "IllegalArgumentException",
    "IllegalCallerException",
    "IllegalMonitorStateException",
    "IllegalStateException",
    "IllegalThreadStateException",
    "IncompatibleClassChangeError",
    "IndexOutOfBoundsException",
    "InheritableThreadLocal",
    "InstantiationError",
    "InstantiationException",
    "Integer",
    "InternalError",
    "InterruptedException",
    "Iterable",
    "LayerInstantiationException",
    "LinkageError",
    "Long",
    "MatchException",
    "Math",
    "Module",
    "ModuleLayer",
    "NegativeArraySizeException",
    "NoClassDefFoundError",
    "NoSuchFieldError",
    "NoSuchFieldException",
    "NoSuchMethodError",
    "NoSuchMethodException",
    "NullPointerException",
    "Number",
    "NumberFormatException",
    "Object",
    "OutOfMemoryError",
    "Override",
    "Package",
    "Process",
    "ProcessBuilder",
    "ProcessHandle",
    "Readable",
    "Record",
    "ReflectiveOperationException",
    "Runnable",
    "Runtime",
    "RuntimeException",
    "RuntimePermission",
    "SafeVarargs",
    "ScopedValue",
    "SecurityException",
    "SecurityManager",
    "Short",
    "StackOverflowError",
    "StackTraceElement",
    "StackWalker",
    "StrictMath",
    "String",
    "StringBuffer",
    "StringBuilder",
    "StringIndexOutOfBoundsException",
    "SuppressWarnings",
    "System",
    "Thread",
    "ThreadDeath",
    "ThreadGroup",
    "ThreadLocal",
    "Throwable",
    "TypeNotPresentException",
    "UnknownError",
    "UnsatisfiedLinkError",
    "UnsupportedClassVersionError",
    "UnsupportedOperationException",
    "VerifyError",
    "VirtualMachineError",
    "Void",
    "WrongThreadException",
];

/// Methods of the types of the language itself.
const COMMON: &[&str] = &[
    "accept",
    "add",
    "addAll",
    "append",
    "apply",
    "clear",
    "clone",
    "close",
    "collect",
    "compareTo",
    "contains",
    "containsKey",
    "equals",
    "filter",
    "flush",
    "forEach",
    "format",
    "get",
    "getBytes",
    "getClass",
    "getKey",
    "getMessage",
    "getName",
    "getValue",
    "hasNext",
    "hashCode",
    "indexOf",
    "isEmpty",
    "isPresent",
    "iterator",
    "join",
    "keySet",
    "length",
    "map",
    "matches",
    "next",
    "of",
    "orElse",
    "put",
    "read",
    "remove",
    "replace",
    "run",
    "set",
    "size",
    "sort",
    "split",
    "start",
    "startsWith",
    "stream",
    "substring",
    "test",
    "toArray",
    "toString",
    "trim",
    "valueOf",
    "values",
    "write",
];

/// The package that a file says it is of.
fn package(_: &World<'_>, file: &FileFacts) -> Result<String, StoreError> {
    let text = clause(file).map(|clause| clause.signature.trim_start_matches("package").trim().trim_end_matches(';'));
    Ok(text.unwrap_or_default().to_owned())
}

fn clause(file: &FileFacts) -> Option<&Definition> {
    file.definitions.iter().find(|definition| definition.kind == SymbolKind::Package)
}

fn shares_package(world: &World<'_>, a: &FileFacts, b: &FileRow) -> Result<bool, StoreError> {
    if !FAMILY.iter().any(|language| b.language == Some(*language)) {
        return Ok(false);
    }
    // Its clause names the package, so that most files need not be read.
    if let Some(clause) = clause(a)
        && !world.has_name(b.id, &world.text(a, clause.name)?)?
    {
        return Ok(false);
    }
    let Some(other) = world.file(b.id)? else { return Ok(false) };
    Ok(package(world, a)? == package(world, &other)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_java_lang_are_in_order() {
        assert!(OF_JAVA_LANG.is_sorted(), "they are looked up by halves");
    }
}
