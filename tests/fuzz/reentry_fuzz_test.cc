// Values whose end runs code that changes the container that held them: what a class with a
// destructor of its own may do.

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/fuzz/random.h"

namespace kiln::fuzz {
namespace {

// Changes a container when it dies, until the budget of changes is used up.
template <typename Container>
class AvengerObj : public Object {
 public:
  using Change = void (*)(Container&, Random&, int* budget);

  AvengerObj(Container* container, Random* random, int* budget, Change change)
      : container_(*container), random_(*random), budget_(*budget), change_(change) {}
  ~AvengerObj() {
    if (--budget_ > 0) change_(container_, random_, &budget_);
  }

 private:
  Container& container_;
  Random& random_;
  int& budget_;
  const Change change_;
};

using AnyDict = Dict<Any, Any>;
using AnyList = List<Any>;

void ChangeDict(AnyDict& dict, Random& random, int* budget);
void ChangeList(AnyList& list, Random& random, int* budget);

template <typename Container>
Any MakeAvenger(Container& container, Random& random, int* budget,
                typename AvengerObj<Container>::Change change) {
  return Any(ObjectRef(MakeObject<AvengerObj<Container>>(&container, &random, budget, change)));
}

void ChangeDict(AnyDict& dict, Random& random, int* budget) {
  const Any key(static_cast<int64_t>(random.Below(12)));
  switch (random.Below(8)) {
    case 0:
      dict.clear();
      break;
    case 1:
      dict.erase(key);
      break;
    default:
      dict.Set(key, MakeAvenger(dict, random, budget, &ChangeDict));
  }
}

void ChangeList(AnyList& list, Random& random, int* budget) {
  const auto size = static_cast<int64_t>(list.size());
  const auto at = static_cast<int64_t>(random.Below(list.size() + 1));
  switch (random.Below(10)) {
    case 0:
      list.clear();
      break;
    case 1:
      list.Erase(at, size);
      break;
    case 2:
      if (size != 0) list.pop_back();
      break;
    case 3:
      if (at < size) list.Set(at, MakeAvenger(list, random, budget, &ChangeList));
      break;
    case 4:
      list.get()->ReplaceSlice(at, size, *AnyList{Any(1), Any(2)}.get());
      break;
    case 5:
      list.Insert(at, MakeAvenger(list, random, budget, &ChangeList));
      break;
    default:
      list.push_back(MakeAvenger(list, random, budget, &ChangeList));
  }
}

template <typename Container>
void Fuzz(uint64_t seed, typename AvengerObj<Container>::Change change) {
  Random random(seed);
  for (int round = 0; round < 300 * kEffort; ++round) {
    Container container;
    int budget = 200;
    for (int step = 0; step < 100; ++step) change(container, random, &budget);
    // What is left dies without a word.
    budget = 0;
    container.clear();
    EXPECT_EQ(container.size(), 0u);
  }
}

TEST(ReentryFuzz, DictIsChangedByItsDyingValues) { Fuzz<AnyDict>(1, &ChangeDict); }
TEST(ReentryFuzz, ListIsChangedByItsDyingElements) { Fuzz<AnyList>(2, &ChangeList); }

}  // namespace
}  // namespace kiln::fuzz
