// Transforms as users write them after --attack: MUTATOR[+MUTATOR...][:key=value,...], or corruption:name=NAME.
//
//   rotate:max-degrees=30                     every parameter up to a limit, either sign where it has one
//   translate+rotate:max-pixels=3,severity=4  a limit by unit; what has none goes up to the severity
//   scale:factor=1.2                          a parameter held
//   corruption:name=fog,severity=3            a published corruption at severities 1 .. 3
#pragma once

#include <string>
#include <vector>

#include "faultline/core/registry.h"

namespace faultline {

/// Whether a name before the colon means transforms: "corruption", or mutators joined by '+'.
[[nodiscard]] bool names_transforms(const std::string& name, const MutatorRegistry& mutators);

/// The search over them; the mutators must outlive it. Throws Error (kUsage) on unknown names, options and values.
[[nodiscard]] ConfiguredAttack configure_transforms(const std::string& name, const std::vector<OptionSetting>& settings,
                                                    const Registries& registries);

}  // namespace faultline
