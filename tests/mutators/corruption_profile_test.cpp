// The published parameters of the common corruptions, cell by cell, in the notation of the published tables.
#include "faultline/eval/corruption_profile.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "mutators/pictures.h"

namespace faultline {
namespace {

/// Severities 1 to 5: "(3,.1)(4,.5)..." or ".08 .12 ...".
struct PublishedRow {
  const char* imagenet;
  const char* tiny_imagenet;
  const char* cifar10;
};

const std::map<std::string, PublishedRow>& published() {
  static const std::map<std::string, PublishedRow> kTable{
      {"gaussian_noise", {".08 .12 .18 .26 .38", ".04 .08 .12 .15 .18", ".04 .06 .08 .09 .10"}},
      {"shot_noise", {"60 25 12 5 3", "250 100 50 30 15", "500 250 100 75 50"}},
      {"impulse_noise", {".03 .06 .09 .17 .27", ".01 .02 .05 .08 .14", ".01 .02 .03 .05 .07"}},
      {"speckle_noise", {".15 .2 .35 .45 .6", ".15 .2 .25 .3 .35", ".06 .1 .12 .16 .2"}},
      {"gaussian_blur", {"1 2 3 4 6", ".5 .75 1 1.25 1.5", ".4 .6 .7 .8 1"}},
      {"glass_blur",
       {"(.7,1,2)(.9,2,1)(1,2,3)(1.1,3,2)(1.5,4,2)", "(.1,1,1)(.5,1,1)(.6,1,2)(.7,2,1)(.9,2,2)",
        "(.05,1,1)(.25,1,1)(.4,1,1)(.25,1,2)(.4,1,2)"}},
      {"defocus_blur",
       {"(3,.1)(4,.5)(6,.5)(8,.5)(10,.5)", "(.5,.6)(1,.1)(1.5,.1)(2.5,.01)(3,.1)",
        "(.3,.4)(.4,.5)(.5,.6)(1,.2)(1.5,.1)"}},
      {"motion_blur",
       {"(10,3)(15,5)(15,8)(15,12)(20,15)", "(10,1)(10,1.5)(10,2)(10,2.5)(12,3)", "(6,1)(6,1.5)(6,2)(8,2)(9,2.5)"}},
      {"zoom_blur",
       {"(1.11,.01)(1.16,.01)(1.21,.02)(1.26,.02)(1.31,.03)", "(1.06,.01)(1.11,.01)(1.16,.01)(1.21,.01)(1.26,.01)",
        "(1.06,.01)(1.11,.01)(1.16,.01)(1.21,.01)(1.26,.01)"}},
      {"fog",
       {"(1.5,2)(2,2)(2.5,1.7)(2.5,1.5)(3,1.4)", "(.4,3)(.7,3)(1,2.5)(1.5,2)(2,1.75)",
        "(.2,3)(.5,3)(.75,2.5)(1,2)(1.5,1.75)"}},
      {"frost",
       {"(1,.4)(.8,.6)(.7,.7)(.65,.7)(.6,.75)", "(1,.3)(.9,.4)(.8,.45)(.75,.5)(.7,.55)",
        "(1,.2)(1,.3)(.9,.4)(.85,.4)(.75,.45)"}},
      {"snow",
       {"(.1,.3,3,.5,10,4,.8)(.2,.3,2,.5,12,4,.7)(.55,.3,4,.9,12,8,.7)(.55,.3,4.5,.85,12,8,.65)(.55,.3,2.5,.85,12,12,."
        "55)",
        "(.1,.2,1,.6,8,3,.8)(.1,.2,1,.5,10,4,.8)(.15,.3,1.75,.55,10,4,.7)(.25,.3,2.25,.6,12,6,.65)(.3,.3,1.25,.65,14,"
        "12,.6)",
        "(.1,.2,1,.6,8,3,.95)(.1,.2,1,.5,10,4,.9)(.15,.3,1.75,.55,10,4,.9)(.25,.3,2.25,.6,12,6,.85)(.3,.3,1.25,.65,14,"
        "12,.8)"}},
      {"brightness", {".1 .2 .3 .4 .5", ".1 .2 .3 .4 .5", ".05 .1 .15 .2 .3"}},
      {"contrast", {".4 .3 .2 .1 .05", ".4 .3 .2 .1 .05", ".75 .5 .4 .3 .15"}},
      {"saturate",
       {"(.3,0)(.1,0)(2,0)(5,.1)(20,.2)", "(.3,0)(.1,0)(2,0)(5,.1)(30,.2)", "(.3,0)(.1,0)(1.5,0)(2,.1)(2.5,.2)"}},
      {"elastic_transform",
       {"(488,170.8,24.4)(488,19.52,48.8)(12.2,2.44,4.88)(17.08,2.44,4.88)(29.28,2.44,4.88)",
        "(0,0,5.12)(3.2,19.2,3.84)(6.4,5.12,3.84)(6.4,1.92,1.92)(10.24,1.92,1.28)",
        "(0,0,2.56)(1.6,6.4,2.24)(2.56,1.92,1.92)(3.2,1.28,1.6)(3.2,.96,.96)"}},
      {"pixelate", {".6 .5 .4 .3 .25", ".9 .8 .7 .6 .5", ".95 .9 .85 .75 .65"}},
      {"jpeg_compression", {"25 18 15 10 7", "65 58 50 40 25", "80 65 58 50 40"}},
      {"spatter",
       {"(.65,.3,4,.69,.6,0)(.65,.3,3,.68,.6,0)(.65,.3,2,.68,.5,0)(.65,.3,1,.65,1.5,1)(.67,.4,1,.65,1.5,1)",
        "(.62,.1,.7,.7,.6,0)(.65,.1,.8,.7,.6,0)(.65,.3,1,.69,.6,0)(.65,.1,.7,.68,.6,1)(.65,.1,.5,.67,.6,1)",
        "(.62,.1,.7,.7,.5,0)(.65,.1,.8,.7,.5,0)(.65,.3,1,.69,.5,0)(.65,.1,.7,.69,.6,1)(.65,.1,.5,.68,.6,1)"}},
  };
  return kTable;
}

std::vector<std::vector<double>> cells_of(const std::string& text) {
  const char separator = text.front() == '(' ? ')' : ' ';
  std::vector<std::vector<double>> cells;
  std::istringstream stream(text);
  for (std::string cell; std::getline(stream, cell, separator);) {
    std::erase(cell, '(');
    std::istringstream numbers(cell);
    std::vector<double>& values = cells.emplace_back();
    for (std::string number; std::getline(numbers, number, ',');) {
      values.push_back(std::stod(number));
    }
  }
  return cells;
}

void expect_published(const CorruptionProfile& profile, const char* PublishedRow::* column) {
  EXPECT_EQ(profile.corruptions.size(), published().size());
  for (const Corruption& corruption : profile.corruptions) {
    const std::vector<std::vector<double>> cells = cells_of(published().at(corruption.name).*column);
    ASSERT_EQ(cells.size(), corruption.severities.size()) << corruption.name;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      EXPECT_EQ(corruption.severities.at(i), cells[i]) << profile.name << " " << corruption.name << " " << i + 1;
    }
  }
}

TEST(CorruptionProfiles, HoldThePublishedValuesInEveryCell) {
  expect_published(corruption_profile("imagenet-c"), &PublishedRow::imagenet);
  expect_published(corruption_profile("tiny-imagenet-c"), &PublishedRow::tiny_imagenet);
  expect_published(corruption_profile("cifar10-c"), &PublishedRow::cifar10);
}

TEST(CorruptionProfiles, NameMutatorsThatTakeTheirParameters) {
  for (const CorruptionProfile& profile : corruption_profiles()) {
    int counted = 0;
    for (const Corruption& corruption : profile.corruptions) {
      counted += corruption.extra ? 0 : 1;
      const MutatorRegistry::Entry& mutator = builtin_mutators().at(corruption.mutator);
      for (const std::vector<double>& values : corruption.severities) {
        ASSERT_EQ(values.size(), mutator.parameters.size()) << corruption.name;
        for (std::size_t i = 0; i < values.size(); ++i) {
          EXPECT_GE(values[i], mutator.parameters[i].scale.lower)
              << corruption.name << " " << mutator.parameters[i].name;
          EXPECT_LE(values[i], mutator.parameters[i].scale.upper)
              << corruption.name << " " << mutator.parameters[i].name;
        }
      }
    }
    EXPECT_EQ(counted, 15) << profile.name;
  }
}

}  // namespace
}  // namespace faultline
