// Where a run happened and on what: hashes, versions, hardware.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "faultline/eval/plan.h"

namespace faultline {

/// SHA-256 of a file as 64 hexadecimal digits. Throws Error (kUsage) when it cannot be read.
[[nodiscard]] std::string sha256_of(const std::filesystem::path& path);

/// SHA-256 over several files: over the list of their hashes, unless there is one only.
[[nodiscard]] std::string sha256_of(const std::vector<std::filesystem::path>& paths);

/// Versions of Faultline and LibTorch, processor, its number of cores, instruction set, system.
[[nodiscard]] Json evidence_json();

/// The version of Faultline.
[[nodiscard]] std::string version();

}  // namespace faultline
