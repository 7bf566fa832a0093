// Options of plug-ins from one list: parsing, range checks, help, JSON and docs all walk `fields`.
//
//   struct PgdOptions {
//     int steps = 40;  ///< Gradient steps per restart.
//     static void fields(auto& o, auto&& visit) { visit("steps", o.steps, AtLeast{1}, "gradient steps per restart"); }
//   };
//   set_options(options, {{"steps", "100"}}, "--attack pgd");
#pragma once

#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace faultline {

/// What values an option takes. Numbers lie in [lower, upper]; a choice is an enumeration whose values are 0, 1, ...
struct AtLeast {
  double lower;
};
struct Between {
  double lower, upper;
};
struct Positive {};
struct OneOf {
  std::vector<std::string> names;
};

/// One "name=value" of the user.
struct OptionSetting {
  std::string name;
  std::string value;
  bool operator==(const OptionSetting&) const = default;
};

/// "key=value,key=value" taken apart. Throws Error (kUsage) that begins with `where`.
[[nodiscard]] std::vector<OptionSetting> parse_settings(std::string_view text, const std::string& where);

/// One option as help, JSON and docs show it.
struct OptionInfo {
  std::string name;
  std::string type;   ///< "integer", "number" or "choice".
  std::string value;  ///< As text; for numbers the shortest that reads back.
  std::string range;  ///< ">= 1", "> 0", "0..1" or "a|b|c".
  std::string help;
};

namespace options_detail {

struct Range {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  bool lower_open = false;
  std::vector<std::string> names;
};

Range range_of(const AtLeast& range);
Range range_of(const Between& range);
Range range_of(const Positive& range);
Range range_of(const OneOf& range);
std::string text_of(const Range& range);

/// Reads a number or the place of a name; throws Error (kUsage) that begins with `where`.
double read(const std::string& text, const Range& range, bool integer, const std::string& where);
[[noreturn]] void refuse_unknown(const std::string& where, const std::string& name,
                                 const std::vector<std::string>& known);

template <typename T>
concept Value = std::integral<T> || std::floating_point<T> || std::is_enum_v<T>;

std::string value_text(double value, const Range& range);

}  // namespace options_detail

/// A struct with a `fields` list.
template <typename O>
concept OptionStruct = std::default_initializable<O> && requires(O& options) {
  O::fields(options, [](std::string_view, auto&, auto, std::string_view) {});
};

/// The options with their present values, in the order of the list.
template <OptionStruct O>
[[nodiscard]] std::vector<OptionInfo> describe_options(const O& options) {
  std::vector<OptionInfo> infos;
  O::fields(options, [&](std::string_view name, const options_detail::Value auto& member, const auto& limit,
                         std::string_view help) {
    using Member = std::remove_cvref_t<decltype(member)>;
    const options_detail::Range range = options_detail::range_of(limit);
    const char* type = std::is_enum_v<Member> ? "choice" : (std::floating_point<Member> ? "number" : "integer");
    infos.push_back({std::string(name), type, options_detail::value_text(static_cast<double>(member), range),
                     options_detail::text_of(range), std::string(help)});
  });
  return infos;
}

/// Sets the named options. Throws Error (kUsage) that begins with `where` on an unknown or repeated name or a value out
/// of range; the options are then unchanged.
template <OptionStruct O>
void set_options(O& options, const std::vector<OptionSetting>& settings, const std::string& where) {
  O changed = options;
  std::vector<std::string> seen;
  for (const OptionSetting& setting : settings) {
    bool known = false;
    std::vector<std::string> names;
    O::fields(changed, [&](std::string_view name, options_detail::Value auto& member, const auto& limit,
                           std::string_view) {
      using Member = std::remove_cvref_t<decltype(member)>;
      names.emplace_back(name);
      if (name == setting.name) {
        known = true;
        member = static_cast<Member>(options_detail::read(setting.value, options_detail::range_of(limit),
                                                          !std::floating_point<Member>, where + ":" + setting.name));
      }
    });
    for (const std::string& earlier : seen) {
      known = known && earlier != setting.name;
    }
    if (!known) {
      options_detail::refuse_unknown(where, setting.name, names);
    }
    seen.push_back(setting.name);
  }
  options = changed;
}

}  // namespace faultline
