// A folder for the files of one test. Must not depend on LibTorch: the fuzz seeds use it too.
#pragma once

#include <filesystem>
#include <string>

namespace faultline {

/// Where files are cheap to make durable: a file system in memory when there is one with room, else the system's
/// temporary folder.
[[nodiscard]] std::filesystem::path memory_folder();

/// A new empty folder under the system's temporary one, removed with all it holds by the destructor.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path());
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file (and the folders above it) and returns its path.
  std::string write(const std::string& name, const std::string& bytes) const;

 private:
  std::filesystem::path path_;
};

}  // namespace faultline
