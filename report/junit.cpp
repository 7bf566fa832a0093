#include "faultline/report/junit.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <sstream>

#include <pugixml.hpp>

#include "faultline/data/file.h"

namespace faultline {

namespace {

constexpr std::size_t kLongestText = 8 * 1024;

std::string three_decimals(double seconds) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3f", seconds);
  return text.data();
}

/// Bytes of the UTF-8 sequence that text begins with; 0 when it begins with none that XML allows.
std::size_t legal_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return lead >= 0x20 || lead == '\n' || lead == '\t' ? 1 : 0;
  }
  const std::size_t length = lead >= 0xf0 ? 4 : (lead >= 0xe0 ? 3 : 2);
  std::uint32_t code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) {
      return 0;
    }
    code = code << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return lead >= 0xc2 && lead < 0xf5 && code >= kLeast.at(length) && code < 0x110000 && !surrogate ? length : 0;
}

/// The text cut to its limit, with question marks for bytes that XML does not allow.
std::string legal(std::string_view text) {
  const bool cut = text.size() > kLongestText;
  text = text.substr(0, kLongestText);
  std::string result;
  while (!text.empty()) {
    const std::size_t length = legal_sequence(text);
    result += length == 0 ? "?" : std::string(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return cut ? result + " ..." : result;
}

void add_case(pugi::xml_node suite, const JunitCase& test) {
  pugi::xml_node node = suite.append_child("testcase");
  node.append_attribute("classname") = legal(test.classname).c_str();
  node.append_attribute("name") = legal(test.name).c_str();
  node.append_attribute("time") = "0";
  if (test.status == JunitCase::Status::kPassed) {
    if (!test.text.empty()) {
      node.append_child("system-out").append_child(pugi::node_pcdata).set_value(legal(test.text).c_str());
    }
    return;
  }
  const bool failed = test.status == JunitCase::Status::kFailed;
  pugi::xml_node outcome = node.append_child(failed ? "failure" : "skipped");
  outcome.append_attribute("message") = legal(test.message).c_str();
  if (failed) {
    outcome.append_child(pugi::node_pcdata).set_value(legal(test.text).c_str());
  }
}

void add_counts(pugi::xml_node node, const JunitSuite& suite) {
  const auto count = [&](JunitCase::Status status) {
    return static_cast<long long>(std::ranges::count(suite.cases, status, &JunitCase::status));
  };
  node.append_attribute("tests") = static_cast<long long>(suite.cases.size());
  node.append_attribute("failures") = count(JunitCase::Status::kFailed);
  node.append_attribute("errors") = 0;
  node.append_attribute("skipped") = count(JunitCase::Status::kSkipped);
  node.append_attribute("time") = three_decimals(suite.seconds).c_str();
}

}  // namespace

std::string junit_xml(const JunitSuite& suite) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node root = document.append_child("testsuites");
  root.append_attribute("name") = legal(suite.name).c_str();
  add_counts(root, suite);
  pugi::xml_node node = root.append_child("testsuite");
  node.append_attribute("name") = legal(suite.name).c_str();
  add_counts(node, suite);
  node.append_attribute("timestamp") = suite.timestamp.c_str();
  for (const JunitCase& test : suite.cases) {
    add_case(node, test);
  }
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

void write_junit(const std::filesystem::path& path, const JunitSuite& suite) {
  const std::string text = junit_xml(suite);
  write_file(path, std::array{std::as_bytes(std::span(text))});
}

}  // namespace faultline
