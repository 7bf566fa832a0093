// Ctrl-C and SIGTERM: the first asks for a stop, the second ends the program at once.
#pragma once

#include <atomic>

namespace faultline {

/// Installs the handlers and returns the flag that the first signal sets.
[[nodiscard]] const std::atomic<bool>& stop_on_signals();

}  // namespace faultline
