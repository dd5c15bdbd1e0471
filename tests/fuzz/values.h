// Values of every kind, borrowed and owned, for calls of functions that know nothing of them.
#ifndef KILN_TESTS_FUZZ_VALUES_H_
#define KILN_TESTS_FUZZ_VALUES_H_

#include <cstddef>
#include <memory>
#include <vector>

#include <kiln/kiln.h>

#include "tests/fuzz/random.h"

namespace kiln::fuzz {

// Makes values, and keeps alive what they borrow and what calls returned, so that later calls get
// it as arguments.
class Values {
 public:
  explicit Values(Random* random) : random_(*random) {}
  // Lists and dicts may hold each other in circles: those are cut.
  ~Values();
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  // An argument, valid until Forget().
  TVMFFIAny Next();
  // A result, which may be an argument from now on.
  void Keep(Any value);
  // Ends the life of what the arguments borrow.
  void Forget();

 private:
  static constexpr size_t kKept = 64;

  Any MakePlain();
  Any MakeObject(int depth);
  Any MakeValue(int depth);
  Any MakeBigInt();
  TVMFFIAny MakeView();

  Random& random_;
  std::vector<Any> kept_;
  std::vector<Any> mutable_;  // every list and dict there was
  std::vector<Any> borrowed_;
  std::vector<std::unique_ptr<TVMFFIObjectHandle>> moved_;  // null where a callee took it
  std::vector<std::unique_ptr<TVMFFIByteArray>> byte_arrays_;
};

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_VALUES_H_
