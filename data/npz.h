// NumPy's .npz archives: zip files of .npy arrays, stored or deflated.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "faultline/data/array.h"

namespace faultline {

/// The first of the arrays `names` (without ".npy") that the archive in `archive` holds, unpacked into memory.
/// Throws Error (kUsage) that begins with `file_name` when none is there, or the archive or the array is damaged.
[[nodiscard]] StoredArray read_npz_array(Bytes archive, const std::string& file_name,
                                         const std::vector<std::string>& names);

}  // namespace faultline
