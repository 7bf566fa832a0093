#include "cli/mount.h"

#include <sched.h>
#include <sys/mount.h>

namespace faultline {

namespace {

/// Options that are flags of mount(2), not of the file system.
unsigned long flags_of(const std::string& options) { return options == "ro" ? MS_RDONLY : 0; }

std::string data_of(const std::string& options) { return options == "ro" ? "" : options; }

}  // namespace

SmallDisk::SmallDisk(const std::filesystem::path& place, const std::string& options) : place_(place) {
  std::filesystem::create_directories(place);
  const bool alone = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  mounted_ = alone && mount("tmpfs", place.c_str(), "tmpfs", flags_of(options), data_of(options).c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) {
    umount(place_.c_str());
  }
}

bool SmallDisk::remount(const std::string& options) const {
  return mount("tmpfs", place_.c_str(), "tmpfs", MS_REMOUNT | flags_of(options), data_of(options).c_str()) == 0;
}

}  // namespace faultline
