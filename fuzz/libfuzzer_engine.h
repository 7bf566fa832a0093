// libFuzzer as an engine: the real driver with mutators and counters of our own. It keeps one input per call and
// decides from the counters which stay; here its mutators draw many children, screen them in one forward, and hand it
// the new.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "faultline/fuzz/island.h"

namespace faultline {

/// The island's budget, in a process that is libFuzzer's own: its driver ends the process. `finish` is called when the
/// island is finished, inside libFuzzer, and must not return.
[[noreturn]] void run_libfuzzer_engine(Island& island, const std::function<void()>& finish);

/// libFuzzer as it comes, with flags and files of the user; inputs are screened by the island, whose budget should be
/// without end. `name` is how the process is called again: argv[0]. With `on_failure`, failing children come first, and
/// it is called when libFuzzer runs an input that fails: one that it keeps as an artifact when the process ends there.
/// Returns its exit code where it returns at all.
[[nodiscard]] int run_libfuzzer(Island& island, const std::string& name, const std::vector<std::string>& arguments,
                                const std::function<void(const Screened&)>& on_failure = {});

}  // namespace faultline
