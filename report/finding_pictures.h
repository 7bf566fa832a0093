// The failures of a stage that a report shows, with their pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "faultline/nightly/stage_result.h"

namespace faultline {

struct FindingPicture {
  SampleRow row{};
  std::string picture{};  ///< "data:image/png;base64,..."; empty for inputs that are no pictures.
};

/// Of the samples that an attack broke, those that the model is surest about, at most so many.
[[nodiscard]] std::vector<FindingPicture> surest_failures(const StageResult& stage, const std::vector<SampleRow>& rows,
                                                          std::size_t most);

}  // namespace faultline
