#include "temporary_folder.h"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "faultline/core/error.h"

namespace faultline {

std::filesystem::path memory_folder() {
  constexpr std::uintmax_t kRoom = std::uintmax_t{256} << 20;
  const std::filesystem::path memory = "/dev/shm";
  std::error_code missing;
  const std::filesystem::space_info space = std::filesystem::space(memory, missing);
  const bool usable = !missing && space.available >= kRoom && ::access(memory.c_str(), W_OK | X_OK) == 0;
  return usable ? memory : std::filesystem::temp_directory_path();
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent) {
  std::string name = (parent / "faultline-XXXXXX").string();
  FAULTLINE_ASSERT(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& bytes) const {
  const std::filesystem::path path = path_ / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  FAULTLINE_ASSERT(file.good(), "a file in a temporary folder can be written");
  return path.string();
}

}  // namespace faultline
