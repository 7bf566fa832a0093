// The verdict table, what is recorded of a verdict, and which verdicts fail a replay.
#include "faultline/eval/replay_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "corpus/corpus_fixtures.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

using Verdict = ReplayVerdict;
using Witness = Observation::Witness;

constexpr const char* kDay = "2030-06-15";
const std::string kId(64, 'a');
const std::vector<std::string> kHead{"head"};

Prior stood(State state) { return {.state = state, .prediction = 3, .heads = kHead}; }

Prior accepted(const std::string& until) {
  Prior prior = stood(State::kAccepted);
  prior.until = until;
  prior.reason = "known";
  return prior;
}

/// What became invalid, or flaky, when it stood so.
Prior disturbed(State state, const Prior& before) {
  Prior prior = before;
  prior.was = before.state;
  prior.state = state;
  return prior;
}

Prior invalid_after(const Prior& before) { return disturbed(State::kInvalid, before); }

Prior flaky_after(const Prior& before) { return disturbed(State::kFlaky, before); }

struct Row {
  const char* what;
  Prior prior;
  Observation now;
  Verdict verdict;
};

TEST(Judge, FollowsTheVerdictTable) {
  const Observation fails{.witness = Witness::kFails, .prediction = 3};
  const Observation fails_otherwise{.witness = Witness::kFails, .prediction = 5};
  const Observation passes{.witness = Witness::kPasses, .prediction = 7};
  const Observation mixed{.witness = Witness::kMixed, .prediction = 3};
  const std::vector<Row> table{
      {"never judged", {}, fails, Verdict::kNew},
      {"never judged", {}, passes, Verdict::kPassing},
      {"never judged", {}, mixed, Verdict::kFlaky},
      {"open", stood(State::kOpen), fails, Verdict::kStillFailing},
      {"open", stood(State::kOpen), fails_otherwise, Verdict::kChanged},
      {"open", stood(State::kOpen), passes, Verdict::kFixed},
      {"open", stood(State::kOpen), mixed, Verdict::kFlaky},
      {"open, class unknown", {.state = State::kOpen}, fails_otherwise, Verdict::kStillFailing},
      {"fixed", stood(State::kFixed), fails, Verdict::kRegressed},
      {"fixed", stood(State::kFixed), fails_otherwise, Verdict::kRegressed},
      {"fixed", stood(State::kFixed), passes, Verdict::kPassing},
      {"fixed", stood(State::kFixed), mixed, Verdict::kFlaky},
      {"flaky, was open", flaky_after(stood(State::kOpen)), fails, Verdict::kStillFailing},
      {"flaky, was open", flaky_after(stood(State::kOpen)), fails_otherwise, Verdict::kChanged},
      {"flaky, was open", flaky_after(stood(State::kOpen)), passes, Verdict::kFixed},
      {"flaky, was open", flaky_after(stood(State::kOpen)), mixed, Verdict::kFlaky},
      {"flaky, was fixed", flaky_after(stood(State::kFixed)), fails, Verdict::kRegressed},
      {"flaky, was fixed", flaky_after(stood(State::kFixed)), passes, Verdict::kPassing},
      {"flaky, was accepted", flaky_after(accepted("2031-01-01")), fails, Verdict::kAccepted},
      {"flaky, was accepted", flaky_after(accepted("2029-01-01")), fails, Verdict::kExpired},
      {"flaky, was never judged", flaky_after({}), fails, Verdict::kNew},
      {"accepted", accepted("2030-06-16"), fails, Verdict::kAccepted},
      {"accepted, last day", accepted(kDay), fails, Verdict::kAccepted},
      {"accepted, other class", accepted("2031-01-01"), fails_otherwise, Verdict::kAccepted},
      {"accepted", accepted("2030-06-14"), fails, Verdict::kExpired},
      {"accepted", accepted("2029-12-31"), fails, Verdict::kExpired},
      {"accepted", accepted("2030-06-14"), passes, Verdict::kFixed},
      {"accepted", accepted("2031-01-01"), mixed, Verdict::kFlaky},
      {"invalid, was open", invalid_after(stood(State::kOpen)), fails, Verdict::kStillFailing},
      {"invalid, was open", invalid_after(stood(State::kOpen)), passes, Verdict::kFixed},
      {"invalid, was fixed", invalid_after(stood(State::kFixed)), fails, Verdict::kRegressed},
      {"invalid, was fixed", invalid_after(stood(State::kFixed)), passes, Verdict::kPassing},
      {"invalid, was accepted", invalid_after(accepted("2031-01-01")), fails, Verdict::kAccepted},
      {"invalid, was accepted", invalid_after(accepted("2029-01-01")), fails, Verdict::kExpired},
      {"invalid, was never judged", invalid_after({}), fails, Verdict::kNew},
  };
  for (const Row& row : table) {
    EXPECT_EQ(judge(row.prior, row.now, kDay), row.verdict) << row.what << ": " << name_of(row.verdict);
  }
}

TEST(Judge, NothingIsSaidOfAWitnessWhoseCleanInputIsWrong) {
  for (const Witness witness : {Witness::kFails, Witness::kPasses, Witness::kMixed}) {
    const Observation now{.clean_right = false, .witness = witness, .prediction = 3};
    EXPECT_EQ(judge({}, now, kDay), Verdict::kInvalidBaseline);
    for (const State state : {State::kOpen, State::kFixed, State::kAccepted}) {
      EXPECT_EQ(judge(stood(state), now, kDay), Verdict::kInvalidBaseline);
      EXPECT_EQ(judge(flaky_after(stood(state)), now, kDay), Verdict::kInvalidBaseline);
      EXPECT_EQ(judge(invalid_after(stood(state)), now, kDay), Verdict::kStillInvalid);
    }
  }
}

TEST(EventOf, SaysNothingWhenNothingHasChanged) {
  EXPECT_EQ(event_of(kId, stood(State::kOpen), Verdict::kStillFailing, 3), std::nullopt);
  EXPECT_EQ(event_of(kId, stood(State::kFixed), Verdict::kPassing, 7), std::nullopt);
  EXPECT_EQ(event_of(kId, flaky_after(stood(State::kFixed)), Verdict::kFlaky, 3), std::nullopt);
  EXPECT_EQ(event_of(kId, accepted("2031-01-01"), Verdict::kAccepted, 3), std::nullopt);
  EXPECT_EQ(event_of(kId, accepted("2031-01-01"), Verdict::kAccepted, 5), std::nullopt);
  EXPECT_EQ(event_of(kId, accepted("2029-01-01"), Verdict::kExpired, 3), std::nullopt);
  EXPECT_EQ(event_of(kId, invalid_after(stood(State::kOpen)), Verdict::kStillInvalid, 3), std::nullopt);
  EXPECT_EQ(event_of(kId, stood(State::kOpen), Verdict::kFixedAtThePoint, 7), std::nullopt);
  for (const Prior& prior : {Prior{}, stood(State::kOpen), stood(State::kFixed), accepted("2031-01-01")}) {
    EXPECT_EQ(event_of(kId, prior, Verdict::kIncompatible, -1), std::nullopt);
  }
}

TEST(EventOf, SaysWhatHasChangedInViewOfTheHeads) {
  const std::vector<std::pair<Verdict, State>> changes{
      {Verdict::kNew, State::kOpen},
      {Verdict::kPassing, State::kFixed},
      {Verdict::kFlaky, State::kFlaky},
      {Verdict::kInvalidBaseline, State::kInvalid},
  };
  for (const auto& [verdict, state] : changes) {
    const StateEvent event = event_of(kId, {}, verdict, 5).value();
    EXPECT_EQ(event.finding, kId);
    EXPECT_EQ(event.state, state);
    EXPECT_TRUE(event.after.empty());
  }
  const StateEvent fixed = event_of(kId, stood(State::kOpen), Verdict::kFixed, 7).value();
  EXPECT_EQ(fixed.state, State::kFixed);
  EXPECT_EQ(fixed.after, kHead);
  const StateEvent regressed = event_of(kId, stood(State::kFixed), Verdict::kRegressed, 5).value();
  EXPECT_EQ(regressed.state, State::kOpen);
  EXPECT_EQ(regressed.prediction, 5);
  EXPECT_EQ(event_of(kId, flaky_after(stood(State::kOpen)), Verdict::kStillFailing, 3).value().state, State::kOpen);
}

TEST(EventOf, AnotherClassIsAChange) {
  const StateEvent event = event_of(kId, stood(State::kOpen), Verdict::kChanged, 5).value();
  EXPECT_EQ(event.state, State::kOpen);
  EXPECT_EQ(event.prediction, 5);
}

TEST(EventOf, TwoHeadsAreSettledEvenWhenTheyAgree) {
  Prior prior = stood(State::kFixed);
  prior.heads = {"one", "two"};
  const StateEvent event = event_of(kId, prior, Verdict::kPassing, 7).value();
  EXPECT_EQ(event.state, State::kFixed);
  EXPECT_EQ(event.after, prior.heads);
}

/// Where a finding stands after an event.
Prior after(const StateEvent& event) {
  const std::string bytes = event_file_bytes(event_file({event}));
  const ParsedEvents parsed = parse_event_file(std::as_bytes(std::span(bytes)), "events");
  return prior_of(kId, {}, States({parsed}, "main"), "main");
}

TEST(EventOf, WhatHeldBeforeAnInvalidBaselineHoldsAgainAfterIt) {
  const Observation wrong{.clean_right = false, .prediction = 3};
  for (const Prior& before : {stood(State::kOpen), stood(State::kFixed), flaky_after(stood(State::kFixed))}) {
    const Prior invalid = after(event_of(kId, before, judge(before, wrong, kDay), 3).value());
    EXPECT_EQ(invalid.state, State::kInvalid);
    EXPECT_EQ(invalid.was, before.was.value_or(before.state.value()));
    EXPECT_EQ(invalid.prediction, 3);
    EXPECT_EQ(judge(invalid, wrong, kDay), Verdict::kStillInvalid);
    const Observation fails{.witness = Witness::kFails, .prediction = 3};
    EXPECT_EQ(judge(invalid, fails, kDay), judge(before, fails, kDay));
    EXPECT_NE(event_of(kId, invalid, judge(invalid, fails, kDay), 3), std::nullopt);
  }
}

TEST(EventOf, WhatHeldBeforeAFlakyWitnessHoldsAgainAfterIt) {
  const Observation mixed{.witness = Witness::kMixed, .prediction = 3};
  const Observation fails{.witness = Witness::kFails, .prediction = 3};
  for (const Prior& before : {stood(State::kOpen), stood(State::kFixed), invalid_after(stood(State::kFixed))}) {
    const Prior flaky = after(event_of(kId, before, judge(before, mixed, kDay), 3).value());
    EXPECT_EQ(flaky.state, State::kFlaky);
    EXPECT_EQ(flaky.was, before.was.value_or(before.state.value()));
    EXPECT_EQ(judge(flaky, fails, kDay), judge(before, fails, kDay));
    EXPECT_EQ(event_of(kId, flaky, judge(flaky, fails, kDay), 3).value().state, State::kOpen);
  }
}

TEST(EventOf, AnAcceptanceOutlivesWhatDisturbsTheJudgement) {
  const Prior before = accepted("2031-01-01");
  for (const Verdict disturbance : {Verdict::kInvalidBaseline, Verdict::kFlaky}) {
    const Prior meanwhile = after(event_of(kId, before, disturbance, 3).value());
    EXPECT_EQ(meanwhile.was, State::kAccepted);
    const Prior again = after(event_of(kId, meanwhile, Verdict::kAccepted, 3).value());
    EXPECT_EQ(again.state, State::kAccepted);
    EXPECT_EQ(again.until, "2031-01-01");
    EXPECT_EQ(again.reason, "known");
  }
}

TEST(EventOf, FixedAtThePointEndsAnInvalidBaseline) {
  const Prior invalid = invalid_after(stood(State::kOpen));
  const Prior again = after(event_of(kId, invalid, Verdict::kFixedAtThePoint, 7).value());
  EXPECT_EQ(again.state, State::kOpen);
}

TEST(PriorOf, AFindingDiscoveredOnTheLineIsOpen) {
  Discovery here = numbered_discovery(3);
  Discovery there = numbered_discovery(3);
  there.line = "release";
  EXPECT_EQ(prior_of(kId, {there}, {}, "main").state, std::nullopt);
  const Prior prior = prior_of(kId, {there, here}, {}, "main");
  EXPECT_EQ(prior.state, State::kOpen);
  EXPECT_EQ(prior.prediction, 4);
  EXPECT_TRUE(prior.heads.empty());
}

TEST(PriorOf, EventsOutweighDiscoveries) {
  const std::string bytes = event_file_bytes(event_file({{.finding = kId, .state = State::kFixed}}));
  const ParsedEvents parsed = parse_event_file(std::as_bytes(std::span(bytes)), "events");
  const Prior prior = prior_of(kId, {numbered_discovery(3)}, States({parsed}, "main"), "main");
  EXPECT_EQ(prior.state, State::kFixed);
  EXPECT_EQ(prior.prediction, 4);
  EXPECT_EQ(prior.heads, parsed.ids);
}

std::set<Verdict> failing(const std::vector<std::string>& words) {
  const FailurePolicy policy(words);
  EXPECT_EQ(policy.words(), words);
  std::set<Verdict> verdicts;
  for (const Verdict verdict : all_verdicts()) {
    if (policy.fails(verdict)) {
      verdicts.insert(verdict);
    }
  }
  return verdicts;
}

TEST(FailurePolicy, TheDefaultFailsWhatGotWorse) {
  EXPECT_EQ(failing(FailurePolicy::default_words()),
            (std::set{Verdict::kRegressed, Verdict::kInvalidBaseline, Verdict::kExpired, Verdict::kNotReproducible}));
}

TEST(FailurePolicy, OpenFailsWhateverFailsAndIsNotAccepted) {
  EXPECT_EQ(failing({"open"}), (std::set{Verdict::kNew, Verdict::kStillFailing, Verdict::kChanged, Verdict::kRegressed,
                                         Verdict::kExpired}));
}

TEST(FailurePolicy, NoneFailsNothing) { EXPECT_TRUE(failing({"none"}).empty()); }

TEST(FailurePolicy, EveryVerdictHasAWord) {
  std::set<std::string> names;
  for (const Verdict verdict : all_verdicts()) {
    names.insert(name_of(verdict));
    std::string word = verdict == Verdict::kFixedAtThePoint ? "fixed at the point" : name_of(verdict);
    std::ranges::replace(word, ' ', '-');
    EXPECT_EQ(failing({word}), (std::set{verdict})) << word;
  }
  EXPECT_EQ(names.size(), 14U);
  EXPECT_EQ(failing({"new", "flaky"}), (std::set{Verdict::kNew, Verdict::kFlaky}));
}

TEST(FailurePolicy, AnUnknownWordIsNamedWithTheNearest) {
  expect_refusal([] { (void)FailurePolicy({"regresed"}); }, {"--fail-on", "'regresed'", "did you mean 'regressed'?"});
  expect_refusal([] { (void)FailurePolicy({"open", "none"}); }, {"--fail-on", "none"});
  expect_refusal([] { (void)FailurePolicy({""}); }, {"--fail-on"});
}

}  // namespace
}  // namespace faultline
