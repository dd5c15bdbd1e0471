// Debuggers are told of objects with debug information, and where their sections are.
#include <elf.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/link/load.h"

// The layout that gdb reads.
extern "C" {
struct jit_code_entry {
  jit_code_entry* next_entry;
  jit_code_entry* prev_entry;
  const char* symfile_addr;
  uint64_t symfile_size;
};
struct jit_descriptor {
  uint32_t version;
  uint32_t action_flag;
  jit_code_entry* relevant_entry;
  jit_code_entry* first_entry;
};
extern jit_descriptor __jit_debug_descriptor;
}

namespace kiln::jit {
namespace {

std::vector<std::string> RegisteredObjects() {
  std::vector<std::string> objects;
  const jit_code_entry* previous = nullptr;
  for (const jit_code_entry* entry = __jit_debug_descriptor.first_entry; entry != nullptr;
       entry = entry->next_entry) {
    EXPECT_EQ(entry->prev_entry, previous);
    previous = entry;
    objects.emplace_back(entry->symfile_addr, entry->symfile_size);
  }
  return objects;
}

// Where a debugger takes the named symbols of an object to be.
std::map<std::string, const void*> SymbolsOf(const std::string& object) {
  const auto read = [&]<class T>(T* to, size_t offset) {
    ASSERT_LE(offset + sizeof *to, object.size());
    std::memcpy(to, object.data() + offset, sizeof *to);
  };
  Elf64_Ehdr header{};
  read(&header, 0);
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  for (size_t i = 0; i < sections.size(); ++i)
    read(&sections[i], header.e_shoff + i * sizeof(Elf64_Shdr));
  std::map<std::string, const void*> symbols;
  for (const Elf64_Shdr& table : sections) {
    if (table.sh_type != SHT_SYMTAB) continue;
    for (size_t at = 0; at < table.sh_size; at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol{};
      read(&symbol, table.sh_offset + at);
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= sections.size()) continue;
      const char* const name = object.data() + sections[table.sh_link].sh_offset + symbol.st_name;
      symbols[name] =
          reinterpret_cast<const void*>(sections[symbol.st_shndx].sh_addr + symbol.st_value);
    }
  }
  return symbols;
}

CompileOptions WithDebugInfo() {
  CompileOptions options = Hermetic();
  options.debug_info = true;
  options.opt_level = 0;
  return options;
}

TEST(DebugObjects, AreKnownAsLongAsTheImageLives) {
  EXPECT_TRUE(RegisteredObjects().empty());
  auto one = LoadC("int f(void) { return 1; }", WithDebugInfo());
  auto two = LoadC("int f(void) { return 2; }", WithDebugInfo());
  EXPECT_EQ(RegisteredObjects().size(), 2u);
  one.reset();
  ASSERT_EQ(RegisteredObjects().size(), 1u);
  EXPECT_EQ(SymbolsOf(RegisteredObjects()[0])["f"], two->Find("f"));
  two.reset();
  EXPECT_TRUE(RegisteredObjects().empty());
  EXPECT_EQ(__jit_debug_descriptor.version, 1u);
}

TEST(DebugObjects, ThereAreNoneWithoutDebugInformation) {
  const auto image = LoadC("int f(void) { return 1; }");
  EXPECT_TRUE(RegisteredObjects().empty());
}

TEST(DebugObjects, TellWhereEverySectionIs) {
  const auto image = LoadC(
      "int v = 1; int z[100]; extern const int k[2]; const int k[2] = {1, 2};\n"
      "static int hidden_zero[7];\n"
      "int f(void) { return v + z[1] + k[0] + hidden_zero[2]; }\n"
      "void* g(void) { return hidden_zero; }",
      WithDebugInfo());
  ASSERT_EQ(RegisteredObjects().size(), 1u);
  auto symbols = SymbolsOf(RegisteredObjects()[0]);
  for (const char* name : {"v", "z", "k", "f", "g"}) {
    EXPECT_EQ(symbols[name], image->Find(name)) << name;
  }
  EXPECT_EQ(symbols["hidden_zero"], FunctionOf<void*()>(*image, "g")());
}

TEST(DebugObjects, OfOneImageAreToldApart) {
  const auto text = [](const std::string& letter) {
    return "static int zero[5]; int " + letter + "z[9]; int " + letter +
           "(void) { return zero[1] + " + letter + "z[2]; }\nvoid* " + letter +
           "s(void) { return zero; }";
  };
  std::vector<Artifact> parts;
  for (const char* letter : {"a", "b", "c"}) {
    parts.push_back(CompileC(text(letter), letter[0] == 'b' ? Hermetic() : WithDebugInfo()));
    parts.back().name = letter;
  }
  const auto image = TestLinker().Link(Combine(std::move(parts)));
  const std::vector<std::string> objects = RegisteredObjects();
  ASSERT_EQ(objects.size(), 2u);  // the last comes first
  const char* letters[] = {"c", "a"};
  for (size_t i = 0; i < 2; ++i) {
    auto symbols = SymbolsOf(objects[i]);
    const std::string letter = letters[i];
    EXPECT_EQ(symbols[letter], image->Find(letter));
    EXPECT_EQ(symbols[letter + "z"], image->Find(letter + "z"));
    EXPECT_EQ(symbols["zero"], FunctionOf<void*()>(*image, letter + "s")());
  }
}

}  // namespace
}  // namespace kiln::jit
