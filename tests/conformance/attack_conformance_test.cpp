// Every registered attack passes the suite.
#include "conformance/attack_conformance.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/subjects.h"
#include "engine.h"

namespace faultline {
namespace {

/// Attacks that draw nothing whatever their options.
bool draws_nothing(const std::string& name) { return name == "fgsm"; }

Chance chance_of(const AttackRegistry::Entry& entry, const std::vector<OptionSetting>& settings) {
  const bool clean_start = std::ranges::count(settings, OptionSetting{"start", "clean"}) > 0;
  return draws_nothing(entry.info.name) || clean_start ? Chance::kNone : Chance::kSeeded;
}

class AttackConformance : public ::testing::TestWithParam<AttackRegistry::Entry> {};

TEST_P(AttackConformance, HoldsOnALinearModelWithDefaults) {
  check_attack(GetParam(), linear_subject({0, 1}), {}, chance_of(GetParam(), {}));
}

TEST_P(AttackConformance, HoldsInOtherBounds) {
  const std::vector<OptionSetting> settings = shortened(GetParam());
  for (const Bounds bounds : {Bounds{-1, 1}, Bounds{-2.5, 3}}) {
    check_attack(GetParam(), linear_subject(bounds), settings, chance_of(GetParam(), settings));
  }
}

TEST_P(AttackConformance, HoldsWithEachOptionChanged) {
  const ConformanceSubject subject = linear_subject({0, 1});
  for (const std::vector<OptionSetting>& settings : variants(GetParam())) {
    check_attack(GetParam(), subject, settings, chance_of(GetParam(), settings));
  }
}

TEST_P(AttackConformance, HoldsOnARealModel) {
  const std::vector<OptionSetting> settings = shortened(GetParam());
  check_attack(GetParam(), mnist_subject(), settings, chance_of(GetParam(), settings));
}

TEST_P(AttackConformance, RefusesOptionsOutOfRange) { check_options(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Attacks, AttackConformance, ::testing::ValuesIn(builtin_registries().attacks.entries()),
                         [](const auto& entry) {
                           std::string name = entry.param.info.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace faultline
