"""The projects about which questions are asked. Each has a file of questions with its name."""

from dataclasses import dataclass

from benchmark.trees import DJANGO, GO, JDK, Tree
from oracles.sources import CrateSource, NpmSource

from .sources import Below


@dataclass(frozen=True)
class Project:
    """A tree, and the language of most of its files."""

    name: str
    tree: Tree
    language: str


JAVA_BASE = Tree("java-base", "OpenJDK 17, java.base", Below(JDK, "java.base"))

TOKIO = Tree(
    "tokio",
    "Tokio 1.54.1",
    CrateSource("tokio", "1.54.1", "b52fd3255258d26fac7264ab5a76b53c13367136dc011d3d6ad4f8ed070396a3"),
)

ESLINT = Tree(
    "eslint-9",
    "ESLint 9.38.0",
    NpmSource("eslint", "9.38.0", "d43320aeec053555bc6b69d8ac454d32fdf1012a5fd981b9edf5a5fc090609a3"),
)

MONGODB_PACKAGE = Tree(
    "mongodb-package",
    "mongodb 6.20.0",
    NpmSource("mongodb", "6.20.0", "a12bd599cb4f39cdf222b32380ea3efd1f60c6d88615e0700632a303a9006b02"),
)

MONGODB = Tree("mongodb", "MongoDB driver 6.20.0", Below(MONGODB_PACKAGE, "src"))
"""What people wrote: beside it the package has what was compiled from it."""

LIBGIT2_CRATE = Tree(
    "libgit2-sys",
    "libgit2-sys 0.17.0",
    CrateSource("libgit2-sys", "0.17.0+1.8.1", "10472326a8a6477c3c20a64547b0059e4b0d086869eee31e6d7da728a8eb7224"),
)

LIBGIT2 = Tree("libgit2", "libgit2 1.8.1", Below(LIBGIT2_CRATE, "libgit2"))

PROJECTS = (
    Project("django", DJANGO, "Python"),
    Project("go", GO, "Go"),
    Project("java-base", JAVA_BASE, "Java"),
    Project("tokio", TOKIO, "Rust"),
    Project("eslint", ESLINT, "JavaScript"),
    Project("mongodb", MONGODB, "TypeScript"),
    Project("libgit2", LIBGIT2, "C"),
)
