// The options of an attack, from what their descriptions say.
#include <gtest/gtest.h>

#include <cmath>

#include "conformance/attack_conformance.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"

namespace faultline {

namespace {

constexpr int kQuick = 10;

/// OptionInfo::range of a number, read back.
struct NumberRange {
  double lower = 0;
  double upper = std::numeric_limits<double>::infinity();
  bool lower_open = false;
};

NumberRange range_of(const OptionInfo& option) {
  const std::string& text = option.range;
  if (text.starts_with(">= ")) {
    return {.lower = parse_number(text.substr(3), option.name)};
  }
  if (text.starts_with("> ")) {
    return {.lower = parse_number(text.substr(2), option.name), .lower_open = true};
  }
  const std::size_t dots = text.find("..");
  EXPECT_NE(dots, std::string::npos) << option.name << ": a range that this suite does not know: " << text;
  return {.lower = parse_number(text.substr(0, dots), option.name),
          .upper = parse_number(text.substr(dots + 2), option.name)};
}

std::vector<std::string> choices_of(const OptionInfo& option) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= option.range.size()) {
    const std::size_t bar = std::min(option.range.find('|', begin), option.range.size());
    names.push_back(option.range.substr(begin, bar - begin));
    begin = bar + 1;
  }
  return names;
}

std::string text_of(const OptionInfo& option, double value) {
  return option.type == "integer" ? std::to_string(std::llround(value)) : shortest(value);
}

std::vector<std::string> good_values(const OptionInfo& option) {
  std::vector<std::string> values{option.value};
  if (option.type == "choice") {
    const std::vector<std::string> names = choices_of(option);
    values.insert(values.end(), names.begin(), names.end());
    return values;
  }
  const NumberRange range = range_of(option);
  if (!range.lower_open) {
    values.push_back(text_of(option, range.lower));
  }
  if (std::isfinite(range.upper)) {
    values.push_back(text_of(option, range.upper));
  }
  return values;
}

std::vector<std::string> bad_values(const OptionInfo& option) {
  std::vector<std::string> values{"", "no-such-value", option.value + "x"};
  if (option.type == "choice") {
    values.insert(values.end(), {"0", option.range});
    return values;
  }
  const NumberRange range = range_of(option);
  values.insert(values.end(), {"nan", "inf", "-inf", "1/0", text_of(option, range.lower - 1)});
  if (range.lower_open) {
    values.push_back(text_of(option, range.lower));
  }
  if (option.type == "number") {
    values.push_back(shortest(std::nextafter(range.lower, range.lower - 1)));
  }
  if (std::isfinite(range.upper)) {
    values.push_back(text_of(option, range.upper + 1));
  }
  if (option.type == "integer") {
    values.insert(values.end(), {"2.5", "1e3", "99999999999999999999"});
  }
  return values;
}

void expect_refused(const AttackRegistry::Entry& entry, const std::string& name, const std::string& value) {
  try {
    static_cast<void>(entry.configure({{name, value}}));
    ADD_FAILURE() << entry.info.name << ":" << name << "='" << value << "' must be refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    const std::string message = error.what();
    EXPECT_NE(message.find(name), std::string::npos) << "the message must name the option: " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << "the message must be one line: " << message;
  }
}

/// A legal number unlike the default.
double another_number(const OptionInfo& option) {
  const NumberRange range = range_of(option);
  const double value = parse_number(option.value, option.name);
  if (option.type == "integer") {
    return value == 3 ? 2 : 3;
  }
  const double middle = std::isfinite(range.upper) ? (range.lower + range.upper) / 2 : range.lower + 3;
  return middle == value ? (range.lower + middle) / 2 : middle;
}

bool inside(const NumberRange& range, double value) {
  return value <= range.upper && (range.lower_open ? value > range.lower : value >= range.lower);
}

}  // namespace

void check_options(const AttackRegistry::Entry& entry) {
  const ConfiguredAttack plain = entry.configure({});
  ASSERT_EQ(plain.options.size(), entry.options.size());
  for (const OptionInfo& option : entry.options) {
    EXPECT_FALSE(option.help.empty()) << option.name << " has no line of help";
    for (const std::string& value : good_values(option)) {
      EXPECT_NO_THROW(static_cast<void>(entry.configure({{option.name, value}}))) << option.name << "=" << value;
    }
    for (const std::string& value : bad_values(option)) {
      expect_refused(entry, option.name, value);
    }
    EXPECT_THROW(static_cast<void>(entry.configure({{option.name, option.value}, {option.name, option.value}})), Error)
        << option.name << " given twice must be refused";
  }
  expect_refused(entry, "no-such-option", "1");
}

std::vector<OptionSetting> shortened(const AttackRegistry::Entry& entry) {
  std::vector<OptionSetting> settings;
  for (const OptionInfo& option : entry.options) {
    if (option.type == "integer" && parse_integer(option.value, option.name) > kQuick) {
      settings.push_back({option.name, std::to_string(kQuick)});
    }
  }
  return settings;
}

std::vector<std::vector<OptionSetting>> variants(const AttackRegistry::Entry& entry) {
  std::vector<std::vector<OptionSetting>> lists;
  const auto add = [&](const OptionInfo& option, const std::string& value) {
    std::vector<OptionSetting> settings = shortened(entry);
    std::erase_if(settings, [&](const OptionSetting& setting) { return setting.name == option.name; });
    settings.push_back({option.name, value});
    lists.push_back(settings);
  };
  for (const OptionInfo& option : entry.options) {
    if (option.type == "choice") {
      for (const std::string& name : choices_of(option)) {
        if (name != option.value) {
          add(option, name);
        }
      }
    } else if (const double value = another_number(option); inside(range_of(option), value)) {
      add(option, text_of(option, value));
    }
  }
  return lists;
}

}  // namespace faultline
