// What an attack finds on linear models, against their closed forms.
#pragma once

#include <string>
#include <vector>

#include "faultline/eval/attack_chunk.h"
#include "golden/linear_models.h"

namespace faultline {

[[nodiscard]] ThreatModel threat_at(const LinearGolden& golden, Norm norm, const Tensor& epsilon);

[[nodiscard]] std::vector<Outcome> outcomes(const LinearGolden& golden, const std::string& spec,
                                            const ThreatModel& threat);

/// For messages of tests.
[[nodiscard]] std::string text_of(Outcome outcome);

/// Expects nothing at 0.99 of the distance [N], everything at 1.01 of it.
void expect_exact(const LinearGolden& golden, const std::string& spec, Norm norm, const Tensor& distances,
                  const Tensor& targets = {});

}  // namespace faultline
