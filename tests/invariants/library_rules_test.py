"""Each rule for the libraries fires on a library built wrong, and on none built right."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from library_rules import KILN_JIT, TVM_FFI, Elf, Library, check

SONAME = "-Wl,-soname,libtvm_ffi.so"
GOOD = 'extern "C" int TVMFFIVersion() { return 1; }\n'


class LibraryRules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def build(self, source: str, *flags: str, name: str = "library.so") -> Path:
        """Builds `source` as a shared library, with the C++ compiler of the build."""
        code = self.folder / "source.cc"
        code.write_text(source, encoding="utf-8")
        output = self.folder / name
        compiler = os.environ.get("CXX", "c++")
        subprocess.run(
            [compiler, "-shared", "-fPIC", str(code), "-o", str(output), *flags], check=True
        )
        return output

    def rules(
        self, source: str, *flags: str, library: Library = TVM_FFI, sanitizers: str = ""
    ) -> list[str]:
        """The rules that the library built from `source` breaks."""
        found = check(Elf(self.build(source, *flags)), library, sanitizers)
        for finding in found:
            self.assertRegex(str(finding), r"^[^:]+library\.so:1: .+ \[[a-z]+\]$")
        return [finding.rule for finding in found]

    def test_good_library_has_no_finding(self):
        self.assertEqual(self.rules(GOOD, SONAME), [])
        debugger = 'extern "C" void __jit_debug_register_code() {}\n'
        jit = self.rules(debugger, "-Wl,-soname,libkiln_jit.so", library=KILN_JIT)
        self.assertEqual(jit, [])

    def test_versioned_export_is_read_by_its_name(self):
        script = self.folder / "exports.map"
        script.write_text("KILN_1 { global: TVMFFI*; local: *; };\n", encoding="utf-8")
        source = GOOD + "namespace llvm { int Hidden() { return 1; } }\n"
        self.assertEqual(self.rules(source, SONAME, f"-Wl,--version-script={script}"), [])

    def test_foreign_export(self):
        source = GOOD + "namespace llvm { int Leaked() { return 1; } }\n"
        self.assertEqual(self.rules(source, SONAME), ["exports"])
        source = 'extern "C" int LLVMLeaked() { return 1; }\n'
        jit = self.rules(source, "-Wl,-soname,libkiln_jit.so", library=KILN_JIT)
        self.assertEqual(jit, ["exports"])

    def test_sanitizer_exports_are_allowed_in_its_build_alone(self):
        source = GOOD + 'extern "C" void __asan_added() {}\n'
        self.assertEqual(self.rules(source, SONAME, sanitizers="address,undefined"), [])
        self.assertEqual(self.rules(source, SONAME, sanitizers="thread"), ["exports"])
        self.assertEqual(self.rules(source, SONAME), ["exports"])

    def test_wrong_soname(self):
        self.assertEqual(self.rules(GOOD), ["soname"])
        self.assertEqual(self.rules(GOOD, "-Wl,-soname,libtvm_ffi.so.1"), ["soname"])

    def test_needed_compiler_library(self):
        for needed in ("libLLVM.so.19.1", "libclang-cpp.so.19.1", "libcuda.so.1"):
            with self.subTest(needed=needed):
                self.build("int other;\n", f"-Wl,-soname,{needed}", name="libother.so")
                flags = ("-Wl,--no-as-needed", f"-L{self.folder}", "-lother")
                self.assertEqual(self.rules(GOOD, SONAME, *flags), ["needed"])

    def test_executable_stack(self):
        self.assertEqual(self.rules(GOOD, SONAME, "-Wl,-z,execstack"), ["stack"])

    def test_writable_code_segment(self):
        source = GOOD + 'asm(".section both,\\"awx\\",@progbits\\n.byte 0\\n.text");\n'
        found = self.rules(source, SONAME, "-Wl,--no-warn-rwx-segments")
        self.assertEqual(found, ["segments"])

    def test_missing_stack_header(self):
        class NoStack(Elf):
            def segments(self):
                return [row for row in super().segments() if row[0] != "GNU_STACK"]

        found = check(NoStack(self.build(GOOD, SONAME)), TVM_FFI)
        self.assertEqual([finding.rule for finding in found], ["stack"])

    def test_segments_are_read(self):
        segments = Elf(self.build(GOOD, SONAME)).segments()
        self.assertIn(("LOAD", "RE"), segments)
        self.assertIn(("GNU_STACK", "RW"), segments)
        self.assertTrue(all(re.fullmatch("R?W?E?", flags) for _, flags in segments))


if __name__ == "__main__":
    unittest.main()
