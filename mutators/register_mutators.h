// The built-in mutators.
#pragma once

#include "faultline/core/mutator_registry.h"

namespace faultline {

/// Adds every mutator of this folder.
void register_mutators(MutatorRegistry& registry);

}  // namespace faultline
