// Presets: ensembles with a name and a version. A preset's version rises when anything changes what it finds.
//
//   const Preset& preset = find_preset("fast");
//   std::vector<std::string> specs = preset.attacks(Norm::kLinf);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "faultline/core/norm.h"

namespace faultline {

struct Preset {
  std::string name{};
  int version = 1;
  std::string summary{};   ///< One line for `faultline list`.
  std::string cost{};      ///< Of a sample that withstands it, in Linf on a model of ten classes.
  std::string strength{};  ///< What it reaches, compared with others.
  std::vector<Norm> norms{};
  /// Its attacks as the user would write them after --attack; of its norms only.
  std::function<std::vector<std::string>(Norm)> attacks{};
};

/// All of them, the default of `attack` first.
[[nodiscard]] const std::vector<Preset>& presets();

/// By NAME, or by NAME@VERSION, which must be the present one. Throws Error (kUsage).
[[nodiscard]] const Preset& find_preset(const std::string& text);

}  // namespace faultline
