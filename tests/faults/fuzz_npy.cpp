#include "faultline/data/npy.h"
#include "faults/fuzz_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace faultline;
  fuzz([&] { (void)to_labels(parse_npy(fuzz_bytes(data, size), "fuzz", nullptr)); });
  return fuzz([&] {
    const StoredArray array = parse_npy(fuzz_bytes(data, size), "fuzz", nullptr);
    const std::vector<std::byte> zeros(static_cast<std::size_t>(std::min<std::int64_t>(array.shape.front(), 1 << 16)));
    read_samples(
        array,
        {"labels", at::kByte, {static_cast<std::int64_t>(zeros.size())}, AxisOrder::kLastFastest, zeros, nullptr});
  });
}
