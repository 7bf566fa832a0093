// A libFuzzer target of its own for one model and its seeds, in the shape that ClusterFuzz and OSS-Fuzz expect.
#pragma once

#include "faultline/cli/fuzz_session.h"

namespace faultline {

/// Writes into the directory of --emit-fuzzer, which must be new or empty: NAME_fuzzer (a script that runs this
/// program), NAME_fuzzer.data/ with the model and its seeds, NAME_fuzzer_seed_corpus.zip and NAME_fuzzer.options. NAME
/// is that of the model file. Throws Error (kUsage).
void emit_fuzzer(const FuzzFlags& flags, const FuzzSession& open);

}  // namespace faultline
