// A JSON document of a file.
#pragma once

#include <filesystem>

#include "faultline/data/json.h"

namespace faultline {

/// As parse_json(): a discarded value where the file holds no JSON. Throws Error (kUsage) when it cannot be read.
[[nodiscard]] Json read_json_file(const std::filesystem::path& path);

}  // namespace faultline
