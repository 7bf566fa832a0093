// Every registered attack passes the suite.
#include "conformance/attack_conformance.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/subjects.h"
#include "engine.h"

namespace faultline {
namespace {

/// Attacks that draw nothing, whatever their options; fab does for its second restart and later ones.
bool draws_nothing(const std::string& name, const std::vector<OptionSetting>& settings) {
  const bool restarts = std::ranges::any_of(
      settings, [](const OptionSetting& setting) { return setting.name == "restarts" && setting.value != "1"; });
  return name == "fgsm" || name == "mifgsm" || name == "fab-t" || (name == "fab" && !restarts);
}

Chance chance_of(const AttackRegistry::Entry& entry, const std::vector<OptionSetting>& settings) {
  const bool clean_start = std::ranges::count(settings, OptionSetting{"start", "clean"}) > 0;
  return draws_nothing(entry.info.name, settings) || clean_start ? Chance::kNone : Chance::kSeeded;
}

class AttackConformance : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] static const AttackRegistry::Entry& entry() {
    return *std::ranges::find(builtin_registries().attacks.entries(), GetParam(),
                              [](const AttackRegistry::Entry& one) { return one.info.name; });
  }
};

std::vector<std::string> attack_names() {
  std::vector<std::string> names;
  for (const AttackRegistry::Entry& entry : builtin_registries().attacks.entries()) {
    if (entry.info.kind != AttackKind::kTransforms) {  // which have a suite of their own
      names.push_back(entry.info.name);
    }
  }
  return names;
}

TEST_P(AttackConformance, HoldsOnALinearModelWithDefaults) {
  check_attack(entry(), linear_subject({0, 1}), {}, chance_of(entry(), {}));
}

TEST_P(AttackConformance, HoldsInOtherBounds) {
  const std::vector<OptionSetting> settings = shortened(entry());
  for (const Bounds bounds : {Bounds{-1, 1}, Bounds{-2.5, 3}}) {
    check_attack(entry(), linear_subject(bounds), settings, chance_of(entry(), settings));
  }
}

TEST_P(AttackConformance, HoldsWithEachOptionChanged) {
  const ConformanceSubject subject = linear_subject({0, 1});
  for (const std::vector<OptionSetting>& settings : variants(entry())) {
    check_attack(entry(), subject, settings, chance_of(entry(), settings));
  }
}

TEST_P(AttackConformance, HoldsOnARealModel) {
  const std::vector<OptionSetting> settings = shortened(entry());
  check_attack(entry(), mnist_subject(), settings, chance_of(entry(), settings));
}

TEST_P(AttackConformance, RefusesOptionsOutOfRange) { check_options(entry()); }

INSTANTIATE_TEST_SUITE_P(Attacks, AttackConformance, ::testing::ValuesIn(attack_names()), [](const auto& attack) {
  std::string name = attack.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace faultline
