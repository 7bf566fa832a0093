// Oracles about outputs that are no answers at all.
#pragma once

#include "faultline/core/oracle.h"

namespace faultline {

/// Slack: 1, or -1 when a logit is NaN or infinite although the input is finite.
[[nodiscard]] Slack non_finite(const OracleCase& c, const NoOptions& options);

/// Slack: 1, or -1 when the model throws on the row alone. Costs one forward per row.
[[nodiscard]] Slack exception(const OracleCase& c, const NoOptions& options);

}  // namespace faultline
