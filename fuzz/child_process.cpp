#include "faultline/fuzz/child_process.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr int kThrew = 4;  // exit code

/// Bytes of address space this process has.
std::uint64_t address_space() {
  std::uint64_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    unsigned long long size = 0;
    if (std::fscanf(file, "%llu", &size) == 1) {
      pages = size;
    }
    std::fclose(file);
  }
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void settle_in(const ChildLimits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  const int out = limits.log.empty() ? open("/dev/null", O_WRONLY | O_CLOEXEC)
                                     : open(limits.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (out >= 0) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
  }
  rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (limits.memory > 0) {
    const rlimit most{address_space() + limits.memory, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &most);
  }
}

ChildEnd run_in_child(const std::function<void()>& work, const ChildLimits& limits,
                      const std::function<std::int64_t()>& beat) {
  const std::int64_t begin = milliseconds_now();
  const pid_t process = fork();
  if (process < 0) {
    throw Error{ErrorCode::kUsage, std::string("cannot start a worker process: ") + std::strerror(errno)};
  }
  if (process == 0) {
    settle_in(limits);
    try {
      work();
    } catch (const std::exception&) {
      _exit(kThrew);
    }
    _exit(0);
  }
  const auto longest = static_cast<std::int64_t>(limits.seconds * 1000);
  bool hangs = false;
  int status = 0;
  while (waitpid(process, &status, WNOHANG) == 0) {
    const std::int64_t last = beat ? std::max(begin, beat()) : begin;
    if (milliseconds_now() - last > longest) {
      hangs = true;
      kill(process, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kThrew)) {
    return WEXITSTATUS(status) == 0 ? ChildEnd::kDone : ChildEnd::kRefused;
  }
  return hangs ? ChildEnd::kHung : ChildEnd::kDied;
}

void die_of_memory() {
  constexpr int kOutOfMemory = 71;  // libFuzzer's exit code for it
  _exit(kOutOfMemory);
}

std::int64_t milliseconds_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace faultline
