#include "cli/workshop.h"

#include <caffe2/serialize/inline_container.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include "faultline/data/npy.h"

namespace faultline {

namespace {

constexpr std::int64_t kSamples = 24;
constexpr std::int64_t kClasses = 3;

Tensor points() {
  const Tensor rows = at::arange(kSamples, at::kLong);
  Tensor inputs = at::full({kSamples, 4}, 0.2, at::kFloat);
  inputs.add_(rows.mul(7).remainder(kSamples).to(at::kFloat).mul(0.005).unsqueeze(1));
  return inputs.scatter_(1, rows.remainder(kClasses).unsqueeze(1), 0.8);
}

std::vector<std::string> arguments(const std::string& command, const Call& call) {
  std::vector<std::string> list{command, call.model};
  const auto add = [&list](const std::string& flag, const std::string& value) {
    if (!value.empty()) {
      list.insert(list.end(), {flag, value});
    }
  };
  add("--data", call.data);
  add("--norm", call.norm);
  if (command == "attack") {
    add("--epsilon", call.epsilon);
  }
  list.insert(list.end(), call.more.begin(), call.more.end());
  return list;
}

}  // namespace

Workshop::Workshop() {
  write_npy(path() / "x.npy", points());
  write_npy(path() / "y.npy", at::arange(kSamples, at::kLong).remainder(kClasses));
  (void)model("model.pt", kRightModel);
}

std::string Workshop::model(const std::string& name, const std::string& body, SavedMode mode) const {
  std::string source = "def forward(self, x):\n";
  for (const std::string& line : lines_of(body)) {
    source += "  " + line + "\n";
  }
  write_model(path() / name, source, {}, mode);
  return name;
}

ProgramResult Workshop::attack(const Call& call, ProgramSetting setting) const {
  return run(arguments("attack", call), std::move(setting));
}

ProgramResult Workshop::curve(const Call& call, ProgramSetting setting) const {
  return run(arguments("curve", call), std::move(setting));
}

ProgramResult Workshop::run(const std::vector<std::string>& arguments, ProgramSetting setting) const {
  setting.folder = path();
  return run_program(arguments, setting);
}

void write_state_dict(const std::filesystem::path& path) {
  c10::Dict<std::string, at::Tensor> weights;
  weights.insert("weight", at::ones({3, 4}));
  const std::vector<char> pickled = torch::jit::pickle_save(weights);
  caffe2::serialize::PyTorchStreamWriter writer(path.string());
  writer.writeRecord("data.pkl", pickled.data(), pickled.size());
  writer.writeEndOfFile();
}

void expect_refused(const ProgramResult& result, const std::vector<std::string>& words, int exit_code) {
  const std::string seen = "stdout: " + result.out + "\nstderr: " + result.err;
  EXPECT_EQ(result.exit_code, exit_code) << seen;
  EXPECT_EQ(result.out, "") << seen;
  EXPECT_THAT(result.err, testing::StartsWith("faultline: error: "));
  EXPECT_EQ(lines_of(result.err).size(), 1) << seen;
  EXPECT_THAT(result.err, testing::EndsWith("\n"));
  EXPECT_LE(result.err.size(), 400) << seen;
  EXPECT_THAT(result.err, testing::Not(testing::HasSubstr("internal"))) << seen;
  for (const std::string& word : words) {
    EXPECT_THAT(result.err, testing::HasSubstr(word));
  }
}

std::string root_of(const std::string& path) {
  const std::string program = "import sys, xml.dom.minidom as m; print(m.parse(sys.argv[1]).documentElement.tagName)";
  const ProgramResult parsed = run_command({"python3", "-c", program, path});
  return parsed.out + parsed.err;
}

Json expect_document(const ProgramResult& result) {
  EXPECT_EQ(result.exit_code, 0) << result.err;
  Json document = Json::parse(result.out, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(document.is_discarded()) << result.out;
  return document;
}

}  // namespace faultline
