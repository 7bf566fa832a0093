#include "faultline/cli/stage_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr std::size_t kMostOutput = std::size_t{1} << 30;

[[noreturn]] void fail(const std::string& what) { throw Error{ErrorCode::kUsage, what + ": " + std::strerror(errno)}; }

/// In the child: this program once more. A group of its own keeps the terminal's Ctrl-C from reaching it twice.
[[noreturn]] void become(const std::vector<std::string>& words, int out) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  dup2(out, STDOUT_FILENO);
  std::vector<std::string> copies{"faultline"};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& copy : copies) {
    arguments.push_back(copy.data());
  }
  arguments.push_back(nullptr);
  execv("/proc/self/exe", arguments.data());
  constexpr int kNoSuchCommand = 127;
  _exit(kNoSuchCommand);
}

/// Everything that comes through the pipe until it is closed; passes a stop on to the process, once.
std::string listen(int pipe, pid_t process, const std::atomic<bool>& stop) {
  constexpr int kMilliseconds = 100;
  std::string text;
  std::array<char, 1 << 16> buffer{};
  bool told = false;
  while (true) {
    if (stop && !told) {
      kill(process, SIGINT);
      told = true;
    }
    pollfd waiting{.fd = pipe, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, kMilliseconds) <= 0) {
      continue;
    }
    const ssize_t count = read(pipe, buffer.data(), buffer.size());
    if (count == 0 || (count < 0 && errno != EINTR)) {
      return text;
    }
    text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, count)));
    if (text.size() > kMostOutput) {
      kill(process, SIGKILL);
      throw Error{ErrorCode::kUsage, "a stage printed more than 1 GiB"};
    }
  }
}

}  // namespace

StageEnd run_stage_process(const std::vector<std::string>& words, const std::atomic<bool>& stop) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    fail("cannot make a pipe");
  }
  const pid_t process = fork();
  if (process < 0) {
    fail("cannot start a process for a stage");
  }
  if (process == 0) {
    become(words, ends[1]);
  }
  close(ends[1]);
  StageEnd end{.out = listen(ends[0], process, stop)};
  close(ends[0]);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int kSignals = 128;
  end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignals + WTERMSIG(status);
  return end;
}

}  // namespace faultline
