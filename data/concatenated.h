// Several data sets as one, each a named group of samples.
//
//   return concatenated({{"fog 1", std::move(first)}, {"fog 2", std::move(second)}});
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "faultline/core/dataset.h"

namespace faultline {

struct DatasetPart {
  std::string group{};
  std::unique_ptr<Dataset> data{};
};

/// The samples of the parts, one part after another; at least one. `part`: see Dataset::part(). Throws Error (kUsage)
/// naming the groups when their samples have different shapes or their classes different names.
[[nodiscard]] std::unique_ptr<Dataset> concatenated(std::vector<DatasetPart> parts, const std::string& part);

}  // namespace faultline
