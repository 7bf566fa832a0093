// A folder with a small data set, a model that is right on all of it, and calls of the program on them.
//
//   const Workshop shop;
//   const ProgramResult result = run_program(shop.attack({.epsilon = "0.3", .more = {"--json"}}));
#pragma once

#include <string>
#include <vector>

#include "faultline/data/json.h"

#include "models.h"
#include "program.h"

namespace faultline {

/// The body of forward(self, x) of the model that is right: three logits from x [N, 4].
inline constexpr const char* kRightModel = "return x[:, 0:3] * 4.0";

/// What a call says; what is empty is left out.
struct Call {
  std::string model = "model.pt";
  std::string data = "npy:x.npy,y.npy";
  std::string norm = "linf";
  std::string epsilon = "0.1";
  std::vector<std::string> more{};
};

/// Points [24, 4] in [0.2, 0.8] of the classes 0, 1, 2 in turn; the nearest other class is between 0.24 and 0.3 away
/// (Linf). Names in calls are relative to the folder.
class Workshop {
 public:
  Workshop();

  /// Saves a model whose forward(self, x) is this body; returns its name.
  std::string model(const std::string& name, const std::string& body, SavedMode mode = SavedMode::kEvaluation) const;

  /// `faultline attack` or `faultline curve` (which takes no epsilon) here.
  [[nodiscard]] ProgramResult attack(const Call& call, ProgramSetting setting = {}) const;
  [[nodiscard]] ProgramResult curve(const Call& call, ProgramSetting setting = {}) const;
  [[nodiscard]] ProgramResult run(const std::vector<std::string>& arguments, ProgramSetting setting = {}) const;

  [[nodiscard]] std::string operator/(const std::string& name) const { return (path() / name).string(); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

/// Saves what torch.save makes of a state_dict: a zip archive with data but no code.
void write_state_dict(const std::filesystem::path& path);

/// The one line of stderr of a call that must be refused: exit code, an empty stdout, one line "faultline: error: ..."
/// that holds all of `words`.
void expect_refused(const ProgramResult& result, const std::vector<std::string>& words, int exit_code = 4);

/// The name of the root element of an XML file and a line end, by Python's parser; its complaint when the file is not
/// well-formed.
[[nodiscard]] std::string root_of(const std::string& path);

/// The document on stdout of a call that must succeed.
[[nodiscard]] Json expect_document(const ProgramResult& result);

}  // namespace faultline
