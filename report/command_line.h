// Command lines that a report or the terminal suggests, as a shell takes them.
//
//   replay_command_line({.corpus = "my corpus", .model = "model.pt", .line = "main"})
//   // faultline replay 'my corpus' --model model.pt
#pragma once

#include <string>

#include "faultline/corpus/discovery.h"

namespace faultline {

/// The text as one word of a POSIX shell: in quotes where it needs them.
[[nodiscard]] std::string shell_word(const std::string& text);

/// --output, --binary, --mean and --std as the preprocessing needs them; empty when there is none.
[[nodiscard]] std::string preprocessing_flags(const Preprocessing& preprocessing);

struct ReplayCommandLine {
  std::string corpus{};
  std::string model = "MODEL.pt";
  Preprocessing preprocessing{};
  std::string line = "main";
  std::string more{};     ///< Further flags that verdicts need, as words for a shell: "--data DATA".
  std::string finding{};  ///< How its id begins; empty: all.
};

/// `faultline replay` with what it takes to have the same verdicts.
[[nodiscard]] std::string replay_command_line(const ReplayCommandLine& command);

}  // namespace faultline
