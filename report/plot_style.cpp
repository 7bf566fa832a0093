#include "faultline/report/plot_style.h"

#include <algorithm>
#include <array>

#include "faultline/core/error.h"

namespace faultline {

namespace {

struct Paint {
  std::string_view name;
  std::string_view light;
  std::string_view dark;
};

constexpr std::size_t kLinePaints = 6;
constexpr std::array kDashes = {"", "8 4", "2 3", "10 3 2 3", "5 3", "12 4"};

constexpr std::array kPaints = {
    Paint{"paper", "#ffffff", "#16191d"},  Paint{"ink", "#1b1e22", "#e9ebee"},    Paint{"muted", "#5b626a", "#a4abb3"},
    Paint{"grid", "#e6e8eb", "#2b3036"},   Paint{"axis", "#8d949c", "#6b727a"},   Paint{"line-0", "#0072b2", "#56b4e9"},
    Paint{"line-1", "#d55e00", "#e69f00"}, Paint{"line-2", "#009e73", "#00c08d"}, Paint{"line-3", "#cc79a7", "#dd93bb"},
    Paint{"line-4", "#e69f00", "#f0e442"}, Paint{"line-5", "#56b4e9", "#d55e00"}, Paint{"name-0", "#005d91", "#7cc5ee"},
    Paint{"name-1", "#a84900", "#efb53a"}, Paint{"name-2", "#00714f", "#35d3a8"}, Paint{"name-3", "#97446f", "#e6aecb"},
    Paint{"name-4", "#805800", "#f4ea72"}, Paint{"name-5", "#1f6f9c", "#f08a4b"},
};

std::string variables(std::string_view Paint::* tone) {
  std::string rules;
  for (const Paint& paint : kPaints) {
    rules.append("--").append(paint.name).append(":").append(paint.*tone).append(";");
  }
  return rules;
}

}  // namespace

std::string plot_style() {
  // What knows no variables keeps the presentation attributes, which any rule would beat.
  std::string rules =
      "@supports (color:var(--ink)){\n.faultline-plot{max-width:100%;height:auto;" + variables(&Paint::light) + "}\n";
  rules += "@media (prefers-color-scheme:dark){.faultline-plot{" + variables(&Paint::dark) + "}}\n";
  rules += "@media print{.faultline-plot{" + variables(&Paint::light) + "}}\n";
  for (const Paint& paint : kPaints) {
    const std::string name(paint.name);
    for (const std::string property : {"fill", "stroke"}) {
      rules += ".faultline-plot ." + property + "-" + name + "{" + property + ":var(--" + name + ")}\n";
    }
  }
  return rules + "}\n";
}

SvgAttributes painted(SvgAttributes attributes, std::string_view property, std::string_view paint) {
  const auto found = std::ranges::find(kPaints, paint, &Paint::name);
  FAULTLINE_ASSERT(found != kPaints.end(), "a paint has one of the names of the style");
  const std::string name = std::string(property) + "-" + std::string(paint);
  const auto has_class = std::ranges::find(attributes, "class", [](const auto& attribute) { return attribute.first; });
  if (has_class != attributes.end()) {
    has_class->second += " " + name;
  } else {
    attributes.emplace_back("class", name);
  }
  attributes.emplace_back(property, found->light);
  return attributes;
}

std::string line_paint(std::size_t i) { return "line-" + std::to_string(i % kLinePaints); }

std::string name_paint(std::size_t i) { return "name-" + std::to_string(i % kLinePaints); }

std::string dashes(std::size_t i) { return kDashes[i % kDashes.size()]; }

}  // namespace faultline
