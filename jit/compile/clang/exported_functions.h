#ifndef KILN_JIT_COMPILE_CLANG_EXPORTED_FUNCTIONS_H_
#define KILN_JIT_COMPILE_CLANG_EXPORTED_FUNCTIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>

#include "jit/artifact/signature.h"
#include "jit/artifact/source.h"

namespace kiln::jit {

// A plain function of a source, under the name by which users ask for it.
struct ExportedFunction {
  std::string name;
  const clang::FunctionDecl* declaration = nullptr;
};

// Declarations to append to a C++ source, by which Clang itself finds the functions that names such
// as "ns::f" or "scale<float>" stand for, and instantiates templates. Empty where all names are
// plain identifiers. Names whose identifier the text does not have are left out. Throws ValueError
// for a name that can't be one of a function.
std::string ExportDeclarations(const Source& source, const std::vector<std::string>& names);

// Finds the plain functions that `names` (CompileOptions::exports) stand for in a source that is
// parsed: in the order of the names, or of the source for "all". Reports an error at the place of a
// function whose signature can't be exported; "all" leaves such functions out.
class ExportFinder {
 public:
  ExportFinder(clang::ASTContext* context, const std::vector<std::string>& names);

  // The functions that are found, and the names that the source does not define.
  const std::vector<ExportedFunction>& functions() const { return functions_; }
  const std::vector<std::string>& missing() const { return missing_; }
  // Every function that the source defines, for messages. In the order of the source.
  std::vector<std::string> DefinedNames() const;

  // The signature of a function, but for its symbol.
  Signature SignatureOf(const ExportedFunction& function) const;

 private:
  void FindByName(const std::string& name, size_t index);
  void FindAll();
  bool CheckSignature(const ExportedFunction& function, bool report) const;

  clang::ASTContext& context_;
  std::vector<ExportedFunction> functions_;
  std::vector<std::string> missing_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_EXPORTED_FUNCTIONS_H_
