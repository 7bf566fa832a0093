// What mutators that hide parts of the picture hide, counted.
#include "faultline/mutators/occlusion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "faultline/mutators/spatter.h"
#include "faultline/mutators/strokes.h"
#include "mutators/pictures.h"

namespace faultline {
namespace {

constexpr float kUntouched = -7;  // no mutator writes this

/// A picture of one value.
Tensor flat(std::int64_t channels, std::int64_t height, std::int64_t width, float value) {
  return at::full({channels, height, width}, value, at::kFloat);
}

/// Which pixels [height, width] of a flat picture are no longer of that value, in any channel.
Tensor hidden(const Tensor& picture, float value = kUntouched) { return picture.ne(value).any(/*dim=*/0); }

TEST(Occlusion, PatchIsASquareOfTheShareInOneGrey) {
  const std::int64_t height = 40;
  const std::int64_t width = 50;
  for (const double share : {0.003, 0.01, 0.06, 0.15, 0.5}) {
    std::set<std::int64_t> places;
    for (std::uint64_t key = 0; key < 20; ++key) {
      const Tensor after = changed_by(&patch, {.share = share}, flat(3, height, width, kUntouched), key);
      const Tensor where = hidden(after).nonzero();
      const auto area = static_cast<double>(where.size(0));
      const auto wanted = share * static_cast<double>(height * width);
      EXPECT_LE(std::abs(std::sqrt(area) - std::sqrt(wanted)), 0.5);
      const Tensor sides = std::get<0>(where.max(0)) - std::get<0>(where.min(0)) + 1;
      EXPECT_EQ(sides[0].item<std::int64_t>(), sides[1].item<std::int64_t>());
      EXPECT_EQ(sides.prod().item<std::int64_t>(), where.size(0)) << "the square is full";
      EXPECT_EQ(std::get<0>(at::_unique(after)).numel(), 2) << "one grey in all channels, and the rest untouched";
      places.insert(where[0][0].item<std::int64_t>() * width + where[0][1].item<std::int64_t>());
    }
    EXPECT_GE(places.size(), 8U) << "the place is drawn";
  }
}

TEST(Occlusion, PatchReachesEveryBorder) {
  Tensor seen = at::zeros({8, 8}, at::kBool);
  for (std::uint64_t key = 0; key < 400; ++key) {
    seen |= hidden(changed_by(&patch, {.share = 4.0 / 64}, flat(1, 8, 8, kUntouched), key));
  }
  EXPECT_TRUE(seen.all().item<bool>());
}

TEST(Occlusion, PatchSmallerThanAPixelIsSkipped) {
  Tensor picture = flat(1, 3, 3, kUntouched);
  Draws draws(1);
  EXPECT_EQ(patch(image_of(picture), {.share = 0.01}, draws), Mutation::kSkipped);
  EXPECT_FALSE(hidden(picture).any().item<bool>());
}

TEST(Occlusion, GridCoversItsShareWithSquares) {
  for (const double share : {0.0625, 0.25, 0.5625}) {
    const auto side = static_cast<std::int64_t>(std::lround(8 * std::sqrt(share)));
    for (std::uint64_t key = 0; key < 5; ++key) {
      const Tensor picture = flat(3, 128, 128, kUntouched);
      const Tensor holes = hidden(changed_by(&cutout_grid, {.cell = 8, .share = share}, picture, key));
      EXPECT_EQ(holes.sum().item<std::int64_t>(), 16 * 16 * side * side) << "a whole number of cells at any place";
      const Tensor rows = holes.any(1).sum();
      EXPECT_EQ(rows.item<std::int64_t>(), 16 * side);
      EXPECT_FALSE(at::equal(holes, holes.roll(8, 0))) << "the next row of holes is shifted";
      EXPECT_TRUE(at::equal(holes, holes.roll(16, 0)));
      EXPECT_TRUE(at::equal(holes, holes.roll({8, 4}, {0, 1}))) << "by half a cell";
    }
  }
}

TEST(Occlusion, HolesOfAGridGrowInPlace) {
  const Tensor picture = flat(1, 64, 64, kUntouched);
  const Tensor few = hidden(changed_by(&cutout_grid, {.cell = 7.5, .share = 0.1}, picture, 3));
  const Tensor many = hidden(changed_by(&cutout_grid, {.cell = 7.5, .share = 0.3}, picture, 3));
  EXPECT_TRUE((few & ~many).logical_not().all().item<bool>());
  EXPECT_GT(many.sum().item<std::int64_t>(), few.sum().item<std::int64_t>());
}

TEST(Occlusion, DeadPixelsAreTheShareHalfOfThemWhite) {
  constexpr std::int64_t kSide = 300;
  for (const double share : {0.01, 0.05, 0.18, 0.5}) {
    const Tensor after = changed_by(&dead_pixels, {.share = share}, flat(3, kSide, kSide, kUntouched), 5);
    const auto dead = hidden(after).sum().item<double>();
    const double pixels = kSide * kSide;
    EXPECT_NEAR(dead / pixels, share, 4 * std::sqrt(share * (1 - share) / pixels));
    const auto white = after[0].eq(1).sum().item<double>();
    EXPECT_NEAR(white / dead, 0.5, 4 * std::sqrt(0.25 / dead));
    EXPECT_EQ(after[0].eq(0).sum().item<double>() + white, dead);
    EXPECT_TRUE(at::equal(after[0], after[1]) && at::equal(after[0], after[2])) << "all channels of a pixel";
  }
}

TEST(Occlusion, DeadRowsAreTheShareAndUniform) {
  for (const double share : {0.035, 0.11, 0.5, 1.0}) {
    std::set<std::int64_t> places;
    std::int64_t white = 0;
    for (std::uint64_t key = 0; key < 40; ++key) {
      const Tensor after = changed_by(&dead_rows, {.share = share}, flat(3, 28, 9, kUntouched), key);
      const Tensor rows = hidden(after).all(1);
      EXPECT_TRUE(at::equal(rows, hidden(after).any(1)));
      EXPECT_EQ(rows.sum().item<std::int64_t>(), std::lround(28 * share));
      const Tensor values = after.masked_select(rows.view({1, 28, 1}));
      EXPECT_TRUE((values.eq(0) | values.eq(1)).all().item<bool>());
      EXPECT_TRUE(at::equal(after, after.select(2, 0).unsqueeze(2).expand_as(after)));
      white += after[0].select(1, 0).eq(1).sum().item<std::int64_t>();
      places.insert(rows.nonzero()[0][0].item<std::int64_t>());
    }
    const double drawn = 40.0 * static_cast<double>(std::lround(28 * share));
    EXPECT_NEAR(static_cast<double>(white) / drawn, 0.5, 4 * std::sqrt(0.25 / drawn));
    EXPECT_TRUE(share > 0.1 || places.size() >= 15) << "places are drawn";
  }
}

/// The distance of a point from a segment, by trying many points of the segment.
double distance_from(const Stroke& stroke, double x, double y) {
  double least = 1e9;
  for (int i = 0; i <= 4000; ++i) {
    const double place = i / 4000.0;
    const double dx = stroke.from.x + place * (stroke.to.x - stroke.from.x) - x;
    const double dy = stroke.from.y + place * (stroke.to.y - stroke.from.y) - y;
    least = std::min(least, std::hypot(dx, dy));
  }
  return least;
}

TEST(Strokes, CoverWhatIsNearThemAndNothingElse) {
  Draws draws(11);
  for (int i = 0; i < 40; ++i) {
    const auto point = [&] {
      return cv::Point2f(static_cast<float>(draws.between(-5, 25)), static_cast<float>(draws.between(-5, 20)));
    };
    Stroke stroke{.from = point(), .to = point(), .width = static_cast<float>(draws.between(0.2, 4))};
    stroke.to = i == 0 ? stroke.from : (i == 1 ? cv::Point2f(stroke.from.x, 17) : stroke.to);
    at::Tensor covered = at::zeros({15, 20});
    for_each_covered(stroke, 15, 20, [&](int y, int x, float share) { covered[y][x] += share; });
    for (int y = 0; y < 15; ++y) {
      for (int x = 0; x < 20; ++x) {
        const double inside = std::max(1.0F, stroke.width) / 2 + 0.5 - distance_from(stroke, x, y);
        const double share = std::clamp(inside, 0.0, 1.0) * std::min(1.0F, stroke.width);
        EXPECT_NEAR(covered[y][x].item<double>(), share, 1e-3) << "stroke " << i << " at " << x << ", " << y;
      }
    }
  }
}

TEST(Strokes, CoverTheirLengthTimesTheirWidth) {
  for (const float width : {0.4F, 1.0F, 3.0F}) {
    double sum = 0;
    for_each_covered({.from = {20, 30}, .to = {150, 90}, .width = width}, 128, 180,
                     [&](int /*y*/, int /*x*/, float share) { sum += share; });
    EXPECT_NEAR(sum / (std::hypot(130, 60) * width), 1, 0.04) << width;
  }
}

TEST(Occlusion, AScratchGoesRightAcrossInOneTone) {
  for (std::uint64_t key = 0; key < 30; ++key) {
    const Tensor after = changed_by(&scratches, {.count = 1, .width = 1}, flat(3, 32, 40, 0.5F), key);
    const Tensor where = hidden(after, 0.5F).nonzero();
    const Tensor on_border =
        where.select(1, 0).eq(0) | where.select(1, 0).eq(31) | where.select(1, 1).eq(0) | where.select(1, 1).eq(39);
    EXPECT_GE(on_border.sum().item<std::int64_t>(), 2);
    const Tensor rise = after - 0.5F;
    EXPECT_TRUE(rise.ge(0).all().item<bool>() || rise.le(0).all().item<bool>());
    EXPECT_TRUE(rise.abs().max().item<double>() <= 0.5 && rise.abs().max().item<double>() > 0.15);
  }
}

/// Where a field of noise, blurred as the table of corruptions says, exceeds the threshold; in double precision.
Tensor blurred(const Tensor& field, double deviation) {
  const auto radius = static_cast<std::int64_t>(4 * deviation + 0.5);
  const Tensor places = at::arange(-radius, radius + 1, at::kDouble);
  Tensor weights = (-places.square() / (2 * deviation * deviation)).exp();
  weights = weights / weights.sum();
  const Tensor padded = at::replication_pad2d(field.to(at::kDouble).unsqueeze(0), {radius, radius, radius, radius});
  const Tensor down = at::conv2d(padded.unsqueeze(0), weights.view({1, 1, -1, 1}));
  return at::conv2d(down, weights.view({1, 1, 1, -1}))[0][0];
}

Tensor liquid_depth(const SpatterParameters& parameters, std::int64_t side, std::uint64_t key) {
  Tensor noise = at::empty({side, side}, at::kFloat);
  Draws draws(key);
  draws.fill_normal({noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
  return blurred(noise * parameters.sd + parameters.mean, parameters.blur) - parameters.threshold;
}

TEST(Spatter, WaterIsAddedOnlyWhereThereIsLiquidInItsColour) {
  const SpatterParameters parameters{.threshold = 0.69, .strength = 0.6, .mud = 0};
  const Tensor colour = at::tensor({175.0, 238.0, 238.0}).div(255).view({3, 1, 1}).to(at::kFloat);
  for (std::uint64_t key = 0; key < 10; ++key) {
    const Tensor added = changed_by(&spatter, parameters, flat(3, 48, 48, 0), key);
    const Tensor depth = liquid_depth(parameters, 48, key);
    EXPECT_FALSE(hidden(added, 0).logical_and(depth.lt(-1e-5)).any().item<bool>());
    EXPECT_GT(hidden(added, 0).sum().item<double>(), 0.3 * depth.gt(0).sum().item<double>());
    EXPECT_TRUE(at::allclose(added, (added[1] / colour[1]).unsqueeze(0) * colour, 1e-4, 1e-6));
    EXPECT_NEAR(added[1].max().item<double>(), 0.6 * 238 / 255, 1e-5) << "its maximum is the strength";
    EXPECT_GT(std::get<0>(at::_unique(added[1])).numel(), 20) << "drops have light and shade";
  }
}

TEST(Spatter, MudReplacesThePictureWhereItIsDense) {
  const SpatterParameters parameters{.threshold = 0.68, .strength = 0.6, .mud = 1};
  const Tensor colour = at::tensor({63.0, 42.0, 20.0}).div(255).view({3, 1, 1});
  for (std::uint64_t key = 0; key < 10; ++key) {
    const Tensor picture = cifar(static_cast<std::int64_t>(key));
    const Tensor after = changed_by(&spatter, parameters, picture, key);
    const Tensor depth = liquid_depth(parameters, 32, key);
    ASSERT_GT(depth.abs().min().item<double>(), 1e-6) << "rounding decides; choose another key";
    Tensor mud = blurred(depth.gt(0).to(at::kFloat), parameters.strength);
    mud = at::where(mud.gt(0.8), mud, at::zeros_like(mud));
    EXPECT_GT(mud.max().item<double>(), 0.8);
    const Tensor expected = picture.to(at::kDouble) * (1 - mud) + colour * mud;
    EXPECT_TRUE(at::allclose(after.to(at::kDouble), expected, 0, 1e-5)) << "key " << key;
  }
}

}  // namespace
}  // namespace faultline
