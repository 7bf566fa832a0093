// The built program in the background, to be killed.
//
//   Child child({"attack", "model.pt", ...});
//   child.send(SIGKILL);
//   int status = child.wait();
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace faultline {

/// A running child. Its output goes nowhere. The destructor kills it when it still runs.
class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  void send(int signal) const;

  [[nodiscard]] bool running();

  /// Waits for its end: the exit code, or 128 + the signal that ended it.
  int wait();

 private:
  pid_t process_ = -1;
  int exit_code_ = -1;
};

}  // namespace faultline
