// Data sets made of one array of inputs and one of labels.
//
//   return make_array_dataset(inputs, labels, {"x.npy", "y.npy"}, options);
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "faultline/core/dataset.h"
#include "faultline/data/array.h"

namespace faultline {

/// Samples from `inputs` [N, ...] (uint8 or float) and `labels` [N] (integers), defined by the bytes of `files`.
/// Throws Error (kUsage) when types, shapes or counts do not fit, or an option does not apply.
[[nodiscard]] std::unique_ptr<Dataset> make_array_dataset(StoredArray inputs, const StoredArray& labels,
                                                          std::vector<std::filesystem::path> files,
                                                          const DataOptions& options);

/// "A,B" as two paths. Throws Error (kUsage) naming `pattern` otherwise.
[[nodiscard]] std::pair<std::string, std::string> split_pair(const std::string& location, const std::string& pattern);

/// Whether `location` is "A,B" and both names end in `suffix`.
[[nodiscard]] bool is_pair_of(const std::string& location, std::string_view suffix);

/// Throws Error (kUsage) when an option for image files is set for stored arrays.
void refuse_image_options(const DataOptions& options, const std::string& name);

}  // namespace faultline
