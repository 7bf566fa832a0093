// What lies in the folders of a corpus. Links are never followed.
// Must not know what the files hold.
#pragma once

#include <filesystem>
#include <vector>

namespace faultline {

/// What a folder holds, in order of names; nothing when there is no such folder. Throws Error (kUsage) when it cannot
/// be read.
[[nodiscard]] std::vector<std::filesystem::directory_entry> listing(const std::filesystem::path& folder);

/// Whether it is a folder itself, no link to one.
[[nodiscard]] bool is_folder(const std::filesystem::directory_entry& entry);

[[nodiscard]] bool is_link(const std::filesystem::path& path);

/// Throws Error (kUsage) when the path is a symbolic link.
void refuse_link(const std::filesystem::path& path);

}  // namespace faultline
