#include "faultline/cli/stop.h"

#include <csignal>

#include <unistd.h>

#include "faultline/core/error.h"

namespace faultline {

namespace {

// A signal handler can reach globals only.
std::atomic<bool> stopped{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  if (stopped.exchange(true)) {
    _exit(static_cast<int>(ErrorCode::kInterrupted));
  }
}

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // Writing past a size limit or to a closed pipe is an error to report, not a death.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  return stopped;
}

}  // namespace faultline
