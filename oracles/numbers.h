// Oracles about outputs that are no answers at all.
#pragma once

#include "faultline/core/oracle.h"

namespace faultline {

/// Slack: infinite, or -1 when a logit is NaN or infinite although the input is finite.
[[nodiscard]] Slack non_finite(const OracleCase& c, const NoOptions& options);

/// Slack: infinite, or -2 when the model throws on the row alone. A batch that throws must have given outputs of NaN
/// for the rows it throws on (targets/catching.h); only rows without finite outputs are asked, each with one forward.
[[nodiscard]] Slack exception(const OracleCase& c, const NoOptions& options);

}  // namespace faultline
