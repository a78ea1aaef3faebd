"""Tests of what a measurement stands on and no run would show to be wrong. In `.ci`: `python3 -m unittest benchmark.tests`."""

import os
import tempfile
import unittest
from pathlib import Path

from .bounds import Group
from .errors import BenchError
from .lines import Lines
from .watching import Sources


class LinesOfJson(unittest.TestCase):
    def setUp(self) -> None:
        self.read, self.write = os.pipe()
        self.lines = Lines(self.read, "a pipe")

    def tearDown(self) -> None:
        os.close(self.read)

    def test_lines_may_come_in_parts_and_together(self) -> None:
        os.write(self.write, b'{"a": 1}\n\n{"b": 2}\n{"c"')
        self.assertEqual(self.lines.next()[1], {"a": 1})
        self.assertEqual(self.lines.next()[1], {"b": 2})
        os.write(self.write, b": 3}\n")
        self.assertEqual(self.lines.next()[1], {"c": 3})
        os.close(self.write)

    def test_what_is_late_or_ends_is_an_error(self) -> None:
        with self.assertRaises(TimeoutError):
            self.lines.next(0.01)
        os.close(self.write)
        with self.assertRaises(BenchError):
            self.lines.next()


class SourceFiles(unittest.TestCase):
    def test_a_definition_comes_at_the_end_under_a_name_of_its_own(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            for path in ("a.py", "b.go", "module-info.java", "tests/wrong.py", "readme.txt"):
                (root / path).parent.mkdir(exist_ok=True)
                (root / path).write_text("no end of line")
            sources = Sources(root)
            self.assertEqual([path.name for path in sources.paths], ["a.py", "b.go"])
            first, second = (sources.add_definition(root / "b.go") for _ in range(2))
            self.assertNotEqual(first, second)
            text = f"no end of line\nfunc {first}() {{}}\n\nfunc {second}() {{}}\n"
            self.assertEqual((root / "b.go").read_text(), text)


class ControlGroups(unittest.TestCase):
    """On files that look like the kernel's."""

    def setUp(self) -> None:
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.group = Group(Path(kept.name))

    def test_version_two(self) -> None:
        self._files({"memory.max": "max", "memory.peak": "7\n", "memory.events": "low 0\noom 3\noom_kill 2\n"})
        self.group.limit(5)
        self.assertEqual((self.group.directory / "memory.max").read_text(), "5")
        self.assertEqual((self.group.peak_bytes(0), self.group.killed(0)), (7, 2))

    def test_version_one(self) -> None:
        self._files({"memory.max_usage_in_bytes": "7\n", "memory.oom_control": "under_oom 0\noom_kill 1\n"})
        self.group.limit(5)
        self.assertEqual((self.group.directory / "memory.limit_in_bytes").read_text(), "5")
        self.assertEqual((self.group.peak_bytes(0), self.group.killed(0)), (7, 1))

    def test_the_command_runs_in_it(self) -> None:
        *shell, directory = self.group.prefix
        done = os.spawnlp(os.P_WAIT, shell[0], *shell, directory, "true")
        self.assertEqual(done, 0)
        self.assertTrue((self.group.directory / "cgroup.procs").read_text().strip().isdigit())

    def _files(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            (self.group.directory / name).write_text(text)


if __name__ == "__main__":
    unittest.main()
