#include "faultline/fuzz/island.h"

#include <algorithm>
#include <cmath>

#include "faultline/fuzz/minimise_recipe.h"

namespace faultline {

namespace {

std::vector<double> to_margins(const Tensor& margins) {
  return {margins.const_data_ptr<double>(), margins.const_data_ptr<double>() + margins.numel()};
}

/// About 50,000 numbers, 16 to 64 inputs: small enough that guidance follows soon, large enough to fill a forward.
std::size_t inputs_of_a_forward(const Tensor& clean) {
  constexpr std::int64_t kNumbers = 50'000;
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(kNumbers / std::max<std::int64_t>(1, clean[0].numel()), kFloorBatch, 4 * kFloorBatch));
}

}  // namespace

Island::Island(const FuzzTask& task, ScoreTarget& target, const IslandJob& job, const IslandObserver& observer)
    : task_(task),
      job_(job),
      observer_(observer),
      screener_(task, target),
      weights_(to_margins(task.margins), job.part),
      failures_(job.quota),
      champions_(job.champions.begin(), job.champions.end()),
      champion_of_(static_cast<std::size_t>(task.seeds.size()), -1),
      forward_size_(inputs_of_a_forward(task.clean)) {
  for (std::size_t seed = 0; seed < job.broken.size(); ++seed) {
    weights_.broke(static_cast<std::int64_t>(seed), job.broken[seed]);
  }
  for (const CorpusEntry& entry : job.corpus) {
    keep(entry.input, entry.features);
  }
  at_start_ = corpus_.size();
  for (std::size_t i = 0; i < champions_.size(); ++i) {
    champion_of_[static_cast<std::size_t>(champions_[i].input.seed)] = static_cast<std::int64_t>(i);
    weights_.came_near(champions_[i].input.seed, champions_[i].slack);
  }
}

bool Island::finished() const { return evaluations_ >= job_.evaluations || observer_.stop(); }

std::vector<Screened> Island::evaluate(std::vector<FuzzInput> inputs) {
  inputs.resize(
      std::min(inputs.size(), static_cast<std::size_t>(std::max<std::int64_t>(0, job_.evaluations - evaluations_))));
  std::vector<Screened> screened = run(std::move(inputs));
  for (Screened& one : screened) {
    ++evaluations_;
    one.came_nearer = compare_with_champion(one);
    if (one.failed()) {
      record(one);
    }
  }
  observer_.after(*this);
  return screened;
}

std::vector<Screened> Island::run(std::vector<FuzzInput> inputs) {
  std::vector<FuzzInput> harmless;
  std::vector<const DeadlyInput*> deadly(inputs.size(), nullptr);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto known = std::ranges::find(job_.deadly, inputs[i], &DeadlyInput::input);
    if (known == job_.deadly.end()) {
      harmless.push_back(std::move(inputs[i]));
    } else {
      deadly[i] = &*known;
    }
  }
  observer_.before(harmless, evaluations_ + std::ssize(inputs));
  std::vector<Screened> ran = screener_.screen(std::move(harmless));
  observer_.before({}, evaluations_);
  std::vector<Screened> screened;
  std::size_t next = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    screened.push_back(deadly[i] == nullptr ? std::move(ran[next++]) : without_running(inputs[i], deadly[i]->death));
  }
  return screened;
}

Screened Island::without_running(const FuzzInput& input, Death death) const {
  Screened one{.input = input,
               .oracle = death == Death::kHang ? kHangOracle : kProcessDeathOracle,
               .severity = task_.space.severity(input.recipe)};
  one.features = features_of({.seed = input.seed, .oracle = one.oracle});
  return one;
}

void Island::record(const Screened& one) {
  if (first_failure_ < 0) {
    first_failure_ = evaluations_;
  }
  weights_.broke(one.input.seed);
  failures_.offer({one, screener_.label(one.input.seed)});
}

bool Island::compare_with_champion(const Screened& one) {
  constexpr double kClearly = 0.01;  // of the seed's own margin
  const std::int64_t seed = one.input.seed;
  std::int64_t& place = champion_of_[static_cast<std::size_t>(seed)];
  const double margin = task_.margins.const_data_ptr<double>()[seed];
  const double clearly = std::isfinite(margin) ? kClearly * margin : 0;
  const double nearest = place < 0 ? margin - clearly : champions_[static_cast<std::size_t>(place)].slack;
  if (one.oracle >= kProcessDeathOracle || std::isnan(one.slack)) {
    return false;
  }
  if (one.slack >= nearest) {
    weights_.was_tried(seed);
    return false;
  }
  weights_.came_near(seed, one.slack);
  if (place < 0) {
    place = std::ssize(champions_);
    champions_.emplace_back();
  }
  champions_[static_cast<std::size_t>(place)] = {one.input, one.slack};
  return one.slack < nearest - clearly;
}

const Champion* Island::champion(std::int64_t seed) const {
  const std::int64_t place = champion_of_[static_cast<std::size_t>(seed)];
  return place < 0 ? nullptr : &champions_[static_cast<std::size_t>(place)];
}

const Champion* Island::drawn_champion(Draws& draws) const {
  constexpr int kDrawn = 3;
  const Champion* best = nullptr;
  const double* margins = task_.margins.const_data_ptr<double>();
  const auto relative = [&](const Champion& one) { return one.slack / margins[one.input.seed]; };
  for (int i = 0; i < kDrawn && !champions_.empty(); ++i) {
    const Champion& one = champions_[static_cast<std::size_t>(draws.below(static_cast<int>(champions_.size())))];
    if (best == nullptr || relative(one) < relative(*best)) {
      best = &one;
    }
  }
  return best;
}

bool Island::keep(const FuzzInput& input, const Features& features) {
  if (map_.add(features) == 0) {
    return false;
  }
  corpus_.push_back({input, features});
  return true;
}

Draws Island::next_draws() {
  // A Philox key per choice; the island's seed is spread over the high bits by its maker.
  return Draws(job_.seed + choices_++);
}

IslandResult Island::result() {
  IslandResult result{.evaluations = evaluations_,
                      .screened = failures_.offered(),
                      .first_failure = first_failure_,
                      .corpus = {corpus_.begin() + static_cast<std::ptrdiff_t>(at_start_), corpus_.end()},
                      .broken = weights_.broken()};
  for (std::size_t i = 0; i < champions_.size(); ++i) {
    if (i >= job_.champions.size() || champions_[i].slack < job_.champions[i].slack) {
      result.champions.push_back(champions_[i]);
    }
  }
  std::vector<FuzzFailure> judged;
  for (const auto& [number, failure] : failures_.kept()) {
    // What ends its process cannot be tried again here.
    (failure.screened.oracle >= kProcessDeathOracle ? result.failures : judged).push_back(failure);
  }
  if (job_.minimise) {
    MinimisedFailures smaller = minimised(std::move(judged), task_.space, observer_.hurry,
                                          [this](const std::vector<FuzzInput>& inputs) { return run(inputs); });
    result.minimisation = smaller.evaluations;
    judged = std::move(smaller.failures);
  }
  result.failures.insert(result.failures.end(), judged.begin(), judged.end());
  return result;
}

}  // namespace faultline
