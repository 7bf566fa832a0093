// Which kinds of children get the budget.
#include "faultline/fuzz/children.h"

#include <gtest/gtest.h>

#include <map>

namespace faultline {
namespace {

constexpr int kDrawn = 2000;

std::map<ChildKind, int> drawn_of(const ChildKinds& kinds) {
  std::map<ChildKind, int> counts;
  Draws draws(7);
  for (int i = 0; i < kDrawn; ++i) {
    ++counts[kinds.drawn(draws)];
  }
  return counts;
}

TEST(ChildKinds, WithoutAHintTheSearchIsRandom) {
  ChildKinds kinds;
  EXPECT_GT(drawn_of(kinds)[ChildKind::kAnew], kDrawn / 2) << "nothing is known";
  Draws draws(1);
  for (int i = 0; i < 3000; ++i) {
    kinds.tell(kinds.drawn(draws), false);
  }
  EXPECT_GT(drawn_of(kinds)[ChildKind::kAnew], kDrawn / 2) << "nothing leads anywhere";
}

TEST(ChildKinds, WhatLeadsSomewhereGetsMore) {
  ChildKinds kinds;
  Draws draws(1);
  for (int i = 0; i < 300; ++i) {
    const ChildKind kind = kinds.drawn(draws);
    kinds.tell(kind, kind == ChildKind::kNearest);
  }
  std::map<ChildKind, int> counts = drawn_of(kinds);
  EXPECT_GT(counts[ChildKind::kNearest], kDrawn * 7 / 10);
  for (const ChildKind kind : {ChildKind::kMoved, ChildKind::kChanged, ChildKind::kCrossed, ChildKind::kAnew}) {
    EXPECT_GT(counts[kind], kDrawn / 200) << "none is forgotten";
  }
}

TEST(ChildKinds, WhatLedSomewhereLongAgoIsForgotten) {
  ChildKinds kinds;
  for (int i = 0; i < 100; ++i) {
    kinds.tell(ChildKind::kNearest, true);
  }
  for (int i = 0; i < 6000; ++i) {
    kinds.tell(ChildKind::kNearest, false);
  }
  std::map<ChildKind, int> counts = drawn_of(kinds);
  EXPECT_LT(counts[ChildKind::kNearest], counts[ChildKind::kAnew] / 2);
}

}  // namespace
}  // namespace faultline
