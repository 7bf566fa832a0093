// Flags and data that make no sense: each is refused with one line that names the flag and what it takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "cli/workshop.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

TEST(FlagRefusal, Epsilon) {
  const Workshop shop;
  const std::vector<std::pair<std::string, std::vector<std::string>>> rows{
      {"-0.1", {"--epsilon", "0 to 1", "-0.1"}},
      {"nan", {"--epsilon", "finite number", "'nan'"}},
      {"inf", {"--epsilon", "finite number", "'inf'"}},
      {"1.1", {"--epsilon", "0 to 1", "largest distance", "1.1"}},
      {"small", {"--epsilon", "number", "'small'"}},
      {"8/0", {"--epsilon", "'8/0'"}},
      {"0,1", {"--epsilon", "'0,1'"}}};
  for (const auto& [epsilon, words] : rows) {
    SCOPED_TRACE(epsilon);
    expect_refused(shop.attack({.epsilon = epsilon}), words);
  }
  expect_refused(shop.attack({.epsilon = ""}), {"--epsilon is required"});
  expect_refused(shop.curve({.more = {"--epsilon-max", "0"}}), {"--epsilon-max", "> 0"});
  expect_refused(shop.curve({.more = {"--epsilon-max", "2"}}), {"--epsilon-max", "0 to 1", "2"});
  expect_refused(shop.curve({.more = {"--at", "0.1,,0.2"}}), {"--at", "number", "''"});
  expect_refused(shop.curve({.more = {"--at", "0.5", "--epsilon-max", "0.4"}}), {"--at: 0.5", "--epsilon-max 0.4"});
  expect_refused(shop.curve({.more = {"--at", "0.5,0"}}), {"--at", "> 0", "clean accuracy"});
  expect_refused(shop.attack({.epsilon = "", .more = {"--at", "0.1"}}), {"--at", "curve", "--epsilon"});
  expect_refused(shop.curve({.more = {"--tolerance", "1"}}), {"--tolerance", "between 0 and 1"});
}

TEST(FlagRefusal, UnknownNamesSuggestTheNearest) {
  const Workshop shop;
  expect_refused(shop.run({"atack", "model.pt"}), {"unknown command 'atack'", "did you mean 'attack'?"});
  expect_refused(shop.run({}), {"no command given", "attack"});
  expect_refused(shop.attack({.more = {"--nrom", "l2"}}),
                 {"unknown option '--nrom'", "did you mean '--norm'?", "faultline attack --help"});
  expect_refused(shop.run({"attack", "--dta=x"}), {"unknown option '--dta=x'", "did you mean '--data'?"});
  expect_refused(shop.attack({.norm = "l3"}), {"--norm", "unknown norm 'l3'", "known: l0, l1, l2, linf"});
  expect_refused(shop.attack({.more = {"--attack", "pdg"}}),
                 {"--attack", "unknown attack 'pdg'", "did you mean 'pgd'?"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:step=4"}}),
                 {"--attack pgd", "unknown option 'step'", "did you mean 'steps'?"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:loss=marging"}}),
                 {"--attack pgd:loss", "did you mean 'margin'?"});
  expect_refused(shop.attack({.data = "mnits:."}), {"--data", "unknown kind 'mnits'", "did you mean 'mnist'?"});
  expect_refused(shop.run({"list", "atacks"}), {"unknown kind 'atacks'", "did you mean 'attacks'?"});
  expect_refused(shop.attack({.more = {"--targeted", "randon"}}), {"--targeted", "'randon'", "did you mean 'random'?"});
  expect_refused(shop.attack({.more = {"--targeted", "foo"}}),
                 {"class number", "'foo'", "known: random, least-likely"});
  expect_refused(shop.run({"--json", "list"}), {"'--json' belongs to list", "after"});
  expect_refused(shop.run({"--limit=5", "attack", "model.pt"}), {"'--limit' belongs to attack", "after"});
}

TEST(FlagRefusal, Attacks) {
  const Workshop shop;
  expect_refused(shop.attack({.norm = "l0"}),
                 {"--preset fast (the default) does not know the norm l0", "l1, l2, linf", "--attack noise"});
  expect_refused(shop.attack({.more = {"--preset", "fsat"}}),
                 {"--preset", "unknown preset 'fsat'", "did you mean 'fast'?"});
  expect_refused(shop.attack({.more = {"--preset", "fast@7"}}), {"--preset fast@7", "version 1"});
  expect_refused(shop.attack({.more = {"--preset", "fast@x"}}), {"--preset fast", "'x'"});
  expect_refused(shop.attack({.more = {"--preset", "fast", "--attack", "pgd"}}),
                 {"exclude each other", "list presets"});
  expect_refused(shop.attack({.more = {"--preset", "autoattack-standard", "--targeted", "1"}}),
                 {"--preset autoattack-standard: apgd-t cannot aim at a class"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:within=0"}}), {"--attack pgd:within", "> 0"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:from=worst"}}), {"--attack pgd:from", "'worst'"});
  expect_refused(shop.attack({.more = {"--attack", "noise:within=1"}}), {"--attack noise:within", "L0"});
  expect_refused(shop.attack({.more = {"--attack", "fgsm:from=best"}}), {"--attack fgsm:from=best", "clean input"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:steps=0"}}), {"--attack pgd:steps", ">= 1", "'0'"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:steps=1e3"}}), {"--attack pgd:steps", "integer", "'1e3'"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:steps"}}), {"--attack pgd:steps", "key=value"});
  expect_refused(shop.attack({.more = {"--attack", "pgd:steps=2,steps=3"}}),
                 {"--attack pgd", "'steps' is given twice"});
  expect_refused(shop.attack({.more = {"--attack", "fgsm,pgd"}}), {"--attack fgsm,pgd", "repeat --attack"});
  expect_refused(shop.attack({.more = {"--attack", ":steps=2"}}), {"--attack", "faultline list attacks"});
  expect_refused(shop.attack({.more = {"--targeted", "3"}}), {"--targeted", "class 3 does not exist", "0..2"});
  expect_refused(shop.attack({.more = {"--targeted", "-1"}}), {"--targeted", "class number", "'-1'"});
}

TEST(FlagRefusal, Numbers) {
  const Workshop shop;
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> rows{
      {{"--workers", "0x"}, {"--workers", "1 to 4096", "'0x'"}},
      {{"--workers", "-2"}, {"--workers", "1 to 4096", "'-2'"}},
      {{"--batch", "-1"}, {"--batch", "integer from 1", "'-1'"}},
      {{"--batch", "0"}, {"--batch", "integer from 1", "'0'"}},
      {{"--limit", "-1"}, {"--limit", "from 0 to 9223372036854775807", "'-1'"}},
      {{"--limit", "99999999999999999999"}, {"--limit", "from 0 to 9223372036854775807"}},
      {{"--offset", "-1"}, {"--offset", "integer from 0", "'-1'"}},
      {{"--seed", "-1"}, {"--seed", "integer from 0", "'-1'"}},
      {{"--seed"}, {"--seed", "value is missing"}},
      {{"--norm", "l2"}, {"--norm", "more than once"}},
      {{"extra"}, {"unexpected word 'extra'"}},
      {{"--bounds", "1,0"}, {"--bounds", "LOWER < UPPER", "'1,0'"}},
      {{"--bounds", "1e-50,2e-50"}, {"--bounds", "float32", "'1e-50,2e-50'"}},
      {{"--bounds", "0,1e39"}, {"--bounds", "float32", "'0,1e39'"}},
      {{"--bounds", "0"}, {"--bounds", "LOWER,UPPER", "'0'"}},
      {{"--bounds", "0,0.5"}, {"--bounds", "outside the bounds 0..0.5", "sample 0"}},
      {{"--mean", "0.1,0.2,0.3"}, {"--mean/--std", "3 values", "4 channel"}},
      {{"--mean", "0,0", "--std", "1"}, {"--mean/--std", "2 and 1"}},
      {{"--mean", "0,0,0", "--std", "1,1,1"}, {"--mean/--std", "3 values", "4 channel"}},
      {{"--std", "0"}, {"--std", "> 0"}},
      {{"--device", "cuda:99"}, {"--device", "cuda:99 is not available", "--device cpu"}},
      {{"--device", "gpu"}, {"--device", "cpu, cuda", "'gpu'"}},
      {{"--color", "pink"}, {"--color", "pink"}},
      {{"--layout", "hwc"}, {"--layout", "nchw or nhwc", "'hwc'"}},
      {{"--export", "jpg", "--out", "o"}, {"--export", "npy or png", "'jpg'"}},
      {{"--export", "npy"}, {"--export needs --out"}},
      {{"--resume"}, {"--resume needs --out"}}};
  for (const auto& [more, words] : rows) {
    SCOPED_TRACE(testing::PrintToString(more));
    expect_refused(shop.attack({.more = more}), words);
  }
}

TEST(FlagRefusal, EmptyValues) {
  const Workshop shop;
  for (const std::string flag : {"--out", "--targeted", "--attack", "--mean", "--output", "--corpus"}) {
    expect_refused(shop.attack({.more = {flag, ""}}), {flag + ": ", "empty"});
  }
  expect_refused(shop.curve({.more = {"--at", ""}}), {"--at: ", "empty"});
  expect_refused(shop.run({"demo", "--out", ""}), {"--out: ", "empty"});
}

TEST(FlagRefusal, WordsAboutDataNeedData) {
  const Workshop shop;
  expect_refused(shop.run({"inspect", "model.pt", "--limit", "3"}), {"--limit", "--data"});
  expect_refused(shop.run({"inspect", "model.pt", "--epsilon", "3"}), {"unknown option '--epsilon'", "inspect --help"});
}

TEST(FlagRefusal, TargetThatAllSamplesHaveIsExitCodeFive) {
  const Workshop shop;
  write_npy(shop / "ones.npy", at::ones({24}, at::kLong));
  expect_refused(shop.attack({.data = "npy:x.npy,ones.npy", .more = {"--targeted", "1", "--out", "out"}}),
                 {"nothing to do", "--targeted 1", "all of the 24 samples"}, /*exit_code=*/5);
  expect_refused(shop.curve({.more = {"--targeted", "2", "--offset", "5", "--limit", "1"}}), {"--targeted 2"},
                 /*exit_code=*/5);
  EXPECT_FALSE(std::filesystem::exists(shop / "out"));
}

TEST(FlagRefusal, EmptySelectionIsExitCodeFive) {
  const Workshop shop;
  expect_refused(shop.attack({.more = {"--offset", "24"}}), {"nothing to do", "--offset 24", "24 samples"},
                 /*exit_code=*/5);
  expect_refused(shop.curve({.more = {"--limit", "0"}}), {"nothing to do", "--limit 0"}, /*exit_code=*/5);
  EXPECT_EQ(expect_document(shop.attack({.more = {"--offset", "23", "--limit", "5", "--json"}}))["samples"], 1);
}

TEST(DataRefusal, FilesAndLabels) {
  const Workshop shop;
  const Tensor labels = at::arange(24, at::kLong).remainder(3);
  write_npy(shop / "short.npy", labels.narrow(0, 0, 23));
  write_npy(shop / "nine.npy", labels.clone().index_fill_(0, at::tensor({5}, at::kLong), 9));
  write_npy(shop / "minus.npy", labels.clone().index_fill_(0, at::tensor({5}, at::kLong), -1));
  write_npy(shop / "nan.npy", at::full({24, 4}, std::nan("")));
  write_npy(shop / "infinite.npy", at::full({24, 4}, -std::numeric_limits<double>::infinity()));
  write_npy(shop / "none.npy", at::zeros({0, 4}));
  write_npy(shop / "no_labels.npy", at::zeros({0}, at::kLong));
  const std::string images = read_file(shop / "x.npy");
  write_text(shop / "cut.npy", images.substr(0, images.size() - 5));
  std::filesystem::create_directory(shop / "folder");
  const std::vector<std::pair<std::string, std::vector<std::string>>> rows{
      {"npy:missing.npy,y.npy", {"missing.npy", "No such file"}},
      {"npy:folder,y.npy", {"folder"}},
      {"npy:cut.npy,y.npy", {"cut.npy", "bytes"}},
      {"npy:y.npy,x.npy", {"y.npy", "inputs have type Long"}},
      {"npy:x.npy,x.npy", {"x.npy", "labels"}},
      {"npy:x.npy", {"npy:", ","}},
      {"npy:x.npy,short.npy", {"24", "23"}},
      {"npy:x.npy,nine.npy", {"--data", "sample 5", "9", "0..2"}},
      {"npy:x.npy,minus.npy", {"minus.npy", "sample 5", "-1"}},
      {"npy:nan.npy,y.npy", {"--data", "sample 0", "nan", "not finite", "repair the file"}},
      {"npy:infinite.npy,y.npy", {"--data", "sample 0", "inf", "not finite", "repair the file"}},
      {"npy:none.npy,no_labels.npy", {"none.npy"}},
      {"mnist:folder", {"folder"}},
      {"model.pt", {"--data", "model.pt", "KIND:PATH"}},
      {"", {"--data is required"}}};
  for (const auto& [data, words] : rows) {
    SCOPED_TRACE(data);
    expect_refused(shop.attack({.data = data}), words);
  }
}

}  // namespace

}  // namespace faultline
