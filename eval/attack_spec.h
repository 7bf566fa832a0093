// Attacks as users write them: NAME[:key=value,...].
//
//   ConfiguredAttack attack = parse_attack("pgd:steps=40,start=clean", registry);
#pragma once

#include <string>
#include <vector>

#include "faultline/core/registry.h"
#include "faultline/eval/plan.h"

namespace faultline {

/// Throws Error (kUsage) on an unknown attack or option, with the nearest name.
[[nodiscard]] ConfiguredAttack parse_attack(const std::string& spec, const AttackRegistry& registry);

/// The same, where a name may mean transforms too (transform_attack.h).
[[nodiscard]] ConfiguredAttack parse_attack(const std::string& spec, const Registries& registries);

/// An ensemble of attacks that the user names. Throws Error (kUsage) when one of them does not know the norm, needs one
/// although there is none, or cannot aim at a class although `goal` does.
[[nodiscard]] std::vector<ConfiguredAttack> parse_ensemble(const std::vector<std::string>& specs,
                                                           std::optional<Norm> norm, const Goal& goal,
                                                           const Registries& registries);

/// What the user says of the ensemble; nothing: the default preset.
struct EnsembleChoice {
  std::vector<std::string> attacks{};
  std::string preset{};  ///< NAME or NAME@VERSION.
};

struct Ensemble {
  std::vector<ConfiguredAttack> attacks{};
  std::optional<PresetPlan> preset{};  ///< Whose attacks they are.
};

/// Throws Error (kUsage) as parse_ensemble() does, or when there are attacks and a preset.
[[nodiscard]] Ensemble choose_ensemble(const EnsembleChoice& choice, std::optional<Norm> norm, const Goal& goal,
                                       const Registries& registries);

/// Makes the searches over transforms among the attacks look for failures by these oracles, as the user writes them.
/// Throws Error (kUsage) when there is no such search, or with a goal.
void set_oracles(std::vector<ConfiguredAttack>& attacks, const std::vector<std::string>& specs, const Goal& goal,
                 const OracleRegistry& registry);

/// The oracles of the searches among them, each search's own.
[[nodiscard]] std::vector<ConfiguredOracle> oracles_of(const std::vector<ConfiguredAttack>& attacks);

/// The ensemble as a plan keeps it.
[[nodiscard]] std::vector<AttackPlan> plan_attacks(const std::vector<ConfiguredAttack>& attacks);

/// Its name, of a corruption with which one: fog and snow are not one attack because both are corruptions.
[[nodiscard]] std::string display_name(const AttackPlan& attack);

/// How the user would write it again.
[[nodiscard]] std::string spec_text(const AttackPlan& attack);

}  // namespace faultline
