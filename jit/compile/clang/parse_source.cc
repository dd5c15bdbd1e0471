#include "jit/compile/clang/parse_source.h"

#include <memory>
#include <utility>

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExternalASTSource.h>
#include <clang/Basic/FileManager.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Basic/Stack.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <clang/Parse/ParseAST.h>
#include <clang/Sema/Sema.h>
#include <llvm/Support/MemoryBuffer.h>

namespace kiln::jit {
namespace {

bool HasPrecompiledHeader(const clang::CompilerInstance& clang) {
  return !clang.getPreprocessorOpts().ImplicitPCHInclude.empty();
}

void MakePreprocessor(clang::TranslationUnitKind kind, clang::CompilerInstance* clang) {
  // The preprocessor owns it.
  auto* const search =
      new clang::HeaderSearch(clang->getHeaderSearchOptsPtr(), clang->getSourceManager(),
                              clang->getDiagnostics(), clang->getLangOpts(), &clang->getTarget());
  const auto preprocessor = std::make_shared<clang::Preprocessor>(
      clang->getInvocation().getPreprocessorOptsPtr(), clang->getDiagnostics(),
      clang->getLangOpts(), clang->getSourceManager(), *search, *clang,
      /*IILookup=*/nullptr, /*OwnsHeaderSearch=*/true, kind);
  preprocessor->Initialize(clang->getTarget(), clang->getAuxTarget());
  if (!HasPrecompiledHeader(*clang)) {
    clang::InitializePreprocessor(*preprocessor, clang->getPreprocessorOpts(),
                                  clang->getPCHContainerReader(), clang->getFrontendOpts(),
                                  clang->getCodeGenOpts());
  }
  clang::ApplyHeaderSearchOptions(*search, clang->getHeaderSearchOpts(), clang->getLangOpts(),
                                  clang->getTarget().getTriple());
  clang->setPreprocessor(preprocessor);
}

void SetMainFile(llvm::MemoryBufferRef text, bool as_file, clang::SourceManager* sources) {
  if (!as_file) return sources->setMainFileID(sources->createFileID(text));
  const clang::FileEntryRef file = sources->getFileManager().getVirtualFileRef(
      text.getBufferIdentifier(), static_cast<off_t>(text.getBufferSize()),
      /*ModificationTime=*/0);
  sources->overrideFileContents(file, llvm::MemoryBuffer::getMemBuffer(text));
  sources->setMainFileID(
      sources->createFileID(file, clang::SourceLocation(), clang::SrcMgr::C_User));
}

// Makes Clang's builtin functions known, or reads the precompiled header, which knows them.
bool MakeDeclarations(clang::CompilerInstance* clang) {
  clang::Preprocessor& preprocessor = clang->getPreprocessor();
  if (!HasPrecompiledHeader(*clang)) {
    preprocessor.getBuiltinInfo().initializeBuiltins(preprocessor.getIdentifierTable(),
                                                     preprocessor.getLangOpts());
    return true;
  }
  const clang::PreprocessorOptions& options = clang->getPreprocessorOpts();
  clang->createPCHExternalASTSource(options.ImplicitPCHInclude,
                                    options.DisablePCHOrModuleValidation,
                                    /*AllowPCHWithCompilerErrors=*/false,
                                    /*DeserializationListener=*/nullptr,
                                    /*OwnDeserializationListener=*/false);
  return clang->getASTContext().getExternalSource() != nullptr;
}

}  // namespace

bool ParseSource(llvm::MemoryBufferRef text, bool as_file, clang::TranslationUnitKind kind,
                 const std::function<std::unique_ptr<clang::ASTConsumer>()>& make_consumer,
                 HeaderRecords* headers, clang::CompilerInstance* clang) {
  clang::noteBottomOfStack();
  clang->createSourceManager(clang->getFileManager());
  MakePreprocessor(kind, clang);
  headers->Watch(&clang->getPreprocessor());
  clang::DiagnosticConsumer& messages = clang->getDiagnosticClient();
  messages.BeginSourceFile(clang->getLangOpts(), &clang->getPreprocessor());
  SetMainFile(text, as_file, &clang->getSourceManager());
  clang->createASTContext();
  clang->setASTConsumer(make_consumer());
  clang->getASTContext().setASTMutationListener(clang->getASTConsumer().GetASTMutationListener());
  if (MakeDeclarations(clang)) {
    clang->createSema(kind, /*CompletionConsumer=*/nullptr);
    clang::ParseAST(clang->getSema(), /*PrintStats=*/false,
                    clang->getFrontendOpts().SkipFunctionBodies);
  }
  messages.EndSourceFile();
  clang->getPreprocessor().EndSourceFile();
  clang->setSema(nullptr);
  clang->setASTContext(nullptr);
  clang->setASTConsumer(nullptr);
  messages.finish();
  return messages.getNumErrors() == 0;
}

}  // namespace kiln::jit
