#include "faultline/data/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <span>

#include "faultline/core/error.h"
#include "faultline/core/hash.h"

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
    return to_hex(std::as_bytes(std::span(bytes).first(size)));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_of(Bytes bytes) {
  Digest digest;
  digest.add(bytes.data(), bytes.size());
  return digest.hex();
}

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

}  // namespace faultline
