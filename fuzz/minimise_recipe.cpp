#include "faultline/fuzz/minimise_recipe.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

namespace faultline {

namespace {

constexpr int kMostRounds = 12;
constexpr std::size_t kForward = 128;  // inputs

/// The step with every parameter half way to its mildest value; near it, there.
RecipeStep milder(const RecipeStep& step, const RecipeSpace& space) {
  const std::size_t number = space.number_of(step.mutator);
  const std::vector<ParameterRange>& widest = space.ranges(number, space.most_severe(number));
  RecipeStep result = step;
  for (std::size_t i = 0; i < step.values.size(); ++i) {
    const ParameterRange& range = widest[i];
    const double away = step.values[i] - range.mildest;
    const bool near = std::abs(away) < (range.integer ? 2 : 0.02 * (range.upper - range.lower));
    result.values[i] = range.nearest(near ? range.mildest : range.mildest + away / 2);
  }
  return result;
}

/// What might be simpler and still fail, the simplest first.
std::vector<FuzzInput> simpler(const FuzzInput& input, const RecipeSpace& space) {
  std::vector<FuzzInput> candidates;
  for (std::size_t i = 0; i < input.recipe.steps.size(); ++i) {
    FuzzInput fewer = input;
    fewer.recipe.steps.erase(fewer.recipe.steps.begin() + static_cast<std::ptrdiff_t>(i));
    candidates.push_back(std::move(fewer));
  }
  for (std::size_t i = 0; i < input.recipe.steps.size(); ++i) {
    const RecipeStep lower = milder(input.recipe.steps[i], space);
    if (lower == input.recipe.steps[i]) {
      continue;
    }
    const int keys = space.mutator(space.number_of(lower.mutator)).info.random ? 3 : 1;
    for (int key = 0; key < keys; ++key) {
      FuzzInput less = input;
      less.recipe.steps[i] = lower;
      less.recipe.steps[i].key += static_cast<std::uint64_t>(key);
      candidates.push_back(std::move(less));
    }
  }
  return candidates;
}

/// One failure on its way.
struct Simplifying {
  FuzzFailure failure{};
  bool done = false;
};

/// How much is in a failure: fewer steps come first, then severities, then distances.
auto size_of_failure(const Screened& one) {
  return std::tuple(one.input.recipe.steps.size(), one.severity, one.distance);
}

/// One round for the failures numbered in `part`: all their candidates in one forward. Returns how many that were.
std::int64_t simplify(std::vector<Simplifying>& all, const std::vector<std::size_t>& part, const RecipeSpace& space,
                      const std::function<std::vector<Screened>(const std::vector<FuzzInput>&)>& screen) {
  std::vector<FuzzInput> candidates;
  std::vector<std::size_t> owners;
  for (const std::size_t number : part) {
    for (FuzzInput& candidate : simpler(all[number].failure.screened.input, space)) {
      candidates.push_back(std::move(candidate));
      owners.push_back(number);
    }
    all[number].done = true;  // unless something simpler is found
  }
  const std::vector<Screened> screened = screen(candidates);
  for (std::size_t i = 0; i < screened.size(); ++i) {
    Simplifying& owner = all[owners[i]];
    if (screened[i].oracle == owner.failure.screened.oracle &&
        size_of_failure(screened[i]) < size_of_failure(owner.failure.screened)) {
      owner.failure.screened = screened[i];
      owner.done = false;
    }
  }
  return static_cast<std::int64_t>(candidates.size());
}

}  // namespace

MinimisedFailures minimised(std::vector<FuzzFailure> failures, const RecipeSpace& space,
                            const std::function<bool()>& stop,
                            const std::function<std::vector<Screened>(const std::vector<FuzzInput>&)>& screen) {
  MinimisedFailures result;
  std::vector<Simplifying> all;
  for (FuzzFailure& failure : failures) {
    all.push_back({.failure = std::move(failure)});
  }
  for (int round = 0; round < kMostRounds; ++round) {
    std::vector<std::size_t> part;
    std::size_t candidates = 0;
    const auto flush = [&] {
      if (!part.empty() && !stop()) {
        result.evaluations += simplify(all, part, space, screen);
      }
      part.clear();
      candidates = 0;
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!all[i].done) {
        part.push_back(i);
        candidates += 4 * all[i].failure.screened.input.recipe.steps.size();
        if (candidates >= kForward) {
          flush();
        }
      }
    }
    flush();
  }
  for (Simplifying& one : all) {
    result.failures.push_back(std::move(one.failure));
  }
  return result;
}

}  // namespace faultline
