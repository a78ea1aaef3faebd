"""What is compared in each language: in which trees, and which kinds of ctags are which of Vigie's.

Kinds that are not listed are left out because Vigie has no such definitions, on purpose: what is imported, local variables, parameters,
labels, headers, here-documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmark.trees import DJANGO, MEGABYTE, DebianSource, Directory, PythonSource, Tree, Zip

from .sources import CrateSource, NpmSource, Part, Selection

FULL_BYTES = 4 * MEGABYTE
QUICK_BYTES = MEGABYTE // 3
"""How much of each language is compared at most."""


@dataclass(frozen=True)
class Language:
    """A language, as Vigie, ctags and Pygments see it."""

    name: str
    """As Vigie calls it."""
    title: str
    parts: tuple[Part, ...]
    suffixes: tuple[str, ...]
    ctags: str
    kinds: Mapping[str, str]
    """Of each kind of ctags the kinds Vigie may have for it, separated by blanks."""
    lexer: str
    """Pygments' lexer, as a module and a class behind `pygments.lexers`."""
    langmap: str = ""
    """The suffixes ctags takes for it, where it would take others."""
    word: str = r"[^\W\d]\w*"
    """A name, as far as one stands in the text."""
    sigils: str = ""
    """Characters that may begin a name and are no part of it for Vigie."""
    tails: str = ""
    """Characters that may end a name and are no part of a word."""
    separators: str = "."
    """What stands between the parts of a qualified name, of which Vigie's definition has the last."""
    reserved: frozenset[str] = field(default_factory=frozenset)
    """Words that are never names where they stand for themselves."""
    is_main: bool = True
    """Whether the targets are promised for it."""

    def tree(self, is_quick: bool) -> Tree:
        """What is compared."""
        size = QUICK_BYTES if is_quick else FULL_BYTES
        name = f"accuracy-{self.name}{'-quick' if is_quick else ''}"
        return Tree(name, f"{self.title} to compare", Selection(self.parts, self.suffixes, size))


def _crate(name: str, version: str, sha256: str, below: str = "") -> Part:
    return Part(Tree(name, f"{name} {version}", CrateSource(name, version, sha256)), below)


def _npm(name: str, version: str, sha256: str, below: str) -> Part:
    return Part(Tree(name, f"{name} {version}", NpmSource(name, version, sha256)), below)


def _pypi(name: str, version: str, sha256: str, below: str = "") -> Part:
    return Part(Tree(name, f"{name} {version}", PythonSource(name, version, sha256)), below)


def _debian(package: str, version: str, sha256: str, directory: str) -> Part:
    return Part(Tree(package, package, DebianSource(package, version, sha256, Directory(directory))))


FUNCTIONS = "function method constructor"

C_KINDS = {
    "macro": "macro",
    "enumerator": "variant",
    "function": FUNCTIONS,
    "enum": "enum",
    "member": "field",
    "struct": "struct",
    "typedef": "type struct union enum",
    "union": "union",
    "variable": "variable",
}

C_WORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return"
    " short signed sizeof static struct switch typedef union unsigned void volatile while".split()
)

ECMASCRIPT_WORDS = frozenset(
    "break case catch class const continue debugger default delete do else export extends false finally for function if import in"
    " instanceof new null return super switch this throw true try typeof var void while with".split()
)

LANGUAGES = (
    Language(
        name="rust",
        title="Rust",
        parts=(
            _crate("regex-automata", "0.4.8", "368758f23274712b504848e9d5a6f010445cc8b87a7cdb4d7cbee666c1288da3"),
            _crate("clap_builder", "4.5.20", "19bc80abd44e4bed93ca373a0704ccbd1b710dc5749406201bb018272808dc54"),
        ),
        suffixes=(".rs",),
        ctags="Rust",
        kinds={
            "macro": "macro",
            "method": "method",
            "implementation": "impl",
            "enumerator": "variant",
            "function": "function method",
            "enum": "enum",
            "interface": "trait",
            "field": "field",
            "module": "module",
            "struct": "struct union",
            "typedef": "type",
            "variable": "constant",
        },
        lexer="rust.RustLexer",
        reserved=frozenset(
            "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref"
            " return self Self static struct super trait true type unsafe use where while".split()
        ),
    ),
    Language(
        name="python",
        title="Python",
        parts=(
            _pypi("tornado", "6.4.1", "92d3ab53183d8c50f8204a51e6f91d18a15d5ef261e84d452800d4ff6fc504e9"),
            Part(DJANGO, "django"),
        ),
        suffixes=(".py",),
        ctags="Python",
        kinds={
            "class": "class",
            "function": "function",
            "member": "method constructor property field",
            "variable": "variable constant field",
        },
        lexer="python.PythonLexer",
        reserved=frozenset(
            "False None True and as assert async await break class continue def del elif else except finally for from global if import in"
            " is lambda nonlocal not or pass raise return try while with yield".split()
        ),
    ),
    Language(
        name="javascript",
        title="JavaScript",
        parts=(
            _npm("eslint", "8.57.0", "97ec696de2427643aaa7cfa0478ea4fc8ef964c3b2fc9b1f4b57b5180629cf12", "lib"),
            _npm("webpack", "5.95.0", "f2af5e3bd812296e13230723c11a8bb9338cb175fc4d852934abf4868569d27e", "lib"),
        ),
        suffixes=(".js",),
        ctags="JavaScript",
        kinds={
            "constant": "constant function class",
            "getter": "property",
            "setter": "property",
            "field": "field",
            "class": "class function constant variable field method",
            "function": FUNCTIONS,
            "generator": FUNCTIONS,
            "method": FUNCTIONS,
            "property": "field property variable constant class method function",
            "variable": "variable constant function class",
        },
        lexer="javascript.JavascriptLexer",
        word=r"[^\W\d][\w$]*|\$[\w$]*",
        reserved=ECMASCRIPT_WORDS,
    ),
    Language(
        name="typescript",
        title="TypeScript",
        parts=(
            _npm("rxjs", "7.8.1", "c532167725ab7d085123209156c93cef22f2479cb9c8527060f1cd903aa9d149", "src"),
            _npm("zod", "3.25.76", "9e1f1a05f0dd0c1dab64ee91ceb9bf55cd44d35368c70edda80a2fdc70a88377", "src"),
            _npm(
                "react-aria-components",
                "1.4.0",
                "42b7eb6eef60e7d1fcff685f85f6237c23e72718c792d9aa0e5d6b2d7d9e668f",
                "src",
            ),
        ),
        suffixes=(".ts", ".tsx"),
        ctags="TypeScript",
        langmap=".ts.tsx",
        kinds={
            "constant": "constant function class",
            "generator": FUNCTIONS,
            "alias": "type",
            "class": "class",
            "enumerator": "variant",
            "function": FUNCTIONS,
            "enum": "enum",
            "interface": "interface",
            "method": FUNCTIONS + " property",
            "namespace": "namespace",
            "property": "field property",
            "variable": "variable constant function class",
        },
        lexer="javascript.TypeScriptLexer",
        word=r"[^\W\d][\w$]*|\$[\w$]*",
        reserved=ECMASCRIPT_WORDS,
    ),
    Language(
        name="go",
        title="Go",
        parts=(
            _debian(
                "golang-google-grpc-dev",
                "1.33.3-2",
                "d6f918cc84a7186d5bf08d21bd3b210db5fb68b34887dca2ff89d47ca37b8749",
                "usr/share/gocode/src/google.golang.org/grpc",
            ),
        ),
        suffixes=(".go",),
        ctags="Go",
        kinds={
            "talias": "type",
            "const": "constant",
            "func": "function method",
            "interface": "interface",
            "member": "field",
            "methodSpec": "method",
            "package": "package",
            "struct": "struct",
            "type": "type struct interface",
            "var": "variable",
        },
        lexer="go.GoLexer",
        reserved=frozenset(
            "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return"
            " select struct switch type var".split()
        ),
    ),
    Language(
        name="java",
        title="Java",
        parts=(
            Part(
                Tree(
                    "openjfx-source",
                    "openjfx-source",
                    DebianSource(
                        "openjfx-source",
                        "11.0.11+1-3",
                        "a8de0bec39f5fd7825d513893cd13876c1e8e4733b998fa9d0de0671afcc66b4",
                        Zip("usr/share/openjfx/lib/src.zip"),
                    ),
                )
            ),
        ),
        suffixes=(".java",),
        ctags="Java",
        kinds={
            "annotation": "interface",
            "class": "class",
            "enumConstant": "variant",
            "field": "field constant",
            "enum": "enum",
            "interface": "interface",
            "method": "method constructor",
            "package": "package",
        },
        lexer="jvm.JavaLexer",
        reserved=frozenset(
            "abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally"
            " float for goto if implements import instanceof int interface long native new package private protected public return short"
            " static strictfp super switch synchronized this throw throws transient try void volatile while true false null".split()
        ),
    ),
    Language(
        name="c",
        title="C",
        parts=(
            _crate("zstd-sys", "2.0.13+zstd.1.5.6", "38ff0f21cfee8f97d94cef41359e0c89aa6113028ab0291aa8ca0038995a95aa", "zstd"),
            _crate(
                "libgit2-sys",
                "0.17.0+1.8.1",
                "10472326a8a6477c3c20a64547b0059e4b0d086869eee31e6d7da728a8eb7224",
                "libgit2",
            ),
        ),
        suffixes=(".c", ".h"),
        ctags="C",
        langmap=".c.h",
        kinds=C_KINDS,
        lexer="c_cpp.CLexer",
        reserved=C_WORDS,
    ),
    Language(
        name="cpp",
        title="C++",
        parts=(
            _pypi("pybind11", "2.13.6", "ba6af10348c12b24e92fa086b39cfba0eff619b61ac77c406167d813b096d39a"),
            _pypi("nanobind", "2.2.0", "53fa7a6227bddecaa4a0710e0b8dc18fad4c8ded7a0a31d6eddcf68009ead603"),
            _debian(
                "googletest",
                "1.12.1-0.2",
                "927be72067517da503b6538026d451455c9e860f5dbfe237f792543db7d5a928",
                "usr/src/googletest",
            ),
        ),
        suffixes=(".cc", ".cpp", ".h"),
        ctags="C++",
        kinds=C_KINDS
        | {
            "class": "class",
            "namespace": "namespace",
            "struct": "struct class",
            "member": "field variable",
            "variable": "variable field",
        },
        lexer="c_cpp.CppLexer",
        separators=":",
        reserved=C_WORDS
        | frozenset(
            "alignas alignof and bool catch class concept const_cast constexpr decltype delete dynamic_cast explicit export false friend"
            " mutable namespace new noexcept not nullptr operator or private protected public reinterpret_cast requires static_assert"
            " static_cast template this thread_local throw true try typeid typename using virtual wchar_t".split()
        ),
    ),
    Language(
        name="csharp",
        title="C#",
        parts=(_pypi("pythonnet", "3.0.3", "8d4b2e97158a023875f8647458a58f38817f4fe39af60abdd6b0d8adf1d77e75"),),
        suffixes=(".cs",),
        ctags="C#",
        kinds={
            "event": "property field",
            "class": "class",
            "macro": "macro",
            "enumerator": "variant",
            "field": "field constant property",
            "enum": "enum",
            "interface": "interface",
            "method": "method constructor type function",
            "namespace": "namespace",
            "property": "property",
            "struct": "struct",
            "typedef": "type",
        },
        lexer="dotnet.CSharpLexer",
        reserved=frozenset(
            "abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum"
            " event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long"
            " namespace new null object operator out override params private protected public readonly ref return sbyte sealed short"
            " sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual"
            " void volatile while".split()
        ),
    ),
    Language(
        name="ruby",
        title="Ruby",
        parts=(
            _debian(
                "libruby3.1",
                "3.1.7+really3.1.2-0+deb12u1",
                "16f896fdaba2eeb238171f2914f9a81a7e947e13f8ce77fcb107da4ba24c9533",
                "usr/lib/ruby/3.1.0",
            ),
        ),
        suffixes=(".rb",),
        ctags="Ruby",
        kinds={
            "accessor": "property",
            "constant": "constant",
            "singletonMethod": FUNCTIONS,
            "alias": "method",
            "class": "class",
            "method": FUNCTIONS,
            "module": "module",
        },
        lexer="ruby.RubyLexer",
        sigils="$@",
        tails="?!=",
        separators=":",
        reserved=frozenset(
            "BEGIN END alias and begin break case class def defined? do else elsif end ensure false for if in module next nil not or redo"
            " rescue retry return self super then true undef unless until when while yield".split()
        ),
    ),
    Language(
        name="php",
        title="PHP",
        parts=(
            _debian(
                "phpunit",
                "9.6.7-1+deb12u1",
                "12e89b993efa7ba7fdc2be41511c859b79996b33c37a684354ef71c445a2b2f4",
                "usr/share/php/PHPUnit",
            ),
            _debian(
                "php-twig",
                "3.5.1-1+deb12u3",
                "a0ac1c8c28830e506ed8bd035d7dde4a2e9481adc7ce0138305576cab4c277c1",
                "usr/share/php/Twig",
            ),
            _debian(
                "php-symfony-http-kernel",
                "5.4.53+dfsg-0+deb12u1",
                "e2de1f50c0f69c68d8167bb1a080acbff9fa8e958337669471880575270af0a5",
                "usr/share/php/Symfony/Component/HttpKernel",
            ),
        ),
        suffixes=(".php",),
        ctags="PHP",
        kinds={
            "class": "class enum",
            "define": "constant",
            "function": FUNCTIONS,
            "interface": "interface",
            "namespace": "namespace",
            "trait": "trait",
            "variable": "variable field constant",
        },
        lexer="php.PhpLexer",
        separators="\\",
        is_main=False,
    ),
    Language(
        name="bash",
        title="Bash",
        parts=(
            _debian(
                "dracut-core",
                "059-4",
                "d0598a5f7b5dcdd1172303a9da4c156a2b6df75fd85a97bc3d228bfafa5f39f9",
                "usr/lib/dracut",
            ),
        ),
        suffixes=(".sh",),
        ctags="Sh",
        kinds={"alias": "function", "function": "function"},
        lexer="shell.BashLexer",
        word=r"[^\W\d][\w-]*",
        is_main=False,
    ),
    Language(
        name="lua",
        title="Lua",
        parts=(
            _debian(
                "awesome",
                "4.3-7",
                "22805bf78d0c6b45965d00050901fe5a3c6d45ff2e12367d935e78500a317a59",
                "usr/share/awesome/lib",
            ),
            _debian(
                "prosody",
                "0.12.3-1+deb12u1",
                "ee51edd4acc3633a27c3acb13af6652fcde2434dc49b3e3c5572eb0b56a803e2",
                "usr/lib/prosody",
            ),
        ),
        suffixes=(".lua",),
        ctags="Lua",
        kinds={"function": "function method"},
        lexer="scripting.LuaLexer",
        separators=".:",
        reserved=frozenset(
            "and break do else elseif end false for function goto if in local nil not or repeat return then true until while".split()
        ),
        is_main=False,
    ),
)
