// Merging at the size of a real corpus, many times.
#include <gtest/gtest.h>

#include "corpus/merge_property.h"

namespace faultline {
namespace {

TEST(MergeSlow, FiftyPartitionsOfAThousandFindingsGiveTheSameFiles) {
  expect_same_files({.findings = 1000, .partitions = 50, .seed = 4});
}

}  // namespace
}  // namespace faultline
