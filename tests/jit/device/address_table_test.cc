#include "jit/device/address_table.h"

#include <vector>

#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

TEST(AddressTable, FindsWhatWasAddedAndForgetsWhatWasRemoved) {
  AddressTable<int> table;
  std::vector<int> values(1000);
  for (int& value : values) table.Add(&value, &value);
  for (size_t i = 0; i < values.size(); i += 2) table.Remove(&values[i], &values[i]);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(table.Find(&values[i]), i % 2 == 0 ? nullptr : &values[i]) << i;
  }
  EXPECT_EQ(table.Find(&table), nullptr);
}

TEST(AddressTable, AddressThatComesBackMeansTheNewValue) {
  AddressTable<int> table;
  int address = 0;
  int first = 1;
  int second = 2;
  table.Add(&address, &first);
  table.Add(&address, &second);
  table.Remove(&address, &first);  // the older module goes after the newer came
  EXPECT_EQ(table.Find(&address), &second);
}

TEST(AddressTable, ManyThatComeAndGoLeaveRoom) {
  AddressTable<int> table;
  std::vector<int> values(100000);
  for (int& value : values) {
    table.Add(&value, &value);
    EXPECT_EQ(table.Find(&value), &value);
    table.Remove(&value, &value);
  }
  EXPECT_EQ(table.Find(values.data()), nullptr);
}

}  // namespace
}  // namespace kiln::jit
