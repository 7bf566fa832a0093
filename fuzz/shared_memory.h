// An object in memory that this process and those forked from it share.
//
//   SharedMemory<Counters> counters;
//   if (fork() == 0) { counters->done = 1; _exit(0); }
#pragma once

#include <new>
#include <type_traits>

#include <sys/mman.h>

#include "faultline/core/error.h"

namespace faultline {

/// T is made in this process and never destroyed: it must hold no memory of its own.
template <typename T>
class SharedMemory {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  /// Throws Error (kUsage) when there is no memory.
  SharedMemory() {
    void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      throw Error{ErrorCode::kUsage, "no memory to share with worker processes"};
    }
    object_ = new (memory) T();
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { munmap(object_, sizeof(T)); }

  [[nodiscard]] T* operator->() const { return object_; }
  [[nodiscard]] T& operator*() const { return *object_; }

 private:
  T* object_;
};

}  // namespace faultline
