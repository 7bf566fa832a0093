#include "faultline/cli/list_presets.h"

#include "faultline/cli/console.h"
#include "faultline/eval/preset.h"

namespace faultline {

namespace {

/// The norms whose attacks are the same, together: "l2, linf".
std::vector<std::pair<std::string, std::vector<std::string>>> variants_of(const Preset& preset) {
  std::vector<std::pair<std::string, std::vector<std::string>>> variants;
  for (const Norm norm : preset.norms) {
    const std::vector<std::string> attacks = preset.attacks(norm);
    if (!variants.empty() && variants.back().second == attacks) {
      variants.back().first += ", " + std::string(name_of(norm));
    } else {
      variants.emplace_back(name_of(norm), attacks);
    }
  }
  return variants;
}

}  // namespace

std::string presets_text() {
  std::string text;
  for (const Preset& preset : presets()) {
    text += bold(preset.name) + " (version " + std::to_string(preset.version) + ")  " + preset.summary + "\n";
    text += "  costs " + preset.cost + "\n  reaches " + preset.strength + "\n";
    for (const auto& [norms, attacks] : variants_of(preset)) {
      text += "  in " + norms + ":\n";
      for (const std::string& attack : attacks) {
        text += "    --attack " + attack + "\n";
      }
    }
    text += "\n";
  }
  return text;
}

Json presets_json() {
  Json list = Json::array();
  for (const Preset& preset : presets()) {
    Json attacks = Json::object();
    for (const Norm norm : preset.norms) {
      attacks[std::string(name_of(norm))] = preset.attacks(norm);
    }
    list.push_back({{"name", preset.name},
                    {"version", preset.version},
                    {"summary", preset.summary},
                    {"cost", preset.cost},
                    {"strength", preset.strength},
                    {"attacks", attacks}});
  }
  return list;
}

}  // namespace faultline
