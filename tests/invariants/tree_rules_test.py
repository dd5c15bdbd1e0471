"""Each rule for the tree fires on a bad example, with its file and line, and on no good one."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import tree_rules
from tree import Tree


def header(guard: str, body: str = "") -> str:
    return f"// What it is.\n#ifndef {guard}\n#define {guard}\n\n{body}\n\n#endif  // {guard}\n"


def good_tree() -> dict[str, str]:
    """A small house that keeps every rule."""
    files = {folder + "/README.md": "# Here\n" for folder in tree_rules.FOLDERS}
    files |= {
        "abi/c/tvm/ffi/c_api.h": header("TVM_FFI_C_API_H_", "#include <stdint.h>"),
        "abi/c/tvm/ffi/extra/c_env_api.h": header("TVM_FFI_EXTRA_C_ENV_API_H_"),
        "abi/c/kiln/dlpack.h": header("KILN_DLPACK_H_", "#include <dlpack/dlpack.h>"),
        "abi/cpp/kiln/any.h": header("KILN_ANY_H_", "#include <tvm/ffi/c_api.h>"),
        "abi/cpp/kiln/jit.h": header("KILN_JIT_H_", '#include "kiln/any.h"'),
        "runtime/registry.h": header("KILN_RUNTIME_REGISTRY_H_", "#include <tvm/ffi/c_api.h>"),
        "runtime/registry.cc": '#include "runtime/registry.h"\n',
        "jit/artifact/artifact.h": header("KILN_JIT_ARTIFACT_ARTIFACT_H_", "#include <kiln/any.h>"),
        "jit/compile/compiler.h": header(
            "KILN_JIT_COMPILE_COMPILER_H_",
            '#include "jit/artifact/artifact.h"  // no clang::Decl here\n'
            'inline const char* kName = "llvm::Module";',
        ),
        "jit/compile/clang/README.md": "# Clang\n",
        "jit/compile/clang/parse.h": header(
            "KILN_JIT_COMPILE_CLANG_PARSE_H_", '#include "clang/AST/Decl.h"'
        ),
        "jit/compile/clang/parse.cc": '#include "jit/compile/clang/parse.h"\n'
        "#include <llvm/IR/Module.h>\n",
        "jit/compile/clang/headers/libc/math.h": header("KILN_HEADERS_MATH_H_"),
        "jit/compile/llvm/README.md": "# LLVM\n",
        "jit/compile/llvm/target.h": header("KILN_JIT_COMPILE_LLVM_TARGET_H_"),
        "jit/compile/llvm/passes.h": header("KILN_JIT_COMPILE_LLVM_PASSES_H_", "llvm::Module* m;"),
        "jit/doctor.cc": '#include "jit/compile/llvm/target.h"\n',
        "jit/link/linker.h": header(
            "KILN_JIT_LINK_LINKER_H_", '#include "jit/artifact/artifact.h"'
        ),
        "jit/link/linker.cc": '#include "jit/link/linker.h"\n#include "llvm-c/Orc.h"\n',
        "jit/cache/cache.h": header(
            "KILN_JIT_CACHE_CACHE_H_", '#include "jit/artifact/artifact.h"'
        ),
        "jit/device/device.h": header("KILN_JIT_DEVICE_DEVICE_H_", '#include "jit/link/linker.h"'),
        "jit/module.h": header("KILN_JIT_MODULE_H_", '#include "jit/device/device.h"'),
        "jit/session.h": header("KILN_JIT_SESSION_H_", '#include "jit/module.h"'),
        "jit/ffi_api.cc": '#include "jit/session.h"\n#include "jit/cache/cache.h"\n',
        "jit/cli/arguments.h": header("KILN_JIT_CLI_ARGUMENTS_H_", "#include <CLI/CLI.hpp>"),
        "jit/cli/main.cc": '#include <kiln/jit.h>\n#include "jit/cli/arguments.h"\n',
        "samples/quickstart/main.cc": "#include <kiln/jit.h>\n",
        "samples/quickstart/add_one.c": "#include <tvm/ffi/c_api.h>\n",
        "tests/jit/link/linker_test.cc": '#include "jit/link/linker.h"\n#include "llvm/IR/Module.h"\n',
        "tests/jit/session_test.cc": '#include "jit/session.h"\n'
        'const char* kSource = R"(\n#include "llvm/IR/Module.h"\n)";\n',
        "build/release/generated.cc": '#include "llvm/IR/Module.h"\n// ' + "TO" + "DO\n",
        "scripts/build.sh": "echo build\n",
    }
    return files


class TreeRules(unittest.TestCase):
    def findings(self, changes: dict[str, str | None]) -> list[tuple[str, str, int]]:
        """(rule, path, line) of what breaks in the good tree with `changes`; None removes a file."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {**good_tree(), **changes}.items():
                if text is None:
                    continue
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            found = tree_rules.check(Tree(Path(folder)))
            for finding in found:
                self.assertRegex(str(finding), r"^[^:]+:[1-9]\d*: .+ \[[a-z-]+\]$")
            return [(f.rule, f.path, f.line) for f in found]

    def test_good_tree_has_no_finding(self):
        self.assertEqual(self.findings({}), [])

    def test_llvm_header_outside_its_rooms(self):
        for place in ("jit/artifact/artifact.cc", "runtime/error.cc", "tests/jit/session_test.cc"):
            for include in ('"llvm/IR/Module.h"', "<clang/AST/Decl.h>", '"llvm-c/Core.h"'):
                with self.subTest(place=place, include=include):
                    text = f"/* first */\n#  include {include}\n"
                    self.assertEqual(self.findings({place: text}), [("llvm-rooms", place, 2)])

    def test_llvm_header_reached_through_a_room(self):
        place = "jit/session.cc"
        door = "jit/compile/clang/door.h"
        changes = {
            place: f'#include "jit/session.h"\n#include "{door}"\n',
            door: header("KILN_JIT_COMPILE_CLANG_DOOR_H_", '#include "jit/compile/clang/parse.h"'),
        }
        self.assertEqual(self.findings(changes), [("llvm-reached", place, 2)])

    def test_entry_header_names_an_llvm_type(self):
        place, guard = "jit/link/linker.h", "KILN_JIT_LINK_LINKER_H_"
        bad = (
            "namespace llvm { class Module; }",
            "void Link(::llvm::Module& module);",
            "std::unique_ptr<clang::Decl> decl;",
            "LLVMModuleRef module;",
        )
        for body in bad:
            with self.subTest(body=body):
                found = self.findings({place: header(guard, body)})
                self.assertEqual(found[0], ("entry-headers", place, 5))

    def test_entry_header_includes_llvm(self):
        place = "jit/link/linker.h"
        text = header("KILN_JIT_LINK_LINKER_H_", '#include "llvm/Support/Error.h"')
        self.assertIn(("entry-headers", place, 5), self.findings({place: text}))

    def test_entry_header_is_there(self):
        place = "jit/compile/compiler.h"
        self.assertEqual(self.findings({place: None}), [("entry-headers", place, 0)])

    def test_header_that_is_included_from_outside_is_an_entry(self):
        place = "jit/compile/llvm/target.h"
        text = header("KILN_JIT_COMPILE_LLVM_TARGET_H_", "namespace llvm { class Module; }")
        self.assertEqual(self.findings({place: text}), [("entry-headers", place, 5)])

    def test_parts_keep_apart(self):
        bad = {
            "jit/session.cc": '"runtime/registry.h"',
            "jit/cache/cache.cc": '"runtime/not_there.h"',
            "runtime/error.cc": '"jit/artifact/artifact.h"',
            "jit/cli/run.cc": '"jit/session.h"',
            "jit/module.cc": '"jit/cli/arguments.h"',
            "samples/quickstart/other.cc": '"runtime/registry.h"',
            "abi/cpp/kiln/other.cc": "<runtime/registry.h>",
        }
        for place, include in bad.items():
            with self.subTest(place=place):
                found = self.findings({place: f"\n#include {include}\n"})
                self.assertEqual(found, [("parts", place, 2)])

    def test_arrows_run_one_way(self):
        bad = {
            "jit/artifact/artifact.cc": "jit/compile/compiler.h",
            "jit/compile/compiler.cc": "jit/link/linker.h",
            "jit/link/image.cc": "jit/cache/cache.h",
            "jit/cache/memory.cc": "jit/compile/compiler.h",
            "jit/device/cpu.cc": "jit/module.h",
            "jit/module.cc": "jit/session.h",
            "jit/session.cc": "jit/ffi_api.h",
        }
        for place, include in bad.items():
            with self.subTest(place=place):
                found = self.findings({place: f'#include <string>\n#include "{include}"\n'})
                self.assertEqual(found, [("arrows", place, 2)])

    def test_room_without_a_rank(self):
        place = "jit/misc/thing.cc"
        self.assertEqual(self.findings({place: "int x;\n"}), [("arrows", place, 0)])

    def test_long_file(self):
        lines = tree_rules.MAX_LINES
        for place in ("runtime/long.cc", "tests/long.py", "scripts/long.sh", "CMakeLists.txt"):
            with self.subTest(place=place):
                self.assertEqual(self.findings({place: "\n" * lines}), [])
                found = self.findings({place: "\n" * (lines + 1)})
                self.assertEqual(found, [("length", place, lines + 1)])

    def test_include_guard(self):
        place = "runtime/object.h"
        bad = {
            header("KILN_OBJECT_H_"): 2,
            "#pragma once\nint x;\n": 1,
            header("KILN_RUNTIME_OBJECT_H_", "#pragma once"): 5,
            "\nint x;\n": 2,
            "#ifndef KILN_RUNTIME_OBJECT_H_\n#define KILN_OBJECT_H_\n#endif\n": 1,
            "": 1,
        }
        for text, line in bad.items():
            with self.subTest(text=text):
                self.assertEqual(self.findings({place: text}), [("guards", place, line)])

    def test_leftover_mark(self):
        for mark in ("TO" + "DO", "FIX" + "ME", "XX" + "X"):
            for place in ("runtime/object.cc", "jit/README.md", "scripts/build.sh"):
                with self.subTest(place=place, mark=mark):
                    found = self.findings({place: f"\n# {mark}: later\n"})
                    self.assertEqual(found, [("marks", place, 2)])

    def test_folder_without_a_readme(self):
        self.assertEqual(
            self.findings({"jit/cache/README.md": None}), [("readmes", "jit/cache/README.md", 0)]
        )
        self.assertEqual(
            self.findings({"jit/compile/cuda/nvrtc.cc": ""}),
            [("readmes", "jit/compile/cuda/README.md", 0)],
        )


if __name__ == "__main__":
    unittest.main()
