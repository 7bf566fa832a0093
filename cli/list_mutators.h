// The mutators as JSON, as text for a terminal, and as the page docs/mutators.md.
#pragma once

#include <string>

#include "faultline/core/mutator_registry.h"
#include "faultline/data/json.h"

namespace faultline {

[[nodiscard]] Json mutators_json(const MutatorRegistry& registry);

/// One paragraph a mutator: what it does, up to which severity labels survive, its parameters at severities 1 to 5.
[[nodiscard]] std::string mutators_text(const MutatorRegistry& registry);

/// docs/mutators.md, whole.
[[nodiscard]] std::string mutators_markdown(const MutatorRegistry& registry);

}  // namespace faultline
