// The built-in attacks.
#pragma once

#include "faultline/core/registry.h"

namespace faultline {

/// Adds every attack of this folder.
void register_attacks(AttackRegistry& registry);

}  // namespace faultline
