"""Tests of the evaluation itself, on small trees and searches made for them. In `.ci`: `python3 -m unittest relevance.tests`."""

import tempfile
import unittest
from collections import Counter
from collections.abc import Mapping
from math import log2
from pathlib import Path

from benchmark.errors import BenchError

from . import questions, report, searched
from .measures import Scored, ask, mean, ndcg, of_half, recall, score
from .projects import PROJECTS
from .questions import Half, Question
from .report import PLAIN, VIGIE, Result
from .words import PlainSearch, words


def question(identity: str, files: Mapping[str, int], text: str = "where is it") -> Question:
    return Question(identity, "how", text, files)


class Measures(unittest.TestCase):
    grades: Mapping[str, int] = {"a": 3, "b": 2, "c": 1}

    def test_best_order_is_one(self) -> None:
        self.assertAlmostEqual(ndcg(["a", "b", "c"], self.grades), 1.0)
        self.assertAlmostEqual(ndcg(["a", "b", "c", "x"], self.grades), 1.0)

    def test_gain_and_discount(self) -> None:
        ideal = 7 + 3 / log2(3) + 1 / log2(4)
        self.assertAlmostEqual(ndcg(["x", "a"], self.grades), 7 / log2(3) / ideal)
        self.assertAlmostEqual(ndcg(["c", "b"], self.grades), (1 + 3 / log2(3)) / ideal)

    def test_nothing_found_is_nothing(self) -> None:
        self.assertEqual(ndcg([], self.grades), 0.0)
        self.assertEqual(recall([], self.grades), 0.0)

    def test_only_ten_files_are_read(self) -> None:
        many = [f"x{n}" for n in range(10)]
        scored = score(question("q-1", self.grades), [*many, "a"])
        self.assertEqual((scored.ndcg, scored.recall), (0.0, 0.0))
        grades = {f"f{n:02}": 3 for n in range(12)}
        self.assertAlmostEqual(ndcg(sorted(grades), grades), 1.0)

    def test_recall_leaves_out_what_only_helps(self) -> None:
        self.assertAlmostEqual(recall(["c", "b"], self.grades), 0.5)
        self.assertAlmostEqual(recall(["b", "a"], self.grades), 1.0)

    def test_file_counts_once(self) -> None:
        scored = score(question("q-1", self.grades), ["a", "a", "b", "a", "c"])
        self.assertEqual(scored.found, ("a", "b", "c"))
        self.assertAlmostEqual(scored.ndcg, 1.0)

    def test_search_is_asked_the_text(self) -> None:
        answers = {"first": ["a"], "second": ["x"]}
        asked = [question("q-1", {"a": 3}, "first"), question("q-2", {"a": 3}, "second")]
        figures = mean(ask(answers.__getitem__, asked))
        self.assertEqual((figures.questions, figures.ndcg, figures.recall), (2, 0.5, 0.5))


class Questions(unittest.TestCase):
    def test_halves_are_those_of_the_hash(self) -> None:
        # `printf q-1 | sha256sum` begins with 8a, which is even, and that of q-2 with 55.
        self.assertIs(questions.half("q-1"), Half.TUNED)
        self.assertIs(questions.half("q-2"), Half.HELD)

    def test_all_questions_can_be_read(self) -> None:
        asked = [one for project in PROJECTS for one in questions.load(project)]
        self.assertEqual(questions.repeated(asked), [])
        self.assertEqual({one.kind for one in asked}, questions.KINDS)
        halves = Counter(one.half for one in asked)
        self.assertGreater(min(halves.values()), len(asked) // 3)

    def test_faults_are_named(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            (root / "a.py").write_text("a = 1\n")
            (root / "notes.txt").write_text("a\n")
            good = question("q-1", {"a.py": 3})
            bad = Question("Q", "why", " ", {"a.py": 4, "b.py": 2, "notes.txt": 1})
            self.assertEqual(questions.faults([good], root), [])
            self.assertEqual(len(questions.faults([bad], root)), 7)
            self.assertEqual(len(questions.repeated([good, good])), 2)

    def test_what_is_no_question_is_an_error(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "x.toml")
            for text in ("", "question = 1", "[[question]]\nid = 'q-1'\n", "[[question]]\nfile = {}\n"):
                path.write_text(text)
                with self.assertRaises(BenchError):
                    questions.read(path)


class Words(unittest.TestCase):
    def test_names_are_split(self) -> None:
        expected = [b"http", b"server", b"name", b"2", b"to", b"url"]
        self.assertEqual(list(words(b"HTTPServer_name2.toURL")), expected)

    def test_rare_words_weigh_more(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory)
            for number in range(5):
                (root / f"common{number}.py").write_text("def open_file():\n    return the_file\n")
            (root / "rare.py").write_text("def open_socket():\n    return the_socket\n")
            (root / "rare.txt").write_text("socket socket socket\n")
            search = PlainSearch(root, ["open the socket", "nonsense"])
            self.assertEqual(search("open the socket")[0], "rare.py")
            self.assertNotIn("rare.txt", search("open the socket"))
            self.assertEqual(search("nonsense"), [])


class Answers(unittest.TestCase):
    def test_files_are_in_order_and_once(self) -> None:
        rows: list[dict[str, object]] = [{"type": "result", "path": path} for path in ("b", "a", "b")]
        self.assertEqual(searched.paths([*rows, {"type": "summary", "files_pending": 0}]), ["b", "a"])

    def test_answer_must_be_whole(self) -> None:
        answers: list[list[dict[str, object]]] = [[], [{"path": "a"}], [{"type": "summary", "files_pending": 2}]]
        for lines in answers:
            with self.assertRaises(BenchError):
                searched.paths(lines)


class Report(unittest.TestCase):
    def results(self) -> list[Result]:
        # One question of each half about each project.
        asked = [question("q-2", {"held.py": 3}, "held?"), question("q-1", {"tuned.py": 3}, "tuned?")]
        found = [Scored(asked[0], ("held.py",), 0.25, 0.5), Scored(asked[1], ("x.py",), 0.75, 1.0)]
        return [Result(project, {VIGIE: found, PLAIN: found}) for project in PROJECTS[:2]]

    def test_nothing_of_the_held_half_but_totals(self) -> None:
        results = self.results()
        whole = report.table(results, is_whole=True).splitlines()
        self.assertEqual([line.split()[:2] for line in whole if line.startswith("held")], [["held", "all"]])
        self.assertNotIn("held", report.table(results, is_whole=False))
        shown = report.details(results)
        self.assertIn("tuned.py", shown)
        self.assertNotIn("held", shown)
        self.assertEqual(len(of_half(results[0].scored[VIGIE], Half.HELD)), 1)

    def test_loss_is_held_against_what_was_committed(self) -> None:
        self.assertEqual(report.held(self.results()), 0.25)
        self.assertEqual(report.loss(0.25, None), "")
        self.assertEqual(report.loss(0.25, 0.28), "")
        self.assertNotEqual(report.loss(0.25, 0.2811), "")
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "committed.json")
            report.commit(0.123456, path)
            self.assertEqual(report.committed(path), 0.1235)


if __name__ == "__main__":
    unittest.main()
