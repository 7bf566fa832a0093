#include "faultline/core/norm.h"

#include <cctype>

#include "faultline/core/error.h"
#include "faultline/core/suggest.h"

namespace faultline {

const std::vector<Norm>& all_norms() {
  static const std::vector<Norm> kAll{Norm::kL0, Norm::kL1, Norm::kL2, Norm::kLinf};
  return kAll;
}

std::string_view name_of(Norm norm) {
  switch (norm) {
    case Norm::kL0:
      return "l0";
    case Norm::kL1:
      return "l1";
    case Norm::kL2:
      return "l2";
    case Norm::kLinf:
      return "linf";
  }
  FAULTLINE_ASSERT(false, "unknown norm");
}

Norm parse_norm(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  std::vector<std::string> names;
  for (const Norm norm : all_norms()) {
    if (lower == name_of(norm)) {
      return norm;
    }
    names.emplace_back(name_of(norm));
  }
  throw Error{ErrorCode::kUsage, "--norm: unknown norm '" + std::string(name) + "'" + did_you_mean(lower, names)};
}

}  // namespace faultline
