#include "faultline/core/options.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "faultline/core/error.h"
#include "refusal.h"

namespace faultline {
namespace {

enum class Start { kClean, kRandom };

struct SampleOptions {
  int steps = 40;
  std::int64_t queries = 7;
  double step = 0.025;
  double share = 0.5;
  double shift = -1;
  Start start = Start::kRandom;
  bool operator==(const SampleOptions&) const = default;

  static void fields(auto& o, auto&& visit) {
    visit("steps", o.steps, AtLeast{1}, "gradient steps");
    visit("queries", o.queries, Between{0, 1000}, "forwards at most");
    visit("step", o.step, Positive{}, "step length");
    visit("share", o.share, Between{0, 1}, "share of elements");
    visit("shift", o.shift, AtLeast{-2.5}, "shift");
    visit("start", o.start, OneOf{{"clean", "random"}}, "first point");
  }
};

std::string refused_settings(const std::vector<OptionSetting>& settings) {
  SampleOptions options{.steps = 11};
  const SampleOptions before = options;
  const std::string message = refusal([&] { set_options(options, settings, "--attack pgd"); });
  EXPECT_EQ(options, before) << "a refused list must change nothing";
  return message;
}

TEST(Options, AreSetByName) {
  SampleOptions options;
  set_options(options,
              {{"step", "8/255"}, {"steps", "100"}, {"start", "clean"}, {"queries", "1000"}, {"shift", "-2.5"}}, "x");
  EXPECT_EQ(options,
            (SampleOptions{.steps = 100, .queries = 1000, .step = 8.0 / 255, .shift = -2.5, .start = Start::kClean}));
}

TEST(Options, NoSettingChangesNothing) {
  SampleOptions options{.steps = 3};
  set_options(options, {}, "x");
  EXPECT_EQ(options, SampleOptions{.steps = 3});
}

TEST(Options, RefuseValuesOutOfRange) {
  EXPECT_EQ(refused_settings({{"steps", "0"}}), "--attack pgd:steps: expected >= 1, got '0'");
  EXPECT_EQ(refused_settings({{"queries", "1001"}}), "--attack pgd:queries: expected 0..1000, got '1001'");
  EXPECT_EQ(refused_settings({{"queries", "-1"}}), "--attack pgd:queries: expected 0..1000, got '-1'");
  EXPECT_EQ(refused_settings({{"step", "0"}}), "--attack pgd:step: expected > 0, got '0'");
  EXPECT_EQ(refused_settings({{"share", "1.0000001"}}), "--attack pgd:share: expected 0..1, got '1.0000001'");
  EXPECT_EQ(refused_settings({{"shift", "-3"}}), "--attack pgd:shift: expected >= -2.5, got '-3'");
}

TEST(Options, RefuseWhatIsNoNumber) {
  for (const char* text : {"nan", "inf", "-nan", "1e999", "", "ten"}) {
    EXPECT_EQ(refused_settings({{"step", text}}),
              "--attack pgd:step: expected a finite number such as 0.1 or 8/255, got '" + std::string(text) + "'");
  }
  EXPECT_EQ(refused_settings({{"steps", "1.5"}}), "--attack pgd:steps: expected an integer, got '1.5'");
}

TEST(Options, RefuseIntegersThatOverflow) {
  EXPECT_EQ(refused_settings({{"steps", "99999999999999999999"}}),
            "--attack pgd:steps: expected an integer, got '99999999999999999999'");
  EXPECT_EQ(refused_settings({{"steps", "4294967297"}}),
            "--attack pgd:steps: expected 1..1000000000, got '4294967297'");
  EXPECT_EQ(refused_settings({{"steps", "-9223372036854775808"}}),
            "--attack pgd:steps: expected >= 1, got '-9223372036854775808'");
}

TEST(Options, RefuseUnknownNamesAndValuesWithTheNearest) {
  EXPECT_EQ(refused_settings({{"stpes", "3"}}), "--attack pgd: unknown option 'stpes'; did you mean 'steps'?");
  EXPECT_EQ(refused_settings({{"zzzzzzzzz", "3"}}),
            "--attack pgd: unknown option 'zzzzzzzzz'; known: steps, queries, step, share, shift, start");
  EXPECT_EQ(refused_settings({{"start", "clena"}}), "--attack pgd:start: unknown value 'clena'; did you mean 'clean'?");
}

TEST(Options, RefuseANameGivenTwiceAndChangeNothing) {
  EXPECT_EQ(refused_settings({{"steps", "3"}, {"steps", "4"}}), "--attack pgd: option 'steps' is given twice");
  EXPECT_EQ(refused_settings({{"steps", "3"}, {"share", "7"}}), "--attack pgd:share: expected 0..1, got '7'");
}

TEST(Options, DescribeEveryFieldInOrder) {
  const std::vector<OptionInfo> infos = describe_options(SampleOptions{.steps = 5});
  ASSERT_EQ(infos.size(), 6U);
  const auto row = [&](std::size_t i) {
    const OptionInfo& info = infos[i];
    return info.name + " " + info.type + " " + info.value + " " + info.range + " " + info.help;
  };
  EXPECT_EQ(row(0), "steps integer 5 >= 1 gradient steps");
  EXPECT_EQ(row(1), "queries integer 7 0..1000 forwards at most");
  EXPECT_EQ(row(2), "step number 0.025 > 0 step length");
  EXPECT_EQ(row(3), "share number 0.5 0..1 share of elements");
  EXPECT_EQ(row(4), "shift number -1 >= -2.5 shift");
  EXPECT_EQ(row(5), "start choice random clean|random first point");
}

TEST(Options, DescriptionsSetTheOptionsBack) {
  const SampleOptions options{.steps = 100000, .step = 8.0 / 255, .share = 1.0 / 3, .start = Start::kClean};
  std::vector<OptionSetting> settings;
  for (const OptionInfo& info : describe_options(options)) {
    settings.push_back({info.name, info.value});
  }
  SampleOptions copy;
  set_options(copy, settings, "x");
  EXPECT_EQ(copy, options);
}

}  // namespace
}  // namespace faultline
