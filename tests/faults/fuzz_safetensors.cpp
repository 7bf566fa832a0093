#include "faultline/data/safetensors.h"
#include "faults/fuzz_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace faultline;
  return fuzz([&] {
    const Safetensors file = parse_safetensors(fuzz_bytes(data, size), "fuzz", nullptr);
    for (const auto& [name, array] : file.arrays) {
      (void)file.tensor(name);
    }
    read_samples(file.first_of({"images", "x"}), file.first_of({"labels", "y"}));
  });
}
