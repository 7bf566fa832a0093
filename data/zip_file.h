// Zip archives for other programs, such as the seed corpora that fleets of fuzzers unpack.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace faultline {

/// Writes a zip file with these members, by name, stored at the day zero of zip files: the same contents give the same
/// bytes. Throws Error (kUsage) when it cannot be written.
void write_zip(const std::filesystem::path& path, const std::map<std::string, std::string>& members);

}  // namespace faultline
