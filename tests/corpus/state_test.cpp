// Where findings stand: computed from events in whatever order their files come.
#include "faultline/corpus/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "corpus/corpus_fixtures.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

const std::string kFinding(64, 'a');
const std::string kOther(64, 'b');

ParsedEvents parsed(const EventFile& file) {
  const std::string bytes = event_file_bytes(file);
  return parse_event_file(std::as_bytes(std::span(bytes)), "place");
}

ParsedEvents parsed_text(const std::string& text) { return parse_event_file(std::as_bytes(std::span(text)), "place"); }

ParsedEvents stated(State state, const std::vector<std::string>& after = {}, const std::string& line = "main") {
  return parsed(event_file({{.finding = kFinding, .state = state, .after = after}}, line));
}

/// States of the files in this order; every other order must give the same.
LineState state_of(std::vector<ParsedEvents> files, const std::string& line = "main") {
  const auto by_id = [](const ParsedEvents& a, const ParsedEvents& b) { return a.ids < b.ids; };
  std::ranges::sort(files, by_id);
  const LineState expected = *States(files, line).of(kFinding);
  while (std::ranges::next_permutation(files, by_id).found) {
    const LineState state = *States(files, line).of(kFinding);
    EXPECT_EQ(state.heads, expected.heads);
    EXPECT_EQ(state.event.state, expected.event.state);
    EXPECT_EQ(state.date, expected.date);
  }
  return expected;
}

TEST(EventFile, WhatIsWrittenReadsBack) {
  EventFile file = event_file({{.finding = kFinding, .state = State::kOpen, .prediction = 3},
                               {.finding = kOther,
                                .state = State::kInvalid,
                                .was = State::kAccepted,
                                .until = "2030-01-02",
                                .reason = "known, \"harmless\", caf\xc3\xa9",
                                .after = {"x", "y"}}},
                              "release");
  file.kind = "replay";
  file.model = "model";
  file.verdicts = {{"fixed", 2}, {"new", 1}};
  const ParsedEvents read = parsed(file);
  EXPECT_EQ(event_file_bytes(read.file), event_file_bytes(file));
  EXPECT_EQ(read.file.line, "release");
  EXPECT_EQ(read.file.verdicts, file.verdicts);
  ASSERT_EQ(read.file.events.size(), 2U);
  EXPECT_EQ(read.file.events[0].prediction, 3);
  EXPECT_EQ(read.file.events[0].was, std::nullopt);
  EXPECT_EQ(read.file.events[1].was, State::kAccepted);
  EXPECT_EQ(read.file.events[1].until, "2030-01-02");
  EXPECT_EQ(read.file.events[1].reason, "known, \"harmless\", caf\xc3\xa9");
  EXPECT_EQ(read.file.events[1].after, (std::vector<std::string>{"x", "y"}));
}

TEST(EventFile, ReasonsThatAreNoUtf8AreStillWrittenAsJson) {
  const ParsedEvents read = parsed(event_file(
      {{.finding = kFinding, .state = State::kAccepted, .until = "2030-01-02", .reason = "caf\xe9"}}, "caf\xe9"));
  EXPECT_EQ(read.file.events.front().reason, "caf\xef\xbf\xbd");
  EXPECT_EQ(read.file.line, "caf\xef\xbf\xbd");
}

TEST(EventFile, ControlCharactersAreReplacedInWriting) {
  const ParsedEvents read = parsed(event_file(
      {{.finding = kFinding, .state = State::kAccepted, .until = "2030-01-02", .reason = "\x1b[2J\n"}}, "a\x7f"));
  EXPECT_EQ(read.file.events.front().reason, "\xef\xbf\xbd[2J\xef\xbf\xbd");
  EXPECT_EQ(read.file.line, "a\xef\xbf\xbd");
}

TEST(EventFile, ControlCharactersAreRefusedInEveryText) {
  EventFile file = event_file(
      {{.finding = kFinding, .state = State::kAccepted, .until = "MARK", .reason = "MARK", .after = {"MARK"}}}, "MARK");
  file.kind = file.model = file.faultline = file.date = "MARK";
  file.verdicts = {{"MARK", 1}};
  const std::string bytes = event_file_bytes(file);
  std::size_t fields = 0;
  for (std::size_t place = bytes.find("MARK"); place != std::string::npos; place = bytes.find("MARK", place + 1)) {
    ++fields;
    for (const std::string control : {"\\u001b[2J", "\\n", "\x7f", "\xc2\x9b"}) {
      std::string hostile = bytes;
      hostile.replace(place, 4, control);
      expect_refusal([&] { (void)parsed_text(hostile); }, {"place: ", "line ", "control character"});
    }
  }
  EXPECT_EQ(fields, 9U);
}

TEST(EventFile, IdsTellEventsOfDifferentFilesApart) {
  const std::vector<StateEvent> events{{.finding = kFinding, .state = State::kOpen},
                                       {.finding = kOther, .state = State::kOpen}};
  EventFile later = event_file(events);
  later.date = "2023-11-15";
  const ParsedEvents first = parsed(event_file(events));
  const ParsedEvents second = parsed(later);
  ASSERT_EQ(first.ids.size(), 2U);
  EXPECT_NE(first.ids[0], first.ids[1]);
  EXPECT_NE(first.ids[0], second.ids[0]);
  EXPECT_EQ(first.ids, parsed(event_file(events)).ids);
}

TEST(EventFile, DamageIsRefusedWithTheLine) {
  const std::string sound = event_file_bytes(event_file({{.finding = kFinding, .state = State::kOpen}}));
  const std::string header = sound.substr(0, sound.find('\n') + 1);
  const auto refused = [&](const std::string& line, const std::vector<std::string>& words) {
    expect_refusal([&] { (void)parsed_text(header + line + "\n"); }, words);
  };
  EXPECT_TRUE(parsed_text(header).file.events.empty());
  refused("{", {"place: ", "line 2", "JSON"});
  refused("", {"place: ", "line 2", "JSON"});
  refused("[]", {"place: ", "line 2", "JSON"});
  refused(std::string(70'000, ' ') + "{}", {"place: ", "line 2", "64 KB"});
  refused("{}", {"place: ", "line 2", "field"});
  refused(R"({"finding":"../../etc","state":"open","after":[]})", {"place: ", "line 2", "no finding"});
  refused(R"({"finding":")" + kFinding + R"(","state":"opne","after":[]})", {"place: ", "line 2", "opne", "open"});
  refused(R"({"finding":")" + kFinding + R"(","state":"open","after":[1]})", {"place: ", "line 2", "wrong type"});
  refused(R"({"finding":")" + kFinding + R"(","state":"open","prediction":"x","after":[]})", {"place: ", "line 2"});
  refused(R"({"finding":")" + kFinding + R"(","state":"open","until":7,"after":[]})", {"place: ", "line 2"});
  expect_refusal([] { (void)parsed_text("{\"schema\":\"faultline.events/2\"}\n"); }, {"place: ", "schema"});
  expect_refusal([] { (void)parsed_text("{}\n"); }, {"place: "});
  expect_refusal([] { (void)parsed_text(""); }, {"place: "});
}

TEST(States, NothingHasHappenedWithoutEvents) {
  EXPECT_EQ(States({}, "main").of(kFinding), nullptr);
  EXPECT_EQ(States({stated(State::kOpen)}, "main").of(kOther), nullptr);
}

TEST(States, AnEventNamedByAnotherNoLongerHolds) {
  const ParsedEvents open = stated(State::kOpen);
  const ParsedEvents fixed = stated(State::kFixed, open.ids);
  const ParsedEvents again = stated(State::kFlaky, fixed.ids);
  const LineState state = state_of({open, fixed, again});
  EXPECT_EQ(state.event.state, State::kFlaky);
  EXPECT_EQ(state.heads, again.ids);
  EXPECT_EQ(state_of({open, fixed}).event.state, State::kFixed);
}

TEST(States, OfSeveralHeadsTheLowestIdHolds) {
  const ParsedEvents open = stated(State::kOpen);
  std::vector<ParsedEvents> branches{stated(State::kFixed, open.ids), stated(State::kFlaky, open.ids),
                                     stated(State::kAccepted, open.ids)};
  const LineState state = state_of({open, branches[0], branches[1], branches[2]});
  const auto lowest = std::ranges::min_element(branches, {}, [](const ParsedEvents& file) { return file.ids.front(); });
  EXPECT_EQ(state.event.state, lowest->file.events.front().state);
  EXPECT_EQ(state.heads.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(state.heads));
  const ParsedEvents settled = stated(State::kOpen, state.heads);
  EXPECT_EQ(state_of({open, branches[0], branches[1], branches[2], settled}).heads, settled.ids);
}

TEST(States, ThousandsOfHeadsOfOneFindingAreInOrder) {
  constexpr std::int64_t kEvents = 5000;
  EventFile file = event_file({});
  for (std::int64_t number = 0; number < kEvents; ++number) {
    file.events.push_back({.finding = kFinding, .state = State::kOpen, .prediction = number});
  }
  const ParsedEvents events = parsed(file);
  const States states({events}, "main");
  const LineState& state = *states.of(kFinding);
  ASSERT_EQ(state.heads.size(), static_cast<std::size_t>(kEvents));
  EXPECT_TRUE(std::ranges::is_sorted(state.heads));
  const auto lowest = std::ranges::min_element(events.ids) - events.ids.begin();
  EXPECT_EQ(state.event.prediction, lowest);
  EXPECT_EQ(state.heads.front(), events.ids[static_cast<std::size_t>(lowest)]);
}

TEST(States, AnEventThatReplacesWhatIsNotThereStillHolds) {
  EXPECT_EQ(state_of({stated(State::kFixed, {std::string(32, '0')})}).event.state, State::kFixed);
}

TEST(States, OtherLinesAreNotMixedIn) {
  const ParsedEvents here = stated(State::kOpen);
  const ParsedEvents there = stated(State::kFixed, here.ids, "release");
  EXPECT_EQ(state_of({here, there}).event.state, State::kOpen);
  EXPECT_EQ(state_of({here, there}, "release").event.state, State::kFixed);
  EXPECT_EQ(States({here, there}, "third").of(kFinding), nullptr);
}

TEST(States, NamesReadBackAndTheNearestIsNamed) {
  for (const std::string& name : state_names()) {
    EXPECT_EQ(name_of(parse_state(name)), name);
  }
  expect_refusal([] { (void)parse_state("fixd"); }, {"'fixd'", "did you mean 'fixed'?"});
}

}  // namespace
}  // namespace faultline
