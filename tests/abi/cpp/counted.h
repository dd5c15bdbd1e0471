// An object that counts how often it was made and destroyed, to show leaks and double frees.
#ifndef KILN_TESTS_ABI_CPP_COUNTED_H_
#define KILN_TESTS_ABI_CPP_COUNTED_H_

#include <utility>

#include <kiln/make_object.h>

namespace kiln::testing {

struct Lives {
  int made = 0;
  int destroyed = 0;

  int alive() const { return made - destroyed; }
};

// `lives` must outlive the object.
class CountedObj : public Object {
 public:
  explicit CountedObj(Lives* lives, int value = 0) : value(value), lives_(lives) { ++lives_->made; }
  ~CountedObj() { ++lives_->destroyed; }

  int value;

 private:
  Lives* lives_;
};

class Counted : public ObjectRef {
 public:
  KILN_OBJECT_REF(Counted, ObjectRef, CountedObj);
  explicit Counted(Lives* lives, int value = 0) : Counted(MakeObject<CountedObj>(lives, value)) {}
};

}  // namespace kiln::testing

#endif  // KILN_TESTS_ABI_CPP_COUNTED_H_
