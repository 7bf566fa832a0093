#include "faultline/eval/chunk_cost.h"
#include "faultline/eval/sample_row.h"
#include "faults/fuzz_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace faultline;
  const std::string line(reinterpret_cast<const char*>(data), size);
  if (const auto cost = cost_from_line(line)) {
    FAULTLINE_ASSERT(to_line(cost_from_line(to_line(*cost)).value()) == to_line(*cost), "a cost reads back");
  }
  return fuzz([&] {
    const std::string again = to_line(from_line(line));
    FAULTLINE_ASSERT(to_line(from_line(again)) == again, "a row reads back");
  });
}
