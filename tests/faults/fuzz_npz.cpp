#include "faultline/data/npz.h"
#include "faults/fuzz_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace faultline;
  return fuzz([&] {
    const Bytes archive = fuzz_bytes(data, size);
    read_samples(read_npz_array(archive, "fuzz", {"x", "arr_0"}), read_npz_array(archive, "fuzz", {"y", "arr_1"}));
  });
}
