#include "faultline/fuzz/children.h"

#include <numeric>

#include "faultline/fuzz/recipe_changes.h"

namespace faultline {

namespace {

const FuzzInput& chosen(const FuzzInput* parent, const Island& island, Draws& draws) {
  const std::vector<CorpusEntry>& corpus = island.corpus();
  return parent != nullptr ? *parent
                           : corpus[static_cast<std::size_t>(draws.below(static_cast<int>(corpus.size())))].input;
}

}  // namespace

std::array<double, ChildKinds::kKinds> ChildKinds::weights() const {
  constexpr double kTried = 20;    // as if so many had been tried of each kind before ...
  constexpr double kLed = 0.1;     // ... and so few of them had led somewhere,
  constexpr double kLedAnew = 1;   // of random ones more
  constexpr double kFloor = 0.02;  // of the sum, so that none is forgotten
  std::array<double, kKinds> weights{};
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const double known = kind == static_cast<std::size_t>(ChildKind::kAnew) ? kLedAnew : kLed;
    weights.at(kind) = (records_.at(kind).led + known) / (records_.at(kind).tried + kTried);
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) {
    weight = weight / sum + kFloor;
  }
  return weights;
}

ChildKind ChildKinds::drawn(Draws& draws) const {
  const std::array<double, kKinds> all = weights();
  double left = draws.between(0, 1) * std::accumulate(all.begin(), all.end(), 0.0);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    left -= all.at(kind);
    if (left < 0) {
      return static_cast<ChildKind>(kind);
    }
  }
  return ChildKind::kAnew;
}

void ChildKinds::tell(ChildKind kind, bool led_somewhere) {
  constexpr double kFade = 0.998;  // what is 500 children old counts a third
  Record& record = records_.at(static_cast<std::size_t>(kind));
  record.tried = record.tried * kFade + 1;
  record.led = record.led * kFade + (led_somewhere ? 1 : 0);
}

std::vector<Screened> Breeder::next_forward(const Parents& parents, Draws& draws) {
  std::vector<FuzzInput> inputs;
  std::vector<ChildKind> kinds;
  for (std::size_t i = 0; i < island_.forward_size(); ++i) {
    Child child = drawn_child(parents, draws);
    inputs.push_back(std::move(child.input));
    kinds.push_back(child.kind);
  }
  std::vector<Screened> screened = island_.evaluate(std::move(inputs));
  for (std::size_t i = 0; i < screened.size(); ++i) {
    kinds_.tell(kinds[i], screened[i].came_nearer || island_.novelty(screened[i]) > 0);
  }
  return screened;
}

Breeder::Child Breeder::drawn_child(const Parents& parents, Draws& draws) const {
  const RecipeSpace& space = island_.task().space;
  const std::int64_t seed = island_.weights().drawn(draws);
  const ChildKind kind = kinds_.drawn(draws);
  const Champion* champion = kind == ChildKind::kNearest ? island_.champion(seed)
                             : kind == ChildKind::kMoved ? island_.drawn_champion(draws)
                                                         : nullptr;
  if (champion != nullptr) {
    const FuzzInput moved{.seed = seed, .recipe = champion->input.recipe};
    const bool as_it_is = kind == ChildKind::kMoved && draws.sign() > 0;
    return {as_it_is ? moved : changed(moved, space, draws), kind};
  }
  if (kind == ChildKind::kChanged && !island_.corpus().empty()) {
    return {changed(chosen(parents.first, island_, draws), space, draws), kind};
  }
  if (kind == ChildKind::kCrossed && !island_.corpus().empty()) {
    const FuzzInput& first = chosen(parents.first, island_, draws);
    const FuzzInput& second = chosen(parents.second, island_, draws);
    FuzzInput child = crossed(first, second, space, draws);
    child.seed = seed;
    return {std::move(child), kind};
  }
  return {{.seed = seed, .recipe = random_recipe(space, draws)}, ChildKind::kAnew};
}

}  // namespace faultline
