"""Comments, strings and includes are told apart."""

from __future__ import annotations

import unittest

from source_text import code_only, includes


class SourceText(unittest.TestCase):
    def test_includes_of_every_form(self):
        text = '#include <a.h>\n  #  include "b/c.h" // why\n'
        self.assertEqual(includes(text), [(1, "a.h", "<"), (2, "b/c.h", '"')])

    def test_no_include_in_comments_and_raw_strings(self):
        text = (
            "/*\n#include <a.h>\n*/\n// \\\n#include <b.h>\n"
            'auto s = R"x(\n#include <c.h>\n)" )x";\n#include <d.h>\n'
        )
        self.assertEqual(includes(text), [(9, "d.h", "<")])

    def test_quotes_that_open_no_string(self):
        text = "int n = 1'000'000; char c = '\"'; char d = '\\'';\n#include <a.h>\n"
        self.assertEqual(includes(text), [(2, "a.h", "<")])

    def test_comment_marks_in_a_string(self):
        text = 'auto s = "/* no comment";\n#include <a.h>\nauto t = "// */";\n'
        self.assertEqual(includes(text), [(2, "a.h", "<")])

    def test_code_only_keeps_line_numbers(self):
        text = 'a /* b\nc */ d "e" \'f\' R"(g\nh)" // i\nj\n'
        code = code_only(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertEqual(code.split(), ["a", "d", "j"])


if __name__ == "__main__":
    unittest.main()
