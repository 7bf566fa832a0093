#include "faultline/core/active_set.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <stdexcept>
#include <vector>

namespace faultline {
namespace {

Tensor mask_of(const std::vector<bool>& flags) {
  Tensor mask = at::zeros({static_cast<std::int64_t>(flags.size())}, at::kBool);
  for (std::size_t i = 0; i < flags.size(); ++i) {
    mask[static_cast<std::int64_t>(i)] = static_cast<bool>(flags[i]);
  }
  return mask;
}

std::vector<std::int64_t> rows_of(const ActiveSet& active) {
  const Tensor rows = active.rows().contiguous();
  return {rows.const_data_ptr<std::int64_t>(), rows.const_data_ptr<std::int64_t>() + rows.numel()};
}

TEST(ActiveSet, FollowsANaiveModel) {
  EXPECT_TRUE(rc::check("rows, order and tensors agree after any sequence of masks", [] {
    const auto count = *rc::gen::inRange<std::int64_t>(0, 20);
    ActiveSet active(count);
    const Tensor flat = at::arange(count, at::kFloat) * 3;
    const Tensor deep = at::arange(count * 6, at::kDouble).view({count, 2, 3});
    Tensor flat_kept = flat.clone();
    Tensor deep_kept = deep.clone();
    std::set<std::int64_t> model;
    for (std::int64_t row = 0; row < count; ++row) {
      model.insert(row);
    }
    const auto rounds = *rc::gen::inRange(1, 6);
    for (int round = 0; round < rounds; ++round) {
      const auto size = static_cast<std::size_t>(active.size());
      const auto density = *rc::gen::element(2, 3, 10);
      const auto draws = *rc::gen::container<std::vector<int>>(size, rc::gen::inRange(0, density));
      std::vector<bool> done;
      const std::vector<std::int64_t> before = rows_of(active);
      for (std::size_t place = 0; place < size; ++place) {
        done.push_back(draws[place] == 0);
        if (done.back()) {
          model.erase(before[place]);
        }
      }
      const bool any = active.retire(mask_of(done));
      RC_ASSERT(any == (model.size() < before.size()));
      if (any) {
        active.compact(flat_kept);
        active.compact(deep_kept);
      }
      const std::vector<std::int64_t> rows = rows_of(active);
      RC_ASSERT(rows.size() == model.size());
      RC_ASSERT(std::set<std::int64_t>(rows.begin(), rows.end()) == model);
      RC_ASSERT(active.empty() == model.empty());
      RC_ASSERT(flat_kept.equal(flat.index_select(0, active.rows())));
      RC_ASSERT(deep_kept.equal(deep.index_select(0, active.rows())));
      RC_ASSERT(flat_kept.is_contiguous() && deep_kept.is_contiguous());
    }
  }));
}

TEST(ActiveSet, KeepsTheOrderWhenTheLastRowsLeave) {
  ActiveSet active(4);
  EXPECT_TRUE(active.retire(mask_of({false, false, true, true})));
  EXPECT_EQ(rows_of(active), (std::vector<std::int64_t>{0, 1}));
}

TEST(ActiveSet, RefusesAMaskOfAnotherSize) {
  ActiveSet active(3);
  EXPECT_THROW(active.retire(mask_of({true, false})), std::logic_error);
}

TEST(ActiveSet, RefusesATensorThatIsNotOfTheOldSize) {
  ActiveSet active(3);
  Tensor early = at::zeros({3});
  EXPECT_THROW(active.compact(early), std::logic_error) << "nothing has left yet";
  ASSERT_TRUE(active.retire(mask_of({true, false, false})));
  Tensor kept = at::zeros({3});
  active.compact(kept);
  EXPECT_THROW(active.compact(kept), std::logic_error) << "compacted twice";
  ASSERT_FALSE(active.retire(mask_of({false, false})));
  EXPECT_THROW(active.compact(kept), std::logic_error) << "nobody left in the last round";
}

}  // namespace
}  // namespace faultline
