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
#include <utility>
#include <vector>

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

/// Writes the parts one after another to a temporary name beside `path`, syncs, renames, and syncs the folder: when it
/// returns, the file outlives a power cut. Replaces what is there; a symbolic link stays and what it leads to is
/// replaced; a device or a pipe is written to as it is. Throws Error (kUsage) with the system's reason; then the
/// temporary file is gone, and `path` is unchanged unless it is the folder that could not be synced.
void write_file(const std::filesystem::path& path, std::span<const Bytes> parts);

/// Takes the next bytes of a file.
using Sink = std::function<void(Bytes)>;

/// The same for a file that is never whole in memory: the bytes that `produce` hands to its argument, in order. What
/// `produce` throws comes through; then, too, nothing is left behind.
void write_file(const std::filesystem::path& path, const std::function<void(const Sink&)>& produce);

/// Many small files made durable together: two syncs of the file system instead of one a file, which
/// takes milliseconds. Invariant: until commit() none of them is seen under its name; what is not committed goes away.
class FileBatch {
 public:
  FileBatch() = default;
  FileBatch(const FileBatch&) = delete;
  FileBatch& operator=(const FileBatch&) = delete;
  ~FileBatch();

  /// Writes the bytes to a temporary name beside `path`. Throws Error (kUsage).
  void add(const std::filesystem::path& path, Bytes bytes);

  /// Syncs, renames the files in the order in which they came, and syncs again. Throws Error (kUsage).
  void commit();

 private:
  std::vector<std::pair<std::string, std::filesystem::path>> files_;  // temporary name, name
};

/// What the names of files in the making contain. A writer that was killed leaves them behind.
constexpr const char* kTemporaryMark = ".tmp";

}  // namespace faultline
