#include "faultline/core/mutator.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"

namespace faultline {

namespace {

double drawn_value(const ParameterInfo& parameter, int severity, int shorter_side, Draws& draws) {
  if (!parameter.names.empty()) {
    return draws.below(static_cast<int>(parameter.names.size()));
  }
  const Scale& scale = parameter.scale;
  const int sign = scale.symmetric ? draws.sign() : 1;  // drawn at every severity: the same key gives the same side
  if (severity == 0 && scale.identity) {
    return *scale.identity;
  }
  const double value = sign * value_at(scale, std::max(1, severity), shorter_side);
  return std::clamp(parameter.integer ? std::round(value) : value, scale.lower, scale.upper);
}

}  // namespace

double value_at(const Scale& scale, int severity, std::int64_t shorter_side) {
  constexpr double kReferenceSide = 32;
  const double value = scale.values.at(static_cast<std::size_t>(severity - 1));
  const double factor = scale.grows_with_image ? static_cast<double>(shorter_side) / kReferenceSide : 1;
  return std::clamp(value * factor, scale.lower, scale.upper);
}

std::pair<double, double> range_at(const ParameterInfo& parameter, int severity, std::int64_t shorter_side) {
  const Scale& scale = parameter.scale;
  if (!parameter.names.empty()) {
    return {scale.lower, scale.upper};
  }
  const double value = value_at(scale, severity, shorter_side);
  if (scale.symmetric) {
    return {-value, value};
  }
  const double start = scale.identity.value_or(value_at(scale, 1, shorter_side));
  return {std::min(start, value), std::max(start, value)};
}

std::vector<double> parameters_at(const std::vector<ParameterInfo>& parameters, int severity, int shorter_side,
                                  Draws& draws) {
  FAULTLINE_ASSERT(severity >= 0 && severity <= kSeverities, "severities are 0 .. 5");
  std::vector<double> values;
  for (const ParameterInfo& parameter : parameters) {
    values.push_back(drawn_value(parameter, severity, shorter_side, draws));
  }
  return values;
}

}  // namespace faultline
