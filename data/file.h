// Bytes on disk: files mapped for reading, and files written whole or not at all.
// Must not know any format.
//
//   const auto file = std::make_shared<const MappedFile>("x.npy");
//   write_file("out.bin", std::array{Bytes(header), Bytes(body)});
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace faultline {

using Bytes = std::span<const std::byte>;

/// Throws Error (kUsage) "NAME: PROBLEM". `name` is the file, or the part of it, that cannot be used.
[[noreturn]] void refuse(const std::string& name, const std::string& problem);

/// The bytes of a regular file, mapped read-only. Invariant: bytes() stays valid while the object lives.
class MappedFile {
 public:
  /// Throws Error (kUsage) when `path` is missing, empty, not a regular file or not readable.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

/// Writes the parts one after another to a temporary name beside `path`, syncs, and renames. Replaces what is there.
/// Throws Error (kUsage) with the system's reason; then `path` is unchanged and the temporary file is gone.
void write_file(const std::filesystem::path& path, std::span<const Bytes> parts);

/// Takes the next bytes of a file.
using Sink = std::function<void(Bytes)>;

/// The same for a file that is never whole in memory: the bytes that `produce` hands to its argument, in order. What
/// `produce` throws comes through; then, too, nothing is left behind.
void write_file(const std::filesystem::path& path, const std::function<void(const Sink&)>& produce);

}  // namespace faultline
