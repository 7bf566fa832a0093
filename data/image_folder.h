// Image files as samples: one folder per class, or a CSV manifest.
//
//   std::unique_ptr<Dataset> data = open_images("imagenet-c/fog/3", options);
#pragma once

#include <memory>
#include <string>

#include "faultline/core/dataset.h"

namespace faultline {

/// A folder with one folder per class, or a file that ends in ".csv" (manifest.h). Throws Error (kUsage).
[[nodiscard]] std::unique_ptr<Dataset> open_images(const std::string& location, const DataOptions& options);

}  // namespace faultline
