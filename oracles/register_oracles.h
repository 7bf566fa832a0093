// The built-in oracles.
#pragma once

#include "faultline/core/oracle.h"

namespace faultline {

/// Adds every oracle of this folder.
void register_oracles(OracleRegistry& registry);

}  // namespace faultline
