#include <map>
#include <set>
#include <utility>

#include "jit/compile/compiler.h"
#include "jit/compile/llvm/elf_object.h"
#include "jit/compile/llvm/object_compiler.h"

namespace kiln::jit {
namespace {

struct Member {
  const std::string* object;
  std::vector<ObjectSymbol> symbols;
  bool is_kept;
};

// The objects of all parts, and which of them are kept.
class Members {
 public:
  explicit Members(const std::vector<Artifact>& parts) {
    for (const Artifact& part : parts) {
      for (const std::string& object : part.objects) {
        const bool is_kept =
            part.language != Language::kArchive || !ExportsOfObject(object).empty();
        members_.push_back({&object, SymbolsOf(object), is_kept});
      }
    }
  }

  bool KeepsAny() const {
    for (const Member& member : members_) {
      if (member.is_kept) return true;
    }
    return false;
  }

  // Keeps what the kept ones need, and what that needs in turn.
  void KeepNeeded() {
    std::map<std::string, Member*> providers;  // the first that defines a symbol
    for (Member& member : members_) {
      for (const ObjectSymbol& symbol : member.symbols) {
        if (symbol.is_defined) providers.emplace(symbol.name, &member);
      }
    }
    std::set<std::string> defined;
    std::vector<const Member*> waiting;
    const auto keep = [&](Member* member) {
      member->is_kept = true;
      waiting.push_back(member);
      for (const ObjectSymbol& symbol : member->symbols) {
        if (symbol.is_defined) defined.insert(symbol.name);
      }
    };
    for (Member& member : members_) {
      if (member.is_kept) keep(&member);
    }
    while (!waiting.empty()) {
      const Member* const member = waiting.back();
      waiting.pop_back();
      for (const ObjectSymbol& symbol : member->symbols) {
        if (symbol.is_defined || symbol.is_weak || defined.count(symbol.name) != 0) continue;
        const auto provider = providers.find(symbol.name);
        if (provider != providers.end()) keep(provider->second);
      }
    }
  }

  // Whether each object is kept, in the order of the parts and of the objects in them.
  std::vector<bool> Kept() const {
    std::vector<bool> kept;
    for (const Member& member : members_) kept.push_back(member.is_kept);
    return kept;
  }

 private:
  std::vector<Member> members_;
};

}  // namespace

void KeepNeededMembers(std::vector<Artifact>* parts) {
  bool has_archive = false;
  for (const Artifact& part : *parts) has_archive |= part.language == Language::kArchive;
  if (!has_archive) return;

  Members members(*parts);
  if (!members.KeepsAny()) return;
  members.KeepNeeded();
  const std::vector<bool> kept = members.Kept();
  size_t index = 0;
  for (Artifact& part : *parts) {
    std::vector<std::string> objects;
    for (std::string& object : part.objects) {
      if (kept[index++]) objects.push_back(std::move(object));
    }
    part.objects = std::move(objects);
  }
}

}  // namespace kiln::jit
