// Models that cannot be attacked: each is refused with one line that says what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

TEST(ModelRefusal, FileThatIsNoModel) {
  const Workshop shop;
  std::filesystem::create_directory(shop / "folder.pt");
  write_text(shop / "empty.pt", "");
  write_text(shop / "text.pt", "weights, honestly\n");
  write_text(shop / "empty_zip.pt", "PK\5\6" + std::string(18, '\0'));
  write_state_dict(shop / "state_dict.pt");
  const auto inspect = [&](const std::string& model) { return shop.run({"inspect", model}); };
  expect_refused(inspect("missing.pt"), {"model 'missing.pt'", "no such file"});
  expect_refused(inspect("folder.pt"), {"model 'folder.pt'", "directory", "expected a TorchScript file"});
  expect_refused(inspect("empty.pt"), {"model 'empty.pt'", "empty"});
  expect_refused(inspect("text.pt"), {"model 'text.pt'", "no TorchScript", "torch.jit.save"});
  expect_refused(inspect("empty_zip.pt"), {"model 'empty_zip.pt'", "TorchScript"});
  expect_refused(inspect("state_dict.pt"), {"model 'state_dict.pt'", "state_dict", "torch.jit.save"});
  expect_refused(shop.attack({.model = "missing.pt"}), {"model 'missing.pt'", "no such file"});
  expect_refused(shop.curve({.model = "text.pt"}), {"model 'text.pt'", "no TorchScript"});
}

TEST(ModelRefusal, TruncatedFile) {
  const Workshop shop;
  const std::string whole = read_file(shop / "model.pt");
  for (const std::size_t length :
       {std::size_t{3}, std::size_t{4}, std::size_t{100}, whole.size() / 2, whole.size() - 22, whole.size() - 1}) {
    SCOPED_TRACE(length);
    write_text(shop / "cut.pt", whole.substr(0, length));
    expect_refused(shop.attack({.model = "cut.pt"}), {"model 'cut.pt'", "TorchScript"});
  }
}

TEST(ModelRefusal, InputThatTheModelDoesNotTake) {
  const Workshop shop;
  expect_refused(shop.attack({.model = shop.model("wide.pt", "return torch.linear(x, torch.ones([3, 7]))")}),
                 {"the model failed", "[16, 4]", "saying", "4"});
  expect_refused(shop.attack({.model = shop.model("raises.pt", "assert False, 'boom'\nreturn x")}),
                 {"the model failed", "boom"});
  const std::string late = "assert bool((x < 0.85).all()), 'boom'\nreturn x[:, 0:3] * 4.0";
  expect_refused(shop.attack({.model = shop.model("late.pt", late)}),
                 {"the model failed", "boom", "inside the bounds"});
  expect_refused(shop.attack({.model = shop.model("fixed.pt", "return x.view(8, 4)[:, 0:3]")}),
                 {"the model failed", "[16, 4]", "batches of any size", "16 rows or more"});
  write_model(shop / "double.pt", "def forward(self, x):\n  return torch.matmul(x, self.w)\n",
              {{"w", at::ones({4, 3}, at::kDouble)}});
  expect_refused(shop.attack({.model = "double.pt"}), {"the model failed", "type Double", ".float()"});
  write_model(shop / "two.pt", "def forward(self, x, y):\n  return x + y\n", {});
  expect_refused(shop.attack({.model = "two.pt"}), {"the model failed", "y"});
  write_model(shop / "nameless.pt", "def other(self, x):\n  return x\n", {});
  expect_refused(shop.attack({.model = "nameless.pt"}), {"model 'nameless.pt'", "no method forward(x)"});
}

TEST(ModelRefusal, OutputThatIsNoLogits) {
  const Workshop shop;
  expect_refused(shop.attack({.model = shop.model("scalar.pt", "return x.sum()")}),
                 {"the model gives []", "expected logits [N, K] with K >= 2"});
  expect_refused(shop.attack({.model = shop.model("cube.pt", "return x.unsqueeze(2)")}),
                 {"the model gives [16, 4, 1] for 16 inputs", "[N, K]"});
  expect_refused(shop.attack({.model = shop.model("short.pt", "return x[1:]")}),
                 {"the model gives [15, 4] for 16 inputs"});
  expect_refused(shop.attack({.model = shop.model("classes.pt", "return x.argmax(1)")}),
                 {"Long", "floating-point logits"});
  expect_refused(shop.attack({.model = shop.model("words.pt", "return 'cat'")}), {"String", "not a tensor"});
  expect_refused(shop.attack({.model = shop.model("infinite.pt", "return x[:, 0:3] / 0.0")}), {"finite"});
  expect_refused(shop.attack({.model = shop.model("nan.pt", "return x[:, 0:3] * float('nan')")}), {"finite"});
  expect_refused(shop.run({"inspect", "nan.pt", "--data", "npy:x.npy,y.npy"}), {"finite"});
}

TEST(ModelRefusal, OneOutputPerRowNeedsBinary) {
  const Workshop shop;
  write_npy(shop / "two.npy", at::arange(24, at::kLong).remainder(3).eq(0).to(at::kLong));
  Call call{
      .model = shop.model("one.pt", "return x[:, 0:1] * 8.0 - 4.5"), .data = "npy:x.npy,two.npy", .epsilon = "0.5"};
  expect_refused(shop.attack(call), {"the model gives [16, 1] for 16 inputs", "--binary"});
  call.more = {"--binary", "--json"};
  const Json document = expect_document(shop.attack(call));
  EXPECT_EQ(document["clean_errors"], 0);
  EXPECT_EQ(document["adversarial_errors"], 24);
  call.model = shop.model("flat.pt", "return x[:, 0] * 8.0 - 4.5");
  expect_refused(shop.attack({.model = "flat.pt", .data = call.data}), {"the model gives [16] for 16", "--binary"});
  EXPECT_EQ(expect_document(shop.attack(call))["adversarial_errors"], 24);
  expect_refused(shop.attack({.more = {"--binary"}}), {"--binary", "[16, 3]", "one output per row"});
}

TEST(ModelRefusal, SeveralOutputsNeedAName) {
  const Workshop shop;
  shop.model("tuple.pt", "return (x, x[:, 0:3] * 4.0)");
  shop.model("dict.pt", "return {'features': x, 'logits': x[:, 0:3] * 4.0}");
  expect_refused(shop.attack({.model = "tuple.pt"}), {"a tuple of 2", "--output"});
  expect_refused(shop.attack({.model = "tuple.pt", .more = {"--output", "2"}}), {"--output", "a tuple of 2", "'2'"});
  expect_refused(shop.attack({.model = "tuple.pt", .more = {"--output", "logits"}}), {"--output", "'logits'"});
  expect_refused(shop.attack({.model = "dict.pt"}), {"a dict with the keys features, logits", "--output"});
  expect_refused(shop.attack({.model = "dict.pt", .more = {"--output", "logit"}}),
                 {"--output", "features, logits", "'logit'"});
  expect_refused(shop.attack({.more = {"--output", "logits"}}), {"--output", "gives one tensor"});
  const std::string plain =
      expect_document(shop.attack({.epsilon = "0.27", .more = {"--json"}}))["adversarial_errors"].dump();
  for (const auto& [model, output] : {std::pair{"tuple.pt", "1"}, std::pair{"dict.pt", "logits"}}) {
    const ProgramResult named =
        shop.attack({.model = model, .epsilon = "0.27", .more = {"--output", output, "--json"}});
    EXPECT_EQ(expect_document(named)["adversarial_errors"].dump(), plain) << model;
  }
  EXPECT_NE(plain, "0");
  EXPECT_NE(plain, "24");
}

// Neither is it refused, nor do its changes reach samples and witnesses.
TEST(ModelRefusal, NoneWhenItChangesItsInputInPlace) {
  const Workshop shop;
  shop.model("in_place.pt", "return x.clamp_(0.22, 0.78)[:, 0:3] * 4.0");
  shop.model("through_a_view.pt", "x[:, 0:3].clamp_(0.22, 0.78)\nreturn x[:, 0:3] * 4.0");
  shop.model("aside.pt", "return x.clamp(0.22, 0.78)[:, 0:3] * 4.0");
  for (const std::string attack : {"noise:draws=20", "pgd:steps=20"}) {
    const auto rows = [&](const std::string& model) {
      const std::string out = attack.substr(0, 3) + "_" + model;
      const ProgramResult result =
          shop.attack({.model = model, .epsilon = "0.3", .more = {"--attack", attack, "--out", out}});
      EXPECT_EQ(result.exit_code, 0) << result.err;
      return read_file(shop / (out + "/samples.jsonl"));
    };
    const std::string expected = rows("aside.pt");
    EXPECT_THAT(expected, testing::HasSubstr("\"found\""));
    EXPECT_EQ(rows("in_place.pt"), expected);
    EXPECT_EQ(rows("through_a_view.pt"), expected);
  }
}

TEST(ModelRefusal, NoneWhenOutputAndGradientAreBroadcast) {
  const Workshop shop;
  (void)shop.model("sum.pt", "return torch.sum(x, 1, True).expand([x.size(0), 3])");
  const ProgramResult result = shop.attack({.model = "sum.pt", .more = {"--json"}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST(ModelRefusal, NoGradientWhereOneIsNeeded) {
  const Workshop shop;
  const std::string model = shop.model("steps.pt", "return (x[:, 0:3] > 0.5).float()");
  expect_refused(shop.attack({.model = model}), {"no gradient", "noise"});
  expect_refused(shop.curve({.model = model}), {"no gradient", "noise"});
  expect_refused(shop.attack({.model = model, .more = {"--attack", "noise", "--attack", "fgsm"}}), {"no gradient"});
  const ProgramResult noise = shop.attack({.model = model, .epsilon = "0.5", .more = {"--attack", "noise", "--json"}});
  EXPECT_GT(expect_document(noise)["adversarial_errors"], 0);
}

}  // namespace

}  // namespace faultline
