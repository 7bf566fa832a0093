#include "faultline/corpus/discovery.h"
#include "faultline/corpus/finding.h"
#include "faultline/corpus/state.h"
#include "faultline/data/sha256.h"
#include "faults/fuzz_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace faultline;
  // Two bytes say how long the first file is; the second is the rest.
  constexpr std::size_t kLength = 2;
  if (size < kLength) {
    return 0;
  }
  const Bytes files = fuzz_bytes(data + kLength, size - kLength);
  const std::size_t length = std::min<std::size_t>(data[0] + 256U * data[1], files.size());
  const Bytes first = files.first(length);
  const Bytes second = files.subspan(length);
  fuzz([&] { (void)parse_finding(sha256_of(first), first, second, "fuzz"); });
  fuzz([&] {
    const std::string again = entry_bytes(parse_failure(first, "fuzz"));
    FAULTLINE_ASSERT(sha256_of(std::as_bytes(std::span(again))) == sha256_of(first), "an entry has one text");
  });
  fuzz([&] { (void)discovery_bytes(parse_discovery(first, "fuzz")); });
  return fuzz([&] {
    const std::string again = event_file_bytes(parse_event_file(first, "fuzz").file);
    (void)parse_event_file(std::as_bytes(std::span(again)), "again");
  });
}
