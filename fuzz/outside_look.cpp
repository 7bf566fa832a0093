#include "faultline/fuzz/outside_look.h"

#include <algorithm>
#include <array>

#include "faultline/core/error.h"
#include "faultline/fuzz/shared_memory.h"

namespace faultline {

namespace {

/// What the process leaves.
struct Left {
  OutsideEnd end = OutsideEnd::kAnswered;
  std::array<char, 501> message{};

  void say(OutsideEnd how, const char* text) {
    end = how;
    const std::string_view whole(text);
    std::ranges::copy(whole.substr(0, message.size() - 1), message.begin());
  }
};

void ask(ScoreTarget& target, const Tensor& inputs, Left& left) {
  try {
    const Tensor outputs = target.logits(inputs);
    left.end = outputs.isfinite().all().item<bool>() ? OutsideEnd::kAnswered : OutsideEnd::kNotFinite;
  } catch (const OutOfMemory& error) {
    left.say(OutsideEnd::kOutOfMemory, error.what());
  } catch (const std::bad_alloc&) {
    left.say(OutsideEnd::kOutOfMemory, "there is no memory for the input");
  } catch (const std::exception& error) {
    left.say(OutsideEnd::kRefused, error.what());
  }
}

}  // namespace

OutsideLook look_from_outside(ScoreTarget& target, const Tensor& inputs, const ChildLimits& limits) {
  const SharedMemory<Left> left;
  const auto run = [&] { ask(target, inputs, *left); };
  ChildEnd end = run_in_child(run, limits);
  if (end == ChildEnd::kDied) {
    end = run_in_child(run, limits);  // somebody may have killed it
  }
  if (end == ChildEnd::kDied || end == ChildEnd::kHung) {
    return {end == ChildEnd::kDied ? OutsideEnd::kDied : OutsideEnd::kHung, {}};
  }
  return {left->end, left->message.data()};
}

}  // namespace faultline
