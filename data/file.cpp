#include "faultline/data/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "faultline/core/error.h"

namespace faultline {

namespace {

std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

/// Invariant: owns an open descriptor or -1.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

/// A name that no other writer of this or another process uses, and the file under it.
std::pair<std::string, int> create_beside(const std::filesystem::path& path) {
  static std::atomic<unsigned> number{0};
  while (true) {
    const std::string name =
        path.string() + kTemporaryMark + std::to_string(::getpid()) + "." + std::to_string(number++);
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) {
      return {name, descriptor};
    }
  }
}

/// Throws the system's reason as std::system_error.
[[noreturn]] void fail(int error) { throw std::system_error(error, std::generic_category()); }

void write_all(int descriptor, Bytes bytes) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), std::min(bytes.size(), kMost));
    if (written < 0 && errno != EINTR) {
      fail(errno);
    }
    bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

/// Everything up to the rename.
void fill(Descriptor& file, const std::function<void(const Sink&)>& produce) {
  produce([&](Bytes bytes) { write_all(file.get(), bytes); });
  if (::fsync(file.get()) != 0 && errno != EINVAL) {  // EINVAL: the file system has nothing to sync
    fail(errno);
  }
  if (!file.close()) {
    fail(errno);
  }
}

/// A terminal, a pipe, /dev/null: something that takes bytes and must not be replaced by a file.
bool is_device(const std::filesystem::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

void write_to_device(const std::filesystem::path& path, const std::function<void(const Sink&)>& produce) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (file.get() < 0) {
    refuse(path.string(), "cannot be written: " + reason(errno));
  }
  try {
    produce([&](Bytes bytes) { write_all(file.get(), bytes); });
  } catch (const std::system_error& error) {
    refuse(path.string(), "cannot be written: " + error.code().message());
  }
}

/// Where a link leads, so that the link stays.
std::filesystem::path behind_links(const std::filesystem::path& path) {
  std::error_code missing;
  const std::filesystem::path target = std::filesystem::canonical(path, missing);
  return missing || !std::filesystem::is_symlink(path, missing) ? path : target;
}

/// Makes what was renamed into the folder durable. One that may be written to but not read cannot be synced.
void sync_folder(const std::filesystem::path& folder) {
  const Descriptor file{::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (file.get() >= 0 && ::fsync(file.get()) != 0 && errno != EINVAL) {
    fail(errno);
  }
}

}  // namespace

void refuse(const std::string& name, const std::string& problem) {
  throw Error{ErrorCode::kUsage, name + ": " + problem};
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // does not wait for a pipe's writer
  if (file.get() < 0) {
    refuse(path.string(), "cannot be read: " + reason(errno));
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    refuse(path.string(), "cannot be read: " + reason(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    refuse(path.string(), "is a directory; expected a file");
  }
  if (!S_ISREG(status.st_mode)) {
    refuse(path.string(), "is not a regular file");
  }
  if (status.st_size == 0) {
    refuse(path.string(), "is empty");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED) {
    refuse(path.string(), "cannot be mapped into memory: " + reason(errno));
  }
  bytes_ = {static_cast<const std::byte*>(start), size};
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

void write_file(const std::filesystem::path& named, const std::function<void(const Sink&)>& produce) {
  if (is_device(named)) {
    write_to_device(named, produce);
    return;
  }
  const std::filesystem::path path = behind_links(named);
  const auto [name, descriptor] = create_beside(path);
  if (descriptor < 0) {
    refuse(path.string(), "cannot be written: " + reason(errno));
  }
  Descriptor file{descriptor};
  try {
    fill(file, produce);
    std::filesystem::rename(name, path);
    sync_folder(path.parent_path());
  } catch (const std::system_error& error) {
    ::unlink(name.c_str());
    refuse(path.string(), "cannot be written: " + error.code().message());
  } catch (...) {
    ::unlink(name.c_str());
    throw;
  }
}

void write_file(const std::filesystem::path& path, std::span<const Bytes> parts) {
  write_file(path, [&](const Sink& sink) {
    for (const Bytes part : parts) {
      sink(part);
    }
  });
}

FileBatch::~FileBatch() {
  for (const auto& [temporary, path] : files_) {
    ::unlink(temporary.c_str());
  }
}

void FileBatch::add(const std::filesystem::path& path, Bytes bytes) {
  const auto [name, descriptor] = create_beside(path);
  if (descriptor < 0) {
    refuse(path.string(), "cannot be written: " + reason(errno));
  }
  files_.emplace_back(name, path);
  Descriptor file{descriptor};
  try {
    write_all(file.get(), bytes);
    if (!file.close()) {
      fail(errno);
    }
  } catch (const std::system_error& error) {
    refuse(path.string(), "cannot be written: " + error.code().message());
  }
}

void FileBatch::commit() {
  if (files_.empty()) {
    return;
  }
  const std::filesystem::path first = files_.front().second;
  const Descriptor file{::open(files_.front().first.c_str(), O_RDONLY | O_CLOEXEC)};
  const auto sync = [&] {
    if (file.get() < 0 || ::syncfs(file.get()) != 0) {
      refuse(first.string(), "cannot be written: " + reason(errno));
    }
  };
  sync();
  for (const auto& [temporary, path] : files_) {
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
      refuse(path.string(), "cannot be written: " + reason(errno));
    }
  }
  files_.clear();
  sync();
}

}  // namespace faultline
