#include "faultline/nightly/json_file.h"

#include "faultline/data/file.h"

namespace faultline {

Json read_json_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  return parse_json({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()});
}

}  // namespace faultline
