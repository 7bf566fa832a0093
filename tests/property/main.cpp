// Runs the property tests. rapidcheck draws from a fixed seed, so that two runs test the same cases; RC_PARAMS in the
// environment overrides it, as in RC_PARAMS="seed=7 max_success=5000" build/release/tests/test_property.
#include <gtest/gtest.h>

#include <cstdlib>

#include <ATen/Parallel.h>

int main(int argc, char** argv) {
  ::setenv("RC_PARAMS", "seed=20210301 max_success=100", /*overwrite=*/0);
  at::set_num_threads(1);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
