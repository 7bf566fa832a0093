#include "faultline/targets/target_stack.h"

#include <algorithm>

#include "faultline/core/error.h"

namespace faultline {

namespace {

bool catches(const std::vector<ConfiguredOracle>& oracles) {
  return std::ranges::any_of(oracles, [](const ConfiguredOracle& oracle) { return oracle.info.of_exceptions; });
}

}  // namespace

TargetStack::TargetStack(const TargetFactory& make, const ComparedModels& compared)
    : plain_(make()),
      padded_(*plain_),
      catching_plain_(*plain_, classes_),
      catching_padded_(padded_, classes_),
      make_twin_(compared.twin) {
  for (const TargetFactory& other : compared.others) {
    others_.push_back(std::make_unique<Padded>(other()));
  }
}

Target& TargetStack::padded_for(const std::vector<ConfiguredOracle>& oracles) {
  return catches(oracles) ? static_cast<Target&>(catching_padded_) : padded_;
}

Target& TargetStack::plain_for(const std::vector<ConfiguredOracle>& oracles) {
  return catches(oracles) ? static_cast<Target&>(catching_plain_) : *plain_;
}

std::vector<ScoreTarget*> TargetStack::others() {
  std::vector<ScoreTarget*> targets;
  for (const std::unique_ptr<Padded>& other : others_) {
    targets.push_back(&other->padded);
  }
  return targets;
}

ScoreTarget& TargetStack::twin(Twin twin) {
  std::unique_ptr<Padded>& known = twins_[twin];
  if (known == nullptr) {
    if (!make_twin_) {
      throw Error{ErrorCode::kUsage, "the model cannot be run in " + name_of(twin) + " here"};
    }
    known = std::make_unique<Padded>(make_twin_(twin));
  }
  return known->padded;
}

}  // namespace faultline
