// File systems of the tests' own, where the system allows it (root with its capabilities).
//
//   const SmallDisk disk(folder, "size=64k");
//   if (!disk.mounted()) GTEST_SKIP();
#pragma once

#include <filesystem>
#include <string>

namespace faultline {

/// A file system in memory at `place`, in a mount namespace that only this process and its children see. Invariant:
/// what was mounted goes away with the object.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& place, const std::string& options);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();

  [[nodiscard]] bool mounted() const { return mounted_; }

  /// Changes its options: another size, "ro". Returns whether that worked.
  [[nodiscard]] bool remount(const std::string& options) const;

 private:
  std::filesystem::path place_;
  bool mounted_ = false;
};

}  // namespace faultline
