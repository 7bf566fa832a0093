#include "faultline/corpus/index_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>
#include <thread>

#include "faultline/data/sha256.h"

namespace faultline {

namespace fs = std::filesystem;

namespace {

/// The user's cache directory, as the XDG base directory specification has it.
fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
    return fs::path(cache) / "faultline";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? fs::path(home) / ".cache" / "faultline" : fs::path();
}

}  // namespace

fs::path index_file(const fs::path& corpus) {
  const fs::path folder = cache_folder();
  std::error_code status;
  if (folder.empty() || (fs::create_directories(folder, status), status)) {
    return {};
  }
  const std::string place = fs::weakly_canonical(corpus).string();
  constexpr std::size_t kDigits = 16;
  return folder / ("corpus-" + sha256_of(std::as_bytes(std::span(place))).substr(0, kDigits) + ".sqlite");
}

void remove_database(const fs::path& file) {
  std::error_code ignored;
  for (const char* ending : {"-journal", "-wal", "-shm", ""}) {
    fs::remove(file.string() + ending, ignored);
  }
}

IndexLock::IndexLock(const fs::path& file, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause(5);
  if (file.empty()) {
    return;
  }
  descriptor_ = ::open((file.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (descriptor_ >= 0 && !held_ && std::chrono::steady_clock::now() < end) {
    held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
    if (!held_) {
      std::this_thread::sleep_for(kPause);
    }
  }
}

IndexLock::~IndexLock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace faultline
