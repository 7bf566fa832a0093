// Where the index of a corpus lives, and who may make it again.
// Must not know what it holds.
#pragma once

#include <chrono>
#include <filesystem>

namespace faultline {

/// By the corpus's place, in the user's cache directory, which is made. Empty when there is no place for it.
[[nodiscard]] std::filesystem::path index_file(const std::filesystem::path& corpus);

/// Deletes a database with what SQLite keeps beside it. To be called by the holder of the lock.
void remove_database(const std::filesystem::path& file);

/// One process at a time opens and refreshes an index: another one must not delete a damaged file that this one has
/// just made again. Invariant: while the object lives it has the lock, unless held() is false.
class IndexLock {
 public:
  /// Waits for `patience` at most. An empty `file` gives no lock, nor does one that cannot be made.
  IndexLock(const std::filesystem::path& file, std::chrono::milliseconds patience);
  IndexLock(const IndexLock&) = delete;
  IndexLock& operator=(const IndexLock&) = delete;
  ~IndexLock();

  [[nodiscard]] bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

}  // namespace faultline
