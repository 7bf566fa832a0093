#include "faultline/corpus/hashed_files.h"

#include <system_error>

#include "faultline/corpus/listing.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kKilobyte = 1024;
constexpr std::uintmax_t kGigabyte = kKilobyte * kKilobyte * kKilobyte;
constexpr std::uintmax_t kLargestEventFile = 2 * kGigabyte;  // 200 bytes and more for each of ten million events

/// "256 KB", "2 GB"
std::string size_text(std::uintmax_t bytes) {
  return bytes % kGigabyte == 0 ? std::to_string(bytes / kGigabyte) + " GB" : std::to_string(bytes / kKilobyte) + " KB";
}

/// Whether the file holds these bytes and no others.
bool holds(const fs::path& path, Bytes bytes) {
  std::error_code status;
  if (!fs::is_regular_file(fs::symlink_status(path, status)) || fs::file_size(path, status) != bytes.size()) {
    return false;
  }
  try {
    return text_of(map_inside(path, bytes.size())->bytes()) == text_of(bytes);
  } catch (const Error&) {
    return false;  // what cannot be read is not as it should be
  }
}

}  // namespace

const HashedKind<Discovery>& discovery_files() {
  static const HashedKind<Discovery> kKind{"found-", ".json", kLargestDiscovery, &discovery_name, &parse_discovery};
  return kKind;
}

const HashedKind<ParsedEvents>& event_files() {
  static const HashedKind<ParsedEvents> kKind{"", ".jsonl", kLargestEventFile, &event_file_name, &parse_event_file};
  return kKind;
}

std::unique_ptr<const MappedFile> map_inside(const fs::path& path, std::uintmax_t largest) {
  refuse_link(path);
  auto file = std::make_unique<const MappedFile>(path);
  if (file->bytes().size() > largest) {
    refuse(path.string(), "is larger than such a file can be (" + size_text(largest) + ")");
  }
  return file;
}

Stored put(FileBatch& batch, const fs::path& path, Bytes bytes) {
  if (holds(path, bytes)) {
    return Stored::kSound;
  }
  std::error_code ignored;
  const bool there = fs::exists(fs::symlink_status(path, ignored));
  batch.add(path, bytes);
  return there ? Stored::kDamaged : Stored::kMissing;
}

std::vector<std::string> names_between(const fs::path& folder, const std::string& prefix, const std::string& suffix) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : listing(folder)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(suffix)) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace faultline
