#include "determinism/child.h"

#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace faultline {

namespace {

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

[[noreturn]] void become(const std::vector<char*>& arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    dup2(nowhere, stream);
  }
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{FAULTLINE_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  process_ = fork();
  if (process_ == 0) {
    become(pointers);
  }
  if (process_ < 0) {
    throw std::runtime_error("cannot fork");
  }
}

Child::~Child() {
  if (process_ > 0) {
    send(SIGKILL);
    wait();
  }
}

void Child::send(int signal) const {
  if (process_ > 0) {
    kill(process_, signal);
  }
}

bool Child::running() {
  int status = 0;
  if (process_ > 0 && waitpid(process_, &status, WNOHANG) == process_) {
    process_ = -1;
    exit_code_ = code_of(status);
  }
  return process_ > 0;
}

int Child::wait() {
  int status = 0;
  if (process_ > 0 && waitpid(process_, &status, 0) == process_) {
    process_ = -1;
    exit_code_ = code_of(status);
  }
  return exit_code_;
}

}  // namespace faultline
