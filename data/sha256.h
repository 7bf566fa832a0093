// SHA-256, for what has to be recognised years later: models, data files, findings.
//
//   const std::string hex = sha256_of(std::filesystem::path("model.pt"));
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "faultline/data/file.h"

namespace faultline {

/// SHA-256 of the bytes as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_of(Bytes bytes);

/// SHA-256 of a file. Throws Error (kUsage) when it cannot be read.
[[nodiscard]] std::string sha256_of(const std::filesystem::path& path);

/// SHA-256 over several files: over the list of their hashes, unless there is one only.
[[nodiscard]] std::string sha256_of(const std::vector<std::filesystem::path>& paths);

}  // namespace faultline
