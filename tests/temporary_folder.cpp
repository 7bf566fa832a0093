#include "temporary_folder.h"

#include <cstdlib>
#include <fstream>

#include "faultline/core/error.h"

namespace faultline {

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "faultline-XXXXXX").string();
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
