#include "faultline/corpus/listing.h"

#include <algorithm>
#include <system_error>

#include "faultline/data/file.h"

namespace faultline {

namespace fs = std::filesystem;

std::vector<fs::directory_entry> listing(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code status;
  for (fs::directory_iterator entry(folder, status), end; !status && entry != end; entry.increment(status)) {
    entries.push_back(*entry);
  }
  if (status && status != std::errc::no_such_file_or_directory) {
    refuse(folder.string(), "cannot be read: " + status.message());
  }
  std::ranges::sort(entries);
  return entries;
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code ignored;
  return fs::is_directory(entry.symlink_status(ignored));
}

bool is_link(const fs::path& path) {
  std::error_code ignored;
  return fs::is_symlink(fs::symlink_status(path, ignored));
}

void refuse_link(const fs::path& path) {
  if (is_link(path)) {
    refuse(path.string(), "is a symbolic link, which is not followed");
  }
}

}  // namespace faultline
