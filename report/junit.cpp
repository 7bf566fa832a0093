#include "faultline/report/junit.h"

#include <algorithm>
#include <array>
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

/// ASCII stays but for control characters; other bytes are left alone.
std::string legal(std::string text) {
  if (text.size() > kLongestText) {
    text.resize(kLongestText);
    text += " ...";
  }
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'; }, '?');
  return text;
}

void add_case(pugi::xml_node suite, const JunitCase& test) {
  pugi::xml_node node = suite.append_child("testcase");
  node.append_attribute("classname") = legal(test.classname).c_str();
  node.append_attribute("name") = legal(test.name).c_str();
  node.append_attribute("time") = "0";
  if (test.status == JunitCase::Status::kPassed) {
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
