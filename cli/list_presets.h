// `faultline list presets`: what stands in a preset, what it costs and what it reaches.
#pragma once

#include <string>

#include "faultline/data/json.h"

namespace faultline {

[[nodiscard]] std::string presets_text();
[[nodiscard]] Json presets_json();

}  // namespace faultline
