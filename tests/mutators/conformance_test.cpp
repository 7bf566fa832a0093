// What holds for every registered mutator, whatever it does.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cctype>
#include <set>
#include <thread>

#include "mutators/pictures.h"

namespace faultline {
namespace {

std::vector<std::string> mutator_names() {
  std::vector<std::string> names;
  for (const MutatorRegistry::Entry& entry : builtin_mutators().entries()) {
    names.push_back(entry.info.name);
  }
  return names;
}

class MutatorConformance : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] const MutatorRegistry::Entry& mutator() const { return builtin_mutators().at(GetParam()); }

  [[nodiscard]] bool has_identity() const {
    const auto has = [](const ParameterInfo& parameter) { return parameter.scale.identity.has_value(); };
    const auto is_choice = [](const ParameterInfo& parameter) { return !parameter.names.empty(); };
    const std::vector<ParameterInfo>& all = mutator().parameters;
    return std::ranges::any_of(all, has) &&
           std::ranges::all_of(all, [&](const ParameterInfo& one) { return has(one) || is_choice(one); });
  }
};

/// Sound pixels, and nothing but them.
void expect_picture(const Tensor& picture, const std::string& what) {
  EXPECT_TRUE(picture.ge(0).logical_and(picture.le(1)).all().item<bool>()) << what;
}

TEST_P(MutatorConformance, IsDescribed) {
  const MutatorRegistry::Entry& entry = mutator();
  EXPECT_FALSE(entry.info.family.empty());
  EXPECT_FALSE(entry.info.summary.empty());
  EXPECT_FALSE(entry.info.validity.empty());
  EXPECT_GE(entry.info.version, 1);
  EXPECT_TRUE(entry.info.preserves >= 0 && entry.info.preserves <= kSeverities);
  std::set<std::string> names;
  for (const ParameterInfo& parameter : entry.parameters) {
    EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
    EXPECT_FALSE(parameter.help.empty()) << parameter.name;
    const Scale& scale = parameter.scale;
    EXPECT_LE(scale.lower, scale.upper) << parameter.name;
    for (const double value : parameter.names.empty() ? scale.values : std::array<double, kSeverities>{}) {
      EXPECT_TRUE(value >= scale.lower && value <= scale.upper) << parameter.name << " " << value;
      EXPECT_TRUE(!scale.symmetric || -value >= scale.lower) << parameter.name << " " << value;
    }
    if (scale.identity) {
      EXPECT_TRUE(*scale.identity >= scale.lower && *scale.identity <= scale.upper) << parameter.name;
    }
  }
}

TEST_P(MutatorConformance, DrawsRandomNumbersWhereItSaysSo) {
  const Tensor picture = cifar(0);
  Draws signs(0);
  const std::vector<double> values = parameters_at(mutator().parameters, kSeverities, 32, signs);
  bool differs = false;
  for (std::uint64_t key = 1; key <= 5; ++key) {
    Draws first(0);
    Draws other(key);
    differs = differs ||
              !rendered(mutator(), values, picture, {}, first).equal(rendered(mutator(), values, picture, {}, other));
  }
  EXPECT_EQ(differs, mutator().info.random);
}

TEST_P(MutatorConformance, StaysInsideTheBoundsAtEverySeverity) {
  for (int severity = 0; severity <= kSeverities; ++severity) {
    for (std::uint64_t key = 0; key < 10; ++key) {
      for (const Tensor& picture : {cifar(static_cast<std::int64_t>(key)), mnist(static_cast<std::int64_t>(key))}) {
        const Tensor after = mutated(mutator(), picture, severity, key);
        EXPECT_EQ(after.sizes(), picture.sizes());
        expect_picture(after, "severity " + std::to_string(severity) + ", key " + std::to_string(key));
      }
    }
  }
}

TEST_P(MutatorConformance, StaysInsideTheBoundsAtTheEndsOfItsParameters) {
  const std::vector<ParameterInfo>& parameters = mutator().parameters;
  for (std::size_t corner = 0; corner < (std::size_t{1} << std::min<std::size_t>(parameters.size(), 7)); ++corner) {
    std::vector<double> values;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      values.push_back((corner >> i & 1U) == 0 ? parameters[i].scale.lower : parameters[i].scale.upper);
    }
    Tensor picture = cifar(static_cast<std::int64_t>(corner % 100));
    Draws draws(corner);
    (void)mutator().apply(image_of(picture), values, draws);
    expect_picture(picture, "corner " + std::to_string(corner));
  }
}

TEST_P(MutatorConformance, TheSameKeyGivesTheSameBytesOnEveryThread) {
  constexpr int kPictures = 40;
  std::vector<Tensor> alone;
  for (int i = 0; i < kPictures; ++i) {
    alone.push_back(mutated(mutator(), cifar(i), 1 + i % kSeverities, static_cast<std::uint64_t>(i)));
  }
  std::vector<Tensor> together(kPictures);
  std::vector<Tensor> pictures;
  for (int i = 0; i < kPictures; ++i) {
    pictures.push_back(cifar(i));
  }
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 4; ++worker) {
    threads.emplace_back([&, worker] {
      for (int i = kPictures - 1 - worker; i >= 0; i -= 4) {
        const auto place = static_cast<std::size_t>(i);
        together[place] = mutated(mutator(), pictures[place], 1 + i % kSeverities, static_cast<std::uint64_t>(i));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (std::size_t i = 0; i < kPictures; ++i) {
    EXPECT_TRUE(at::equal(alone[i], together[i])) << "picture " << i;
  }
}

TEST_P(MutatorConformance, SeverityZeroIsTheIdentityWhereThereIsOne) {
  if (!has_identity()) {
    GTEST_SKIP() << "has no identity";
  }
  for (std::uint64_t key = 0; key < 5; ++key) {
    EXPECT_TRUE(at::equal(mutated(mutator(), cifar(1), 0, key), cifar(1))) << "key " << key;
    EXPECT_TRUE(at::equal(mutated(mutator(), mnist(1), 0, key), mnist(1))) << "key " << key;
  }
}

TEST_P(MutatorConformance, SkippedMeansUntouched) {
  for (int severity = 0; severity <= kSeverities; ++severity) {
    for (const Tensor& picture : {cifar(2), mnist(2), at::rand({1, 1, 1}), at::rand({2, 5, 9})}) {
      Mutation outcome = Mutation::kChanged;
      const Tensor after = mutated(mutator(), picture, severity, 3, &outcome);
      if (outcome == Mutation::kSkipped) {
        EXPECT_TRUE(at::equal(after, picture));
      }
    }
  }
}

TEST_P(MutatorConformance, ChangesColourPicturesAndSaysSo) {
  int changed = 0;
  for (std::uint64_t key = 0; key < 20; ++key) {
    Mutation outcome = Mutation::kSkipped;
    const Tensor picture = cifar(static_cast<std::int64_t>(key));
    const Tensor after = mutated(mutator(), picture, kSeverities, key, &outcome);
    changed += outcome == Mutation::kChanged && !at::equal(after, picture) ? 1 : 0;
  }
  EXPECT_GE(changed, 18);
}

TEST_P(MutatorConformance, DistortionGrowsWithSeverity) {
  std::array<double, kSeverities> distortion{};
  constexpr std::uint64_t kKeys = 4;
  for (std::int64_t number = 0; number < 40; ++number) {
    for (std::uint64_t key = 0; key < kKeys; ++key) {
      const Tensor picture = cifar(number);
      for (int severity = 1; severity <= kSeverities; ++severity) {
        const Tensor after = mutated(mutator(), picture, severity, key + kKeys * static_cast<std::uint64_t>(number));
        distortion.at(static_cast<std::size_t>(severity - 1)) += (after - picture).abs().mean().item<double>();
      }
    }
  }
  if (mutator().info.preserves == 0 && distortion.front() == distortion.back()) {
    GTEST_SKIP() << "has one strength only";
  }
  for (std::size_t i = 1; i < distortion.size(); ++i) {
    EXPECT_GT(distortion.at(i), distortion.at(i - 1)) << "severity " << i + 1;
  }
}

TEST_P(MutatorConformance, EveryShapeWorksOrIsSkipped) {
  const std::vector<std::vector<std::int64_t>> shapes{{1, 1, 1}, {3, 1, 1},    {1, 1, 9},    {1, 9, 1},   {3, 2, 2},
                                                      {3, 3, 1}, {1, 4096, 1}, {1, 1, 4096}, {2, 17, 31}, {4, 8, 8}};
  for (const std::vector<std::int64_t>& shape : shapes) {
    for (int severity = 0; severity <= kSeverities; ++severity) {
      const Tensor picture = at::linspace(0, 1, shape[0] * shape[1] * shape[2]).view(shape).contiguous();
      const Tensor after = mutated(mutator(), picture, severity, 7);
      expect_picture(after, "height " + std::to_string(shape[1]) + ", width " + std::to_string(shape[2]));
    }
  }
}

TEST_P(MutatorConformance, MemoryDoesNotGrow) {
  Tensor picture = mnist(0);
  const Tensor first = picture.clone();
  const auto run = [&](std::uint64_t calls) {
    for (std::uint64_t key = 0; key < calls; ++key) {
      picture.copy_(first);
      Draws draws(key);
      const std::vector<double> values = parameters_at(mutator().parameters, 1 + static_cast<int>(key % 5), 28, draws);
      (void)mutator().apply(image_of(picture), values, draws);
    }
    return ::mallinfo2().uordblks;
  };
  (void)run(200);  // what OpenCV keeps for good
  const std::size_t before = run(200);
  const std::size_t after = run(10'000);
  EXPECT_LT(after, before + 64 * 1024);
}

INSTANTIATE_TEST_SUITE_P(All, MutatorConformance, testing::ValuesIn(mutator_names()), [](const auto& test) {
  std::string name = test.param;
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
});

TEST(Mutators, AreAtLeastForty) { EXPECT_GE(mutator_names().size(), 40U); }

}  // namespace
}  // namespace faultline
