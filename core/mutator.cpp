#include "faultline/core/mutator.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr double kReferenceSide = 32;

double value_at(const ParameterInfo& parameter, int severity, int shorter_side, Draws& draws) {
  if (!parameter.names.empty()) {
    return draws.below(static_cast<int>(parameter.names.size()));
  }
  const Scale& scale = parameter.scale;
  const int sign = scale.symmetric ? draws.sign() : 1;  // drawn at every severity: the same key gives the same side
  if (severity == 0 && scale.identity) {
    return *scale.identity;
  }
  double value = scale.values.at(static_cast<std::size_t>(std::max(1, severity) - 1)) * sign;
  if (scale.grows_with_image) {
    value *= shorter_side / kReferenceSide;
  }
  return std::clamp(parameter.integer ? std::round(value) : value, scale.lower, scale.upper);
}

}  // namespace

std::vector<double> parameters_at(const std::vector<ParameterInfo>& parameters, int severity, int shorter_side,
                                  Draws& draws) {
  FAULTLINE_ASSERT(severity >= 0 && severity <= kSeverities, "severities are 0 .. 5");
  std::vector<double> values;
  for (const ParameterInfo& parameter : parameters) {
    values.push_back(value_at(parameter, severity, shorter_side, draws));
  }
  return values;
}

}  // namespace faultline
