#include "faultline/attacks/transform_search.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "faultline/core/best_points.h"
#include "faultline/core/error.h"
#include "faultline/core/registry.h"
#include "faultline/core/transform_grid.h"
#include "faultline/core/verifier.h"

namespace faultline {

namespace {

/// One rendering to try.
struct Query {
  std::vector<double> point{};  ///< One value per axis.
  std::uint64_t key = 0;
};

std::uint64_t draw_key(Draws& draws) {
  const std::uint64_t high = draws.word();
  return high << 32U | draws.word();
}

double anywhere_on(const TransformAxis& axis, Draws& draws) {
  return axis.values.empty() ? draws.between(axis.lower, axis.upper)
                             : axis.values[static_cast<std::size_t>(draws.below(static_cast<int>(axis.values.size())))];
}

Query anywhere(const std::vector<TransformAxis>& axes, Draws& draws) {
  Query query{.key = draw_key(draws)};
  for (const TransformAxis& axis : axes) {
    query.point.push_back(anywhere_on(axis, draws));
  }
  return query;
}

/// The local search of one sample.
class Climb {
 public:
  /// The next query; `number` counts the queries, of which `at_random` at the beginning are independent.
  Query propose(const std::vector<TransformAxis>& axes, int number, int at_random, Draws& draws) {
    Query query = anywhere(axes, draws);
    if (number < at_random || best_.point.size() != axes.size()) {
      for (std::size_t i = 0; i < axes.size(); ++i) {
        const float coin = draws.uniform();
        if (coin < kAtAnEnd) {
          query.point[i] = coin < kAtAnEnd / 2 ? axes[i].lower : axes[i].upper;
        }
      }
      return query;
    }
    if (!axes.empty() && draws.uniform() < kSameKey) {
      query.key = best_.key;
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const TransformAxis& axis = axes[i];
      const double step = step_ * (axis.upper - axis.lower) * static_cast<double>(draws.normal());
      if (axis.values.empty()) {
        query.point[i] = std::clamp(best_.point[i] + step, axis.lower, axis.upper);
      } else if (draws.uniform() >= step_) {
        query.point[i] = best_.point[i];
      }
    }
    return query;
  }

  void learn(const Query& query, bool better) {
    if (better) {
      best_ = query;
    }
    step_ = std::clamp(step_ * (better ? kLonger : kShorter), kShortest, kLongest);
  }

 private:
  static constexpr float kSameKey = 0.5F;
  static constexpr float kAtAnEnd = 0.5F;
  static constexpr double kLongest = 0.5;  // steps are shares of an axis
  static constexpr double kShortest = 0.005;
  static constexpr double kLonger = 1.5;
  static constexpr double kShorter = 0.904;  // 1.5^(-1/4): as long as one query in five is better, the length stays

  Query best_{};  // without a point until one is better than none
  double step_ = kLongest;
};

/// What is tried when, per sample; it depends on what the sample itself has shown only.
class Schedule {
 public:
  Schedule(const TransformSpace& space, const TransformOptions& options, const Batch& batch, const Rng& rng)
      : options_(options), batch_(batch), rng_(rng), axes_(space.axes()), queries_(options.queries) {
    if (options.search == TransformStrategy::kGrid) {
      grid_ = grid_over(space, options.queries);
      queries_ = static_cast<std::int64_t>(grid_.points.size()) * grid_.draws;
    } else if (axes_.empty() && !space.random()) {
      queries_ = 1;
    }
    climbs_.resize(options.search == TransformStrategy::kLocal ? static_cast<std::size_t>(batch.size()) : 0);
  }

  [[nodiscard]] std::int64_t queries() const { return queries_; }

  [[nodiscard]] Query propose(std::size_t row, std::int64_t number) {
    const auto restart = static_cast<std::uint32_t>(number);
    if (options_.search == TransformStrategy::kGrid) {
      const std::int64_t draw = number % grid_.draws;
      return {grid_.points[static_cast<std::size_t>(number / grid_.draws)],
              rng_.word(batch_.ids[row], {.restart = static_cast<std::uint32_t>(draw)})};
    }
    Draws draws(rng_.word(batch_.ids[row], {.restart = restart}));
    if (options_.search == TransformStrategy::kRandom) {
      return anywhere(axes_, draws);
    }
    constexpr int kShareAtRandom = 4;
    return climbs_[row].propose(axes_, static_cast<int>(number), std::max(1, options_.queries / kShareAtRandom), draws);
  }

  void learn(std::size_t row, const Query& query, bool better) {
    if (!climbs_.empty()) {
      climbs_[row].learn(query, better);
    }
  }

 private:
  const TransformOptions& options_;
  const Batch& batch_;
  const Rng& rng_;
  std::vector<TransformAxis> axes_;
  TransformGrid grid_{};
  std::int64_t queries_;
  std::vector<Climb> climbs_;  // one per row, of a local search
};

}  // namespace

AttackResult transform_search(ScoreTarget& target, const TransformTask& task, const TransformOptions& options,
                              const Rng& rng) {
  const Batch& batch = task.batch;
  const Tensor clean = batch.inputs.cpu();
  Schedule schedule(task.space, options, batch, rng);
  BestPoints best(batch, {});
  std::vector<Recipe> recipes(static_cast<std::size_t>(batch.size()));
  Tensor rows = at::arange(batch.size(), at::kLong);
  for (std::int64_t number = 0; number < schedule.queries() && rows.size(0) > 0; ++number) {
    std::vector<Query> queries;
    std::vector<Recipe> tried;
    std::vector<Tensor> images;
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const auto row = rows.const_data_ptr<std::int64_t>()[i];
      queries.push_back(schedule.propose(static_cast<std::size_t>(row), number));
      tried.push_back(task.space.recipe(queries.back().point, queries.back().key));
      images.push_back(task.render(tried.back(), clean, row));
    }
    const Tensor points = at::stack(images).to(batch.inputs.device());
    const Slack slack = task.judge.slack(rows, points, target.logits(points));
    (void)best.offer(rows, points, slack);
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto row = static_cast<std::size_t>(rows.const_data_ptr<std::int64_t>()[i]);
      const bool better = std::ranges::binary_search(best.replaced(), static_cast<std::int64_t>(i));
      schedule.learn(row, queries[i], better);
      if (better) {
        recipes[row] = std::move(tried[i]);
      }
    }
    if (options.keep == Keep::kFirst) {
      rows = rows.index({slack.values.lt(-kSmallMargin * slack.tolerance).logical_not()});
    }
  }
  AttackResult result = std::move(best).result();
  result.recipes = std::move(recipes);
  return result;
}

void register_transform_search(AttackRegistry& registry) {
  registry.add<&transform_search>({.name = "transform-search",
                                   .kind = AttackKind::kTransforms,
                                   .paper = "arXiv:1712.02779",
                                   .summary = "the worst of what mutators make of an input: --attack "
                                              "MUTATOR[+MUTATOR...], or corruption:name=NAME",
                                   .cost = "121 F"});
}

}  // namespace faultline
