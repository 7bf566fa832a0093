#include "faultline/data/class_names.h"

#include <set>
#include <string_view>
#include <utility>

#include "faultline/data/file.h"

namespace faultline {

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  const MappedFile file(path);
  if (file.bytes().size() > kMost) {
    refuse(path.string(), "is larger than 1 GiB; expected a text file");
  }
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    lines.emplace_back(line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0)));
  }
  while (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  return lines;
}

std::vector<std::string> read_class_names(const std::filesystem::path& path, const std::vector<std::int64_t>& labels) {
  if (path.empty()) {
    return {};
  }
  std::vector<std::string> names = read_lines(path);
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty() || !seen.insert(names[i]).second) {
      refuse(path.string(), "line " + std::to_string(i + 1) +
                                (names[i].empty() ? " is empty" : " repeats '" + names[i] + "'") +
                                "; expected one class name per line");
    }
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::cmp_greater_equal(labels[i], names.size())) {
      refuse(path.string(), "has " + std::to_string(names.size()) + " names, but sample " + std::to_string(i) +
                                " has label " + std::to_string(labels[i]) + "; give one name per class");
    }
  }
  return names;
}

}  // namespace faultline
