#include "faultline/report/command_line.h"

#include <vector>

#include "faultline/core/number.h"

namespace faultline {

namespace {

std::string numbers_flag(const std::string& flag, const std::vector<double>& values) {
  std::string text;
  for (const double value : values) {
    text += (text.empty() ? " " + flag + " " : ",") + shortest(value);
  }
  return text;
}

}  // namespace

std::string shell_word(const std::string& text) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:,=+@%-";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) {
    return text;
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return quoted + "'";
}

std::string preprocessing_flags(const Preprocessing& preprocessing) {
  const std::string text = (preprocessing.output.empty() ? "" : " --output " + shell_word(preprocessing.output)) +
                           (preprocessing.binary ? " --binary" : "") + numbers_flag("--mean", preprocessing.mean) +
                           numbers_flag("--std", preprocessing.std);
  return text.empty() ? text : text.substr(1);
}

std::string replay_command_line(const ReplayCommandLine& command) {
  const std::string flags = preprocessing_flags(command.preprocessing);
  return "faultline replay " + shell_word(command.corpus) + " --model " + shell_word(command.model) +
         (flags.empty() ? "" : " " + flags) + (command.more.empty() ? "" : " " + command.more) +
         (command.line == "main" ? "" : " --line " + command.line) +
         (command.finding.empty() ? "" : " --finding " + command.finding);
}

}  // namespace faultline
