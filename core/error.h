// Errors a user can cause, and assertions for what only a programmer can cause.
// Must not depend on anything else of the project.
//
//   throw Error{ErrorCode::kUsage, "--epsilon: expected a number >= 0, got '-1'"};
//   FAULTLINE_ASSERT(labels.dim() == 1, "labels must be [N]");
#pragma once

#include <stdexcept>
#include <string>

namespace faultline {

/// Why a run ended early; the value is the exit code of the program.
enum class ErrorCode : int {
  kInterrupted = 2,  ///< The user stopped it.
  kUsage = 4,        ///< Wrong usage, file or configuration.
  kNothingRan = 5,   ///< The selection was empty.
};

/// Control characters become spaces: names and bytes of files end up in messages, and messages in terminals.
[[nodiscard]] std::string on_one_line(std::string text);

/// Something the user can mend. The message is one line: what is wrong, where, what was expected, what to change.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message);
  [[nodiscard]] ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// A model could not get the memory it asked for.
class OutOfMemory : public Error {
 public:
  explicit OutOfMemory(const std::string& message) : Error(ErrorCode::kUsage, message) {}
};

/// Throws std::logic_error naming the place; the program ends with exit code 3.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line, const std::string& message);

}  // namespace faultline

#define FAULTLINE_ASSERT(condition, message)                                    \
  do {                                                                          \
    if (!(condition)) {                                                         \
      ::faultline::assertion_failed(#condition, __FILE__, __LINE__, (message)); \
    }                                                                           \
  } while (false)
