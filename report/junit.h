// JUnit XML, as GitLab, Jenkins and GitHub actions read it.
//
//   write_junit("junit.xml", {.name = "faultline.replay", .cases = {{"faultline.replay.main", "finding 1a2b ..."}}});
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace faultline {

struct JunitCase {
  enum class Status { kPassed, kFailed, kSkipped };

  std::string classname{};  ///< GitLab shows it as the suite; Jenkins splits it at dots.
  std::string name{};       ///< Unique in the file, and the same in every run: no measured values, no dates.
  Status status = Status::kPassed;
  std::string message{};  ///< Failed, skipped: one line.
  std::string text{};     ///< Failed: the details. Passed: what else there is to say.
};

struct JunitSuite {
  std::string name{};
  double seconds = 0;
  std::string timestamp{};  ///< ISO 8601.
  std::vector<JunitCase> cases{};
};

/// The document. Characters that XML does not allow become question marks; texts are cut at 8 KB.
[[nodiscard]] std::string junit_xml(const JunitSuite& suite);

/// Writes it whole or not at all. Throws Error (kUsage).
void write_junit(const std::filesystem::path& path, const JunitSuite& suite);

}  // namespace faultline
