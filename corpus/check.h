// Finds what is torn, altered or foreign in a corpus. Changes nothing.
//
//   for (const Problem& problem : check(corpus)) { ... }
#pragma once

#include <string>
#include <vector>

#include "faultline/corpus/corpus.h"

namespace faultline {

struct Problem {
  enum class Kind {
    kLeftover,  ///< Of a writer that was cut off. Harmless: never read.
    kForeign,   ///< Nothing that a corpus writes. Never read.
    kDamaged,   ///< A finding, a discovery or an event that cannot be used.
  };
  Kind kind = Kind::kDamaged;
  std::string message{};  ///< One line that begins with the file.
  std::string advice{};   ///< What to do.
};

/// In order of their places.
[[nodiscard]] std::vector<Problem> check(const Corpus& corpus);

}  // namespace faultline
