#include "faultline/eval/preset.h"

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/suggest.h"

namespace faultline {

namespace {

/// Every sample gets one long ascent, and one from where a short search without gradients ended: that is how a model
/// whose gradients lead nowhere is found out. What is left and near gets many short ascents from diverse starts, and
/// what is nearest a long search.
std::vector<std::string> fast(Norm /*norm*/) {
  return {"apgd:loss=probability-margin,steps=50",
          "apgd:loss=probability-margin,steps=25,start=search,search=100",
          "apgd:loss=margin,steps=12,restarts=10,start=diverse,within=0.4",
          "apgd:loss=probability-margin,steps=12,restarts=30,start=diverse,within=0.2",
          "pgd:steps=20,restarts=20,relative-step=0.25,within=0.2",
          "apgd:loss=probability-margin,steps=25,restarts=3,start=search,search=300,within=0.2",
          "apgd:loss=margin,steps=12,restarts=50,start=diverse,within=0.1",
          "square:queries=5000,within=0.1"};
}

/// The version `standard` of AutoAttack, https://github.com/fra31/auto-attack: its stages, order, steps, restarts,
/// schedules and needless passes. Where a model has fewer classes than a loss needs, which ends the original, the
/// margin takes its place.
std::vector<std::string> autoattack_standard(Norm norm) {
  const bool l1 = norm == Norm::kL1;
  return {l1 ? "apgd:restarts=5,variant=published" : "apgd:variant=published",
          l1 ? "apgd-t:targets=5,variant=published" : "apgd-t:variant=published", "fab-t:variant=published",
          "square:variant=published"};
}

/// The version `rand` of AutoAttack, for models that draw random numbers.
std::vector<std::string> rand(Norm norm) {
  const std::string rest = std::string(",eot=20,variant=published") + (norm == Norm::kL1 ? ",l1-radii=budget" : "");
  return {"apgd:loss=ce" + rest, "apgd:loss=dlr" + rest};
}

/// What we know to be strong, without regard to cost below ten times that of `fast`.
std::vector<std::string> thorough(Norm /*norm*/) {
  return {"apgd:loss=probability-margin",
          "apgd-t:order=linearised,targets=3",
          "apgd:loss=probability-margin,steps=50,restarts=2,start=search,search=300",
          "apgd:loss=margin,steps=12,restarts=40,start=diverse,within=1",
          "apgd:loss=probability-margin,steps=12,restarts=200,start=diverse,within=0.4",
          "pgd:steps=20,restarts=100,relative-step=0.25,within=0.4",
          "apgd:loss=probability-margin,steps=25,restarts=5,start=search,search=1000,within=0.4",
          "square:queries=10000,within=0.4",
          "apgd:loss=margin,steps=25,restarts=200,start=diverse,within=0.2",
          "square:queries=20000,within=0.2",
          "apgd:loss=margin,from=best"};
}

const std::vector<Norm>& norms_with_gradients() {
  static const std::vector<Norm> norms{Norm::kL1, Norm::kL2, Norm::kLinf};
  return norms;
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all{
      {.name = "fast",
       .version = 1,
       .summary = "gradients and random search; effort where a sample is near to failing",
       .cost = "182 F + 77 B, and up to 8,401 F + 2,267 B where it is near",
       .strength = "that of autoattack-standard, at a tenth of its cost where most samples are far from failing",
       .norms = norms_with_gradients(),
       .attacks = fast},
      {.name = "thorough",
       .version = 1,
       .summary = "the strongest ensemble here, to check the others by",
       .cost = "1,216 F + 612 B, and up to 49,877 F + 13,704 B where it is near",
       .strength = "what fast finds and more, up to all that is proven to exist",
       .norms = norms_with_gradients(),
       .attacks = thorough},
      {.name = "autoattack-standard",
       .version = 1,
       .summary = "AutoAttack, version standard, to the letter but for its draws, which are per sample",
       .cost = "7849 F + 1910 B",
       .strength = "the published reference",
       .norms = norms_with_gradients(),
       .attacks = autoattack_standard},
      {.name = "rand",
       .version = 1,
       .summary = "AutoAttack, version rand, for models that draw random numbers",
       .cost = "4042 F + 4040 B",
       .strength = "the published reference for randomised models",
       .norms = norms_with_gradients(),
       .attacks = rand},
  };
  return all;
}

const Preset& find_preset(const std::string& text) {
  const std::size_t at = text.find('@');
  const std::string name = text.substr(0, at);
  std::vector<std::string> names;
  for (const Preset& preset : presets()) {
    names.push_back(preset.name);
    if (preset.name != name) {
      continue;
    }
    if (at != std::string::npos && parse_integer(text.substr(at + 1), "--preset " + name) != preset.version) {
      throw Error{ErrorCode::kUsage, "--preset " + text + ": this program has version " +
                                         std::to_string(preset.version) + " of it; results of other versions differ"};
    }
    return preset;
  }
  throw Error{ErrorCode::kUsage, "--preset: unknown preset '" + name + "'" + did_you_mean(name, names)};
}

}  // namespace faultline
