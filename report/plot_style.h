// Colours, dashes and style rules of the plots. Colours are those of Okabe and Ito, "Color Universal Design", 2008,
// which people with any of the common colour-vision deficiencies can tell apart; dashes and markers differ as well.
//
//   svg.style(plot_style());
//   svg.element("line", painted({{"x2", "9"}}, "stroke", "grid"));
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "faultline/report/svg.h"

namespace faultline {

/// The style rules that give every paint its light, dark and printed colour.
[[nodiscard]] std::string plot_style();

/// The attributes with `property` ("fill" or "stroke") set to a paint: "paper", "ink", "muted", "grid", "axis", or one
/// of line_paint() and name_paint(). The light colour is written too, for programs that do not know style variables.
[[nodiscard]] SvgAttributes painted(SvgAttributes attributes, std::string_view property, std::string_view paint);

/// The paint of curve number `i`'s line, and the darker one of its name. They repeat after six curves.
[[nodiscard]] std::string line_paint(std::size_t i);
[[nodiscard]] std::string name_paint(std::size_t i);

/// The dash pattern of curve number `i`, empty for a solid line.
[[nodiscard]] std::string dashes(std::size_t i);

}  // namespace faultline
