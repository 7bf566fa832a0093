// The readers of data that come with Faultline.
#pragma once

#include "faultline/core/registry.h"

namespace faultline {

/// Adds every reader of this folder, in the order in which bare paths are tried. Throws std::logic_error when a kind
/// is registered already.
void register_data(DataRegistry& registry);

}  // namespace faultline
