#include "faultline/eval/evidence.h"

#include <array>
#include <ctime>
#include <fstream>
#include <thread>

#include <ATen/Version.h>
#include <ATen/native/DispatchStub.h>
#include <sys/utsname.h>
#include <torch/version.h>

#include "faultline/data/json.h"

namespace faultline {

namespace {

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      return line.substr(line.find(':') + 2);
    }
  }
  return "unknown";
}

}  // namespace

Json evidence_json() {
  utsname system{};
  uname(&system);
  return {{"faultline", version()},
          {"libtorch", TORCH_VERSION},
          {"instruction_set", at::get_cpu_capability()},
          {"processor", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"system", std::string(system.sysname) + " " + system.release}};
}

std::string version() { return FAULTLINE_VERSION; }

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return text.data();
}

}  // namespace faultline
