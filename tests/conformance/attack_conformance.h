// The suite that every attack must pass, built in or not: shapes, bounds, budget, honest claims, rows that do not
// depend on each other, seeds, untouched inputs, refused options. Failures are reported through GoogleTest.
//
//   check_attack(entry, subject, /*settings=*/{}, Chance::kSeeded);   // every norm x goal of the entry
//   check_options(entry);
#pragma once

#include <string>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/registry.h"
#include "faultline/core/threat_model.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// A model and samples to try an attack on.
struct ConformanceSubject {
  std::string name;      ///< For messages.
  TargetFactory make;    ///< The plain model.
  Batch batch;           ///< At least ten samples inside the bounds, right on the clean input by more than tau.
  Bounds bounds;         ///< The box.
  std::int64_t classes;  ///< Of the model.
};

/// Whether an attack with its settings draws random numbers.
enum class Chance { kNone, kSeeded };

/// Runs the attack with `settings` for each of its norms, untargeted and (where it can) targeted, with an epsilon of
/// its own per sample from 0 to the whole box, and checks everything that a caller may rely on.
void check_attack(const AttackRegistry::Entry& entry, const ConformanceSubject& subject,
                  const std::vector<OptionSetting>& settings, Chance chance);

/// Checks that every option takes its default and the ends of its range, and refuses what lies beyond or is no value.
void check_options(const AttackRegistry::Entry& entry);

/// Settings under which the attack is quick: integers above ten become ten.
[[nodiscard]] std::vector<OptionSetting> shortened(const AttackRegistry::Entry& entry);

/// One list of settings for each option at each other choice, or at another legal number; shortened otherwise.
[[nodiscard]] std::vector<std::vector<OptionSetting>> variants(const AttackRegistry::Entry& entry);

}  // namespace faultline
