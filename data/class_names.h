// Class names from a file with one name per line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace faultline {

/// The lines of a text file without line ends, a byte order mark and empty lines at the end.
/// Throws Error (kUsage) when it cannot be read or is larger than 1 GiB.
[[nodiscard]] std::vector<std::string> read_lines(const std::filesystem::path& path);

/// The names in `path`, class 0 first; none when the path is empty. Throws Error (kUsage) when a name is empty or
/// stands there twice, or a label has no name.
[[nodiscard]] std::vector<std::string> read_class_names(const std::filesystem::path& path,
                                                        const std::vector<std::int64_t>& labels);

}  // namespace faultline
