"""What is missing and need not be there: mistakes of ctags or Pygments, and what Vigie leaves out on purpose. Each class is a
pattern and a sentence; what it takes out of a comparison is counted and shown. Only what is missing is ever held against these."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .definitions import Tag
from .languages import Language
from .words import Word


class Missing(Protocol):
    """Something that was not found."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Explained:
    """A class of what is missing; unset patterns match everything. In `text`, `NAME` stands for what is missing."""

    languages: str
    reason: str
    kind: str = ""
    """Of ctags' kind, or of Pygments' token."""
    text: str = ""
    """Of the line on which it stands."""
    name: str = ""
    is_local: bool | None = None
    """Whether Vigie has it as a local variable or parameter, and it is not at the left margin."""
    is_repeated: bool | None = None
    """Whether Vigie has a definition of that name further up in the file."""

    def explains(self, language: Language, missing: Missing, kind: str) -> bool:
        text = self.text.replace("NAME", re.escape(missing.name))
        return (
            language.name in self.languages.split()
            and re.fullmatch(self.kind or ".*", kind) is not None
            and re.search(text, missing.text) is not None
            and re.fullmatch(self.name or ".*", missing.name) is not None
            and self.is_local in (None, getattr(missing, "is_local", False) and missing.text[:1].isspace())
            and self.is_repeated in (None, getattr(missing, "is_repeated", False))
        )


IS_LOCAL = "a local variable or a parameter: Vigie knows it as that, and it is no symbol"

RESERVED = Explained("", "a reserved word is no name")

DEFINITIONS = (
    Explained("javascript typescript php", IS_LOCAL, kind="constant|variable", is_local=True),
    Explained("javascript", IS_LOCAL, kind="class|function", text=r"^\s+(?:const|let|var)\s+NAME\s*=", is_local=True),
    Explained("c cpp", IS_LOCAL, kind="typedef", text=r"^\s+(?:using|typedef)\b", is_local=True),
    Explained("csharp", IS_LOCAL, kind="field", text=r"\(.*\bNAME\b\s*[,)]", is_local=True),
    Explained(
        "python php",
        "a further assignment: the first one is the definition",
        kind="variable",
        text=r"\bNAME\b[^=]*=",
        is_repeated=True,
    ),
    Explained(
        "javascript typescript",
        "what `require` returns is imported, not defined",
        kind="constant|variable",
        text=r"\bNAME\b.*=.*\brequire\(",
    ),
    Explained(
        "javascript",
        "a key of an object literal is data, unless it holds a function",
        kind="property|class|constant|variable|field|function",
        text=r"""^\s*(?:.*[{,]\s*)?["']?NAME["']?\s*:""",
    ),
    Explained(
        "javascript",
        "a key of an object literal that is a name of its own is data",
        kind="field",
        text=r"(?:^|[{,])\s*NAME\s*(?:[,}]|$)",
    ),
    Explained(
        "javascript",
        "`module.exports` is what a file offers and no name: Vigie has it as an import of what it offers",
        kind="class|property|function|variable|method|constant",
        name="exports",
        text=r"\bmodule\.exports\s*=",
    ),
    Explained(
        "javascript",
        "a member of something other than `this`, `exports` or a prototype is assigned, not defined",
        kind="variable|property|class|function|method",
        text=r"(?<!\bthis)(?<!\bexports)(?<!\bprototype)\.NAME\s*=",
    ),
    Explained(
        "javascript",
        "an assignment to a variable that is declared elsewhere",
        kind="class|variable|property|function|field",
        text=r"^\s+NAME(?:\[.*\]|\.\w+)?\s*=",
    ),
    Explained(
        "javascript",
        "a further assignment: the first one is the definition",
        kind="class|variable|property|function|field",
        text=r"\bthis\.NAME(?:\[.*\])?\s*=",
        is_repeated=True,
    ),
    Explained("javascript", "a key in quotes of an object literal", kind="constant", text=r"^\s*\"[^\"]*\.NAME\"\s*:"),
    Explained("javascript typescript", "a computed name is known only when it runs", name=r"\[.*"),
    Explained("javascript typescript", "a name in quotes that is no word", kind="method|property", name=r".*[^\w$].*"),
    Explained(
        "javascript",
        "ctags takes what follows a method called `get` for fields",
        kind="field",
        text=r"^(?!\s*(?:static\s+)?#?NAME\s*(?:=|;|$))",
    ),
    Explained(
        "rust",
        "the name of an impl stands on a later line than `impl`",
        kind="implementation",
        text=r"^\s*impl\b(?!.*\bNAME\b)",
    ),
    Explained(
        "rust", "ctags takes the name of the type for that of the constant", kind="variable", text=r"&'static NAME\b"
    ),
    Explained(
        "java",
        "ctags takes what an enum constant is made from for another one",
        kind="enumConstant",
        text=r"\.\w+\(\)\s*\+",
        name=r".*\..*|x[0-9A-F]+",
    ),
    Explained(
        "c cpp",
        "ctags takes a macro that stands alone for a function",
        kind="function",
        text=r"^\s*NAME\s*\(",
        name=r"[A-Z0-9_]+",
    ),
    Explained(
        "c cpp",
        "a macro behind the name, which ctags takes for the name",
        kind="variable|typedef",
        text=r"[}\w]\s*NAME\s*;",
        name=r"[A-Z0-9_]+",
    ),
    Explained("cpp", "of a nested namespace the last one is defined", kind="namespace", text=r"\bNAME::"),
    Explained(
        "typescript",
        "ctags takes a word of an expression for what is declared",
        kind="constant|variable",
        text=r"^(?!.*\b(?:const|let|var)\s+NAME\b)(?!.*\b(?:const|let|var)\s*[{\[].*\bNAME\b.*[}\]]\s*=)(?!\s*NAME\s*=)",
    ),
    Explained(
        "typescript",
        "ctags takes any `type` for the declaration of an alias",
        kind="alias",
        text=r"^(?!.*\btype\s+NAME\b\s*[=<])",
    ),
    Explained(
        "typescript",
        "ctags takes the words of a type for properties",
        kind="property",
        text=r"^(?!\s*(?:\w+\s+)*[#\"']?NAME[\"']?\s*[?!:=;(,])",
    ),
    Explained("typescript", "a construct signature has no name", kind="method", name="new"),
    Explained(
        "csharp",
        "ctags takes a constraint of a type parameter for a definition",
        text=r"\bwhere\s+\w+\s*:|\bwhere NAME\b",
    ),
    Explained(
        "csharp", "another name for a type is imported, not defined", kind="typedef", text=r"^\s*using\s+NAME\s*="
    ),
    Explained(
        "ruby",
        "ctags takes a comparison or a pair for the definition of a constant",
        kind="constant",
        text=r"NAME\s*(?:=>|==|=~)",
    ),
    Explained("ruby", "ctags takes the object for the name of its method", kind="singletonMethod", text=r"def NAME\."),
    Explained("ruby", "a name that is put together when it runs, or stands in a string", text=r"#\{"),
    Explained(
        "lua",
        "ctags takes any assignment or comparison with the word `function` in it for a function",
        text=r"^(?!.*\bfunction\s+NAME\b)(?!.*NAME\s*=\s*function\b)",
    ),
    Explained("lua", "a name that is put together when it runs", name=r".*\[.*"),
    Explained("bash", "ctags takes an empty array for a function", name=".*="),
)

CONTEXTUAL = "a word that is reserved where it stands here"

OCCURRENCES = (
    Explained(
        "rust", "a lifetime is no occurrence of what is called the same", kind="Token.Name.Attribute", text=r"'NAME\b"
    ),
    Explained(
        "rust",
        "what a macro takes is said by words of its own",
        text=r"\$\w+:NAME\b",
        name="block|expr|ident|item|lifetime|literal|meta|pat|path|stmt|tt|ty|vis",
    ),
    Explained("python", CONTEXTUAL, name="match|case|type|_", kind="Token.Keyword"),
    Explained("javascript typescript", CONTEXTUAL, name="get|set", text=r"\bNAME\s+[\[\w$#\"']"),
    Explained("javascript typescript", CONTEXTUAL, name="async", text=r"\basync\s*(?:\(|\*|function|[\w$\[#]+)"),
    Explained("javascript typescript", CONTEXTUAL, name="of", text=r"\bfor\s*(?:await\s*)?\(.*\bof\b"),
    Explained("javascript typescript", CONTEXTUAL, name="undefined"),
    Explained("javascript typescript", CONTEXTUAL, name="from", text=r"\bfrom\s*[\"']"),
    Explained(
        "typescript",
        CONTEXTUAL,
        name="readonly|override|enum|keyof|abstract|declare|is|infer|type|namespace|as|satisfies|static|unique|asserts",
        text=r"\bNAME\s+[\w$\"'{\[(*#]",
    ),
    Explained("typescript", "a part of the name of an attribute", text=r"\bNAME-\w|\w-NAME\b"),
    Explained(
        "typescript",
        "a type that is built in has the word for itself",
        name="any|unknown|never|string|number|boolean|object|symbol|bigint|void",
        kind="Token.(Keyword.Type|Name.Other)",
    ),
    Explained("go", "the blank identifier is no name", name="_"),
    Explained(
        "csharp", CONTEXTUAL, name="init|or|and|not|get|set|when|where|value|var|async|await|partial|record|global|with"
    ),
    Explained("cpp", "the name of a destructor begins with `~`", text=r"~NAME\b"),
    Explained(
        "c cpp csharp",
        "the text of a message or the title of a region",
        kind="Token.Comment.Preproc",
        text=r"^\s*#\s*(?:error|warning|region|endregion|pragma)\b",
    ),
    Explained(
        "php",
        CONTEXTUAL,
        kind="Token.(Keyword.*|Comment.Preproc)",
        name="static|namespace|parent|clone|include|php|self",
    ),
    Explained(
        "php",
        "a type that is built in has the word for itself",
        kind="Token.Name.Other",
        name="string|callable|object|mixed|iterable",
    ),
    Explained("php", "text outside of `<?php`", kind="Token.Other"),
    Explained("bash", "an unquoted argument is a string", kind="Token.(Text|Punctuation|Name.Variable|Name.Builtin)"),
)


def of_definition(language: Language, tag: Tag) -> Explained | None:
    """Why a definition of ctags need not be there, if there is a reason."""
    if tag.name in language.reserved:
        return RESERVED
    return _first(DEFINITIONS, language, tag, tag.kind)


def of_occurrence(language: Language, word: Word) -> Explained | None:
    """Why an occurrence need not be there, if there is a reason."""
    return _first(OCCURRENCES, language, word, word.token)


def _first(classes: Sequence[Explained], language: Language, missing: Missing, kind: str) -> Explained | None:
    return next((one for one in classes if one.explains(language, missing, kind)), None)
