// A nightly run as a JUnit suite: one case per gate and model, one per stage.
#pragma once

#include "faultline/nightly/nightly_summary.h"
#include "faultline/report/junit.h"

namespace faultline {

/// Gates that only warn or inform are passed cases whose text says what was found; names hold no measured value.
[[nodiscard]] JunitSuite nightly_junit(const NightlySummary& summary);

}  // namespace faultline
