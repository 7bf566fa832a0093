// JUnit XML as its readers need it.
#include "faultline/report/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pugixml.hpp>

namespace faultline {
namespace {

pugi::xml_document parsed(const JunitSuite& suite) {
  pugi::xml_document document;
  const std::string text = junit_xml(suite);
  EXPECT_TRUE(document.load_string(text.c_str())) << text;
  return document;
}

JunitSuite mixed() {
  using Status = JunitCase::Status;
  return {.name = "faultline.replay",
          .seconds = 1.5,
          .timestamp = "2030-01-31T00:00:00",
          .cases = {{"a.b", "one"},
                    {"a.b", "two", Status::kFailed, "regressed", "now <5> & \"margin\""},
                    {"a.b", "three", Status::kSkipped, "other classes"}}};
}

TEST(Junit, CountsAreThoseOfTheCases) {
  const pugi::xml_document document = parsed(mixed());
  for (const pugi::xml_node node : {document.child("testsuites"), document.child("testsuites").child("testsuite")}) {
    EXPECT_EQ(node.attribute("tests").as_int(), 3);
    EXPECT_EQ(node.attribute("failures").as_int(), 1);
    EXPECT_EQ(node.attribute("errors").as_int(-1), 0);
    EXPECT_EQ(node.attribute("skipped").as_int(), 1);
    EXPECT_STREQ(node.attribute("time").value(), "1.500");
  }
}

TEST(Junit, TextsComeBackAsTheyWere) {
  const pugi::xml_document document = parsed(mixed());
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  const pugi::xml_node failure = suite.find_child_by_attribute("name", "two").child("failure");
  EXPECT_STREQ(failure.attribute("message").value(), "regressed");
  EXPECT_STREQ(failure.text().get(), "now <5> & \"margin\"");
  EXPECT_TRUE(suite.find_child_by_attribute("name", "three").child("skipped"));
  EXPECT_FALSE(suite.find_child_by_attribute("name", "one").first_child());
}

TEST(Junit, WhatXmlDoesNotAllowBecomesQuestionMarks) {
  JunitSuite suite = mixed();
  suite.cases[1].message = std::string("a\x01z\0b", 5);
  suite.cases[1].text = "caf\xc3\xa9 \xff\xc3 \xed\xa0\x80";
  const pugi::xml_document document = parsed(suite);
  const pugi::xml_node failure =
      document.child("testsuites").child("testsuite").find_child_by_attribute("name", "two").child("failure");
  EXPECT_STREQ(failure.attribute("message").value(), "a?z?b");
  EXPECT_STREQ(failure.text().get(), "caf\xc3\xa9 ?? ???");
}

TEST(Junit, LongTextsAreCut) {
  JunitSuite suite = mixed();
  suite.cases[1].text = std::string(100'000, 'x');
  EXPECT_LT(junit_xml(suite).size(), 10'000U);
}

}  // namespace
}  // namespace faultline
