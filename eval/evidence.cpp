#include "faultline/eval/evidence.h"

#include <array>
#include <fstream>
#include <memory>
#include <thread>

#include <ATen/Version.h>
#include <ATen/native/DispatchStub.h>
#include <openssl/evp.h>
#include <sys/utsname.h>
#include <torch/version.h>

#include "faultline/core/error.h"
#include "faultline/data/json.h"

namespace faultline {

namespace {

/// A running SHA-256.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

  void add(const void* bytes, std::size_t size) { EVP_DigestUpdate(context_.get(), bytes, size); }

  [[nodiscard]] std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += kDigits[bytes[i] >> 4];
      text += kDigits[bytes[i] & 0xF];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

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

std::string sha256_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Digest digest;
  std::vector<char> block(1 << 20);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    digest.add(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) {
    throw Error{ErrorCode::kUsage, "'" + path.string() + "' cannot be read"};
  }
  return digest.hex();
}

std::string sha256_of(const std::vector<std::filesystem::path>& paths) {
  if (paths.size() == 1) {
    return sha256_of(paths.front());
  }
  Digest digest;
  for (const std::filesystem::path& path : paths) {
    const std::string hex = sha256_of(path);
    digest.add(hex.data(), hex.size());
  }
  return digest.hex();
}

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

}  // namespace faultline
