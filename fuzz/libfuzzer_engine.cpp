#include "faultline/fuzz/libfuzzer_engine.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <limits>
#include <optional>

#include <unistd.h>

#include "faultline/core/error.h"
#include "faultline/fuzz/children.h"

// Names that libFuzzer gives.
// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier)
extern "C" {
int LLVMFuzzerRunDriver(int* argc, char*** argv, int (*callback)(const std::uint8_t* data, std::size_t size));
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);
void __sanitizer_cov_8bit_counters_init(char* begin, char* end);
void __sanitizer_cov_pcs_init(const std::uintptr_t* begin, const std::uintptr_t* end);
}
// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)

namespace faultline {

namespace {

using Bytes = std::span<const std::uint8_t>;

/// libFuzzer reads counters where they lie, and calls functions without a state: both are global.
std::array<std::uint8_t, kCounters> shared_counters;
/// One entry {address, flags} per counter, so that `cov:` moves. The addresses only have to differ.
std::array<std::array<std::uintptr_t, 2>, kCounters> counter_places;

/// What stands between an island and libFuzzer's calls.
class LibFuzzerBridge {
 public:
  LibFuzzerBridge(Island& island, std::function<void()> finish, std::function<void(const Screened&)> on_failure)
      : island_(island), breeder_(island), finish_(std::move(finish)), on_failure_(std::move(on_failure)) {
    // Of other parts' seeds libFuzzer need not hear: what they showed is known to the island.
    for (const CorpusEntry& entry : island.corpus()) {
      if (island.job().part.holds(entry.input.seed)) {
        waiting_.push_back({.input = entry.input, .features = entry.features});
      }
    }
  }

  /// Sets the counters of an input.
  void call(Bytes bytes) {
    if (bytes.empty()) {
      shared_counters[0] = 1;  // the first call, whose features are dropped; something must be set
      return;
    }
    const FuzzInput input = decode(bytes, space(), island_.task().seeds.size());
    if (!last_ || last_->input != input) {
      end_if_finished();
      last_ = std::move(island_.evaluate({input}).front());
    }
    if (on_failure_ && last_->failed()) {
      on_failure_(*last_);
    }
    island_.keep(last_->input, last_->features);
    for (const Feature feature : last_->features) {
      shared_counters.at(feature / kLevels) = counter_value(feature);
    }
  }

  /// A child for libFuzzer to look at: one that waits, or the newest of a forward of children.
  [[nodiscard]] std::vector<std::uint8_t> child(const FuzzInput& parent, const FuzzInput* other, std::uint64_t seed) {
    if (waiting_.empty()) {
      end_if_finished();
      screen_children(parent, other, seed);
    }
    last_ = std::move(waiting_.front());
    waiting_.pop_front();
    return encode(last_->input, space());
  }

  [[nodiscard]] FuzzInput parse(Bytes bytes) const { return decode(bytes, space(), island_.task().seeds.size()); }

 private:
  [[nodiscard]] const RecipeSpace& space() const { return island_.task().space; }

  void end_if_finished() {
    if (finish_ && island_.finished()) {
      finish_();
    }
  }

  void screen_children(const FuzzInput& parent, const FuzzInput* other, std::uint64_t seed) {
    Draws draws(seed);
    std::vector<Screened> screened = breeder_.next_forward({&parent, other == nullptr ? &parent : other}, draws);
    FAULTLINE_ASSERT(!screened.empty(), "a budget was left");
    std::vector<std::pair<std::size_t, std::size_t>> order;  // novelty, place
    for (std::size_t place = 0; place < screened.size(); ++place) {
      const bool comes_first = on_failure_ && screened[place].failed();
      order.emplace_back(comes_first ? kAboveAllNovelty : island_.novelty(screened[place]), place);
    }
    std::ranges::stable_sort(order, std::greater{}, [](const auto& one) { return one.first; });
    FeatureMap seen;
    for (const auto& [novelty, place] : order) {
      Screened& one = screened[place];
      const bool is_new = novelty > 0 && seen.add(one.features) > 0;
      if (is_new || waiting_.empty()) {
        waiting_.push_back(std::move(one));
      }
    }
  }

  Island& island_;
  Breeder breeder_;
  static constexpr std::size_t kAboveAllNovelty = std::numeric_limits<std::size_t>::max();

  std::function<void()> finish_;
  std::function<void(const Screened&)> on_failure_;
  std::deque<Screened> waiting_;  // children that were new, and the corpus to start from (input and features alone)
  std::optional<Screened> last_;  // what libFuzzer was given last
};

LibFuzzerBridge* the_bridge = nullptr;  // libFuzzer's functions have no other way to it

int on_input(const std::uint8_t* data, std::size_t size) {
  the_bridge->call({data, size});
  return 0;
}

std::size_t write_child(const std::vector<std::uint8_t>& child, std::uint8_t* data, std::size_t room) {
  const std::size_t size = std::min(child.size(), room);
  std::memcpy(data, child.data(), size);
  return size;
}

int drive(LibFuzzerBridge& made, const std::string& name, const std::vector<std::string>& arguments) {
  the_bridge = &made;
  for (std::size_t i = 0; i < counter_places.size(); ++i) {
    counter_places.at(i) = {reinterpret_cast<std::uintptr_t>(&shared_counters.at(i)), 0};
  }
  __sanitizer_cov_8bit_counters_init(reinterpret_cast<char*>(shared_counters.data()),
                                     reinterpret_cast<char*>(shared_counters.data() + shared_counters.size()));
  __sanitizer_cov_pcs_init(counter_places.front().data(), counter_places.front().data() + 2 * counter_places.size());
  std::vector<std::string> words{name};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  int count = static_cast<int>(words.size());
  char** values = pointers.data();
  return LLVMFuzzerRunDriver(&count, &values, on_input);
}

}  // namespace

void run_libfuzzer_engine(Island& island, const std::function<void()>& finish) {
  LibFuzzerBridge made(island, finish, {});
  // Dense features, no limits of its own (the supervisor has them), signals left to what they do.
  std::vector<std::string> arguments{"-entropic=0",     "-max_len=512",       "-len_control=0",  "-mutate_depth=1",
                                     "-rss_limit_mb=0", "-malloc_limit_mb=0", "-detect_leaks=0", "-timeout=0",
                                     "-reload=0",       "-print_pcs=0"};
  for (const char* signal : {"segv", "bus", "abrt", "ill", "fpe", "int", "term", "xfsz", "usr1", "usr2"}) {
    arguments.push_back(std::string("-handle_") + signal + "=0");
  }
  arguments.push_back("-seed=" + std::to_string(1 + static_cast<std::uint32_t>(island.job().seed >> 33)));
  (void)drive(made, "faultline", arguments);
  finish();
  _exit(EXIT_FAILURE);  // finish() does not return
}

int run_libfuzzer(Island& island, const std::string& name, const std::vector<std::string>& arguments,
                  const std::function<void(const Screened&)>& on_failure) {
  LibFuzzerBridge made(island, {}, on_failure);
  return drive(made, name, arguments);
}

}  // namespace faultline

// NOLINTBEGIN(readability-identifier-naming)
// Programs that fuzz something else and only contain this library have no bridge: they get libFuzzer's own mutations.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t room,
                                               unsigned int seed) {
  using namespace faultline;
  if (the_bridge == nullptr) {
    return LLVMFuzzerMutate(data, size, room);
  }
  return write_child(the_bridge->child(the_bridge->parse({data, size}), nullptr, seed), data, room);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* first, std::size_t first_size,
                                                 const std::uint8_t* second, std::size_t second_size, std::uint8_t* out,
                                                 std::size_t room, unsigned int seed) {
  using namespace faultline;
  if (the_bridge == nullptr) {
    const std::size_t size = std::min(first_size, room);
    std::memcpy(out, first, size);
    return size;
  }
  const FuzzInput other = the_bridge->parse({second, second_size});
  return write_child(the_bridge->child(the_bridge->parse({first, first_size}), &other, seed), out, room);
}
// NOLINTEND(readability-identifier-naming)
