// `fuzz --mode contract`.
#pragma once

#include "faultline/cli/commands.h"
#include "faultline/cli/fuzz_flags.h"

namespace faultline {

/// Asks the model about every case of the input contract, prints, files and returns the exit code. Throws Error.
int fuzz_contract(const FuzzFlags& flags, const CommandContext& context);

}  // namespace faultline
