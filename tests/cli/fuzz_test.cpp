// `faultline fuzz` as a user meets it: documents, files, refusals, interruptions, killed workers, emitted fuzzers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <thread>

#include <unistd.h>

#include "cli/workshop.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

using testing::HasSubstr;

const std::string kTestData = FAULTLINE_TEST_DATA;
const std::string kModel = kTestData + "/mnist_nor_mlp_b.pt";

std::vector<std::string> fuzz_call(const std::vector<std::string>& more) {
  std::vector<std::string> call{"fuzz", kModel, "--data", "mnist:" + kTestData};
  call.insert(call.end(), more.begin(), more.end());
  return call;
}

Json replayed(const std::string& corpus) {
  return expect_document(run_program({"replay", corpus, "--model", kModel, "--json"}));
}

TEST(Fuzz, FilesFindingsThatReplay) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  const Json document =
      expect_document(run_program(fuzz_call({"--limit", "60", "--evaluations", "5000", "--out", out, "--json"})));
  EXPECT_EQ(document["schema"], "faultline.fuzz/1");
  EXPECT_EQ(document["engine"], "libfuzzer");
  EXPECT_EQ(document["evaluations"], 5000);
  EXPECT_EQ(document["ended_by"], "evaluations");
  EXPECT_EQ(document["repeatable"], true);
  EXPECT_EQ(document["verification"]["rejected"], 0);
  EXPECT_GE(document["seeds_broken"], 20);
  EXPECT_LE(document["clusters"], document["findings"]);
  EXPECT_GE(document["screened"], document["findings"]);
  EXPECT_EQ(Json::parse(read_file(out + "/summary.json")), document);
  const Json verdicts = replayed(out + "/corpus")["verdicts"];
  EXPECT_EQ(verdicts["still failing"], document["corpus"]["added"]);
  EXPECT_EQ(verdicts.size(), 1U);
  EXPECT_THAT(read_file(out + "/engine.log"), HasSubstr("cov: ")) << "libFuzzer sees the counters";
}

TEST(Fuzz, TheRandomEngineIsTheBaseline) {
  const TemporaryFolder folder;
  const Json document = expect_document(run_program(fuzz_call(
      {"--limit", "60", "--evaluations", "8000", "--baseline", "--out", (folder.path() / "run").string(), "--json"})));
  EXPECT_EQ(document["evaluations"], 4000);
  EXPECT_EQ(document["baseline"]["evaluations"], 4000);
  EXPECT_EQ(document["baseline"]["engine"], "random");
  EXPECT_GT(document["seeds_broken"], document["baseline"]["seeds_broken"]);
}

TEST(Fuzz, StaysInsideABall) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  const Json document = expect_document(run_program(fuzz_call(
      {"--limit", "60", "--evaluations", "5000", "--norm", "linf", "--epsilon", "0.2", "--out", out, "--json"})));
  EXPECT_EQ(document["threat"]["epsilon"], 0.2);
  EXPECT_GT(document["findings"], 0);
  EXPECT_EQ(document["verification"]["rejected"], 0) << "nothing outside the ball is even tried";
  EXPECT_EQ(replayed(out + "/corpus")["verdicts"]["still failing"], document["corpus"]["added"])
      << "a corpus refuses witnesses outside their budget";
}

TEST(Fuzz, EndsByTimeAndByTheFirstFailure) {
  const Json timed = expect_document(run_program(fuzz_call({"--limit", "20", "--time", "1s", "--json"})));
  EXPECT_EQ(timed["ended_by"], "time");
  EXPECT_EQ(timed["repeatable"], false);
  EXPECT_EQ(timed["corpus"], nullptr);
  const Json first = expect_document(run_program(fuzz_call({"--limit", "60", "--first-failure", "--json"})));
  EXPECT_EQ(first["ended_by"], "first failure");
  EXPECT_GE(first["findings"], 1);
}

TEST(Fuzz, AsksAboutTheInputContract) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  const Json document = expect_document(run_program(fuzz_call({"--mode", "contract", "--out", out, "--json"})));
  EXPECT_EQ(document["schema"], "faultline.contract/1");
  EXPECT_GE(document["cases"].size(), 40U);
  EXPECT_EQ(document["corpus"]["added"], document["findings"]);
  EXPECT_GE(document["findings"], 1) << "the largest numbers overflow in any linear layer";
  EXPECT_EQ(document["sound_inputs_refused"], 0);
  for (const Json& one : document["cases"]) {
    EXPECT_FALSE(one["sound"] == true && one["verdict"] != "kept") << one;
  }
  EXPECT_EQ(Json::parse(read_file(out + "/summary.json")), document);
  EXPECT_EQ(replayed(out + "/corpus")["verdicts"]["still failing"], document["findings"]);
  expect_refused(run_program(fuzz_call({"--mode", "contract", "--engine", "loop"})), {"--engine does nothing"});
  expect_refused(run_program(fuzz_call({"--mode", "contrakt"})), {"--mode", "did you mean 'contract'?"});
}

TEST(Fuzz, AnInterruptedRunIsSavedAndResumed) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  const std::vector<std::string> call =
      fuzz_call({"--limit", "60", "--evaluations", "300000", "--islands", "2", "--out", out});
  const ProgramResult stopped = run_program(call, {.interrupt_when = out + "/state.json"});
  EXPECT_EQ(stopped.exit_code, 2) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("all that was found is saved"));
  const Json before = Json::parse(read_file(out + "/summary.json"));
  EXPECT_LT(before["evaluations"], 300000);
  EXPECT_GT(before["findings"], 0);
  EXPECT_EQ(replayed(out + "/corpus")["verdicts"]["still failing"], before["corpus"]["added"]);
  std::vector<std::string> resume = call;
  resume.insert(resume.end(), {"--resume", "--json"});
  const Json after = expect_document(run_program(resume));
  EXPECT_EQ(after["evaluations"], 300000);
  EXPECT_GE(after["findings"], before["findings"]);
  std::vector<std::string> whole = fuzz_call({"--limit", "60", "--evaluations", "300000", "--islands", "2", "--json"});
  const Json undisturbed = expect_document(run_program(whole));
  for (const char* figure : {"evaluations", "findings", "clusters", "seeds_broken", "screened", "rounds"}) {
    EXPECT_EQ(after[figure], undisturbed[figure]) << figure;
  }
}

TEST(Fuzz, ARunThatIsInterruptedInItsFirstRoundIsSavedToo) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  constexpr std::uintmax_t kManyNewInputs = 8000;  // bytes of libFuzzer's lines about them
  const ProgramResult stopped =
      run_program(fuzz_call({"--limit", "60", "--time", "60s", "--workers", "1", "--out", out, "--json"}),
                  {.interrupt_when = out + "/engine.log", .interrupt_above = kManyNewInputs});
  EXPECT_EQ(stopped.exit_code, 2) << stopped.err;
  const Json document = Json::parse(read_file(out + "/summary.json"));
  EXPECT_EQ(document["ended_by"], "interrupted");
  EXPECT_EQ(document["rounds"], 1) << "of which none was done";
  EXPECT_FALSE(std::filesystem::exists(out + "/state.json"));
  EXPECT_GT(document["findings"], 0);
  EXPECT_EQ(replayed(out + "/corpus")["verdicts"]["still failing"], document["corpus"]["added"]);
}

TEST(Fuzz, SamplesThatFailAlreadyAreNoSeeds) {
  const Workshop shop;
  const std::string z = "z = torch.stack([x.mean([1, 2, 3]) * 0.0 + 1.0, x[:, 0, 0, 0] * 4.0 - 1.0], 1)\n";
  const std::string throws = shop.model("throws.pt", z + "assert bool((x[:, 0, 0, 1] <= 0.99).all())\nreturn z");
  const std::string nan =
      shop.model("nan.pt", z + "return torch.where(x[:, 0, 0, 1:2] > 0.99, torch.full_like(z, float('nan')), z)");
  const std::string grows =
      shop.model("grows.pt", z + "if bool((x[:, 0, 0, 1] > 0.99).any()):\n  z = torch.cat([z, z], 1)\nreturn z");
  const Tensor images = at::full({30, 1, 8, 8}, 0.4, at::kFloat);
  images[25][0][0][1] = 1;  // beyond what is looked at when the model is opened
  write_npy(shop.path() / "grey.npy", images);
  write_npy(shop.path() / "zeros.npy", at::zeros({30}, at::kLong));
  for (const std::string& model : {throws, nan, grows}) {
    const Json document = expect_document(shop.run({"fuzz", model, "--data", "npy:grey.npy,zeros.npy", "--evaluations",
                                                    "2000", "--out", model + ".run", "--json"}));
    EXPECT_EQ(document["seeds"], 29) << model;
    EXPECT_EQ(document["verification"]["rejected"], 0) << model;
    EXPECT_EQ(document["evaluations"], 2000) << model;
  }
  expect_refused(run_program({"fuzz", kTestData + "/mnist_wk17a.pt", "--data", "mnist:" + kTestData, "--limit", "20",
                              "--evaluations", "200", "--oracle", "consistency:across=bfloat16"}),
                 {"right on 20 of the 20 samples", "fail by --oracle"}, 5);
}

/// Processes whose parent is this one's child, by looking at /proc.
std::vector<pid_t> grandchildren() {
  std::map<pid_t, pid_t> parents;
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    const std::string stat =
        name.find_first_not_of("0123456789") == std::string::npos ? read_file(entry.path() / "stat") : "";
    const std::size_t name_end = stat.rfind(')');
    if (name_end != std::string::npos) {
      pid_t parent = 0;
      char state = 0;
      if (std::sscanf(stat.c_str() + name_end + 1, " %c %d", &state, &parent) == 2) {
        parents[std::stoi(name)] = parent;
      }
    }
  }
  std::vector<pid_t> found;
  for (const auto& [process, parent] : parents) {
    if (parents.contains(parent) && parents[parent] == getpid()) {
      found.push_back(process);
    }
  }
  return found;
}

TEST(Fuzz, KilledWorkersLoseNothing) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  std::atomic<bool> over{false};
  int killed = 0;
  std::thread killer([&] {
    unsigned state = 1;
    while (!over && killed < 20) {
      for (const pid_t worker : grandchildren()) {
        kill(worker, SIGKILL);
        ++killed;
        break;
      }
      state = state * 1103515245U + 12345U;
      std::this_thread::sleep_for(std::chrono::milliseconds(40 + (state >> 16) % 200));
    }
  });
  const Json document = expect_document(
      run_program(fuzz_call({"--limit", "60", "--evaluations", "400000", "--workers", "2", "--out", out, "--json"})));
  over = true;
  killer.join();
  EXPECT_EQ(killed, 20);
  EXPECT_EQ(document["evaluations"], 400000);
  EXPECT_EQ(document["verification"]["rejected"], 0);
  EXPECT_THAT(document["warnings"].dump(), HasSubstr("worker-deaths"));
  const Json replay = replayed(out + "/corpus");
  EXPECT_EQ(replay["verdicts"]["still failing"], document["corpus"]["added"]);
  EXPECT_EQ(replay["corpus"]["damaged"], 0);
}

TEST(Fuzz, InputsThatEndTheProcessAreFiledAndReplayed) {
  const Workshop shop;
  const std::string model =
      shop.model("dies.pt",
                 "m = x.mean(dim=[1, 2, 3])\n"
                 "if bool(((m > 0.54) & (m < 0.55)).any()):\n"
                 "  m = m + torch._sparse_coo_tensor_unsafe(torch.full([1, 1], 17592186044416), torch.ones([1]), "
                 "[4]).to_dense().sum()\n"
                 "return torch.stack([m * 0.0 + 3.0, m * 0.0 - 1.0], 1)");
  const std::string mended =
      shop.model("mended.pt", "m = x.mean(dim=[1, 2, 3])\nreturn torch.stack([m * 0.0 + 3.0, m * 0.0 - 1.0], 1)");
  write_npy(shop.path() / "grey.npy", at::full({4, 1, 8, 8}, 0.5, at::kFloat));
  write_npy(shop.path() / "zeros.npy", at::zeros({4}, at::kLong));
  const Json document = expect_document(
      shop.run({"fuzz", model, "--data", "npy:grey.npy,zeros.npy", "--evaluations", "4000", "--out", "run", "--json"}));
  EXPECT_GE(document["findings"], 1);
  EXPECT_EQ(document["evaluations"], 4000) << "the run goes on";
  const Json still = expect_document(shop.run({"replay", "run/corpus", "--model", model, "--json"}));
  EXPECT_EQ(still["verdicts"]["still failing"], document["corpus"]["added"]);
  const Json fixed = expect_document(shop.run({"replay", "run/corpus", "--model", mended, "--json"}));
  EXPECT_EQ(fixed["verdicts"]["fixed"], document["corpus"]["added"]);
}

TEST(Fuzz, EmittedFuzzersRunUnderLibFuzzersFlags) {
  const TemporaryFolder folder;
  const std::string target = (folder.path() / "target").string();
  // Normalisation that changes nothing, so that the script has flags of every kind.
  ASSERT_EQ(run_program(fuzz_call({"--limit", "30", "--mean", "0", "--std", "1", "--emit-fuzzer", target})).exit_code,
            0);
  const std::string script = target + "/mnist_nor_mlp_b_fuzzer";
  const std::string findings = (folder.path() / "findings").string();
  const ProgramSetting setting{.folder = folder.path(),
                               .env = {{"FAULTLINE", FAULTLINE_PROGRAM}, {"FAULTLINE_FINDINGS", findings}}};
  for (const char* name : {"corpus", "merged"}) {
    std::filesystem::create_directory(folder.path() / name);
  }
  const ProgramResult run = run_command({script, "-runs=300", "-seed=1", "corpus"}, setting);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("Done 300 runs"));
  EXPECT_FALSE(std::filesystem::is_empty(folder.path() / "corpus"));
  EXPECT_EQ(replayed(findings)["verdicts"].size(), 1U) << "what it filed fails";
  const ProgramResult merge = run_command({script, "-merge=1", "merged", "corpus"}, setting);
  EXPECT_EQ(merge.exit_code, 0) << merge.err;
  EXPECT_FALSE(std::filesystem::is_empty(folder.path() / "merged"));
  const std::string file = std::filesystem::directory_iterator(folder.path() / "merged")->path().string();
  EXPECT_EQ(run_command({script, file}, setting).exit_code, 0);
  EXPECT_EQ(run_command({script, "-jobs=2", "-workers=2", "-runs=50", "corpus"}, setting).exit_code, 0);
}

TEST(Fuzz, AnEmittedFuzzerForFleetsAbortsWithTheKind) {
  const TemporaryFolder folder;
  const std::string target = (folder.path() / "target").string();
  ASSERT_EQ(run_program(fuzz_call({"--limit", "30", "--emit-fuzzer", target, "--abort-on-failure"})).exit_code, 0);
  const ProgramSetting setting{.folder = folder.path(), .env = {{"FAULTLINE", FAULTLINE_PROGRAM}}};
  const ProgramResult run = run_command({target + "/mnist_nor_mlp_b_fuzzer", "-seed=1", "-runs=100000"}, setting);
  EXPECT_EQ(run.exit_code, 77) << "what libFuzzer ends with after a crash";
  EXPECT_THAT(run.err, HasSubstr("Check failed: misclassification "));
  std::string artifact;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    artifact = file.path().filename().string().starts_with("crash-") ? file.path().string() : artifact;
  }
  const ProgramResult again = run_command({target + "/mnist_nor_mlp_b_fuzzer", artifact}, setting);
  EXPECT_EQ(again.exit_code, 77) << "the artifact is the input that failed";
  const std::string line = run.err.substr(run.err.find("Check failed: "), 40);
  EXPECT_THAT(again.err, HasSubstr(line));
}

TEST(Fuzz, WrongInputIsRefused) {
  const Workshop shop;
  expect_refused(run_program(fuzz_call({"--engine", "afl"})), {"--engine", "'afl'"});
  expect_refused(run_program(fuzz_call({"--mutators", "rotat"})), {"--mutators", "did you mean 'rotate'?"});
  expect_refused(run_program(fuzz_call({"--mutators", "rotate=6"})), {"severity 1 to 5"});
  expect_refused(run_program(fuzz_call({"--time", "soon"})), {"--time", "90s, 10m or 8h"});
  expect_refused(run_program(fuzz_call({"--norm", "l2"})), {"--norm needs --epsilon"});
  expect_refused(run_program(fuzz_call({"--epsilon", "1"})), {"--epsilon needs --norm"});
  expect_refused(run_program(fuzz_call({"--oracle", "disagreement"})), {"--against MODEL"});
  expect_refused(run_program(fuzz_call({"--mutators", "hue"})), {"--mutators", "1 channels and 28 x 28"});
  expect_refused(run_program(fuzz_call({"--abort-on-failure"})), {"--abort-on-failure", "--emit-fuzzer"});
  expect_refused(run_program(fuzz_call({"--resume"})), {"--resume needs --out"});
  expect_refused(run_program(fuzz_call({"--emit-fuzzer", "x", "--store", "recipe"})), {"--store does nothing"});
  expect_refused(run_program(fuzz_call({"--emit-fuzzer", "x", "--against", kModel, "--oracle", "disagreement"})),
                 {"--against does nothing"});
  expect_refused(run_program(fuzz_call({"--evaluations", "0"})), {"--evaluations"});
  expect_refused(shop.run({"fuzz", "model.pt", "--data", "npy:x.npy,y.npy"}), {"images [C, H, W]"});
  const std::string bad = shop / "unused";
  expect_refused(run_program(fuzz_call({"--hang-timeout", "x", "--out", bad})), {"--hang-timeout"});
  EXPECT_FALSE(std::filesystem::exists(bad)) << "nothing is made for a call that is refused";
}

TEST(Fuzz, ADamagedStateIsRefused) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "run").string();
  const std::vector<std::string> call = fuzz_call({"--limit", "20", "--evaluations", "500", "--out", out});
  ASSERT_EQ(run_program(call).exit_code, 0);
  write_text(out + "/state.json", "{\"schema\": ");
  std::vector<std::string> resume = call;
  resume.emplace_back("--resume");
  const ProgramResult result = run_program(resume);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("state.json: is damaged"));
}

}  // namespace

}  // namespace faultline
